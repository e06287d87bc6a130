"""The codebook, generated from the frames' declarations: `python -m workbook.frames.codebook` writes docs/codebook.md."""

from __future__ import annotations

from pathlib import Path

from workbook.frames.catalogue import FRAMES
from workbook.frames.column import ARROW_TYPES, Column, Frame

_HEAD = """\
# Codebook

The canonical frames, generated from `workbook/frames/catalogue.py` – do not edit (`python -m workbook.frames.codebook`).
An import writes one `<frame>.parquet` for every frame that has rows, with all columns below in this order; absent ones
hold nulls. The firm's own columns follow as text or number, then `source_file` and `source_line`, the place each row came
from. **Bold** columns are needed: a row without them is rejected and listed. Values outside a plausible range or a closed
list count as missing and are flagged. Shares run from 0 to 1; every amount has its currency beside it.

| kind | type | unit |
|---|---|---|
"""

_UNITS = {
    "id": "text as it is written, leading zeros kept", "text": "", "category": "", "whole": "count", "number": "", "share": "0 to 1",
    "money": "units of the currency beside it", "currency": "ISO 4217 code", "date": "calendar day", "instant": "local time, or UTC where written with a zone",
    "flag": "yes or no", "year": "calendar year",
}  # fmt: skip


def codebook() -> str:
    """Return the codebook as Markdown."""
    kinds = "".join(f"| {kind} | {ARROW_TYPES[kind]} | {unit} |\n" for kind, unit in _UNITS.items())
    return _HEAD + kinds + "".join(_frame(frame) for frame in FRAMES.values())


def _frame(frame: Frame) -> str:
    key = ", ".join(f"`{name}`" for name in frame.key)
    lines = [
        f"\n## {frame.name}\n",
        f"Grain: {frame.grain}. Key: {key}.\n",
        "| column | kind | meaning | notes |",
        "|---|---|---|---|",
    ]
    lines += [_column(column) for column in frame.columns]
    return "\n".join(lines) + "\n"


def _column(column: Column) -> str:
    name = f"**`{column.name}`**" if column.is_required else f"`{column.name}`"
    notes = []
    if column.values:
        notes.append("one of " + ", ".join(f"`{value}`" for value in column.values))
    if column.low is not None or column.high is not None:
        notes.append(f"from {_bound(column.low)} to {_bound(column.high)}")
    if column.references:
        notes.append(f"refers to `{column.references}`")
    if column.is_personal:
        notes.append("personal data")
    return f"| {name} | {column.kind} | {column.description} | {'; '.join(notes)} |"


def _bound(value: float | None) -> str:
    return "…" if value is None else f"{value:,.0f}"


def main(root: Path | None = None) -> Path:
    """Write docs/codebook.md."""
    path = (root or Path(__file__).resolve().parents[2]) / "docs" / "codebook.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(codebook(), encoding="utf-8", newline="\n")
    return path


if __name__ == "__main__":
    print(main())
