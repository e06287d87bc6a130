"""Exports as CRMs write them, by the layouts in the reference."""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

SALESFORCE_DE = (
    "Opportunity-Bericht\nStand: 01.10.2026 14:03\n\n"
    "Opportunity-ID;Opportunity-Name;Accountname;Phase;Betrag;Schlusstermin;Wahrscheinlichkeit (%);Erstelldatum;Lead-Quelle;Opportunity-Inhaber;Wettbewerber;Verlustgrund\n"
    "006A1;Linie 1;Müller GmbH;Geschlossen und gewonnen;1.234,56 €;30.03.2026;100%;02.01.2026;Messe;Anna Maier;;\n"
    "006A2;Linie 2;Bäcker AG;Geschlossen/verloren;12.345,00 €;15.04.2026;0%;03.02.2026;Web;Bernd Kurz;Siemens;Preis\n"
    "006A3;Linie 3;MÜLLER GmbH;Technische Klärung;800,00 €;15.12.2026;40%;04.05.2026;Web;Anna Maier;;\n"
    "006A4;Linie 4;Wolf KG;Keine Entscheidung;90.000,50 €;01.09.2026;0%;05.06.2026;Messe;Bernd Kurz;;\n"
    ";;;Summe;104.380,06 €;;;;;;;\n"
)


def check_salesforce(done):
    deals = done.deals.set_index("opportunity_id")
    assert list(deals["status"]) == ["won", "lost", "open", "no_decision"]
    assert list(deals["amount"]) == [Decimal("1234.56"), Decimal("12345.00"), Decimal("800.00"), Decimal("90000.50")]
    assert set(deals["currency"]) == {"EUR"}
    assert deals.loc["006A3", "expected_close_on"] == date(2026, 12, 15) and deals.loc["006A3", "closed_on"] is None
    assert deals.loc["006A1", "closed_on"] == date(2026, 3, 30) and deals.loc["006A1", "expected_close_on"] is None
    assert deals.loc["006A1", "account_id"] == deals.loc["006A3", "account_id"]
    assert deals.loc["006A2", ["competitor", "loss_reason"]].to_list() == ["Siemens", "Preis"]
    assert list(deals["probability"]) == [1.0, 0.0, 0.4, 0.0]
    assert done.record.as_of == date(2026, 10, 1) and "Stand" in str(done.record.as_of_reason)
    (file,) = done.record.files
    assert (file.crm, file.frame, file.header_line) == ("salesforce-de", "opportunities", 4)
    assert (file.lines_read, file.kept, file.not_data) == (9, 4, 5)
    assert "stated total differs" not in done.rules()
    assert [stage.stage for stage in done.record.unknown_stages] == ["Technische Klärung"]
    assert len(done["accounts"]) == 3


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16", "utf-8"])
def test_salesforce_german(imported, encoding):
    check_salesforce(imported({"bericht.csv": SALESFORCE_DE.encode(encoding)}))


def test_a_total_that_differs_from_its_lines_is_flagged(imported):
    done = imported({"bericht.csv": SALESFORCE_DE.replace("104.380,06", "200.000,00")})
    (flag,) = done.record.flagged("stated total differs")
    assert flag.first_line == 9 and "104,380" in str(flag.message)


def test_salesforce_english(imported):
    text = (
        "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Amount Currency,Close Date,Probability (%),Created Date,Lead Source,Opportunity Owner,Type\n"
        '006B1,Line 1,Acme,Closed Won,"$1,234,567",USD,3/30/2026,100%,1/2/2026,Trade Show,Ann,New Business\n'
        '006B2,Line 2,Beta,Closed Lost,"$12,000",USD,4/15/2026,0%,2/3/2026,Web,Bob,Existing Customer - Upgrade\n'
        '006B3,Line 3,Gamma,Negotiation/Review,"$9,500.50",USD,12/15/2026,75%,5/4/2026,Web,Ann,New Business\n'
    )
    deals = imported({"report.csv": text}).deals
    assert list(deals["amount"]) == [Decimal("1234567.00"), Decimal("12000.00"), Decimal("9500.50")]
    assert list(deals["business_type"]) == ["new", "expansion", "new"]
    assert deals["created_on"].iloc[2] == date(2026, 5, 4)
    assert list(deals["probability"]) == [1.0, 0.0, 0.75]


HUBSPOT = (
    "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Deal owner,Close Date,Create Date,Associated Company (Primary),Associated Company IDs (Primary),Is Closed Won,"
    '"Date entered ""Appointment Scheduled (Sales Pipeline)""","Date entered ""Closed Won (Sales Pipeline)"""\n'
    "00101,Line 1,closedwon,Sales Pipeline,1200.5,Ann,2026-05-15 13:21,2026-01-10,Acme,77,true,2026-01-10 09:00,2026-05-15 13:21\n"
    "00102,Line 2,appointmentscheduled,Sales Pipeline,300,Bob,2026-12-01,2026-03-10,Beta,78,false,2026-03-10 08:30,\n"
    "00103,Line 3,Closed Lost,Sales Pipeline,,Bob,2026-06-01,2026-03-11,,,false,2026-03-11 08:30,\n"
)


def test_hubspot_with_its_stage_history(imported):
    done = imported({"hubspot-crm-exports-all-deals-2026-09-30.csv": HUBSPOT.encode("utf-8-sig")})
    deals = done.deals.set_index("opportunity_id")
    assert list(deals.index) == ["00101", "00102", "00103"]
    assert list(deals["status"]) == ["won", "open", "lost"]
    assert done.record.as_of == date(2026, 9, 30) and done.record.files[0].crm == "hubspot"
    entries = done["stage_entries"]
    assert list(entries["stage"].value_counts().sort_index().items()) == [("Appointment Scheduled", 3), ("Closed Won", 1)]
    assert entries["entered_at"].max().hour == 13
    assert list(deals["account_id"].dropna()) == ["77", "78"]
    assert set(done["accounts"]["name"]) == {"Acme", "Beta"}


def test_pipedrive_in_both_languages(imported):
    english = (
        "Deal - ID,Deal - Title,Deal - Value,Deal - Currency of value,Deal - Organization,Deal - Owner,Deal - Stage,Deal - Pipeline,Deal - Status,Deal - Deal created,"
        "Deal - Won time,Deal - Lost time,Deal - Lost reason,Deal - Expected close date\n"
        "1,A,1000.50,EUR,Acme,Ann,Angebot,P,Won,2026-01-05 10:00:00,2026-02-05 10:00:00,,,\n"
        "2,B,500,EUR,Beta,Ann,Angebot,P,Lost,2026-01-06 10:00:00,,2026-03-05 10:00:00,Price,\n"
        "3,C,700,EUR,Beta,Ann,Angebot,P,Open,2026-01-07 10:00:00,,,,2026-08-01\n"
    )
    deals = imported({"deals.csv": english}).deals
    assert list(deals["status"]) == ["won", "lost", "open"]
    assert [str(day) for day in deals["closed_on"]] == ["2026-02-05", "2026-03-05", "None"]
    assert deals["expected_close_on"].iloc[2] == date(2026, 8, 1) and deals["loss_reason"].iloc[1] == "Price"


def test_pipedrive_german(imported):
    german = (
        "Deal - Titel,Deal - Organisation,Deal - Wert,Deal - Status,Deal - Verlustgrund,Deal - Besitzer,Deal - Deal erstellt,Deal - Datum des gewonnenen Deals,"
        "Deal - Datum des verlorenen Deals,Deal - Phase,Deal - Pipeline,Deal - Wahrscheinlichkeit,Deal - Gewichteter Wert,Deal - Letzte Phasenänderung,Deal - ID\n"
        "A,Acme,1000.50,Gewonnen,,Ann,2026-01-05 10:00:00,2026-02-05 10:00:00,,Angebot,P,50,500.25,2026-02-01 10:00:00,1\n"
        "B,Beta,500,Verloren,Preis,Ann,2026-01-06 10:00:00,,2026-03-05 10:00:00,Angebot,P,30,150,2026-02-01 10:00:00,2\n"
        "C,Beta,700,Offen,,Ann,2026-01-07 10:00:00,,,Angebot,P,10,70,2026-02-01 10:00:00,3\n"
    )
    done = imported({"deals.csv": german}, currency="EUR")
    assert done.record.files[0].crm == "pipedrive-de"
    assert list(done.deals["status"]) == ["won", "lost", "open"]
    assert list(done.deals["amount"]) == [Decimal("1000.50"), Decimal("500.00"), Decimal("700.00")]
    assert any("EUR is assumed" in str(said) for said in done.record.assumptions)


def test_dynamics_workbook_with_serial_dates(imported, tmp_path):
    import xlsxwriter

    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "Opportunities.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Opportunities")
    header = "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,Account,Status,Status Reason,Est. close date,Est. revenue,Actual Close Date,Actual Revenue,Probability,Created On,Pipeline Phase"
    sheet.write_row(0, 0, header.split(","))
    sheet.write_row(1, 0, ["a1", "x", 46200.5, "T1", "Acme", "Won", "Won", 46200, 1000, 46210, 1100.5, 100, 46000, "Close"])
    sheet.write_row(2, 0, ["a2", "y", 46201, "T2", "Beta", "Lost", "Out-Sold", 46200, 2000, 46215, 0, 0, 46001, "Propose"])
    sheet.write_row(3, 0, ["a3", "z", 46202, "T3", "Beta", "Open", "In Progress", 46400, 3000, "", "", 20, 46002, "Develop"])
    book.close()
    done = imported({})
    deals = done.deals
    assert list(deals["status"]) == ["won", "lost", "open"]
    assert list(deals["amount"]) == [Decimal("1100.50"), Decimal("2000.00"), Decimal("3000.00")]
    assert list(deals["probability"]) == [1.0, 0.0, 0.2]
    assert deals["created_on"].iloc[0] == date(2025, 12, 9) and deals["expected_close_on"].iloc[2] == date(2027, 1, 13)
    assert done.record.files[0].crm == "dynamics"


def test_a_hand_made_german_list(imported):
    text = "Nr.;Kunde;Projekt;Status;Angebotswert (EUR);Angelegt am;Abschluss;Vertriebsgebiet;Branche\n" + "".join(
        f"{i:03d};Kunde {i};Projekt {i};{'Gewonnen' if i % 2 else 'Verhandlung'};{i}.000,00;0{i}.02.2026;1{i}.05.2026;Nord;Maschinenbau\n"
        for i in range(1, 7)
    )
    done = imported({"liste.csv": text.encode("cp1252")})
    deals = done.deals
    assert list(deals["opportunity_id"]) == ["001", "002", "003", "004", "005", "006"]
    assert list(deals["status"]) == ["won", "open"] * 3
    assert deals["amount"].iloc[0] == Decimal("1000.00") and set(deals["currency"]) == {"EUR"}
    assert set(deals["region"]) == {"Nord"} and set(done["accounts"]["industry"]) == {"Maschinenbau"}


@pytest.mark.parametrize(
    ("heading", "amount", "currency"),
    [("Volumen T€", 12_000, "EUR"), ("Betrag TEUR", 12_000, "EUR"), ("Auftragswert Mio. €", 12_000_000, "EUR"), ("Amount USD", 12, "USD"), ("Erwarteter Umsatz", 12, None)],
)
def test_a_unit_behind_a_heading_is_read(heading, amount, currency, imported):
    deals = imported({"x.csv": f"Opportunity-Nr.;Phase;Startdatum;{heading}\nA-7;gewonnen;01.02.2026;12\n"}).deals
    assert (deals["opportunity_id"][0], str(deals["created_on"][0]), int(deals["amount"][0])) == ("A-7", "2026-02-01", amount)
    assert (None if pd.isna(deals["currency"][0]) else deals["currency"][0]) == currency


def test_one_opportunity_file_alone_gives_accounts_and_no_more(imported):
    done = imported({"bericht.csv": SALESFORCE_DE})
    assert set(done.record.frames) == {"opportunities", "accounts"}
    assert done.record.joins == []
    assert any("derived" in str(said) for said in done.record.assumptions)


def test_two_crms_in_one_folder_are_one_company(imported):
    hubspot = (
        "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Close Date,Create Date,Associated Company (Primary),Associated Company IDs (Primary),Closed Lost Reason\n"
        "901,Linie 1,Closed Won,1234.56,Anna,2026-03-30,2026-01-02,Mueller GmbH,77,\n"
        "902,Linie 2,Closed Lost,12345,Bernd,2026-04-15,2026-02-03,Bäcker AG,78,Timing\n"
        "903,Ganz neu,Closed Won,50,Bernd,2026-04-15,2026-02-03,Neu AG,79,\n"
    )
    done = imported({"bericht.csv": SALESFORCE_DE, "hubspot-crm-exports-all-deals-2026-09-30.csv": hubspot})
    assert len(done.deals) == 5 and len(done["accounts"]) == 4
    assert done.record.total("merged") == 2
    assert done.record.as_of == date(2026, 10, 1)
    assert "opportunities in two CRMs" in done.rules()
    assert done.deals["account_id"].nunique() == 4
