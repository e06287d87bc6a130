"""Rates of many groups from a mixed model: one random effect per group, one per cluster that works across the groups.

log odds = intercept + group + cluster, both effects normal with unknown spread (generalised linear mixed model, Breslow &
Clayton 1993). The effects are integrated out by Laplace's method, the two spreads on a grid under weak half-normal priors
(Rue, Martino & Chopin 2009; Chung et al. 2013), so that an interval knows that the spreads are uncertain too – with six groups
plugging in one best value makes it too narrow. No random numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_codes, as_floats
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level

GRID = np.array([0.02, 0.1, 0.2, 0.32, 0.46, 0.65, 0.9, 1.25, 1.75, 2.5])
PRIOR_SCALE = 1.0  # half-normal of the spreads on the log-odds scale: 0.67 is the median, 2 is rare
FLAT, NO_EFFECT = 1e-4, 1e8  # precisions: of the intercept, and of the rows without a cluster
LOGISTIC = 16 * math.sqrt(3) / (15 * math.pi)  # averages a logistic curve over a normal effect (Zeger et al. 1988)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossedRates:
    """Rates by group for the average cluster.

    table: one row per group in order of first appearance: group, successes, n, rate, low, high (0-1). group_sd, cluster_sd:
    posterior means of the spreads of the effects on the log-odds scale. clusters: known ones. level: confidence.
    """

    table: pd.DataFrame
    group_sd: float
    cluster_sd: float
    clusters: int
    level: float


def crossed_rates(successes: Any, n: Any, groups: Any, clusters: Any, level: float = 0.95) -> CrossedRates:
    """Fit the model. Arrays: one element per group × cluster, any order; a missing cluster has no effect of its own.

    Raises `CannotEstimate`: no_observations, no_variation (all outcomes the same), one_group; `ValueError` on impossible counts.
    """
    check_level(level)
    won, size = as_floats(successes), as_floats(n)
    if won.shape != size.shape or not bool((np.isfinite(size) & (won >= 0) & (won <= size)).all()):
        raise ValueError("counts must satisfy 0 <= successes <= n, one of each per row")
    codes, names = pd.factorize(np.asarray(groups, dtype=object))
    if not size.sum():
        raise CannotEstimate("no_observations")
    if not 0 < won.sum() < size.sum():
        raise CannotEstimate("no_variation")
    if len(names) < 2:
        raise CannotEstimate("one_group")
    counts, owner_count = _counts((codes, len(names)), clusters, (won, size))
    fits = _over_the_grid(*counts, owner_count)
    low, middle, high = _mixture(fits, level)
    table = pd.DataFrame({"group": names, "successes": counts[0].sum(axis=1), "n": counts[1].sum(axis=1), "rate": middle, "low": low, "high": high})
    weights = fits["weight"]
    return CrossedRates(table=table, group_sd=float(weights @ fits["group_sd"]), cluster_sd=float(weights @ fits["cluster_sd"]),
                        clusters=owner_count, level=level)  # fmt: skip


def _counts(groups: tuple[Any, int], clusters: Any, counts: tuple[FloatArray, FloatArray]) -> tuple[tuple[FloatArray, FloatArray], int]:
    """Successes and cases as group × cluster tables; the last column holds the rows without a cluster."""
    labels = np.asarray(clusters, dtype=object)
    known = ~np.asarray(pd.isna(labels), dtype=bool)
    found = np.zeros(len(labels), dtype=np.int64)
    count = 0
    if known.any():
        found[known], count = as_codes(labels[known])
    if count < 2:
        known, count = np.zeros(len(labels), dtype=bool), 0
    columns = np.where(known, found, count)
    tables = np.zeros((2, groups[1], count + 1))
    for table, values in zip(tables, counts, strict=True):
        np.add.at(table, (groups[0], columns), values)
    return (tables[0], tables[1]), count


def _over_the_grid(won: FloatArray, size: FloatArray, clusters: int) -> dict[str, FloatArray]:
    """Mode and variance of every group's log odds at each pair of spreads, and the pair's posterior weight."""
    step = np.gradient(GRID)
    first = np.repeat(np.arange(len(GRID)), len(GRID)) if clusters else np.arange(len(GRID))
    second = np.tile(np.arange(len(GRID)), len(GRID)) if clusters else np.zeros(len(GRID), dtype=int)
    group_sd, cluster_sd = GRID[first], GRID[second] if clusters else np.zeros(len(GRID))
    of_clusters = np.full((len(first), clusters + 1), NO_EFFECT)
    of_clusters[:, :clusters] = (GRID[second] ** -2.0)[:, None]
    mode, covariance, evidence = _laplace(won, size, group_sd**-2.0, of_clusters)
    prior = -(group_sd**2 + cluster_sd**2) / (2 * PRIOR_SCALE**2) + np.log(step[first]) + (np.log(step[second]) if clusters else 0.0)
    weight = np.exp(evidence + prior - (evidence + prior).max())
    inner = covariance[:, 1:, 1:].diagonal(axis1=1, axis2=2)
    variance = inner + 2 * covariance[:, 0, 1:] + covariance[:, :1, 0]
    return {
        "weight": weight / weight.sum(), "group_sd": group_sd, "cluster_sd": cluster_sd, "mode": mode[:, :1] + mode[:, 1:], "variance": variance,
    }  # fmt: skip


def _laplace(
    won: FloatArray, size: FloatArray, of_groups: FloatArray, of_clusters: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Newton for all pairs of spreads at once: mode of (intercept, groups), its covariance, log evidence up to a constant.

    won, size: group × cluster. of_groups: precision per pair; of_clusters: pair × cluster. The clusters are eliminated first.
    """
    pairs, groups = len(of_groups), len(won)
    upper, lower = np.zeros((pairs, groups + 1)), np.zeros_like(of_clusters)
    upper[:, 0] = math.log(won.sum() / (size.sum() - won.sum()))
    penalty = np.column_stack([np.full(pairs, FLAT), np.repeat(of_groups[:, None], groups, axis=1)])
    for _ in range(50):
        score = upper[:, :1, None] + upper[:, 1:, None] + lower[:, None, :]
        chance = 0.5 * (1 + np.tanh(score / 2))
        schur, inner, across = _curvature(size * chance * (1 - chance), penalty, of_clusters)
        rest = won - size * chance
        pull_upper = np.concatenate([rest.sum(axis=(1, 2))[:, None], rest.sum(axis=2)], axis=1) - penalty * upper
        pull_lower = rest.sum(axis=1) - of_clusters * lower
        step = np.linalg.solve(schur, (pull_upper - np.einsum("pgc,pc->pg", across, pull_lower / inner))[:, :, None])[:, :, 0]
        below = (pull_lower - np.einsum("pgc,pg->pc", across, step)) / inner
        upper, lower = upper + np.clip(step, -2.0, 2.0), lower + np.clip(below, -2.0, 2.0)
        if max(float(np.abs(step).max()), float(np.abs(below).max())) < 1e-6:
            break
    likelihood = (won * score - size * np.logaddexp(0.0, score)).sum(axis=(1, 2))
    likelihood -= ((penalty * upper**2).sum(axis=1) + (of_clusters * lower**2).sum(axis=1)) / 2
    determinants = np.log(penalty).sum(axis=1) + np.log(of_clusters).sum(axis=1) - np.linalg.slogdet(schur)[1] - np.log(inner).sum(axis=1)
    return upper, np.asarray(np.linalg.inv(schur), dtype=np.float64), np.asarray(likelihood + determinants / 2, dtype=np.float64)


def _curvature(weight: FloatArray, penalty: FloatArray, of_clusters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Curvature of (intercept, groups) after the clusters are eliminated, the clusters' own, and the block across."""
    pairs, groups, _ = weight.shape
    across = np.concatenate([weight.sum(axis=1)[:, None, :], weight], axis=1)
    inner = weight.sum(axis=1) + of_clusters
    own = np.zeros((pairs, groups + 1, groups + 1))
    by_group = weight.sum(axis=2)
    own[:, 0, 0], own[:, 0, 1:], own[:, 1:, 0] = by_group.sum(axis=1), by_group, by_group
    own[:, np.arange(1, groups + 1), np.arange(1, groups + 1)] = by_group
    own[:, np.arange(groups + 1), np.arange(groups + 1)] += penalty
    return own - np.einsum("pgc,phc->pgh", across / inner[:, None, :], across), inner, across


def _mixture(fits: dict[str, FloatArray], level: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Low, mean and high of every group's rate: normal log odds mixed over the grid, averaged over the clusters' spread."""
    from scipy.special import expit, ndtr

    shrink = 1 / np.sqrt(1 + (LOGISTIC * fits["cluster_sd"]) ** 2)
    centre, error = fits["mode"] * shrink[:, None], np.sqrt(fits["variance"]) * shrink[:, None]
    nodes, node_weights = np.polynomial.hermite_e.hermegauss(15)
    node_weights = node_weights / node_weights.sum()
    mean = np.einsum("w,k,wgk->g", fits["weight"], node_weights, expit(centre[:, :, None] + error[:, :, None] * nodes))
    low, high = (centre - 9 * error).min(axis=0), (centre + 9 * error).max(axis=0)
    ends = []
    for target in (0.5 - level / 2, 0.5 + level / 2):
        left, right = low.copy(), high.copy()
        for _ in range(50):
            middle = (left + right) / 2
            below = fits["weight"] @ ndtr((middle - centre) / error) < target
            left, right = np.where(below, middle, left), np.where(below, right, middle)
        ends.append(expit((left + right) / 2))
    return ends[0], np.asarray(mean), ends[1]
