"""Does a rate rise or fall over ordered groups, such as quarters? Cochran 1954; Armitage 1955."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import as_floats, chi2_tail, normal_quantile
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
