"""How a rate changes with a number – a point in time, or 0 and 1 for two groups – when cases come in clusters.

Least squares on the outcomes (linear probability), errors over clusters: a seller who is good everywhere cancels out, as
his deals stand at all points. Leverage-corrected sandwich with effective degrees of freedom (Bell & McCaffrey 2002; Imbens &
Kolesár 2016); under ten effective clusters never narrower than as if the cases were independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_codes, as_floats, t_quantile, two_sided_t
from workbook.stats.clusters import FEW_CLUSTERS
from workbook.stats.interval import check_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """Change of a share per unit of position.

    value, low, high: in shares, clipped to −1 and 1 for positions 0 and 1. level: confidence. p_value: of no change.
    standard_error, dof: behind them. design_effect: clustered over independent variance. n, clusters: cases and clusters.
    few_clusters: fewer than ten. reason: key of `errors.REASONS` or None.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float
    standard_error: float
    dof: float
    design_effect: float
    n: int
    clusters: int
    few_clusters: bool
    reason: str | None = None


def clustered_slope(successes: Any, n: Any, position: Any, clusters: Any, level: float = 0.95, weight: Any = None) -> Slope:
    """Fit a straight line to a rate. Arrays: one element per cluster × position, any order.

    weight: how many clusters are exactly like that one (whole number per row, the same for all rows of a cluster). Under two
    positions or no case: NaN and a reason; all outcomes the same: p 1, "no_variation". Raises `ValueError` on impossible counts.
    """
    check_level(level)
    won, size, at = as_floats(successes), as_floats(n), as_floats(position)
    if not won.shape == size.shape == at.shape or not bool((np.isfinite(size) & (won >= 0) & (won <= size)).all()):
        raise ValueError("counts must satisfy 0 <= successes <= n, one of each and one position per row")
    codes, count = as_codes(clusters)
    times = np.ones(len(won)) if weight is None else as_floats(weight)
    copies = np.ones(count)
    copies[codes] = times
    total = float(times @ size)
    centred = at - (float((times * size) @ at) / total if total else 0.0)
    spread = float((times * size) @ centred**2)
    whole = int(copies.sum()) if total else 0
    blank = Slope(value=math.nan, low=math.nan, high=math.nan, level=level, p_value=math.nan, standard_error=math.nan, dof=math.nan,
                  design_effect=math.nan, n=int(total), clusters=whole, few_clusters=whole < FEW_CLUSTERS)  # fmt: skip
    if spread <= 0:
        return _without(blank, "one_group" if total else "no_observations")
    rate, value = float(times @ won) / total, float((times * won) @ centred) / spread
    plain = rate * (1 - rate) / spread
    if plain == 0:
        return _without(blank, "no_variation", value=0.0, p_value=1.0)
    residual = centred * (won - size * rate - value * size * centred)
    pull = size * centred**2 / spread + size / total
    variance, dof = _sandwich((codes, count, copies), residual / spread, pull, size * centred**2)
    is_trusted = variance > plain or (dof + 1 >= FEW_CLUSTERS and variance > 0)
    error, used = (math.sqrt(variance), dof) if is_trusted else (math.sqrt(plain), math.inf)
    half = t_quantile(0.5 + level / 2, used) * error
    return Slope(
        value=value, low=value - half, high=value + half, level=level, p_value=two_sided_t(value / error, used), standard_error=error,
        dof=used, design_effect=variance / plain, n=int(total), clusters=whole, few_clusters=whole < FEW_CLUSTERS,
    )  # fmt: skip


def _without(blank: Slope, reason: str, value: float = math.nan, p_value: float = math.nan) -> Slope:
    from dataclasses import replace

    return replace(blank, reason=reason, value=value, p_value=p_value)


def _sandwich(
    grouping: tuple[Any, int, FloatArray], influence: FloatArray, pull: FloatArray, information: FloatArray
) -> tuple[float, float]:
    """Variance over clusters, each squared sum divided by one minus its leverage, and effective clusters − 1."""
    codes, count, copies = grouping
    sums, leverage, carried = (np.bincount(codes, weights=part, minlength=count) for part in (influence, pull, information))
    if float(copies.sum()) < 2:
        return 0.0, math.inf
    variance = float((copies * sums**2 / np.clip(1 - leverage, 0.05, 1.0)).sum())
    effective = float(copies @ carried) ** 2 / float(copies @ carried**2)
    return variance, max(effective - 1.0, 1.0)
