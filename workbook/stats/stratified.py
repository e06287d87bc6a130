"""Compare two groups within strata, and see whether the whole tells another story than its parts (Simpson 1951)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import as_floats, normal_quantile, two_sided_t
from workbook.stats.interval import check_level


@dataclass(frozen=True, slots=True, kw_only=True)
class StratifiedDifference:
    """Difference of two shares, first minus second.

    crude: over all cases. value: within strata, Mantel–Haenszel. low, high: its interval. level: confidence. strata: strata
    in which both groups have cases. p_value: of no difference within strata. reason: "no_observations" where there is none.
    """

    crude: float
    value: float
    low: float
    high: float
    level: float
    strata: int
    p_value: float = math.nan
    reason: str | None = None

    @property
    def is_reversed(self) -> bool:
        """Tell whether the parts point the other way than the whole."""
        return bool(self.crude * self.value < 0)


def stratified_difference(
    first: tuple[Any, Any], second: tuple[Any, Any], level: float = 0.95, design_effect: float = 1.0
) -> StratifiedDifference:
    """Mantel–Haenszel difference of shares. first, second: successes and n, one element per stratum, same order.

    Strata without cases in one of the groups carry no weight. `design_effect` widens the interval; below 1 and NaN count as
    1. Raises `ValueError` on impossible counts. Greenland & Robins 1985.
    """
    check_level(level)
    a, n1, b, n0 = (as_floats(column) for column in (*first, *second))
    if not len(a) == len(n1) == len(b) == len(n0) or not bool(((a >= 0) & (a <= n1) & (b >= 0) & (b <= n0)).all()):
        raise ValueError("counts must satisfy 0 <= successes <= n, one of each per stratum and group")
    crude = _share(a.sum(), n1.sum()) - _share(b.sum(), n0.sum())
    both = (n1 > 0) & (n0 > 0)
    if not both.any():
        return StratifiedDifference(crude=crude, value=math.nan, low=math.nan, high=math.nan, level=level, strata=0,
                                    reason="no_observations")  # fmt: skip
    a, n1, b, n0 = a[both], n1[both], b[both], n0[both]
    weight = n1 * n0 / (n1 + n0)
    value = float(((a / n1 - b / n0) * weight).sum() / weight.sum())
    n = n1 + n0
    p = (n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
    q = (a * (n0 - b) + b * (n1 - a)) / (2 * n)
    variance = max(float(value * p.sum() + q.sum()) / float(weight.sum()) ** 2, 0.0)
    effect = design_effect if design_effect > 1 else 1.0
    error = math.sqrt(variance * effect)
    half = normal_quantile(0.5 + level / 2) * error
    return StratifiedDifference(crude=crude, value=value, low=value - half, high=value + half, level=level, strata=int(np.sum(both)),
                                p_value=two_sided_t(value / error, math.inf) if error > 0 else math.nan)  # fmt: skip


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan
