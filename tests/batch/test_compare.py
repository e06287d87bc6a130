"""A run beside the last good one."""

from datetime import date

import pytest

from workbook.batch.compare import is_unchanged, lost_answers
from workbook.batch.record import ChapterRecord, RunRecord, versions
from workbook.params import RunParams, SourceParams
from workbook.results import FindingRecord, ResultsFile, SkippedRecord


def skip(section, title="a title"):
    return SkippedRecord(section=section, title=title, needs=["leads"], reason="needs leads")


def finding(question, refused):
    return FindingRecord(question=question, section="D1", text=f"about {question}", certainty="open", refused=refused)


def made(folder, *skipped, findings=(), key="k", status="succeeded"):
    chapter = ChapterRecord(topic="data", status="succeeded", skipped=list(skipped))
    record = RunRecord(name="x", status=status, started_at="s", quick_key=key, versions=versions(), chapters=[chapter])
    (folder / "results").mkdir(parents=True)
    (folder / "run.json").write_text(record.text())
    (folder / "index.html").write_text("x")
    (folder / "results" / "data.json").write_text(ResultsFile(topic="data", as_of=date(2026, 1, 1), findings=list(findings)).text())
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


@pytest.mark.parametrize(
    ("then", "now", "lost"),
    [
        ([], [], 0),
        ([], [skip("W2")], 1),
        ([skip("W2")], [skip("W2", "anderer Titel")], 0),
        ([skip("W2")], [], 0),
        ([skip("W2")], [skip("W2"), skip("W3")], 1),
        ([skip("", "one")], [skip("", "two")], 1),
    ],
)
def test_sections_answered_last_time_and_skipped_now(tmp_path, then, now, lost):
    before, after = made(tmp_path / "a", *then), made(tmp_path / "b")
    assert len(lost_answers(before, after, [ChapterRecord(topic="data", status="succeeded", skipped=now)])) == lost


def test_a_refusal_that_was_an_answer_is_a_loss(tmp_path):
    before = made(tmp_path / "a", findings=[finding("cycle", False), finding("velocity", True)])
    after = made(tmp_path / "b", findings=[finding("cycle", True), finding("velocity", True), finding("new", True)])
    assert lost_answers(before, after, [ChapterRecord(topic="data", status="succeeded")]) == ["data: about cycle"]


def test_the_first_run_loses_nothing(tmp_path):
    assert lost_answers(None, made(tmp_path / "b"), [ChapterRecord(topic="data", status="succeeded", skipped=[skip("W2")])]) == []
