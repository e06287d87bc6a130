"""Whom do we meet in deals, and how often?

Encounter rate: of the deals where the competitor field is filled (a name, or recorded as none), the share that names the
competitor. Deals where nothing is recorded are left out; if salespeople write a competitor down mainly when they lose,
the rates are too high for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.naming import labels_of, named_competitors, spellings, with_competition
from workbook.analyses.deals import deals_with, rate_of
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.proportion import Proportion
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W1"


class EncountersParams(Params):
    """deals_min_count: competitors named on fewer deals are only counted. recorded_min_share: review where fewer deals say who
    was there.
    """

    confidence: Share = 0.95
    deals_min_count: int = Field(default=5, ge=1)
    recorded_min_share: Share = 0.7
    action_days: int = Field(default=30, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncountersResult(Result):
    """How often each competitor is met.

    by_competitor: one row per competitor, most often first: competitor, deals_count, encounter_share, low, high. rare_count:
    competitors below the minimum. recorded_count, deals_count: deals with the field filled, all deals. any_share: of the
    recorded deals, those that name at least one.
    """

    by_competitor: pd.DataFrame | None = None
    rare_count: int = 0
    recorded_count: int = 0
    deals_count: int = 0
    any_share: float | None = None


def aggregate(opportunities: Table, params: EncountersParams, *, as_of: date) -> dict[str, Table]:
    """Count recorded deals with and without each competitor, per cluster. Lazy."""

    deals = with_competition(opportunities)
    recorded = deals.filter(deals.competition != "unknown")
    named = named_competitors(opportunities)
    counts = named.group_by("rival").agg(deals_count=named.count())
    often = counts.filter(counts.deals_count >= params.deals_min_count).select("rival")
    return {
        "states": deals.group_by("competition").agg(deals_count=deals.count()),
        "counts": counts,
        "clusters": deals_with(recorded, named, often),
        "spellings": spellings(named),
    }


def analyse(small: dict[str, pd.DataFrame], params: EncountersParams, *, as_of: date) -> EncountersResult:
    """Turn counts into encounter rates. Pure."""
    states = {str(s): int(n) for s, n in small["states"][["competition", "deals_count"]].itertuples(index=False)}
    total, recorded = sum(states.values()), sum(n for s, n in states.items() if s != "unknown")
    if not states.get("named"):
        reason = msg("no deal names a competitor")
        return EncountersResult(refused=reason, certainty="open", deals_count=total, recorded_count=recorded)
    labels = labels_of(small["spellings"])
    rates = {labels[str(rival)]: rate_of(part, params.confidence) for rival, part in small["clusters"].groupby("rival", sort=True)}
    table = _by_competitor(rates)
    any_share = states["named"] / recorded
    actions = _actions(recorded, total, params, as_of)
    return EncountersResult(
        checks=(_recorded_check(recorded, total, params),),
        actions=actions,
        no_action=None if actions else msg("how often a competitor is met says nothing about how to win; that is in the sections on win rates and reasons"),
        finding=_finding(table, any_share, recorded),
        brief=_finding(table, any_share, recorded),
        limits=(msg("Of {n} deals, {missing} say nothing about competitors and are left out.", n=total, missing=total - recorded),),
        certainty="likely" if recorded >= params.recorded_min_share * total else "open",
        by_competitor=table,
        rare_count=len(small["counts"]) - len(table),
        recorded_count=recorded,
        deals_count=total,
        any_share=any_share,
    )


def _by_competitor(rates: dict[str, Proportion]) -> pd.DataFrame:
    columns = ["competitor", "deals_count", "encounter_share", "low", "high"]
    rows = [(name, int(rate.successes), rate.value, rate.low, rate.high) for name, rate in rates.items()]
    return pd.DataFrame(rows, columns=columns).sort_values(["deals_count", "competitor"], ascending=[False, True], ignore_index=True)


def _recorded_check(recorded: int, total: int, params: EncountersParams) -> Check:
    reason = msg("{part} of the deals say whether a competitor was there.", part=share(recorded / total))
    status = "pass" if recorded >= params.recorded_min_share * total else "review"
    return Check(key="deals_say_who_competed", status=status, reason=reason)  # type: ignore[arg-type]


def _finding(table: pd.DataFrame, any_share: float, recorded: int) -> Message:
    first = msg("Of {n} deals with the field filled, {part} name a competitor.", n=recorded, part=share(any_share))
    if table.empty:
        return first
    row = table.iloc[0]
    wide = span(float(row["low"]), float(row["high"]), "share")
    return msg("{first} Met most: {name}, in {part} (range {range}).", first=first, name=str(row["competitor"]), part=share(float(row["encounter_share"])), range=wide)


def _actions(recorded: int, total: int, params: EncountersParams, as_of: date) -> tuple[Action, ...]:
    if recorded >= params.recorded_min_share * total:
        return ()
    what = msg("Ask in every deal review who else is at the table and enter it, “none” included: {n} of {total} deals say nothing.", n=total - recorded, total=total)
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="ask_who_competes", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate"),)
