"""Does a rate rise or fall over ordered groups, such as quarters? Cochran 1954; Armitage 1955.

Where cases come in clusters that reach over several groups (sellers work in many quarters), what a cluster keeps for good does
not move the trend: the slope is a ratio of sums over clusters, and its error is theirs (see `clusters`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats, chi2_tail, normal_quantile, t_quantile, two_sided_t
from workbook.stats.clusters import interval_dof, robust_variance
from workbook.stats.interval import check_level


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTrend:
    """Straight-line change of a rate.

    slope: change of the share per step of `position`. low, high: its interval. level: confidence. statistic: chi-square
    with one degree of freedom. p_value: of no trend. n: cases. reason: key of `errors.REASONS` or None.
    """

    slope: float
    low: float
    high: float
    level: float
    statistic: float
    p_value: float
    n: int
    reason: str | None = None


def rate_trend(successes: Any, n: Any, position: Any, level: float = 0.95, design_effect: Any = 1.0) -> RateTrend:
    """Test for a linear trend of a rate over groups. Arrays: one element per group, any order.

    `design_effect`: one number or one per group (their mean weighted by n counts); the statistic is divided by it (Rao &
    Scott 1981), below 1 counts as 1, NaN as 1. Groups with n = 0 are ignored. Under two groups or positions: reason
    "one_group"; all outcomes the same: p 1, reason "no_variation". Raises `ValueError` on impossible counts.
    """
    check_level(level)
    won, size, at = as_floats(successes), as_floats(n), as_floats(position)
    if not won.shape == size.shape == at.shape or not bool((np.isfinite(size) & (won >= 0) & (won <= size)).all()):
        raise ValueError("counts must satisfy 0 <= successes <= n, one of each and one position per group")
    effects = np.nan_to_num(np.broadcast_to(np.asarray(design_effect, float), size.shape), nan=1.0)
    used = size > 0
    won, size, at, effects = won[used], size[used], at[used], np.maximum(effects[used], 1.0)
    total = float(size.sum())
    blank = RateTrend(
        slope=math.nan,
        low=math.nan,
        high=math.nan,
        level=level,
        statistic=math.nan,
        p_value=math.nan,
        n=int(total),
        reason="one_group" if total else "no_observations",
    )
    if not total:
        return blank
    centred = at - (size @ at) / total
    spread = float(size @ centred**2)
    if len(size) < 2 or spread == 0:
        return blank
    rate, slope = float(won.sum()) / total, float(won @ centred) / spread
    variance = rate * (1 - rate) / spread * float(effects @ size) / total
    if variance == 0:
        return RateTrend(
            slope=0.0,
            low=math.nan,
            high=math.nan,
            level=level,
            statistic=0.0,
            p_value=1.0,
            n=int(total),
            reason="no_variation",
        )
    half, statistic = normal_quantile(0.5 + level / 2) * math.sqrt(variance), slope**2 / variance
    return RateTrend(slope=slope, low=slope - half, high=slope + half, level=level, statistic=statistic,
                     p_value=chi2_tail(statistic, 1.0), n=int(total))  # fmt: skip


def clustered_rate_trend(sums: Any, level: float = 0.95) -> RateTrend:
    """Test for a linear trend of a rate with cluster-robust errors.

    sums: clusters x 5, one row per cluster: cases, Σ position, Σ position², successes, Σ position over the successes. The slope is
    the one of `rate_trend`; its error the leverage-corrected one over clusters, t quantile with Kish's effective number of clusters
    less one. Under two clusters or positions: reason "one_cluster" or "one_group"; all outcomes the same: "no_variation".
    """
    check_level(level)
    table: FloatArray = np.asarray(sums, dtype="float64").reshape(-1, 5)
    total, place, _, won, _ = table.sum(axis=0)
    blank = RateTrend(slope=math.nan, low=math.nan, high=math.nan, level=level, statistic=math.nan, p_value=math.nan, n=int(total),
                      reason="one_group" if total else "no_observations")  # fmt: skip
    if not total:
        return blank
    middle, rate = place / total, won / total
    cases, at, squares, hits, hits_at = table.T
    spread = squares - 2 * middle * at + middle**2 * cases
    if not spread.sum() > 1e-9:
        return blank
    moved = hits_at - middle * hits - rate * (at - middle * cases)
    slope, variance = float(moved.sum() / spread.sum()), robust_variance(moved, spread)
    if not 0 < rate < 1:
        return replace(blank, slope=0.0, statistic=0.0, p_value=1.0, reason="no_variation")
    if not variance > 0:
        return replace(blank, slope=slope, reason="one_cluster")
    dof, error = interval_dof(spread), math.sqrt(variance)
    half = t_quantile(0.5 + level / 2, dof) * error
    return RateTrend(slope=slope, low=slope - half, high=slope + half, level=level, statistic=(slope / error) ** 2,
                     p_value=two_sided_t(slope / error, dof), n=int(total))  # fmt: skip
