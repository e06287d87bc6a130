"""Small tables beside large Parquet that cannot pass: read as the way through text reads them, then handed into the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbook.frames import FRAMES
from workbook.sources.accounting import file_records
from workbook.sources.assemble import Frames as TextFrames
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import HELPERS
from workbook.sources.passing.cells import EXACT
from workbook.sources.passing.engine import Engine, literal, quoted
from workbook.sources.passing.frame import FILE, PLACE, Frames, PassingFrame, give
from workbook.sources.passing.parquet import LINE
from workbook.sources.passing.pieces import PassingPiece
from workbook.sources.passing.unfit import Unfit
from workbook.sources.record import FileRecord
from workbook.sources.shape import Piece
from workbook.sources.table import RawTable
from workbook.text import msg


@dataclass(frozen=True, slots=True)
class TextFile:
    """A table that was read cell by cell, and the rows that it gives."""

    sample: RawTable
    pieces: list[Piece]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.sample.file

    def raw(self, lines: Sequence[int]) -> dict[int, str]:
        """Return the text of rows, by line."""
        at = {int(line): row for row, line in enumerate(self.sample.lines)}
        return {line: self.sample.raw(at[line]) for line in lines}

    def record(self, frames: Frames, ledger: Ledger) -> FileRecord:
        """Return the account of the table, from what became of its rows."""
        filled = [name for name in dict.fromkeys(piece.frame for piece in self.pieces) if name in frames]
        left = TextFrames({name: frames[name].pulled(f"{FILE} = {literal(self.name)}") for name in filled})
        (found,) = file_records([self.sample], self.pieces, left, ledger)
        return found


def given(file: TextFile, engine: Engine) -> list[PassingPiece]:
    """Hand a table's rows to the engine. Raises `Unfit` where only the way through text can go on with them."""
    return [_given(piece, engine, f"{file.name} {number}") for number, piece in enumerate(file.pieces)]


def _given(piece: Piece, engine: Engine, table: str) -> PassingPiece:
    name, data = piece.frame, piece.data
    if "account_name" in data and data["account_name"].notna().any():
        raise Unfit(msg("{file} names accounts by their name", file=piece.file), piece.file)
    money = [column.name for column in FRAMES[name].columns if column.kind == "money" and column.name in data]
    if any(data[column].abs().max() > EXACT / 100 for column in money):
        raise Unfit(msg("it holds numbers that are too large"), piece.file)
    helpers = tuple(helper for helper in HELPERS.get(name, {}) if helper in data)
    kinds = {own: "number" if data[own].dtype == "float64" else "text" for own in piece.attributes}
    rows = PassingFrame(name, engine, quoted(f"{table}_rows"), kinds, helpers)
    placed = data.reindex(columns=[*rows.names, "source_line"]).rename(columns={"source_line": LINE}).assign(**{PLACE: range(1, len(data) + 1)})
    columns = give(rows, placed, table)
    engine.do(f"CREATE TEMP VIEW {rows.view} AS SELECT {columns}, {LINE}, {PLACE} FROM {quoted(table)}")
    return PassingPiece(piece.file, piece.assignment.crm, rows, len(data), is_gapless=True, has_key=rows.key[0] in data)
