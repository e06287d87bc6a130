"""Who beats whom: abilities from paired comparisons (Bradley & Terry 1952), by maximum likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, normal_quantile
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
