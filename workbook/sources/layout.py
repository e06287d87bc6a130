"""Records to a table: where the header is, and which lines are no rows (preamble, totals, remarks, repeated headers)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from workbook.errors import DataError
from workbook.sources.names import composed, normalise, without_unit
from workbook.sources.table import RawTable, Record, Records
from workbook.text import Message, msg

_TOTAL = re.compile(
    r"^\s*(grand\s+|sub\s*|zwischen|end)?(totals?|summen?|gesamt(summe|ergebnis|wert|betrag)?|sum|insgesamt)\b.{0,30}$", re.I
)
_SUBTOTAL = re.compile(r"^\s*(sub\s*total|zwischensumme)", re.I)
_VALUE = re.compile(r"^[\s\d.,:/%€$£+'()\-]+$|^\d{4}-\d\d-\d\d[T ].*$")
_HEADER_SEARCH = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Which file a table is from."""

    name: str
    path: Path


def lay_out(records: Records, place: Place, known: Collection[str] = ()) -> RawTable:
    """Return the table within the records. known: normalised header names of all mappings.

    Raises `DataError` where there is no header or no row below it.
    """
    filled = [(line, cells) for line, cells in records.rows if any(cell.strip() for cell in cells)]
    if not filled:
        raise DataError(msg("the file is empty"), where=str(place.path), mend=msg("Export it again, with its rows."))
    at = header_index(filled, known)
    header_line, header = filled[at]
    width = max((i + 1 for i, cell in enumerate(header) if cell.strip()), default=0)
    below = filled[at + 1 :]
    rows, totals = _sort_lines(below, header, width)
    if not rows:
        raise DataError(
            msg("the file holds a header and no rows"),
            where=f"{place.path}, line {header_line}",
            mend=msg("Export it again; check the filter of the report or view."),
        )
    columns, ignored_cells = _columns(header, rows)
    rows, broken = _fit(rows, max(columns) + 1, len(header))
    cells, trimmed = _cells(rows, header, columns)
    lines_read = len(records.rows) + len(records.broken)
    return RawTable(
        file=place.name,
        path=place.path,
        header=tuple(cells.columns),
        cells=cells,
        lines=np.array([line for line, _ in rows], dtype=np.int64),
        header_line=header_line,
        encoding=records.encoding,
        delimiter=records.delimiter,
        repaired_lines=records.repaired_lines,
        preamble=tuple(" ".join(cell for cell in row if cell).strip() for _, row in filled[:at]),
        totals=tuple((line, tuple(row)) for line, row in totals),
        broken=(*records.broken, *broken),
        lines_read=lines_read,
        not_data=lines_read - len(rows) - len(records.broken) - len(broken),
        ignored_cells=ignored_cells,
        trimmed=trimmed,
    )


def header_index(filled: list[Record], known: Collection[str]) -> int:
    """Return the index of the first row that looks like a header: known names, else distinct words over most columns."""
    widths = Counter(sum(1 for cell in cells if cell.strip()) for _, cells in filled[:500])
    typical = max(widths, key=lambda width: (widths[width] * width, width))
    search = filled[:_HEADER_SEARCH]
    best, best_hits = 0, 1
    for index, (_, cells) in enumerate(search):
        names = [cell for cell in cells if cell.strip()]
        hits = sum(1 for name in set(names) if normalise(name) in known or normalise(without_unit(name)) in known)
        if hits > best_hits and hits >= 0.3 * len(names):
            best, best_hits = index, hits
    if best_hits > 2 or (best_hits > 1 and not any(_is_heading(cells, typical) for _, cells in search[:best])):
        return best
    for index, (_, cells) in enumerate(search):
        if _is_heading(cells, typical):
            return index
    return 0


def _is_heading(cells: list[str], typical: int) -> bool:
    """Tell whether a row looks like a header: distinct words over most columns."""
    names = [cell.strip() for cell in cells if cell.strip()]
    words = [name for name in names if not _VALUE.match(name)]
    return len(names) >= max(1, 0.6 * typical) and len(words) >= 0.8 * len(names) and len(set(names)) == len(names)


def _sort_lines(below: list[Record], header: list[str], width: int) -> tuple[list[Record], list[Record]]:
    """Return the rows and the totals among the lines below the header; repeated headers and remarks are left out."""
    names = [cell.strip() for cell in header]
    usual = float(np.median([sum(1 for cell in cells[:width] if cell.strip()) for _, cells in below])) if below else 0.0
    rows: list[Record] = []
    totals: list[Record] = []
    for line, cells in below:
        if [cell.strip() for cell in cells[: len(names)]] == names:
            continue
        if _is_total(cells, width, usual):
            totals.append((line, cells))
        else:
            rows.append((line, cells))
    named = sum(1 for name in names if name)
    while len(rows) > 1 and named >= 3 and sum(1 for cell in rows[-1][1] if cell.strip()) <= 1 and _is_remark(rows[-1][1]):
        rows.pop()
    return rows, totals


def _is_total(cells: list[str], width: int, usual: float) -> bool:
    texts = [cell for cell in cells[:width] if cell.strip()]
    if not texts or len(texts) > max(2.0, 0.5 * usual) or usual < 2:
        return False
    return any(_TOTAL.match(text) for text in texts[:2])


def is_subtotal(cells: Collection[str]) -> bool:
    """Tell whether a total row sums a part only, so that it cannot be compared with the whole column."""
    return any(_SUBTOTAL.match(cell) for cell in cells)


def _is_remark(cells: list[str]) -> bool:
    """Tell whether the only filled cell is a sentence below the table rather than a short row."""
    return bool(cells) and bool(cells[0].strip()) and (len(cells) == 1 or len(cells[0]) > 20)


def _columns(header: list[str], rows: list[Record]) -> tuple[list[int], int]:
    """Return the positions of the table's columns, and how many filled cells stand to its right (a pivot table)."""
    width = max(len(header), 1)
    filled = [0] * width
    for _, cells in rows:
        for i, cell in enumerate(cells[:width]):
            if cell and not cell.isspace():
                filled[i] += 1
    is_named = [bool(cell.strip()) for cell in header]
    for gap in range(1, width):
        if is_named[gap] or filled[gap]:
            continue
        right = [i for i in range(gap + 1, width) if filled[i]]
        if right and max(filled[i] for i in right) <= 0.6 * len(rows):
            width = gap
            break
    dropped = sum(filled[width:])
    return [i for i in range(width) if is_named[i] or filled[i]] or [0], dropped


def _fit(rows: list[Record], width: int, header_width: int) -> tuple[list[Record], list[tuple[int, Message, str]]]:
    """Pad short rows; give up rows with filled cells beyond the header, or with a fragment of a line."""
    fitting: list[Record] = []
    broken: list[tuple[int, Message, str]] = []
    for line, cells in rows:
        if len(cells) < width:
            if len(cells) == 1 and width >= 4:
                why = msg("the line has 1 cell where the header has {width}", width=width)
                broken.append((line, why, cells[0]))
                continue
            cells = cells + [""] * (width - len(cells))
        elif len(cells) > header_width and any(cell.strip() for cell in cells[header_width:]):
            why = msg("the line has {n} cells where the header has {width}", n=len(cells), width=header_width)
            broken.append((line, why, ",".join(cells)))
            continue
        fitting.append((line, cells))
    return fitting, broken


def _cells(rows: list[Record], header: list[str], columns: list[int]) -> tuple[pd.DataFrame, tuple[tuple[str, int, str], ...]]:
    """Return the text cells – stripped, letters composed, empty ones missing, header names unique – and where blanks were cut off."""
    names = _unique([composed(header[i].strip()) or f"column {i + 1}" for i in columns])
    data, trimmed = {}, []
    for name, position in zip(names, columns, strict=True):
        read = pd.Series([cells[position] for _, cells in rows], dtype="str")
        column = read.str.strip()
        cut = (read != column) & (column != "")
        if cut.any():
            trimmed.append((name, int(cut.sum()), str(read[cut].iloc[0])))
        data[name] = column.map(composed).astype("str").where(column != "")
    return pd.DataFrame(data), tuple(trimmed)


def _unique(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique
