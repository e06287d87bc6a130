"""CSV text to records. The delimiter is the one that cuts most lines into the same number of cells."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice

from workbook.sources.table import Record, Records
from workbook.text import Message, msg

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 400

csv.field_size_limit(10_000_000)


def split(text: str) -> Records:
    """Return the records of a delimited text, each with the number of its first physical line."""
    delimiter, text, first = declared(text)
    delimiter = delimiter or find_delimiter(text)
    rows, broken = _parse(text, delimiter)
    rows = [(line + first, cells) for line, cells in rows]
    return Records(rows, delimiter=delimiter, broken=tuple((line + first, why, raw) for line, why, raw in broken))


def declared(text: str) -> tuple[str, str, int]:
    """Read Excel's own first line `sep=;`: return the delimiter that it names, the text below it, and how many lines it takes."""
    head = text[:8].lower()
    if head.startswith("sep=") and len(text) > 4 and text[4] in _DELIMITERS:
        _, _, rest = text.partition("\n")
        return text[4], rest, 1
    return "", text, 0


def find_delimiter(text: str) -> str:
    """Return the delimiter that gives most lines the same, and the largest, number of cells."""
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(text[:2_000_000], newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in islice(reader, _SAMPLE) if row)
        if not widths:
            continue
        usual = max(widths, key=lambda width: (widths[width] * (width - 1) ** 0.5, width))
        score = widths[usual] / widths.total() * (usual - 1) ** 0.5
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _parse(text: str, delimiter: str) -> tuple[list[Record], list[tuple[int, Message, str]]]:
    """Read all records; where an opened quote swallows lines, give up that line and read on behind it."""
    rows: list[Record] = []
    broken: list[tuple[int, Message, str]] = []
    lines = list(io.StringIO(text, newline=""))
    offset = 0
    while (swallowed := _read(lines, delimiter, offset, rows)) is not None:
        why = msg("a quotation mark is opened and never closed")
        broken.append((swallowed, why, lines[swallowed - 1].rstrip("\r\n")))
        offset = swallowed
    return rows, broken


def _read(lines: list[str], delimiter: str, offset: int, rows: list[Record]) -> int | None:
    """Append records from `offset` on; return the line of a record that swallowed others, or None at the end."""
    reader = csv.reader(islice(lines, offset, None), delimiter=delimiter)
    before = 0
    for cells in reader:
        after = reader.line_num
        if after - before > 1 and _swallows(lines[offset + before : offset + after], _usual_width(rows), delimiter):
            return offset + before + 1
        rows.append((offset + before + 1, cells))
        before = after
    return None


def _usual_width(rows: list[Record]) -> int:
    """Return how many cells most records have; blank lines and single cells do not count."""
    widths = Counter(len(cells) for _, cells in rows[:500] if len(cells) > 1)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _swallows(span: list[str], usual: int, delimiter: str) -> bool:
    """Tell whether a record over several lines holds other records.

    So it is where its quotation marks do not close as they must (before a delimiter or the line's end) and a further
    line is as wide as a record. Prose with line breaks and commas in a well-closed cell is left alone.
    """
    if usual < 2 or not any(line.count(delimiter) >= usual - 1 for line in span[1:]):
        return False
    try:
        list(csv.reader(span, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False
