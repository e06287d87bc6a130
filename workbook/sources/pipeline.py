"""The import, one way: find, read, recognise, shape, put together, merge, resolve, date, check, write."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

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
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import DateStyle
from workbook.sources.merge import merge_duplicates, number_lines
from workbook.sources.part import Part, part_of
from workbook.sources.passing.pass_through import pass_through
from workbook.sources.passing.room import refuse_too_large
from workbook.sources.passing.unfit import Unfit
from workbook.sources.pieces import note_broken, pieces_of
from workbook.sources.record import FileRecord, ImportRecord, MoneyRecord, sentence
from workbook.sources.references import count_joins, mend_references
from workbook.sources.shape import Piece
from workbook.sources.table import RawTable
from workbook.sources.totals import check_totals
from workbook.sources.twins import merge_twins
from workbook.sources.variants import merge_variants
from workbook.sources.write import arrow_tables, write_frames, write_lists, write_record


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

    Canonical Parquet and large strict CSV pass through; everything else goes through text cells. Raises `DataError` where data are missing or
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


def read_frames(params: RunParams, date_style: DateStyle | None = None) -> Imported:
    """Import without writing. date_style: of dates where no mapping says it. Raises as `import_frames`."""
    ledger = Ledger()
    found = locate(params)
    chosen = choose(found, params)
    chosen.assignments = [item.with_dates(date_style) for item in chosen.assignments]
    pieces = [piece for table in chosen.used for piece in pieces_of(table, chosen.assignments, chosen.tables, ledger)]
    frames = assemble(pieces)
    tables = {table.file: table for table in chosen.used}
    make_ids(frames, pieces)
    note_broken(chosen.used, chosen.assignments, ledger)
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


def _settled(frames: Frames, tables: dict[str, RawTable], ledger: Ledger) -> set[str]:
    """Reject, merge and resolve; returns the ids of derived accounts."""
    merge_variants(frames, ledger)
    reject_incomplete(frames, tables, ledger)
    newness = {name: (file_day(table, frames), position) for position, (name, table) in enumerate(tables.items())}
    number_lines(frames, ledger)
    merge_duplicates(frames, newness, ledger)
    derived = resolve_accounts(frames, ledger)
    merge_twins(frames, newness, ledger)
    mend_references(frames, ledger)
    return derived


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
