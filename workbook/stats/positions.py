"""How firmly a map of rows and columns stands: correspondence analysis of counts per respondent, resampled.

Each resample of respondents gives a map of its own; it is turned onto the first one (orthogonal Procrustes, no stretching:
Schönemann 1966) and the scatter of a point gives its ellipse (Greenacre 2017, ch. 29; Ringrose 2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, chi2_tail
from workbook.stats.correspondence import correspondence
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level

AXES = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Positions:
    """Points on two axes with the scatter of each row's point.

    rows: one row per row of the table: axis_1, axis_2, variance_1, variance_2, covariance, quality (share of its distance to the
    centre that the two axes show), p_value (of lying at the centre, where the average profile is). columns: axis_1, axis_2,
    quality. pairs: one row per pair of rows: first, second, distance, p_value (of lying at one place). share: of all inertia per
    axis. radius: factor on the square roots of the eigenvalues that makes the ellipse of `level`. respondents: behind it.
    """

    rows: pd.DataFrame
    columns: pd.DataFrame
    pairs: pd.DataFrame
    share: FloatArray
    radius: float
    level: float
    respondents: int


def positions(counts: FloatArray, row_names: list[Any], column_names: list[Any], seed: int, draws: int = 1000, level: float = 0.95) -> Positions:
    """Map rows and columns. counts: respondent × row × column, not negative, known.

    Raises `CannotEstimate`: those of `correspondence`; too_few_observations (under three rows or columns, or under ten
    respondents); `ValueError` on other shapes.
    """
    check_level(level)
    if counts.ndim != 3 or counts.shape[1:] != (len(row_names), len(column_names)):
        raise ValueError("counts must be respondent × row × column")
    if min(counts.shape[1:]) < 3 or len(counts) < 10:
        raise CannotEstimate("too_few_observations", f"{counts.shape[0]} respondents, {counts.shape[1]} rows, {counts.shape[2]} columns")
    whole = counts.sum(axis=0)
    if (whole.sum(axis=0) <= 0).any() or (whole.sum(axis=1) <= 0).any():
        raise CannotEstimate("too_few_observations", "a row or a column without counts")
    fit = correspondence(pd.DataFrame(whole, index=row_names, columns=column_names))
    if len(fit.inertia) < AXES:
        raise CannotEstimate("no_variation", "all profiles lie on one line")
    names = [f"axis_{axis + 1}" for axis in range(AXES)]
    first = np.vstack([fit.rows[names].to_numpy(), fit.columns[names].to_numpy()])
    drawn = _resampled(counts, first, seed, draws)[:, : len(row_names)]
    place = first[: len(row_names)]
    scatter = np.einsum("dra,drb->rab", drawn - drawn.mean(axis=0), drawn - drawn.mean(axis=0)) / (draws - 1)
    rows = fit.rows[names].assign(
        variance_1=scatter[:, 0, 0], variance_2=scatter[:, 1, 1], covariance=scatter[:, 0, 1], quality=_quality(fit.rows),
        p_value=[_at_zero(at, spread) for at, spread in zip(place, scatter, strict=True)],
    )  # fmt: skip
    columns = fit.columns[names].assign(quality=_quality(fit.columns))
    pairs = _pairs(place, drawn, row_names)
    return Positions(rows=rows, columns=columns, pairs=pairs, share=fit.share, radius=math.sqrt(-2 * math.log(1 - level)),
                     level=level, respondents=len(counts))  # fmt: skip


def _quality(points: pd.DataFrame) -> FloatArray:
    squares = points.to_numpy() ** 2
    return np.asarray(squares[:, :AXES].sum(axis=1) / squares.sum(axis=1))


def _resampled(counts: FloatArray, first: FloatArray, seed: int, draws: int) -> FloatArray:
    """Coordinates of rows, then columns, of every resample, turned onto the first map. Draw × point × axis."""
    people = len(counts)
    weights = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=draws).astype(float)
    tables = (weights @ counts.reshape(people, -1)).reshape(draws, *counts.shape[1:])
    share = tables / tables.sum(axis=(1, 2), keepdims=True)
    row, column = (np.maximum(share.sum(axis=axis), 1e-12) for axis in (2, 1))
    expected = row[:, :, None] * column[:, None, :]
    left, size, right = np.linalg.svd((share - expected) / np.sqrt(expected), full_matrices=False)
    of_rows = left[:, :, :AXES] * size[:, None, :AXES] / np.sqrt(row)[:, :, None]
    of_columns = right[:, :AXES].transpose(0, 2, 1) * size[:, None, :AXES] / np.sqrt(column)[:, :, None]
    points = np.concatenate([of_rows, of_columns], axis=1)
    u, _, v = np.linalg.svd(np.einsum("dpa,pb->dab", points, first))
    return np.asarray(points @ (u @ v))


def _at_zero(at: FloatArray, scatter: FloatArray) -> float:
    """P-value of a point being at zero: chi-square with two degrees of freedom."""
    return chi2_tail(float(at @ np.linalg.pinv(scatter) @ at), 2.0)


def _pairs(place: FloatArray, drawn: FloatArray, names: list[Any]) -> pd.DataFrame:
    rows = []
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            gap = drawn[:, i] - drawn[:, j]
            at = place[i] - place[j]
            rows.append((names[i], names[j], float(np.hypot(*at)), _at_zero(at, np.cov(gap, rowvar=False))))
    return pd.DataFrame(rows, columns=["first", "second", "distance", "p_value"])
