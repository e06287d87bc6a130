"""Exports look as their CRM prints them and carry the headlines they claim to carry."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbook.demo import CARRIED, CRMS, Company, Crm, write_export
from workbook.demo.exports.identity import check_letters, salesforce_id

STATUS = {
    "Geschlossen und gewonnen": "won",
    "Geschlossen und verloren": "lost",
    "Keine Entscheidung": "no_decision",
    "Closed Won": "won",
    "Closed Lost": "lost",
    "No Decision": "no_decision",
}
# Encoding, delimiter, lines above the header, columns: title, company, stage, amount, created.
LAYOUT: dict[Crm, tuple[str, str, int, tuple[str, str, str, str, str]]] = {
    "salesforce-de": (
        "cp1252",
        ";",
        4,
        ("Opportunity-Name", "Accountname", "Phase", "Betrag", "Erstelldatum"),
    ),
    "salesforce-en": (
        "utf-8",
        ",",
        0,
        ("Opportunity Name", "Account Name", "Stage", "Amount", "Created Date"),
    ),
    "hubspot": (
        "utf-8-sig",
        ",",
        0,
        ("Deal Name", "Associated Company (Primary)", "Deal Stage", "Amount", "Create Date"),
    ),
}
READ_DAY = {"salesforce-de": "%d.%m.%Y", "salesforce-en": "%m/%d/%Y", "hubspot": "%Y-%m-%d %H:%M"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Crm, Path]:
    made = {crm: tmp_path_factory.mktemp(crm) for crm in CRMS}
    for crm, folder in made.items():
        write_export(folder, crm)
    return made


def _table(path: Path, crm: Crm) -> pd.DataFrame:
    encoding, delimiter, above, _ = LAYOUT[crm]
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=delimiter))
    rows = [row for row in rows[above:] if row and row[0] != "Summe"]
    return pd.DataFrame(rows[1:], columns=rows[0])


def _deals(folder: Path, crm: Crm) -> pd.DataFrame:
    path = next(p for p in folder.iterdir() if "opportunities" in p.name or "deals" in p.name)
    table = _table(path, crm)
    deals = table[list(LAYOUT[crm][3])].set_axis(["title", "company", "stage", "amount", "created"], axis=1)
    deals["status"] = deals["stage"].map(STATUS).fillna("open")
    deals["created"] = pd.to_datetime(deals["created"], format=READ_DAY[crm]).dt.normalize()
    plain = deals["amount"].str.replace(r"[^\d.,]", "", regex=True)
    plain = plain.str.replace(".", "").str.replace(",", ".") if crm == "salesforce-de" else plain.str.replace(",", "")
    return deals.assign(amount=pd.to_numeric(plain))


@pytest.mark.parametrize("crm", CRMS)
def test_headlines_of_deals_are_carried(folders: dict[Crm, Path], company: Company, crm: Crm) -> None:
    deals, told = _deals(folders[crm], crm), company.truth["clean_headlines"]
    assert deals["status"].value_counts().to_dict() == {s: told[f"{s}_count"] for s in deals["status"].unique()}
    assert deals.loc[deals["status"] == "won", "amount"].sum() == pytest.approx(told["won_amount"], abs=0.005)
    assert deals.loc[deals["status"] == "open", "amount"].sum() == pytest.approx(told["open_pipeline"], abs=0.005)
    assert set(CARRIED[crm]) <= set(told)


def test_the_same_deal_is_the_same_in_every_crm(folders: dict[Crm, Path]) -> None:
    keys = ["company", "title", "created"]
    first, *others = (_deals(folders[crm], crm)[keys].sort_values("title").reset_index(drop=True) for crm in CRMS)
    assert first["title"].is_unique
    assert all(other.equals(first) for other in others)


def test_german_salesforce_has_its_frame(folders: dict[Crm, Path], company: Company) -> None:
    folder = folders["salesforce-de"]
    assert len(list(folder.iterdir())) == 3
    raw = (folder / "Bericht_opportunities_2026-09-30.csv").read_bytes()
    lines = raw.decode("cp1252").split("\r\n")
    assert lines[2] == "Stand: 30.09.2026 08:15" and lines[3] == "" and lines[-1] == ""
    assert lines[4].startswith("Opportunity-ID;Opportunity-Name;Accountname;") and "Wettbewerber;Verlustgrund" in lines[4]
    assert lines[-2].startswith("Summe;") and " €;" in lines[-2]
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert len(lines) == 4 + 1 + 6_000 + 1 + 1


def test_english_salesforce_prints_its_currency(folders: dict[Crm, Path]) -> None:
    table = _table(folders["salesforce-en"] / "report_opportunities_2026-09-30.csv", "salesforce-en")
    known = table.loc[table["Amount"] != "", "Amount"]
    assert known.str.fullmatch(r"EUR \d{1,3}(,\d{3})*\.\d\d").all() and set(table["Amount Currency"]) == {"EUR"}
    assert table["Probability (%)"].str.fullmatch(r"\d{1,3}%").all()


def test_hubspot_has_a_date_per_stage_and_no_currency(folders: dict[Crm, Path], company: Company) -> None:
    path = folders["hubspot"] / "hubspot-crm-exports-all-deals-2026-09-30.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfRecord ID,Deal Name,")
    table = _table(path, "hubspot")
    stages = [c for c in table.columns if c.startswith("Date entered ")]
    assert 'Date entered "Discovery (Sales Pipeline)"' in stages and len(stages) == 7
    assert not any("urrency" in c for c in table.columns)
    entries = company.frames["stage_entries"].drop_duplicates(["opportunity_id", "stage"])
    assert (table[stages] != "").to_numpy().sum() == len(entries)


@pytest.mark.parametrize(
    ("crm", "name", "column", "headline"),
    [
        ("salesforce-de", "Bericht_leads", "Konvertierungsdatum", "sql_count"),
        ("salesforce-en", "report_leads", "Converted Date", "sql_count"),
        (
            "hubspot",
            "hubspot-crm-exports-all-contacts",
            "Became a Marketing Qualified Lead Date",
            "mql_count",
        ),
        ("hubspot", "hubspot-crm-exports-all-contacts", "Became a Sales Qualified Lead Date", "sql_count"),
        ("hubspot", "hubspot-crm-exports-all-contacts", "Became a Customer Date", "lead_customer_count"),
    ],
)
def test_headlines_of_leads_are_carried(
    folders: dict[Crm, Path], company: Company, crm: Crm, name: str, column: str, headline: str
) -> None:
    table = (
        _table(folders[crm] / f"{name}_2026-09-30.csv", crm)
        if crm != "hubspot"
        else _table(folders[crm] / f"{name}-2026-09-30.csv", crm)
    )
    told: dict[str, Any] = company.truth["clean_headlines"]
    assert len(table) == told["lead_count"] and (table[column] != "").sum() == told[headline]


@pytest.mark.parametrize("crm", CRMS)
def test_opportunities_alone_lack_competitor_and_reason(tmp_path: Path, crm: Crm) -> None:
    (path,) = write_export(tmp_path, crm, only="opportunities")
    assert list(tmp_path.iterdir()) == [path]
    table = _table(path, crm)
    assert len(table) == 6_000
    assert not {"Wettbewerber", "Verlustgrund", "Competitor", "Closed Lost Reason"} & set(table.columns)


def test_exports_are_the_same_bytes_each_time(folders: dict[Crm, Path], tmp_path: Path) -> None:
    for path in write_export(tmp_path, "hubspot"):
        assert path.read_bytes() == (folders["hubspot"] / path.name).read_bytes()


def test_salesforce_ids_have_their_check_letters() -> None:
    assert check_letters("001A0000006Vm9r") == "IAC"  # an example seen in many handbooks
    assert len(salesforce_id("006", 1)) == 18
