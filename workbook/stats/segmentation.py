"""How many groups are there, if any? Chosen by how well they survive resampling.

A partition is kept only if its groups come back in bootstrap samples (mean Jaccard similarity, Hennig 2007:
0.75 and above is stable) and if it is tighter than what the same method finds in data without groups.
Otherwise: one group, i.e. do not segment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, IntArray
from workbook.stats.clustering import Clusters, checked_table, k_means
from workbook.stats.errors import CannotEstimate

STABLE = 0.75
Method = Callable[[FloatArray, int, int], Clusters]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segmentation:
    """Chosen partition.

    k: number of groups, 1 for "do not segment". clusters: the partition (all rows in group 0 for k = 1).
    candidates: one row per k tried, ascending: k, silhouette, jaccard (mean over groups), jaccard_lowest
    (least stable group), smallest_share (of the rows), reference_silhouette (95th percentile in data without
    groups), is_stable, is_structured. is_segmented: k > 1. reason: None, or why not: "too_few_observations",
    "no_variation", "not_stable" or "no_structure".
    """

    k: int
    clusters: Clusters
    candidates: pd.DataFrame
    is_segmented: bool
    reason: str | None = None


def choose_segments(
    rows: Any, ks: Sequence[int], seed: int, method: Method | None = None, *, resamples: int = 50
) -> Segmentation:
    """Choose the number of groups among `ks` (each 2 or more) for a numeric table, one row per case.

    `method(table, k, seed)` defaults to k-means on standardised columns; for mixed data give `famd_scores`
    and a k-means that does not rescale. Among the k whose least stable group has a Jaccard of 0.75 or more
    and whose silhouette exceeds the 95th percentile of 20 normal tables with the same covariance, the largest
    silhouette wins. No such k, or fewer than 20 rows: one group. Same seed, same result. Raises `ValueError`
    for k < 2.
    """
    if any(k < 2 for k in ks):
        raise ValueError("only 2 or more groups can be tried")
    table = checked_table(rows, 1, standardise=method is None) if len(np.asarray(rows)) else np.zeros((0, 1))
    if len(table) < 20 or not bool((table.std(axis=0) > 0).any()):
        return _no_segments(
            len(table), pd.DataFrame(), "too_few_observations" if len(table) < 20 else "no_variation"
        )
    fit = method or _k_means
    tried: dict[int, tuple[Clusters, dict[str, float]]] = {}
    for k in sorted(set(ks)):
        try:
            tried[k] = _candidate(table, k, fit, (seed, resamples))
        except CannotEstimate:
            continue
    candidates = pd.DataFrame([{"k": k, **row} for k, (_, row) in tried.items()])
    if candidates.empty:
        return _no_segments(len(table), candidates, "too_few_observations")
    candidates["is_stable"] = candidates["jaccard_lowest"] >= STABLE
    candidates["is_structured"] = candidates["silhouette"] > candidates["reference_silhouette"]
    good = candidates[candidates["is_stable"] & candidates["is_structured"]]
    if good.empty:
        stable = bool(candidates["is_stable"].any())
        return _no_segments(len(table), candidates, "no_structure" if stable else "not_stable")
    k = int(good["k"].to_numpy()[int(good["silhouette"].to_numpy().argmax())])
    return Segmentation(k=k, clusters=tried[k][0], candidates=candidates, is_segmented=True)


def jaccard_stability(
    table: FloatArray, partition: Clusters, method: Method, seed: int, resamples: int = 50
) -> FloatArray:
    """Mean Jaccard similarity of each group with its best match in bootstrap samples; length k, 0-1. Hennig
    2007.

    Compared on the rows drawn, each counted once. A resample the method cannot partition counts as 0.
    """
    rng = np.random.default_rng(seed)
    total = np.zeros(partition.k)
    for i in range(resamples):
        drawn = np.unique(rng.integers(len(table), size=len(table)))
        try:
            labels = method(table[drawn], partition.k, seed + i).labels
        except CannotEstimate:
            continue
        total += _best_match(partition.labels[drawn], labels, partition.k)
    return total / resamples


def _k_means(table: FloatArray, k: int, seed: int) -> Clusters:
    return k_means(table, k, seed, 5, standardise=False)


def _candidate(
    table: FloatArray, k: int, fit: Method, draw: tuple[int, int]
) -> tuple[Clusters, dict[str, float]]:
    seed, resamples = draw
    partition = fit(table, k, seed)
    stability = jaccard_stability(table, partition, fit, seed, resamples)
    sizes = np.bincount(partition.labels, minlength=k)
    return partition, {
        "silhouette": partition.silhouette, "jaccard": float(stability.mean()),
        "jaccard_lowest": float(stability.min()), "smallest_share": float(sizes.min() / len(table)),
        "reference_silhouette": _reference_silhouette(table, k, fit, seed),
    }  # fmt: skip


def _reference_silhouette(table: FloatArray, k: int, fit: Method, seed: int) -> float:
    """95th percentile of the silhouette in 20 normal tables with the same covariance, i.e. without groups."""
    rng = np.random.default_rng(seed)
    covariance = np.atleast_2d(np.cov(table.T, ddof=0))
    values = []
    for i in range(20):
        drawn = rng.multivariate_normal(table.mean(axis=0), covariance, size=len(table), method="svd")
        try:
            values.append(fit(drawn, k, seed + i).silhouette)
        except CannotEstimate:
            continue
    return float(np.quantile(values, 0.95)) if values else math.inf


def _best_match(first: IntArray, second: IntArray, k: int) -> FloatArray:
    width = int(second.max()) + 1
    both = np.bincount(first * width + second, minlength=k * width).reshape(k, width).astype(np.float64)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.asarray(np.divide(both, either, out=np.zeros_like(both), where=either > 0).max(axis=1))


def _no_segments(n: int, candidates: pd.DataFrame, reason: str) -> Segmentation:
    one = Clusters(
        labels=np.zeros(n, dtype=np.int64),
        k=1,
        n=n,
        within_sum_squares=math.nan,
        between_share=math.nan,
        silhouette=math.nan,
        bic=math.nan,
        method="none",
    )
    return Segmentation(k=1, clusters=one, candidates=candidates, is_segmented=False, reason=reason)
