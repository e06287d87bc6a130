"""A run beside the last good one: has anything changed, and is something unanswered that was answered before?"""

from __future__ import annotations

from pathlib import Path

from workbook.batch.record import RECORD_NAME, ChapterRecord, RunRecord, versions
from workbook.params import RunParams
from workbook.results import ResultsFile, SkippedRecord, read_results
from workbook.text import render


def read_record(folder: Path | None) -> RunRecord | None:
    """Return a run's record, None where there is none that can be read."""
    if folder is None:
        return None
    try:
        return RunRecord.model_validate_json((folder / RECORD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def is_unchanged(folder: Path | None, key: str, params: RunParams) -> bool:
    """Tell whether the run in `folder` was made of the same settings, data, code and versions.

    A database is never taken for unchanged: its contents are not known before they are read.
    """
    record = read_record(folder)
    if folder is None or record is None or any(source.database for source in params.sources):
        return False
    is_same = record.status == "succeeded" and record.quick_key == key and record.versions == versions()
    return is_same and (folder / "index.html").exists()


def lost_answers(before: Path | None, now: Path, chapters: list[ChapterRecord]) -> list[str]:
    """Return what the last good run answered and this one does not, one line each, in the current language."""
    last = read_record(before)
    if before is None or last is None:
        return []
    known = {chapter.topic: chapter for chapter in last.chapters}
    lines = []
    for chapter in chapters:
        if chapter.topic in known:
            lines += [f"{chapter.topic}: {entry.title}" for entry in _newly_skipped(known[chapter.topic].skipped, chapter.skipped)]
            lines += [f"{chapter.topic}: {text}" for text in _newly_refused(results_of(before, chapter.topic), results_of(now, chapter.topic))]
    return lines


def _newly_skipped(then: list[SkippedRecord], now: list[SkippedRecord]) -> list[SkippedRecord]:
    """Sections are known by their ids; titles may be in another language."""
    before = {entry.section or entry.title for entry in then}
    return [entry for entry in now if (entry.section or entry.title) not in before]


def _newly_refused(then: ResultsFile | None, now: ResultsFile | None) -> list[str]:
    if then is None or now is None:
        return []
    answered = {finding.question for finding in then.findings if not finding.refused}
    return [render(finding.text) for finding in now.findings if finding.refused and finding.question in answered]


def results_of(folder: Path, topic: str) -> ResultsFile | None:
    """Return a chapter's results in a run's folder, None where there are none."""
    try:
        return read_results((folder / "results" / f"{topic}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
