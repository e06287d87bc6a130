"""A product of ratios counted on the same cases, such as Q·W·D/L of sales velocity, with an interval.

The ratios share their cases (a won deal enters the win rate, the mean amount and the mean cycle), so their
errors are not independent. Each ratio is linearised per cluster (Woodruff 1971), the parts are added on the
log scale, and the squares of the sums over clusters give the variance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, t_quantile
from workbook.stats.clusters import FEW_CLUSTERS, interval_dof
from workbook.stats.interval import check_level
from workbook.stats.mean import Mean


def product_of_ratios(
    numerators: Any, denominators: Any, powers: Sequence[float], level: float = 0.95, factor: float = 1.0
) -> Mean:
    """Return factor · Π (Σ numerator / Σ denominator)^power with a cluster-robust interval.

    numerators, denominators: clusters x ratios; a cluster may be one case. factor: a known positive number.
    The interval is symmetric on the log scale, t quantile with the effective number of clusters − 1 of the
    ratio that has fewest. Under two clusters the interval is NaN, reason "one_cluster"; a ratio that is zero
    or not defined: value NaN or 0, reason "not_positive" or "zero_denominator". Raises `ValueError` on shapes
    that do not fit.
    """
    check_level(level)
    top, base = np.asarray(numerators, dtype="float64"), np.asarray(denominators, dtype="float64")
    power = np.asarray(powers, dtype="float64")
    if top.ndim != 2 or top.shape != base.shape or top.shape[1] != len(power):
        raise ValueError(f"numerators {top.shape}, denominators {base.shape} and {len(power)} powers do not fit")
    clusters = int((np.abs(base).sum(axis=1) > 0).sum())
    blank = {
        "low": math.nan,
        "high": math.nan,
        "level": level,
        "n": len(top),
        "clusters": clusters,
        "method": "delta",
    }
    totals = base.sum(axis=0)
    if bool((totals <= 0).any()):
        return Mean(value=math.nan, reason="zero_denominator" if len(top) else "no_observations", **blank)  # type: ignore[arg-type]
    ratios = top.sum(axis=0) / totals
    if bool((ratios <= 0).any()) or factor <= 0:
        return Mean(value=_value(ratios, power, factor), reason="not_positive", **blank)  # type: ignore[arg-type]
    value = _value(ratios, power, factor)
    if clusters < 2:
        return Mean(value=value, reason="one_cluster", **blank)  # type: ignore[arg-type]
    spread = _log_error(top, base, power)
    dof = min(interval_dof(column) for column in base.T)
    half = math.exp(t_quantile(0.5 + level / 2, dof) * spread)
    return Mean(
        value=value,
        low=value / half,
        high=value * half,
        level=level,
        n=len(top),
        standard_error=value * spread,
        clusters=clusters,
        method="delta",
        few_clusters=clusters < FEW_CLUSTERS,
    )


def _value(ratios: FloatArray, power: FloatArray, factor: float) -> float:
    if bool(((ratios == 0) & (power < 0)).any()):
        return math.nan
    return float(factor * np.prod(ratios**power))


def _log_error(top: FloatArray, base: FloatArray, power: FloatArray) -> float:
    """Standard error of the log of the product; each residual corrected for its own leverage, as in
    `clusters`.
    """
    totals, sums = base.sum(axis=0), top.sum(axis=0)
    residual = top - sums / totals * base
    leverage = np.clip(base / totals, 0.0, 1.0 - 1e-9)
    parts = power * residual / sums / np.sqrt(1.0 - leverage)
    return float(np.sqrt((parts.sum(axis=1) ** 2).sum()))
