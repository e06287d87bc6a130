"""Tables of databases for the engine: written as Parquet beside it, some rows at a time, and then read as files are."""

from __future__ import annotations

from pathlib import Path

from workbook.params import SourceParams
from workbook.sources.columnar import database_batches, database_schema, table_name
from workbook.sources.passing.kinds import plain_column


def lay_down(source: SourceParams, folder: Path) -> Path:
    """Write a table of a database as a Parquet file. Raises `Unfit` where it holds a type that only text can tell, `DataError` where it cannot be had."""
    import pyarrow.parquet as pq

    name, schema = table_name(source), database_schema(source)
    for column in schema:  # before all its rows are fetched
        plain_column(column, name, Path(name))
    folder.mkdir(parents=True)
    with pq.ParquetWriter(folder / "table.parquet", schema) as file:
        for batch in database_batches(source):
            file.write_batch(batch.cast(schema))
    return folder / "table.parquet"
