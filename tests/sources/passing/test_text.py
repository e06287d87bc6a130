"""A strictly written CSV passes and comes out as through text cells; one that is not is left to them, and says why."""

import json
import os
import re
import sys
from collections import namedtuple

import pytest

from tests.sources.passing.sets import difference, dirty, passing, through_text, write
from workbook.errors import DataError
from workbook.params import RunParams
from workbook.sources import import_frames
from workbook.sources.passing import strict
from workbook.sources.passing.unfit import Unfit


@pytest.fixture(autouse=True)
def however_small(monkeypatch):
    monkeypatch.setattr("workbook.sources.passing.room.LEAST_TEXT", 0)


@pytest.fixture
def alone(monkeypatch):
    """Nothing that cannot pass may come along."""
    monkeypatch.setattr("workbook.sources.passing.room.BYTES_PER_TEXT_CELL", 10**9)


DEALS = """\
opportunity_id,status,account_id,stage,created_on,closed_on,amount,currency,probability,is_marketing_sourced,Region code,Score
O1,open,A1,Demo,2026-03-01,,1.234,EUR,0.5,true,01,1.5
O2,won,A1,Closed won,2026-03-01,2026-03-05,"1,234.50",EUR,1,ja,02,2
O3,lost,a-2,Closed lost,2026-03-02 08:15,2026-03-06T10:00:00.25Z,007,usd,0,n/a,01,1.5
,won,A2,"Closed, ""won"" twice",2026-03-02,2026-03-06,10.10,€,0.25,false,02,2
O2,won,A1,Closed won,n/a,2026-03-05,k.A.,EUR,1,0,02,2
O5,Gewonnen,nobody,Demo,2026-03-03,2026-03-04,-5,EUR,0.25,1,01,2
"""
ACCOUNTS = "account_id,name,employees,founded_year,customer_since_on\nA1,Müller AG,10,1990,2020-01-01\nA2,Bolt,unknown,2001,\n"
GERMAN = """\
Deal ID;Status;Kundennummer;Deal Stage;Create Date;Betrag;Währung;probability;Punkte
O1;offen;A1;Angebot;01.03.2026;1.234,50;EUR;50;1
O2;gewonnen;A1;gewonnen;31.12.2025 10:11;-5;€;100;2,5
O3;verloren;;verloren;15.02.2026;12.345;EUR;0,5;1
"""


def put_away(folder, deals):
    """Write deals, text or bytes, beside accounts into a folder, as they are."""
    folder.mkdir()
    for name, text in {"opportunities": deals, "accounts": ACCOUNTS}.items():
        (folder / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


NARROW = DEALS.replace('"1,234.50"', "1234.50").replace('"Closed, ""won"" twice"', "Closed")
MARKET = """\
year,region,segment,measure,volume,unit,currency,source,grade,is_break,note
2025,North,,turnover,100,EUR,EUR,Destatis,A,,

2024,South,Small,turnover,,EUR,EUR,,B,yes,
2025,North,Small,turnover,40,EUR,EUR,,B,yes,
"""
STRICT = {
    "in English": {
        "plain": DEALS,
        "windows": "\ufeff" + DEALS.replace("\n", "\r\n"),
        "empty_lines": DEALS.replace("O3", "\n   \n,,,,,,,,,,,\nO3") + "\n\n",
        "blanks": DEALS.replace(",A1,", ", A1\u00a0,").replace(",stage,", ", stage ,").replace("O1,", "O1  ,"),
        "semicolons": NARROW.replace(",", ";"),
        "tabs": "sep=\t\n" + NARROW.replace(",", "\t"),
        "deleted": "".join(f"{line},{mark}\n" for line, mark in zip(DEALS.splitlines(), ("IsDeleted", "false", "TRUE", "", "no", "1", "false"), strict=True)),
        "market": MARKET,
    },
    "in German": {
        "plain": GERMAN,
        "whole": re.sub(r",50?;", ";", GERMAN.replace("2,5", "2").replace("1.234", "1234").replace("12.345", "12345")),
        "quoted": re.sub(r"[^;\n]+", r'"\g<0>"', GERMAN),
    },
}


@pytest.mark.parametrize("name", STRICT)
def test_a_strict_csv_comes_out_as_through_text(name, tmp_path, alone, monkeypatch):
    monkeypatch.setattr(strict, "_BLOCK", 100)
    folder = put_away(tmp_path / "data", "")
    (folder / "opportunities.csv").unlink()
    for number, (way, text) in enumerate(STRICT[name].items()):
        named = f"opportunities_{way}.csv" if way != "market" else "market.csv"
        (folder / named).write_bytes(re.sub(r"\bO(\d)", rf"O{number}\1", text).encode())
    params = RunParams(data=folder, currency="EUR", rejected_lines_max_share=1)
    passed = passing(params, tmp_path / "passed")
    assert not passed.error and not difference(passed, through_text(params, tmp_path / "text"))


@pytest.mark.skipif(sys.platform != "linux", reason="only here a file's name is any bytes")
def test_a_name_that_is_not_utf_8_comes_out_as_through_text(tmp_path, alone):
    tables = dirty()
    folder = write(tables, tmp_path / "data", as_csv=list(tables))
    for path in sorted(folder.iterdir()):
        path.rename(path.with_name(os.fsdecode(path.stem.encode() + b"_\xfc.csv")))
    params = RunParams(data=folder, rejected_lines_max_share=1)
    passed = passing(params, tmp_path / "passed")
    assert not passed.error and not difference(passed, through_text(params, tmp_path / "text"))


def test_a_dirty_company_as_csv_comes_out_as_through_text(tmp_path, alone):
    tables = dirty()
    params = RunParams(data=write(tables, tmp_path / "data", as_csv=list(tables)), rejected_lines_max_share=1)
    passed = passing(params, tmp_path / "passed")
    assert not passed.error and not difference(passed, through_text(params, tmp_path / "text"))
    assert {file["encoding"] for file in json.loads(passed.record)["files"]} == {"utf-8"}


Left = namedtuple("Left", "deals, why, where")
LEFT = {
    "in Windows' letters": Left(DEALS.replace("nobody", "Müller").encode("cp1252"), "no text in UTF-8", "opportunities.csv"),
    "in letters that change on the way": Left(DEALS.encode() + "O9,open,Müller,,,,,,,,,\n".encode("cp1252"), "no text in UTF-8", "opportunities.csv"),
    "in UTF-16": Left(DEALS.encode("utf-16"), "no text in UTF-8", "opportunities.csv"),
    "with a control character": Left(DEALS.replace("nobody", "no\x0bbody"), "control characters", "from line 2 on"),
    "with a carriage return alone": Left(DEALS.replace("nobody", "no\rbody"), "line ends", "from line 2 on"),
    "with a cell over two lines": Left(DEALS.replace("nobody", '"no\nbody"'), "over several lines", "line 7"),
    "with a quotation mark that stays open": Left(DEALS.replace("nobody", '"nobody'), "quotation mark", "line 7"),
    "with a letter behind a quotation mark": Left(DEALS.replace("nobody", '"no"body'), "quotation mark", "line 7"),
    "with a line that is short": Left(DEALS.replace(",nobody", ""), "has 11 cells, its header 12", "line 7"),
    "with a line that is long": Left(DEALS.replace("nobody", "no,body"), "has 13 cells, its header 12", "line 7"),
    "with a day above its header": Left("Stand: 05.03.2026\n" + DEALS, "not a header", "line 1"),
    "with a column without heading": Left(DEALS.replace(",Score", ","), "not a header", "line 1"),
    "with a heading twice": Left(DEALS.replace(",Score", ",STAGE"), "the same name", "opportunities.csv"),
    "with a total": Left(DEALS + "Total,,,,,,99,,,,,\n", "may be no row", "line 8"),
    "with a remark": Left(DEALS + "written on a rainy day,,,,,,,,,,,\n", "may be no row", "line 8"),
    "with its header again": Left(DEALS + DEALS, "may be no row", "line 8"),
    "without rows": Left(DEALS.splitlines()[0] + "\n", "has no rows", "opportunities.csv"),
    "with a day of another kind": Left(DEALS.replace("2026-03-03", "03/04/2026"), "holds 03/04/2026", "line 7, column created_on"),
    "with a day that there is not": Left(DEALS.replace("2026-03-03", "2026-02-30"), "holds 2026-02-30", "line 7, column created_on"),
    "with an hour that there is not": Left(DEALS.replace("08:15", "24:15"), "holds 2026-03-02 24:15", "line 4, column created_on"),
    "with an amount in words": Left(DEALS.replace("-5", "5 T€"), "holds 5 T€", "line 7, column amount"),
    "with amounts of both kinds": Left(DEALS.replace("-5", '"5,5"'), 'holds 5,5', "line 7, column amount"),
    "with a zero that has a sign": Left(DEALS.replace("-5", "-0.0"), "holds -0.0", "line 7, column amount"),
    "with a flag that is none": Left(DEALS.replace("n/a,01", "perhaps,01"), "holds perhaps", "line 4, column is_marketing_sourced"),
    "with amounts that read both ways": Left("opportunity_id,status,amount\nO1,won,1.234\nO2,won,5\n", "read both ways", "column amount"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_is_not_strict_is_left_to_the_other_way(name, tmp_path, monkeypatch):
    monkeypatch.setattr("workbook.sources.passing.pass_through.look_at", _never)
    folder = put_away(tmp_path / "data", LEFT[name].deals)
    (folder / "accounts.csv").unlink()
    with pytest.raises(Unfit) as unfit:
        passing(RunParams(data=folder), tmp_path / "passed")
    assert LEFT[name].why in str(unfit.value) and unfit.value.where.endswith(LEFT[name].where)


def _never(*_):
    raise AssertionError


def test_a_small_csv_is_not_laid_down(tmp_path, monkeypatch):
    monkeypatch.setattr("workbook.sources.passing.room.LEAST_TEXT", 10**6)
    with pytest.raises(Unfit, match="is not Parquet"):
        passing(RunParams(data=put_away(tmp_path / "data", DEALS)), tmp_path / "passed")


def test_a_csv_that_cannot_pass_and_is_too_large_is_refused_beforehand(tmp_path, monkeypatch):
    folder = put_away(tmp_path / "data", LEFT["with an amount in words"].deals)
    (folder / "accounts.csv").unlink()
    monkeypatch.setattr("psutil.virtual_memory", lambda: namedtuple("Memory", "total")(5_000))
    with pytest.raises(DataError) as refused:
        import_frames(RunParams(data=folder), tmp_path / "out")
    assert refused.value.where.endswith("opportunities.csv, line 7, column amount") and "holds 5 T€" in str(refused.value)
