"""Does the win rate rise or fall from quarter to quarter of closing?

Quarters that begin within one longest cycle of the first creation date are marked: deals that began before the data are
missing from them, and the rate there is an artefact. They and the quarter still running are shown and take no part in the
trend (Cochran–Armitage). Its error is the one over owners or over accounts, the larger: an owner who works in all quarters
brings what is his to each of them, and only what changes counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.data.outcomes import sums_per_cluster
from workbook.analyses.data.timing import coverage, with_durations, with_longest_cycle
from workbook.analyses.deals import CLOSED, CLUSTERINGS, clusters_of, one_sided, totals_of, won_per_cluster
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.proportion import Proportion, proportion
from workbook.stats.trend import RateTrend, clustered_rate_trend, rate_trend
from workbook.text import Message, msg, nmsg, points, quarter, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D1"


class WinRateByQuarterParams(Params):
    """quarters_min_count: full quarters that a statement on the trend needs."""

    confidence: Share = 0.95
    quarters_min_count: int = Field(default=4, ge=3)
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRateByQuarterResult(Result):
    """by_quarter: one row per closing quarter, ascending: quarter_on (first day), won_count, closed_count, rate, low, high,
    is_truncated, is_running, effect_owner, effect_account (design effects). slope, slope_low, slope_high: change of the rate per quarter; p_value: of no trend.
    has_trend: the trend is reliable. complete_from: first day from which the data are complete.
    """

    by_quarter: pd.DataFrame | None = None
    slope: float | None = None
    slope_low: float | None = None
    slope_high: float | None = None
    p_value: float | None = None
    has_trend: bool = False
    complete_from: date | None = None


def aggregate(opportunities: Table, params: WinRateByQuarterParams, *, as_of: date) -> dict[str, Table]:
    """Count won and closed deals per cluster and closing quarter up to `as_of`. Lazy."""
    import ibis

    dated = opportunities.filter(opportunities.closed_on <= ibis.date(as_of))
    dated = dated.mutate(quarter_on=dated.closed_on.truncate("Q"))
    span_ = coverage(opportunities, as_of)
    timed = with_longest_cycle(with_durations(opportunities, as_of))
    waiting = timed.filter(timed.status == "open").agg(stale_count=lambda t: (t.age_days > t.longest_days).sum())
    return {
        "clusters": won_per_cluster(dated, ("quarter_on",)),
        "coverage": span_,
        "trend": _trend_sums(dated, span_, as_of),
        "waiting": waiting,
    }


def _trend_sums(dated: Table, span_: Table, as_of: date) -> Table:
    """Add up, per owner and per account over the full quarters, what a straight line needs (see `clustered_rate_trend`). Lazy."""
    closed = dated.filter(dated.status.isin(CLOSED)).cross_join(span_)
    is_complete = (closed.quarter_on.delta(closed.first_created_on, unit="day") >= closed.longest_days) & (closed.quarter_on < _running(as_of))
    position = (closed.quarter_on.year() - as_of.year) * 4 + closed.quarter_on.quarter()
    used = closed.mutate(position=position, is_won=closed.status == "won").filter(is_complete)
    sums = {
        "cases": lambda t: t.count(),
        "place": lambda t: t.position.sum(),
        "squares": lambda t: (t.position * t.position).sum(),
        "won": lambda t: t.is_won.sum(),
        "won_place": lambda t: t.position.sum(where=t.is_won),
    }
    return sums_per_cluster(used, sums)


def _running(as_of: date) -> date:
    """First day of the quarter that is not over on `as_of`."""
    first = pd.Timestamp(as_of).to_period("Q").start_time
    return (first + pd.offsets.QuarterBegin(startingMonth=1) if pd.Timestamp(as_of) == first + pd.offsets.QuarterEnd(0) else first).date()


def analyse(small: dict[str, pd.DataFrame], params: WinRateByQuarterParams, *, as_of: date) -> WinRateByQuarterResult:
    """Turn counts into rates per quarter and a trend over the full ones. Pure."""
    counted = small["clusters"]
    if counted.empty:
        reason = msg("no won or lost deal carries the day it closed; export the closing date from the CRM")
        return WinRateByQuarterResult(refused=reason, certainty="open")
    if (filtered := one_sided(*totals_of(counted))) is not None:
        return WinRateByQuarterResult(refused=filtered, certainty="open")
    complete_from = _complete_from(small["coverage"])
    table = _by_quarter(counted, params)
    table["is_truncated"] = False if complete_from is None else table["quarter_on"] < pd.Timestamp(complete_from)
    table["is_running"] = table["quarter_on"] + pd.offsets.QuarterEnd(0) > pd.Timestamp(as_of)
    used = ~(table["is_truncated"] | table["is_running"])
    trend = _trend(table[used], small["trend"], params) if complete_from is not None else None
    has_trend = trend is not None and trend.p_value < params.false_discovery_rate
    return WinRateByQuarterResult(
        checks=(_truncation_check(table, complete_from),),
        actions=_actions(trend, has_trend, as_of + timedelta(days=params.action_days)),
        finding=_finding(trend, has_trend, int(used.sum())) if trend is not None else _no_statement(complete_from, int(used.sum()), params),
        brief=_brief(trend, has_trend, int(used.sum())),
        no_action=_no_action(trend, has_trend, complete_from),
        limits=(*_limits(table, complete_from), *_open_limits(small["waiting"])),
        certainty="likely" if trend is not None else "open",
        by_quarter=table,
        slope=None if trend is None else trend.slope,
        slope_low=None if trend is None else trend.low,
        slope_high=None if trend is None else trend.high,
        p_value=None if trend is None else trend.p_value,
        has_trend=has_trend,
        complete_from=complete_from,
    )


def _complete_from(span_: pd.DataFrame) -> date | None:
    row = span_.iloc[0]
    if pd.isna(row["first_created_on"]) or pd.isna(row["longest_days"]):
        return None
    return (pd.Timestamp(row["first_created_on"]) + pd.Timedelta(days=float(row["longest_days"]))).date()


def _by_quarter(counted: pd.DataFrame, params: WinRateByQuarterParams) -> pd.DataFrame:
    rows = []
    for quarter_on, group in counted.groupby("quarter_on", sort=True):
        rate: Proportion = proportion(*totals_of(group), params.confidence, clusters_of(group))
        rows.append({
            "quarter_on": pd.Timestamp(str(quarter_on)), "won_count": int(rate.successes), "closed_count": int(rate.n),
            "rate": rate.value, "low": rate.low, "high": rate.high,
            **{f"effect_{name}": rate.design_effects.get(name, math.nan) for name in CLUSTERINGS},
        })  # fmt: skip
    return pd.DataFrame(rows)


def _trend(table: pd.DataFrame, sums: pd.DataFrame, params: WinRateByQuarterParams) -> RateTrend | None:
    """The trend that is hardest to claim: deals taken as independent, alike by owner, alike by account."""
    if len(table) < params.quarters_min_count:
        return None
    position = table["quarter_on"].dt.year * 4 + table["quarter_on"].dt.quarter
    trends = [rate_trend(table["won_count"], table["closed_count"], position, params.confidence)]
    for _, rows in sums.groupby("clustering", sort=True):
        trends.append(clustered_rate_trend(rows[["cases", "place", "squares", "won", "won_place"]].astype(float).fillna(0.0), params.confidence))
    known = [trend for trend in trends if np.isfinite(trend.p_value)]
    return max(known, key=lambda trend: trend.p_value, default=None)


def _truncation_check(table: pd.DataFrame, complete_from: date | None) -> Check:
    key = "early_quarters_are_left_out_of_trends"
    if complete_from is None:
        reason = msg("Without creation dates nobody can tell from when on the data are complete.")
        return Check(key=key, status="not_applicable", reason=reason)
    n = int(table["is_truncated"].sum())
    reason = nmsg(
        "{n} quarter begins before {day}, within one longest cycle of the data's beginning: shown, but in no trend.",
        "{n} quarters begin before {day}, within one longest cycle of the data's beginning: shown, but in no trend.",
        n,
        day=complete_from,
    )
    return Check(key=key, status="pass", reason=reason)


def _no_statement(complete_from: date | None, used: int, params: WinRateByQuarterParams) -> Message:
    """Say why there is no trend: quarters that nobody can tell to be full are not too few."""
    if complete_from is None:
        return msg(
            "No statement on a trend: no decided deal carries both the day it was created and the day it closed, so nobody can tell from "
            "when on the data are complete."
        )
    return nmsg(
        "No statement on a trend: {n} full quarter can be compared, {needed} are needed.",
        "No statement on a trend: {n} full quarters can be compared, {needed} are needed.",
        used,
        needed=params.quarters_min_count,
    )


def _finding(trend: RateTrend, has_trend: bool, used: int) -> Message:
    said = {
        "n": used,
        "slope": points(100 * trend.slope, signed=True),
        "range": span(100 * trend.low, 100 * trend.high, "points"),
        "deals": trend.n,
    }
    if not has_trend:
        return msg(
            "There is no reliable trend in the win rate over {n} full quarters ({slope} percentage points per "
            "quarter, range {range}, {deals} deals).",
            **said,
        )
    if trend.slope > 0:
        return msg(
            "The win rate rises over {n} full quarters: {slope} percentage points per quarter (range {range}, {deals} deals).",
            **said,
        )
    return msg(
        "The win rate falls over {n} full quarters: {slope} percentage points per quarter (range {range}, {deals} deals).",
        **said,
    )


def _brief(trend: RateTrend | None, has_trend: bool, used: int) -> Message | None:
    if trend is None:
        return None
    if not has_trend:
        return msg("Over {n} full quarters the win rate shows no reliable trend.", n=used)
    if trend.slope > 0:
        return msg("The win rate rises by {slope} percentage points a quarter (range {range}, {n} quarters).",
                   slope=points(100 * trend.slope), range=span(100 * trend.low, 100 * trend.high, "points"), n=used)  # fmt: skip
    return msg("The win rate falls by {slope} percentage points a quarter (range {range}, {n} quarters).",
               slope=points(-100 * trend.slope), range=span(-100 * trend.high, -100 * trend.low, "points"), n=used)  # fmt: skip


def _actions(trend: RateTrend | None, has_trend: bool, due: date) -> tuple[Action, ...]:
    """Ask what is slipping where the rate reliably falls."""
    if trend is None or not has_trend or trend.slope > 0:
        return ()
    what = msg(
        "Find out what is slipping: compare lost deals of the first and the last full quarters by competitor, price and segment; the rate "
        "falls by {slope} percentage points a quarter.",
        slope=points(100 * abs(trend.slope)),
    )
    return (Action(key="stop_the_fall_of_the_win_rate", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate", evidence=("win_rate",)),)


def _no_action(trend: RateTrend | None, has_trend: bool, complete_from: date | None) -> Message:
    if complete_from is None:
        return msg("from when on the data are complete is not known")
    if trend is None:
        return msg("too few full quarters can be compared")
    if has_trend:
        return msg("the win rate is rising; what was changed is worth keeping")
    return msg("the quarters differ by no more than chance")


def _open_limits(waiting: pd.DataFrame) -> tuple[Message, ...]:
    """Deals that nobody closes are missing from the last quarters, and mostly they are losses."""
    stale = int(waiting["stale_count"].fillna(0).sum())
    if not stale:
        return ()
    return (
        nmsg(
            "{n} open deal is older than any deal needed to close; closed as lost, it would lower the rate of the quarter in which that is done.",
            "{n} open deals are older than any deal needed to close; closed as lost, they would lower the rate of the quarter in which that is done.",
            stale,
        ),
    )


def _limits(table: pd.DataFrame, complete_from: date | None) -> tuple[Message, ...]:
    early = table[table["is_truncated"]]
    if complete_from is None or early.empty:
        return ()
    first = early.iloc[0]
    return (
        msg(
            "The {rate} of {quarter} is the beginning of the data, not a success: long deals of that time are missing.",
            rate=share(float(first["rate"])),
            quarter=quarter(pd.Timestamp(first["quarter_on"]).date()),
        ),
    )
