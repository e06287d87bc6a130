"""Columns that name persons are not kept, whatever they are called; columns about persons are."""

import pytest

from workbook.sources.persons import cells_name_persons, heading_names_persons

NAMING = ["Account Owner", "Opportunity Owner Alias", "Owner ID", "OWNERID", "hubspot_owner_id", "Owner of account", "Owning User", "Salesperson", "SalesRep", "Sales Representative", "Account Executive", "Seller", "KAM", "Key Account Manager", "Regional Manager", "Manager", "Assigned To", "Created By", "CREATEDBYID", "Created By: Full Name", "Last Modified By", "Closed by", "First Name", "Last Name", "Contact Name", "Primary Contact", "Contact 1", "Associated Contacts", "User", "Responsible", "Email", "Contact Email", "Account-Inhaber", "Accountinhaber", "Besitzername", "Vertriebsbeauftragter", "Vertriebsmitarbeiterin", "Verkäufer", "Verkäufer:in", "Verkäufer*in", "Verkäuferkürzel", "Kundenbetreuer", "Betreuer (Innendienst)", "Vertreter", "Projektleiter", "Sachbearbeiter", "Mitarbeiter", "Verantwortlicher Mitarbeiter", "Verantwortlicher (Vertrieb)", "Zuständig", "Zuständige/r", "Zuständiger Mitarbeiter für Deal", "Ansprechpartner", "Name des Ansprechpartners", "Ansprechpartner Einkauf", "Kontaktname", "Kontaktperson", "Hauptkontakt", "Benutzer", "Ersteller", "Erstellt von", "Erstellt von (Name)", "Zuletzt geändert von", "Empfohlen von", "Vorname", "Nachname", "E-Mail", "E-Mail-Adresse", "Kontakt E-Mail"]
ABOUT = ["Contact Role", "Contact count", "Number of contacts", "Type of contact", "Last Contact Channel", "Contact Title", "Owner type", "Owner region", "Owner Managed", "Ownership", "User Type", "Sourced by", "Email opt out", "Email Status", "Mailing", "Team", "Sales Team", "Sales Office", "Partner", "Reseller", "Bestseller", "Product", "Forecast Category", "Payment Terms", "Inhabergeführt", "Region", "Ampel", "Rolle des Ansprechpartners", "Anzahl Kontakte", "Anzahl Mitarbeiter", "Mitarbeiterzahl", "Kontaktkanal", "Kontaktart", "Kontaktintensität", "Erstkontakt", "Zuständige Niederlassung", "Halbleiter", "Vertriebskanal", "Verkaufsgebiet", "Wettbewerber", "Nutzergruppe", "Gewonnen von", "Kundentyp", "Produktmanagement", "Betreuungsintensität", "Vertragsart", "Erstellt am", "Lead-Status", "Name"]
WORDS = ("one", "two words", "Drei")


@pytest.mark.parametrize("heading", NAMING)
def test_a_heading_that_names_persons(heading):
    assert heading_names_persons(heading, WORDS)


@pytest.mark.parametrize("heading", ABOUT)
def test_a_heading_that_is_about_persons_or_none(heading):
    assert not heading_names_persons(heading, WORDS)


@pytest.mark.parametrize(
    ("heading", "cells", "names_persons"),
    [
        ("Mitarbeiter", ("10", "250"), False), ("Users", ("5", "1.000"), False), ("Owner ID", ("17", "18"), True), ("Benutzer-ID", ("17", "18"), True),
        ("Ansprechpartner", ("ja", "nein"), False), ("Mobile", ("iOS", "Android"), False), ("Mobile", ("0171 2345678", "0172-345678"), True),
        ("Telefon", ("12345-0", "98765-12"), True), ("LinkedIn", ("https://www.linkedin.com/in/ab", "https://www.linkedin.com/in/cd"), True),
    ],
)  # fmt: skip
def test_numbers_and_yes_or_no_name_nobody(heading, cells, names_persons):
    assert heading_names_persons(heading, cells) is names_persons


@pytest.mark.parametrize(
    ("cells", "names_persons"),
    [
        (("E. Blum", "A. Koch", "C. Röhm"), True), (("A. Low", "B. High"), False), (("Anna Schmidt", "Karl-Heinz Maier", "Bo Li"), True), (("Groß, Eva", "Müller, Hans"), True),
        (("Max Pro", "Max Plus"), False), (("Frau Blum", "Herr Koch"), True), (("a@firma.de", "b@x.com", "none"), True), (("+49 711 123456", "0711/445566"), True),
        (("005A1b2C3d4E5f6", "0055g000001abcDAAX"), True), (("0000948669", "0000092212"), False), (("2026-01-02", "01/02/2026"), False), (("Siemens AG", "Bosch GmbH"), False),
        (("Frankfurt Main", "Berlin Mitte"), False), (("0-10000", "0-5000"), False), (("1.234,00", "0,5"), False), (("St. Gallen", "Basel"), False), (("Ost", "West"), False),
    ],
)  # fmt: skip
def test_cells_that_name_persons(cells, names_persons):
    assert cells_name_persons(cells, ()) is names_persons


def test_cells_that_the_salespeople_are_called_by_name_persons():
    assert cells_name_persons(("koch", "BLUM", "-"), {"koch", "blum"}) and not cells_name_persons(("Ost", "West", "Koch"), {"koch", "blum"})


def test_columns_that_name_persons_are_left_out_and_the_record_says_why(imported):
    people = ("L. Opel", "C. Röhm", "K. Adam")
    rows = (
        f"{i},{'Won' if i % 2 else 'Lost'},{people[i % 3]},{people[i % 2]},{people[(i + 1) % 3]},contact{i % 4}@firma.de,{'Ost' if i % 3 else 'West'},{'Buyer' if i % 4 else 'User'}"
        for i in range(30)
    )
    done = imported({"deals.csv": "Deal ID,Stage,Vertriebsbeauftragter,Last Modified By,Desk,Where to write,Area,Contact Role\n" + "\n".join(rows) + "\n"})
    assert set(done.deals["owner_id"]) == set(people)
    assert done.record.frames["opportunities"].attributes == ["area", "contact_role"]
    said = {column.column: str(column.reason) for column in done.record.unmapped_columns if column.reason is not None}
    assert list(said) == ["Last Modified By", "Desk", "Where to write"] and "its heading" in said["Last Modified By"] and "its cells" in said["Desk"]


def test_an_attribute_that_the_mapping_names_is_kept(imported):
    text = "Deal ID,Stage,Ansprechpartner\n" + "".join(f"{i},{'Won' if i % 2 else 'Lost'},{'Werk A' if i % 3 else 'Werk B'}\n" for i in range(30))
    mapping = "frames:\n  opportunities:\n    columns:\n      opportunity_id: Deal ID\n      stage: Stage\n    attributes:\n      werk: Ansprechpartner\n"
    assert imported({"deals.csv": text}, mapping=mapping).record.frames["opportunities"].attributes == ["werk"]
