"""One run while it is made: from the data to a published report, or to a failed run that says why."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.batch.chapters import Execution, Progress, pending
from workbook.batch.compare import read_record
from workbook.batch.decay import decay
from workbook.batch.executor import kept_executor
from workbook.batch.folder import ReportFolder
from workbook.batch.keys import data_key
from workbook.batch.leftovers import KILLED_STATUS, RECORD_NAME, WORK
from workbook.batch.ours import signed
from workbook.batch.plan import RunPlan, make_plan
from workbook.batch.processes import run_all
from workbook.batch.record import LINES, RunRecord, columns, inputs, personal_files, written
from workbook.batch.refusals import full, guarded, is_full
from workbook.batch.request import Outcome, Request, exit_status, late, skipped_count
from workbook.batch.stop import Interrupted, OutOfTime, raise_if_asked
from workbook.errors import ClusterLost, DataError, WorkbookError
from workbook.text import msg, render

if TYPE_CHECKING:
    from workbook.sources import ImportRecord


@dataclass(slots=True)
class Attempt:
    """One run while it is made: where, of what (data: the key of its files), and what is known of it so far.

    overview: of a matrix's report, what leads from its folder to the page over all of them.
    """

    request: Request
    folder: ReportFolder
    record: RunRecord
    data: str
    overview: str = ""
    began: float = field(default_factory=time.monotonic)

    @property
    def staging(self) -> Path:
        return self.folder.staging(self.record.started_at)


def make(attempt: Attempt, work: Callable[[Attempt], Outcome] | None = None) -> Outcome:
    """Make a report in staging, or what `work` makes; whatever happens, staging ends published, in failed/, or removed."""
    try:
        with guarded(attempt.folder.path):
            begin(attempt)
            return (work or _report)(attempt)
    except BaseException as error:
        if (outcome := put_away(attempt, error)) is None:
            raise
        return outcome


def begin(attempt: Attempt) -> None:
    """Make the staging folder, with a record that stands if nobody comes back to say more."""
    (attempt.staging / WORK).mkdir(parents=True)
    keep_record(attempt, KILLED_STATUS)


def put_away(attempt: Attempt, error: BaseException) -> Outcome | None:
    """Keep or remove what a run made that ended with `error`; return its outcome, None where the error is still to be told.

    A full disk is told as such, whatever it was seen by. Raises `OutputError` then.
    """
    record, staging = attempt.record, attempt.staging
    match error:
        case Interrupted():
            record.cause = render(msg("stopped by the user") if error.status == 130 else msg("stopped by the system"))
            record.status = "interrupted"
            set_aside(attempt, error.status)
        case OutOfTime():
            record.cause = render(late(attempt.request.params.run_timeout_seconds))
            for chapter in record.chapters:
                chapter.failure = "run_time_out" if chapter.failure == "stopped" else chapter.failure
            return _failed(attempt)
        case ClusterLost():
            record.cause = render(error.what)
            return _failed(attempt)
        case WorkbookError():
            attempt.folder.withdraw(staging)
        case Exception():
            if is_full(staging):
                attempt.folder.withdraw(staging)
                raise full(attempt.folder.path) from None
            record.cause, record.status = f"{type(error).__name__}: {error}", "failed"
            set_aside(attempt, 1)
    return None


def _report(attempt: Attempt) -> Outcome:
    request, staging = attempt.request, attempt.staging
    request.say(render(msg("Reading the data …")))
    prefix = attempt.folder.temporary_prefix
    with kept_executor(request, prefix) as executor:
        plan = make_plan(request.params, staging / WORK / "frames", where=request.where)
        refuse_changed_data(request, attempt.data)
        request.say(read_line(plan.imported))
        chapters = planned(attempt, plan)
        run_all(chapters.tasks(), executor, prefix, lambda running: request.show(running, chapters.done, len(chapters.topics)))
    return conclude(attempt, plan)


def refuse_changed_data(request: Request, data: str) -> None:
    """Raise `DataError` where the files are no longer those of the key `data`."""
    if data_key(request.params, verifies=request.verifies) != data:
        raise DataError(
            msg("the data changed while they were read"),
            where=str(request.params.data or request.where),
            mend=msg("Wait until the export is finished, then start again."),
        )


def planned(attempt: Attempt, plan: RunPlan, ended: Callable[[], None] = lambda: None) -> Execution:
    """Write down what is known before a chapter runs, take over what would come out the same, return the chapters.

    ended: called once the last chapter that had to run has ended.
    """
    request, record = attempt.request, attempt.record
    note_import(record, plan.imported)
    record.run_key, record.code_hash, record.chapters = plan.run_key, plan.code_hash, pending(plan)
    keep_record(attempt, KILLED_STATUS)
    chapters = Execution(plan, record.chapters, attempt.staging, Progress(request.say, lambda: keep_record(attempt, KILLED_STATUS), ended))
    last = attempt.folder.latest()
    if not request.force and last is not None and (before := read_record(last)) is not None:
        chapters.take_over(last, before)
    return chapters


def conclude(attempt: Attempt, plan: RunPlan) -> Outcome:
    """Publish a report whose chapters have ended, or keep it apart where one of them failed."""
    record, staging = attempt.record, attempt.staging
    failed = [chapter for chapter in record.chapters if chapter.status == "failed"]
    if failed:
        if is_full(staging) or any("[Errno 28]" in chapter.cause for chapter in failed):
            raise full(attempt.folder.path)
        record.cause = render(msg("chapters failed: {topics}", topics=tuple(chapter.topic for chapter in failed)))
        return _failed(attempt)
    return _publish(plan, attempt)


def _publish(plan: RunPlan, attempt: Attempt) -> Outcome:
    request, record, staging = attempt.request, attempt.record, attempt.staging
    from workbook.batch.pages import write_pages

    request.say(render(msg("Writing the pages …")))
    record.degraded = decay(attempt.folder.latest(), staging, record, request.params)
    index = write_pages(staging, plan, record, attempt.overview)
    for copied in LINES:
        if (staging / WORK / "frames" / copied).exists():
            (staging / "tables" / "data").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(staging / WORK / "frames" / copied, staging / "tables" / "data" / copied)
    shutil.rmtree(staging / WORK)
    record.status, record.cause, record.personal_data = "succeeded", "", personal_files(staging, plan.params)
    record.files = written(staging, signed(index, record.started_at))
    keep_record(attempt, exit_status(record, request))
    raise_if_asked()
    target = attempt.folder.publish(staging, record.started_at, index)
    return Outcome(record=record, folder=target, index=attempt.folder.path / "index.html", skipped_count=skipped_count(record))


def _failed(attempt: Attempt) -> Outcome:
    attempt.record.status = "failed"
    return Outcome(record=attempt.record, folder=set_aside(attempt, 1), index=None, skipped_count=skipped_count(attempt.record))


def set_aside(attempt: Attempt, exit_status: int) -> Path:
    """Keep a run that did not succeed apart, without the imported data; return where."""
    with contextlib.suppress(OSError):
        shutil.rmtree(attempt.staging / WORK, ignore_errors=True)
        keep_record(attempt, exit_status)
    return attempt.folder.keep_failed(attempt.staging, attempt.record.started_at)


def keep_record(attempt: Attempt, exit_status: int) -> None:
    """Write run.json as things stand. exit_status: of the command, were it to end now."""
    record = attempt.record
    record.exit_status = exit_status
    record.seconds = round(time.monotonic() - attempt.began, 2)
    record.finished_at = attempt.request.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    (attempt.staging / RECORD_NAME).write_text(record.text(), encoding="utf-8", newline="\n")


def note_import(record: RunRecord, imported: ImportRecord) -> None:
    """Write down what was read."""
    record.as_of, record.data_hash = str(imported.as_of), imported.data_hash
    record.inputs, record.columns = inputs(imported), columns(imported)


def read_line(imported: ImportRecord) -> str:
    """Say how many lines were read, and what became of them."""
    total = imported.total
    line = msg(
        "Read {read} lines: {kept} kept, {merged} merged, {rejected} rejected, {other} not data.",
        read=total("lines_read"),
        kept=total("kept"),
        merged=total("merged"),
        rejected=total("rejected"),
        other=total("not_data"),
    )
    return render(line)
