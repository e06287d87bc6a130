"""Workbooks with several sheets, Parquet, tab-separated text; one file may fill several frames."""

import io
from datetime import date
from decimal import Decimal

import pandas as pd


def test_each_sheet_of_a_workbook_is_a_table(imported):
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    deals, accounts, notes = (book.add_worksheet(name) for name in ("Opportunities", "Accounts", "Notes"))
    deals.write_row(0, 0, ["Deal ID", "Account ID", "Stage", "Amount", "Created Date"])
    deals.write_row(1, 0, ["0001", "K1", "Won", 1234.5])
    deals.write_datetime(1, 4, pd.Timestamp("2026-02-03").to_pydatetime(), day)
    accounts.write_row(0, 0, ["Account ID", "Account Name", "Industry"])
    accounts.write_row(1, 0, ["K1", "Acme", "Software"])
    notes.write(0, 0, "made by hand")
    book.close()
    done = imported({"crm.xlsx": buffer.getvalue()}, currency="EUR")
    assert done.deals["opportunity_id"].iloc[0] == "0001" and done.deals["amount"].iloc[0] == Decimal("1234.50")
    assert done.deals["created_on"].iloc[0] == date(2026, 2, 3)
    assert done["accounts"]["industry"].iloc[0] == "Software"
    assert {file.name for file in done.record.files if file.frame} == {"crm.xlsx › Opportunities", "crm.xlsx › Accounts"}


def test_parquet(imported):
    table = pd.DataFrame(
        {
            "Deal ID": ["007", "008"],
            "Stage": ["Won", "Proposal"],
            "Amount": [1.25, None],
            "Created Date": pd.to_datetime(["2026-01-02", "2026-01-03"]),
        }
    )
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    done = imported({"deals.parquet": buffer.getvalue()}, currency="EUR")
    assert list(done.deals["opportunity_id"]) == ["007", "008"] and list(done.deals["source_line"]) == [1, 2]
    assert done.deals["amount"].iloc[0] == Decimal("1.25") and done.deals["created_on"].iloc[1] == date(2026, 1, 3)


def test_tab_separated_text(imported):
    assert len(imported({"deals.tsv": "Deal ID\tStage\tOwner\n1\tWon\tAnn, Bob\n"}).deals) == 1


def test_canonical_columns_are_recognised_under_another_file_name(imported):
    done = imported(
        {"export_b.csv": "invoice_id,account_id,invoiced_on,amount,currency\n1,K1,2026-01-02,5.50,EUR\n2,K1,2026-01-03,6,EUR\n"}
    )
    assert done.record.frames["invoices"].rows == 2


def test_melt_join_extract_and_constants(imported):
    mapping = """
frames:
  market:
    file: sectors.csv
    columns:
      year: {from: jahr, extract: year}
      measure: {constant: establishments}
    melt: {value: volume, into: segment, columns: {insgesamt: null, a: Sector A, b: Sector B}}
  opportunities:
    file: deals.csv
    columns: {opportunity_id: id, stage: stage, owner_id: agent}
    join: [{file: teams.csv, left: agent, right: agent, take: {region: office}}]
"""
    done = imported(
        {
            "sectors.csv": "jahr,insgesamt,a,b\nBerichtsjahr 2023,10,4,9\nBerichtsjahr 2024,10,4,\n",
            "deals.csv": "id,stage,agent\n1,Won,x\n2,Lost,y\n",
            "teams.csv": "agent,office\nx,North\n",
        },
        mapping=mapping,
    )
    market = done["market"]
    assert len(market) == 5 and market["segment"].isna().sum() == 2 and set(market["year"]) == {2023, 2024}
    assert done.deals["region"].iloc[0] == "North" and pd.isna(done.deals["region"].iloc[1])
    assert done.record.flagged("segments against the stated total")


def test_a_hundred_thousand_rows_are_read(imported):
    import time

    rows = "".join(
        f"{i};Konto {i % 5000};{'Geschlossen und gewonnen' if i % 3 else 'Angebot'};{i % 900},50 €;{i % 28 + 1:02d}.0{i % 9 + 1}.2025;S{i % 40}\n"
        for i in range(100_000)
    )
    start = time.process_time()
    done = imported({"big.csv": "Opportunity-ID;Accountname;Phase;Betrag;Erstelldatum;Ampel\n" + rows})
    assert done.record.frames["opportunities"].rows == 100_000
    assert time.process_time() - start < 30
