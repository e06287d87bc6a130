"""A table as read from a file: text cells, each row with its line number, nothing interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from workbook.text import Message

Record = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Records:
    """The lines of one file or sheet. rows: (line number, cells); broken: (line number, reason, raw text)."""

    rows: list[Record]
    encoding: str = ""
    delimiter: str = ""
    repaired_lines: int = 0
    broken: tuple[tuple[int, Message, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table. cells: one text column per header name, missing cells NaN; lines: line number of each row.

    totals: total rows as (line, cells); not_data: lines that are no rows; broken: lines that cannot be rows.
    trimmed: (heading, cells with blanks around them, an example). deleted: the heading that marks rows as deleted,
    how many were left out for it (they are among `not_data`), and the word. is_stored: it lies in files; else it is a database's, and `path` is its name.
    """

    file: str
    path: Path
    header: tuple[str, ...]
    cells: pd.DataFrame
    lines: np.ndarray
    header_line: int
    encoding: str = ""
    delimiter: str = ""
    repaired_lines: int = 0
    preamble: tuple[str, ...] = ()
    totals: tuple[tuple[int, tuple[str, ...]], ...] = ()
    broken: tuple[tuple[int, Message, str], ...] = ()
    lines_read: int = 0
    not_data: int = 0
    ignored_cells: int = 0
    trimmed: tuple[tuple[str, int, str], ...] = ()
    deleted: tuple[str, int, str] | None = None
    is_stored: bool = True

    def raw(self, row: int) -> str:
        """Return a row's text for the list of rejected lines."""
        return (self.delimiter or ",").join("" if pd.isna(cell) else str(cell) for cell in self.cells.iloc[row])
