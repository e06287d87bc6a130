"""DuckDB stays within its bounds and leaves nothing; what comes back is exact."""

import gc
import os
from decimal import Decimal

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from workbook.chapter import TEMPORARY_VARIABLE
from workbook.notebook import to_frame
from workbook.notebook.engine import connect
from workbook.params import RunParams


@pytest.fixture
def wide(tmp_path):
    """A Parquet file of 200,000 groups with long names: more than 30 MiB while they are counted."""
    ids = np.random.default_rng(1).permutation(200_000)
    pq.write_table(pa.table({"id": [f"{i:>200}" for i in ids], "n": ids}), tmp_path / "wide.parquet")
    return tmp_path / "wide.parquet"


def test_what_does_not_fit_is_spilled_into_the_runs_folder_and_removed(tmp_path, wide, monkeypatch):
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv(TEMPORARY_VARIABLE, str(folder))
    database = connect("30 MiB")
    table = database.read_parquet(wide, table_name="wide")
    assert table.group_by("id").agg(n=table.n.sum()).count().execute() == 200_000
    kept = database.create_table("kept", table)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) > 0
    database.disconnect()
    del database, table, kept
    gc.collect()
    assert list(folder.iterdir()) == []


def test_what_ran_out_of_memory_is_asked_once_more_with_joins_on_disk(wide, monkeypatch):
    database = connect("30 MiB")
    table = database.read_parquet(wide, table_name="wide")
    forced, really = [], ibis.expr.types.Table.to_pyarrow

    def answered(expression, **how):
        forced.extend(said for (said,) in database.raw_sql("SELECT current_setting('debug_force_external')").fetchall())
        if len(forced) == 1:
            raise duckdb.OutOfMemoryException("could not allocate")
        return really(expression, **how)

    monkeypatch.setattr("ibis.expr.types.Table.to_pyarrow", answered)
    assert to_frame(table.agg(n=table.n.sum()))["n"].to_list() == [sum(range(200_000))]
    assert to_frame(table.agg(n=table.n.max()))["n"].to_list() == [199_999]
    assert forced == [False, True, False]


def test_a_frame_stays_a_view_of_its_file(wide):
    table = connect("30 MiB").read_parquet(wide, table_name="wide")
    os.truncate(wide, 10)
    with pytest.raises(Exception, match=r"wide\.parquet"):
        table.count().execute()


@pytest.mark.parametrize("limit", ["much", "1", "-1 GiB", "1 GiB; DROP TABLE x"])
def test_a_limit_is_a_size(limit):
    with pytest.raises(ValidationError):
        RunParams(memory_limit=limit)


@pytest.mark.parametrize("digits", [9, 15, 30])
def test_decimals_become_the_nearest_floats(digits):
    rng = np.random.default_rng(digits)
    amounts = [None if i % 7 == 0 else Decimal(int(rng.integers(-10**9, 10**9)) * 10 ** (digits - 9)).scaleb(-2) for i in range(2000)]
    found = to_frame(ibis.memtable(pa.table({"i": range(2000), "amount": pa.array(amounts, pa.decimal128(38, 2))})))
    assert [None if np.isnan(value) else value for value in found["amount"]] == [None if v is None else float(v) for v in amounts]
