"""How long until something happens, when some cases are still open.

Input is counted, not row by row: for every duration how many cases had which event and how many were still
open (censored) when last seen. A million rows shrink to a few hundred durations; `count_durations` does it.
Kaplan & Meier 1958; Greenwood 1926; Brookmeyer & Crowley 1982; Aalen & Johansen 1978.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, normal_quantile, t_quantile
from workbook.stats.durations import DurationCounts, count_durations, duration_counts, pool_counts
from workbook.stats.interval import check_level
from workbook.stats.proportion import wilson_bounds

__all__ = [
    "DurationCounts",
    "DurationQuantile",
    "SurvivalAt",
    "SurvivalCurve",
    "clustered_kaplan_meier",
    "count_durations",
    "duration_counts",
    "kaplan_meier",
    "pool_counts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalAt:
    """Share at one duration. value, low, high: 0-1, NaN beyond follow-up. level: confidence. reason: key or
    None.
    """

    value: float
    low: float
    high: float
    level: float
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationQuantile:
    """Duration by which a share of cases had the event.

    share: that share (0.5 = median). value: smallest duration at which the curve is at or below 1 - share;
    NaN if it never falls so far. low, high: Brookmeyer-Crowley interval; a NaN `high` is "not reached", i.e.
    open above. level: confidence. reason: "not_reached", "no_observations" or None.
    """

    share: float
    value: float
    low: float
    high: float
    level: float
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurvivalCurve:
    """Kaplan-Meier curve.

    table: one row per distinct duration with a case leaving, ascending: duration, at_risk_count, event_count,
    censored_count, survival_share (after the events at this duration), standard_error (Greenwood or
    jackknife), survival_low, survival_high (log-log interval). n: cases. event_count: events. level:
    confidence. method: "greenwood" or "cluster_jackknife". clusters: number of clusters or None. reason:
    "no_observations" or None.
    """

    table: pd.DataFrame
    n: int
    event_count: int
    level: float
    method: str = "greenwood"
    clusters: int | None = None
    reason: str | None = None

    def at(self, duration: float) -> SurvivalAt:
        """Survival just after `duration`. Beyond the last observed duration: NaN unless the curve is at 0."""
        times = self.table["duration"].to_numpy(dtype="float64")
        if len(times) == 0:
            return SurvivalAt(
                value=math.nan, low=math.nan, high=math.nan, level=self.level, reason="no_observations"
            )
        row = int(np.searchsorted(times, duration, side="right")) - 1
        if row < 0:
            return SurvivalAt(value=1.0, low=1.0, high=1.0, level=self.level)
        value, low, high = (
            self._column("survival_share")[row],
            self._column("survival_low")[row],
            self._column("survival_high")[row],
        )
        if duration > times[-1] and value > 0:
            return SurvivalAt(
                value=math.nan, low=math.nan, high=math.nan, level=self.level, reason="beyond_follow_up"
            )
        return SurvivalAt(value=float(value), low=float(low), high=float(high), level=self.level)

    def quantile(self, share: float = 0.5) -> DurationQuantile:
        """Duration by which `share` of the cases had the event, with its interval; `share` strictly inside
        0-1.
        """
        if not 0.0 < share < 1.0:
            raise ValueError(f"share must lie between 0 and 1, not {share!r}")
        left = 1.0 - share
        value = self._first_at_or_below("survival_share", left)
        low = self._first_at_or_below("survival_low", left)
        high = self._first_at_or_below("survival_high", left)
        reason = self.reason or ("not_reached" if math.isnan(value) else None)
        return DurationQuantile(share=share, value=value, low=low, high=high, level=self.level, reason=reason)

    def median(self) -> DurationQuantile:
        """Median duration with its interval."""
        return self.quantile(0.5)

    def _column(self, name: str) -> FloatArray:
        return self.table[name].to_numpy(dtype="float64")

    def _first_at_or_below(self, name: str, left: float) -> float:
        crossed = np.flatnonzero(self._column(name) <= left + 1e-12)
        return float(self._column("duration")[crossed[0]]) if len(crossed) else math.nan


def kaplan_meier(counts: DurationCounts, level: float = 0.95, event: Hashable | None = None) -> SurvivalCurve:
    """Share of cases without the event after each duration.

    `event`: one kind (others count as censored) or None for any. Interval: Greenwood variance on the log-log
    scale; where the curve is still 1 or already 0, Wilson's bound on the number at risk, since Greenwood's is
    zero there. An empty input gives an empty table and reason "no_observations".
    """
    check_level(level)
    table = _km_table(counts, event)
    events, at_risk = table["event_count"].to_numpy(), table["at_risk_count"].to_numpy()
    survivors = at_risk - events
    step = np.divide(events, at_risk * survivors, out=np.zeros_like(events), where=survivors > 0)
    error = table["survival_share"].to_numpy() * np.sqrt(step.cumsum())
    return _curve(table, error, level, normal_quantile(0.5 + level / 2))


def clustered_kaplan_meier(
    by_cluster: Sequence[DurationCounts], level: float = 0.95, event: Hashable | None = None
) -> SurvivalCurve:
    """Kaplan-Meier of all clusters together, standard error by leaving out one cluster at a time.

    One `DurationCounts` per cluster (owner, account), same kinds. The curve is the pooled one; the variance
    is the delete-one jackknife of log(-log S) with a t quantile of clusters - 1, used where it exceeds
    Greenwood's. Where a curve with one left out is 1 or 0 (all early events are one cluster's) that has no
    logarithm, and the jackknife of S itself takes its place. Under two clusters: Greenwood. Lipsitz & Parzen 1996.
    """
    pooled = pool_counts(by_cluster)
    plain = kaplan_meier(pooled, level, event)
    groups = [group for group in by_cluster if group.n > 0]
    if len(groups) < 2:
        return plain
    times, share = pooled.duration, plain.table["survival_share"].to_numpy()
    grids = [_on_grid(group, times, event) for group in groups]
    total_events, total_leaving = sum(g[0] for g in grids), sum(g[1] for g in grids)
    left_out = np.array([survival_shares(total_events - e, total_leaving - g) for e, g in grids])
    error = _left_out_error(left_out, share)
    critical = t_quantile(0.5 + level / 2, len(groups) - 1) / normal_quantile(0.5 + level / 2)
    error = np.maximum(error * critical, plain.table["standard_error"].to_numpy())
    curve = _curve(
        plain.table.drop(columns=["standard_error", "survival_low", "survival_high"]),
        error,
        level,
        normal_quantile(0.5 + level / 2),
    )
    return SurvivalCurve(table=curve.table, n=curve.n, event_count=curve.event_count, level=level,
                         method="cluster_jackknife", clusters=len(groups), reason=curve.reason)  # fmt: skip


def _left_out_error(left_out: FloatArray, share: FloatArray) -> FloatArray:
    """Return the jackknife's standard error of S. left_out: a curve per cluster left out; share: the whole curve."""
    groups = len(left_out)
    is_inside = ((left_out > 0) & (left_out < 1)).all(axis=0) & (share > 0) & (share < 1)
    inside = np.where(is_inside, share, 0.5)
    logs = np.log(-np.log(np.where(is_inside, left_out, 0.5)))
    scale = np.where(is_inside, inside * np.abs(np.log(inside)), 1)
    scattered = np.where(is_inside, logs, left_out)
    spread: FloatArray = np.sqrt((groups - 1) / groups * ((scattered - scattered.mean(axis=0)) ** 2).sum(axis=0))
    return spread * scale


def _km_table(counts: DurationCounts, event: Hashable | None) -> pd.DataFrame:
    events = counts.of(event)
    leaving = counts.events.sum(axis=1) + counts.censored
    return pd.DataFrame({
        "duration": counts.duration, "at_risk_count": counts.at_risk, "event_count": events,
        "censored_count": leaving - events, "survival_share": survival_shares(events, leaving),
    })  # fmt: skip


def _curve(table: pd.DataFrame, error: FloatArray, level: float, critical: float) -> SurvivalCurve:
    share = table["survival_share"].to_numpy()
    low, high = loglog_bounds(share, error, critical)
    low, high = widen_edges(share, low, high, (table["at_risk_count"].to_numpy(), level))
    full = table.assign(standard_error=error, survival_low=low, survival_high=high)
    n = round(float(table["event_count"].sum() + table["censored_count"].sum()))
    return SurvivalCurve(table=full, n=n, event_count=round(float(table["event_count"].sum())), level=level,
                         reason=None if n else "no_observations")  # fmt: skip


def _on_grid(
    group: DurationCounts, times: FloatArray, event: Hashable | None
) -> tuple[FloatArray, FloatArray]:
    """Events and leavers of one group on the common grid of durations."""
    events, leaving = np.zeros(len(times)), np.zeros(len(times))
    rows = np.searchsorted(times, group.duration)
    events[rows] = group.of(event)
    leaving[rows] = group.events.sum(axis=1) + group.censored
    return events, leaving


def survival_shares(events: FloatArray, leaving: FloatArray) -> FloatArray:
    at_risk = leaving[::-1].cumsum()[::-1]
    kept = 1.0 - np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0)
    return np.asarray(kept.cumprod(), dtype=np.float64)


def loglog_bounds(share: FloatArray, error: FloatArray, critical: float) -> tuple[FloatArray, FloatArray]:
    inner = (share > 0) & (share < 1)
    safe = np.where(inner, share, 0.5)
    width = np.where(inner, critical * error / (safe * np.abs(np.log(safe))), 0.0)
    return np.where(inner, safe ** np.exp(width), share), np.where(inner, safe ** np.exp(-width), share)


def widen_edges(
    share: FloatArray, low: FloatArray, high: FloatArray, basis: tuple[FloatArray, float]
) -> tuple[FloatArray, FloatArray]:
    """Replace the zero-width interval where the share is 1 or 0 by Wilson's bound on the number at risk."""
    at_risk, level = basis
    low, high = low.copy(), high.copy()
    whole, none = share >= 1 - 1e-15, np.flatnonzero(share <= 1e-15)
    low[whole] = wilson_bounds(at_risk[whole], at_risk[whole], level)[0]
    if len(none):
        bound = wilson_bounds(np.zeros(len(none)), at_risk[none], level)[1]
        before = high[none[0] - 1] if none[0] else math.inf
        high[none] = np.minimum(np.minimum.accumulate(bound), before)
    return low, high
