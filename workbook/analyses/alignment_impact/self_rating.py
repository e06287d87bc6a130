"""Do sales and marketing see their alignment alike?

Agreement with statements on a scale of 1 to 5. Per statement the mean of each function, and their gap with Welch's interval under one
Benjamini–Hochberg control; over all statements an index of 20 to 100 per function (mean agreement × 20), in four states with the bands
of Kotler, Rackham & Krishnaswamy 2006, and the same per area of our own statements. Gaps of opposite sign cancel in the index, so the
statements come first. A rating is an opinion: it stands beside observed behaviour (`observed`), not for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.frames.statements import AREAS, statement_name, statement_of
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.mean import Mean, mean
from workbook.stats.mean_difference import mean_difference
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg, number, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "X6"
FUNCTIONS = ("sales", "marketing")
STATES: dict[int, tuple[float, Message]] = {
    0: (20.0, msg("undefined")), 1: (40.0, msg("defined")), 2: (60.0, msg("aligned")), 3: (80.0, msg("integrated")),
}  # fmt: skip


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
    marketing), gap_low, gap_high, adjusted_p, is_reliable. index: one row per function: function, value (20–100), low, high,
    respondents_count, state, is_sure (the whole range lies in one state). areas: one row per area × function that rated at least
    one of our statements of it: area, function, value, low, high, respondents_count.
    """

    items: pd.DataFrame | None = None
    index: pd.DataFrame | None = None
    areas: pd.DataFrame | None = None


def aggregate(survey: Table, params: SelfRatingParams, *, as_of: date) -> dict[str, Table]:
    """Count answers per statement, function and score, and average each respondent's. Lazy."""
    import ibis

    rated = survey.mutate(side=survey.function.lower()).filter(lambda t: t.score.between(1, 5) & t.side.isin(FUNCTIONS))
    rated = rated.filter(rated.answered_on.isnull() | (rated.answered_on <= ibis.date(as_of)))
    return {
        "items": rated.group_by(["item", "side", "score"]).agg(answers_count=rated.count()),
        "respondents": rated.group_by(["side", "respondent_id"]).agg(score_mean=rated.score.mean()),
        "answers": rated.group_by(["side", "respondent_id", "item"]).agg(score_mean=rated.score.mean()),
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
        no_action=msg("on no statement do the functions differ reliably"),
        finding=_finding(items, apart),
        brief=_brief(items, apart),
        limits=(msg("A rating is an opinion at one time; whether the functions act alike is another question."),),
        certainty="likely" if len(apart) else "open",
        items=items,
        index=_states(_index(small["respondents"], params.confidence)),
        areas=_areas(small["answers"], params),
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
    """Mean over people of their mean agreement × 20. One row per function."""
    rows = []
    for side in FUNCTIONS:
        points = 20 * respondents.loc[respondents["side"] == side, "score_mean"].to_numpy(float)
        found = mean(points, level)
        rows.append({"function": side, "value": found.value, "low": max(found.low, 20.0), "high": min(found.high, 100.0),
                     "respondents_count": found.n})  # fmt: skip
    return pd.DataFrame(rows)


def _states(index: pd.DataFrame) -> pd.DataFrame:
    """Name the state of each index: the highest band that it reaches; sure where the whole range lies in that band."""
    reached = [max(key for key, (floor, _) in STATES.items() if value >= floor or key == 0) for value in index["value"]]
    ends = [max(key for key, (floor, _) in STATES.items() if end >= floor or key == 0) for end in [*index["low"].fillna(20.0), *index["high"].fillna(100.0)]]
    sure = [low == high for low, high in zip(ends[: len(index)], ends[len(index) :], strict=True)]
    return index.assign(state=reached, is_sure=sure)


def _areas(answers: pd.DataFrame, params: SelfRatingParams) -> pd.DataFrame:
    """Index per area of our own statements; a firm's own statements belong to no area. People count once per area."""
    found = {str(item): statement_of(str(item)) for item in answers["item"].unique()}
    area = {item: statement.area for item, statement in found.items() if statement is not None}
    keyed = answers.assign(area=answers["item"].astype(str).map(area)).dropna(subset=["area"])
    rows = []
    for name in AREAS:
        own = keyed[keyed["area"] == name]
        people = own.groupby(["side", "respondent_id"])[["score_mean"]].mean().reset_index()
        if people["side"].value_counts().reindex(list(FUNCTIONS), fill_value=0).min() >= params.respondents_min_count:
            rows.append(_index(people, params.confidence).assign(area=name))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["area", "function", "value", "low", "high", "respondents_count"])


def _brief(items: pd.DataFrame, apart: pd.DataFrame) -> Message:
    if apart.empty:
        return msg("Sales and marketing see their alignment alike: no reliable gap on any of {n} statements.", n=len(items))
    row = apart.iloc[0]
    ends = [abs(float(row[name])) for name in ("gap_low", "gap_high")]
    return msg(
        "Sales and marketing differ on {apart} of {n} statements, most on “{item}” (gap {gap}, range {range}, scale of 1 to 5).",
        apart=len(apart), n=len(items), item=statement_name(str(row["item"])), gap=number(abs(float(row["gap"])), 1),
        range=span(min(ends), max(ends), "number"),
    )  # fmt: skip


def _finding(items: pd.DataFrame, apart: pd.DataFrame) -> Message:
    if apart.empty:
        return msg("On none of the {n} statements do sales and marketing differ reliably.", n=len(items))
    return msg(
        "Sales and marketing see {apart} of {n} statements differently; furthest apart is “{item}” (sales {sales}, marketing "
        "{marketing} on a scale of 1 to 5).",
        apart=len(apart), n=len(items), item=statement_name(str(apart["item"].iloc[0])), sales=number(float(apart["sales"].iloc[0]), 1),
        marketing=number(float(apart["marketing"].iloc[0]), 1),
    )  # fmt: skip


def _check(apart: int, total: int) -> Check:
    reason = msg("The functions differ reliably on {apart} of {total} statements.", apart=apart, total=total)
    return Check(key="functions_see_alignment_alike", status="review" if apart else "pass", reason=reason)


def _actions(apart: pd.DataFrame, params: SelfRatingParams, as_of: date) -> tuple[Action, ...]:
    if apart.empty:
        return ()
    what = msg("Put the statements on which both functions disagree most on the agenda of a joint meeting, starting with “{item}”, and agree "
               "which figure would settle each.", item=statement_name(str(apart["item"].iloc[0])))  # fmt: skip
    return (
        Action(key="settle_the_perception_gap", what=what, owner_role=msg("heads of sales and marketing"),
               due_on=as_of + timedelta(days=params.action_days), watch_kpi="mql_to_sql"),
    )  # fmt: skip
