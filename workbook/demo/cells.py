"""Canonical frames as text, one way on every machine."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workbook.frames import FRAMES


def number(value: float) -> str:
    """Write a number as short as it is."""
    return str(int(value)) if float(value).is_integer() else repr(round(float(value), 6))


_WRITERS: dict[str, Callable[[pd.Series], Iterable[str]]] = {
    "money": lambda s: [f"{v:.2f}" for v in s],
    "date": lambda s: s.dt.strftime("%Y-%m-%d"),
    "instant": lambda s: s.dt.strftime("%Y-%m-%d %H:%M"),
    "flag": lambda s: ["true" if v else "false" for v in s],
    "number": lambda s: [number(v) for v in s],
    "share": lambda s: [number(v) for v in s],
    "year": lambda s: [str(int(v)) for v in s],
    "whole": lambda s: [str(int(v)) for v in s],
}


def as_text(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a canonical frame with every cell as text; missing is empty."""
    kinds = {column.name: column.kind for column in FRAMES[name].columns}
    written = {}
    for column in frame.columns:
        values = frame[column]
        known = values.notna()
        cells = np.full(len(frame), "", dtype=object)
        cells[known.to_numpy()] = list(_WRITERS.get(kinds.get(column, "text"), list)(values[known]))
        written[column] = cells
    return pd.DataFrame(written, dtype=object)


def csv_text(rows: Iterable[Sequence[str]], delimiter: str = ",", end: str = "\n") -> str:
    """Return rows as CSV text."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def table_rows(table: pd.DataFrame) -> list[list[str]]:
    """Header and rows of a table of text."""
    return [list(table.columns), *(list(row) for row in table.itertuples(index=False, name=None))]


def write_bytes(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write text as bytes: no line end is translated on any system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
