"""The import, one way: find, read, recognise, shape, put together, merge, resolve, date, check, write."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbook.frames import FRAMES
from workbook.params import RunParams
from workbook.sources.accounting import (
    data_hash,
    file_records,
    frame_records,
    ignored_record,
    refuse_too_many_rejected,
    summed_stages,
)
from workbook.sources.accounts import resolve_accounts
from workbook.sources.amounts import settle_money
from workbook.sources.as_of import AsOf, file_day, find_as_of
from workbook.sources.assemble import Frames, assemble, make_ids, reject_incomplete
from workbook.sources.check import check_frames
from workbook.sources.choose import Chosen, choose
from workbook.sources.files import locate
from workbook.sources.ledger import Ledger, Rejected
from workbook.sources.merge import merge_duplicates, number_lines
from workbook.sources.outcome import with_conversion, with_outcome
from workbook.sources.own_columns import own_columns
from workbook.sources.part import Part, part_of
from workbook.sources.passing.pass_through import pass_through
from workbook.sources.passing.room import refuse_too_large
from workbook.sources.passing.unfit import Unfit
from workbook.sources.record import FileRecord, ImportRecord, MoneyRecord, sentence
from workbook.sources.references import count_joins, mend_references
from workbook.sources.shape import Piece, lacking_columns, shape
from workbook.sources.table import RawTable
from workbook.sources.totals import check_totals
from workbook.sources.twins import merge_twins
from workbook.sources.write import arrow_tables, write_frames, write_lists, write_record
from workbook.text import msg


@dataclass
class Imported:
    """One import before it is written."""

    frames: Frames
    record: ImportRecord
    ledger: Ledger
    chosen: Chosen
    pieces: list[Piece] = field(default_factory=list)


def import_frames(params: RunParams, to: Path) -> ImportRecord:
    """Import what the settings name into `<to>/<frame>.parquet`, with the record and the lists of lines.

    Canonical Parquet passes through; everything else goes through text cells. Raises `DataError` where data are missing or
    unusable, `ParamsError` where the mapping is wrong or `part` names nothing.
    """
    to = Path(to)
    if not params.part:
        return _whole(params, to)
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".whole-", dir=to) as name:
        part = part_of(Part(Path(name), _whole(params, Path(name)), params.memory_limit), params.part, to)
        for path in Path(name).glob("*.csv"):
            path.replace(to / path.name)
    return part.record


def _whole(params: RunParams, to: Path) -> ImportRecord:
    """Import everything, whichever part the settings name."""
    try:
        return pass_through(params, to)
    except Unfit as unfit:
        refuse_too_large(params, unfit)
        return import_text(params, to)


def import_text(params: RunParams, to: Path) -> ImportRecord:
    """Import everything through text cells, in memory. As `import_frames`."""
    done = read_frames(params)
    write_frames(arrow_tables(done.frames), to)
    write_record(done.record, to)
    write_lists(done.ledger, to)
    return done.record


def read_frames(params: RunParams) -> Imported:
    """Import without writing."""
    ledger = Ledger()
    found = locate(params)
    chosen = choose(found, params)
    pieces = _shaped(chosen, ledger)
    frames = assemble(pieces)
    tables = {table.file: table for table in chosen.used}
    make_ids(frames, pieces)
    _note_broken(chosen, ledger)
    derived = _settled(frames, tables, ledger)
    for table in chosen.used:
        check_totals(table, [piece for piece in pieces if piece.file == table.file], ledger)
    money = settle_money(frames, params, ledger)
    as_of = find_as_of(params, frames, chosen.used)
    check_frames(frames, as_of.day, ledger)
    files = [*file_records(chosen.used, pieces, frames, ledger), *_ignored(chosen)]
    refuse_too_many_rejected(files, params, ledger)
    record = _record((frames, money, as_of, files), derived, ledger)
    return Imported(frames, record, ledger, chosen, pieces)


def _shaped(chosen: Chosen, ledger: Ledger) -> list[Piece]:
    pieces = []
    for table in chosen.used:
        mine = [item for item in chosen.assignments if item.table is table]
        looked_up = {name for item in chosen.assignments for join in item.block.join for name in (join.right, *join.take.values())}
        used = {header for item in mine for header in item.found.values()} | _melted_headings(table, mine) | looked_up
        used |= {name for item in mine for column in item.block.attributes.values() for name in column.from_}
        for position, assignment in enumerate(mine):
            others = own_columns(assignment, used, ledger) if position == 0 else dict(assignment.block.attributes)
            lacking_columns(assignment, ledger)
            piece = shape(assignment, chosen.tables, others, ledger)
            if assignment.frame == "opportunities":
                piece.data = with_outcome(piece.data, assignment.mapping.stages, ledger)
            elif assignment.frame == "leads":
                piece.data = with_conversion(piece.data)
            pieces.append(piece)
    return pieces


def _melted_headings(table: RawTable, mine: Sequence[Any]) -> set[str]:
    import re

    found: set[str] = set()
    for item in mine:
        if item.block.melt is not None:
            pattern = re.compile(item.block.melt.pattern, re.I) if item.block.melt.pattern else None
            found |= {h for h in table.header if h in item.block.melt.columns or (pattern is not None and pattern.match(h))}
    return found


def _settled(frames: Frames, tables: dict[str, RawTable], ledger: Ledger) -> set[str]:
    """Reject, merge and resolve; returns the ids of derived accounts."""
    reject_incomplete(frames, tables, ledger)
    newness = {name: (file_day(table, frames), position) for position, (name, table) in enumerate(tables.items())}
    number_lines(frames, ledger)
    merge_duplicates(frames, newness, ledger)
    derived = resolve_accounts(frames, ledger)
    merge_twins(frames, newness, ledger)
    mend_references(frames, ledger)
    return derived


def _note_broken(chosen: Chosen, ledger: Ledger) -> None:
    """Note the lines that could not even be cut into cells, and what stood beside the table."""
    frame_of = {item.table.file: item.frame for item in reversed(chosen.assignments)}
    for table in chosen.used:
        for line, reason, raw in table.broken:
            ledger.rejected.append(Rejected(table.file, line, frame_of[table.file], reason, raw))
        if table.repaired_lines:
            example = (table.encoding, "UTF-8")
            ledger.repair("encoding of single lines", frame_of[table.file], table.repaired_lines, example=example, file=table.file)
        for heading, count, cell in table.trimmed:
            place = f"{frame_of[table.file]}.{heading}"
            ledger.repair("blanks around cells", place, count, example=(repr(cell), repr(cell.strip())), file=table.file)
        if table.ignored_cells:
            message = msg("{n} cells to the right of an empty column were left out, as of a pivot table", n=table.ignored_cells)
            rows = [(table.file, table.header_line, "", "")]
            ledger.flag("cells beside the table", frame_of[table.file], message, rows, count=table.ignored_cells)


def _ignored(chosen: Chosen) -> list[FileRecord]:
    return [ignored_record(path, reason, table) for path, reason, table in chosen.ignored]


def _record(parts: tuple[Frames, MoneyRecord, AsOf, list[FileRecord]], derived: set[str], ledger: Ledger) -> ImportRecord:
    frames, money, as_of, files = parts
    return ImportRecord(
        data_hash=data_hash(files),
        as_of=as_of.day,
        as_of_reason=sentence(as_of.reason),
        files=files,
        frames=frame_records(frames, {name: frame.names for name, frame in FRAMES.items()}),
        repairs=ledger.repairs,
        flags=ledger.flags,
        unmapped_columns=ledger.unmapped,
        stages=summed_stages(ledger),
        assumptions=ledger.assumptions,
        joins=count_joins(frames, derived),
        money=money,
    )
