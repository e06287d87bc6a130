"""A strictly written CSV as text cells in Parquet: UTF-8, a header in the first line, every line one row, as wide as the header.

The cells are those that `workbook/sources/delimited` and `layout` would read. Blocks without quotation marks are cut by Arrow, others by Python's
own reader; what either might read otherwise than the whole file is read, is `Unfit`.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from workbook.sources.delimited import declared, find_delimiter
from workbook.sources.encoding import BINARY_STARTS
from workbook.sources.layout import header_index
from workbook.sources.names import composed
from workbook.sources.passing.unfit import Unfit
from workbook.sources.passing.written import Written
from workbook.sources.presets import known_headers
from workbook.sources.table import Record
from workbook.text import Message, msg

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 8 * 2**20
_HEAD = 4 * 2_000_000  # bytes: at least as many letters as the delimiter is found by
_SEARCHED = 500  # filled lines that the header is found by
_CONTROLS = bytes(set(range(32)) - set(b"\t\r\n"))
_OTHER_FORMATS = (b"PAR1", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, *BINARY_STARTS)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands. first: its first line; names: the file's headings."""

    path: Path
    delimiter: str
    names: list[str]
    first: int


def lay_down_text(path: Path, folder: Path) -> tuple[Path, Written]:
    """Write a CSV as a Parquet file of text cells, empty ones missing, a row for each line below the header; return it, and how the CSV is written.

    Raises `Unfit` where its lines are not written strictly.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        written, names = _look_ahead(file.read(_HEAD), path)
        file.seek(len(codecs.BOM_UTF8) if written.encoding == "utf-8-sig" else 0)
        _refuse_odd_letters(b"".join(file.readline() for _ in range(written.header_line)), path, 1)
        folder.mkdir(parents=True)
        schema = pa.schema([(name, pa.string()) for name in names])
        first = written.header_line + 1
        with pq.ParquetWriter(folder / "text.parquet", schema) as parquet:
            for block in _blocks(file):
                table = _cut(block, _Place(path, written.delimiter, names, first))
                parquet.write_table(table, row_group_size=table.num_rows)
                first += table.num_rows
    if first == written.header_line + 1:
        raise Unfit(msg("{file} has no rows", file=path.name), str(path))
    return folder / "text.parquet", written


def _look_ahead(head: bytes, path: Path) -> tuple[Written, list[str]]:
    """Return how a CSV is written and its headings, from its beginning. Raises `Unfit`."""
    encoding = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    if head.startswith(_OTHER_FORMATS):
        raise Unfit(msg("{file} is no text in UTF-8", file=path.name), str(path))
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        raise Unfit(msg("{file} is no text in UTF-8", file=path.name), str(path)) from None
    delimiter, text, above = declared(text)
    delimiter = delimiter or find_delimiter(text)
    filled = _filled(text, delimiter, path)
    names = [composed(cell.strip()) for cell in filled[0][1]] if filled else []
    is_seen = len(head) < _HEAD or len(filled) == _SEARCHED
    is_first = is_seen and bool(filled) and filled[0][0] == 1 and header_index(filled, known_headers()) == 0
    if not is_first or len(names) < 2 or not all(names):
        raise Unfit(msg("the first line of {file} is not a header with a heading for each column", file=path.name), f"{path}, line {above + 1}")
    return Written(encoding, delimiter, above + 1), names


def _filled(text: str, delimiter: str, path: Path) -> list[Record]:
    """Return the first filled lines of a text, as many as the header is found by. Raises `Unfit`."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    filled: list[Record] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                filled.append((reader.line_num, cells))
            if len(filled) == _SEARCHED:
                break
    except csv.Error:
        raise Unfit(_odd_quotes(path), f"{path}, line {reader.line_num}") from None
    return filled


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of a file in blocks of whole lines."""
    rest = b""
    while read := file.read(_BLOCK):
        rest += read
        end = rest.rfind(b"\n") + 1
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def _cut(block: bytes, place: _Place) -> pa.Table:
    """Return the cells of a block: a row for each line. Raises `Unfit`."""
    import pyarrow as pa

    _refuse_odd_letters(block, place.path, place.first)
    is_plain = b'"' not in block and codecs.BOM_UTF8 not in block
    is_plain = is_plain and not (block.startswith((b"\n", b"\r\n")) or b"\n\n" in block or b"\n\r\n" in block)
    if is_plain:
        try:
            return _by_arrow(block, place)
        except pa.ArrowInvalid:
            pass  # Python's reader tells the line
    return _by_python(block, place)


def _refuse_odd_letters(block: bytes, path: Path, first: int) -> None:
    if block.count(b"\r") != block.count(b"\r\n") or len(block.translate(None, _CONTROLS)) != len(block):
        raise Unfit(msg("{file} holds control characters, or line ends of several kinds", file=path.name), f"{path}, from line {first} on")


def _by_arrow(block: bytes, place: _Place) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(
        pa.py_buffer(block),
        arrow_csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=place.names),
        arrow_csv.ParseOptions(delimiter=place.delimiter, quote_char=False, ignore_empty_lines=False),
        arrow_csv.ConvertOptions(column_types=dict.fromkeys(place.names, pa.string()), null_values=[""], strings_can_be_null=True),
    )


def _by_python(block: bytes, place: _Place) -> pa.Table:
    import pyarrow as pa

    columns = list(zip(*_rows(block, place), strict=True))
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in zip(place.names, columns, strict=True)})


def _rows(block: bytes, place: _Place) -> Iterator[list[Any]]:
    """Yield the cells of each line, empty ones as None. Raises `Unfit`."""
    try:
        lines = io.StringIO(block.decode("utf-8"), newline="")
    except UnicodeDecodeError as error:
        line = place.first + block.count(b"\n", 0, error.start)
        raise Unfit(msg("{file} is no text in UTF-8", file=place.path.name), f"{place.path}, line {line}") from None
    reader, width = csv.reader(lines, delimiter=place.delimiter, strict=True), len(place.names)
    line = place.first
    try:
        for cells in reader:
            if place.first + reader.line_num - 1 != line:
                raise Unfit(msg("a cell of {file} runs over several lines", file=place.path.name), f"{place.path}, line {line}")
            if len(cells) != width and any(cell.strip() for cell in cells):
                why = msg("line {line} of {file} has {n} cells, its header {width}", line=str(line), file=place.path.name, n=len(cells), width=width)
                raise Unfit(why, f"{place.path}, line {line}")
            yield [cell or None for cell in cells] if len(cells) == width else [None] * width
            line += 1
    except csv.Error:
        raise Unfit(_odd_quotes(place.path), f"{place.path}, line {line}") from None


def _odd_quotes(path: Path) -> Message:
    return msg("a quotation mark of {file} does not close as it must", file=path.name)
