"""How many groups are there, if any? Chosen by how well they survive resampling and by how tight they are.

A partition is kept only if each of its groups comes back in bootstrap samples (mean Jaccard similarity, Hennig 2007: 0.75
and above is stable) and if it is tighter than what the same method finds in data without groups. Tightness (silhouette)
is compared over all numbers of groups at once: each is standardised by what it is without groups, and must exceed the
largest such value of data without groups (max-T, Westfall & Young 1993), so trying more numbers invents no more groups.
Otherwise: one group, i.e. do not segment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, IntArray
from workbook.stats.clustering import Clusters, checked_table, k_means
from workbook.stats.errors import CannotEstimate
from workbook.stats.many_k_means import euclidean, many_k_means, silhouettes

STABLE = 0.75
ALPHA = 0.05
REFERENCES = 20  # with 20 tables without groups, the smallest p-value is 1/21
Method = Callable[[FloatArray, int, int], Clusters]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segmentation:
    """Chosen partition.

    k: number of groups, 1 for "do not segment". clusters: the partition (all rows in group 0 for k = 1). stability: mean Jaccard
    similarity of each of its groups. partitions: one per k tried. candidates: one row per k tried, ascending: k, silhouette, jaccard (mean over groups),
    jaccard_lowest (least stable group), smallest_share (of the rows), reference_silhouette (mean in data without groups),
    gain (silhouette above it), p_value (of no groups, adjusted for all k tried), is_stable, is_structured. is_segmented: k > 1.
    reason: None, or why not: "too_few_observations", "no_variation", "not_stable" or "no_structure".
    """

    k: int
    clusters: Clusters
    candidates: pd.DataFrame
    is_segmented: bool
    stability: FloatArray | None = None
    partitions: dict[int, Clusters] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fits:
    """How to partition: one table to keep, many tables to compare with, and bootstrap samples of one."""

    one: Method
    many: Callable[[FloatArray, int, int], IntArray]
    drawn: Callable[[FloatArray, FloatArray, int, int], IntArray]


def choose_segments(
    rows: Any, ks: Sequence[int], seed: int, method: Method | None = None, *, resamples: int = 50,
    without_groups: Sequence[FloatArray] = (),
) -> Segmentation:  # fmt: skip
    """Choose the number of groups among `ks` (each 2 or more) for a numeric table, one row per case.

    Default: k-means on standardised columns; `without_standardising` keeps them as they are; `method(table, k, seed)` gives
    another partition. Data without groups: 20 normal tables with the same covariance and, where given, `without_groups`
    (each tables x rows x columns, e.g. the same data with every attribute shuffled); the partition must be tighter than each
    kind. Among the k that pass, the largest silhouette wins. No such k, or fewer than 20 rows: one group. Same seed, same
    result. Raises `ValueError` for k < 2.
    """
    if any(k < 2 for k in ks):
        raise ValueError("only 2 or more groups can be tried")
    table = checked_table(rows, 1, standardise=method is None) if len(np.asarray(rows)) else np.zeros((0, 1))
    if len(table) < 20 or not bool((table.std(axis=0) > 0).any()):
        return _no_segments(
            len(table), pd.DataFrame(), "too_few_observations" if len(table) < 20 else "no_variation"
        )
    fits = K_MEANS if method is None or method is without_standardising else _fits_of(method)
    tried = _tried(table, sorted(set(ks)), fits, (seed, resamples))
    if not tried:
        return _no_segments(len(table), pd.DataFrame(), "too_few_observations")
    kinds = [_normal_tables(table, seed), *without_groups]
    candidates = _compared(tried, [_tightness(kind, list(tried), fits, seed) for kind in kinds], len(table))
    partitions = {k: partition for k, (partition, _) in tried.items()}
    good = candidates[candidates["is_stable"] & candidates["is_structured"]]
    if good.empty:
        stable = bool(candidates["is_stable"].any())
        none = _no_segments(len(table), candidates, "no_structure" if stable else "not_stable")
        return replace(none, partitions=partitions)
    k = int(good["k"].to_numpy()[int(good["silhouette"].to_numpy().argmax())])
    return Segmentation(k=k, clusters=tried[k][0], candidates=candidates, is_segmented=True, stability=tried[k][1],
                        partitions=partitions)  # fmt: skip


def without_standardising(table: FloatArray, k: int, seed: int) -> Clusters:
    """k-means on the columns as they are, e.g. on the axes of a factor analysis."""
    return k_means(table, k, seed, 5, standardise=False)


def jaccard_stability(
    table: FloatArray, partition: Clusters, method: Method, seed: int, resamples: int = 50
) -> FloatArray:
    """Mean Jaccard similarity of each group with its best match in bootstrap samples; length k, 0-1. Hennig
    2007.

    Compared on the rows drawn, each counted once. A resample the method cannot partition counts as 0.
    """
    return _stability(table, partition, _fits_of(method), (seed, resamples))


def _tried(
    table: FloatArray, ks: list[int], fits: _Fits, draw: tuple[int, int]
) -> dict[int, tuple[Clusters, FloatArray]]:
    """Partition and stability of its groups, for each number of groups that the rows allow."""
    found = {}
    for k in ks:
        try:
            partition = fits.one(table, k, draw[0])
        except CannotEstimate:
            continue
        found[k] = (partition, _stability(table, partition, fits, draw))
    return found


def _stability(table: FloatArray, partition: Clusters, fits: _Fits, draw: tuple[int, int]) -> FloatArray:
    seed, resamples = draw
    rng = np.random.default_rng(seed)
    is_drawn = np.zeros((resamples, len(table)), dtype=bool)
    is_drawn[np.arange(resamples)[:, None], rng.integers(len(table), size=(resamples, len(table)))] = True
    labels = fits.drawn(table, is_drawn.astype(np.float64), partition.k, seed)
    total = np.zeros(partition.k)
    for drawn, found in zip(is_drawn, labels, strict=True):
        if found[drawn].min() >= 0:
            total += _best_match(partition.labels[drawn], found[drawn], partition.k)
    return total / resamples


def _normal_tables(table: FloatArray, seed: int) -> FloatArray:
    """Tables without groups: normal, with the same means and covariance."""
    rng = np.random.default_rng(seed)
    covariance = np.atleast_2d(np.cov(table.T, ddof=0))
    drawn = rng.multivariate_normal(table.mean(axis=0), covariance, size=(REFERENCES, len(table)), method="svd")
    return np.asarray(drawn)


def _tightness(tables: FloatArray, ks: list[int], fits: _Fits, seed: int) -> FloatArray:
    """Silhouettes of tables without groups; tables x ks, NaN where one cannot be partitioned."""
    labels = {k: fits.many(tables, k, seed) for k in ks}
    found = np.full((len(tables), len(ks)), math.nan)
    for place, table in enumerate(tables):
        distance = euclidean(table)
        for column, k in enumerate(ks):
            if labels[k][place].min() >= 0:
                found[place, column] = silhouettes(distance, labels[k][place][None, :], k)[0]
    return found


def _compared(
    tried: dict[int, tuple[Clusters, FloatArray]], references: list[FloatArray], n: int
) -> pd.DataFrame:
    observed = np.array([partition.silhouette for partition, _ in tried.values()])
    p_values = np.max([_p_values(observed, reference) for reference in references], axis=0)
    tightest = np.max([_mean_known(reference) for reference in references], axis=0)
    table = pd.DataFrame({
        "k": list(tried), "silhouette": observed, "jaccard": [float(s.mean()) for _, s in tried.values()],
        "jaccard_lowest": [float(s.min()) for _, s in tried.values()],
        "smallest_share": [float(np.bincount(c.labels, minlength=c.k).min() / n) for c, _ in tried.values()],
        "reference_silhouette": tightest, "gain": observed - tightest, "p_value": p_values,
    })  # fmt: skip
    table["is_stable"] = table["jaccard_lowest"] >= STABLE
    table["is_structured"] = table["p_value"] <= ALPHA
    return table


def _mean_known(reference: FloatArray) -> FloatArray:
    known = ~np.isnan(reference)
    sums = np.where(known, reference, 0.0).sum(axis=0)
    return np.asarray(np.where(known.any(axis=0), sums / np.maximum(known.sum(axis=0), 1), math.inf))


def _p_values(observed: FloatArray, reference: FloatArray) -> FloatArray:
    """Max-T p-value per number of groups; the data at hand are one of the tables that give the scale, so ranks are fair."""
    every = np.vstack([observed, np.where(np.isnan(reference), -1.0, reference)])
    spread = every.std(axis=0)
    scaled = (every - every.mean(axis=0)) / np.where(spread > 1e-12, spread, math.inf)
    largest = scaled[1:].max(axis=1)
    return np.asarray([(1 + int((largest >= z - 1e-12).sum())) / (1 + len(largest)) for z in scaled[0]])


def _many(tables: FloatArray, k: int, seed: int) -> IntArray:
    return many_k_means(tables, np.ones(tables.shape[:2]), k, np.random.default_rng(seed))


def _drawn(table: FloatArray, weights: FloatArray, k: int, seed: int) -> IntArray:
    return many_k_means(table[None], weights, k, np.random.default_rng(seed))


K_MEANS = _Fits(one=without_standardising, many=_many, drawn=_drawn)


def _fits_of(method: Method) -> _Fits:
    """Any partition, table by table; −1 marks what it cannot partition."""

    def labels_of(table: FloatArray, k: int, seed: int) -> IntArray:
        try:
            return method(table, k, seed).labels
        except CannotEstimate:
            return np.full(len(table), -1, dtype=np.int64)

    def many(tables: FloatArray, k: int, seed: int) -> IntArray:
        return np.vstack([labels_of(table, k, seed + i) for i, table in enumerate(tables)])

    def drawn(table: FloatArray, weights: FloatArray, k: int, seed: int) -> IntArray:
        found = np.full(weights.shape, -1, dtype=np.int64)
        for i, weight in enumerate(weights):
            found[i, weight > 0] = labels_of(table[weight > 0], k, seed + i)
        return found

    return _Fits(one=method, many=many, drawn=drawn)


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
