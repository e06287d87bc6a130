"""Difference of two means whose variances may differ. Welch 1947."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbook.stats.arrays import t_quantile, two_sided_t
from workbook.stats.mean import Mean


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanDifference:
    """First mean minus second, in their unit.

    low, high: interval at `level`. p_value: two-sided, of no difference. dof: Welch's. reason: key of `errors.REASONS` or None;
    then low, high and p_value are NaN.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float
    dof: float
    reason: str | None = None


def mean_difference(first: Mean, second: Mean) -> MeanDifference:
    """Compare two independent means by their standard errors, t quantile with Welch's degrees of freedom.

    Under two rows on a side, or no spread on both: NaN interval with reason. Raises `ValueError` on different levels.
    """
    if first.level != second.level:
        raise ValueError("both means need the same level")
    value, level = first.value - second.value, first.level
    parts = (first.standard_error**2, second.standard_error**2)
    total = sum(parts)
    if not total > 0 or min(first.n, second.n) < 2:
        reason = first.reason or second.reason or "no_variation"
        return MeanDifference(value=value, low=math.nan, high=math.nan, level=level, p_value=math.nan, dof=math.nan, reason=reason)
    dof = total**2 / (parts[0] ** 2 / (first.n - 1) + parts[1] ** 2 / (second.n - 1))
    half = t_quantile(0.5 + level / 2, dof) * math.sqrt(total)
    p_value = two_sided_t(value / math.sqrt(total), dof)
    return MeanDifference(value=value, low=value - half, high=value + half, level=level, p_value=p_value, dof=dof)
