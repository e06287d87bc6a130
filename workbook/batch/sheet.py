"""What a chapter's process is told, wherever it runs: a sheet that travels, laid out as files where the process starts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from workbook.batch.chapter_page import PageFacts, waiting_pages
from workbook.batch.leftovers import WORK
from workbook.batch.worker import Job
from workbook.chapter import ChapterPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A chapter to run. notebook: its text; plan: what the notebook opens, with paths yet to be filled in; page: see `Job`."""

    topic: str
    notebook: str
    plan: ChapterPlan
    cell_timeout_seconds: int
    page: PageFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a chapter's process finds and leaves things. root: of what it leaves; paths of it are in `LEFT`."""

    root: Path
    job: Path
    outcome: Path
    log: Path


def left_by(topic: str) -> tuple[str, ...]:
    """Return what a chapter may leave, relative to its root; `tables/…` and the pages are folders."""
    work = (f"{WORK}/{topic}.{end}" for end in ("notes", "outcome.json", "log"))
    return (f"notebooks/{topic}.ipynb", f"results/{topic}.json", f"tables/{topic}", waiting_pages(topic), *work)


def lay_out(sheet: Sheet, root: Path, frames: Path, parents: tuple[int, ...]) -> Places:
    """Write a sheet below `root`, for a process that reads the frames in `frames` and ends with one of `parents`.

    What an earlier attempt left there is removed: trying again begins from nothing.
    """
    work, topic = root / WORK, sheet.topic
    for folder in (work, root / "notebooks"):
        folder.mkdir(parents=True, exist_ok=True)
    plan = sheet.plan.model_copy(update={"frames_dir": frames, "output_dir": root, "notes": work / f"{topic}.notes"})
    told = Job(
        topic=topic,
        language=plan.language,
        root=root,
        notebook=work / f"{topic}.ipynb",
        output=root / "notebooks" / f"{topic}.ipynb",
        plan=work / f"{topic}.plan.json",
        outcome=work / f"{topic}.outcome.json",
        cell_timeout_seconds=sheet.cell_timeout_seconds,
        parents=parents,
        page=sheet.page,
    )
    for made in (told.outcome, told.output, root / "results" / f"{topic}.json", work / f"{topic}.notes"):
        made.unlink(missing_ok=True)
    shutil.rmtree(root / waiting_pages(topic), ignore_errors=True)
    places = Places(root=root, job=work / f"{topic}.job.json", outcome=told.outcome, log=work / f"{topic}.log")
    told.notebook.write_text(sheet.notebook, encoding="utf-8", newline="\n")
    told.plan.write_text(plan.model_dump_json(), encoding="utf-8")
    places.job.write_text(told.model_dump_json(), encoding="utf-8")
    return places
