"""The passing import, one way: find, recognise, read, reject, merge, link, settle money, date, check, write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from workbook.params import RunParams
from workbook.sources.accounting import data_hash, ignored_record, refuse_too_many_rejected, summed_stages
from workbook.sources.as_of import day_of
from workbook.sources.choose import Chosen, look_at
from workbook.sources.columnar import table_name
from workbook.sources.deleted import note_deleted
from workbook.sources.files import Found, Located, locate
from workbook.sources.ledger import Ledger
from workbook.sources.names import normalise
from workbook.sources.passing.account import file_record, frame_records, newest_event, newest_year
from workbook.sources.passing.accounts import settle_names
from workbook.sources.passing.assign import assigned
from workbook.sources.passing.beside import TextFile, given
from workbook.sources.passing.checks import check_frames
from workbook.sources.passing.deleted import without_deleted
from workbook.sources.passing.engine import Engine, FlaggedRows
from workbook.sources.passing.frame import Frames, Source
from workbook.sources.passing.laid_down import lay_down
from workbook.sources.passing.links import count_links, derive_accounts, mend_links
from workbook.sources.passing.money import settle_money
from workbook.sources.passing.parquet import ParquetFile, open_file
from workbook.sources.passing.pieces import PassingPiece, assembled, read_piece
from workbook.sources.passing.room import are_large_texts, is_text, needed_bytes, refuse_large_beside
from workbook.sources.passing.rows import merge_doubles, number_lines, reject_incomplete
from workbook.sources.passing.text_file import open_text
from workbook.sources.passing.typed_text import typed
from workbook.sources.passing.unfit import Unfit
from workbook.sources.passing.variants import merge_variants
from workbook.sources.passing.write import write_frames
from workbook.sources.pieces import note_blanks, note_broken, pieces_of
from workbook.sources.recognise import Assignment
from workbook.sources.record import FileRecord, ImportRecord, sentence
from workbook.sources.totals import check_totals
from workbook.sources.write import write_lists, write_record
from workbook.text import msg


@dataclass(frozen=True, slots=True)
class _Passed:
    """A file or a table that passes, the rows that it gives, and what was noted of it."""

    file: ParquetFile
    assignment: Assignment
    piece: PassingPiece
    noted: Ledger

    def record(self, frames: Frames, ledger: Ledger) -> FileRecord:
        return file_record(self.file, self.assignment, frames, ledger)


def pass_through(params: RunParams, to: Path) -> ImportRecord:
    """Import canonical Parquet, tables of databases and large strict CSV into `<to>/<frame>.parquet`, with the record and the lists of lines; small
    other tables beside them come along.

    Raises `Unfit` where the data have to go the way through text, `DataError` where they are unusable either way.
    """
    found = locate(params)
    paths = _paths(found, params)
    with Engine(params.memory_limit, to) as engine:
        flagged = FlaggedRows(engine)
        frames = Frames(engine, Ledger(rows=flagged), flagged)
        engine.define_text("normalise", _normalised)
        passed, unfit = _passed(found.located, engine, params)
        if unfit:
            refuse_large_beside(unfit, params)
        chosen = look_at(replace(found, located=[item for item, _ in unfit]), params)
        sources = _in_order(paths, passed, chosen, frames)
        record = _settled(frames, sources, chosen, params)
        write_frames(frames, to)
        write_record(record, to)
        write_lists(frames.ledger, to)
    return record


def _paths(found: Found, params: RunParams) -> list[Path]:
    """Return the files to read, tables of databases by their names. Raises `Unfit` where one is named twice, or a mapping says how to read it."""
    if params.mapping is not None:
        raise Unfit(msg("a mapping says how to read the files"), str(params.mapping))
    paths: list[Path] = []
    for item in found.located:
        if item.source.mapping.endswith((".yaml", ".yml")):
            raise Unfit(msg("a mapping says how to read the files"), item.source.mapping)
        if (path := _path(item)) in paths:
            raise Unfit(msg("two files have the name {file}", file=path.name), str(path))
        paths.append(path)
    return paths


def _path(item: Located) -> Path:
    """Return what stands for a source in the account: a file, or the name of a database's table."""
    return item.path or Path(table_name(item.source))


def _passed(located: list[Located], engine: Engine, params: RunParams) -> tuple[dict[Path, _Passed], list[tuple[Located, Unfit]]]:
    """Return the files and tables that pass, and of the others why they do not. Raises `Unfit` where none passes."""
    passed: dict[Path, _Passed] = {}
    unfit: list[tuple[Located, Unfit]] = []
    with_texts = are_large_texts(located)
    for number, item in enumerate(located):
        try:
            passed[_path(item)] = _read(item, number, engine, params, with_texts)
        except Unfit as error:
            unfit.append((item, error))
    if not passed:
        needed = [needed_bytes(item) for item, _ in unfit]
        raise unfit[needed.index(max(needed))][1]
    return passed, unfit


def _read(item: Located, number: int, engine: Engine, params: RunParams, with_texts: bool) -> _Passed:
    """Read what passes. number: tells it from others; with_texts: a CSV may pass. Raises `Unfit`."""
    path, noted = _path(item), Ledger()
    if with_texts and is_text(item):
        text = without_deleted(open_text(path, engine, number))
        assignment = assigned(text, item, params)
        file: ParquetFile = typed(text, assignment)
    else:
        laid_down = lay_down(item.source, engine.folder / str(number)) if item.path is None else None
        file = without_deleted(open_file(path, engine, number, laid_down))
        assignment = assigned(file, item, params)
    return _Passed(file, assignment, read_piece(file, assignment, noted), noted)


def _in_order(paths: list[Path], passed: dict[Path, _Passed], chosen: Chosen, frames: Frames) -> list[_Passed | TextFile]:
    """Put all rows into frames, file by file in their order, and write down what was noted of each. Raises `Unfit`."""
    sources: list[_Passed | TextFile] = []
    pieces: list[PassingPiece] = []
    for path in paths:
        if path in passed:
            sources.append(passed[path])
            pieces.append(passed[path].piece)
            frames.ledger.take(passed[path].noted)
        for table in [table for table in chosen.used if table.path == path]:
            text = TextFile(table, pieces_of(table, chosen.assignments, chosen.tables, frames.ledger))
            sources.append(text)
            pieces += given(text, frames.engine)
    files: list[Source] = [source.file if isinstance(source, _Passed) else source for source in sources]
    frames.files = {file.name: file for file in files}
    if len(frames.files) < len(files):
        raise Unfit(msg("two files have the same name"), str(paths[0].parent))
    frames.held = assembled(pieces, frames.engine)
    return sources


def _normalised(text: str) -> str:
    return normalise(text)


def _settled(frames: Frames, sources: list[_Passed | TextFile], chosen: Chosen, params: RunParams) -> ImportRecord:
    ledger = frames.ledger
    for source in sources:
        if isinstance(source, TextFile):
            note_broken([source.sample], chosen.assignments, ledger)
        else:
            note_blanks(source.file.trimmed, source.file.name, source.assignment.frame, ledger)
            note_deleted(source.file.deleted, source.file.name, source.assignment.frame, ledger)
    merge_variants(frames)
    reject_incomplete(frames)
    number_lines(frames)
    merge_doubles(frames)
    all_derived = derive_accounts(frames)
    if "accounts" in frames and not all_derived:
        settle_names(frames)
    mend_links(frames)
    for source in sources:
        if isinstance(source, TextFile):
            check_totals(source.sample, source.pieces, ledger)
    money = settle_money(frames, params)
    as_of = day_of(params, [file.sample for file in frames.files.values()], lambda: newest_event(frames), lambda: newest_year(frames))
    joins, lost = count_links(frames, all_derived)
    check_frames(frames, as_of.day, lost)
    records = [source.record(frames, ledger) for source in sources]
    records += [ignored_record(path, reason, table) for path, reason, table in chosen.ignored]
    refuse_too_many_rejected(records, params, ledger)
    return ImportRecord(
        data_hash=data_hash(records),
        as_of=as_of.day,
        as_of_reason=sentence(as_of.reason),
        files=records,
        frames=frame_records(frames),
        repairs=ledger.repairs,
        flags=ledger.flags,
        unmapped_columns=ledger.unmapped,
        stages=summed_stages(ledger),
        assumptions=ledger.assumptions,
        joins=joins,
        money=money,
    )
