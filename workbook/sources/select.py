"""A table's cells under our columns: taken, looked up in other files, melted from columns into rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbook.errors import DataError
from workbook.sources.mapping import ColumnMap, MeltMap
from workbook.sources.names import normalise
from workbook.sources.recognise import Assignment, matches
from workbook.sources.styles import MELTED
from workbook.sources.table import RawTable
from workbook.text import msg


def select(
    assignment: Assignment, headings: dict[str, str], maps: dict[str, ColumnMap], tables: Sequence[RawTable]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the text of each of our columns, and the table's row behind each row."""
    table, block = assignment.table, assignment.block
    text = pd.DataFrame({ours: table.cells[header] for ours, header in headings.items()}, index=table.cells.index)
    for join in block.join:
        looked_up = _look_up(table, join.file, tables)
        right = looked_up.cells.drop_duplicates(join.right).set_index(join.right)
        for ours, their in join.take.items():
            text[ours] = table.cells[join.left].map(right[their])
    rows = np.arange(len(text))
    if block.melt is not None:
        text, rows = _melt(text, table, block.melt)
    for ours, column in maps.items():
        if column.constant is not None and ours not in text:
            text[ours] = str(column.constant)
    needed = block.when or (block.melt.value if block.melt is not None else None)
    if needed is not None:
        keep = text[needed].notna().to_numpy() if needed in text else np.zeros(len(text), dtype=bool)
        text, rows = text[keep].reset_index(drop=True), rows[keep]
    return text, rows


def _look_up(table: RawTable, pattern: str, tables: Sequence[RawTable]) -> RawTable:
    for other in tables:
        if matches(other, pattern):
            return other
    raise DataError(
        msg("the mapping looks up in {file}, which is not among the files", file=pattern),
        where=str(table.path),
        mend=msg("Add that file to the folder or take the `join` out of the mapping."),
    )


def _melt(text: pd.DataFrame, table: RawTable, melt: MeltMap) -> tuple[pd.DataFrame, np.ndarray]:
    """Return one row per row and melted column."""
    labels: list[tuple[str, dict[str, str | None]]] = []
    headings = {normalise(header): header for header in reversed(table.header)}
    for their, label in melt.columns.items():
        if normalise(their) in headings:
            labels.append((headings[normalise(their)], {melt.into: label}))
    if melt.pattern:
        pattern = re.compile(melt.pattern, re.I)
        for header in table.header:
            match = pattern.match(header)
            named = match.groupdict() if match else {}
            labels += [(header, {k: v.strip() if v else None for k, v in named.items()})] if match else []
    parts, rows = [], []
    for header, named in labels:
        part = text.copy()
        for ours, label in named.items():
            if ours:
                part[ours] = pd.Series(label, index=part.index, dtype="str")
        part[melt.value] = table.cells[header]
        part[MELTED] = header
        parts.append(part)
        rows.append(np.arange(len(text)))
    if not parts:
        return text.assign(**{melt.value: pd.Series(np.nan, index=text.index, dtype="str")}), np.arange(len(text))
    return pd.concat(parts, ignore_index=True), np.concatenate(rows)
