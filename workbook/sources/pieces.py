"""What a table gives to the frames that it fills, and what is said of lines that could not be cut into cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from workbook.sources.deleted import note_deleted
from workbook.sources.ledger import Ledger, Rejected
from workbook.sources.outcome import with_conversion, with_outcome
from workbook.sources.own_columns import own_columns
from workbook.sources.recognise import Assignment
from workbook.sources.shape import Piece, lacking_columns, shape
from workbook.sources.table import RawTable
from workbook.text import msg


def pieces_of(table: RawTable, assignments: Sequence[Assignment], tables: Sequence[RawTable], ledger: Ledger) -> list[Piece]:
    """Return the rows that a table gives, one piece for each of its assignments. assignments, tables: all that there are."""
    mine = [item for item in assignments if item.table is table]
    looked_up = {name for item in assignments for join in item.block.join for name in (join.right, *join.take.values())}
    used = {header for item in mine for header in item.found.values()} | _melted_headings(table, mine) | looked_up
    used |= {name for item in mine for column in item.block.attributes.values() for name in column.from_}
    pieces = []
    for position, assignment in enumerate(mine):
        others = own_columns(assignment, used, ledger) if position == 0 else dict(assignment.block.attributes)
        lacking_columns(assignment, ledger)
        piece = shape(assignment, tables, others, ledger)
        if assignment.frame == "opportunities":
            piece.data = with_outcome(piece.data, assignment, ledger)
        elif assignment.frame == "leads":
            piece.data = with_conversion(piece.data)
        pieces.append(piece)
    return pieces


def _melted_headings(table: RawTable, mine: Sequence[Assignment]) -> set[str]:
    found: set[str] = set()
    for item in mine:
        if item.block.melt is not None:
            pattern = re.compile(item.block.melt.pattern, re.I) if item.block.melt.pattern else None
            found |= {h for h in table.header if h in item.block.melt.columns or (pattern is not None and pattern.match(h))}
    return found


def note_broken(tables: Iterable[RawTable], assignments: Sequence[Assignment], ledger: Ledger) -> None:
    """Note the lines that could not even be cut into cells, and what stood beside the table."""
    frame_of = {item.table.file: item.frame for item in reversed(assignments)}
    for table in tables:
        for line, reason, raw in table.broken:
            ledger.rejected.append(Rejected(table.file, line, frame_of[table.file], reason, raw))
        if table.repaired_lines:
            example = (table.encoding, "UTF-8")
            ledger.repair("encoding of single lines", frame_of[table.file], table.repaired_lines, example=example, file=table.file)
        note_blanks(table.trimmed, table.file, frame_of[table.file], ledger)
        note_deleted(table.deleted, table.file, frame_of[table.file], ledger)
        if table.ignored_cells:
            message = msg("{n} cells to the right of an empty column were left out, as of a pivot table", n=table.ignored_cells)
            rows = [(table.file, table.header_line, "", "")]
            ledger.flag("cells beside the table", frame_of[table.file], message, rows, count=table.ignored_cells)


def note_blanks(trimmed: Iterable[tuple[str, int, str]], file: str, frame: str, ledger: Ledger) -> None:
    """Note where blanks round cells were cut off. trimmed: as a `RawTable` has it."""
    for heading, count, cell in trimmed:
        ledger.repair("blanks around cells", f"{frame}.{heading}", count, example=(repr(cell), repr(cell.strip())), file=file)
