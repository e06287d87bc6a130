"""Rows that lack what they need, and rows that are there twice: rejected and merged as the way through text does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from workbook.sources.as_of import said_day
from workbook.sources.assemble import Frames as TextFrames
from workbook.sources.ledger import Rejected
from workbook.sources.merge import are_many, merge_duplicates
from workbook.sources.passing.account import newest_event
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import FILE, PLACE, Frames, PassingFrame
from workbook.sources.passing.parquet import LINE
from workbook.sources.passing.unfit import Unfit
from workbook.text import msg

MOST_ROWS = 1_000_000  # rows that are rejected or merged one by one


def reject_incomplete(frames: Frames) -> None:
    """Take out rows that lack a required column, with the reason. Raises `Unfit` where there are too many."""
    for frame in list(frames.held.values()):
        required = [column.name for column in frame.columns if column.is_required]
        if all(frame.filled[column] == frame.rows for column in required):
            continue
        _refuse_many(frame.rows - min(frame.filled[column] for column in required), frame)
        lacks = [f"{quoted(column)} IS NULL" for column in required]
        found = frame.engine.rows(
            f"SELECT {FILE}, {LINE}, [{', '.join(lacks)}] FROM {frame.view} WHERE {' OR '.join(lacks)} ORDER BY {PLACE}"
        )
        lines: dict[str, list[int]] = {}
        for file, line, _ in found:
            lines.setdefault(file, []).append(line)
        raw = {file: frames.files[file].raw(some) for file, some in lines.items()}
        for file, line, missing in found:
            names = tuple(column for column, is_missing in zip(required, missing, strict=True) if is_missing)
            frames.ledger.rejected.append(Rejected(file, line, frame.name, msg("{columns} is missing", columns=names), raw[file][line]))
        frame.keep(f"NOT ({' OR '.join(lacks)})")
        if not frame.rows:
            del frames.held[frame.name]


def merge_doubles(frames: Frames) -> None:
    """Merge the rows of each frame that share its key: only these are looked at one by one. Raises `Unfit` where there are too many."""
    for frame in list(frames.held.values()):
        if not (n := doubles(frame)):
            continue
        _refuse_many(n, frame)
        _merge(frame, frames)


def doubles(frame: PassingFrame) -> int:
    """Return how many rows share their key with another row."""
    keys = ", ".join(map(quoted, frame.key))
    hashed = f"SELECT hash({keys}) AS hashed FROM {frame.view}"
    if not frame.engine.rows(f"SELECT 1 FROM ({hashed}) GROUP BY hashed HAVING count(*) > 1 LIMIT 1"):
        return 0
    found: int = frame.engine.row(f"SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM {frame.view} GROUP BY {keys} HAVING n > 1)")[0]
    return found


def _merge(frame: PassingFrame, frames: Frames) -> None:
    keys = ", ".join(map(quoted, frame.key))
    there = " AND ".join(f"doubles.{quoted(key)} IS NOT DISTINCT FROM rows.{quoted(key)}" for key in frame.key)
    frame.engine.do(
        f"CREATE OR REPLACE TEMP TABLE doubles AS SELECT rows.{PLACE} FROM {frame.view} AS rows "
        f"SEMI JOIN (SELECT {keys} FROM {frame.view} GROUP BY {keys} HAVING count(*) > 1) AS doubles ON {there}"
    )
    some = frame.pulled(f"{PLACE} IN (SELECT {PLACE} FROM doubles) OR {PLACE} = {_finest(frame)}")
    alone = TextFrames({frame.name: some}, {frame.name: list(frame.attributes)})
    merge_duplicates(alone, _newness(frame, frames), frames.ledger)
    drop(frame, set(some[PLACE]) - set(alone.data[frame.name][PLACE]))


def _newness(frame: PassingFrame, frames: Frames) -> dict[str, tuple[date, int]]:
    """Return what sorts the older files of a frame first."""
    names = [name for (name,) in frame.engine.rows(f"SELECT DISTINCT {FILE} FROM {frame.view}")]
    if len(names) == 1:
        return {names[0]: (date.min, 0)}
    return {
        name: (said_day(file.sample) or newest_event(frames, name) or date.min, position)
        for position, (name, file) in enumerate(frames.files.items())
        if name in names
    }


def drop(frame: PassingFrame, places: Iterable[int]) -> None:
    """Take some rows out of a frame."""
    gone = ", ".join(map(str, sorted(places)))
    if gone:
        table = f"{frame.view}_gone".replace('"', "")
        frame.engine.do(f"CREATE TEMP TABLE {quoted(table)} AS SELECT unnest([{gone}])::BIGINT AS gone")
        frame.keep(f"{PLACE} NOT IN (SELECT gone FROM {quoted(table)})")
        frame.is_joined = True


def _finest(frame: PassingFrame) -> int:
    """Return the place of a row whose instant is written as fine as any of the frame: all of a key's instants are shown alike. 0: none."""
    instants = [name for name in frame.key if next(column for column in frame.columns if column.name == name).kind == "instant"]
    if not instants:
        return 0
    at = f"epoch_us({quoted(instants[0])})"
    finer = f"({at} % 1000 <> 0)::INTEGER + ({at} % 1000000 <> 0)::INTEGER + ({at} % 86400000000 <> 0)::INTEGER"
    found: int = frame.engine.row(f"SELECT arg_max({PLACE}, {finer}) FROM {frame.view}")[0]
    return found


def number_lines(frames: Frames) -> None:
    """Number the lines of an invoice where the file gives the invoice's number on each of its lines."""
    if "invoices" not in frames:
        return
    invoices = frames["invoices"]
    distinct = invoices.engine.row(f"SELECT count(*) FROM (SELECT DISTINCT {FILE}, invoice_id FROM {invoices.view})")[0]
    several = invoices.rows - distinct
    if not are_many(several, invoices.rows):
        return
    invoices.lay(f"SELECT *, row_number() OVER (PARTITION BY {FILE}, invoice_id ORDER BY {PLACE}) AS position FROM {invoices.view}")
    numbered = "invoice_id || '/' || position::VARCHAR"
    before, after = invoices.engine.row(
        f"SELECT arg_min(invoice_id, {PLACE}), arg_min({numbered}, {PLACE}) FROM {invoices.view} WHERE position > 1"
    )
    frames.ledger.repair("lines of an invoice numbered", "invoices.invoice_id", several, example=(before, after))
    invoices.lay(
        f"SELECT * EXCLUDE (position) REPLACE (CASE WHEN position > 1 THEN {numbered} ELSE invoice_id END AS invoice_id) FROM {invoices.view}"
    )
    invoices.is_joined = True


def letters_of(column: str) -> str:
    """Return the letters and digits of a text as SQL: what `names.normalise` gives; only other letters than those of ASCII need Python."""
    text = quoted(column)
    return f"CASE WHEN strlen({text}) = length({text}) THEN lower(regexp_replace({text}, '[^A-Za-z0-9]', '', 'g')) ELSE normalise({text}) END"


def _refuse_many(n: int, frame: PassingFrame) -> None:
    if n > MOST_ROWS:
        raise Unfit(msg("{n} lines lack what they need, or are there twice", n=n), frame.name)
