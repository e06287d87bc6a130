"""Sections without data are left out and said; what is worse than in the last good report makes the run degraded."""

import json
import sys

import pytest

from tests.faults.project import DEALS, Project, heading

HEADER, *ROWS = DEALS.splitlines()
WITH_REASON = "\n".join([f"{HEADER},Loss Reason", *(f"{row},Price" for row in ROWS)]) + "\n"


def chapter(project):
    project.notebook(
        heading("How many? (D1)", "opportunities"), "x = 1", heading("Why do we lose? (W2)", "opportunities.loss_reason"), "y = undefined_name"
    )


def test_what_cannot_be_answered_is_said_and_is_no_failure(project):
    chapter(project)
    prospects = json.loads(project.call("check", "params/run.yaml", "--json").out)
    assert [entry["section"] for entry in prospects["chapters"][0]["skipped"]] == ["W2"]
    assert prospects["chapters"][0]["answered"] == ["How many? (D1)"]
    assert not project.report.exists()
    answer = project.run()
    assert answer.status == 0 and "1 section could not be answered" in answer.out, answer.text
    run = project.report / "runs" / json.loads((project.report / "latest.json").read_text())["run"]
    (chapter_record,) = json.loads((run / "run.json").read_text())["chapters"]
    assert chapter_record["status"] == "succeeded" and "Closed Lost Reason" in chapter_record["skipped"][0]["mend"]
    (skipped,) = json.loads((run / "results" / "data.json").read_text())["skipped"]
    assert skipped["needs"] == ["opportunities.loss_reason"]
    assert "Not computed" in (run / "html" / "data.html").read_text(encoding="utf-8")
    strict = project.run("--strict", "--force")
    assert strict.status == 4 and "Report:" in strict.out, strict.text
    unchanged = project.run("--strict"), project.run()
    assert [answer.status for answer in unchanged] == [4, 0] and all("Nothing has changed" in answer.out for answer in unchanged)


def test_a_field_that_is_gone_is_told(project):
    project.notebook(heading("Why do we lose? (W2)", "opportunities.loss_reason"), "y = 1")
    project.write("crm/opportunities.csv", WITH_REASON)
    assert project.run().status == 0
    project.write("crm/opportunities.csv", DEALS)
    answer = project.run("--json")
    summary = json.loads(answer.out)
    assert answer.status == summary["exit_status"] == 4, answer.text
    lost = ["data: answered last time, left out now: Why do we lose? (W2)", "opportunities: no longer any value in loss_reason"]
    assert summary["degraded"] == lost and summary["report"]
    assert summary["chapters"][0]["status"] == "skipped"
    page = (project.report / "index.html").read_text(encoding="utf-8")
    assert "Worse than in the last report" in page and "no longer any value in loss_reason" in page
    told = project.call("diff", *sorted((project.report / "runs").iterdir()), "--json")
    difference = json.loads(told.out)
    assert difference["sections_lost"] == ["data: Why do we lose? (W2)"] and difference["sections_gained"] == []
    assert difference["read"] == ["opportunities.csv: changed, 20 → 20 rows, newest record 20 Mar 2026"]
    again = json.loads(project.run("--json", "--force").out)
    assert again["exit_status"] == 0 and again["degraded"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork: another clock is told to a copy of the process")
def test_an_export_that_has_stopped_growing(tmp_path):
    """Read again days later, the same file is stale, even where nothing else has changed; a newer record mends it."""
    project = Project(tmp_path)
    project.write("params/run.yaml", "data: ../crm\nchapters: [data]\ncurrency: EUR\n")
    project.notebook("x = 1", is_bare=True)
    assert project.run(clock="2026-04-01T08:00:00+00:00").status == 0
    same_day = project.run(clock="2026-04-01T20:00:00+00:00")
    assert same_day.status == 0 and "Nothing has changed" in same_day.out, same_day.text
    week_later = project.run(clock="2026-04-08T08:00:00+00:00")
    assert week_later.status == 4 and "opportunities.csv: no record newer than 20 Mar 2026, as last time" in week_later.err, week_later.text
    assert "no record newer than 20 Mar 2026" in (project.report / "index.html").read_text(encoding="utf-8")
    project.write("crm/opportunities.csv", DEALS + "0099,Deal 99,Firm 1,Closed Won,5,EUR,2026-04-01,2026-04-14\n")
    mended = project.run("--json", clock="2026-04-15T08:00:00+00:00")
    assert mended.status == 0 and json.loads(mended.out)["degraded"] == [], mended.text
