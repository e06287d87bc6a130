"""One run while it is made: from the data to a published report, or to a failed run that says why."""

from __future__ import annotations

import contextlib
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from workbook.batch.chapters import Execution, Progress, kept_zygote, pending
from workbook.batch.compare import read_record
from workbook.batch.decay import decay
from workbook.batch.folder import ReportFolder
from workbook.batch.keys import data_key
from workbook.batch.leftovers import KILLED_STATUS, RECORD_NAME, WORK
from workbook.batch.plan import RunPlan, make_plan
from workbook.batch.record import LINES, RunRecord, columns, inputs, personal_files
from workbook.batch.refusals import full, guarded, is_full
from workbook.batch.request import Outcome, Request, exit_status, late, skipped_count
from workbook.batch.stop import Interrupted, OutOfTime, raise_if_asked
from workbook.errors import DataError, WorkbookError
from workbook.text import msg, render


@dataclass(slots=True)
class Attempt:
    """One run while it is made: where, of what (data: the key of its files), and what is known of it so far."""

    request: Request
    folder: ReportFolder
    record: RunRecord
    data: str
    began: float = field(default_factory=time.monotonic)

    @property
    def staging(self) -> Path:
        return self.folder.staging(self.record.started_at)


def make(attempt: Attempt) -> Outcome:
    """Make the report in staging; whatever happens, staging ends published, in failed/, or removed."""
    staging, record = attempt.staging, attempt.record
    try:
        with guarded(attempt.folder.path):
            (staging / WORK).mkdir(parents=True)
            _write_record(attempt, KILLED_STATUS)  # what stands if nobody comes back to say more
            return _report(attempt)
    except Interrupted as stop:
        record.cause = render(msg("stopped by the user") if stop.status == 130 else msg("stopped by the system"))
        record.status = "interrupted"
        _keep(attempt, stop.status)
        raise
    except OutOfTime:
        record.cause = render(late(attempt.request.params.run_timeout_seconds))
        for chapter in record.chapters:
            chapter.failure = "run_time_out" if chapter.failure == "stopped" else chapter.failure
        return _failed(attempt)
    except WorkbookError:
        attempt.folder.withdraw(staging)
        raise
    except Exception as error:
        if is_full(staging):
            attempt.folder.withdraw(staging)
            raise full(attempt.folder.path) from None
        record.cause, record.status = f"{type(error).__name__}: {error}", "failed"
        _keep(attempt, 1)
        raise


def _report(attempt: Attempt) -> Outcome:
    request, record, staging = attempt.request, attempt.record, attempt.staging
    request.say(render(msg("Reading the data …")))
    prefix = attempt.folder.temporary_prefix
    with kept_zygote(request.params, prefix) as zygote:
        plan = make_plan(request.params, staging / WORK / "frames", where=request.where)
        if data_key(request.params, verifies=request.verifies) != attempt.data:
            raise DataError(
                msg("the data changed while they were read"),
                where=str(request.params.data or request.where),
                mend=msg("Wait until the export is finished, then start again."),
            )
        _note_plan(record, plan)
        request.say(_read_line(plan))
        _write_record(attempt, KILLED_STATUS)
        watch = Progress(request.say, request.show, lambda: _write_record(attempt, KILLED_STATUS))
        chapters = Execution(plan, record.chapters, staging, watch)
        last = attempt.folder.latest()
        if not request.force and last is not None and (before := read_record(last)) is not None:
            chapters.take_over(last, before)
        chapters.run(request.jobs, prefix, zygote if zygote is not None and zygote.is_ready() else None)
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
    index = write_pages(staging, plan, record)
    for copied in LINES:
        if (staging / WORK / "frames" / copied).exists():
            (staging / "tables" / "data").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(staging / WORK / "frames" / copied, staging / "tables" / "data" / copied)
    shutil.rmtree(staging / WORK)
    record.status, record.cause, record.personal_data = "succeeded", "", personal_files(staging, plan.params)
    _write_record(attempt, exit_status(record, request))
    raise_if_asked()
    target = attempt.folder.publish(staging, record.started_at, index)
    return Outcome(record=record, folder=target, index=attempt.folder.path / "index.html", skipped_count=skipped_count(record))


def _failed(attempt: Attempt) -> Outcome:
    attempt.record.status = "failed"
    return Outcome(record=attempt.record, folder=_keep(attempt, 1), index=None, skipped_count=skipped_count(attempt.record))


def _keep(attempt: Attempt, exit_status: int) -> Path:
    """Keep a run that did not succeed apart, without the imported data."""
    with contextlib.suppress(OSError):
        shutil.rmtree(attempt.staging / WORK, ignore_errors=True)
        _write_record(attempt, exit_status)
    return attempt.folder.keep_failed(attempt.staging, attempt.record.started_at)


def _write_record(attempt: Attempt, exit_status: int) -> None:
    record = attempt.record
    record.exit_status = exit_status
    record.seconds = round(time.monotonic() - attempt.began, 2)
    record.finished_at = attempt.request.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    (attempt.staging / RECORD_NAME).write_text(record.text(), encoding="utf-8", newline="\n")


def _note_plan(record: RunRecord, plan: RunPlan) -> None:
    """Write down what is known before a chapter runs; each chapter counts as not finished until it has."""
    record.as_of, record.run_key, record.code_hash = str(plan.imported.as_of), plan.run_key, plan.code_hash
    record.data_hash, record.inputs, record.columns = plan.imported.data_hash, inputs(plan.imported), columns(plan.imported)
    record.chapters = pending(plan)


def _read_line(plan: RunPlan) -> str:
    total = plan.imported.total
    line = msg(
        "Read {read} lines: {kept} kept, {merged} merged, {rejected} rejected, {other} not data.",
        read=total("lines_read"),
        kept=total("kept"),
        merged=total("merged"),
        rejected=total("rejected"),
        other=total("not_data"),
    )
    return render(line)
