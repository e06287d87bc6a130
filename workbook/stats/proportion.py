"""Share of successes with an interval that stays honest when observations come in clusters.

Plain: Wilson score (Wilson 1927; Newcombe 1998). Clustered: Wilson on the effective sample size with a t
quantile (Korn & Graubard 1998 with Wilson in place of Clopper-Pearson; Franco et al. 2019),
leverage-corrected variance and Kish's effective number of clusters for the degrees of freedom. Coverage is
simulated in tests/stats/test_proportion.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats, normal_quantile, t_quantile, two_sided_t
from workbook.stats.clusters import (
    FEW_CLUSTERS,
    effective_clusters,
    interval_dof,
    linearised_variance,
    robust_variance,
)
from workbook.stats.interval import Interval, check_level

WIDER = 1.1  # the clustered interval is shown where it is wider than Wilson by more than a tenth (kpis.md)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """Share of successes, 0-1.

    value: successes / n, NaN for n = 0. low, high: the interval to show. level: its confidence. n, successes:
    counts. wilson_low, wilson_high: plain Wilson interval, as if all observations were independent.
    design_effect: variance of the clustered ratio estimator over the binomial one, NaN without clusters or
    where not defined. clusters: number of clusters behind `design_effect`, None without. effective_clusters:
    how many equally large clusters would carry as much (NaN without); far below `clusters` if a few hold most
    cases. method: "wilson" or "clustered_wilson", i.e. which interval low/high are. few_clusters: fewer than
    ten clusters, the interval rests on little. cluster_name: which clustering was used (the one with the
    widest interval). design_effects: design effect per clustering asked for. effective_n: observations that
    would give this interval if independent. dof: degrees of freedom of the quantile, infinite for plain
    Wilson. reason: key of `errors.REASONS` or None.
    """

    value: float
    low: float
    high: float
    level: float
    n: float
    successes: float
    wilson_low: float
    wilson_high: float
    design_effect: float = math.nan
    clusters: int | None = None
    effective_clusters: float = math.nan
    method: str = "wilson"
    few_clusters: bool = False
    cluster_name: str | None = None
    design_effects: Mapping[str, float] = field(default_factory=dict, hash=False)
    effective_n: float = math.nan
    dof: float = math.inf
    reason: str | None = None

    @property
    def interval(self) -> Interval:
        """The interval to show."""
        return Interval(low=self.low, high=self.high, level=self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Difference of two shares, first minus second, -1 to 1.

    value: difference, NaN if a share is undefined. low, high: Newcombe's interval. level: confidence.
    p_value: two-sided, of the pooled test of no difference, design effects included. method: "newcombe" or
    "clustered_newcombe". few_clusters: one of the shares rests on fewer than ten clusters. reason: key or
    None.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float
    method: str
    few_clusters: bool = False
    reason: str | None = None


def score_bounds(share: FloatArray, n: FloatArray, critical: float) -> tuple[FloatArray, FloatArray]:
    """Wilson score bounds for arrays of shares and (effective) sample sizes; NaN where n is not positive.

    The end at a share of exactly 0 or 1 is exactly 0 or 1.
    """
    size = np.where(n > 0, n, np.nan)
    square = critical**2 / size
    centre = (share + square / 2) / (1 + square)
    half = np.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    low = np.where(share <= 0, 0.0, np.clip(centre - half, 0.0, 1.0))
    high = np.where(share >= 1, 1.0, np.clip(centre + half, 0.0, 1.0))
    unknown = np.isnan(size) | np.isnan(share)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def score_interval(share: float, n: float, level: float, dof: float = math.inf) -> Interval:
    """Wilson interval of one share from an effective sample size, t quantile with `dof`; 0 to 1 for dof <=
    0.
    """
    critical = t_quantile(0.5 + level / 2, dof)
    if math.isnan(critical):
        return Interval(low=0.0, high=1.0, level=level)
    low, high = score_bounds(np.array([share]), np.array([n]), critical)
    return Interval(low=float(low[0]), high=float(high[0]), level=level)


def wilson_bounds(successes: Any, n: Any, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Wilson bounds for arrays of counts, one element per group; NaN where n = 0. Raises `ValueError`."""
    won, size = _checked_counts(successes, n)
    check_level(level)
    share = np.divide(won, size, out=np.full_like(size, np.nan), where=size > 0)
    return score_bounds(share, size, normal_quantile(0.5 + level / 2))


def wilson(successes: float, n: float, level: float = 0.95) -> Interval:
    """Wilson score interval of `successes` out of `n`, no continuity correction; NaN ends for n = 0.

    Raises `ValueError` unless 0 <= successes <= n. Wilson 1927.
    """
    low, high = wilson_bounds([successes], [n], level)
    return Interval(low=float(low[0]), high=float(high[0]), level=level)


def design_effect(successes: Any, n: Any) -> float:
    """Variance of the clustered share over the binomial one. Arrays: one element per cluster.

    Taylor linearisation of the ratio Σsuccesses / Σn, so clusters may differ in size; 1 means that clusters
    do not matter, below 1 that they are more alike than chance. NaN for fewer than two clusters or if all
    outcomes are the same. Kish 1965, ch. 6.
    """
    won, size = _without_empty(*_checked_counts(successes, n))
    total = float(size.sum())
    share = float(won.sum()) / total if total else math.nan
    if len(size) < 2 or not 0.0 < share < 1.0:
        return math.nan
    return linearised_variance(won, size) / (share * (1 - share) / total)


def clustered_proportion(successes: Any, n: Any, level: float = 0.95) -> Proportion:
    """Share with a cluster-robust interval. Arrays: successes and n, one element per cluster, any order.

    The interval is the wider of Wilson and Wilson on the effective sample size where the latter is wider by
    more than a tenth, else Wilson. With one cluster the spread between clusters is unknown: Wilson is
    returned with reason "one_cluster". If all outcomes are the same, the observed clusters cannot show how
    alike they are; the effective sample size is then half-way (geometric mean) between clusters and
    observations, reason "no_variation". Raises `ValueError` on impossible counts.
    """
    won, size = _without_empty(*_checked_counts(successes, n))
    plain = _plain(float(won.sum()), float(size.sum()), level)
    clusters = len(size)
    if clusters == 0:
        return plain
    few = clusters < FEW_CLUSTERS
    if clusters == 1:
        return replace(plain, clusters=1, few_clusters=True, reason="one_cluster")
    effect = design_effect(won, size)
    effective, dof = _effective_size(won, size)
    robust = score_interval(plain.value, effective, level, dof)
    reason = "no_variation" if math.isnan(effect) else None
    described = replace(plain, design_effect=effect, clusters=clusters, few_clusters=few, reason=reason,
                        effective_clusters=effective_clusters(size))  # fmt: skip
    if not robust.width > WIDER * plain.interval.width:
        return described
    return replace(described, low=min(robust.low, plain.low), high=max(robust.high, plain.high),
                   method="clustered_wilson", effective_n=effective, dof=dof)  # fmt: skip


def proportion(
    successes: float,
    n: float,
    level: float = 0.95,
    clusters: Mapping[str, tuple[Any, Any]] | None = None,
) -> Proportion:
    """Share with the widest of the intervals by the given clusterings.

    `clusters` maps a name (owner, account) to per-cluster (successes, n); each must add up to the totals,
    else `ValueError`. Without clusters: plain Wilson.
    """
    plain = _plain(float(successes), float(n), level)
    if not clusters or plain.n == 0:
        return plain
    candidates = []
    for name, (won, size) in clusters.items():
        result = clustered_proportion(won, size, level)
        if abs(result.n - plain.n) > 1e-6 or abs(result.successes - plain.successes) > 1e-6:
            raise ValueError(
                f"clusters {name!r}: {result.successes:g} of {result.n:g}, total {successes:g} of {n:g}"
            )
        candidates.append(replace(result, cluster_name=name))
    effects = {str(c.cluster_name): c.design_effect for c in candidates}
    widest = max(candidates, key=lambda c: (c.interval.width, np.nan_to_num(c.design_effect)))
    return replace(widest, design_effects=effects, few_clusters=any(c.few_clusters for c in candidates))


def two_proportion_difference(first: Proportion, second: Proportion) -> Difference:
    """Difference first − second with Newcombe's hybrid interval from the two shares' own intervals.

    Clustered shares bring their wider intervals and effective sample sizes along. Raises `ValueError` if the
    levels differ. Newcombe 1998, method 10; MOVER (Zou & Donner 2008).
    """
    if first.level != second.level:
        raise ValueError("both shares need the same level")
    clustered = "clustered_wilson" in (first.method, second.method)
    value = first.value - second.value
    low = value - math.hypot(first.value - first.low, second.high - second.value)
    high = value + math.hypot(first.high - first.value, second.value - second.low)
    return Difference(
        value=value, low=max(low, -1.0) if low == low else low, high=min(high, 1.0) if high == high else high,
        level=first.level, p_value=_no_difference_p(first, second),
        method="clustered_newcombe" if clustered else "newcombe",
        few_clusters=first.few_clusters or second.few_clusters, reason=first.reason or second.reason,
    )  # fmt: skip


def with_design_effect(share: Proportion, effect: float, clusters: int | None = None) -> Proportion:
    """Widen a plain share by a design effect known from elsewhere (e.g. of the whole data); below 1 counts as
    1.

    `clusters` gives the degrees of freedom clusters − 1 of the quantile; without it the normal quantile is
    used.
    """
    if share.n == 0 or not effect > 1.0:
        return share
    dof = math.inf if clusters is None else float(clusters - 1)
    interval = score_interval(share.value, share.n / effect, share.level, dof)
    return replace(
        share,
        low=interval.low,
        high=interval.high,
        design_effect=effect,
        clusters=clusters,
        dof=dof,
        method="clustered_wilson",
        effective_n=share.n / effect,
        few_clusters=clusters is not None and clusters < FEW_CLUSTERS,
    )


def _plain(successes: float, n: float, level: float) -> Proportion:
    interval = wilson(successes, n, level)
    return Proportion(
        value=successes / n if n else math.nan, low=interval.low, high=interval.high, level=level, n=n,
        successes=successes, wilson_low=interval.low, wilson_high=interval.high, effective_n=float(n),
        reason=None if n else "no_observations",
    )  # fmt: skip


def _checked_counts(successes: Any, n: Any) -> tuple[FloatArray, FloatArray]:
    won, size = as_floats(successes), as_floats(n)
    if won.shape != size.shape:
        raise ValueError(f"{len(won)} counts of successes for {len(size)} sample sizes")
    if not bool((np.isfinite(size) & (won >= 0) & (won <= size)).all()):
        raise ValueError("counts must satisfy 0 <= successes <= n and be finite")
    return won, size


def _without_empty(won: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray]:
    return won[size > 0], size[size > 0]


def _effective_size(won: FloatArray, size: FloatArray) -> tuple[float, float]:
    """Effective sample size (never above n) and degrees of freedom of a clustered share with variation."""
    total, clusters = float(size.sum()), len(size)
    share = float(won.sum()) / total
    if not 0.0 < share < 1.0:
        return math.sqrt(total * clusters), math.inf
    effect = robust_variance(won, size) / (share * (1 - share) / total)
    return total / max(effect, 1.0), interval_dof(size)


def _no_difference_p(first: Proportion, second: Proportion) -> float:
    """Two-sided p-value of equal shares: pooled variance on effective sizes, Satterthwaite degrees of
    freedom.
    """
    sizes = np.array([first.effective_n, second.effective_n])
    if not bool((sizes > 0).all()):
        return math.nan
    pooled = (first.value * sizes[0] + second.value * sizes[1]) / sizes.sum()
    parts = pooled * (1 - pooled) / sizes
    variance = float(parts.sum())
    if variance <= 0:
        return 1.0
    inverse = float((parts**2 / np.array([first.dof, second.dof])).sum())
    dof = variance**2 / inverse if inverse else math.inf
    return two_sided_t((first.value - second.value) / math.sqrt(variance), dof)
