"""Groups of alike rows: k-means, Gaussian mixtures, and how well the groups hang together.

Arrays or frames: one row per case, one numeric column per attribute. Labels are 0 ... k-1, numbered by size
(largest first; ties by first row), so that the same partition has the same numbers whatever the random start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, IntArray, as_codes
from workbook.stats.errors import CannotEstimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """A partition into k groups.

    labels: group per row, in the order of the rows. k: groups. n: rows. within_sum_squares, between_share:
    squared distances to the group means, and the part of all squared distances that lies between groups (NaN
    where the method has no means). silhouette: -1 to 1, NaN for one group. bic: smaller is better, mixtures
    only. method: "k_means", "gaussian_mixture", "average_linkage" or "medoids".
    """

    labels: IntArray
    k: int
    n: int
    within_sum_squares: float
    between_share: float
    silhouette: float
    bic: float
    method: str


def k_means(rows: Any, k: int, seed: int, starts: int = 25, *, standardise: bool = True) -> Clusters:
    """Partition by k-means (Hartigan & Wong's objective, Lloyd's algorithm, `starts` seeded k-means++
    starts).

    `standardise` gives every column mean 0 and standard deviation 1 first, so that units do not matter.
    Raises `CannotEstimate`: too_few_observations (fewer different rows than k), missing_values.
    """
    from sklearn.cluster import KMeans

    table = checked_table(rows, k, standardise=standardise)
    centred = table - table.mean(axis=0)
    fit = KMeans(n_clusters=k, n_init=starts, random_state=seed, tol=1e-8, max_iter=1000).fit(centred)
    total, within = float((centred**2).sum()), float(fit.inertia_)
    return Clusters(
        labels=by_size(fit.labels_),
        k=k,
        n=len(table),
        within_sum_squares=within,
        between_share=1 - within / total if total > 0 else math.nan,
        silhouette=silhouette(table, fit.labels_),
        bic=math.nan,
        method="k_means",
    )


def gaussian_mixture(
    rows: Any, k: int, seed: int, starts: int = 10, *, standardise: bool = False
) -> Clusters:
    """Partition by a mixture of k normal distributions with full covariances, maximum likelihood (EM).

    Starts: a Ward hierarchy (as mclust) and `starts` seeded k-means partitions; the best likelihood wins. BIC
    = −2 log L + parameters · log n. Not for categories. Raises as `k_means`, and not_converged.
    """
    import warnings

    from sklearn.mixture import GaussianMixture

    table = checked_table(rows, k, standardise=standardise)
    scale = np.maximum(table.std(axis=0), 1e-300)
    scaled = (table - table.mean(axis=0)) / scale
    best, best_score = None, -math.inf
    for start in _start_means(scaled, k, seed, starts):
        model = GaussianMixture(k, covariance_type="full", means_init=start[0], precisions_init=start[1],
                                weights_init=start[2], tol=1e-7, max_iter=2000, reg_covar=1e-9)  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                score = float(model.fit(scaled).score(scaled))
            except ValueError:
                continue
        if (
            score > best_score
            and float(np.bincount(model.predict(scaled), minlength=k).min()) > table.shape[1]
        ):
            best, best_score = model, score
    if best is None:
        raise CannotEstimate("not_converged", f"mixture of {k}")
    labels = best.predict(scaled)
    bic = float(best.bic(scaled)) + 2 * len(table) * float(np.log(scale).sum())
    within, between = _sums_of_squares(table, labels)
    return Clusters(
        labels=by_size(labels),
        k=k,
        n=len(table),
        within_sum_squares=within,
        between_share=between,
        silhouette=silhouette(table, labels),
        bic=bic,
        method="gaussian_mixture",
    )


def silhouette(rows: Any, labels: Any, *, is_distance: bool = False) -> float:
    """Mean silhouette width, -1 to 1; NaN unless there are 2 to n-1 groups. Rousseeuw 1987.

    `is_distance`: `rows` is a square matrix of distances. Above 5 000 rows a seeded sample is used.
    """
    from sklearn.metrics import silhouette_score

    codes, k = as_codes(labels)
    if not 2 <= k <= len(codes) - 1:
        return math.nan
    table = np.asarray(rows, dtype="float64")
    size = 5000 if len(codes) > 5000 else None
    metric = "precomputed" if is_distance else "euclidean"
    return float(silhouette_score(table, codes, metric=metric, sample_size=size, random_state=0))


def adjusted_rand(first: Any, second: Any) -> float:
    """Agreement of two partitions beyond chance: 1 same, about 0 unrelated; NaN for no rows. Hubert & Arabie
    1985.

    Arrays of labels, one per row, any labels. `ValueError` on different lengths.
    """
    from sklearn.metrics import adjusted_rand_score

    one, two = as_codes(first)[0], as_codes(second)[0]
    if len(one) != len(two):
        raise ValueError(f"{len(one)} labels for {len(two)}")
    return float(adjusted_rand_score(one, two)) if len(one) else math.nan


def checked_table(rows: Any, k: int, *, standardise: bool) -> FloatArray:
    """Numeric table without gaps and with at least k different rows; constant columns are left out if
    scaled.
    """
    table = np.array(rows, dtype="float64")
    table = table.reshape(-1, 1) if table.ndim == 1 else table
    if k < 1:
        raise ValueError("k must be at least 1")
    if not bool(np.isfinite(table).all()):
        raise CannotEstimate("missing_values")
    if len(np.unique(table, axis=0)) < k or len(table) == 0:
        raise CannotEstimate("too_few_observations", f"fewer than {k} different rows")
    if not standardise:
        return table
    spread = table.std(axis=0)
    kept = spread > 1e-12 * np.maximum(np.abs(table).max(axis=0), 1e-300)
    return (
        (table[:, kept] - table[:, kept].mean(axis=0)) / spread[kept]
        if kept.any()
        else np.zeros((len(table), 1))
    )


def by_size(labels: Any) -> IntArray:
    """Renumber labels 0 ... k-1 by falling size, ties by first row."""
    codes, k = as_codes(labels)
    sizes = np.bincount(codes, minlength=k)
    order = sorted(range(k), key=lambda code: -int(sizes[code]))
    rank = np.empty(k, dtype=np.int64)
    rank[order] = np.arange(k)
    return rank[codes]


def _sums_of_squares(table: FloatArray, labels: IntArray) -> tuple[float, float]:
    total = float(((table - table.mean(axis=0)) ** 2).sum())
    within = sum(
        float(((part - part.mean(axis=0)) ** 2).sum())
        for part in (table[labels == g] for g in np.unique(labels))
    )
    return within, 1 - within / total if total > 0 else math.nan


def _start_means(
    scaled: FloatArray, k: int, seed: int, starts: int
) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """Means, precisions and weights to start EM from: a Ward hierarchy (small data) and seeded k-means."""
    from sklearn.cluster import AgglomerativeClustering, KMeans

    partitions = [
        KMeans(k, n_init=1, random_state=seed + i).fit(scaled).labels_ for i in range(max(starts, 1))
    ]
    if k > 1 and len(scaled) <= 2000:
        partitions.insert(0, AgglomerativeClustering(k).fit(scaled).labels_)
    unique = {by_size(labels).tobytes(): by_size(labels) for labels in partitions}
    width = scaled.shape[1]
    result = []
    for labels in unique.values():
        groups = [scaled[labels == g] for g in range(k)]
        covariances = [
            np.cov(g.T, ddof=0).reshape(width, width) if len(g) > 1 else np.eye(width) for g in groups
        ]
        precisions = np.array([np.linalg.inv(c + 1e-3 * np.eye(width)) for c in covariances])
        weights = np.array([len(g) for g in groups]) / len(scaled)
        result.append((np.array([g.mean(axis=0) for g in groups]), precisions, weights))
    return result
