"""Every line read is kept, merged, rejected or no data: counted per file at the end, from what became of each line."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from workbook.errors import DataError
from workbook.frames.rules import HAPPENED
from workbook.params import RunParams
from workbook.sources.assemble import Frames
from workbook.sources.fragments import content_of, is_table, size_of
from workbook.sources.key import cells_hash
from workbook.sources.ledger import Ledger, Rejected
from workbook.sources.record import FileRecord, FrameRecord, StageRecord, sentence, unbalanced
from workbook.sources.shape import Piece
from workbook.sources.table import RawTable
from workbook.text import Message, msg, share


def file_records(tables: Sequence[RawTable], pieces: Sequence[Piece], frames: Frames, ledger: Ledger) -> list[FileRecord]:
    """Return one record per table with its lines accounted for. A line that fills any row is kept."""
    kept = _lines(frames)
    merged: dict[str, set[int]] = {}
    rejected: dict[str, set[int]] = {}
    for item in ledger.merged:
        merged.setdefault(item.file, set()).add(item.line)
    for lost in ledger.rejected:
        rejected.setdefault(lost.file, set()).add(lost.line)
    records = []
    for table in tables:
        mine = [piece for piece in pieces if piece.file == table.file]
        records.append(_file_record(table, mine, frames))
        here = {int(line) for line in table.lines}
        stays = kept.get(table.file, set()) & here
        goes = (merged.get(table.file, set()) & here) - stays
        lost_lines = (rejected.get(table.file, set()) & here) - stays - goes
        silent = here - stays - goes - lost_lines
        if silent and not any(piece.assignment.block.melt or piece.assignment.block.when for piece in mine):
            _reject_silent(table, sorted(silent), mine[0].frame, ledger)
            lost_lines, silent = lost_lines | silent, set()
        records[-1] = records[-1].model_copy(
            update={
                "lines_read": table.lines_read,
                "kept": len(stays),
                "merged": len(goes),
                "rejected": len(lost_lines) + len(table.broken),
                "not_data": table.not_data + len(silent),
            }
        )
    if bad := unbalanced(records):
        raise AssertionError(f"lines not accounted for in {', '.join(record.name for record in bad)}")
    return records


def _reject_silent(table: RawTable, lines: Sequence[int], frame: str, ledger: Ledger) -> None:
    """List lines of which no row was made, whatever the cause: nothing is lost silently."""
    at = {int(line): row for row, line in enumerate(table.lines)}
    ledger.rejected.extend(
        Rejected(table.file, line, frame, msg("no row could be made of it"), table.raw(at[line])) for line in lines
    )


def _lines(frames: Frames) -> dict[str, set[int]]:
    kept: dict[str, set[int]] = {}
    for name, data in frames.data.items():
        own = data[~data["is_made"].astype(bool)] if name == "accounts" else data  # a derived account keeps no line
        for file, lines in own.groupby("source_file")["source_line"]:
            kept.setdefault(str(file), set()).update(int(line) for line in lines)
    return kept


def _file_record(table: RawTable, pieces: Sequence[Piece], frames: Frames) -> FileRecord:
    size = size_of(table.path) if table.is_stored else 0
    main = pieces[0] if pieces else None
    return FileRecord(
        name=table.file,
        path=str(table.path),
        sha256=file_hash(table.path) if size else cells_hash(table),
        bytes=size,
        frame=main.frame if main else None,
        frames=list(dict.fromkeys(piece.frame for piece in pieces)),
        mapping=main.assignment.mapping.name if main else "",
        crm=main.assignment.crm if main else "",
        encoding=table.encoding,
        delimiter=table.delimiter,
        header_line=table.header_line,
        decimal=main.styles.decimal if main else "",
        date_style={k: v for piece in pieces for k, v in piece.styles.by_date.items() if v and k != "_melted"},
        newest_on=_newest(table.file, frames),
    )


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content, read piece by piece; of a table in fragments one of all."""
    return content_of(path, _file_hash)


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _newest(file: str, frames: Frames) -> date | None:
    found: list[pd.Timestamp] = []
    for name, columns in HAPPENED.items():
        if name in frames:
            data = frames.data[name]
            mine = data[data["source_file"] == file]
            found.extend(mine[column].max() for column in columns)
    days = [stamp.date() for stamp in found if pd.notna(stamp)]
    return max(days) if days else None


def ignored_record(path: Path, reason: Message, table: RawTable | None = None) -> FileRecord:
    """Return the record of a file that was left out: all its lines are no data."""
    lines = table.lines_read if table is not None else 0
    is_stored = is_table(path) if table is None else table.is_stored
    return FileRecord(
        name=table.file if table is not None else path.name,
        path=str(path),
        sha256=file_hash(path) if is_stored else hashlib.sha256().hexdigest(),
        bytes=size_of(path) if is_stored else 0,
        encoding=table.encoding if table is not None else "",
        lines_read=lines,
        not_data=lines,
        ignored=sentence(reason),
    )


def frame_records(frames: Frames, declared: dict[str, tuple[str, ...]]) -> dict[str, FrameRecord]:
    """Return what each frame carries. declared: the frame's columns."""
    records = {}
    for name, data in frames.data.items():
        own = frames.attributes.get(name, [])
        days = [data[column].dropna() for column in HAPPENED.get(name, ())]
        found = [part for part in days if len(part)]
        records[name] = FrameRecord(
            rows=len(data),
            present=[column for column in (*declared[name], *own) if data[column].notna().any()],
            attributes=list(own),
            newest_on=max(part.max() for part in found).date() if found else None,
            oldest_on=min(part.min() for part in found).date() if found else None,
        )
    return records


def refuse_too_many_rejected(files: Sequence[FileRecord], params: RunParams, ledger: Ledger) -> None:
    """Stop where too many lines of a file cannot be used. Raises `DataError`."""
    for file in files:
        lines = file.kept + file.merged + file.rejected
        if lines and file.rejected > params.rejected_lines_max_share * lines:
            first = next(item for item in ledger.rejected if item.file == file.name)
            raise DataError(
                msg(
                    "{rejected} of {lines} lines ({share}) cannot be used; most often: {reason}",
                    rejected=file.rejected,
                    lines=lines,
                    share=share(file.rejected / lines),
                    reason=_usual_reason(file.name, ledger),
                ),
                where=f"{file.path}, line {first.line}",
                mend=msg("Correct the export or the mapping; `rejected_lines_max_share` in the settings moves the limit."),
            )


def _usual_reason(file: str, ledger: Ledger) -> Message:
    reasons = [item.reason for item in ledger.rejected if item.file == file]
    usual = Counter(str(reason) for reason in reasons).most_common(1)[0][0]
    return next(reason for reason in reasons if str(reason) == usual)


def data_hash(files: Sequence[FileRecord]) -> str:
    """Return a hash of the contents of all files, used or not."""
    text = "\n".join(sorted(f"{file.name} {file.sha256}" for file in files))
    return hashlib.sha256(text.encode()).hexdigest()


def summed_stages(ledger: Ledger) -> list[StageRecord]:
    """Return one record per stage and status over all files."""
    summed: dict[tuple[str, str], StageRecord] = {}
    for stage in ledger.stages:
        key = (stage.stage, stage.status)
        before = summed.get(key)
        summed[key] = stage if before is None else before.model_copy(update={"count": before.count + stage.count})
    return list(summed.values())
