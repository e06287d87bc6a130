"""Columns that no canonical one takes: kept as the firm's own attributes where usable, listed otherwise."""

from __future__ import annotations

import pandas as pd

from workbook.frames import FRAMES
from workbook.sources import dates, numbers
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import HELPERS, ColumnMap
from workbook.sources.names import nearest, normalise, snake_case
from workbook.sources.recognise import Assignment
from workbook.sources.record import UnmappedColumn
from workbook.sources.table import RawTable

_CARRIERS = ("opportunities", "accounts", "leads")
_RESERVED = {"source_file", "source_line"}


def own_columns(assignment: Assignment, used: set[str], ledger: Ledger) -> dict[str, ColumnMap]:
    """Return the attributes that an assignment keeps (name → where from); note the columns that nothing takes.

    used: headings that this or another assignment of the same table takes.
    """
    table, frame = assignment.table, assignment.frame
    kept = dict(assignment.block.attributes)
    taken = set(used) | {normalise(name) for column in kept.values() for name in column.from_}
    for header in table.header:
        if normalise(header) in taken or header in taken:
            continue
        filled, distinct = int(table.cells[header].notna().sum()), int(table.cells[header].nunique())
        name = ""
        if assignment.block.keep_others and frame in _CARRIERS and is_usable(table, header):
            name = _free_name(header, frame, kept)
            kind = "number" if _is_numeric(table, header) else "text"
            kept[name] = ColumnMap.model_validate({"from": [header], "type": kind})
        near = nearest(header, FRAMES[frame].names, 0.82) or ""
        ledger.unmapped.append(
            UnmappedColumn(file=table.file, column=header, filled=filled, distinct=distinct, suggestion=near, attribute=name)
        )
    return {name: _with_kind(table, column) for name, column in kept.items()}


def is_usable(table: RawTable, header: str) -> bool:
    """Tell whether a column can serve as an attribute: 2–50 distinct values, filled, no dates."""
    column = table.cells[header]
    filled, distinct = int(column.notna().sum()), int(column.nunique())
    if not 2 <= distinct <= 50 or distinct > max(2, 0.5 * filled) or filled < min(20, 0.1 * len(column)):
        return False
    sample = [str(value) for value in column.dropna().unique()]
    return 2 * sum(dates.style_of(value) is not None and not numbers.is_number(value) for value in sample) < len(sample)


def _is_numeric(table: RawTable, header: str) -> bool:
    sample = [str(value) for value in table.cells[header].dropna().unique()]
    has_zero_ahead = any(len(value) > 1 and value[0] == "0" and value.isdigit() for value in sample)
    return bool(sample) and not has_zero_ahead and all(numbers.is_number(value) for value in sample)


def _with_kind(table: RawTable, column: ColumnMap) -> ColumnMap:
    if column.type is not None or not column.from_:
        return column
    headings = {normalise(header): header for header in table.header}
    header = headings.get(normalise(column.from_[0]))
    is_number = header is not None and not column.values and _is_numeric(table, header)
    return column.model_copy(update={"type": "number" if is_number else "text"})


def _free_name(header: str, frame: str, kept: dict[str, ColumnMap]) -> str:
    name = snake_case(header) or "column"
    taken = {*FRAMES[frame].names, *HELPERS.get(frame, {}), *kept, *_RESERVED}
    if name not in taken:
        return name
    numbered = (f"own_{name}" if i == 1 else f"own_{name}_{i}" for i in range(1, 1000))
    return next(candidate for candidate in numbered if candidate not in taken)


def as_attributes(data: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the frame with its attributes as double where every piece has numbers, else as text."""
    data = data.copy()
    for name in names:
        if not pd.api.types.is_float_dtype(data[name]):
            data[name] = data[name].map(lambda v: f"{v:g}" if isinstance(v, float) else v, na_action="ignore").astype("str")
    return data
