"""`workbook import`: a mapping to edit, which importing again keeps."""

from datetime import date

import pytest
import yaml

from workbook.errors import DataError
from workbook.params import load_params
from workbook.sources import import_frames, import_to
from workbook.sources.draft import file_pattern
from workbook.sources.mapping import load_mapping

TEXT = (
    "Opportunity-ID;Opportunity-Name;Accountname;Phase;Betrag;Schlusstermin;Erstelldatum;Freitext;Ampel\n"
    + "".join(f"A{i};Linie {i};K{i % 4};{'Klärung' if i % 2 else 'Geschlossen und gewonnen'};{i}.500,00;1{i % 9}.04.2026;0{i % 9 + 1}.02.2026;t{i};{'rot' if i % 3 else 'gelb'}\n" for i in range(30))
)  # fmt: skip


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "crm" / "bericht-2026-09-30.csv"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="cp1252")
    return path


def test_the_mapping_used_is_written_and_gives_the_same_frames(export, tmp_path):
    done = import_to([export], tmp_path / "own", currency="EUR")
    mapping = load_mapping(done.mapping)
    (block,) = mapping.frames["opportunities"]
    assert block.file == ("bericht-*.csv",) and block.columns["account_name"].from_ == ("Accountname",)
    assert list(block.attributes) == ["ampel"]
    assert mapping.stages["Klärung"].assumed and not mapping.stages["Geschlossen und gewonnen"].assumed
    assert [note.column for note in mapping.unmapped[export.name]] == ["Freitext"]
    again = import_frames(load_params(done.params), tmp_path / "again")
    assert again.frames == done.record.frames and again.money == done.record.money
    assert (tmp_path / "again" / "opportunities.parquet").read_bytes() == (tmp_path / "own" / "opportunities.parquet").read_bytes()


def test_importing_again_keeps_the_edits_and_lists_what_is_new(export, tmp_path):
    first = import_to([export], tmp_path / "own", currency="EUR")
    text = first.mapping.read_text(encoding="utf-8")
    edited = "# mine\n" + text.replace('"Klärung": {status: open, count: 15, assumed: true}', '"Klärung": lost')
    assert edited != "# mine\n" + text
    first.mapping.write_text(edited, encoding="utf-8")
    newer = export.with_name("bericht-2026-10-31.csv")
    newer.write_text(
        TEXT.replace(";Ampel", ";Ampel;Neu")
        .replace("gelb\n", "gelb;x\n")
        .replace("rot\n", "rot;y\n")
        .replace("A1;Linie 1;K1;Klärung", "A1;Linie 1;K1;Frisch"),
        encoding="cp1252",
    )
    second = import_to([newer], tmp_path / "own", currency="EUR")
    assert second.kept_edits and second.mapping.read_text(encoding="utf-8") == edited
    assert {stage.stage: stage.status for stage in second.record.stages}["Klärung"] == "lost"
    suggestions = yaml.safe_load(second.suggestions.read_text(encoding="utf-8"))
    assert list(suggestions["stages"]) == ["Frisch"] and suggestions["unmapped"][newer.name][0]["column"] == "Neu"


def test_the_settings_written_beside_it_take_the_newest_export(export, tmp_path):
    done = import_to([export], tmp_path / "own")
    export.with_name("bericht-2026-10-31.csv").write_bytes(export.read_bytes())
    record = import_frames(load_params(done.params), tmp_path / "again")
    assert [file.name for file in record.files] == ["bericht-2026-10-31.csv"]


BOTH_WAYS = "Deal ID,Stage,Created Date,Ampel\n" + "".join(f"{i},{'Won' if i % 2 else 'Offer'},0{i}/04/2026,rot\n" for i in range(1, 10))


@pytest.mark.parametrize("style", ["dmy", "mdy"])
@pytest.mark.parametrize("is_option", [False, True])
def test_dates_that_read_both_ways_are_asked_for_in_the_mapping_or_settled_by_the_call(tmp_path, style, is_option):
    export, own = tmp_path / "deals.csv", tmp_path / "own"
    export.write_text(BOTH_WAYS)
    with pytest.raises(DataError, match="both ways") as caught:
        import_to([export], own)
    mapping = own / "mapping.yaml"
    assert str(mapping) in caught.value.lines()[-1] and load_mapping(mapping).date_style is None
    with pytest.raises(DataError, match="both ways"):
        import_to([export], own)
    text = mapping.read_text(encoding="utf-8")
    if is_option:
        done = import_to([export], own, date_style=style)
    else:
        mapping.write_text(text.replace("date_style:", f"date_style: {style}"), encoding="utf-8")
        done = import_to([export], own)
    assert mapping.read_text(encoding="utf-8") == text.replace("date_style:", f"date_style: {style}")
    newest = date(2026, 4, 9) if style == "dmy" else date(2026, 9, 4)
    assert done.record.frames["opportunities"].newest_on == newest
    again = import_frames(load_params(done.params), tmp_path / "again")
    assert again.frames == done.record.frames and again.frames["opportunities"].newest_on == newest


def test_the_style_of_dates_given_at_once_is_written_into_the_mapping(tmp_path):
    export = tmp_path / "deals.csv"
    export.write_text(BOTH_WAYS)
    done = import_to([export], tmp_path / "own", date_style="mdy")
    assert load_mapping(done.mapping).date_style == "mdy"
    done.mapping.write_text(done.mapping.read_text(encoding="utf-8").replace("date_style: mdy\n", ""), encoding="utf-8")
    import_to([export], tmp_path / "own", date_style="dmy")
    assert load_mapping(done.mapping).date_style == "dmy"


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("hubspot-crm-exports-all-deals-2026-09-30.csv", "hubspot-crm-exports-all-deals-*.csv"),
        ("report1696157000123.csv", "report*.csv"),
        ("opportunities.csv", "opportunities.csv"),
        ("Bericht 30.09.2026.xlsx", "Bericht *.xlsx"),
        ("deals (3).csv", "deals*.csv"),
        ("Gesch\udcfcfte 30.09.2026.csv", "Gesch?fte *.csv"),
    ],
)
def test_next_months_export_matches_too(name, pattern):
    assert file_pattern(name) == pattern
