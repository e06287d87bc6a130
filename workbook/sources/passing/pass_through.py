"""The passing import, one way: find, recognise, read, reject, merge, link, settle money, date, check, write."""

from __future__ import annotations

from pathlib import Path

from workbook.frames import FRAMES
from workbook.params import RunParams
from workbook.sources.accounting import data_hash, ignored_record, refuse_too_many_rejected, summed_stages
from workbook.sources.as_of import day_of
from workbook.sources.files import Found, Located, locate
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import HELPERS, kind_of
from workbook.sources.names import normalise
from workbook.sources.passing.account import file_record, frame_records, newest_event, newest_year
from workbook.sources.passing.accounts import settle_names
from workbook.sources.passing.checks import check_frames
from workbook.sources.passing.engine import Engine, FlaggedRows
from workbook.sources.passing.frame import Frames
from workbook.sources.passing.links import count_links, derive_accounts, mend_links
from workbook.sources.passing.money import settle_money
from workbook.sources.passing.parquet import ParquetFile, open_file
from workbook.sources.passing.pieces import assembled, read_piece
from workbook.sources.passing.rows import merge_doubles, number_lines, reject_incomplete
from workbook.sources.passing.unfit import Unfit
from workbook.sources.passing.write import write_frames
from workbook.sources.presets import GENERIC
from workbook.sources.recognise import Assignment, recognise
from workbook.sources.record import FileRecord, ImportRecord, sentence
from workbook.sources.write import write_lists, write_record
from workbook.text import msg

MAGIC = b"PAR1"


def pass_through(params: RunParams, to: Path) -> ImportRecord:
    """Import canonical Parquet into `<to>/<frame>.parquet`, with the record and the lists of lines.

    Raises `Unfit` where the data have to go the way through text, `DataError` where they are unusable either way.
    """
    found = locate(params)
    paths = _parquet_paths(found, params)
    with Engine(params.memory_limit, to) as engine:
        flagged = FlaggedRows(engine)
        frames = Frames(engine, Ledger(rows=flagged), flagged)
        engine.define_text("normalise", _normalised)
        opened = [(open_file(path, engine, number), item) for number, (path, item) in enumerate(paths)]
        taken = [(file, _assigned(file, item, params)) for file, item in opened]
        _refuse_same_names([file for file, _ in taken])
        frames.files = {file.name: file for file, _ in taken}
        frames.held = assembled([read_piece(file, assignment, frames.ledger) for file, assignment in taken], engine)
        record = _settled(frames, taken, found, params)
        write_frames(frames, to)
        write_record(record, to)
        write_lists(frames.ledger, to)
    return record


def _parquet_paths(found: Found, params: RunParams) -> list[tuple[Path, Located]]:
    """Return the files to read. Raises `Unfit` where one is no Parquet, or a mapping says how to read it."""
    if params.mapping is not None:
        raise Unfit(msg("a mapping says how to read the files"), str(params.mapping))
    paths = []
    for item in found.located:
        if item.path is None or item.source.mapping.endswith((".yaml", ".yml")):
            raise Unfit(msg("a database or a mapping is among the sources"), item.source.database or item.source.mapping)
        if not _is_parquet(item.path):
            raise Unfit(msg("{file} is not Parquet", file=item.path.name), str(item.path))
        paths.append((item.path, item))
    return paths


def _is_parquet(path: Path) -> bool:
    """Tell whether a file says that it is Parquet; one that cannot be read does not."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _normalised(text: str) -> str:
    return normalise(text)


def _assigned(file: ParquetFile, item: Located, params: RunParams) -> Assignment:
    """Return which frame a file fills. Raises `Unfit` where it is not one frame under the frame's own column names."""
    named = item.source.mapping
    found = recognise(file.sample, named if named != "auto" else params.crm, item.source.frame)
    if len(found) != 1 or found[0].mapping.name != GENERIC:
        raise Unfit(msg("{file} is not recognised as one canonical frame", file=file.name), str(file.path))
    (assignment,) = found
    for ours, header in assignment.found.items():
        if ours != header or ours in HELPERS.get(assignment.frame, {}):
            why = msg("column {column} of {file} has not the canonical name {ours}", column=header, file=file.name, ours=ours)
            raise Unfit(why, f"{file.path}, column {header}")
    for header in file.schema.names:
        if header in FRAMES[assignment.frame].names and header not in assignment.found:
            why = msg("column {column} of {file} holds something else than {kind}", column=header, file=file.name, kind=kind_of(assignment.frame, header))
            raise Unfit(why, f"{file.path}, column {header}")
    return assignment


def _refuse_same_names(files: list[ParquetFile]) -> None:
    """Stop where two files have one name."""
    for number, file in enumerate(files):
        if any(file.name == other.name for other in files[:number]):
            raise Unfit(msg("two files have the name {file}", file=file.name), str(file.path))


def _settled(frames: Frames, taken: list[tuple[ParquetFile, Assignment]], found: Found, params: RunParams) -> ImportRecord:
    reject_incomplete(frames)
    number_lines(frames)
    merge_doubles(frames)
    all_derived = derive_accounts(frames)
    if "accounts" in frames and not all_derived:
        settle_names(frames)
    mend_links(frames)
    money = settle_money(frames, params)
    as_of = day_of(params, [file.sample for file, _ in taken], lambda: newest_event(frames), lambda: newest_year(frames))
    joins, lost = count_links(frames, all_derived)
    check_frames(frames, as_of.day, lost)
    ledger = frames.ledger
    records = [*(file_record(file, assignment, frames, ledger) for file, assignment in taken), *_ignored(found)]
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


def _ignored(found: Found) -> list[FileRecord]:
    others = [(path, msg("not a table")) for path in found.ignored]
    others += [(path, msg("the same template in another format has more rows filled in")) for path in found.twins]
    return [ignored_record(path, why) for path, why in others]
