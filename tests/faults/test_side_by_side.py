"""Two runs at once, a clock set back, data replaced while they are read, old runs pruned."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.faults.project import DEALS, Project

if sys.platform != "linux":
    pytest.skip("needs fork", allow_module_level=True)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"))
    project.good()
    return project


def latest(project, report="run"):
    return json.loads((project.folder / "reports" / report / "latest.json").read_text())["run"]


def test_two_runs_at_once_into_different_folders(shared):
    both = [shared.start("run", "params/run.yaml", "--out", f"reports/{name}") for name in ("left", "right")]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    results = [(shared.folder / "reports" / name / "latest" / "results" / "data.json").read_bytes() for name in ("left", "right")]
    assert results[0] == results[1]


def test_data_replaced_while_they_are_read(shared):
    page, before = (shared.report / "index.html").read_bytes(), latest(shared)
    shared.write("later.csv", DEALS.replace("101", "999"))
    place = ["workbook.batch.attempt", "make_plan", "after", 1, "cp later.csv crm/opportunities.csv"]
    answer = shared.run("--force", at=place)
    assert answer.status == 3 and "changed while they were read" in answer.err and "start again" in answer.err, answer.text
    assert (shared.report / "index.html").read_bytes() == page and not list(shared.report.glob(".staging-*"))
    again = shared.run("--json")
    told = json.loads(again.out)
    assert again.status == 0 and told["started_at"] != before and not told["unchanged"], again.text
    hashed = {file["name"]: file["sha256"] for file in told["inputs"]}
    import hashlib

    assert hashed == {"opportunities.csv": hashlib.sha256((shared.folder / "crm/opportunities.csv").read_bytes()).hexdigest()}


def test_a_clock_set_back_and_old_runs_pruned(project):
    """What counts is what was published last, whatever the clock says; it is never pruned."""
    project.good()
    later = latest(project)
    for name in ("2020-05-01T10-00-00Z", "2020-05-01T10-00-00Z-2"):
        answer = project.run("--force", clock="2020-05-01T10:00:00+00:00")
        assert answer.status == 0 and latest(project) == name, answer.text
    runs = project.report / "runs"
    assert {path.name for path in runs.iterdir()} == {later, "2020-05-01T10-00-00Z", "2020-05-01T10-00-00Z-2"}
    unchanged = project.run("--keep", "2")
    assert unchanged.status == 0 and "Nothing has changed" in unchanged.out, unchanged.text
    assert {path.name for path in runs.iterdir()} == {later, latest(project)}
    project.notebook("values = [1]\nvalues[7]")
    for _ in range(2):
        failed = project.run("--force", "--keep", "1", clock="2019-01-01T00:00:00+00:00")
        assert failed.status == 1 and len(list((project.report / "failed").iterdir())) == 1, failed.text
        assert Path(failed.err.partition("kept in ")[2].partition(";")[0]).is_dir()
    assert [path.name for path in runs.iterdir()] == [latest(project)] == ["2020-05-01T10-00-00Z-2"]
    assert (project.report / "index.html").exists() and not list(project.report.glob(".gone-*"))


@pytest.mark.parametrize("lost", ["index.html", "latest/report.html", "latest/html", "latest/results"])
def test_a_report_of_which_a_part_is_gone_is_made_again(shared, lost):
    gone = shared.report / lost
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    summary = json.loads(shared.run("--json").out)
    assert (summary["exit_status"], summary["unchanged"]) == (0, False) and gone.exists()
    assert json.loads(shared.run("--json").out)["unchanged"]
