"""Tables in fragments: folders of Parquet files as Spark, Dask, DuckDB and Polars write them count as one file."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.sources.passing.sets import company, difference, dirty, passing, through_text, write
from workbook.errors import DataError
from workbook.params import RunParams, SourceParams
from workbook.sources import import_frames
from workbook.sources.fragments import fragments_of, is_in_fragments
from workbook.sources.key import import_key
from workbook.sources.passing.unfit import Unfit


def slices(table, size=3):
    return [table.slice(start, size) for start in range(0, table.num_rows, size)]


def as_dask(table, folder):
    """Numbered without zeros: part.10 comes after part.9 and not after part.1."""
    for number, part in enumerate(slices(table, 1)):
        pq.write_table(part, folder / f"part.{number}.parquet")


def as_spark(table, folder):
    for number, part in enumerate([*slices(table, 7), table.slice(0, 0)]):
        pq.write_table(part, folder / f"part-{number:05}-3f1c-c000.snappy.parquet")
        (folder / f".part-{number:05}-3f1c-c000.snappy.parquet.crc").write_bytes(b"crc")
    (folder / "_SUCCESS").touch()


def as_pandas(table, folder):
    """A part without a value knows no type, one without a column lacks it, texts are categories here and there."""
    for number, part in enumerate(slices(table, 4)):
        for at, name in enumerate(part.column_names):
            if part[name].null_count == part.num_rows:
                part = part.drop_columns(name) if number % 2 else part.set_column(at, name, pa.nulls(part.num_rows))
            elif number % 2 and part.schema.field(name).type == pa.string():
                part = part.set_column(part.column_names.index(name), name, part[name].dictionary_encode())
        pq.write_table(part, folder / f"{number}.parquet")


WRITERS = {"dask": as_dask, "spark": as_spark, "pandas": as_pandas}


def fragmented(tables, folder, writer=as_dask, suffix=".parquet"):
    for name, table in tables.items():
        (folder / f"{name}{suffix}").mkdir(parents=True)
        writer(table, folder / f"{name}{suffix}")
    return folder


@pytest.mark.parametrize("make", [company, dirty])
@pytest.mark.parametrize("writer", WRITERS)
def test_a_company_in_fragments_comes_out_as_in_whole_files(make, writer, tmp_path):
    whole = RunParams(data=write(make(), tmp_path / "whole"))
    cut = RunParams(data=fragmented(make(), tmp_path / "cut", WRITERS[writer]))
    one, other, text = passing(whole, tmp_path / "a"), passing(cut, tmp_path / "b"), through_text(cut, tmp_path / "c")
    assert one.frames is not None and difference(other, text) == ""
    assert other.lists == one.lists and list(other.frames) == list(one.frames)
    assert all(other.frames[name].equals(table) for name, table in one.frames.items())


def test_what_folders_say_is_a_column(tmp_path):
    tables = company()
    folder = write({name: table for name, table in tables.items() if name != "opportunities"}, tmp_path / "data")
    offices = {"won": "Köln / Süd", "lost": "Ulm", "open": "Ulm"}
    deals = tables["opportunities"].append_column("sales_office", pa.array([offices.get(status) for status in tables["opportunities"]["status"].to_pylist()]))
    deals = deals.append_column("since", pa.array(["2024-01-01"] * 10 + ["2025-01-01"] * 10)).append_column("tier", pa.array(["07"] * 10 + ["8"] * 10))
    duckdb.sql(f"COPY deals TO '{folder}/opportunities' (FORMAT parquet, PARTITION_BY (sales_office, since, tier))")
    assert len(fragments_of(folder / "opportunities")) == 6
    done, text = passing(RunParams(data=folder), tmp_path / "a"), through_text(RunParams(data=folder), tmp_path / "b")
    assert difference(done, text) == ""
    rows = done.frames["opportunities"].to_pylist()
    assert len(rows) == 20 and all(row["sales_office"] == offices.get(row["status"]) for row in rows)
    assert {row["tier"] for row in rows} == {"07", "8"}
    assert sorted(row["source_line"] for row in rows) == list(range(1, 21))


def test_a_column_that_a_fragment_has_is_not_taken_from_its_folder(tmp_path):
    folder = write({"accounts": company()["accounts"]}, tmp_path / "data")
    place = folder / "opportunities.parquet" / "stage=Elsewhere"
    place.mkdir(parents=True)
    pq.write_table(company()["opportunities"], place / "0.parquet")
    done = passing(RunParams(data=folder), tmp_path / "a")
    assert difference(done, through_text(RunParams(data=folder), tmp_path / "b")) == ""
    assert "Elsewhere" not in done.frames["opportunities"]["stage"].to_pylist()


def test_fragments_of_several_types_go_through_text(tmp_path):
    tables = company()
    folder = fragmented({"opportunities": tables["opportunities"]}, tmp_path / "data")
    first = pq.read_table(folder / "opportunities.parquet" / "part.0.parquet")
    pq.write_table(first.set_column(6, "amount", pa.array(["100.50"])), folder / "opportunities.parquet" / "part.0.parquet")
    with pytest.raises(Unfit, match="more than one type"):
        passing(RunParams(data=folder), tmp_path / "a")
    (folder / "opportunities.parquet" / "part.0.parquet").unlink()
    (place := folder / "opportunities.parquet" / "amount=unknown").mkdir()
    pq.write_table(first.drop_columns("amount"), place / "0.parquet")
    with pytest.raises(Unfit, match="more than one type"):
        passing(RunParams(data=folder), tmp_path / "a")
    record = import_frames(RunParams(data=folder), tmp_path / "b")
    assert record.files[0].kept == 20 and pq.read_table(tmp_path / "b" / "opportunities.parquet")["amount"].null_count == 1


def test_a_folder_of_other_tables_is_told_as_left_out(tmp_path):
    """Whoever keeps last year's export beside this year's does not have it counted twice."""
    folder = write(company(), tmp_path / "data")
    write(company(), folder / "backup")
    write({"part-0": company()["opportunities"]}, folder / "old deals")
    (folder / "leads.parquet").mkdir()
    (folder / "leads.parquet" / "notes.txt").write_text("see Anna")
    record = import_frames(RunParams(data=folder), tmp_path / "a")
    assert {file.name for file in record.files if file.ignored} == {"backup", "old deals", "leads.parquet"}
    assert sum(file.kept for file in record.files if file.frame == "opportunities") == 20


def test_what_keeps_old_versions_of_its_rows_is_left_out(tmp_path):
    """A Delta table's folder holds rows that have been deleted since."""
    folder = fragmented(company(), tmp_path / "data")
    (folder / "opportunities.parquet" / "_delta_log").mkdir()
    assert not is_in_fragments(folder / "opportunities.parquet")
    record = import_frames(RunParams(data=folder), tmp_path / "a")
    (left,) = [file for file in record.files if file.ignored]
    assert left.name == "opportunities.parquet" and "old versions of its rows" in str(left.ignored)


def test_a_table_that_is_not_written_to_its_end_stops_it(tmp_path):
    folder = fragmented(company(), tmp_path / "data")
    (folder / "accounts.parquet" / "_temporary").mkdir()
    with pytest.raises(DataError, match="has not been written to its end") as error:
        import_frames(RunParams(data=folder), tmp_path / "a")
    assert error.value.where == str(folder / "accounts.parquet")


def test_a_damaged_fragment_stops_it(tmp_path):
    folder = fragmented(company(), tmp_path / "data")
    (folder / "accounts.parquet" / "part.1.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(DataError, match="cannot be read as Parquet") as error:
        import_frames(RunParams(data=folder), tmp_path / "a")
    assert str(folder / "accounts.parquet") in str(error.value.where)


@pytest.mark.parametrize("change", ["another", "gone", "renamed", "rewritten"])
def test_the_key_misses_no_change_of_a_fragment(change, tmp_path):
    folder = fragmented(company(), tmp_path / "data")
    params = RunParams(data=folder)
    before, deals = import_key(params), folder / "opportunities.parquet"
    assert before == import_key(params)
    if change == "another":
        pq.write_table(company()["opportunities"].slice(0, 1), deals / "part.20.parquet")
    elif change == "gone":
        (deals / "part.19.parquet").unlink()
    elif change == "renamed":  # its lines have other numbers then
        (deals / "part.3.parquet").rename(deals / "part.33.parquet")
    else:
        pq.write_table(company()["opportunities"].slice(1, 1), deals / "part.0.parquet")
    assert import_key(params) != before


def test_it_can_be_named_as_a_file_is(tmp_path):
    folder = fragmented(company(), tmp_path / "data", as_spark)
    (folder / "opportunities.parquet").rename(folder / "deals-2026-09-30.parquet")
    for sources in (("deals-*.parquet",), (str(folder / "deals-2026-09-30.parquet"),)):
        record = import_frames(RunParams(data=folder, sources=(SourceParams(files=sources, frame="opportunities"),)), tmp_path / "a")
        assert (record.files[0].name, record.files[0].kept, record.as_of) == ("deals-2026-09-30.parquet", 20, date(2026, 9, 30))
    record = import_frames(RunParams(data=folder / "deals-2026-09-30.parquet"), tmp_path / "b")
    assert record.files[0].lines_read == 20 and record.files[0].bytes == sum(path.stat().st_size for path in Path(record.files[0].path).glob("part-*"))
