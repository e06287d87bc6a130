"""A run beside an earlier one: has anything changed?"""

from workbook.batch.compare import is_unchanged
from workbook.batch.record import ChapterRecord, RunRecord, versions
from workbook.params import RunParams, SourceParams


def made(folder, key="k"):
    chapter = ChapterRecord(topic="data", status="succeeded")
    record = RunRecord(name="x", status="succeeded", started_at="s", quick_key=key, versions=versions(), chapters=[chapter])
    folder.mkdir()
    (folder / "run.json").write_text(record.text())
    (folder / "index.html").write_text("x")
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
