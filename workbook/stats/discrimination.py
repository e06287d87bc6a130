"""How well a score tells cases that will succeed from those that will not: the area under the ROC curve.

AUC = probability that a success scores above a failure, ties counted half. Variance by DeLong, DeLong & Clarke-Pearson
1988 (placements by mid-ranks: Sun & Xu 2014); with clusters by Obuchowski 1997, placements added up per cluster. The
interval is taken on the log-odds scale, where it stays inside 0-1 and covers better near the ends (Pepe 2003, ch. 5).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_codes, as_floats, t_quantile, two_sided_t
from workbook.stats.clusters import FEW_CLUSTERS, interval_dof
from workbook.stats.interval import check_level

Clusterings = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Auc:
    """Area under the ROC curve.

    value: 0-1, 0.5 is chance. low, high: interval on the log-odds scale. standard_error: of value. p_value: two-sided, of
    value = 0.5. n, events: cases and successes. clusters, cluster_name: of the clustering with the largest error, None
    where no clustering is wider than independent cases. few_clusters: fewer than ten. dof: of the quantile. reason: key of
    `errors.REASONS` where the value or its error cannot be had.
    """

    value: float
    low: float
    high: float
    standard_error: float
    p_value: float
    level: float
    n: int
    events: int
    clusters: int | None = None
    cluster_name: str | None = None
    few_clusters: bool = False
    dof: float = math.inf
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AucDifference:
    """Second minus first AUC on the same cases: value, low, high (normal or t), standard_error, p_value, level, reason."""

    value: float
    low: float
    high: float
    standard_error: float
    p_value: float
    level: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Error:
    """Standard error of a linear statistic with the clustering that makes it largest."""

    value: float
    dof: float
    name: str | None
    clusters: int | None


def auc(outcome: Any, score: Any, clusters: Clusterings | None = None, level: float = 0.95) -> Auc:
    """Area under the ROC curve of `score` for `outcome` (1/0), one element per case.

    clusters: labels per clustering (owner, account); the one with the largest error is used, never one below that of
    independent cases. NaN with reason `no_variation` where only one outcome occurs, `one_observation` for fewer than two
    cases of an outcome. Raises `ValueError` for missing values or an outcome other than 0/1.
    """
    check_level(level)
    y, x = _checked(outcome, score)
    events, none = int(y.sum()), math.nan
    if events in (0, len(y)):
        return Auc(value=none, low=none, high=none, standard_error=none, p_value=none, level=level, n=len(y), events=events,
                   reason="no_variation")  # fmt: skip
    value, influence = _placements(y, x)
    if min(events, len(y) - events) < 2:
        return Auc(value=value, low=none, high=none, standard_error=none, p_value=none, level=level, n=len(y), events=events,
                   reason="one_observation")  # fmt: skip
    error = _widest(y, influence, clusters)
    low, high = _log_odds_interval(value, error, y, level)
    return Auc(
        value=value, low=low, high=high, standard_error=error.value, p_value=_p_value(value - 0.5, error), level=level,
        n=len(y), events=events, clusters=error.clusters, cluster_name=error.name,
        few_clusters=error.clusters is not None and error.clusters < FEW_CLUSTERS, dof=error.dof,
    )  # fmt: skip


def auc_difference(
    outcome: Any, first: Any, second: Any, clusters: Clusterings | None = None, level: float = 0.95
) -> AucDifference:
    """AUC of `second` minus AUC of `first` on the same cases, paired (DeLong; clustered: Obuchowski). See `auc`.

    Two scores that rank alike differ by nothing: p-value 1. Valid on cases that neither score was fitted on.
    """
    check_level(level)
    y, x = _checked(outcome, first)
    _, z = _checked(outcome, second)
    none = math.nan
    if min(y.sum(), len(y) - y.sum()) < 2:
        return AucDifference(value=none, low=none, high=none, standard_error=none, p_value=none, level=level, reason="no_variation")
    one, other = _placements(y, x), _placements(y, z)
    value, error = other[0] - one[0], _widest(y, other[1] - one[1], clusters)
    if error.value == 0:
        return AucDifference(value=value, low=value, high=value, standard_error=0.0, p_value=1.0 if value == 0 else 0.0, level=level)
    half = t_quantile(0.5 + level / 2, error.dof) * error.value
    return AucDifference(
        value=value, low=value - half, high=value + half, standard_error=error.value, p_value=_p_value(value, error), level=level
    )


def _checked(outcome: Any, score: Any) -> tuple[FloatArray, FloatArray]:
    y, x = as_floats(outcome), as_floats(score)
    if len(y) != len(x):
        raise ValueError(f"{len(y)} outcomes for {len(x)} scores")
    if not (np.isin(y, (0.0, 1.0)).all() and np.isfinite(x).all()):
        raise ValueError("outcomes must be 0/1 and scores finite")
    return y, x


def _placements(y: FloatArray, x: FloatArray) -> tuple[float, FloatArray]:
    """Return the AUC and each case's influence on it: its placement among the other outcome, less the AUC, over its group."""
    won, m, n = y == 1, int(y.sum()), int(len(y) - y.sum())
    place = np.empty(len(y))
    place[won] = (_mid_rank(x)[won] - _mid_rank(x[won])) / n
    place[~won] = 1 - (_mid_rank(x)[~won] - _mid_rank(x[~won])) / m
    value = float(place[won].mean())
    return value, (place - value) / np.where(won, m, n)


def _mid_rank(x: FloatArray) -> FloatArray:
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place.ravel()], dtype=np.float64)


def _widest(y: FloatArray, influence: FloatArray, clusters: Clusterings | None) -> _Error:
    """Return the largest of the errors: independent cases (DeLong), and one per clustering (Obuchowski)."""
    won = y == 1
    parts = (influence[group] for group in (won, ~won))
    variance = sum(float(part @ part) * len(part) / (len(part) - 1) for part in parts)
    found = [_Error(math.sqrt(variance), math.inf, None, None)]
    for name, labels in sorted((clusters or {}).items()):
        codes, count = as_codes(labels)
        if 2 <= count < len(y):
            sums = np.bincount(codes, weights=influence, minlength=count)
            sizes = np.bincount(codes, minlength=count).astype(np.float64)
            error = math.sqrt(count / (count - 1) * float(sums @ sums))
            found.append(_Error(error, interval_dof(sizes), name, count))
    return max(found, key=lambda error: error.value * t_quantile(0.975, error.dof))


def _log_odds_interval(value: float, error: _Error, y: FloatArray, level: float) -> tuple[float, float]:
    """Return the interval on the log-odds scale; exact bounds of a perfect score by the rule of three on the rarer outcome."""
    quantile = t_quantile(0.5 + level / 2, error.dof)
    if value in (0.0, 1.0):
        rarer = min(float(y.sum()), float(len(y) - y.sum()))
        edge = ((1 - level) / 2) ** (1 / rarer)
        return (edge, 1.0) if value == 1.0 else (0.0, 1 - edge)
    middle, half = math.log(value / (1 - value)), quantile * error.value / (value * (1 - value))
    low, high = (0.5 * (1 + math.tanh(end / 2)) for end in (middle - half, middle + half))
    return low, high


def _p_value(distance: float, error: _Error) -> float:
    return two_sided_t(distance / error.value, error.dof) if error.value > 0 else (1.0 if distance == 0 else 0.0)
