"""A run from a settings file to a published report, or to a failed one that says why."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from workbook.batch.folder import ReportFolder, guarded
from workbook.batch.pages import write_pages
from workbook.batch.plan import ChapterJob, RunPlan, code_hash, make_plan, quick_key
from workbook.batch.processes import Running, run_all, start
from workbook.batch.record import RECORD_NAME, ChapterRecord, RunRecord, inputs, personal_files, public_parameters, versions
from workbook.batch.worker import Job
from workbook.chapter import ChapterPlan
from workbook.errors import OutputError, WorkbookError
from workbook.params import RunParams
from workbook.text import msg, render
from workbook.text.catalogue import set_language

WORK = ".work"
COPIED = ("rejected_lines.csv", "merged_lines.csv", "flagged_rows.csv")


def utc_now() -> datetime:
    """Return the time; a run asks here only, so that tests can set the clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to run. say: takes one line of progress; jobs: chapters at once; force: run though nothing changed."""

    params: RunParams
    out: Path
    where: str = ""
    jobs: int = 0
    force: bool = False
    say: Callable[[str], None] = lambda line: None
    now: Callable[[], datetime] = utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run. folder: of the report, or of the failed run; index: the page to open, None if it failed."""

    record: RunRecord
    folder: Path
    index: Path | None
    is_unchanged: bool = False
    skipped_count: int = field(default=0)


class Interrupted(BaseException):
    """The run was asked to stop; status is 130 (Ctrl-C) or 143 (terminated)."""

    def __init__(self, status: int) -> None:
        self.status = status


def run(request: Request) -> Outcome:
    """Make a report. Raises `WorkbookError` for what stops a run before its chapters, `Interrupted` when asked to stop."""
    set_language(request.params.language)
    folder = ReportFolder(request.out.resolve())
    folder.claim()
    with folder.locked(), _signals():
        folder.clean()
        started = request.now()
        name = _free_name(folder, started)
        code = code_hash()
        key = quick_key(request.params, code)
        if not request.force and (same := _unchanged(folder, key)):
            return same
        return _run_in(folder, name, key, request)


def _run_in(folder: ReportFolder, name: str, key: str, request: Request) -> Outcome:
    staging = folder.staging(name)
    clock = time.monotonic()
    record = RunRecord(name=request.params.name, status="failed", started_at=name, language=request.params.language, quick_key=key)
    record.parameters, record.versions = public_parameters(request.params), versions()
    try:
        with guarded(staging):
            (staging / WORK).mkdir(parents=True)
            request.say(render(msg("Reading the data …")))
            plan = make_plan(request.params, staging / WORK / "frames", where=request.where)
            _note_plan(record, plan)
            request.say(_read_line(plan))
            chapters = _execute(plan, staging, request)
            record.chapters = [replace_skips(chapter, plan) for chapter in chapters]
            return _finish(folder, staging, record, plan, request, clock)
    except Interrupted as stop:
        _drop(folder, staging, name, record, "interrupted", stop.status, clock)
        raise
    except OutputError:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    except WorkbookError:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _finish(
    folder: ReportFolder, staging: Path, record: RunRecord, plan: RunPlan, request: Request, clock: float
) -> Outcome:
    failed = [chapter for chapter in record.chapters if chapter.status == "failed"]
    if any("[Errno 28]" in chapter.cause for chapter in failed):
        raise OSError(28, "no space left")
    skipped = sum(len(chapter.skipped) for chapter in record.chapters)
    if failed:
        record.cause = render(msg("chapters failed: {topics}", topics=tuple(chapter.topic for chapter in failed)))
        kept = _drop(folder, staging, record.started_at, record, "failed", 1, clock)
        return Outcome(record=record, folder=kept, index=None, skipped_count=skipped)
    request.say(render(msg("Writing the pages …")))
    index = write_pages(staging, plan, record)
    for copied in COPIED:
        if (staging / WORK / "frames" / copied).exists():
            (staging / "tables" / "data").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(staging / WORK / "frames" / copied, staging / "tables" / "data" / copied)
    shutil.rmtree(staging / WORK)
    record.status, record.personal_data = "succeeded", personal_files(staging)
    _write_record(staging, record, 0, clock)
    target = folder.publish(staging, record.started_at, index)
    return Outcome(record=record, folder=target, index=folder.path / "index.html", skipped_count=skipped)


def _drop(
    folder: ReportFolder, staging: Path, name: str, record: RunRecord, status: str, exit_status: int, clock: float
) -> Path:
    """Keep a run that did not succeed apart, without the imported data."""
    record.status = "interrupted" if status == "interrupted" else "failed"
    with contextlib.suppress(OSError):
        shutil.rmtree(staging / WORK, ignore_errors=True)
        _write_record(staging, record, exit_status, clock)
    return folder.keep_failed(staging, name)


def _write_record(staging: Path, record: RunRecord, exit_status: int, clock: float) -> None:
    record.exit_status = exit_status
    record.seconds = round(time.monotonic() - clock, 2)
    (staging / RECORD_NAME).write_text(record.text(), encoding="utf-8", newline="\n")


def _note_plan(record: RunRecord, plan: RunPlan) -> None:
    record.as_of, record.run_key, record.code_hash = str(plan.imported.as_of), plan.run_key, plan.code_hash
    record.data_hash, record.inputs = plan.imported.data_hash, inputs(plan.imported)


def _execute(plan: RunPlan, staging: Path, request: Request) -> list[ChapterRecord]:
    """Run every chapter; return their outcomes in the order of the report."""
    total = len(plan.chapters)
    done: list[ChapterRecord] = []

    def finished(chapter: ChapterRecord) -> None:
        done.append(chapter)
        word = msg("done") if chapter.status == "succeeded" else msg("FAILED")
        line = msg("[{n}/{total}] {topic}: {word}", n=len(done), total=total, topic=chapter.topic, word=word)
        request.say(f"{render(line)} ({chapter.seconds:.1f} s)")

    jobs = [(job.topic, _starter(job, plan, staging)) for job in plan.chapters]
    for _ in run_all(jobs, request.jobs or os.cpu_count() or 1, finished):
        pass
    order = [job.topic for job in plan.chapters]
    return sorted(done, key=lambda chapter: order.index(chapter.topic))


def _starter(job: ChapterJob, plan: RunPlan, staging: Path) -> Callable[[], Running]:
    work = staging / WORK
    (staging / "notebooks").mkdir(exist_ok=True)
    source = work / f"{job.topic}.ipynb"
    nbformat.write(job.notebook, source)
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
    )
    path = work / f"{job.topic}.job.json"
    path.write_text(told.model_dump_json(), encoding="utf-8")
    return lambda: start(job.topic, path, told.outcome, work / f"{job.topic}.log")


def replace_skips(chapter: ChapterRecord, plan: RunPlan) -> ChapterRecord:
    """Return the chapter's record with the sections that were left out of it."""
    job = next(job for job in plan.chapters if job.topic == chapter.topic)
    return chapter.model_copy(update={"skipped": list(job.skipped)})


def _unchanged(folder: ReportFolder, key: str) -> Outcome | None:
    latest = folder.latest()
    if latest is None or not (latest / "index.html").exists():
        return None
    try:
        record = RunRecord.model_validate_json((latest / RECORD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if record.quick_key != key or record.status != "succeeded":
        return None
    skipped = sum(len(chapter.skipped) for chapter in record.chapters)
    return Outcome(record=record, folder=latest, index=folder.path / "index.html", is_unchanged=True, skipped_count=skipped)


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


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into `Interrupted`; while cleaning up, further ones are ignored."""

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Interrupted(130 if number == signal.SIGINT else 143)

    try:
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not in the main thread: the caller handles signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


__all__ = ["Interrupted", "Outcome", "Request", "run"]
