"""A run from a settings file to a published report, or to a failed one that says why."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from workbook.batch.chapters import Execution, Progress, kept_zygote, pending
from workbook.batch.compare import is_unchanged, read_record
from workbook.batch.decay import decay, stands_still
from workbook.batch.folder import ReportFolder
from workbook.batch.leftovers import KILLED_STATUS, RECORD_NAME, WORK, killed_cause
from workbook.batch.plan import RunPlan, check_settings, code_hash, data_key, make_plan, quick_key
from workbook.batch.record import LINES, RunRecord, columns, inputs, personal_files, public_parameters, versions
from workbook.batch.refusals import full, guarded, is_full
from workbook.batch.stop import Interrupted, OutOfTime, limited, raise_if_asked, stoppable
from workbook.errors import DataError, RunError, WorkbookError
from workbook.params import RunParams
from workbook.text import Message, count, msg, render
from workbook.text.catalogue import set_language


def utc_now() -> datetime:
    """Return the time; a run asks here only, so that tests can set the clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to run. where: the settings file as named in messages; jobs: chapters at once, 0 for one per core.

    force: run every chapter, though nothing changed; verifies: read every file to see whether it has changed, whatever it looks like; is_strict: a skipped section makes the run degraded; keep: how many runs, and how many
    failed ones, stay afterwards (0: all). say takes one line of progress; show takes the chapters that run now, how many are
    done, and how many there are.
    """

    params: RunParams
    out: Path
    where: str = ""
    jobs: int = 0
    force: bool = False
    verifies: bool = False
    is_strict: bool = False
    keep: int = 0
    say: Callable[[str], None] = lambda line: None
    show: Callable[[tuple[str, ...], int, int], None] = lambda running, done, total: None
    now: Callable[[], datetime] = utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run. folder: of the report, or of the failed run; index: the page to open, None if it failed."""

    record: RunRecord
    folder: Path
    index: Path | None
    is_unchanged: bool = False
    skipped_count: int = field(default=0)


@dataclass(slots=True)
class _Attempt:
    """One run while it is made: where, of what (data: the key of its files), and what is known of it so far."""

    request: Request
    folder: ReportFolder
    record: RunRecord
    data: str
    began: float = field(default_factory=time.monotonic)

    @property
    def staging(self) -> Path:
        return self.folder.staging(self.record.started_at)


def run(request: Request) -> Outcome:
    """Make a report. Raises `WorkbookError` for what stops a run before its chapters, `Interrupted` when asked to stop."""
    set_language(request.params.language)
    check_settings(request.params, request.where)
    folder = ReportFolder(request.out.resolve())
    folder.claim()
    limit = request.params.run_timeout_seconds
    with folder.locked(), stoppable():
        try:
            with limited(limit):
                outcome = _run(request, folder)
        except OutOfTime:
            raise RunError(_late(limit), mend=msg("Give it more with run_timeout_seconds in the settings.")) from None
        if request.keep:
            folder.prune(request.keep, spared=outcome.folder)
    return outcome


def _run(request: Request, folder: ReportFolder) -> Outcome:
    folder.clean()
    data = data_key(request.params, verifies=request.verifies)
    key = quick_key(request.params, code_hash(), data)
    name = _free_name(folder, request.now())
    last = folder.latest()
    before = read_record(last)
    is_same = last is not None and not request.force and is_unchanged(last, key, request.params)
    if is_same and last is not None and before is not None and not stands_still(before, name, request.params):
        return _same(request, folder, last, before)
    record = RunRecord(name=request.params.name, status="interrupted", started_at=name, language=request.params.language, quick_key=key)
    record.parameters, record.versions, record.cause = public_parameters(request.params), versions(), killed_cause()
    return _attempt(_Attempt(request, folder, record, data))


def _late(seconds: int | None) -> Message:
    return msg("the run took longer than {seconds} seconds", seconds=count(seconds))


def _attempt(attempt: _Attempt) -> Outcome:
    """Make the report in staging; whatever happens, staging ends published, in failed/, or removed."""
    staging, record = attempt.staging, attempt.record
    try:
        with guarded(attempt.folder.path):
            (staging / WORK).mkdir(parents=True)
            _write_record(attempt, KILLED_STATUS)  # what stands if nobody comes back to say more
            return _make(attempt)
    except Interrupted as stop:
        record.cause = render(msg("stopped by the user") if stop.status == 130 else msg("stopped by the system"))
        record.status = "interrupted"
        _keep(attempt, stop.status)
        raise
    except OutOfTime:
        record.cause = render(_late(attempt.request.params.run_timeout_seconds))
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


def _make(attempt: _Attempt) -> Outcome:
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


def _publish(plan: RunPlan, attempt: _Attempt) -> Outcome:
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
    _write_record(attempt, _exit_status(record, request))
    raise_if_asked()
    target = attempt.folder.publish(staging, record.started_at, index)
    return Outcome(record=record, folder=target, index=attempt.folder.path / "index.html", skipped_count=_skipped_count(record))


def _exit_status(record: RunRecord, request: Request) -> int:
    return 4 if record.degraded or (request.is_strict and _skipped_count(record)) else 0


def _failed(attempt: _Attempt) -> Outcome:
    attempt.record.status = "failed"
    return Outcome(record=attempt.record, folder=_keep(attempt, 1), index=None, skipped_count=_skipped_count(attempt.record))


def _keep(attempt: _Attempt, exit_status: int) -> Path:
    """Keep a run that did not succeed apart, without the imported data."""
    with contextlib.suppress(OSError):
        shutil.rmtree(attempt.staging / WORK, ignore_errors=True)
        _write_record(attempt, exit_status)
    return attempt.folder.keep_failed(attempt.staging, attempt.record.started_at)


def _write_record(attempt: _Attempt, exit_status: int) -> None:
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


def _same(request: Request, folder: ReportFolder, last: Path, record: RunRecord) -> Outcome:
    """Return the last run as the outcome; whether a skipped section matters is this call's to say."""
    told = record.model_copy(update={"exit_status": _exit_status(record, request)})
    index = folder.path / "index.html"
    return Outcome(record=told, folder=last, index=index, is_unchanged=True, skipped_count=_skipped_count(record))


def _skipped_count(record: RunRecord) -> int:
    return sum(len(chapter.skipped) for chapter in record.chapters)


def _free_name(folder: ReportFolder, started: datetime) -> str:
    """Return a folder name that no run has: two runs in one second, or a clock set back, must not meet."""
    base = started.strftime("%Y-%m-%dT%H-%M-%SZ")
    name, n = base, 1
    while any((folder.path / kind / name).exists() for kind in ("runs", "failed")):
        n += 1
        name = f"{base}-{n}"
    return name


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


__all__ = ["Interrupted", "Outcome", "Request", "run"]
