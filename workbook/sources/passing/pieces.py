"""What each file gives to its frame, and the pieces of a frame under one another, as `assemble` puts them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbook.frames import FRAMES
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import HELPERS
from workbook.sources.own_columns import own_columns
from workbook.sources.passing.cells import Reader
from workbook.sources.passing.engine import Engine, literal, quoted
from workbook.sources.passing.frame import FILE, PLACE, PassingFrame, listed, sql_type
from workbook.sources.passing.outcome import settle_conversion, settle_outcome
from workbook.sources.passing.parquet import LINE, ParquetFile
from workbook.sources.passing.rows import letters_of
from workbook.sources.passing.unfit import Unfit
from workbook.sources.recognise import Assignment
from workbook.text import msg


@dataclass(frozen=True, slots=True)
class PassingPiece:
    """The rows that one file gives to one frame. rows: a view as a frame's, but for `_file`; `_place` is among these rows.

    places: the highest place; is_gapless: there is a row at each. has_key: the file has the frame's first key. crm: by which mapping it was read.
    """

    file: str
    crm: str
    rows: PassingFrame
    places: int
    is_gapless: bool
    has_key: bool


def read_piece(file: ParquetFile, assignment: Assignment, ledger: Ledger) -> PassingPiece:
    """Take a file's rows for its frame, read as the way through text reads them. Raises `Unfit`."""
    name = assignment.frame
    own = own_columns(assignment, set(assignment.found.values()), ledger, file.look)
    headings = {**assignment.found, **{ours: column.from_[0] for ours, column in own.items()}}
    reader = Reader(file, assignment, {**assignment.block.columns, **own}, headings, ledger)
    cells = reader.read()
    declared = [f"{cells.get(column, f'NULL::{sql_type(name, column)}')} AS {quoted(column)}" for column in FRAMES[name].names]
    helpers = tuple(helper for helper in HELPERS.get(name, {}) if helper in headings)
    others = [f"{cells[column]} AS {quoted(column)}" for column in (*own, *helpers)]
    rows = PassingFrame(name, file.engine, quoted(f"{name}_of_{file.view}"), {ours: str(column.type) for ours, column in own.items()}, helpers)
    file.engine.do(f"CREATE TEMP VIEW {rows.view} AS SELECT {', '.join([*declared, *others, LINE])}, {LINE} - {file.written.header_line} AS {PLACE} FROM {file.view}")
    if name == "opportunities":
        settle_outcome(rows, reader)
    elif name == "leads":
        settle_conversion(rows)
    return PassingPiece(file.name, assignment.crm, rows, file.rows, not file.not_data, rows.key[0] in assignment.found)


def assembled(pieces: Iterable[PassingPiece], engine: Engine) -> dict[str, PassingFrame]:
    """Put the pieces of each frame under one another, and number rows that have no id. Raises `Unfit` where two CRMs fill one."""
    by_frame: dict[str, list[PassingPiece]] = {}
    for piece in pieces:
        by_frame.setdefault(piece.rows.name, []).append(piece)
    return {name: _joined(name, by_frame[name], engine) for name in FRAMES if name in by_frame}


def _joined(name: str, pieces: list[PassingPiece], engine: Engine) -> PassingFrame:
    if len({piece.crm for piece in pieces}) > 1:
        raise Unfit(msg("the rows of {frame} come from several CRMs", frame=name), name)
    own = list(dict.fromkeys(attribute for piece in pieces for attribute in piece.rows.attributes))
    helpers = tuple(dict.fromkeys(helper for piece in pieces for helper in piece.rows.helpers))
    frame = PassingFrame(name, engine, quoted(name), {attribute: _kind(attribute, pieces) for attribute in own}, helpers)
    parts, before = [], 0
    for piece in pieces:
        others = [f"{_own(attribute, piece, frame)} AS {quoted(attribute)}" for attribute in own]
        others += [quoted(helper) if helper in piece.rows.helpers else f"NULL::{sql_type(name, helper)} AS {quoted(helper)}" for helper in helpers]
        columns = ", ".join([*map(quoted, FRAMES[name].names), *others])
        parts.append(f"SELECT {columns}, {literal(piece.file)} AS {FILE}, {LINE}, {PLACE} + {before} AS {PLACE} FROM {piece.rows.view}")
        before += piece.places
    engine.do(f"CREATE TEMP VIEW {frame.view} AS {' UNION ALL '.join(parts)}")
    _make_ids(frame, pieces)
    return frame


def _kind(attribute: str, pieces: list[PassingPiece]) -> str:
    """Return an attribute's kind: a number where it is one in each file; a file that lacks it goes by its other ones."""
    kinds = (piece.rows.attributes.get(attribute) or ("number" if "number" in piece.rows.attributes.values() else "text") for piece in pieces)
    return "number" if all(kind == "number" for kind in kinds) else "text"


def _own(attribute: str, piece: PassingPiece, frame: PassingFrame) -> str:
    """Return an attribute of a piece as SQL: numbers beside text become text."""
    before, after = piece.rows.attributes.get(attribute), frame.attributes[attribute]
    if before is None:
        return "NULL::DOUBLE" if after == "number" else "NULL::VARCHAR"
    return quoted(attribute) if before == after else f"format('{{:g}}', {quoted(attribute)})"


def _make_ids(frame: PassingFrame, pieces: list[PassingPiece]) -> None:
    """Number the rows of files that carry no id of their frame; an account's id is made of its name. Raises `Unfit` where such deals are alike."""
    key = frame.key[0]
    without = [piece.file for piece in pieces if not piece.has_key]
    if frame.name == "accounts":
        if frame.filled[key] < frame.rows:
            frame.replace(key, f"coalesce({key}, {letters_of('name')})")
    elif without and len(frame.key) == 1 and key.endswith("_id") and not frame.columns[0].references:
        if frame.name == "opportunities":
            _refuse_alike(frame, without)
        number = PLACE if all(piece.is_gapless for piece in pieces) else f"row_number() OVER (ORDER BY {PLACE})"
        prefix = "" if len(without) == len(pieces) else "row-"
        frame.replace(key, f"CASE WHEN {FILE} IN ({listed(without)}) THEN {literal(prefix)} || ({number})::VARCHAR ELSE {key} END")


def _refuse_alike(deals: PassingFrame, without: list[str]) -> None:
    """Stop at deals without an id that are alike cell for cell, which may be told by two exports. without: their files."""
    cells = ", ".join(quoted(name) for name in deals.names if name not in ("opportunity_id", "modified_on"))
    here = f"name IS NOT NULL AND {FILE} IN ({listed(without)})"
    twice = deals.engine.row(f"SELECT count(*) - count(DISTINCT hash({cells})) FROM {deals.view} WHERE {here}")[0]
    if twice:
        raise Unfit(msg("{n} lines lack what they need, or are there twice", n=twice), deals.name)
