"""Is there room for the way through text? What is too large for it goes another way, or is refused with what stands in its way, not killed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from workbook.errors import DataError
from workbook.params import RunParams
from workbook.sources.columnar import database_cells
from workbook.sources.delimited import declared, find_delimiter
from workbook.sources.files import Located, locate
from workbook.sources.fragments import looked_at
from workbook.sources.passing.unfit import Unfit
from workbook.text import msg, number

BYTES_PER_CELL = 60  # measured: a company of 2.4 million lines, 24 million cells
BYTES_PER_TEXT_CELL = 130  # measured: a CSV of a million lines of eight columns; it is cut into cells first
LEAST_TEXT = 2**24  # bytes: from here on text is laid down for the engine; smaller ones are read cell by cell as fast
_GIB, _BLOCK = 2**30, 2**20
_TEXTS = (".csv", ".tsv", ".txt")
_BYTES_PER_XML_CELL, _BYTES_PER_XLS_CELL = 16, 6  # an empty one takes as much in a sheet of an XLSX and of an XLS


def refuse_too_large(params: RunParams, unfit: Unfit) -> None:
    """Stop before data that cannot pass through fill the memory as text cells. Raises `DataError`."""
    import psutil

    needed, there = sum(map(needed_bytes, locate(params).located)), psutil.virtual_memory().total
    if needed > there:
        raise DataError(
            msg(
                "these data cannot be taken as they are: {why}; read cell by cell they need about {needed} GiB of memory, and there are {there}",
                why=unfit.why, needed=number(needed / _GIB, 0), there=number(there / _GIB, 0),
            ),
            where=unfit.where,
            mend=msg("Correct it where the files are written; the codebook says which columns and types are canonical, docs/large_data.md how a CSV passes."),
        )  # fmt: skip


def refuse_large_beside(unfit: Sequence[tuple[Located, Unfit]], params: RunParams) -> None:
    """Stop where what cannot pass is more than may be read cell by cell beside the rest: as much memory again as the engine may hold.

    Raises the `Unfit` of the largest.
    """
    needed = [needed_bytes(item) for item, _ in unfit]
    if sum(needed) > _bytes(params.memory_limit):
        raise unfit[needed.index(max(needed))][1]


def is_text(item: Located) -> bool:
    """Tell whether a file is called as one of text, and is none of Parquet."""
    if item.path is None or not item.path.is_file() or item.path.suffix.lower() not in _TEXTS:
        return False
    try:
        with item.path.open("rb") as file:
            return file.read(4) != b"PAR1"
    except OSError:
        return False


def are_large_texts(located: Sequence[Located]) -> bool:
    """Tell whether files of text are so large together that laying them down for the engine pays."""
    return sum(item.path.stat().st_size for item in located if item.path is not None and is_text(item)) >= LEAST_TEXT


def _bytes(limit: str) -> float:
    """Return a limit such as `1 GiB` in bytes."""
    match = re.fullmatch(r"([\d.]+) ?([KMGT])(i?)B", limit)
    assert match is not None
    return float(float(match[1]) * (1024 if match[3] else 1000) ** ("KMGT".index(match[2]) + 1))


def needed_bytes(item: Located) -> int:
    """Return about how many bytes a file or table takes when it is read cell by cell; rather too many."""
    counted = _cells(item)
    if counted or item.path is None:
        return BYTES_PER_CELL * counted
    try:
        return BYTES_PER_TEXT_CELL * _text_cells(item.path)
    except (OSError, zipfile.BadZipFile):  # whoever reads it says so
        return 0


def _text_cells(path: Path) -> int:
    """Return how many cells a file of text or of Excel holds at most."""
    if not path.is_file():
        return 0
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            return sum(part.file_size for part in book.infolist() if part.filename.startswith("xl/worksheets/")) // _BYTES_PER_XML_CELL
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            return path.stat().st_size // _BYTES_PER_XLS_CELL
        file.seek(0)
        named, text, _ = declared(file.read(_BLOCK).decode("latin-1"))
        marks = ((named or find_delimiter(text)).encode(), b"\n")
        file.seek(0)
        return sum(block.count(mark) for block in iter(lambda: file.read(_BLOCK), b"") for mark in marks)


def _cells(item: Located) -> int:
    """Return how many cells a Parquet file or the table of a database holds; 0 for other files, whose size tells less."""
    import pyarrow as pa

    if item.path is None:
        return database_cells(item.source)
    try:
        return sum(fragment.rows * (len(fragment.schema) + len(fragment.cut)) for fragment in looked_at(item.path))
    except (pa.ArrowInvalid, OSError):
        return 0
