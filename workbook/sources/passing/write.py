"""Frames to Parquet, straight from the engine: declared types, declared order, rows in theirs."""

from __future__ import annotations

from pathlib import Path

from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import FILE, PLACE, Frames, PassingFrame
from workbook.sources.passing.parquet import LINE


def write_frames(frames: Frames, to: Path) -> None:
    """Write `<frame>.parquet` for each frame."""
    for name, frame in frames.held.items():
        # A join may hand rows on in another order; nothing else does, and sorting takes time and room.
        order = f" ORDER BY {PLACE}" if frame.is_joined else ""
        frame.engine.write(f"SELECT {_columns(frame)} FROM {frame.view}{order}", to / f"{name}.parquet")


def _columns(frame: PassingFrame) -> str:
    declared = [_as_declared(column.name, ARROW_TYPES[column.kind]) for column in FRAMES[frame.name].columns]
    return ", ".join([*declared, *map(quoted, frame.attributes), f"{FILE} AS source_file", f"{LINE} AS source_line"])


def _as_declared(column: str, kind: str) -> str:
    """Return a column as it is written: money to the cent, a half to the even one."""
    name = quoted(column)
    if not kind.startswith("decimal"):
        return name
    return f"(round_even({name} * 100, 0)::BIGINT::DECIMAL(18, 0) * 0.01::DECIMAL(3, 2))::DECIMAL(18, 2) AS {name}"
