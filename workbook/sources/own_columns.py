"""Columns that no canonical one takes: kept as the firm's own attributes where usable, listed otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from workbook.frames import FRAMES
from workbook.sources import dates, numbers
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import HELPERS, ColumnMap
from workbook.sources.names import nearest, normalise, snake_case
from workbook.sources.persons import cells_name_persons, heading_names_persons
from workbook.sources.recognise import Assignment
from workbook.sources.record import UnmappedColumn, sentence
from workbook.sources.table import RawTable
from workbook.text import Message, msg

_CARRIERS = ("opportunities", "accounts", "leads")
_RESERVED = {"source_file", "source_line", "file_row_number"}  # the last is the engine's own
_NAMING = ("owner_id",)  # columns whose cells are persons
MOST_VALUES = 50
MOST_KNOWN = 500  # so many distinct values are looked at, to know persons by


@dataclass(frozen=True, slots=True)
class Cells:
    """What the cells of a column are like. values: the distinct ones in order; nobody asks for them where there are more than 500."""

    rows: int
    filled: int
    distinct: int
    values: tuple[str, ...]

    @property
    def known(self) -> tuple[str, ...]:
        """The distinct values where there are few enough to be looked at one by one."""
        return self.values if self.distinct <= MOST_KNOWN else ()


def cells_of(table: RawTable, header: str) -> Cells:
    """Look at a column of a table."""
    column = table.cells[header]
    values = tuple(str(value) for value in column.dropna().unique())
    return Cells(len(column), int(column.notna().sum()), len(values), values)


def own_columns(
    assignment: Assignment, used: set[str], ledger: Ledger, look: Callable[[RawTable, str], Cells] = cells_of
) -> dict[str, ColumnMap]:
    """Return the attributes that an assignment keeps (name → where from); note the columns that nothing takes.

    used: headings that this or another assignment of the same table takes. look: how a column is looked at.
    """
    table, frame = assignment.table, assignment.frame
    kept = dict(assignment.block.attributes)
    taken = set(used) | {normalise(name) for column in kept.values() for name in column.from_}
    others = {header: look(table, header) for header in table.header if normalise(header) not in taken and header not in taken}
    persons = _persons(assignment, others, look)
    for header, cells in others.items():
        is_usable_here = assignment.block.keep_others and frame in _CARRIERS and is_usable(cells)
        reason = _names_persons(header, cells, persons) if is_usable_here else None
        name = _free_name(header, frame, kept) if is_usable_here and reason is None else ""
        if name:
            kind = "number" if _is_numeric(cells) else "text"
            kept[name] = ColumnMap.model_validate({"from": [header], "type": kind})
        ledger.unmapped.append(
            UnmappedColumn(
                file=table.file,
                column=header,
                filled=cells.filled,
                distinct=cells.distinct,
                suggestion=nearest(header, FRAMES[frame].names, 0.82) or "",
                attribute=name,
                reason=None if reason is None else sentence(reason),
            )
        )
    return {name: _with_kind(table, column, look) for name, column in kept.items()}


def _persons(assignment: Assignment, others: dict[str, Cells], look: Callable[[RawTable, str], Cells]) -> set[str]:
    """Return the normalised names of persons that the table's columns for them hold."""
    naming = [look(assignment.table, header) for ours, header in assignment.found.items() if ours in _NAMING]
    naming += [cells for header, cells in others.items() if heading_names_persons(header, cells.known)]
    return {normalise(value) for cells in naming for value in cells.known}


def _names_persons(header: str, cells: Cells, persons: set[str]) -> Message | None:
    """Return why a column is not kept if its cells tell persons apart."""
    if heading_names_persons(header, cells.values):
        return msg("its heading says that it names persons")
    if cells_name_persons(cells.values, persons):
        return msg("its cells are names, addresses or telephone numbers of persons")
    return None


def is_usable(cells: Cells) -> bool:
    """Tell whether a column can serve as an attribute: 2–50 distinct values, filled, no dates."""
    filled, distinct = cells.filled, cells.distinct
    if not 2 <= distinct <= MOST_VALUES or distinct > max(2, 0.5 * filled) or filled < min(20, 0.1 * cells.rows):
        return False
    dated = sum(dates.style_of(value) is not None and not numbers.is_number(value) for value in cells.values)
    return 2 * dated < len(cells.values)


def _is_numeric(cells: Cells) -> bool:
    has_zero_ahead = any(len(value) > 1 and value[0] == "0" and value.isdigit() for value in cells.values)
    return bool(cells.values) and not has_zero_ahead and all(numbers.is_number(value) for value in cells.values)


def _with_kind(table: RawTable, column: ColumnMap, look: Callable[[RawTable, str], Cells]) -> ColumnMap:
    if column.type is not None or not column.from_:
        return column
    headings = {normalise(header): header for header in table.header}
    header = headings.get(normalise(column.from_[0]))
    is_number = header is not None and not column.values and _is_numeric(look(table, header))
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
