"""A Parquet file, or a table in fragments, before it is taken: its cells in the engine, what recognition looks at, how much each column holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.sources.columnar import no_rows, text_cells
from workbook.sources.fragments import Fragment, cut_columns, looked_at
from workbook.sources.names import composed
from workbook.sources.own_columns import MOST_KNOWN, Cells
from workbook.sources.passing.engine import Engine, literal, quoted
from workbook.sources.passing.kinds import cell, plain_column, sql_type
from workbook.sources.passing.unfit import Unfit
from workbook.sources.passing.written import Written
from workbook.sources.table import RawTable
from workbook.sources.templates.declare import TEMPLATES
from workbook.sources.templates.read import is_template
from workbook.text import msg, printable

if TYPE_CHECKING:
    import pyarrow as pa

LINE = "_line"
_BLANK = r"\x09-\x0d\x1c-\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_UNTIDY = f"^[{_BLANK}]|[{_BLANK}]$|^$"
_POINTS = (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
_BLANKS = "".join(map(chr, _POINTS))
_SAMPLED = 200  # as many as recognition looks at
_AHEAD = 2000  # rows among which there are mostly as many


@dataclass
class ParquetFile:
    """One file, the fragments of one, or a table of a database. view: its cells in the engine, blanks round them cut off, letters composed, empty ones missing, each with its `_line`.

    path: of a database's table its name. kinds: of each column, the type of its cells in the view; schema: as they are written.
    not_data: empty lines, rows marked as deleted, and rows of a template that nobody filled in; the view lacks them. dropped: of columns whose words for not known the view
    lacks, how many there were and the first. trimmed, deleted: as a `RawTable` has them.
    """

    path: Path
    engine: Engine
    fragments: list[Fragment]
    schema: pa.Schema
    kinds: dict[str, pa.DataType]
    view: str
    is_stored: bool = True
    not_data: int = 0
    written: Written = field(default_factory=Written)
    dropped: dict[str, tuple[int, str]] = field(default_factory=dict)
    trimmed: tuple[tuple[str, int, str], ...] = ()
    deleted: tuple[str, int, str] | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return printable(self.path.name)

    @cached_property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(fragment.rows for fragment in self.fragments)

    def is_text(self, header: str) -> bool:
        """Tell whether a column holds text."""
        return bool(self.kinds[header] == "string")

    @cached_property
    def content(self) -> str:
        """The hash of its cells, whatever their order."""
        cells = ", ".join(map(quoted, self.schema.names))
        return hashlib.sha256(str(self.engine.row(f"SELECT count(*), sum(hash({cells})), bit_xor(hash({cells})) FROM {self.view}")).encode()).hexdigest()

    @cached_property
    def filled(self) -> dict[str, int]:
        """How many cells of each column hold something."""
        counts = ", ".join(f"count({quoted(name)})" for name in self.schema.names)
        return dict(zip(self.schema.names, self.engine.row(f"SELECT {counts} FROM {self.view}"), strict=True))

    @cached_property
    def roughly_distinct(self) -> dict[str, int]:
        """About how many distinct values each text column holds."""
        texts = [name for name in self.schema.names if self.is_text(name)]
        counts = ", ".join(f"approx_count_distinct({quoted(name)})" for name in texts)
        return dict(zip(texts, self.engine.row(f"SELECT {counts} FROM {self.view}"), strict=True)) if texts else {}

    @cached_property
    def sample(self) -> RawTable:
        """The first distinct cells of each column as a table of text: as much as recognition looks at."""
        columns = {name: self._sampled(name) for name in self.schema.names}
        height = max(map(len, columns.values()))
        cells = pd.DataFrame({name: pd.Series(found, index=range(len(found)), dtype="str").reindex(range(height)) for name, found in columns.items()})
        lines = np.arange(1, height + 1)
        return RawTable(self.name, self.path, tuple(cells.columns), cells, lines, header_line=0, encoding="typed", is_stored=self.is_stored)

    def _sampled(self, header: str) -> list[str]:
        if self.is_text(header):
            return self._values_ahead(header) or self.values(header, _SAMPLED)
        some = self.engine.arrow(f"SELECT {quoted(header)} FROM {self.view} WHERE {quoted(header)} IS NOT NULL LIMIT {_SAMPLED}")
        return list(dict.fromkeys(_texts(some, header, self.kinds[header])))

    def _values_ahead(self, header: str) -> list[str]:
        """Return the first distinct values of a text column where the first rows have as many as recognition looks at."""
        some = self.engine.rows(f"SELECT {quoted(header)} FROM {self.view} LIMIT {_AHEAD}")
        found = list(dict.fromkeys(text for (text,) in some if text is not None))
        return found[:_SAMPLED] if len(found) >= _SAMPLED else []

    def values(self, header: str, most: int) -> list[str]:
        """Return the first distinct values of a column as text, in the order in which they come."""
        column = quoted(header)
        found = self.engine.arrow(
            f"SELECT {column}, min({LINE}) AS first FROM {self.view} WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY first LIMIT {most}"
        )
        return _texts(found, header, self.kinds[header])

    def look(self, _: RawTable, header: str) -> Cells:
        """Look at a whole column, as `own_columns` asks for it."""
        distinct = self.engine.row(f"SELECT count(*) FROM (SELECT DISTINCT {quoted(header)} FROM {self.view})")[0]
        distinct -= self.filled[header] < self.rows - self.not_data
        values = self.values(header, MOST_KNOWN) if distinct <= MOST_KNOWN else []
        return Cells(self.rows - self.not_data, self.filled[header], distinct, tuple(values))

    def raw(self, lines: Sequence[int]) -> dict[int, str]:
        """Return the text of rows as it stands in the file, by line."""
        said: dict[int, str] = {}
        for first, fragment in _placed(self):
            here = [line - first for line in lines if first < line <= first + fragment.rows]
            if here:
                said |= {first + line: text for line, text in self._raw(fragment, here).items()}
        return said

    def _raw(self, fragment: Fragment, lines: Sequence[int]) -> dict[int, str]:
        wanted = ", ".join(str(line - 1) for line in lines)
        found = self.engine.arrow(f"SELECT * FROM {_read([fragment])} WHERE file_row_number IN ({wanted})")
        texts = {name: _texts(found, name, self._type_in_file(name, fragment)) for name in fragment.schema.names}
        cells = pd.DataFrame({name: texts[name] if name in texts else composed(fragment.cut.get(name) or "") or None for name in self.schema.names}, index=range(len(found)))
        places = found.column("file_row_number").to_numpy() + 1
        table = RawTable(self.name, self.path, tuple(cells.columns), cells, places, header_line=0, delimiter=self.written.delimiter)
        return {int(line): table.raw(at) for at, line in enumerate(table.lines)}

    def _type_in_file(self, header: str, fragment: Fragment) -> pa.DataType:
        """Return the type of a column's cells as they stand in the file: an instant with its zone, as fine as it is."""
        return self.kinds[header] if self.is_text(header) else fragment.schema.field(header).type


def _texts(table: pa.Table, header: str, kind: pa.DataType) -> list[str]:
    return text_cells(table.column(header).cast(kind)).tolist()


def open_file(path: Path, engine: Engine, number: int, laid_down: Path | None = None) -> ParquetFile:
    """Look at a file. number: tells its view from others; laid_down: where the table of a database lies whose name `path` is.

    Raises `Unfit` where it is no Parquet or holds a type that only text can tell, `DataError` where it has no rows.
    """
    return without_blank_rows(all_rows(path, engine, number, laid_down))


def all_rows(path: Path, engine: Engine, number: int, laid_down: Path | None = None, written: Written | None = None) -> ParquetFile:
    """Look at all rows of a file, as `open_file`. laid_down: also where the cells of a text lie; written: how that one is written.

    Raises `Unfit` where it is no Parquet or holds a type that only text can tell, `DataError` where it has no rows.
    """
    import pyarrow as pa

    try:
        fragments = looked_at(laid_down or path)
    except (pa.ArrowInvalid, OSError):
        raise Unfit(msg("{file} is not Parquet", file=path.name), str(path)) from None
    if not any(fragment.rows for fragment in fragments):
        raise no_rows(path)
    schema, kinds = _common(path, fragments)
    alike = any(len(set(fragment.schema.names)) < len(fragment.schema.names) for fragment in fragments)
    if alike or len({name.lower() for name in (*schema.names, LINE, "file_row_number")}) < len(schema.names) + 2:
        raise Unfit(msg("two columns of {file} have the same name", file=path.name), str(path))
    is_stored = laid_down is None or written is not None
    found = ParquetFile(path, engine, fragments, schema, kinds, f"cells_{number}", is_stored, written=written or Written())
    untidy = _untidy(found)
    engine.do(f"CREATE TEMP VIEW {found.view} AS {_cells(found, untidy)}")
    return found if written is None else replace(found, trimmed=_trimmed(found, untidy))


def _common(path: Path, fragments: Sequence[Fragment]) -> tuple[pa.Schema, dict[str, pa.DataType]]:
    """Return the columns of all fragments, and their plain types. Raises `Unfit` where a type is none, or differs."""
    import pyarrow as pa

    schema: dict[str, pa.DataType] = {}
    kinds: dict[str, pa.DataType] = {}
    nothing = pa.null()  # a fragment without a value may know no type
    for column in [*(column for fragment in fragments for column in fragment.schema), *(pa.field(*item) for item in cut_columns(fragments).items())]:
        kind = plain_column(column, path.name, path)
        if schema.get(column.name, nothing) == nothing:
            schema[column.name], kinds[column.name] = column.type, kind
        elif column.type != nothing and kind != kinds[column.name]:
            both = f"{schema[column.name]}, {column.type}"
            raise Unfit(msg("column {column} of {file} has more than one type: {kinds}", column=column.name, file=path.name, kinds=both), f"{path}, column {column.name}")
    return pa.schema(schema), kinds


def _placed(file: ParquetFile) -> Iterator[tuple[int, Fragment]]:
    """Yield a file's fragments with the number of lines before each."""
    before = file.written.header_line
    for fragment in file.fragments:
        yield before, fragment
        before += fragment.rows


def _read(fragments: Sequence[Fragment]) -> str:
    paths = ", ".join(literal(str(fragment.path)) for fragment in fragments)
    return f"read_parquet([{paths}], file_row_number = true, hive_partitioning = false)"


def _plain_cells(file: ParquetFile) -> str:
    """Return the SQL of all cells in their plain types, with their line. Fragments that are written alike are read as one."""
    runs = [list(run) for _, run in groupby(_placed(file), key=lambda placed: placed[1].schema)]
    return " UNION ALL ".join(_run(file, run) for run in runs)


def _run(file: ParquetFile, run: Sequence[tuple[int, Fragment]]) -> str:
    fragments = [fragment for _, fragment in run]
    cells = [f"{_cell(file, name, fragments)} AS {quoted(name)}" for name in file.schema.names]
    line = f"{_by_fragment([str(first + 1) for first, _ in run], 'BIGINT')} + file_row_number"
    return f"SELECT {', '.join(cells)}, {line} AS {LINE} FROM {_read(fragments)}"


def _by_fragment(values: Sequence[str], sql_type: str) -> str:
    """Return the SQL of what has one value per fragment that is read."""
    chosen = values[0] if len(values) == 1 else f"([{', '.join(values)}])[file_index::BIGINT + 1]"
    return f"({chosen})::{sql_type}"


def _cell(file: ParquetFile, header: str, fragments: Sequence[Fragment]) -> str:
    schema = fragments[0].schema
    if header in schema.names:
        return cell(header, schema.field(header).type, file.engine)
    return _by_fragment([literal(fragment.cut.get(header)) for fragment in fragments], sql_type(file.kinds[header]))


def _untidy(file: ParquetFile) -> set[str]:
    """Return the text columns with blanks round a cell, with empty cells, or with letters that are not composed."""
    texts = [name for name in file.schema.names if file.is_text(name)]
    if not texts:
        return set()
    found = ", ".join(f"bool_or(regexp_matches({quoted(name)}, {literal(_UNTIDY)}) OR nfc_normalize({quoted(name)}) <> {quoted(name)})" for name in texts)
    return {name for name, is_untidy in zip(texts, file.engine.row(f"SELECT {found} FROM ({_plain_cells(file)})"), strict=True) if is_untidy}


def _cells(file: ParquetFile, untidy: set[str]) -> str:
    trimmed = {name: f"nfc_normalize(nullif(trim({quoted(name)}, {literal(_BLANKS)}), '')) AS {quoted(name)}" for name in untidy}
    cells = [trimmed.get(name) or quoted(name) for name in file.schema.names]
    return f"SELECT {', '.join(cells)}, {LINE} FROM ({_plain_cells(file)})"


def _trimmed(file: ParquetFile, untidy: set[str]) -> tuple[tuple[str, int, str], ...]:
    """Return where blanks were cut off, as `layout` says it."""
    found = []
    for name in [name for name in file.schema.names if name in untidy]:
        column, cut = quoted(name), f"trim({quoted(name)}, {literal(_BLANKS)})"
        n, first = file.engine.row(f"SELECT count(*), arg_min({column}, {LINE}) FROM ({_plain_cells(file)}) WHERE {column} <> {cut} AND {cut} <> ''")
        if n:
            found.append((name, n, first))
    return tuple(found)


def without_blank_rows(file: ParquetFile) -> ParquetFile:
    """Leave out the rows of a template that nobody filled in, as the way through text does."""
    if not is_template(_headings(file)):
        return file
    template = TEMPLATES[file.path.stem]
    is_filled = f"coalesce({', '.join(f'{quoted(name)}::VARCHAR' for name in template.to_fill)}) IS NOT NULL"
    filled = file.engine.row(f"SELECT count(*) FROM {file.view} WHERE {is_filled}")[0]
    if filled == file.rows - file.not_data or (template.whole_file and filled):
        return file
    if not filled:
        raise Unfit(msg("nobody has filled in {file}", file=file.name), str(file.path))
    return narrowed(file, is_filled, filled)


def narrowed(file: ParquetFile, condition: str, left: int) -> ParquetFile:
    """Return a file without the rows that do not meet a condition; these are no data. left: how many meet it."""
    file.engine.do(f"CREATE TEMP VIEW {file.view}_filled AS SELECT * FROM {file.view} WHERE {condition}")
    return replace(file, view=f"{file.view}_filled", not_data=file.rows - left)


def _headings(file: ParquetFile) -> RawTable:
    return RawTable(file.name, file.path, tuple(file.schema.names), pd.DataFrame(), np.array([]), header_line=0)
