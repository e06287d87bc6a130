"""Every line read is kept, merged, rejected or no data: counted per file at the end, from what became of each line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from workbook.frames.rules import HAPPENED
from workbook.sources.assemble import Frames
from workbook.sources.key import cells_hash
from workbook.sources.ledger import Ledger, Rejected
from workbook.sources.record import FileRecord, FrameRecord, sentence, unbalanced
from workbook.sources.shape import Piece
from workbook.sources.table import RawTable
from workbook.text import Message, msg


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
    data = table.path.read_bytes() if table.path.is_file() else b""
    main = pieces[0] if pieces else None
    return FileRecord(
        name=table.file,
        path=str(table.path),
        sha256=hashlib.sha256(data).hexdigest() if data else cells_hash(table),
        bytes=len(data),
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
    data = path.read_bytes() if path.is_file() else b""
    lines = table.lines_read if table is not None else 0
    return FileRecord(
        name=table.file if table is not None else path.name,
        path=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
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
