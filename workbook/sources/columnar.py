"""Typed tables (Parquet files, tables of a database) to the same text cells as a CSV, so that one path follows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.errors import DataError, WorkbookError
from workbook.params import SourceParams, reveal
from workbook.sources.fragments import Fragment, looked_at
from workbook.sources.names import composed
from workbook.sources.table import RawTable
from workbook.text import msg

if TYPE_CHECKING:
    import pyarrow as pa

_FETCHED = 100_000  # rows of a database at a time


def read_parquet(path: Path) -> RawTable:
    """Read a Parquet file, or a table in fragments; line numbers count rows from 1. Raises `DataError`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        tables = [_with_cut(pq.read_table(fragment.path, partitioning=None), fragment) for fragment in looked_at(path)]
    except (pa.ArrowInvalid, OSError):
        raise DataError(msg("this file cannot be read as Parquet"), where=str(path), mend=msg("Write it again.")) from None
    return _as_text(tables, path.name, path)


def _with_cut(table: pa.Table, fragment: Fragment) -> pa.Table:
    """Return a fragment with the columns that its folders give."""
    import pyarrow as pa

    for name, value in fragment.cut.items():
        table = table.append_column(name, pa.array([value] * table.num_rows, pa.string()))
    return table


def read_database(source: SourceParams) -> RawTable:
    """Read a table of a database; the URL's secrets come from the environment. Raises `DataError`."""
    with _asked(source) as table:
        arrow = table.to_pyarrow()
    name = table_name(source)
    return replace(_as_text([arrow], name, Path(name)), is_stored=False)


def table_name(source: SourceParams) -> str:
    """Return what a table of a database is called in the account."""
    return source.table or source.frame or "table"


def database_schema(source: SourceParams) -> pa.Schema:
    """Return the columns of a table of a database, and their types. Raises `DataError`."""
    with _asked(source) as table:
        schema: pa.Schema = table.schema().to_pyarrow()
    return schema


def database_cells(source: SourceParams) -> int:
    """Return how many cells a table of a database holds. Raises `DataError`."""
    with _asked(source) as table:
        return int(table.count().execute()) * len(table.columns)


def database_batches(source: SourceParams) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table of a database, some at a time. Raises `DataError`."""
    with _asked(source) as table:
        database = table.get_backend()
        if database.name == "duckdb":  # Ibis 12 asks for batches by a name that DuckDB 2 has dropped
            yield from database.con.sql(database.compile(table)).to_arrow_reader(_FETCHED)
        else:
            yield from table.to_pyarrow_batches(chunk_size=_FETCHED)


def database_texts(source: SourceParams) -> Iterator[pd.DataFrame]:
    """Yield the rows of a table of a database as text cells, some at a time. Raises `DataError`."""
    import pyarrow as pa

    return (_text_frame(pa.Table.from_batches([batch])) for batch in database_batches(source))


@contextlib.contextmanager
def _asked(source: SourceParams) -> Iterator[Any]:
    """Give a table of a database to ask through Ibis, and say what goes wrong in words. Raises `DataError`."""
    import ibis

    assert source.database is not None
    try:
        address = reveal(source.database)
        only_to_read = {"read_only": True} if address.startswith("duckdb://") and not address.startswith("duckdb://md:") else {}  # or a wrong path would become a file
        yield ibis.connect(address, **only_to_read).table(source.table or source.frame or "")
    except (WorkbookError, GeneratorExit):
        raise
    except Exception as error:  # every engine has errors of its own
        raise DataError(
            msg("the database answered with {kind}", kind=error.__class__.__name__),
            where=f"{source.database}, table {source.table}",
            mend=msg("Check the address, the table's name and that the database can be reached."),
        ) from None


def _as_text(tables: Sequence[pa.Table], name: str, path: Path) -> RawTable:
    """Return tables, one below the other, as text cells."""
    count = sum(table.num_rows for table in tables)
    if not count:
        raise no_rows(path)
    parts = [_text_frame(table) for table in tables if table.num_rows]
    cells = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True).astype("str")
    lines = np.arange(1, count + 1, dtype=np.int64)
    return RawTable(
        file=name,
        path=path,
        header=tuple(cells.columns),
        cells=cells,
        lines=lines,
        header_line=0,
        encoding="typed",
        lines_read=count,
        not_data=0,
    )


def _text_frame(table: pa.Table) -> pd.DataFrame:
    return pd.DataFrame({str(column): text_cells(table.column(column)) for column in table.column_names})


def no_rows(path: Path) -> DataError:
    """Return the error of a file without rows."""
    return DataError(msg("the file holds a header and no rows"), where=str(path), mend=msg("Write it again, with its rows."))


def text_cells(column: pa.ChunkedArray) -> pd.Series[str]:
    """Return a column as text cells: stripped, letters composed, empty ones missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_timestamp(kind):
        column = pc.strftime(column, "%Y-%m-%d %H:%M:%S")
    elif pa.types.is_nested(kind) or pa.types.is_dictionary(kind):
        column = pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = pa.nulls(len(column), pa.string())
    text = pd.Series(column.cast(pa.string()).to_pylist(), dtype="str").str.strip().map(composed, na_action="ignore").astype("str")
    return text.where(text != "")
