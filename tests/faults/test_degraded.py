"""Sections without data are left out and said; what was answered last time and is not any more makes the run degraded."""

import json

from tests.faults.conftest import DEALS, heading

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


def test_a_field_that_is_gone_is_told(project):
    project.notebook(heading("Why do we lose? (W2)", "opportunities.loss_reason"), "y = 1")
    project.write("crm/opportunities.csv", WITH_REASON)
    assert project.run().status == 0
    project.write("crm/opportunities.csv", DEALS)
    answer = project.run("--json")
    summary = json.loads(answer.out)
    assert answer.status == summary["exit_status"] == 4, answer.text
    assert summary["degraded"] == ["data: Why do we lose? (W2)"] and summary["report"]
    assert summary["chapters"][0]["status"] == "skipped"
    again = json.loads(project.run("--json", "--force").out)
    assert again["exit_status"] == 0 and again["degraded"] == []
