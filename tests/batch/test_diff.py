"""Two runs side by side."""

from datetime import date

import pytest

from workbook.batch.compare import read_record
from workbook.batch.diff import changes, difference, run_folder, why_different
from workbook.batch.record import ChapterRecord, InputFile, RunRecord
from workbook.errors import ParamsError
from workbook.results import FindingRecord, HeadlineRecord, ResultsFile, SkippedRecord


def headline(key, value, low=None, high=None, n=10):
    return HeadlineRecord(key=key, kpi="win_rate", value=value, low=low, high=high, level=0.95, unit="share", currency=None, n=n, section="D1")


def run(folder, *headlines, **record):
    told = RunRecord(name="x", status="succeeded", started_at=folder.name, chapters=[ChapterRecord(topic="data", status="succeeded")], **record)
    (folder / "results").mkdir(parents=True)
    (folder / "run.json").write_text(told.text())
    (folder / "results" / "data.json").write_text(ResultsFile(topic="data", as_of=date(2026, 1, 1), headlines=list(headlines)).text())
    return folder


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ((0.5, 0.4, 0.6), (0.5, 0.4, 0.6), None),
        ((0.5, 0.4, 0.6), (0.55, 0.4, 0.6), "within_interval"),
        ((0.5, 0.4, 0.6), (0.7, 0.6, 0.8), "beyond_interval"),
        ((0.5, None, None), (0.51, None, None), "beyond_interval"),
        ((None, None, None), (0.5, 0.4, 0.6), "beyond_interval"),
        (None, (0.5, 0.4, 0.6), "new"),
        ((0.5, 0.4, 0.6), None, "gone"),
    ],
)
def test_kinds_of_change(tmp_path, before, after, kind):
    a = run(tmp_path / "a", *([headline("win_rate", *before)] if before else []))
    b = run(tmp_path / "b", *([headline("win_rate", *after)] if after else []))
    found = changes(a, b)
    assert [change.kind for change in found] == ([kind] if kind else [])
    assert all("win_rate" in change.text() for change in found)


def test_why_two_runs_differ(tmp_path):
    a = run(tmp_path / "a", data_hash="1", as_of="2026-01-01", parameters={"seed": 7})
    b = run(tmp_path / "b", data_hash="2", as_of="2026-01-01", parameters={"seed": 8})
    told = [read_record(folder) for folder in (a, b)]
    assert why_different(told[0], told[0]) == []
    assert why_different(*told) == ["other data", "other settings"]


def skip(section, title):
    return SkippedRecord(section=section, title=title, needs=["leads"], reason="needs leads")


def finding(question, section, refused=False):
    return FindingRecord(question=question, section=section, text=question, certainty="open", refused=refused)


def answering(folder, skipped, findings):
    """Rewrite a run's chapter: sections left out, questions answered or refused."""
    record = read_record(folder)
    record.chapters[0].skipped = skipped
    (folder / "run.json").write_text(record.text())
    (folder / "results" / "data.json").write_text(ResultsFile(topic="data", as_of=date(2026, 1, 1), findings=findings).text())
    return folder


def test_sections_and_questions_gained_and_lost(tmp_path):
    """A section is named once, not again by its question; a refusal is no answer."""
    a = answering(run(tmp_path / "a"), [skip("W2", "Why do we lose?")], [finding("cycle", "D3"), finding("velocity", "D4", refused=True), finding("by_age", "D7")])
    b = answering(run(tmp_path / "b"), [skip("D7", "How old?")], [finding("cycle", "D3", refused=True), finding("velocity", "D4"), finding("losses", "W2")])
    found = difference(a, b)
    assert found.gained == ["data: Why do we lose?", "data: velocity"] and found.lost == ["data: How old?", "data: cycle"]
    back = difference(b, a)
    assert (back.gained, back.lost) == (found.lost, found.gained)
    same = difference(a, a)
    assert same.gained == same.lost == same.reasons == same.read == same.changes == []
    assert found.as_json()["sections_lost"] == found.lost and "Answered no more:" in found.lines()


def test_what_was_read(tmp_path):
    def file(name, sha256, rows, newest_on=None):
        return InputFile(name=name, sha256=sha256, bytes=1, frame="leads", rows=rows, newest_on=newest_on)

    a = run(tmp_path / "a", inputs=[file("same.csv", "1", 5), file("grown.csv", "2", 1000), file("gone.csv", "3", 5)])
    b = run(tmp_path / "b", inputs=[file("same.csv", "1", 5), file("grown.csv", "4", 1200, date(2026, 3, 1)), file("new.csv", "5", 7)])
    assert difference(a, b).read == ["grown.csv: changed, 1,000 → 1,200 rows, newest record 1 Mar 2026", "new.csv: new, 7 rows", "gone.csv: no longer read"]


def test_headlines_beyond_their_interval_come_first(tmp_path):
    a = run(tmp_path / "a", headline("small", 0.5, 0.4, 0.6), headline("large", 0.5, 0.4, 0.6))
    b = run(tmp_path / "b", headline("small", 0.55, 0.4, 0.6), headline("large", 0.7, 0.6, 0.8))
    found = difference(a, b)
    assert [change.key for change in found.changes] == ["large", "small"]
    assert found.lines()[-1] == "2 headlines differ, 1 beyond their interval."


def test_a_report_folder_stands_for_its_latest_run(tmp_path):
    made = run(tmp_path / "runs" / "b")
    (tmp_path / "latest.json").write_text('{"run": "b"}')
    assert run_folder(tmp_path) == made == run_folder(made)
    with pytest.raises(ParamsError, match="no run"):
        run_folder(tmp_path / "runs")
