"""How long a deal takes, counting those that are still open.

The cycle is the median time from creation to the end of a deal, won, lost or without decision, by Kaplan–Meier with
open deals censored at the reporting date. The outcomes compete (Aalen–Johansen): by a given age a deal is won, lost,
without decision or still open. The mean of won deals stands beside it; it is short-sighted while long deals are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.sampling import grouped_owners
from workbook.params import Params, Share
from workbook.results import Check, Headline, Result, clean_float
from workbook.stats.competing_risks import aalen_johansen
from workbook.stats.durations import DurationCounts, duration_counts
from workbook.stats.mean import counted_mean, counted_median
from workbook.stats.survival import SurvivalCurve, clustered_kaplan_meier, kaplan_meier
from workbook.text import Message, days, msg, nmsg

if TYPE_CHECKING:
    from ibis.expr.types import IntegerValue, Table

SECTION = "D1"
ENDS = ("won", "lost", "no_decision")


class CycleParams(Params):
    """milestones_days: ages at which the shares won, lost, without decision and open are listed."""

    confidence: Share = 0.95
    milestones_days: tuple[int, ...] = Field(default=(30, 90, 180, 365))
    owners_max: int = Field(default=100, ge=10, description="of more owners, groups drawn by lot stand for single ones in the range")
    dated_min_share: Share = Field(default=0.9, description="review where fewer deals have usable dates")


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult(Result):
    """The time to the end of a deal.

    curves: Aalen–Johansen, one row per kind × duration (see `stats.competing_risks`). by_outcome: status, ended_count,
    mean_days, low, high, median_days of the ended deals alone. milestones: age_days, won, lost, no_decision, open
    (shares 0–1). median_days: the headline's value.
    """

    curves: pd.DataFrame | None = None
    by_outcome: pd.DataFrame | None = None
    milestones: pd.DataFrame | None = None
    median_days: float | None = None


def aggregate(opportunities: Table, params: CycleParams, *, as_of: date) -> Table:
    """Count deals per owner, outcome and duration in days (age for open ones, null where dates lack). Lazy.

    Of more than `owners_max` owners, whole groups of them take the place of single ones.
    """
    groups = grouped_owners(opportunities, params.owners_max)
    timed = opportunities.select("owner_id", "status", duration_days=_duration(opportunities, as_of))
    joined = timed.left_join(groups.select("member_id", "group_number"), timed.owner_id == groups.member_id)
    counted = joined.group_by(["group_number", "status", "duration_days"]).agg(deals_count=joined.count())  # by number, which is cheaper to hold than an id
    names = groups.select(number="group_number", owner_id="owner_group").distinct()
    return counted.left_join(names, counted.group_number == names.number).select("owner_id", "status", "duration_days", "deals_count")


def _duration(deals: Table, as_of: date) -> IntegerValue:
    """Return the days from creation to the end of a deal, of open ones to the reporting date; null where dates lack or contradict each other. Lazy."""
    import ibis

    today = ibis.date(as_of)
    end = ibis.cases((deals.status == "open", today), (deals.status != "open", deals.closed_on))
    return ibis.ifelse((end >= deals.created_on) & (end <= today), end.delta(deals.created_on, unit="day"), ibis.null("int64"))


def analyse(small: pd.DataFrame, params: CycleParams, *, as_of: date) -> CycleResult:
    """Turn counted durations into median, curves and means. Pure."""
    timed = small.dropna(subset=["duration_days"])
    n, ended = int(timed["deals_count"].sum()), int(timed.loc[timed["status"] != "open", "deals_count"].sum())
    if ended == 0:
        return _refused(int(small["deals_count"].sum()), n, params)
    counts = _counts(timed)
    curve = _curve(timed, counts, params.confidence)
    median = curve.median()
    by_outcome = _by_outcome(timed, params.confidence)
    reached = median.reason is None
    headline = Headline(
        key="cycle_length",
        kpi="cycle_length",
        value=clean_float(median.value),
        low=clean_float(median.low),
        high=clean_float(median.high),
        level=params.confidence,
        unit="days",
        n=n,
        reason=None if reached else msg("half of the deals have not ended within the time seen"),
    )
    return CycleResult(
        headlines=(headline,),
        checks=(_dated_check(int(small["deals_count"].sum()), n, params),),
        finding=_finding(headline, by_outcome),
        brief=_brief(headline),
        no_action=msg("the time of whole deals names no step to shorten; that takes the days on which deals enter each stage"),
        limits=_limits(n, ended, curve),
        certainty="firm" if reached and ended >= 100 else "likely",
        curves=aalen_johansen(counts, params.confidence),
        by_outcome=by_outcome,
        milestones=_milestones(counts, params),
        median_days=headline.value,
    )


def _refused(total: int, timed: int, params: CycleParams) -> CycleResult:
    if total and not timed:
        reason = msg("no deal carries a creation date together with the day it closed; export both dates from the CRM")
    else:
        reason = msg("no deal with a creation date has ended yet")
    blank = Headline(
        key="cycle_length",
        kpi="cycle_length",
        value=None,
        unit="days",
        n=0,
        level=params.confidence,
        reason=reason,
    )
    return CycleResult(refused=reason, headlines=(blank,), certainty="open")


def _counts(timed: pd.DataFrame) -> DurationCounts:
    ages, row = np.unique(timed["duration_days"].to_numpy(float), return_inverse=True)
    column = pd.Index([*ENDS, "open"]).get_indexer(pd.Index(timed["status"]))
    table = np.zeros((len(ages), len(ENDS) + 1))
    np.add.at(table, (row, column), timed["deals_count"].to_numpy(float))
    return duration_counts(ages, table[:, :-1], table[:, -1], ENDS)


def _curve(timed: pd.DataFrame, counts: DurationCounts, level: float) -> SurvivalCurve:
    """Kaplan–Meier of any end; the interval allows for owners where two or more are known for every deal."""
    owners = timed["owner_id"]
    if owners.isna().any() or owners.nunique() < 2:
        return kaplan_meier(counts, level)
    return clustered_kaplan_meier([_counts(rows) for _, rows in timed.groupby("owner_id", sort=True)], level)


def _by_outcome(timed: pd.DataFrame, level: float) -> pd.DataFrame:
    """Mean and median of the deals that ended in each way; the range allows for owners."""
    rows = []
    for status in ENDS:
        ended = timed[timed["status"] == status]
        if len(ended):
            lasted, counts, owners = (ended[name] for name in ("duration_days", "deals_count", "owner_id"))
            average = counted_mean(lasted, counts, level, None if owners.isna().all() else owners)
            rows.append((status, average.n, average.value, average.low, average.high, counted_median(lasted, counts)))
    return pd.DataFrame(rows, columns=["status", "ended_count", "mean_days", "low", "high", "median_days"])


def _milestones(counts: DurationCounts, params: CycleParams) -> pd.DataFrame:
    curves = aalen_johansen(counts, params.confidence)
    longest = float(counts.duration.max())
    rows = []
    for age in params.milestones_days:
        if age <= longest:
            known = curves[curves["duration"] <= age].groupby("kind")["incidence_share"].max()
            shares = {kind: float(known.get(kind, 0.0)) for kind in ENDS}
            rows.append({"age_days": age, **shares, "open": max(1.0 - sum(shares.values()), 0.0)})
    return pd.DataFrame(rows, columns=["age_days", *ENDS, "open"])


def _dated_check(total: int, timed: int, params: CycleParams) -> Check:
    part = timed / total if total else 0.0
    reason = msg(
        "{timed} of {total} deals have dates that give a duration; the rest lack a date, or closed before they were created "
        "or after the reporting date.",
        timed=timed,
        total=total,
    )
    return Check(
        key="durations_are_known",
        status="pass" if part >= params.dated_min_share else "review",
        reason=reason,
    )


def _finding(headline: Headline, by_outcome: pd.DataFrame) -> Message:
    won = by_outcome[by_outcome["status"] == "won"]
    if headline.value is None:
        return msg(
            "Less than half of the {n} deals have ended so far; a median time cannot be given yet.",
            n=headline.n,
        )
    said = {"median": headline.quantity, "range": headline.interval, "n": headline.n}
    if headline.high is None:
        said["range"] = msg("at least {low}", low=days(headline.low))
    if won.empty:
        return msg("Half of the {n} deals have ended after {median} (range {range}); none of them was won.", **said)
    return msg(
        "Half of the {n} deals have ended after {median} (range {range}); won deals took {mean} on average.",
        **said,
        mean=days(float(won["mean_days"].iloc[0])),
    )


def _brief(headline: Headline) -> Message:
    if headline.value is None:
        return msg("Less than half of the {n} deals have ended so far.", n=headline.n)
    if headline.high is None:
        return msg("Half of the deals are decided within {median} (at least {low}).", median=headline.quantity, low=days(headline.low))
    return msg("Half of the deals are decided within {median} (range {range}).", median=headline.quantity, range=headline.interval)


def _limits(n: int, ended: int, curve: SurvivalCurve) -> tuple[Message, ...]:
    censored = n - ended
    limits = [
        nmsg(
            "{n} deal is still open; it counts as “longer than its age today”.",
            "{n} deals are still open; they count as “longer than their age today”.",
            censored,
        )
    ]
    if curve.method == "cluster_jackknife" and curve.clusters is not None and curve.clusters < 10:
        limits.append(msg("Fewer than ten owners: the range is a rough guide."))
    return tuple(limits)
