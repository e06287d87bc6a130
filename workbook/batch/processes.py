"""Chapters as processes: started, waited for, and ended with everything they started."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import psutil

from workbook.batch.kernels.client import ZygoteGone, package_path
from workbook.batch.kernels.provisioner import write_kernelspec
from workbook.batch.record import ChapterRecord
from workbook.batch.stop import raise_if_asked
from workbook.batch.workers import Errand, Workers
from workbook.chapter import TEMPORARY_VARIABLE
from workbook.text import msg, render

if TYPE_CHECKING:
    from workbook.batch.executor import Executor
    from workbook.batch.sheet import Places

TRIED_AGAIN = ("kernel_died", "start")
MOST_TRIES = 2


class Process(Protocol):
    """What is known of a process: `subprocess.Popen`'s part that is needed here."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""

    def wait(self) -> int:
        """Wait for the end."""


@dataclass(slots=True)
class Running:
    """A chapter's process while it runs. log: what it printed, read only if it dies without an outcome."""

    topic: str
    process: Process
    outcome: Path
    log: Path
    started: float

    def stop(self) -> None:
        """End the process and everything that it started."""
        end(self.process.pid)
        self.process.wait()
        self.clear()

    def clear(self) -> None:
        """End kernels that outlived the process: those that name it as their parent."""
        end_orphans(self.process.pid)

    @property
    def ends_on(self) -> int | socket.socket:
        """What tells its end: its number, or the line on which its worker says so."""
        return self.process.line if isinstance(self.process, Errand) else self.process.pid

    @property
    def lost(self) -> tuple[str, ...]:
        """Why the chapter was begun elsewhere before it ended here: never, on this machine."""
        return ()


@dataclass(slots=True)
class Task:
    """A chapter to run. name: as shown while it runs; begin: starts its process, given what runs it and a folder for what kernels write.

    again: told when it is tried once more; finished: told how it ended; tries: how often it was begun from here; retries: why earlier
    attempts ended, those that a cluster made by itself included.
    """

    name: str
    begin: Callable[[Executor, Path], Running]
    again: Callable[[ChapterRecord], None]
    finished: Callable[[ChapterRecord], None]
    tries: int = 0
    retries: list[str] = field(default_factory=list)


def start(topic: str, places: Places, own: Path, workers: Workers | None = None) -> Running:
    """Start a chapter in a process and session that are not the runner's: a Ctrl-C at the terminal reaches the runner alone.

    own: a folder for what the kernel writes down about itself. The user's own IPython profile stays out: a start-up file
    there must not change a report. workers: forked ones, whose kernels are forked too; without them both start ordinarily.
    """
    job, outcome, log = places.job, places.outcome, places.log
    environment = os.environ | {
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, not one of the same name in the user's home
        "IPYTHONDIR": str(own),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        TEMPORARY_VARIABLE: str(own),
    }
    environment["PYTHONPATH"] = package_path()
    if workers is not None:
        write_kernelspec(own / "jupyter")
        path = os.pathsep.join(p for p in (str(own / "jupyter"), environment.get("JUPYTER_PATH", "")) if p)
        with contextlib.suppress(ZygoteGone):
            return Running(topic, workers.give(job, log, environment | {"JUPYTER_PATH": path}), outcome, log, time.monotonic())
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbook.batch.worker", str(job)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )
    return Running(topic, process, outcome, log, time.monotonic())


def run_all(tasks: Iterable[Task], executor: Executor, prefix: str, changed: Callable[[tuple[str, ...]], None]) -> None:
    """Run tasks where `executor` runs them; kills all of them if left early. A task is taken when there is room for it.

    prefix: of the folder for what kernels write. changed: told the names of what runs now. A kernel that died and a process that
    did not start are tried once more, last and alone: what killed them may have been a neighbour's appetite for memory. An
    error in a cell would come again, and a time-out too.
    """
    coming, again = iter(tasks), list[Task]()
    running: list[tuple[Task, Running]] = []
    own = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    folders = (Path(own.name) / str(n) for n in itertools.count())

    def begin(task: Task) -> None:
        (folder := next(folders)).mkdir()
        task.tries += 1
        running.append((task, task.begin(executor, folder)))
        changed(tuple(task.name for task, _ in running))

    try:
        while True:
            raise_if_asked()
            while len(running) < executor.room() and (task := next(coming, None)) is not None:
                begin(task)
            if not running:
                if not again:
                    return
                begin(again.pop(0))
            done = [pair for pair in running if pair[1].process.poll() is not None]
            for task, item in done:
                running.remove((task, item))
                record = outcome_of(item)
                task.retries += item.lost
                if record.failure in TRIED_AGAIN and task.tries < MOST_TRIES:
                    task.retries.append(record.cause)
                    again.append(task)
                    task.again(record)
                else:
                    record.retries = task.retries
                    task.finished(record)
                changed(tuple(task.name for task, _ in running))
            if not done:
                executor.wait([item for _, item in running])
    finally:
        for _, item in running:
            item.stop()
        own.cleanup()


def outcome_of(done: Running) -> ChapterRecord:
    """Return what the process wrote, or what its death says."""
    try:
        record = ChapterRecord.model_validate_json(done.outcome.read_text(encoding="utf-8"))
        if record.status != "succeeded":  # one that succeeded has seen its kernel end
            done.clear()
        return record
    except (OSError, ValueError):
        done.clear()
        log = done.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if done.log.exists() else []
        cause = msg("the chapter's process ended with status {status}", status=done.process.returncode)
        text = render(cause) + (f" ({log[-1][:300]})" if log else "")
        return ChapterRecord(topic=done.topic, status="failed", failure="start", cause=text, seconds=round(time.monotonic() - done.started, 2))


def end(pid: int) -> None:
    """Kill a process and everything below it; kernels live in sessions of their own, so the tree is walked first."""
    try:
        root = psutil.Process(pid)
        family = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(family, timeout=5)


def end_orphans(parent: int) -> None:
    """Kill kernels that outlived their worker: those that name it as their parent."""
    for process in psutil.process_iter(["ppid", "environ"]):
        with contextlib.suppress(psutil.Error):
            environment = process.info.get("environ") or {}
            if environment.get("JPY_PARENT_PID") == str(parent):
                process.kill()
