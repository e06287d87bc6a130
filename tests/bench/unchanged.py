"""How soon a matrix of 160 chapters is seen to be unchanged: the whole command, from a fresh interpreter.

The reports are those of a drawn company in 40 regions. Their chapters are short ones, since none of them runs when it counts; the
project's own notebooks lie beside them and are hashed as in any run.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.batch.test_end_to_end import HEAVY
from tests.faults.project import DEALS, REPOSITORY, Project
from workbook.analyses import NOTEBOOKS

REGIONS = 40
CHAPTERS = ("data", "market", "icp_segmentation", "competitors")
DEALS_PER_REGION = 25
CALLS = 5
SETTINGS = f"data: ../crm\nas_of: 2026-09-30\nchapters: [{', '.join(CHAPTERS)}]\ncurrency: EUR\nmatrix:\n  region: all\n"


def measured(folder: Path) -> float:
    """Make the matrix once in an empty folder, then ask again; return the seconds of the command, median of several calls."""
    project = _project(folder)
    made = subprocess.run(project.command("run", "params/run.yaml"), cwd=folder, env=project.environment(), capture_output=True, text=True, check=True)
    assert made.stdout.count("Writing the pages") == REGIONS, made.stdout
    assert not _imported(project) & HEAVY, "what is heavy need not be imported to see that nothing has changed"
    return statistics.median(_again(project) for _ in range(CALLS))


def _project(folder: Path) -> Project:
    project = Project(folder, is_fresh=True)
    project.write("params/run.yaml", SETTINGS)
    project.write("crm/opportunities.csv", _deals())
    for topic in CHAPTERS:
        project.notebook(f"from workbook.notebook import open_run\nrun = open_run({topic!r}, settings)", "run.close()", file=NOTEBOOKS[topic], is_bare=True)
    for path in (REPOSITORY / "notebooks").glob("*.ipynb"):
        shutil.copyfile(path, folder / "notebooks" / f"own_{path.name}")
    return project


def _deals() -> str:
    heading = DEALS.splitlines()[0] + ",Region\n"
    rows = (
        f"{n:05d},Deal {n},Firm {n % 90},{'Closed Won' if n % 3 else 'Closed Lost'},{100 + n},EUR,2026-01-{n % 28 + 1:02d},2026-03-{n % 28 + 1:02d},Region {n % REGIONS:02d}\n"
        for n in range(REGIONS * DEALS_PER_REGION)
    )
    return heading + "".join(rows)


def _again(project: Project) -> float:
    began = time.monotonic()
    done = subprocess.run(project.command("run", "params/run.yaml"), cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=True)
    seconds = time.monotonic() - began
    assert "Nothing has changed" in done.stdout, done.stdout
    return seconds


def _imported(project: Project) -> set[str]:
    """Return the packages that the command imports."""
    command = [sys.executable, "-X", "importtime", *project.command("run", "params/run.yaml")[1:]]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
