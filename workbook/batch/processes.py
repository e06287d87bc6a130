"""Chapters as processes: started, waited for, and ended with everything they started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from workbook.batch.kernels.client import ADDRESS_VARIABLE, ONE_THREAD, ForkedProcess, Zygote, ZygoteGone, fork, package_path
from workbook.batch.kernels.provisioner import write_kernelspec
from workbook.batch.record import ChapterRecord
from workbook.text import msg, render

POLL_SECONDS = 0.05


@dataclass(slots=True)
class Running:
    """A chapter's process while it runs. log: what it printed, read only if it dies without an outcome."""

    topic: str
    process: subprocess.Popen[bytes] | ForkedProcess
    outcome: Path
    log: Path
    started: float


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


def run_all(
    jobs: list[Callable[[Path], Running]],
    most: int,
    changed: Callable[[tuple[str, ...]], None],
    finished: Callable[[ChapterRecord], None],
) -> None:
    """Run jobs, at most `most` at once; kills all of them if left early.

    finished takes each outcome as it comes; changed takes the topics that run now.
    """
    waiting = list(jobs)
    running: list[Running] = []
    own = tempfile.TemporaryDirectory(prefix="workbook-", ignore_cleanup_errors=True)
    try:
        while waiting or running:
            while waiting and len(running) < most:
                running.append(waiting.pop(0)(Path(own.name)))
                changed(tuple(item.topic for item in running))
            for done in [item for item in running if item.process.poll() is not None]:
                running.remove(done)
                finished(outcome_of(done))
                changed(tuple(item.topic for item in running))
            time.sleep(POLL_SECONDS)
    finally:
        for item in running:
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
        log = done.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        cause = msg("the chapter's process ended with status {status}", status=done.process.returncode)
        text = render(cause) + (f" ({log[-1][:300]})" if log else "")
        return ChapterRecord(topic=done.topic, status="failed", cause=text, seconds=round(time.monotonic() - done.started, 2))


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
