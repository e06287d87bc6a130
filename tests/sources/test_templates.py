"""Templates for the frames that no CRM exports: written pre-filled, never written over, read back with every row accounted for."""

import csv

import pytest

from workbook.frames import FRAMES
from workbook.params import load_params
from workbook.sources import import_frames, import_to, load_import
from workbook.sources.read import read_tables
from workbook.sources.templates import TEMPLATES, is_template
from workbook.text import use_language

DEALS = "Opportunity ID,Stage,Region,Segment,Competitor,Amount,Currency,Created Date,Close Date\n" + "".join(
    f"O{i},{'Closed Won' if i % 2 else 'Closed Lost'},{'North' if i % 3 else 'South'},Small,{'Acme; Beta' if i % 4 else '=cmd|x'},100,CHF,2026-0{i % 6 + 1}-03,2026-07-0{i % 9 + 1}\n"
    for i in range(24)
)  # fmt: skip


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "crm" / "deals.csv"
    path.parent.mkdir()
    path.write_text(DEALS, encoding="utf-8")
    return path


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";" if ";" in path.read_text(encoding="utf-8-sig").splitlines()[0] else ","))


def fill(path, values):
    """Fill in rows of a CSV template. values: row number → column → text."""
    rows = rows_of(path)
    for number, cells in values.items():
        rows[number] |= cells
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def test_the_guide_explains_the_columns_of_the_frame():
    for name, template in TEMPLATES.items():
        assert set(template.guide) <= set(FRAMES[name].names) and set(template.to_fill) <= set(template.guide)
        assert {c.name for c in FRAMES[name].columns if c.is_required} <= set(template.guide)


@pytest.mark.parametrize("language", ["en", "de"])
def test_templates_hold_what_is_known_and_are_recognised(export, tmp_path, language):
    with use_language(language):
        done = import_to([export], tmp_path / "own")
    folder = tmp_path / "own" / "templates"
    assert {path.name for path in done.templates} == {f"{name}.{suffix}" for name in TEMPLATES for suffix in ("csv", "xlsx")}
    units = rows_of(folder / "units.csv")
    assert {row["unit"] for row in units} == {"North", "South"} and {row["currency"] for row in units} == {"CHF"}
    assert units[0]["month_on"] == "2026-01-01" and units[0]["adopted_on"] == ""
    assert [row["competitor"] for row in rows_of(folder / "competitors.csv")][1:3] == ["Acme", "Beta"]
    assert {row["region"] for row in rows_of(folder / "market.csv")} == {"North", "South"}
    assert {row["function"] for row in rows_of(folder / "survey.csv")} == {"sales", "marketing"}
    for name in TEMPLATES:
        assert is_template(read_tables(folder / f"{name}.csv")[0])
        first, *guides = read_tables(folder / f"{name}.xlsx")
        assert is_template(first) and not any(map(is_template, guides))
        assert len(first.cells) == len(rows_of(folder / f"{name}.csv"))


def test_what_is_blank_is_not_read(export, tmp_path):
    done = import_to([export], tmp_path / "own")
    again = import_frames(load_params(done.params), tmp_path / "again")
    assert set(again.frames) == {"opportunities"} and [file.name for file in again.files] == [export.name]


def test_of_two_filled_files_the_fuller_one_counts_and_the_other_is_named(export, tmp_path):
    done = import_to([export], tmp_path / "own")
    folder = tmp_path / "own" / "templates"
    fill(folder / "market.csv", {0: {"volume": "12.5"}, 3: {"volume": "14"}})
    (folder / "market.xlsx").write_bytes((folder / "market.csv").read_bytes())
    fill(folder / "market.csv", {5: {"volume": "15"}})
    again = import_frames(load_params(done.params), tmp_path / "again")
    assert again.frames["market"].rows == 3
    assert [(file.name, bool(file.ignored)) for file in again.files if file.name.startswith("market")] == [("market.csv", False), ("market.xlsx", True)]


def test_filled_rows_are_read_and_the_others_are_no_data(export, tmp_path):
    done = import_to([export], tmp_path / "own")
    folder = tmp_path / "own" / "templates"
    fill(folder / "market.csv", {0: {"volume": "12.5", "source": "Association", "grade": "B"}, 3: {"volume": "14"}})
    fill(folder / "units.csv", {0: {"adopted_on": "2026-03-01"}})
    again = import_frames(load_params(done.params), tmp_path / "again")
    market = next(file for file in again.files if file.name == "market.csv")
    assert (market.kept, market.not_data, market.rejected) == (2, market.lines_read - 2, 0)
    assert again.frames["units"].rows == len(rows_of(folder / "units.csv")), "a unit without a date never adopted: its rows count"
    assert {"market", "units"} <= set(load_import(tmp_path / "again").frames)


def test_a_filled_spreadsheet_wins_over_the_blank_csv_beside_it(export, tmp_path):
    import xlsxwriter

    done = import_to([export], tmp_path / "own")
    path = tmp_path / "own" / "templates" / "spend.xlsx"
    columns = list(TEMPLATES["spend"].guide)
    with xlsxwriter.Workbook(path) as book:
        sheet, guide = book.add_worksheet("spend"), book.add_worksheet("Guide")
        for place, name in enumerate(columns):
            sheet.write(0, place, name)
        for row in range(1, 4):
            for place, cell in enumerate((f"2026-0{row}-01", "sales", "Pay", "North", 1000 * row if row < 3 else "", "CHF")):
                sheet.write(row, place, cell)
        guide.write(0, 0, "What sales and marketing cost")
        guide.write(1, 0, "Column")
        guide.write(2, 0, "amount")
    again = import_frames(load_params(done.params), tmp_path / "again")
    assert again.frames["spend"].rows == 2


def test_importing_again_never_writes_over_a_template(export, tmp_path):
    import_to([export], tmp_path / "own")
    path = tmp_path / "own" / "templates" / "market.csv"
    fill(path, {0: {"volume": "12.5"}})
    before = path.read_bytes()
    again = import_to([export], tmp_path / "own")
    assert path.read_bytes() == before and again.templates == () and "market" in again.record.frames


def test_a_hostile_name_runs_nothing(export, tmp_path):
    import_to([export], tmp_path / "own")
    assert "\n=cmd" not in (tmp_path / "own" / "templates" / "competitors.csv").read_text(encoding="utf-8-sig")
    assert ",=cmd" not in (tmp_path / "own" / "templates" / "ratings.csv").read_text(encoding="utf-8-sig")
