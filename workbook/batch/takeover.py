"""Chapters that would come out the same are taken over from the last good report: notebook, results and tables, not the pages.

Nothing that was touched since is taken over: what a chapter left is known by a hash of its content. A chapter that is not
closed, that opened no run, or whose results cannot be read has no key and is run every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from workbook.batch.chapter_key import chapter_key
from workbook.batch.plan import ChapterJob, RunPlan
from workbook.batch.record import LINES, ChapterRecord, RunRecord
from workbook.chapter import frame_note
from workbook.results import read_results

FOLDERS = ("notebooks", "results", "tables")


def settle(record: ChapterRecord, job: ChapterJob, plan: RunPlan, staging: Path, notes: Path) -> None:
    """Give a chapter that has just succeeded its key, in its record and its results, and fix what its content is.

    notes: the file in which it noted what it looked at.
    """
    results = staging / "results" / f"{job.topic}.json"
    record.reads_more = not job.is_closed
    if record.reads_more:
        return
    try:
        looked_at = {*notes.read_text(encoding="utf-8").splitlines(), *map(frame_note, job.frames)}
        key = chapter_key(job.told, looked_at, plan)
        named = _named(results.read_text(encoding="utf-8"), key, plan)
    except (OSError, ValueError):
        return
    results.write_text(named, encoding="utf-8", newline="\n")
    held = {path: (staging / path).read_bytes() for path in _files(staging, job.topic)}
    record.key, record.looked_at, record.content = key, sorted(looked_at), _hash(held)


def same_as_then(job: ChapterJob, plan: RunPlan, last: RunRecord) -> ChapterRecord | None:
    """Return the chapter's record in the last good run, None where it would not come out the same now."""
    then = next((chapter for chapter in last.chapters if chapter.topic == job.topic), None)
    if then is None or not then.key or then.status == "failed":
        return None
    return then if chapter_key(job.told, then.looked_at, plan) == then.key else None


def take_over(then: ChapterRecord, job: ChapterJob, plan: RunPlan, last: Path, staging: Path) -> ChapterRecord | None:
    """Copy a chapter from the last good run and name this run in its results; None where the files are not as they were written."""
    results = f"results/{job.topic}.json"
    try:
        held = {path: (last / path).read_bytes() for path in _files(last, job.topic)}
        if _hash(held) != then.content:
            return None
        held[results] = _named(held[results].decode(), then.key, plan).encode()
    except (OSError, ValueError, KeyError):
        return None
    for path, content in held.items():
        (staging / path).parent.mkdir(parents=True, exist_ok=True)
        (staging / path).write_bytes(content)
    return then.model_copy(
        update={
            "status": "skipped" if job.has_nothing_to_compute else "taken_over",
            "taken_over_from": then.taken_over_from or last.name,
            "content": _hash(held),
            "seconds": 0.0,
            "retries": [],
        }
    )


def strangers(folder: Path, topics: Iterable[str]) -> list[str]:
    """Return the files of a run that no chapter left in its own place: nobody knows which one wrote them, and from what."""
    known = {path for topic in topics for path in _files(folder, topic)} | {f"tables/data/{name}" for name in LINES}
    found = (path.relative_to(folder).as_posix() for name in FOLDERS for path in (folder / name).rglob("*") if not path.is_dir())
    return sorted(path for path in found if path not in known)


def _files(folder: Path, topic: str) -> list[str]:
    """Return what a chapter leaves, relative to the run's folder; the lists of lines beside its tables are the import's."""
    tables = (path.relative_to(folder).as_posix() for path in (folder / "tables" / topic).rglob("*") if path.is_file())
    lists = {f"tables/data/{name}" for name in LINES}
    named = (f"notebooks/{topic}.ipynb", f"results/{topic}.json")
    return [*(path for path in named if (folder / path).is_file()), *sorted(path for path in tables if path not in lists)]


def _hash(held: dict[str, bytes]) -> str:
    """Hash files by path and content."""
    lines = (f"{path} {hashlib.sha256(content).hexdigest()}\n" for path, content in sorted(held.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _named(results: str, key: str, plan: RunPlan) -> str:
    """Return a results file with this run's names in it. Raises ValueError where it cannot be read."""
    names = {"run_key": plan.run_key, "data_hash": plan.imported.data_hash, "chapter_key": key}
    return read_results(results).model_copy(update=names).text()
