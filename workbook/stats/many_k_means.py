"""k-means of many tables at once, and the silhouettes of many partitions of one table: what resampling needs.

Lloyd's algorithm from k-means++ starts (Arthur & Vassilvitskii 2007), all tables and starts in one array, so that fifty
resamples cost hardly more than one. Distances have the rows in their last axis: long strides, however few the groups. For one
partition to show, use `clustering.k_means`.
"""

from __future__ import annotations

import math

import numpy as np

from workbook.stats.arrays import FloatArray, IntArray

ROUNDS = 30


def many_k_means(tables: FloatArray, weights: FloatArray, k: int, rng: np.random.Generator, starts: int = 3) -> IntArray:
    """Partition each table into k groups; labels, tables x rows, best of `starts`.

    tables: tables x rows x columns (one table is used for all weights). weights: tables x rows, rows of weight 0 take no
    part in finding the groups and get the label of the nearest one.
    """
    count, rows = weights.shape
    points = np.ascontiguousarray(np.broadcast_to(tables, (count, rows, tables.shape[2])))
    size = (points**2).sum(axis=2)
    best, labels = np.full(count, math.inf), np.zeros((count, rows), dtype=np.int64)
    for _ in range(starts):
        found, loss = _lloyd(points, size, weights, _spread_out(points, size, weights, k, rng))
        better = loss < best - 1e-12
        best[better], labels[better] = loss[better], found[better]
    return labels


def silhouettes(distance: FloatArray, partitions: IntArray, k: int) -> FloatArray:
    """Mean silhouette width of each partition (partitions x rows, labels below k) of one table; NaN under two groups.

    distance: square matrix. A row alone in its group counts 0. Rousseeuw 1987.
    """
    found = np.full(len(partitions), math.nan)
    for place, labels in enumerate(partitions):
        member = (labels[:, None] == np.arange(k)).astype(np.float64)
        sizes = member.sum(axis=0)
        if int((sizes > 0).sum()) < 2:
            continue
        sums, own = distance @ member, sizes[labels]
        inside = sums[np.arange(len(labels)), labels] / np.maximum(own - 1, 1)
        means = np.where((member > 0) | (sizes == 0), math.inf, sums / np.maximum(sizes, 1))
        outside = means.min(axis=1)
        widest = np.maximum(inside, outside)
        width = np.divide(outside - inside, widest, out=np.zeros_like(inside), where=(widest > 0) & (own > 1))
        found[place] = float(width.mean())
    return found


def euclidean(table: FloatArray) -> FloatArray:
    """Square matrix of the distances between the rows."""
    size = (table**2).sum(axis=1)
    squared = size[:, None] + size[None, :] - 2 * table @ table.T
    np.fill_diagonal(squared, 0.0)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def _spread_out(points: FloatArray, size: FloatArray, weights: FloatArray, k: int, rng: np.random.Generator) -> FloatArray:
    """k-means++: each further centre is a row drawn in proportion to its squared distance from the nearest one so far."""
    count = len(points)
    centres = np.empty((count, k, points.shape[2]))
    nearest = np.ones_like(weights)
    for group in range(k):
        chance = np.cumsum(nearest * weights, axis=1)
        drawn = (chance < (rng.random(count) * chance[:, -1])[:, None]).sum(axis=1).clip(max=weights.shape[1] - 1)
        centres[:, group] = points[np.arange(count), drawn]
        gap = _squared(points, size, centres[:, group : group + 1])[:, 0]
        nearest = gap if group == 0 else np.minimum(nearest, gap)
    return centres


def _lloyd(points: FloatArray, size: FloatArray, weights: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
    """Move centres to the mean of their rows until no row changes its group; labels and weighted squared distances."""
    count, k = len(points), centres.shape[1]
    labels = np.full(weights.shape, -1, dtype=np.int64)
    active = np.arange(count)
    for _ in range(ROUNDS):
        fresh = _nearest(_squared(points[active], size[active], centres[active]))
        moved = (fresh != labels[active]).any(axis=1)
        labels[active] = fresh
        active = active[moved]
        if not len(active):
            break
        member = (fresh[moved][:, None, :] == np.arange(k)[:, None]) * weights[active][:, None, :]
        mass = member.sum(axis=2)[:, :, None]
        means = np.matmul(member, points[active])
        centres[active] = np.where(mass > 0, means / np.maximum(mass, 1e-300), centres[active])
    gap = _squared(points, size, centres)
    return labels, np.asarray((gap.min(axis=1) * weights).sum(axis=1))


def _nearest(gap: FloatArray) -> IntArray:
    """Group with the smallest squared distance, the first of equals; tables x rows. `argmin` is slow along the middle axis."""
    labels, least = np.zeros((len(gap), gap.shape[2]), dtype=np.int64), gap[:, 0]
    for group in range(1, gap.shape[1]):
        labels[gap[:, group] < least] = group
        least = np.minimum(least, gap[:, group])
    return labels


def _squared(points: FloatArray, size: FloatArray, centres: FloatArray) -> FloatArray:
    """Squared distances; tables x groups x rows."""
    apart = np.matmul(-2 * centres, points.transpose(0, 2, 1))
    apart += size[:, None, :] + (centres**2).sum(axis=2)[:, :, None]
    return np.asarray(np.maximum(apart, 0.0, out=apart))
