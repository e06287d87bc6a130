"""Tables of databases pass as Parquet does, whatever the database; what cannot pass is read cell by cell."""

import json
import sqlite3
from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.sources.passing.sets import company, difference, dirty, passing, through_text, write
from workbook.errors import DataError
from workbook.params import RunParams, SourceParams
from workbook.sources import import_frames
from workbook.sources.key import import_key
from workbook.sources.passing.unfit import Unfit


def database(tables, path, order="", **names):
    """Write tables into a DuckDB file, and return the sources that name them."""
    with duckdb.connect(str(path)) as connection:
        for name, table in tables.items():
            connection.register("given", table)
            connection.execute(f"CREATE TABLE {names.get(name, name)} AS SELECT * FROM given {order}")
    return tuple(SourceParams(database=f"duckdb://{path}", table=names.get(name, name)) for name in tables)


def without_hashes(done):
    """Return an import whose record lacks the hashes: each way has its own of a table, which only has to change with it."""
    record = json.loads(done.record)
    record["data_hash"] = ""
    for file in record["files"]:
        file["sha256"] = ""
    return replace(done, record=json.dumps(record, indent=1))


@pytest.mark.parametrize("make", [company, dirty])
def test_a_company_in_a_database_comes_out_as_through_text(make, tmp_path):
    params = RunParams(sources=database(make(), tmp_path / "crm.duckdb"))
    done = passing(params, tmp_path / "a")
    assert done.frames is not None and difference(without_hashes(done), without_hashes(through_text(params, tmp_path / "b"))) == ""
    files = passing(RunParams(data=write(make(), tmp_path / "files")), tmp_path / "c")
    for name, table in files.frames.items():
        assert done.frames[name].drop_columns("source_file").equals(table.drop_columns("source_file"))
    assert str(tmp_path) not in done.record and not [path for path in (tmp_path / "a").iterdir() if path.name.startswith(".")]


def test_tables_and_files_come_in_their_order_and_what_cannot_pass_comes_along(tmp_path):
    tables = company()
    texts = tables["stage_entries"].set_column(2, "entered_at", pa.array(["02.03.2026 09:15"] * 20))
    stored = database({"accounts": tables["accounts"], "stage_entries": texts}, tmp_path / "crm.duckdb", stage_entries="phasen_historie")
    folder = write({"opportunities": tables["opportunities"], "invoices": tables["invoices"]}, tmp_path / "data")
    params = RunParams(data=folder, sources=(stored[1].model_copy(update={"frame": "stage_entries"}), SourceParams(files=("opportunities.parquet", "invoices.parquet")), stored[0]))
    done = passing(params, tmp_path / "a")
    assert difference(without_hashes(done), without_hashes(through_text(params, tmp_path / "b"))) == ""
    assert [file["name"] for file in json.loads(done.record)["files"]] == ["phasen_historie", "opportunities.parquet", "invoices.parquet", "accounts"]


def test_days_that_sqlite_keeps_as_text_are_read_as_text(tmp_path):
    with sqlite3.connect(tmp_path / "crm.sqlite") as connection:
        connection.execute("CREATE TABLE opportunities (opportunity_id TEXT, status TEXT, account_id TEXT, created_on TEXT, amount REAL, currency TEXT)")
        connection.executemany("INSERT INTO opportunities VALUES (?, ?, ?, ?, ?, ?)", [(f"O{n}", "won", "A1", "2026-03-02", 10.5, "EUR") for n in range(5)])
    params = RunParams(sources=(SourceParams(database=f"sqlite://{tmp_path / 'crm.sqlite'}", table="opportunities"),))
    with pytest.raises(Unfit):
        passing(params, tmp_path / "a")
    record = import_frames(params, tmp_path / "b")
    assert record.files[0].kept == 5 and set(pq.read_table(tmp_path / "b" / "opportunities.parquet")["created_on"].to_pylist()) == {date(2026, 3, 2)}


def test_a_path_that_leads_nowhere_is_told_and_not_made(tmp_path):
    with pytest.raises(DataError, match="the database answered with"):
        import_frames(RunParams(sources=(SourceParams(database=f"duckdb://{tmp_path / 'cmr.duckdb'}", table="opportunities"),)), tmp_path / "a")
    assert not (tmp_path / "cmr.duckdb").exists()


def test_an_empty_table_stops_it_with_the_same_words(tmp_path):
    params = RunParams(sources=database({"opportunities": company()["opportunities"].slice(0, 0)}, tmp_path / "crm.duckdb"))
    one, other = passing(params, tmp_path / "a"), through_text(params, tmp_path / "b")
    assert "no rows" in one.error and one.error == other.error


def test_what_cannot_pass_and_is_too_large_is_refused_beforehand(tmp_path, monkeypatch):
    tables = {"opportunities": company()["opportunities"].set_column(6, "amount", pa.array(["100.50"] * 20))}
    params = RunParams(sources=database(tables, tmp_path / "crm.duckdb"))
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"total": 5_000}))
    with pytest.raises(DataError, match="cannot be taken as they are"):
        import_frames(params, tmp_path / "a")


def test_a_database_without_a_day_speaks_of_today(tmp_path):
    params = RunParams(sources=database({"accounts": company()["accounts"]}, tmp_path / "crm.duckdb"))
    done = passing(params, tmp_path / "a")
    assert difference(without_hashes(done), without_hashes(through_text(params, tmp_path / "b"))) == ""
    assert json.loads(done.record)["as_of"] == date.today().isoformat()


def test_the_key_follows_the_rows_of_a_table_and_not_their_order(tmp_path):
    def key(tables, order=""):
        (tmp_path / "crm.duckdb").unlink(missing_ok=True)
        return import_key(RunParams(sources=database(tables, tmp_path / "crm.duckdb", order)))

    assert key(company()) == key(company(), "ORDER BY 1 DESC") != key(dirty())
