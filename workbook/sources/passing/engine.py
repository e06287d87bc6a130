"""The engine of the passing import: DuckDB within bounds, and the list of flagged rows that it keeps off the heap."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.errors import DataError
from workbook.sources.ledger import FlaggedRow
from workbook.text import msg

if TYPE_CHECKING:
    import pyarrow as pa

_LISTED = ("rule", "frame", "column", "file", "line", "id", "value")
_FETCHED = 50_000
_ROW_GROUP = 122_880


def quoted(name: str) -> str:
    """Return an identifier as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | None) -> str:
    """Return a text as SQL."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


class Engine:
    """A DuckDB of its own that holds at most `memory_limit` and spills into a folder below `beside`. Closes as a context, which raises
    `DataError` where that is too little.

    One thread and rows in their order: what it writes is the same, byte for byte, every time. folder: for what it spills, and for files that
    go when it closes.
    """

    def __init__(self, memory_limit: str, beside: Path) -> None:
        import duckdb

        beside.mkdir(parents=True, exist_ok=True)
        self._spilled = tempfile.TemporaryDirectory(prefix=".spilled-", dir=beside, ignore_cleanup_errors=True)
        self.folder = Path(self._spilled.name)
        self._limit = memory_limit
        settings = {"threads": 1, "memory_limit": memory_limit, "temp_directory": self._spilled.name}
        self._database = duckdb.connect(config=settings)
        if self.row("SELECT current_setting('enable_progress_bar')")[0]:  # it would be printed where a notebook imports
            self.do("SET enable_progress_bar = false")
        self._defined: set[str] = set()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import duckdb

        self._database.close()
        self._spilled.cleanup()
        if isinstance(error, duckdb.OutOfMemoryException):
            raise DataError(
                msg("the data need more memory than memory_limit allows ({limit})", limit=self._limit),
                where="memory_limit",
                mend=msg("Give it more in the settings: the default is 1 GiB."),
            ) from None

    def do(self, sql: str) -> None:
        """Run a statement."""
        self._database.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a query gives."""
        found: list[tuple[Any, ...]] = self._database.execute(sql).fetchall()
        return found

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row that a query gives."""
        (found,) = self.rows(sql)
        return found

    def arrow(self, sql: str) -> pa.Table:
        """Return what a query gives as an Arrow table."""
        return self._database.sql(sql).to_arrow_table()

    def batches(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """Yield what a query gives, some thousand rows at a time; nothing else may be asked meanwhile."""
        cursor = self._database.execute(sql)
        while some := cursor.fetchmany(_FETCHED):
            yield some

    def write(self, sql: str, path: Path, schema: pa.Schema | None = None) -> None:
        """Write what a query gives as a Parquet file, a row group at a time, each column able to hold nothing.

        schema: names and types, where they are to be others than the query's.
        """
        # DuckDB's own COPY declares columns without a missing cell as required: the schema would then hang on the data.
        import pyarrow as pa
        import pyarrow.parquet as pq

        batches = self._database.sql(sql).to_arrow_reader(_ROW_GROUP)
        with pq.ParquetWriter(path, schema or batches.schema) as file:
            for batch in batches:
                file.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema) if schema else batch)

    def give(self, name: str, table: pa.Table) -> None:
        """Keep an Arrow table as a table of the engine."""
        self._database.register("given", table)
        self.do(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT * FROM given")
        self._database.unregister("given")

    def define_text(self, name: str, function: Any) -> None:
        """Make a function of one text known to SQL."""
        self._database.create_function(name, function, ["VARCHAR"], "VARCHAR")

    def define(self, name: str, function: Any, takes: str, gives: str) -> None:
        """Make a function of an Arrow array known to SQL, once. takes, gives: SQL types."""
        if name not in self._defined:
            self._database.create_function(name, function, [takes], gives, type="arrow")
            self._defined.add(name)


class FlaggedRows:
    """The rows behind all flags, in the order in which they were flagged; there may be millions, so the engine keeps them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        columns = ", ".join(f"{quoted(name)} {'BIGINT' if name == 'line' else 'VARCHAR'}" for name in _LISTED)
        engine.do(f"CREATE TEMP TABLE flagged_rows (place BIGINT, {columns})")
        self._count = 0

    def extend(self, rows: Iterable[FlaggedRow]) -> None:
        """Add rows that are at hand."""
        import pyarrow as pa

        listed = list(rows)
        table = pa.table({name: pa.array([getattr(row, name) for row in listed], _arrow_type(name)) for name in _LISTED})
        self._engine.give("flagged_now", table)
        self.add("SELECT *, row_number() OVER () AS place FROM flagged_now")

    def add(self, query: str) -> int:
        """Add the rows of a query with the columns of `FlaggedRow`, in the order of a further column `place`; return their number."""
        named = ", ".join(map(quoted, _LISTED))
        before = self._count
        self._engine.do(f"INSERT INTO flagged_rows SELECT {before} + row_number() OVER (ORDER BY place) AS place, {named} FROM ({query}) ORDER BY place")
        self._count = self._engine.row("SELECT count(*) FROM flagged_rows")[0]
        return self._count - before

    def first_since(self, count: int) -> FlaggedRow | None:
        """Return the row that follows the first `count` ones."""
        found = self._engine.rows(f"SELECT {', '.join(map(quoted, _LISTED))} FROM flagged_rows WHERE place = {count + 1}")
        return FlaggedRow(*found[0]) if found else None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[FlaggedRow]:
        for batch in self._engine.batches(f"SELECT {', '.join(map(quoted, _LISTED))} FROM flagged_rows ORDER BY place"):
            yield from (FlaggedRow(*row) for row in batch)


def _arrow_type(name: str) -> str:
    return "int64" if name == "line" else "string"
