"""The account of a passing import: what each file and frame holds, and of which day the data speak."""

from __future__ import annotations

from datetime import date

import pandas as pd

from workbook.frames.rules import HAPPENED
from workbook.sources.accounting import file_hash
from workbook.sources.as_of import newest_of
from workbook.sources.fragments import size_of
from workbook.sources.ledger import Ledger
from workbook.sources.passing.cells import date_styles
from workbook.sources.passing.engine import literal, quoted
from workbook.sources.passing.frame import FILE, Frames, PassingFrame
from workbook.sources.passing.parquet import ParquetFile
from workbook.sources.recognise import Assignment
from workbook.sources.record import FileRecord, FrameRecord


def newest_event(frames: Frames, file: str | None = None) -> date | None:
    """Return the newest day on which something happened, in one file or in all, as `newest_on` finds it."""
    here = "true" if file is None else f"{FILE} = {literal(file)}"
    parts = [
        f"SELECT {column}::DATE AS day, count(*) AS n FROM {frames[name].view} WHERE {column} IS NOT NULL AND {here} GROUP BY day"
        for name, columns in HAPPENED.items()
        if name in frames
        for column in columns
    ]
    found = frames.engine.rows(f"SELECT day, sum(n)::BIGINT FROM ({' UNION ALL '.join(parts)}) GROUP BY day ORDER BY day") if parts else []
    return newest_of(pd.Series([n for _, n in found], index=pd.DatetimeIndex([day for day, _ in found]))) if found else None


def newest_year(frames: Frames) -> int | None:
    """Return the newest year of the market."""
    return int(frames.engine.row(f"SELECT max(year) FROM {frames['market'].view}")[0]) if frames.has("market", "year") else None


def file_record(file: ParquetFile, assignment: Assignment, frames: Frames, ledger: Ledger) -> FileRecord:
    """Return the account of a file that fills one frame."""
    kept, newest = _kept(assignment.frame, file.name, frames)
    rejected = sum(item.file == file.name for item in ledger.rejected)
    merged = sum(item.file == file.name for item in ledger.merged)
    above = 0 if file.written.is_typed else 1  # the header is a line that was read
    return FileRecord(
        name=file.name,
        path=str(file.path),
        sha256=file_hash(file.path) if file.is_stored else file.content,
        bytes=size_of(file.path) if file.is_stored else 0,
        frame=assignment.frame,
        frames=[assignment.frame],
        mapping=assignment.mapping.name,
        crm=assignment.crm,
        encoding=file.written.encoding,
        delimiter=file.written.delimiter,
        header_line=file.written.header_line,
        decimal=file.written.decimal,
        date_style=date_styles(file, assignment),
        lines_read=file.rows + above,
        kept=kept,
        merged=merged,
        rejected=rejected,
        not_data=file.not_data + above,
        newest_on=newest,
    )


def frame_records(frames: Frames) -> dict[str, FrameRecord]:
    """Return what each frame carries."""
    records = {}
    for name, frame in frames.held.items():
        oldest, newest = _ends(frame)
        records[name] = FrameRecord(
            rows=frame.rows,
            present=[column for column, n in frame.filled.items() if n and column != "*"],
            attributes=list(frame.attributes),
            newest_on=newest,
            oldest_on=oldest,
        )
    return records


def _kept(name: str, file: str, frames: Frames) -> tuple[int, date | None]:
    """Return how many rows of a frame are a file's, and the last day on which something happened in them."""
    if name not in frames:
        return 0, None
    columns = ", ".join(f"{quoted(column)}::DATE" for column in HAPPENED.get(name, ()))
    newest = f"max(greatest({columns}))" if columns else "NULL"
    found: tuple[int, date | None] = frames.engine.row(f"SELECT count(*), {newest} FROM {frames[name].view} WHERE {FILE} = {literal(file)}")[:2]
    return found


def _ends(frame: PassingFrame) -> tuple[date | None, date | None]:
    """Return the first and the last day on which something happened."""
    columns = ", ".join(f"{quoted(column)}::DATE" for column in HAPPENED.get(frame.name, ()))
    if not columns:
        return None, None
    first, last = frame.engine.row(f"SELECT min(least({columns})), max(greatest({columns})) FROM {frame.view}")
    return first, last


