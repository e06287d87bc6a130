"""The engine that frames are asked with: DuckDB over their files, within bounds."""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import TYPE_CHECKING

from workbook.chapter import TEMPORARY_VARIABLE

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table


def connect(memory_limit: str) -> Backend:
    """Return an empty DuckDB that holds at most `memory_limit` and spills the rest to disk.

    What is spilled lies in a temporary folder that goes with the connection: within the run's own, which WORKBOOK_TEMPORARY names, so that
    the next run finds it should this one be killed. One thread: sums come in one order, so the same inputs give the same bytes, and
    chapters run side by side.
    """
    import ibis

    ibis.options.sql.fuse_selects = False  # DuckDB merges them itself, in far less time
    spilled = tempfile.TemporaryDirectory(prefix="workbook-spilled-", dir=os.environ.get(TEMPORARY_VARIABLE), ignore_cleanup_errors=True)
    database = ibis.duckdb.connect(threads=1, memory_limit=memory_limit, temp_directory=spilled.name)
    if database.settings["enable_progress_bar"] == "true":  # it would be printed into the chapter; in some kernels it cannot even be set
        database.settings["enable_progress_bar"] = False
    database.settings["preserve_insertion_order"] = False  # rows are sorted when they arrive; to keep an order takes memory
    weakref.finalize(database, spilled.cleanup)
    return database


def execute(expression: Table) -> pa.Table:
    """Return an expression's rows; where the memory does not suffice, once more with joins on disk from the start.

    DuckDB holds a join in memory as long as it believes that it fits, and notices too late in between: at 25 million entries a
    question failed that passed at 50 million.
    """
    import duckdb

    try:
        return expression.to_pyarrow()
    except duckdb.OutOfMemoryException:
        database = expression.get_backend()
        database.raw_sql("SET debug_force_external = true")
        try:
            return expression.to_pyarrow()
        finally:
            database.raw_sql("RESET debug_force_external")
