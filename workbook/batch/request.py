"""What is asked of a run, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from workbook.batch.record import RunRecord
from workbook.errors import ParamsError
from workbook.params import RunParams
from workbook.text import Message, count, msg

KINDS = ("tcp", "tls", "ws", "wss", "ucx")  # what Dask connects by


def utc_now() -> datetime:
    """Return the time; a run asks here only, so that tests can set the clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to run. where: the settings file as named in messages; jobs: chapters at once, 0 for one per core.

    force: run every chapter, though nothing changed; verifies: read every file to see whether it has changed, whatever it looks
    like; resumes: what an interrupted matrix has finished holds; is_strict: a skipped section makes the run degraded; keep: how many runs, and how many failed ones, stay afterwards
    (0: all). executor: where chapters run; scheduler: address of a Dask scheduler, empty: workers on this machine; shared: a URL that runner
    and workers reach, empty: the report folder itself. say takes one line of progress; show takes the chapters that run now, how many are
    done, and how many there are.
    """

    params: RunParams
    out: Path
    where: str = ""
    jobs: int = 0
    force: bool = False
    verifies: bool = False
    resumes: bool = False
    executor: Literal["local", "dask"] = "local"
    scheduler: str = ""
    shared: str = ""
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


def check_cluster(request: Request) -> None:
    """Check the words about a cluster before anybody acts on them. Raises `ParamsError`.

    A Dask client that is given an address without a port, or of a kind that it does not know, waits for two minutes when it is left.
    """
    if request.executor != "dask" and (request.scheduler or request.shared):
        option = "--scheduler" if request.scheduler else "--shared"
        raise ParamsError(msg("{option} is for a Dask cluster, and the chapters run on this machine", option=option),
                          mend=msg("Add --executor dask, or leave {option} out.", option=option))  # fmt: skip
    if request.scheduler and not _is_address(request.scheduler):
        raise ParamsError(msg("{address} is no address of a Dask scheduler", address=request.scheduler),
                          mend=msg("Name kind, host and port, as in tcp://host:8786; the kinds are {kinds}.", kinds=KINDS))  # fmt: skip


def _is_address(text: str) -> bool:
    kind, has_kind, place = text.rpartition("://")
    try:
        found = urlsplit(f"//{place}")
        return (kind in KINDS or not has_kind) and bool(found.hostname and found.port) and found.netloc == place and not re.search(r"[\s@]", place)
    except ValueError:
        return False


def exit_status(record: RunRecord, request: Request) -> int:
    """Return the exit status of a run that made a report."""
    if record.status == "incomplete":
        return 1
    return 4 if record.degraded or (request.is_strict and skipped_count(record)) else 0


def skipped_count(record: RunRecord) -> int:
    """Count the sections left out, of a matrix in all its reports."""
    return sum(len(chapter.skipped) for chapter in record.chapters) + sum(entry.skipped for entry in record.combinations)


def late(seconds: int | None) -> Message:
    """Say that the run's own time is up."""
    return msg("the run took longer than {seconds} seconds", seconds=count(seconds))
