"""Whatever breaks in a run: the last good report is untouched, run.json tells the truth, and the next run succeeds."""

import json
import os
import signal
import sys
import time

import pytest

if sys.platform == "win32":
    pytest.skip("signals of POSIX", allow_module_level=True)

SLEEPS = "import time\nfrom pathlib import Path\nPath(run.plan.output_dir, 'sleeping').touch()\ntime.sleep(600)"


def last_failed(project):
    folder = max((project.report / "failed").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return folder, json.loads((folder / "run.json").read_text(encoding="utf-8"))


def started(project, *words):
    """Start a run and wait until its chapter sleeps in a cell."""
    process = project.start("run", "params/run.yaml", *words)
    deadline = time.monotonic() + 120
    while not list(project.report.glob(".staging-*/sleeping")):
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.1)
    return process


@pytest.mark.parametrize(
    ("cell", "cause", "error"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "kernel died", ""),
        ("import os\nos._exit(0)", "kernel died", ""),
        ("import sys\nsys.exit(0)", "SystemExit", "SystemExit"),
        ("import time\ntime.sleep(600)", "longer than 4 seconds", "KeyboardInterrupt"),
        ("values = [1]\nvalues[7]", "IndexError: list index out of range", "IndexError"),
    ],
    ids=["killed", "os-exit", "sys-exit", "time-out", "exception"],
)
def test_a_cell_that_breaks_the_chapter(untouched, cell, cause, error):
    untouched.notebook("before = 1", cell, "after = 1")
    if "600" in cell:
        untouched.write("params/quick.yaml", (untouched.folder / "params/run.yaml").read_text() + "name: run\ncell_timeout_seconds: 4\n")
    answer = untouched.call("run", "params/quick.yaml" if "600" in cell else "params/run.yaml", "--force")
    assert answer.status == 1, answer.text
    assert "Traceback" not in answer.text
    assert cause in answer.err and "in cell 5" in answer.err and "last good report is untouched" in answer.err
    folder, record = last_failed(untouched)
    assert (record["status"], record["exit_status"]) == ("failed", 1) and "data" in record["cause"]
    (chapter,) = record["chapters"]
    assert chapter["status"] == "failed" and cause in chapter["cause"]
    assert chapter["failing_cell"]["number"] == 5 and chapter["failing_cell"]["error"] == error
    assert chapter["failing_cell"]["source"].splitlines()[0] == cell.splitlines()[0]
    assert (folder / "notebooks" / "data.ipynb").exists() and not (folder / ".work").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_run_that_is_asked_to_stop(untouched, number, status):
    untouched.notebook(SLEEPS)
    process = started(untouched, "--force")
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == status, out + err
    assert "Traceback" not in out + err and "last good report is untouched" in err
    _, record = last_failed(untouched)
    assert (record["status"], record["exit_status"]) == ("interrupted", status) and record["cause"]
    assert record["chapters"][0]["status"] == "failed"


def test_a_runner_that_is_killed_takes_its_chapters_along(untouched):
    untouched.notebook(SLEEPS)
    process = started(untouched, "--force")
    process.kill()
    process.communicate()
    untouched.notebook("values = [1]\nvalues[7]")
    assert untouched.run("--force").status == 1  # cleans up what the dead run left


def test_a_second_run_into_one_folder_says_who_holds_it(untouched):
    untouched.notebook(SLEEPS)
    process = started(untouched, "--force")
    try:
        answer = untouched.run("--force", "--json")
        assert answer.status == 5 and f"process {process.pid}" in answer.err and "--out" in answer.err
        assert json.loads(answer.out)["exit_status"] == 5
        assert process.poll() is None
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=60)


def test_what_is_kept_names_no_folder_of_this_machine(reported):
    for path in (reported.report / "runs").rglob("*"):
        if path.is_file():
            assert str(reported.folder) not in path.read_text(encoding="utf-8", errors="replace"), path


def test_a_chapter_that_reads_a_file_itself_is_run_every_time(project):
    beside = project.folder / "beside.txt"
    beside.write_text("one")
    project.notebook(f"print(__builtins__.open({str(beside)!r}).read())")
    project.good()
    beside.write_text("other")
    again = project.run()
    assert again.status == 0 and "Nothing has changed" not in again.out, again.text
    assert "other" in (project.report / "latest" / "notebooks" / "data.ipynb").read_text()


def test_a_repaired_notebook_runs_again_and_what_is_lost_is_told(project):
    project.good()
    project.notebook("values = [1]\nvalues[7]")
    assert project.run().status == 1
    project.notebook("x = 1")
    unchanged = project.run()
    assert unchanged.status == 0 and "Nothing has changed" in unchanged.out, unchanged.text
    assert len(list((project.report / "runs").iterdir())) == 1
    project.notebook("x = 2")
    again = project.run()
    assert again.status == 0 and again.out.strip().splitlines()[-1].endswith("index.html"), again.text
    assert len(list((project.report / "runs").iterdir())) == 2
