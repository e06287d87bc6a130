"""A run beside an earlier one: has anything changed?"""

import pytest

from workbook.batch.compare import is_unchanged
from workbook.batch.record import ChapterRecord, RunRecord, versions, written
from workbook.params import RunParams, SourceParams

PAGES = ("index.html", "report.html", "html/data.html", "notebooks/data.ipynb", "results/data.json", "tables/data/a.csv")


def made(top, key="k"):
    folder = top / "runs" / "s"
    for name in PAGES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    (top / "index.html").write_text("über")
    chapter = ChapterRecord(topic="data", status="succeeded")
    record = RunRecord(name="x", status="succeeded", started_at="s", quick_key=key, versions=versions(), chapters=[chapter], files=written(folder, "über"))
    (folder / "run.json").write_text(record.text())
    return folder


def test_unchanged_means_same_key_and_versions(tmp_path):
    folder = made(tmp_path / "a")
    assert is_unchanged(folder, "k", RunParams())
    assert not is_unchanged(folder, "other", RunParams())
    assert not is_unchanged(None, "k", RunParams())
    assert not is_unchanged(tmp_path / "nowhere", "k", RunParams())


def test_a_database_is_never_taken_for_unchanged(tmp_path):
    params = RunParams(sources=(SourceParams(database="duckdb:///x", table="deals"),))
    assert not is_unchanged(made(tmp_path / "a"), "k", params)


def test_other_versions_or_a_damaged_record_are_a_change(tmp_path):
    folder = made(tmp_path / "a")
    text = (folder / "run.json").read_text()
    (folder / "run.json").write_text(text.replace('"pandas": "', '"pandas": "0.'))
    assert not is_unchanged(folder, "k", RunParams())
    (folder / "run.json").write_text(text[:100])
    assert not is_unchanged(folder, "k", RunParams())


@pytest.mark.parametrize("name", [*PAGES, "../../index.html"])
@pytest.mark.parametrize("fate", ["gone", "emptied", "altered"])
def test_a_report_of_which_a_part_is_missing_does_not_hold(tmp_path, name, fate):
    folder = made(tmp_path / "a")
    assert is_unchanged(folder, "k", RunParams())
    (folder / name).write_text({"emptied": "", "altered": "xyz"}.get(fate, ""))
    if fate == "gone":
        (folder / name).unlink()
    assert not is_unchanged(folder, "k", RunParams())


def test_what_others_lay_beside_a_report_does_not_matter(tmp_path):
    folder = made(tmp_path / "a")
    (folder / ".DS_Store").write_text("theirs")
    assert is_unchanged(folder, "k", RunParams())
