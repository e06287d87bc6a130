"""Who beats whom: abilities from paired comparisons (Bradley & Terry 1952), and from contests of one against several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_codes, normal_quantile, t_quantile, two_sided_t
from workbook.stats.clusters import FEW_CLUSTERS
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level


def bradley_terry(wins: pd.DataFrame, reference: Any, level: float = 0.95) -> pd.DataFrame:
    """Log-abilities relative to `reference`; P(i beats j) = 1 / (1 + exp(ability_j − ability_i)).

    `wins`: square table, entry (i, j) = times row i beat column j, same labels in both; the diagonal is
    ignored. One row per label in the order given: name, ability (0 for the reference), standard_error, low,
    high (NaN for the reference), win_count, comparison_count. Raises `CannotEstimate`: too_few_observations
    (under two), separation (someone or some group never loses or never wins against the rest, so abilities
    are not finite); `ValueError` for other tables, `KeyError` for an unknown reference.
    """
    check_level(level)
    table = wins.loc[:, list(wins.index)] if set(wins.index) == set(wins.columns) else None
    if table is None or len(wins.index) != len(wins.columns):
        raise ValueError("wins needs the same labels in rows and columns")
    counts = table.to_numpy(dtype="float64").copy()
    np.fill_diagonal(counts, 0.0)
    if not bool((np.isfinite(counts) & (counts >= 0)).all()):
        raise ValueError("wins must be known and not negative")
    names = list(wins.index)
    if reference not in names:
        raise KeyError(reference)
    base = names.index(reference)
    _check_connected(counts)
    ability, covariance = _fit(counts, base)
    error = np.sqrt(np.diag(covariance))
    error[base] = np.nan
    half = normal_quantile(0.5 + level / 2) * error
    return pd.DataFrame(
        {
            "name": names,
            "ability": ability,
            "standard_error": error,
            "low": ability - half,
            "high": ability + half,
            "win_count": counts.sum(axis=1),
            "comparison_count": (counts + counts.T).sum(axis=1),
        }
    )


def _check_connected(counts: FloatArray) -> None:
    """Raise unless everybody can be reached from everybody by wins (Ford 1957)."""
    from scipy.sparse.csgraph import connected_components

    if len(counts) < 2:
        raise CannotEstimate("too_few_observations", "under two to compare")
    if int(connected_components(counts > 0, directed=True, connection="strong")[0]) > 1:
        raise CannotEstimate("separation")


def _fit(counts: FloatArray, base: int) -> tuple[FloatArray, FloatArray]:
    """Newton's method with ability 0 at `base`; abilities and their covariance (0 at `base`)."""
    n, free = len(counts), np.arange(len(counts)) != base
    games, ability = counts + counts.T, np.zeros(n)
    for _ in range(100):
        chance = 1 / (1 + np.exp(ability[None, :] - ability[:, None]))
        gradient = (counts - games * chance).sum(axis=1)
        weight = games * chance * (1 - chance)
        information = np.diag(weight.sum(axis=1)) - weight
        step = np.linalg.solve(information[np.ix_(free, free)], gradient[free])
        ability[free] += np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-10:
            break
    else:
        raise CannotEstimate("not_converged")
    covariance = np.zeros((n, n))
    covariance[np.ix_(free, free)] = np.linalg.inv(information[np.ix_(free, free)])
    return ability, covariance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contests:
    """Abilities from contests of one's own side against one or several rivals at once.

    rivals: one row per rival in the order given: name, ability (log odds of beating us alone), standard_error, low, high,
    won_count (by us), contest_count. covariance: of the abilities. dof: of the t quantile. clusters, few_clusters (under ten).
    """

    rivals: pd.DataFrame
    covariance: FloatArray
    dof: float
    clusters: int | None
    few_clusters: bool
    level: float

    def difference(self, first: int, second: int) -> tuple[float, float, float, float]:
        """Ability of one rival minus another's (by position): estimate, low, high, two-sided p-value."""
        ability, spread = self.rivals["ability"].to_numpy(), self.covariance
        value = float(ability[first] - ability[second])
        error = float(np.sqrt(max(spread[first, first] + spread[second, second] - 2 * spread[first, second], 0.0)))
        half = t_quantile(0.5 + self.level / 2, self.dof) * error
        return value, value - half, value + half, two_sided_t(value / error if error > 0 else np.nan, self.dof)


def contests(won: Any, present: pd.DataFrame, clusters: Any | None = None, level: float = 0.95, counts: Any | None = None) -> Contests:
    """Fit P(we win) = 1 / (1 + Σ exp(ability of each rival present)) by maximum likelihood (Luce 1959).

    won: 0/1 per contest; present: 0/1 per contest × rival, at least one each. Nobody need know to which rival a contest of several
    was lost. With one rival per contest this is Bradley–Terry. `clusters` (one label per contest) gives cluster-robust errors with
    effective clusters − 1 degrees of freedom. `counts`: contests alike that each row stands for, one by default. Raises `CannotEstimate`: too_few_observations, separation (we always or never win
    against somebody, so that no finite ability fits), not_converged; `ValueError` for a contest without a rival.
    """
    check_level(level)
    y, design = np.asarray(won, dtype="float64"), present.to_numpy(dtype="float64")
    n = np.ones(len(y)) if counts is None else np.asarray(counts, dtype="float64")
    if len(y) == 0 or design.shape[1] == 0:
        raise CannotEstimate("too_few_observations")
    if len(y) != len(design) or bool((design.sum(axis=1) == 0).any()):
        raise ValueError("every contest needs a rival")
    if bool(((design * y[:, None]).sum(axis=0) == 0).any()) or bool(((design * (1 - y)[:, None]).sum(axis=0) == 0).any()):
        raise CannotEstimate("separation")
    ability, information = _climb(y, design, n)
    covariance: FloatArray = np.asarray(np.linalg.inv(information), dtype=np.float64)
    count, dof = None, np.inf
    if clusters is not None:
        codes, count = as_codes(clusters)
        covariance, dof = _robust(y, design, n, (ability, covariance), (codes, count))
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    half = t_quantile(0.5 + level / 2, float(dof)) * error
    table = pd.DataFrame({
        "name": list(present.columns), "ability": ability, "standard_error": error, "low": ability - half, "high": ability + half,
        "won_count": (design * (n * y)[:, None]).sum(axis=0).astype(int), "contest_count": (design * n[:, None]).sum(axis=0).astype(int),
    })  # fmt: skip
    return Contests(rivals=table, covariance=covariance, dof=float(dof), clusters=count, few_clusters=count is not None and count < FEW_CLUSTERS, level=level)


def _scores(design: FloatArray, ability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Chance to win, and each rival's part of the strength against us, per contest."""
    strength = design * np.exp(np.clip(ability, -30, 30))
    against = strength.sum(axis=1)
    return 1 / (1 + against), strength / against[:, None]


def _climb(y: FloatArray, design: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fisher scoring with halved steps; abilities and the expected information."""
    ability = np.zeros(design.shape[1])
    likelihood = _log_likelihood(y, design, n, ability)
    for _ in range(200):
        chance, within = _scores(design, ability)
        information = (within * (n * chance * (1 - chance))[:, None]).T @ within
        gradient = within.T @ (n * (chance - y))
        try:
            step = np.clip(np.linalg.solve(information, gradient), -2.0, 2.0)
        except np.linalg.LinAlgError as error:
            raise CannotEstimate("separation") from error
        size = 1.0
        while size > 1e-6 and _log_likelihood(y, design, n, ability + size * step) < likelihood - 1e-10:
            size /= 2
        ability = ability + size * step
        likelihood = _log_likelihood(y, design, n, ability)
        if float(np.abs(step).max()) < 1e-8:
            return ability, information
        if float(np.abs(ability).max()) > 15:
            raise CannotEstimate("separation")
    raise CannotEstimate("not_converged")


def _log_likelihood(y: FloatArray, design: FloatArray, n: FloatArray, ability: FloatArray) -> float:
    against = design @ np.exp(np.clip(ability, -30, 30))
    return float((n * ((1 - y) * np.log(against) - np.log1p(against))).sum())


def _robust(
    y: FloatArray, design: FloatArray, n: FloatArray, fit: tuple[FloatArray, FloatArray], grouping: tuple[Any, int]
) -> tuple[FloatArray, float]:
    """Sandwich over clusters; degrees of freedom from how evenly the contests are spread over them."""
    ability, inverse = fit
    codes, count = grouping
    if count < 2:
        return inverse, np.inf
    chance, within = _scores(design, ability)
    sums = np.zeros((count, design.shape[1]))
    np.add.at(sums, codes, within * (n * (chance - y))[:, None])
    sizes = np.bincount(codes, n, minlength=count)
    effective = float(sizes.sum() ** 2 / (sizes @ sizes))
    robust = inverse @ (sums.T @ sums) @ inverse * count / (count - 1)
    if effective < FEW_CLUSTERS and float(np.trace(robust)) < float(np.trace(inverse)):
        return inverse, np.inf
    return np.asarray(robust, dtype=np.float64), max(effective - 1.0, 1.0)
