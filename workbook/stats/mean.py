"""Mean and ratio of sums with intervals that know about clusters; products of estimates; bootstrap.

A ratio of sums (amount won / amount closed) is linearised: its residual per row is y − ratio·x (Woodruff
1971).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_codes, as_floats, normal_quantile, t_quantile
from workbook.stats.clusters import (
    FEW_CLUSTERS,
    effective_clusters,
    interval_dof,
    linearised_variance,
    robust_variance,
    sum_by_cluster,
)
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level
from workbook.stats.proportion import WIDER, score_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """Mean or ratio of sums, in the unit of the values.

    value: estimate. low, high: interval to show. level: confidence. n: rows used. missing: rows left out
    because a value is missing. standard_error: of `value`, the one behind low/high. plain_low, plain_high:
    interval as if rows were independent. design_effect: clustered over independent variance, NaN without
    clusters. clusters: number or None. method: "t", "clustered_t", "score", "clustered_score", "log", "delta"
    or "bootstrap". few_clusters: fewer than ten. reason: key of `errors.REASONS` or None.
    """

    value: float
    low: float
    high: float
    level: float
    n: int
    missing: int = 0
    standard_error: float = math.nan
    plain_low: float = math.nan
    plain_high: float = math.nan
    design_effect: float = math.nan
    clusters: int | None = None
    method: str = "t"
    few_clusters: bool = False
    reason: str | None = None


def mean(values: Any, level: float = 0.95, clusters: Any | None = None) -> Mean:
    """Mean with a t interval; with `clusters` (one label per row) the robust one where wider by more than a
    tenth.

    Missing values are left out and counted. n = 0: all NaN; n = 1: NaN interval, reason "one_observation".
    """
    return ratio_of_sums(values, np.ones(len(as_floats(values))), level, clusters)


def counted_mean(values: Any, counts: Any, level: float = 0.95, clusters: Any | None = None) -> Mean:
    """Mean of values that stand for several cases each: `mean` of the values, each repeated as often as its count says.

    values, counts, clusters: one element per row, none of the first two missing; counts are whole. Cases without a label are clusters of
    their own.
    """
    check_level(level)
    value, n = as_floats(values), as_floats(counts)
    if not n.sum():
        return mean([], level)
    cases = float(n.sum())
    average = float(value @ n / cases)
    found = Mean(value=average, low=math.nan, high=math.nan, level=level, n=round(cases))
    if cases < 2:
        return replace(found, reason="one_observation")
    variance = float(n @ (value - average) ** 2) / (cases - 1) / cases
    half = t_quantile(0.5 + level / 2, cases - 1) * math.sqrt(variance)
    found = replace(found, low=average - half, high=average + half, standard_error=math.sqrt(variance), reason=None if variance else "no_variation")
    found = replace(found, plain_low=found.low, plain_high=found.high)
    return found if clusters is None else _with_clusters(found, *_labelled(value, n, clusters), variance)


def _labelled(value: FloatArray, n: FloatArray, clusters: Any) -> tuple[tuple[FloatArray, FloatArray], Any]:
    """Return sums, counts and labels per row, cases without a label one by one."""
    labels = np.asarray(clusters, dtype=object)
    nameless = pd.isna(labels)
    single = np.repeat(value[nameless], n[nameless].astype("int64"))
    rows = (np.concatenate([(value * n)[~nameless], single]), np.concatenate([n[~nameless], np.ones(len(single))]))
    return rows, np.concatenate([labels[~nameless], np.full(len(single), None, dtype=object)])


def counted_median(values: Any, counts: Any) -> float:
    """Median of values that stand for several cases each; NaN for none."""
    value, n = as_floats(values), as_floats(counts)
    if not n.sum():
        return math.nan
    order = value.argsort(kind="stable")
    upto = n[order].cumsum()
    middle = np.searchsorted(upto, [upto[-1] / 2, upto[-1] / 2 + 0.5], side="left")
    return float(value[order][middle].mean())


def ratio_of_sums(
    numerator: Any, denominator: Any, level: float = 0.95, clusters: Any | None = None, is_share: bool = False
) -> Mean:
    """Σ numerator / Σ denominator over rows, with a linearised interval.

    Arrays: one element per row, any order. `is_share=True` for a part of a whole (amount won of amount
    closed): the interval is then Wilson on the effective sample size and stays inside 0-1; raises
    `ValueError` unless 0 <= numerator <= denominator. `clusters`: one label per row. A zero denominator gives
    NaN, "zero_denominator".
    """
    check_level(level)
    top, base, labels, missing = _complete(numerator, denominator, clusters)
    if is_share and not bool(((top >= 0) & (top <= base)).all()):
        raise ValueError("a share needs 0 <= numerator <= denominator in every row")
    n, total = len(top), float(base.sum())
    empty = Mean(value=math.nan, low=math.nan, high=math.nan, level=level, n=n, missing=missing)
    if n == 0 or total == 0:
        return replace(empty, reason="zero_denominator" if n else "no_observations")
    plain = replace(_estimate(top, base, level, is_share), n=n, missing=missing)
    plain = replace(plain, plain_low=plain.low, plain_high=plain.high)
    return plain if labels is None else _with_clusters(plain, (top, base), labels, linearised_variance(top, base))


def combine_on_log_scale(
    values: Sequence[float], standard_errors: Sequence[float], powers: Sequence[float], level: float = 0.95
) -> Mean:
    """Product Π value^power of independent positive estimates, e.g. Q·W·D/L with powers 1, 1, 1, -1.

    Delta method on the log scale: var(log) = Σ (power · error / value)². A standard error of 0 marks a known
    number. Where the factors come from the same rows, use `bootstrap` instead. A value <= 0: NaN, reason
    "not_positive".
    """
    check_level(level)
    x, e, p = as_floats(values), as_floats(standard_errors), as_floats(powers)
    if not x.shape == e.shape == p.shape:
        raise ValueError("values, standard_errors and powers differ in length")
    blank = Mean(value=math.nan, low=math.nan, high=math.nan, level=level, n=len(x), method="delta")
    if len(x) == 0 or not bool((x > 0).all()):
        return replace(blank, reason="not_positive" if len(x) else "no_observations")
    value, spread = float(np.prod(x**p)), float(np.sqrt(((p * e / x) ** 2).sum()))
    if math.isnan(spread):
        return replace(blank, value=value, reason="one_observation")
    factor = math.exp(normal_quantile(0.5 + level / 2) * spread)
    return replace(blank, value=value, low=value / factor, high=value * factor, standard_error=value * spread)


def bootstrap(
    rows: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float],
    seed: int,
    clusters: Any | None = None,
    *,
    resamples: int = 1000,
    level: float = 0.95,
) -> Mean:
    """Percentile interval of any statistic of a frame, rows (or whole clusters) drawn with replacement.

    One row per case; `statistic` gets a frame with the same columns and must not depend on order. Resamples
    where it is not finite are left out; if more than a tenth are, raises `CannotEstimate("model_failed")`.
    `clusters`: one label per row, by position. Same seed, same result. Efron & Tibshirani 1993; Field & Welsh
    2007 for clusters.
    """
    check_level(level)
    codes, count = (np.arange(len(rows)), len(rows)) if clusters is None else as_codes(clusters)
    if len(codes) != len(rows):
        raise ValueError(f"{len(codes)} cluster labels for {len(rows)} rows")
    name = None if clusters is None else count
    if len(rows) == 0:
        return Mean(value=math.nan, low=math.nan, high=math.nan, level=level, n=0, method="bootstrap",
                    clusters=name, reason="no_observations")  # fmt: skip
    value = float(statistic(rows))
    if count < 2:
        return Mean(
            value=value,
            low=math.nan,
            high=math.nan,
            level=level,
            n=len(rows),
            method="bootstrap",
            clusters=name,
            reason="one_observation" if clusters is None else "one_cluster",
        )
    draws = _resampled(rows, statistic, (codes, count), (seed, resamples))
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    return Mean(value=value, low=float(low), high=float(high), level=level, n=len(rows), clusters=name,
                standard_error=float(draws.std(ddof=1)), method="bootstrap",
                few_clusters=clusters is not None and count < FEW_CLUSTERS)  # fmt: skip


def _complete(
    numerator: Any, denominator: Any, clusters: Any | None
) -> tuple[FloatArray, FloatArray, Any, int]:
    top, base = as_floats(numerator), as_floats(denominator)
    if top.shape != base.shape:
        raise ValueError(f"{len(top)} numerators for {len(base)} denominators")
    labels = None if clusters is None else np.asarray(clusters, dtype=object)
    if labels is not None and len(labels) != len(top):
        raise ValueError(f"{len(labels)} cluster labels for {len(top)} rows")
    known = np.isfinite(top) & np.isfinite(base)
    return top[known], base[known], None if labels is None else labels[known], int((~known).sum())


def _estimate(top: FloatArray, base: FloatArray, level: float, is_share: bool) -> Mean:
    """Interval as if rows were independent; also used on cluster sums."""
    value, n = float(top.sum() / base.sum()), len(top)
    result = Mean(
        value=value, low=math.nan, high=math.nan, level=level, n=n, method="score" if is_share else "t"
    )
    variance, dof = robust_variance(top, base), interval_dof(base)
    if is_share:
        inside = 0 < value < 1 and variance > 0
        size = value * (1 - value) / variance if inside else effective_clusters(base)
        span = score_interval(value, size, level, dof if inside else math.inf)
        return replace(
            result, low=span.low, high=span.high, standard_error=math.sqrt(variance) if n > 1 else math.nan
        )
    if n < 2:
        return replace(result, reason="one_observation")
    error = math.sqrt(variance)
    half = t_quantile(0.5 + level / 2, dof) * error
    return replace(result, low=value - half, high=value + half, standard_error=error,
                   reason="no_variation" if error == 0 else None)  # fmt: skip


def _with_clusters(plain: Mean, rows: tuple[FloatArray, FloatArray], labels: Any, alone: float) -> Mean:
    """Add what clusters do to an interval. rows: numerators and denominators; alone: the variance as if cases were independent."""
    top, base = rows
    sums, sizes = sum_by_cluster(labels, top), sum_by_cluster(labels, base)
    clusters = len(sums)
    described = replace(plain, clusters=clusters, few_clusters=clusters < FEW_CLUSTERS)
    if clusters < 2:
        return replace(described, reason=plain.reason or "one_cluster")
    robust = _estimate(sums, sizes, plain.level, plain.method == "score")
    described = replace(
        described, design_effect=linearised_variance(sums, sizes) / alone if alone > 0 else math.nan
    )
    if not robust.high - robust.low > WIDER * (plain.high - plain.low):
        return described
    return replace(described, low=robust.low, high=robust.high, standard_error=robust.standard_error,
                   method=f"clustered_{plain.method}")  # fmt: skip


def _resampled(
    rows: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float],
    grouping: tuple[Any, int],
    draw: tuple[int, int],
) -> FloatArray:
    codes, count = grouping
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes, minlength=count))[:-1])
    rng = np.random.default_rng(draw[0])
    values = np.empty(draw[1])
    for i in range(draw[1]):
        chosen = rng.integers(count, size=count)
        rows_drawn = chosen if count == len(rows) else np.concatenate([members[j] for j in chosen])
        values[i] = statistic(rows.iloc[rows_drawn])
    finite = values[np.isfinite(values)]
    if len(finite) < 0.9 * draw[1]:
        raise CannotEstimate(
            "model_failed", f"{draw[1] - len(finite)} of {draw[1]} resamples have no finite value"
        )
    return finite
