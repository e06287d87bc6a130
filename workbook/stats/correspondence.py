"""Which rows of a table go with which columns: correspondence analysis. Greenacre 2007."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray
from workbook.stats.errors import CannotEstimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correspondence:
    """Map of a table of counts.

    inertia: principal inertia per axis, largest first; adds up to chi-square / n. share: part of all inertia
    per axis. rows, columns: principal coordinates, one row per row (column) of the table, columns axis_1,
    axis_2 ...; the largest coordinate of every axis is positive among the columns. n: sum of the table.
    left_out: empty rows and columns, which have no profile.
    """

    inertia: FloatArray
    share: FloatArray
    rows: pd.DataFrame
    columns: pd.DataFrame
    n: float
    left_out: tuple[str, ...]


def correspondence(table: pd.DataFrame) -> Correspondence:
    """Analyse a table of counts, rows x columns, labels in index and columns.

    Raises `CannotEstimate`: no_observations, too_few_observations (under two rows or columns with counts),
    no_variation (all rows have the same profile); `ValueError` for negative or missing counts.
    """
    counts = table.to_numpy(dtype="float64")
    if not bool((np.isfinite(counts) & (counts >= 0)).all()):
        raise ValueError("counts must be known and not negative")
    total = float(counts.sum())
    if total == 0:
        raise CannotEstimate("no_observations")
    has_row, has_column = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
    share = counts[has_row][:, has_column] / total
    if min(share.shape) < 2:
        raise CannotEstimate(
            "too_few_observations", f"{share.shape[0]} rows, {share.shape[1]} columns with counts"
        )
    row, column = share.sum(axis=1), share.sum(axis=0)
    residual = (share - np.outer(row, column)) / np.sqrt(np.outer(row, column))
    left, size, right = np.linalg.svd(residual, full_matrices=False)
    kept = int((size > 1e-9).sum())
    if kept == 0:
        raise CannotEstimate("no_variation")
    axes, inertia = [f"axis_{i + 1}" for i in range(kept)], size[:kept] ** 2
    of_rows = left[:, :kept] * size[:kept] / np.sqrt(row)[:, None]
    of_columns = right[:kept].T * size[:kept] / np.sqrt(column)[:, None]
    sign = np.sign(of_columns[np.abs(of_columns).argmax(axis=0), np.arange(kept)])
    gone = [str(name) for name in [*table.index[~has_row], *table.columns[~has_column]]]
    return Correspondence(
        inertia=inertia, share=inertia / inertia.sum(), n=total, left_out=tuple(gone),
        rows=pd.DataFrame(of_rows * sign, index=table.index[has_row], columns=axes),
        columns=pd.DataFrame(of_columns * sign, index=table.columns[has_column], columns=axes),
    )  # fmt: skip
