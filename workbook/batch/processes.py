"""Chapters as processes: started, waited for, and ended with everything they started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from workbook.batch.kernels.client import ADDRESS_VARIABLE, ONE_THREAD, ForkedProcess, Zygote, ZygoteGone, fork, package_path
from workbook.batch.kernels.provisioner import write_kernelspec
from workbook.batch.record import ChapterRecord
from workbook.batch.stop import raise_if_asked
from workbook.chapter import TEMPORARY_VARIABLE
from workbook.text import msg, render

POLL_SECONDS = 0.05


TRIED_AGAIN = ("kernel_died", "start")
MOST_RETRIES = 1


@dataclass(slots=True)
class Running:
    """A chapter's process while it runs. log: what it printed, read only if it dies without an outcome."""

    topic: str
    process: subprocess.Popen[bytes] | ForkedProcess
    outcome: Path
    log: Path
    started: float


@dataclass(slots=True)
class Task:
    """A chapter to run. begin: starts its process, given a folder for what kernels write; retries: why earlier attempts ended."""

    topic: str
    begin: Callable[[Path], Running]
    retries: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told what. changed: the topics that run now; again: a chapter that is tried once more; finished: how one ended."""

    changed: Callable[[tuple[str, ...]], None]
    again: Callable[[ChapterRecord], None]
    finished: Callable[[ChapterRecord], None]


def start(topic: str, job: Path, outcome: Path, log: Path, own: Path, zygote: Zygote | None = None) -> Running:
    """Start a chapter in a process and session of its own: a Ctrl-C at the terminal reaches the runner alone.

    own: a folder for what kernels write down about themselves. The user's own IPython profile stays out: a start-up file
    there must not change a report. zygote: forks the process, and the kernel from there; without one both start ordinarily.
    """
    environment = os.environ | {
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, not one of the same name in the user's home
        "IPYTHONDIR": str(own / topic),
        "JUPYTER_RUNTIME_DIR": str(own / topic / "runtime"),
        TEMPORARY_VARIABLE: str(own),
    }
    environment["PYTHONPATH"] = package_path()
    if zygote is not None:
        with contextlib.suppress(ZygoteGone):
            return Running(topic, _forked(zygote, job, log, own, environment), outcome, log, time.monotonic())
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


def _forked(zygote: Zygote, job: Path, log: Path, own: Path, environment: dict[str, str]) -> ForkedProcess:
    write_kernelspec(own / "jupyter")
    path = os.pathsep.join(p for p in (str(own / "jupyter"), environment.get("JUPYTER_PATH", "")) if p)
    told = environment | ONE_THREAD | {ADDRESS_VARIABLE: zygote.address, "JUPYTER_PATH": path}
    return fork(zygote.address, "worker", [str(job)], env=told, cwd=str(Path.cwd()), log=str(log))


def run_all(tasks: list[Task], most: int, prefix: str, watch: Watch) -> None:
    """Run tasks, at most `most` at once; kills all of them if left early. prefix: of the folder for what kernels write.

    A kernel that died and a process that did not start are tried once more, last and alone: what killed them may have been
    a neighbour's appetite for memory. An error in a cell would come again, and a time-out too.
    """
    waiting = list(tasks)
    running: list[tuple[Task, Running]] = []
    own = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    try:
        while waiting or running:
            raise_if_asked()
            while waiting and len(running) < most and not (waiting[0].retries and running):
                task = waiting.pop(0)
                running.append((task, task.begin(Path(own.name))))
                watch.changed(tuple(task.topic for task, _ in running))
            for task, item in [pair for pair in running if pair[1].process.poll() is not None]:
                running.remove((task, item))
                record = outcome_of(item)
                if record.failure in TRIED_AGAIN and len(task.retries) < MOST_RETRIES:
                    task.retries.append(record.cause)
                    waiting.append(task)
                    watch.again(record)
                else:
                    record.retries = task.retries
                    watch.finished(record)
                watch.changed(tuple(task.topic for task, _ in running))
            time.sleep(POLL_SECONDS)
    finally:
        for _, item in running:
            end(item.process.pid)
            item.process.wait()
            end_orphans(item)
        own.cleanup()


def outcome_of(done: Running) -> ChapterRecord:
    """Return what the process wrote, or what its death says."""
    end_orphans(done)
    try:
        return ChapterRecord.model_validate_json(done.outcome.read_text(encoding="utf-8"))
    except (OSError, ValueError):
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


def end_orphans(done: Running) -> None:
    """Kill kernels that outlived their worker: those that name it as their parent."""
    for process in psutil.process_iter(["ppid", "environ"]):
        with contextlib.suppress(psutil.Error):
            environment = process.info.get("environ") or {}
            if environment.get("JPY_PARENT_PID") == str(done.process.pid):
                process.kill()
