"""Two runs side by side."""

from datetime import date

import pytest

from workbook.batch.diff import changes, run_folder, why_different
from workbook.batch.record import ChapterRecord, RunRecord
from workbook.errors import ParamsError
from workbook.results import HeadlineRecord, ResultsFile


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
    assert why_different(a, a) == []
    assert why_different(a, b) == ["other data", "other settings"]


def test_a_report_folder_stands_for_its_latest_run(tmp_path):
    made = run(tmp_path / "runs" / "b")
    (tmp_path / "latest.json").write_text('{"run": "b"}')
    assert run_folder(tmp_path) == made == run_folder(made)
    with pytest.raises(ParamsError, match="no run"):
        run_folder(tmp_path / "runs")
