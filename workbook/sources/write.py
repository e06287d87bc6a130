"""Frames and lists to files: Parquet with declared types, CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES
from workbook.sources.assemble import Frames
from workbook.sources.ledger import Ledger
from workbook.sources.record import RECORD_NAME, ImportRecord
from workbook.text import render

if TYPE_CHECKING:
    import pyarrow as pa


def write_frames(tables: Mapping[str, pa.Table], to: Path) -> None:
    """Write `<frame>.parquet` for each frame."""
    import pyarrow.parquet as pq

    to.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, to / f"{name}.parquet")


def arrow_tables(frames: Frames) -> dict[str, pa.Table]:
    """Return each frame with its declared types: declared columns in order, own attributes, `source_file`, `source_line`."""
    return {name: _arrow_table(frames, name) for name in frames.data}


def _arrow_table(frames: Frames, name: str) -> pa.Table:
    import pyarrow as pa

    data = frames.data[name]
    columns: dict[str, pa.Array] = {}
    for column in FRAMES[name].columns:
        columns[column.name] = _array(data[column.name], ARROW_TYPES[column.kind])
    for own in frames.attributes.get(name, []):
        columns[own] = _array(data[own], "float64" if pd.api.types.is_float_dtype(data[own]) else "string")
    columns["source_file"] = _array(data["source_file"], "string")
    columns["source_line"] = _array(data["source_line"], "int64")
    return pa.table(columns)


def _array(column: pd.Series[Any], kind: str) -> pa.Array:
    import pyarrow as pa

    if kind.startswith("decimal"):
        return pa.array(column.astype("float64").round(2), from_pandas=True).cast(pa.decimal128(18, 2))
    types = {
        "string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "date32": pa.date32(), "timestamp[us]": pa.timestamp("us"),
        "bool": pa.bool_(),
    }  # fmt: skip
    if kind == "date32":
        return pa.array(column, from_pandas=True).cast(pa.timestamp("us")).cast(pa.date32())
    found = pa.array(column, from_pandas=True)
    return found.combine_chunks().cast(types[kind]) if isinstance(found, pa.ChunkedArray) else found.cast(types[kind])


def write_lists(ledger: Ledger, to: Path) -> None:
    """Write rejected_lines.csv, merged_lines.csv and flagged_rows.csv."""
    rejected = ((r.file, r.line, r.frame, render(r.reason, "en"), r.raw) for r in ledger.rejected)
    _write(to / "rejected_lines.csv", ("file", "line", "frame", "reason", "text"), rejected)
    merged = ((m.file, m.line, m.frame, m.key, m.kept_file, m.kept_line, render(m.reason, "en")) for m in ledger.merged)
    _write(to / "merged_lines.csv", ("file", "line", "frame", "key", "kept_file", "kept_line", "reason"), merged)
    flagged = ((f.rule, f.frame, f.column, f.file, f.line, f.id, f.value) for f in ledger.rows)
    _write(to / "flagged_rows.csv", ("rule", "frame", "column", "file", "line", "id", "value"), flagged)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([spreadsheet_safe(cell) for cell in row] for row in rows)


def spreadsheet_safe(cell: object) -> object:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def write_record(record: ImportRecord, to: Path) -> None:
    """Write import.json."""
    (to / RECORD_NAME).write_text(record.text(), encoding="utf-8", newline="\n")


def load_import(folder: Path) -> ImportRecord:
    """Read the record of an import."""
    return ImportRecord.model_validate_json((Path(folder) / RECORD_NAME).read_text(encoding="utf-8"))
