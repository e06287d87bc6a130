"""Do sales and marketing see their alignment alike?

Agreement with statements on a scale of 1 to 5. Per statement the mean of each function, and their gap with Welch's interval under one
Benjamini–Hochberg control; over all statements an index of 0 to 100 per function. Gaps of opposite sign cancel in the index, so the
statements come first. A rating is an opinion: it stands beside observed behaviour, not for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.mean import Mean, mean
from workbook.stats.mean_difference import mean_difference
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg, number

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "X6"
FUNCTIONS = ("sales", "marketing")


class SelfRatingParams(Params):
    """respondents_min_count: a function with fewer respondents is not compared, and nobody can be told from an average."""

    confidence: Share = 0.95
    respondents_min_count: int = Field(default=5, ge=2)
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=45, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfRatingResult(Result):
    """How both functions rate their alignment.

    items: one row per statement, widest gap first: item, sales, marketing (means 1–5), sales_count, marketing_count, gap (sales minus
    marketing), gap_low, gap_high, adjusted_p, is_reliable. index: one row per function: function, value (0–100), low, high,
    respondents_count.
    """

    items: pd.DataFrame | None = None
    index: pd.DataFrame | None = None


def aggregate(survey: Table, params: SelfRatingParams, *, as_of: date) -> dict[str, Table]:
    """Count answers per statement, function and score, and average each respondent's. Lazy."""
    import ibis

    rated = survey.mutate(side=survey.function.lower()).filter(lambda t: t.score.between(1, 5) & t.side.isin(FUNCTIONS))
    rated = rated.filter(rated.answered_on.isnull() | (rated.answered_on <= ibis.date(as_of)))
    return {
        "items": rated.group_by(["item", "side", "score"]).agg(answers_count=rated.count()),
        "respondents": rated.group_by(["side", "respondent_id"]).agg(score_mean=rated.score.mean()),
    }


def analyse(small: dict[str, pd.DataFrame], params: SelfRatingParams, *, as_of: date) -> SelfRatingResult:
    """Compare the functions, statement by statement and in all. Pure."""
    people = small["respondents"].groupby("side").size().reindex(list(FUNCTIONS), fill_value=0)
    if people.min() < params.respondents_min_count:
        reason = msg(
            "{sales} people from sales and {marketing} from marketing have answered; at least {minimum} of each are needed",
            sales=int(people["sales"]), marketing=int(people["marketing"]), minimum=params.respondents_min_count,
        )  # fmt: skip
        return SelfRatingResult(refused=reason, certainty="open")
    items = _items(small["items"], params)
    if items.empty:
        return SelfRatingResult(refused=msg("no statement was answered by enough people of both functions"), certainty="open")
    apart = items[items["is_reliable"]]
    return SelfRatingResult(
        checks=(_check(len(apart), len(items)),),
        actions=_actions(apart, params, as_of),
        finding=_finding(items, apart),
        limits=(msg("A rating is an opinion at one time; whether the functions act alike is another question."),),
        certainty="likely" if len(apart) else "open",
        items=items,
        index=_index(small["respondents"], params.confidence),
    )


def _items(counted: pd.DataFrame, params: SelfRatingParams) -> pd.DataFrame:
    rows = []
    for item, answers in counted.groupby("item", sort=True):
        means = {side: _mean(answers[answers["side"] == side], params.confidence) for side in FUNCTIONS}
        if min(found.n for found in means.values()) < params.respondents_min_count:
            continue
        gap = mean_difference(means["sales"], means["marketing"])
        rows.append({
            "item": str(item), "sales": means["sales"].value, "marketing": means["marketing"].value, "sales_count": means["sales"].n,
            "marketing_count": means["marketing"].n, "gap": gap.value, "gap_low": gap.low, "gap_high": gap.high, "p_value": gap.p_value,
        })  # fmt: skip
    if not rows:
        return pd.DataFrame()
    table = pd.DataFrame(rows)
    table["adjusted_p"] = benjamini_hochberg(table["p_value"])
    table["is_reliable"] = table["adjusted_p"] <= params.false_discovery_rate
    return table.sort_values(["gap", "item"], key=lambda c: -c.abs() if c.name == "gap" else c, ignore_index=True)


def _mean(answers: pd.DataFrame, level: float) -> Mean:
    return mean(np.repeat(answers["score"].to_numpy(float), answers["answers_count"].to_numpy("int64")), level)


def _index(respondents: pd.DataFrame, level: float) -> pd.DataFrame:
    rows = []
    for side in FUNCTIONS:
        points = 25 * (respondents.loc[respondents["side"] == side, "score_mean"].to_numpy(float) - 1)
        found = mean(points, level)
        rows.append({"function": side, "value": found.value, "low": max(found.low, 0.0), "high": min(found.high, 100.0),
                     "respondents_count": found.n})  # fmt: skip
    return pd.DataFrame(rows)


def _finding(items: pd.DataFrame, apart: pd.DataFrame) -> Message:
    if apart.empty:
        return msg("On none of the {n} statements do sales and marketing differ reliably.", n=len(items))
    return msg(
        "Sales and marketing see {apart} of {n} statements differently; furthest apart is “{item}” (sales {sales}, marketing "
        "{marketing} on a scale of 1 to 5).",
        apart=len(apart), n=len(items), item=str(apart["item"].iloc[0]), sales=number(float(apart["sales"].iloc[0]), 1),
        marketing=number(float(apart["marketing"].iloc[0]), 1),
    )  # fmt: skip


def _check(apart: int, total: int) -> Check:
    reason = msg("The functions differ reliably on {apart} of {total} statements.", apart=apart, total=total)
    return Check(key="functions_see_alignment_alike", status="review" if apart else "pass", reason=reason)


def _actions(apart: pd.DataFrame, params: SelfRatingParams, as_of: date) -> tuple[Action, ...]:
    if apart.empty:
        return ()
    what = msg("Put the statements on which both functions disagree most on the agenda of a joint meeting, starting with “{item}”, and agree "
               "which figure would settle each.", item=str(apart["item"].iloc[0]))  # fmt: skip
    return (
        Action(key="settle_the_perception_gap", what=what, owner_role=msg("heads of sales and marketing"),
               due_on=as_of + timedelta(days=params.action_days), watch_kpi="mql_to_sql"),
    )  # fmt: skip
