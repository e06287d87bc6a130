"""What cannot be used gets one clear answer: what, where, how to mend."""

import os
import sys

import pytest

from workbook.errors import DataError, ParamsError
from workbook.params import RunParams, SourceParams
from workbook.sources import import_frames


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "empty"),
        ({"x.csv": ""}, "file is empty"),
        ({"x.csv": "\n \n"}, "file is empty"),
        ({"x.csv": "Deal ID,Stage,Amount\n"}, "no rows"),
        ({"x.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00"}, "binary"),
        ({"x.csv": b"PK\x03\x04 not a workbook"}, "spreadsheet"),
        ({"x.parquet": b"PAR1 broken"}, "Parquet"),
        ({"x.csv": "foo,bar\n1,2\n3,4\n"}, "foo, bar"),
        ({"readme.md": "# hello"}, "no CSV"),
    ],
)
def test_unusable_data_is_refused(imported, files, words):
    with pytest.raises(DataError) as caught:
        imported(files)
    assert caught.value.status == 3 and words in str(caught.value)
    assert len(caught.value.lines()) == 3


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(DataError, match="no data folder") as caught:
        import_frames(RunParams(data=tmp_path / "nowhere"), tmp_path / "out")
    assert caught.value.lines()[-1]


def test_near_names_are_offered(imported):
    with pytest.raises(DataError) as caught:
        imported({"x.csv": "Opportunty Nam,Stagee,Foo\na,b,c\nd,e,f\n"})
    assert "Stagee ~ Stage" in caught.value.lines()[-1]


def test_an_unrecognised_extra_file_is_listed_not_fatal(imported, deals):
    done = imported(
        {
            "deals.csv": deals("1,A,Won,5,2026-01-02,2026-02-02"),
            "dictionary.csv": "Foo,Bar\na,b\n",
            "LICENCE.txt": "free",
            "notes.md": "x",
        }
    )
    ignored = {file.name: str(file.ignored) for file in done.record.files if file.ignored is not None}
    assert set(ignored) == {"dictionary.csv", "LICENCE.txt", "notes.md"} and all(ignored.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only here a file's name is any bytes")
def test_a_name_that_is_not_utf_8_is_spelled_out(imported, deals):
    odd = os.fsdecode(b"\xfc")
    files = {f"Gesch{odd}fte.csv": deals("1,A,Won,5,2026-01-02,2026-02-02", "1,A,Won,5,2026-01-02,x"), f"n{odd}.txt": "", f"o{odd}.md": "x", f"t{odd}.csv": "Foo,Bar\na,b\n"}
    done = imported(files)
    assert {file.name: bool(file.frame) for file in done.record.files} == {"Gesch\\udcfcfte.csv": True, "n\\udcfc.txt": False, "o\\udcfc.md": False, "t\\udcfc.csv": False}
    assert set(done["opportunities"]["source_file"]) == {"Gesch\\udcfcfte.csv"}
    with pytest.raises(DataError, match="not in UTF-8") as caught:
        imported(files | {f"accounts{odd}.parquet": b"PAR1 whatever"})
    assert "accounts\\udcfc.parquet" in caught.value.where


def test_a_workbook_named_csv_is_read_as_what_it_is(imported, tmp_path):
    import xlsxwriter

    path = tmp_path / "deals.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Deal ID", "Stage", "Amount"])
    sheet.write_row(1, 0, ["1", "Won", 5])
    book.close()
    assert len(imported({"deals.csv": path.read_bytes()}).deals) == 1


def test_globs_take_the_newest_and_name_it(tmp_path, deals):
    for day in ("2026-07-31", "2026-08-31"):
        (tmp_path / f"deals-{day}.csv").write_text(deals(f"1,A,Won,5,2026-01-02,{day}"))
    record = import_frames(RunParams(data=tmp_path, sources=(SourceParams(files=("deals-*.csv",)),)), tmp_path / "out")
    assert [file.name for file in record.files] == ["deals-2026-08-31.csv"]
    with pytest.raises(DataError, match=r"no file matches"):
        import_frames(RunParams(data=tmp_path, sources=(SourceParams(files=("leads-*.csv",)),)), tmp_path / "out")


def test_a_database_table_is_read(tmp_path, monkeypatch):
    import duckdb

    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(
            'create table deals as select 7 as "Deal ID", \'Closed Won\' as "Stage", 12.50 as "Amount", date \'2026-02-03\' as "Close Date"'
        )
    monkeypatch.setenv("CRM_FILE", str(tmp_path / "crm.duckdb"))
    source = SourceParams(database="duckdb://${CRM_FILE}", table="deals")
    record = import_frames(RunParams(sources=(source,), currency="EUR"), tmp_path / "out")
    assert record.frames["opportunities"].rows == 1 and str(record.as_of) == "2026-02-03"
    assert "CRM_FILE" not in str(tmp_path) and str(tmp_path) not in record.text()
    with pytest.raises(DataError, match="database answered"):
        import_frames(RunParams(sources=(SourceParams(database="duckdb://${CRM_FILE}", table="nope"),)), tmp_path / "out")


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("frames: {opportunites: {columns: {}}}", "did you mean opportunities"),
        ("frames:\n  opportunities:\n    columns:\n      amout: Amount\n", "did you mean amount"),
        ("frames: {opportunities: {colums: {}}}", "did you mean columns"),
        ("frames: {opportunities: {columns: {amount: {form: Amount}}}}", "did you mean from"),
        ("misssing: [a]", "did you mean missing"),
        ("frames: [", "not valid YAML"),
        ("stages: {Angebot: oben}", "stages.Angebot.status"),
    ],
)
def test_typos_in_a_mapping_are_named(imported, deals, mapping, words):
    with pytest.raises(ParamsError) as caught:
        imported({"x.csv": deals("1,A,Won,5,2026-01-02,2026-02-02")}, mapping=mapping)
    assert caught.value.status == 2 and words in str(caught.value) and "mapping.yaml" in caught.value.where


def test_an_unknown_crm_is_named(imported, deals):
    with pytest.raises(ParamsError, match="salesforce"):
        imported({"x.csv": deals("1,A,Won,5,2026-01-02,2026-02-02")}, crm="salesforce")


def test_a_column_that_the_mapping_names_and_the_file_lacks_is_flagged(imported):
    mapping = "frames: {opportunities: {file: x.csv, columns: {opportunity_id: Deal ID, stage: Stage, amount: Ammount}}}"
    done = imported({"x.csv": "Deal ID,Stage,Amount\n1,Won,5\n"}, mapping=mapping)
    (flag,) = done.record.flagged("columns of the mapping not found")
    assert "Amount" in str(flag.message)
