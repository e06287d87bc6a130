"""A run beside an earlier one: has anything changed, and which sections and questions are answered no more?"""

from __future__ import annotations

from pathlib import Path

from workbook.batch.leftovers import RECORD_NAME
from workbook.batch.record import RunRecord, is_as_written, versions
from workbook.params import RunParams
from workbook.results import FindingRecord, ResultsFile, SkippedRecord, read_results


def read_record(folder: Path | None) -> RunRecord | None:
    """Return a run's record, None where there is none that can be read."""
    if folder is None:
        return None
    try:
        return RunRecord.model_validate_json((folder / RECORD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def is_unchanged(folder: Path | None, key: str, params: RunParams) -> bool:
    """Tell whether the run in `folder` was made of the same settings, data, code and versions, and is still as it was published.

    A database is never taken for unchanged: its contents are not known before they are read. Nor is a chapter that reads more than
    its run gives it: nobody knows what.
    """
    record = read_record(folder)
    if folder is None or record is None or any(source.database for source in params.sources):
        return False
    is_same = record.status == "succeeded" and record.quick_key == key and record.versions == versions()
    return is_same and not record.reads_more and is_as_written(folder, record)


def newly_skipped(then: list[SkippedRecord], now: list[SkippedRecord]) -> list[SkippedRecord]:
    """Return the sections left out now and not then. They are known by their ids; titles may be in another language."""
    before = {entry.section or entry.title for entry in then}
    return [entry for entry in now if (entry.section or entry.title) not in before]


def newly_refused(then: ResultsFile | None, now: ResultsFile | None) -> list[FindingRecord]:
    """Return the findings that refuse a question which had an answer."""
    if then is None or now is None:
        return []
    answered = {finding.question for finding in then.findings if not finding.refused}
    return [finding for finding in now.findings if finding.refused and finding.question in answered]


def results_of(folder: Path, topic: str) -> ResultsFile | None:
    """Return a chapter's results in a run's folder, None where there are none."""
    try:
        return read_results((folder / "results" / f"{topic}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
