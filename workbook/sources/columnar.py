"""Typed tables (Parquet files, tables of a database) to the same text cells as a CSV, so that one path follows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.errors import DataError
from workbook.params import SourceParams, reveal
from workbook.sources.fragments import Fragment, looked_at
from workbook.sources.table import RawTable
from workbook.text import msg

if TYPE_CHECKING:
    import pyarrow as pa


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
    """Read a table of a database through Ibis; the URL's secrets come from the environment. Raises `DataError`."""
    import ibis

    assert source.database is not None
    shown = f"{source.database}, table {source.table}"
    mend = msg("Check the address, the table's name and that the database can be reached.")
    try:
        connection = ibis.connect(reveal(source.database))
        arrow = connection.table(source.table or source.frame or "").to_pyarrow()
    except DataError:
        raise
    except Exception as error:  # every engine has errors of its own
        if error.__class__.__name__ == "ParamsError":
            raise
        kind = error.__class__.__name__
        raise DataError(msg("the database answered with {kind}", kind=kind), where=shown, mend=mend) from None
    name = source.table or source.frame or "table"
    return from_arrow(arrow, name, Path(name))


def from_arrow(arrow: pa.Table, name: str, path: Path) -> RawTable:
    """Return an Arrow table as text cells."""
    return _as_text([arrow], name, path)


def _as_text(tables: Sequence[pa.Table], name: str, path: Path) -> RawTable:
    """Return tables, one below the other, as text cells."""
    count = sum(table.num_rows for table in tables)
    if not count:
        raise no_rows(path)
    parts = [pd.DataFrame({str(column): text_cells(table.column(column)) for column in table.column_names}) for table in tables if table.num_rows]
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


def no_rows(path: Path) -> DataError:
    """Return the error of a file without rows."""
    return DataError(msg("the file holds a header and no rows"), where=str(path), mend=msg("Write it again, with its rows."))


def text_cells(column: pa.ChunkedArray) -> pd.Series[str]:
    """Return a column as text cells: stripped, empty ones missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_timestamp(kind):
        column = pc.strftime(column, "%Y-%m-%d %H:%M:%S")
    elif pa.types.is_nested(kind) or pa.types.is_dictionary(kind):
        column = pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = pa.nulls(len(column), pa.string())
    text = pd.Series(column.cast(pa.string()).to_pylist(), dtype="str").str.strip()
    return text.where(text != "")
