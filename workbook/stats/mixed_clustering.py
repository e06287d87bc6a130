"""Groups of rows that mix numbers and categories.

Gower distance (Gower 1971) with average linkage or medoids, or factor analysis of mixed data (FAMD, by
prince) with k-means on its leading axes.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, IntArray
from workbook.stats.clustering import Clusters, by_size, k_means, silhouette
from workbook.stats.errors import CannotEstimate

MAX_ROWS = 8000  # a distance matrix of 8 000 rows takes half a gigabyte
Linkage = Literal["average", "medoids"]


def gower_distance(rows: pd.DataFrame) -> FloatArray:
    """Square matrix of distances 0-1. One row per case; numeric columns by range, others (and booleans) same
    or not.

    A missing value leaves its column out for that pair; a pair without a common column gets distance 1.
    Constant columns count as no difference. Raises `CannotEstimate("too_few_observations")` for no rows or
    columns and above 8 000 rows (draw a sample before).
    """
    n = len(rows)
    if n == 0 or rows.shape[1] == 0 or n > MAX_ROWS:
        raise CannotEstimate("too_few_observations", f"{n} rows, 1 to {MAX_ROWS} are needed")
    total, weight = np.zeros((n, n)), np.zeros((n, n))
    for name in rows.columns:
        part, known = _column_distance(rows[name])
        both = known[:, None] & known[None, :]
        total += np.where(both, part, 0.0)
        weight += both
    return np.where(weight > 0, total / np.maximum(weight, 1.0), 1.0) * (1 - np.eye(n))


def cluster_distances(distance: FloatArray, k: int, linkage: Linkage = "average") -> Clusters:
    """Partition a square matrix of distances by average linkage or k-medoids (PAM; Kaufman & Rousseeuw 1990).

    Deterministic. Raises `CannotEstimate("too_few_observations")` for fewer rows than k.
    """
    if len(distance) < k:
        raise CannotEstimate("too_few_observations", f"{len(distance)} rows for {k} groups")
    labels = _average_linkage(distance, k) if linkage == "average" else _medoids(distance, k)
    return Clusters(
        labels=by_size(labels), k=k, n=len(distance), within_sum_squares=math.nan, between_share=math.nan,
        silhouette=silhouette(distance, labels, is_distance=True), bic=math.nan,
        method="average_linkage" if linkage == "average" else "medoids",
    )  # fmt: skip


def famd_scores(rows: pd.DataFrame, axes: int = 5) -> FloatArray:
    """Coordinates on the leading axes of a factor analysis of mixed data; n x axes (fewer if the data have
    fewer).

    Numbers are standardised, categories weighted by rarity (Pagès 2004). Needs no missing values: raises
    `CannotEstimate("missing_values")`. All-numeric data give principal components, all-categorical ones MCA.
    """
    return leading_axes(famd_columns(rows)[0], axes)


def famd_columns(rows: pd.DataFrame) -> tuple[FloatArray, list[str]]:
    """Columns that a factor analysis of mixed data decomposes, and the attribute each comes from; see
    `famd_scores`.
    """
    if rows.replace([np.inf, -np.inf], np.nan).isna().to_numpy().any():
        raise CannotEstimate("missing_values")
    varied = rows.loc[:, rows.nunique() > 1]
    if varied.shape[1] == 0:
        raise CannotEstimate("no_variation")
    parts = [_famd_columns(varied[name]) for name in varied.columns]
    owners = [str(name) for name, part in zip(varied.columns, parts, strict=True) for _ in range(part.shape[1])]
    return np.column_stack(parts), owners


def leading_axes(table: FloatArray, axes: int) -> FloatArray:
    """Coordinates of the rows on the leading principal axes, each with its largest coordinate positive."""
    left, size, _ = np.linalg.svd(table - table.mean(axis=0), full_matrices=False)
    kept = int(min(axes, (size > 1e-9 * size[0]).sum()))
    scores = left[:, :kept] * size[:kept]
    return np.asarray(scores * np.where(np.abs(scores).max(axis=0) == scores.max(axis=0), 1.0, -1.0))


def cluster_mixed(rows: pd.DataFrame, k: int, seed: int, axes: int = 5) -> Clusters:
    """FAMD followed by k-means on its leading axes, not rescaled. Raises as `famd_scores` and `k_means`."""
    return k_means(famd_scores(rows, axes), k, seed, standardise=False)


def is_category(column: pd.Series) -> bool:
    """Tell whether a column holds categories: anything but numbers; booleans count as categories."""
    return pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column)


def _column_distance(column: pd.Series) -> tuple[FloatArray, np.ndarray]:
    known = column.notna().to_numpy(bool)
    if is_category(column):
        codes = pd.factorize(column)[0]
        return (codes[:, None] != codes[None, :]).astype(np.float64), known
    values = column.to_numpy(dtype="float64", na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    known = np.isfinite(values)
    width = float(np.nanmax(values) - np.nanmin(values)) if known.any() else 0.0
    gap = np.abs(values[:, None] - values[None, :])
    return gap / width if width > 0 else np.zeros_like(gap), known


def _average_linkage(distance: FloatArray, k: int) -> IntArray:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(distance) == 1:
        return np.zeros(1, dtype=np.int64)
    tree = linkage(squareform(distance, checks=False), method="average")
    return np.asarray(fcluster(tree, k, criterion="maxclust"), dtype=np.int64)


def _medoids(distance: FloatArray, k: int) -> IntArray:
    """PAM: greedy build, then the best swap until none helps (total distance to the nearest medoid)."""
    chosen = [int(np.argmin(distance.sum(axis=0)))]
    while len(chosen) < k:
        nearest = distance[:, chosen].min(axis=1)
        gain = np.maximum(nearest[:, None] - distance, 0.0).sum(axis=0)
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
    cost = float(distance[:, chosen].min(axis=1).sum())
    for _ in range(100):
        best = (cost - 1e-12, -1, -1)
        for slot in range(k):
            others = [medoid for i, medoid in enumerate(chosen) if i != slot]
            base = distance[:, others].min(axis=1) if others else np.full(len(distance), np.inf)
            costs = np.minimum(base[:, None], distance).sum(axis=0)
            best = min(best, (float(costs.min()), slot, int(costs.argmin())))
        if best[1] < 0:
            break
        cost, chosen[best[1]] = best[0], best[2]
    return np.asarray(distance[:, chosen].argmin(axis=1), dtype=np.int64)


def _famd_columns(column: pd.Series) -> FloatArray:
    """Standardised number, or indicator columns divided by the root of their share."""
    if not is_category(column):
        values = column.to_numpy(dtype="float64")
        return np.asarray((values - values.mean()) / values.std()).reshape(-1, 1)
    codes, _ = pd.factorize(column)
    table = np.eye(int(codes.max()) + 1)[codes]
    return np.asarray(table / np.sqrt(table.mean(axis=0)))
