"""A table and its mapping to rows of one frame: select, look up, melt, translate values, read numbers and dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from workbook.frames import FRAMES
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import ColumnMap
from workbook.sources.money import currency_column, header_factor
from workbook.sources.names import nearest, normalise
from workbook.sources.recognise import Assignment
from workbook.sources.select import select
from workbook.sources.styles import MELTED, Styles, Wanted, find_styles
from workbook.sources.table import RawTable
from workbook.sources.translate import kind_in, noted, translated, without_tokens
from workbook.sources.typing_cells import typed
from workbook.text import msg


@dataclass
class Piece:
    """The rows that one table gives to one frame: typed columns, helpers, attributes, `source_file`, `source_line`."""

    assignment: Assignment
    data: pd.DataFrame
    styles: Styles
    own: dict[str, ColumnMap] = field(default_factory=dict)

    @property
    def attributes(self) -> list[str]:
        """The firm's own columns that the table has."""
        return [name for name in self.own if name in self.data]

    @property
    def frame(self) -> str:
        """The frame's name."""
        return self.assignment.frame

    @property
    def file(self) -> str:
        """The table's name."""
        return self.assignment.table.file


def shape(assignment: Assignment, tables: Sequence[RawTable], attributes: dict[str, ColumnMap], ledger: Ledger) -> Piece:
    """Return the rows of one assignment. attributes: the firm's own columns to keep (name → where from).

    Raises `DataError` on a date column that reads both ways.
    """
    table, frame, block = assignment.table, assignment.frame, assignment.block
    maps = {**block.columns, **attributes}
    headings = {**assignment.found, **_attribute_headings(table, attributes)}
    text, rows = select(assignment, headings, maps, tables)
    text = without_tokens(text, assignment, maps, ledger)
    text = translated(text, assignment, maps, ledger)
    text = noted(text, assignment)
    melted = assignment.block.melt.value if assignment.block.melt is not None else ""
    wanted = [
        Wanted(ours, header, kind_in(frame, ours, maps), maps.get(ours, ColumnMap()), tuple(map(str, text[ours].dropna().unique())))
        for ours in text.columns
        if (header := headings.get(ours, MELTED if ours == melted else ""))
    ]
    defaults = {"decimal": assignment.mapping.decimal, "date_style": assignment.mapping.date_style}
    styles = find_styles(table, wanted, defaults, ledger)
    place = pd.DataFrame({"source_file": table.file, "source_line": table.lines[rows]}, index=text.index)
    data = typed(text, (frame, maps, styles, place), ledger)
    _currencies(data, text, assignment, headings)
    for ours, header in headings.items():
        if (factor := header_factor(header)) != 1 and ours in data and kind_in(frame, ours, maps) == "money":
            data[ours] = data[ours] * factor
            ledger.repair(
                "unit in the heading",
                f"{frame}.{ours}",
                int(data[ours].notna().sum()),
                example=(header, f"× {factor:g}"),
                file=table.file,
            )
    return Piece(assignment, pd.concat([data, place], axis=1), styles, attributes)


def _attribute_headings(table: RawTable, attributes: dict[str, ColumnMap]) -> dict[str, str]:
    headings = {normalise(header): header for header in reversed(table.header)}
    return {
        ours: headings[normalise(name)]
        for ours, column in attributes.items()
        for name in column.from_[:1]
        if normalise(name) in headings
    }


def _currencies(data: pd.DataFrame, text: pd.DataFrame, assignment: Assignment, headings: dict[str, str]) -> None:
    """Fill `currency` from signs in cells or headings where no column carries it."""
    frame = FRAMES[assignment.frame]
    if "currency" not in frame.names:
        return
    amounts = [c.name for c in frame.columns if c.kind == "money" and c.name in data]
    for ours in amounts:
        stated = assignment.block.columns.get(ours, ColumnMap()).currency
        found = currency_column(text[ours], headings.get(ours, ""), stated)
        if "currency" in data:
            data["currency"] = data["currency"].where(data["currency"].notna(), found)
        else:
            data["currency"] = found


def lacking_columns(assignment: Assignment, ledger: Ledger) -> None:
    """Flag headings that the mapping names and the file does not have."""
    for name in assignment.lacking:
        taken = {normalise(their) for column in assignment.block.columns.values() for their in column.from_}
        if len(assignment.block.columns) and normalise(name) in taken:
            owner = next(ours for ours, column in assignment.block.columns.items() if name in column.from_)
            if owner in assignment.found:
                continue
        near = nearest(name, assignment.table.header)
        message = (
            msg("the mapping names a column {column}, which the file lacks; did it become {near}?", column=name, near=near)
            if near
            else msg("the mapping names a column {column}, which the file lacks", column=name)
        )
        ledger.flag(
            "columns of the mapping not found",
            assignment.frame,
            message,
            [(assignment.table.file, assignment.table.header_line, "", name)],
        )
