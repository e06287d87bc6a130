"""The runner is killed with -9, in every phase: whatever it left is true, and the next run puts it right by itself."""

import json
import re
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.faults.project import until
from workbook.batch.folder import ReportFolder
from workbook.batch.leftovers import temporary_prefix

if sys.platform != "linux":
    pytest.skip("needs fork", allow_module_level=True)

FOLDER = "workbook.batch.folder"
PHASES = {
    "reading": (("workbook.batch.attempt", "make_plan", "before", 1), "old", "killed"),
    "planning": (("workbook.batch.attempt", "pending", "after", 1), "old", "killed"),
    "writing-the-pages": (("workbook.batch.pages", "write_pages", "after", 1), "old", "killed"),
    "bringing-it-to-the-disk": ((FOLDER, "sync", "after", 1), "old", "killed"),
    "before-the-folder-is-moved": ((FOLDER, "ReportFolder._write_new", "after", 1), "old", "killed"),
    "before-the-page-is-turned": ((FOLDER, "os.replace", "before", 1), "old", "published"),
    "before-latest.json": ((FOLDER, "os.replace", "after", 1), "new", "published"),
    "before-the-link": ((FOLDER, "os.replace", "after", 2), "new", "published"),
    "pruning": ((FOLDER, "shutil.rmtree", "before", 1), "new", "published"),
}


def named(project):
    """Return the run that each pointer names: the page, latest.json, the link."""
    page = re.search(r"<!-- run: (\S+) -->\s*$", (project.report / "index.html").read_text(encoding="utf-8"))[1]
    return page, json.loads((project.report / "latest.json").read_text())["run"], (project.report / "latest").readlink().name


def record(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("phase", PHASES)
def test_a_runner_killed_in_every_phase(reported, phase):
    place, page, fate = PHASES[phase]
    before = named(reported)
    assert len(set(before)) == 1
    good = {path.name for path in (reported.report / "runs").iterdir()}
    text = (reported.report / "index.html").read_bytes()
    failed = set(reported.report.glob("failed/*"))
    killed = reported.run("--force", *(("--keep", "1") if phase == "pruning" else ()), at=[*place, "kill"])
    assert killed.status == -9, killed.text

    shown = named(reported)[0]
    assert (shown == before[0]) == (page == "old") and ((reported.report / "index.html").read_bytes() == text) == (page == "old")
    assert record(reported.report / "runs" / shown)["status"] == "succeeded" and (reported.report / "runs" / shown / "index.html").exists()

    again = reported.run()
    assert again.status == 0 and "Nothing has changed" in again.out, again.text
    assert until(lambda: not reported.leftovers(), 5), reported.leftovers()
    after = named(reported)
    assert len(set(after)) == 1, "all pointers name one run"
    new = {path.name for path in (reported.report / "runs").iterdir()} - good
    told = [record(folder) for folder in set(reported.report.glob("failed/*")) - failed]
    if fate == "published":
        assert new == {after[0]} and record(reported.report / "runs" / after[0])["exit_status"] == 0 and not told
    else:
        assert not new and after == before
        assert [(entry["status"], entry["exit_status"]) for entry in told] == [("interrupted", 137)] and "killed" in told[0]["cause"]


SLEEPS = "import time\nfrom pathlib import Path\nPath(run.plan.output_dir, 'sleeping').touch()\ntime.sleep(600)"


def test_a_runner_killed_while_a_chapter_runs(reported):
    good = named(reported)
    reported.notebook(SLEEPS)
    process = reported.start("run", "params/run.yaml", "--force")
    assert until(lambda: list(reported.report.glob(".staging-*/sleeping")))
    process.kill()
    process.communicate()
    reported.notebook("x = 1")
    again = reported.run()
    assert again.status == 0, again.text
    assert until(lambda: not reported.leftovers(), 5), reported.leftovers()
    assert named(reported) == good and reported.report.joinpath("latest", "index.html").exists()
    newest = max((reported.report / "failed").iterdir(), key=lambda path: path.name)
    assert record(newest)["status"] == "interrupted" and record(newest)["chapters"][0]["failure"] == "stopped"


def test_a_runner_killed_while_it_puts_a_failed_run_away(reported):
    good = named(reported)
    reported.notebook("values = [1]\nvalues[7]")
    before = set(reported.report.glob("failed/*"))
    assert reported.run("--force", at=[FOLDER, "ReportFolder.keep_failed", "before", 1, "kill"]).status == -9
    reported.notebook("x = 1")
    assert reported.run().status == 0 and named(reported) == good
    (told,) = set(reported.report.glob("failed/*")) - before
    assert record(told)["status"] == "interrupted" and "IndexError" in record(told)["chapters"][0]["cause"]
    assert not reported.leftovers()


STRIKES_ONCE = """
import os, pathlib, psutil, signal
mark = pathlib.Path("../../struck-KIND")
if not mark.exists():
    mark.touch()
    zygotes = psutil.Process(os.getppid()).parent().children()
    next(zygote for zygote in zygotes if "KIND" in zygote.cmdline()).kill()
    signal.pause()  # a quick chapter could be done before the other has died
"""


@pytest.fixture
def two_chapters(reported):
    """Settings of two chapters, for which a run keeps zygotes of its own; what its temporary folders are named."""
    reported.notebook("x = 2", is_bare=True)
    reported.notebook("x = 1", file="01_market.ipynb", is_bare=True)
    reported.write("params/two.yaml", (reported.folder / "params/run.yaml").read_text().replace("[data]", "[data, market]"))
    return temporary_prefix(reported.folder / "reports" / "two")


def test_a_killed_runner_s_own_zygotes_go_too(reported, two_chapters):
    place = ["workbook.batch.attempt", "make_plan", "before", 1, "kill"]
    assert reported.call("run", "params/two.yaml", at=place, shares_zygotes=False).status == -9
    assert [path for path in Path(tempfile.gettempdir()).glob(two_chapters + "*") if "zygote" in path.name]
    folder = ReportFolder(reported.folder / "reports" / "two")
    with folder.locked():
        folder.clean()  # as the next run does first
    assert not list(Path(tempfile.gettempdir()).glob(two_chapters + "*"))
    assert not [p for p in psutil.process_iter(["cmdline"]) if two_chapters in " ".join(p.info["cmdline"] or ())]


@pytest.mark.parametrize("kind", ["kernel", "worker"])
def test_a_killed_zygote_costs_a_retry_and_no_report(reported, two_chapters, kind):
    """The chapter that runs dies with it and is tried once more; whatever it would have forked afterwards starts the ordinary way."""
    reported.notebook(STRIKES_ONCE.replace("KIND", kind), is_bare=True)
    answer = reported.call("run", "params/two.yaml", "--json", "--jobs", "1", shares_zygotes=False)
    summary = json.loads(answer.out)
    assert answer.status == 0 and summary["status"] == "succeeded", answer.text
    assert [(chapter["status"], len(chapter["retries"])) for chapter in summary["chapters"]] == [("succeeded", 1), ("succeeded", 0)]
    assert record(Path(summary["folder"]))["chapters"][0]["retries"] == summary["chapters"][0]["retries"]
    assert not list(Path(tempfile.gettempdir()).glob(two_chapters + "*"))
