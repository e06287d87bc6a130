"""A run from a settings file to a published report, or to a failed one that says why."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from workbook.analyses import TOPICS
from workbook.batch import notebooks
from workbook.batch.compare import is_unchanged, lost_answers, read_record
from workbook.batch.folder import ReportFolder, full, guarded, is_full
from workbook.batch.kernels import Zygote, can_fork
from workbook.batch.kernels.provisioner import is_registered
from workbook.batch.plan import ChapterJob, RunPlan, check_settings, code_hash, make_plan, quick_key
from workbook.batch.processes import Running, run_all, start
from workbook.batch.record import LINES, RECORD_NAME, ChapterRecord, RunRecord, inputs, personal_files, public_parameters, versions
from workbook.batch.stop import Interrupted, stoppable
from workbook.batch.worker import Job
from workbook.chapter import ChapterPlan
from workbook.errors import WorkbookError
from workbook.params import RunParams
from workbook.text import msg, render
from workbook.text.catalogue import set_language

WORK = ".work"


def utc_now() -> datetime:
    """Return the time; a run asks here only, so that tests can set the clock."""
    return datetime.now(UTC)


def core_count() -> int:
    """Return the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to run. where: the settings file as named in messages; jobs: chapters at once, 0 for one per core.

    force: run though nothing changed; is_strict: a skipped section makes the run degraded. say takes one line of progress;
    show takes the chapters that run now, how many are done, and how many there are.
    """

    params: RunParams
    out: Path
    where: str = ""
    jobs: int = 0
    force: bool = False
    is_strict: bool = False
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
    """One run while it is made: where, of what, and what is known of it so far."""

    request: Request
    folder: ReportFolder
    record: RunRecord
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
    with folder.locked(), stoppable():
        folder.clean()
        key = quick_key(request.params, code_hash())
        last = folder.latest()
        if not request.force and is_unchanged(last, key, request.params):
            return _same(folder, last)
        name = _free_name(folder, request.now())
        record = RunRecord(name=request.params.name, status="failed", started_at=name, language=request.params.language, quick_key=key)
        record.parameters, record.versions = public_parameters(request.params), versions()
        return _attempt(_Attempt(request, folder, record))


def _attempt(attempt: _Attempt) -> Outcome:
    """Make the report in staging; whatever happens, staging ends published, in failed/, or removed."""
    staging = attempt.staging
    try:
        with guarded(attempt.folder.path):
            (staging / WORK).mkdir(parents=True)
            return _make(attempt)
    except Interrupted as stop:
        attempt.record.cause = render(msg("stopped by the user") if stop.status == 130 else msg("stopped by the system"))
        attempt.record.status = "interrupted"
        _keep(attempt, stop.status)
        raise
    except WorkbookError:
        attempt.folder.withdraw(staging)
        raise
    except Exception as error:
        if is_full(staging):
            attempt.folder.withdraw(staging)
            raise full(attempt.folder.path) from None
        attempt.record.cause = f"{type(error).__name__}: {error}"
        _keep(attempt, 1)
        raise


def _make(attempt: _Attempt) -> Outcome:
    request, record, staging = attempt.request, attempt.record, attempt.staging
    request.say(render(msg("Reading the data …")))
    with _zygote(request.params) as zygote:
        plan = make_plan(request.params, staging / WORK / "frames", where=request.where)
        _note_plan(record, plan)
        request.say(_read_line(plan))
        _execute(plan, attempt, zygote if zygote is not None and zygote.is_ready() else None)
    failed = [chapter for chapter in record.chapters if chapter.status == "failed"]
    if failed:
        if is_full(staging) or any("[Errno 28]" in chapter.cause for chapter in failed):
            raise full(attempt.folder.path)
        record.cause = render(msg("chapters failed: {topics}", topics=tuple(chapter.topic for chapter in failed)))
        return Outcome(record=record, folder=_keep(attempt, 1), index=None, skipped_count=_skipped_count(record))
    return _publish(plan, attempt)


def _publish(plan: RunPlan, attempt: _Attempt) -> Outcome:
    request, record, staging = attempt.request, attempt.record, attempt.staging
    from workbook.batch.pages import write_pages

    request.say(render(msg("Writing the pages …")))
    index = write_pages(staging, plan, record)
    for copied in LINES:
        if (staging / WORK / "frames" / copied).exists():
            (staging / "tables" / "data").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(staging / WORK / "frames" / copied, staging / "tables" / "data" / copied)
    shutil.rmtree(staging / WORK)
    record.status, record.personal_data = "succeeded", personal_files(staging, plan.params)
    record.degraded = lost_answers(attempt.folder.latest(), staging, record.chapters)
    skipped = _skipped_count(record)
    _write_record(attempt, 4 if record.degraded or (request.is_strict and skipped) else 0)
    target = attempt.folder.publish(staging, record.started_at, index)
    return Outcome(record=record, folder=target, index=attempt.folder.path / "index.html", skipped_count=skipped)


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
    record.data_hash, record.inputs = plan.imported.data_hash, inputs(plan.imported)
    pending = render(msg("the run ended before the chapter did"))
    record.chapters = [ChapterRecord(topic=job.topic, status="failed", cause=pending, skipped=list(job.skipped)) for job in plan.chapters]


@contextlib.contextmanager
def _zygote(params: RunParams) -> Iterator[Zygote | None]:
    """Keep a zygote for the run: it imports while the data are read. For a single chapter an ordinary start is as quick."""
    if len(params.chapters or TOPICS) < 2 or not can_fork() or not is_registered():
        yield None
        return
    zygote = Zygote()
    try:
        yield zygote
    finally:
        zygote.stop()


def _execute(plan: RunPlan, attempt: _Attempt, zygote: Zygote | None) -> None:
    """Run every chapter and write down how each ended."""
    request, chapters = attempt.request, attempt.record.chapters
    total, topics, done = len(plan.chapters), [job.topic for job in plan.chapters], 0

    def finished(chapter: ChapterRecord) -> None:
        nonlocal done
        done += 1
        at = topics.index(chapter.topic)
        if chapter.status == "succeeded" and plan.chapters[at].has_nothing_to_compute:
            chapter.status = "skipped"
        chapters[at] = chapter.model_copy(update={"skipped": chapters[at].skipped})
        word = msg("FAILED") if chapter.status == "failed" else msg("done")
        line = msg("[{n}/{total}] {topic}: {word}", n=done, total=total, topic=chapter.topic, word=word)
        request.say(f"{render(line)} ({chapter.seconds:.1f} s)")

    def running(now: tuple[str, ...]) -> None:
        request.show(now, done, total)

    jobs = [_starter(job, plan, attempt.staging, zygote) for job in plan.chapters]
    run_all(jobs, request.jobs or core_count(), running, finished)


def _starter(job: ChapterJob, plan: RunPlan, staging: Path, zygote: Zygote | None) -> Callable[[Path], Running]:
    """Write what a chapter's process is told, and return what starts it."""
    work = staging / WORK
    (staging / "notebooks").mkdir(exist_ok=True)
    source = work / f"{job.topic}.ipynb"
    notebooks.write(job.notebook, source)
    chapter = ChapterPlan(
        topic=job.topic,
        params=plan.params,
        frames_dir=work / "frames",
        as_of=plan.imported.as_of,
        output_dir=staging,
        language=plan.params.language,
        run_key=plan.run_key,
        chapter_key=job.key,
        data_hash=plan.imported.data_hash,
        skipped=job.skipped,
    )
    (work / f"{job.topic}.plan.json").write_text(chapter.model_dump_json(), encoding="utf-8")
    told = Job(
        topic=job.topic,
        language=plan.params.language,
        notebook=source,
        output=staging / "notebooks" / f"{job.topic}.ipynb",
        plan=work / f"{job.topic}.plan.json",
        outcome=work / f"{job.topic}.outcome.json",
        cell_timeout_seconds=plan.params.cell_timeout_seconds,
        parent=os.getpid() if zygote is None else zygote.pid,
    )
    path = work / f"{job.topic}.job.json"
    path.write_text(told.model_dump_json(), encoding="utf-8")
    return lambda own: start(job.topic, path, told.outcome, work / f"{job.topic}.log", own, zygote)


def _same(folder: ReportFolder, last: Path | None) -> Outcome:
    record = read_record(last)
    assert last is not None and record is not None
    return Outcome(
        record=record, folder=last, index=folder.path / "index.html", is_unchanged=True, skipped_count=_skipped_count(record)
    )


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
