"""Rows that lack what they need, and rows that are there twice: rejected and merged as the way through text does."""

from __future__ import annotations

from workbook.sources.assemble import Frames as TextFrames
from workbook.sources.ledger import Rejected
from workbook.sources.merge import are_many, merge_duplicates
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import Frames, PassingFrame, located
from workbook.sources.passing.parquet import LINE, ParquetFile
from workbook.sources.passing.unfit import Unfit
from workbook.text import msg

MOST_ROWS = 1_000_000  # rows that are rejected or merged one by one


def make_ids(frame: PassingFrame, *, key_is_there: bool) -> None:
    """Number the rows of a file that carries no id of its frame; an account's id is made of its name."""
    key = frame.key[0]
    if frame.name == "accounts":
        if frame.filled[key] < frame.rows:
            frame.replace(key, f"coalesce({key}, {letters_of('name')})")
    elif not key_is_there and len(frame.key) == 1 and key.endswith("_id") and not frame.columns[0].references:
        frame.replace(key, f"{LINE}::VARCHAR")


def reject_incomplete(frames: Frames, files: dict[str, ParquetFile]) -> None:
    """Take out rows that lack a required column, with the reason. files: by frame. Raises `Unfit` where there are too many."""
    for frame in list(frames.held.values()):
        required = [column.name for column in frame.columns if column.is_required]
        if all(frame.filled[column] == frame.rows for column in required):
            continue
        _refuse_many(frame.rows - min(frame.filled[column] for column in required), files[frame.name])
        lacks = [f"{quoted(column)} IS NULL" for column in required]
        found = frame.engine.rows(f"SELECT {LINE}, [{', '.join(lacks)}] FROM {frame.view} WHERE {' OR '.join(lacks)} ORDER BY {LINE}")
        raw = files[frame.name].raw([line for line, _ in found])
        for line, missing in found:
            names = tuple(column for column, is_missing in zip(required, missing, strict=True) if is_missing)
            reason = msg("{columns} is missing", columns=names)
            frames.ledger.rejected.append(Rejected(files[frame.name].name, line, frame.name, reason, raw[line]))
        frame.keep(f"NOT ({' OR '.join(lacks)})")
        if not frame.rows:
            del frames.held[frame.name]


def merge_doubles(frames: Frames, files: dict[str, ParquetFile]) -> None:
    """Merge the rows of each frame that share its key: only these are looked at one by one. Raises `Unfit` where there are too many."""
    for frame in list(frames.held.values()):
        doubles = _doubles(frame)
        if not doubles:
            continue
        _refuse_many(doubles, files[frame.name])
        _merge(frame, frames, files[frame.name])


def _doubles(frame: PassingFrame) -> int:
    """Return how many rows share their key with another row."""
    keys = ", ".join(map(quoted, frame.key))
    hashed = f"SELECT hash({keys}) AS hashed FROM {frame.view}"
    if not frame.engine.rows(f"SELECT 1 FROM ({hashed}) GROUP BY hashed HAVING count(*) > 1 LIMIT 1"):
        return 0
    found: int = frame.engine.row(f"SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM {frame.view} GROUP BY {keys} HAVING n > 1)")[0]
    return found


def _merge(frame: PassingFrame, frames: Frames, file: ParquetFile) -> None:
    keys = ", ".join(map(quoted, frame.key))
    there = " AND ".join(f"doubles.{quoted(key)} IS NOT DISTINCT FROM rows.{quoted(key)}" for key in frame.key)
    frame.engine.do(
        f"CREATE OR REPLACE TEMP TABLE double_lines AS SELECT rows.{LINE} FROM {frame.view} AS rows "
        f"SEMI JOIN (SELECT {keys} FROM {frame.view} GROUP BY {keys} HAVING count(*) > 1) AS doubles ON {there}"
    )
    some = frame.pulled(f"{LINE} IN (SELECT {LINE} FROM double_lines) OR {LINE} = {_finest(frame)}")
    alone = TextFrames({frame.name: some}, {frame.name: list(frame.attributes)})
    merge_duplicates(alone, {file.name: 0}, frames.ledger)
    stays = set(alone.data[frame.name]["source_line"])
    gone = [str(line) for line in some["source_line"] if line not in stays]
    if gone:
        frame.engine.do(f"CREATE OR REPLACE TEMP TABLE {frame.name}_gone AS SELECT unnest([{', '.join(gone)}])::BIGINT AS gone")
        frame.keep(f"{LINE} NOT IN (SELECT gone FROM {frame.name}_gone)")
        frame.is_joined = True


def _finest(frame: PassingFrame) -> int:
    """Return a line whose instant is written as fine as any of the frame: all of a key's instants are shown alike. 0: none."""
    instants = [name for name in frame.key if next(column for column in frame.columns if column.name == name).kind == "instant"]
    if not instants:
        return 0
    at = f"epoch_us({quoted(instants[0])})"
    finer = f"({at} % 1000 <> 0)::INTEGER + ({at} % 1000000 <> 0)::INTEGER + ({at} % 86400000000 <> 0)::INTEGER"
    found: int = frame.engine.row(f"SELECT arg_max({LINE}, {finer}) FROM {frame.view}")[0]
    return found


def number_lines(frames: Frames) -> None:
    """Number the lines of an invoice where the file gives the invoice's number on each of its lines."""
    if "invoices" not in frames:
        return
    invoices = frames["invoices"]
    distinct = invoices.engine.row(f"SELECT count(*) FROM (SELECT DISTINCT invoice_id FROM {invoices.view})")[0]
    several = invoices.rows - distinct
    if not are_many(several, invoices.rows):
        return
    invoices.lay(f"SELECT *, row_number() OVER (PARTITION BY invoice_id ORDER BY {LINE}) AS position FROM {invoices.view}")
    numbered = "invoice_id || '/' || position::VARCHAR"
    before, after = invoices.engine.row(
        f"SELECT arg_min(invoice_id, {LINE}), arg_min({numbered}, {LINE}) FROM {invoices.view} WHERE position > 1"
    )
    frames.ledger.repair("lines of an invoice numbered", "invoices.invoice_id", several, example=(before, after))
    invoices.lay(
        f"SELECT * EXCLUDE (position) REPLACE (CASE WHEN position > 1 THEN {numbered} ELSE invoice_id END AS invoice_id) FROM {invoices.view}"
    )
    invoices.is_joined = True


def flag_same_names(frames: Frames) -> None:
    """Flag accounts that have the name of one before them, compared by letters and digits."""
    accounts = frames["accounts"]
    letters = letters_of("name")
    if not accounts.engine.rows(f"SELECT 1 FROM {accounts.view} WHERE {letters} <> '' GROUP BY {letters} HAVING count(*) > 1 LIMIT 1"):
        return
    later = f"row_number() OVER (PARTITION BY {letters} ORDER BY {LINE}) > 1"
    places = located(accounts, "name", f"{letters} <> '' QUALIFY {later}")
    frames.flag(
        "accounts of the same name", ("accounts", "name"), places,
        lambda n, _: msg("{n} accounts have the name of another account, perhaps the same company twice", n=n),
    )  # fmt: skip


def letters_of(column: str) -> str:
    """Return the letters and digits of a text as SQL: what `names.normalise` gives; only other letters than those of ASCII need Python."""
    text = quoted(column)
    return f"CASE WHEN strlen({text}) = length({text}) THEN lower(regexp_replace({text}, '[^A-Za-z0-9]', '', 'g')) ELSE normalise({text}) END"


def _refuse_many(n: int, file: ParquetFile) -> None:
    if n > MOST_ROWS:
        raise Unfit(msg("{n} lines lack what they need, or are there twice", n=n), str(file.path))
