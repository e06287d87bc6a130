"""The ways to run one benchmark chapter many times. Each takes the number of runs and an empty folder, and returns seconds."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import nbformat

from workbook.batch.executor import Executor, Local
from workbook.batch.kernels.client import ONE_THREAD, Zygotes
from workbook.batch.kernels.imports import imported_modules
from workbook.batch.processes import Running, Task, run_all
from workbook.batch.record import ChapterRecord
from workbook.batch.sheet import Sheet
from workbook.chapter import ChapterPlan
from workbook.params import RunParams

CHAPTER, TOPIC = Path(__file__).with_name("chapter.ipynb"), "chapter"
PAPERMILL = [sys.executable, "-m", "papermill", "--log-level", "ERROR", "--no-progress-bar", "-k", "python3"]


class Seconds(NamedTuple):
    """How long a chapter took from the command to its first cell that computes, and to its end."""

    start: float
    total: float


def environment() -> dict[str, str]:
    """Return the environment that every way gets: one thread each, no display."""
    return os.environ | ONE_THREAD | {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}


def shell_loop(runs: int, folder: Path) -> float:
    """Call the papermill command once per chapter, one after the other."""
    began = time.monotonic()
    for n in range(runs):
        subprocess.run([*PAPERMILL, str(CHAPTER), str(folder / f"{n}.ipynb")], check=True, env=environment(), capture_output=True)
    return time.monotonic() - began


def shell_two_at_a_time(runs: int, folder: Path, jobs: int) -> float:
    """Call the papermill command by `xargs -P`."""
    names = "\n".join(str(folder / f"{n}.ipynb") for n in range(runs))
    began = time.monotonic()
    subprocess.run(["xargs", "-P", str(jobs), "-I{}", *PAPERMILL, str(CHAPTER), "{}"], input=names.encode(), check=True,
                   env=environment(), capture_output=True)  # fmt: skip
    return time.monotonic() - began


def own(runs: int, folder: Path, jobs: int) -> float:
    """Run the chapters as `workbook run` does: forked workers and kernels, papermill inside. The zygote's start counts."""
    began = time.monotonic()
    zygotes = Zygotes(modules=imported_modules([CHAPTER]))
    try:
        _run(range(runs), folder, Local(jobs, zygotes))
    finally:
        zygotes.stop()
    return time.monotonic() - began


def plain(runs: int, jobs: int) -> float:
    """Run the same cells as plain Python in processes that have imported everything: what the computing itself costs."""
    cells = sources()
    ready = multiprocessing.get_context("fork").Barrier(jobs + 1)
    parts = [multiprocessing.get_context("fork").Process(target=_plain, args=(cells, len(range(k, runs, jobs)), ready)) for k in range(jobs)]
    for part in parts:
        part.start()
    ready.wait()
    began = time.monotonic()
    for part in parts:
        part.join()
    seconds = time.monotonic() - began
    if any(part.exitcode for part in parts):
        raise RuntimeError("the plain way failed")
    return seconds


def sources() -> list[str]:
    """Return the chapter's code cells."""
    return [cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells if cell.cell_type == "code"]


def single(runs: int, folder: Path) -> tuple[list[Seconds], list[Seconds]]:
    """Time one chapter from a cold start: by the papermill command, and by the engine with a zygote of its own; by turns."""
    papermill, own = [], []
    for n in range(runs):
        began = time.time()
        subprocess.run([*PAPERMILL, str(CHAPTER), str(folder / f"p{n}.ipynb")], check=True, env=environment(), capture_output=True)
        papermill.append(Seconds(_printed(folder / f"p{n}.ipynb", "start") - began, time.time() - began))
        began = time.time()
        zygotes = Zygotes("bench-", imported_modules([CHAPTER]))
        try:
            _run([n], folder, Local(1, zygotes))
            own.append(Seconds(_printed(_executed(folder, n), "start") - began, time.time() - began))
        finally:
            zygotes.stop()
    return papermill, own


def peaks(folder: Path) -> list[float]:
    """Return the peak memory in MiB that each executed chapter printed of its kernel."""
    return [_printed(path, "peak") / 1024 for path in sorted([*folder.glob("*.ipynb"), *folder.glob("*/notebooks/*.ipynb")])]


def _printed(path: Path, tag: str) -> float:
    """Return the number that the cell with a tag printed."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if tag in cell["metadata"].get("tags", []))
    return float("".join(cell["outputs"][0]["text"]))


def _plain(cells: list[str], runs: int, ready: object) -> None:
    import IPython.display

    IPython.display.display = lambda *_: None
    names: dict[str, object] = {}
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  the process ends with it
    exec(compile(cells[2], "imports", "exec"), names)
    ready.wait()  # type: ignore[attr-defined]
    for _ in range(runs):
        names = {}
        for cell in cells:
            exec(compile(cell, "cell", "exec"), names)


def _run(runs: Iterable[int], folder: Path, executor: Executor) -> None:
    records: list[ChapterRecord] = []
    tasks = [_task(n, folder, records.append) for n in runs]
    run_all(tasks, executor, "bench-", lambda _: None)
    failed = [record.cause for record in records if record.status != "succeeded"]
    if failed or len(records) != len(tasks):
        raise RuntimeError(f"{len(failed)} of {len(tasks)} chapters failed, the first because: {failed[:1]}")


def _task(n: int, folder: Path, ended: Callable[[ChapterRecord], None]) -> Task:
    plan = ChapterPlan(topic=TOPIC, params=RunParams(), frames_dir=folder, as_of=date(2026, 9, 30))
    sheet = Sheet(topic=TOPIC, notebook=CHAPTER.read_text(encoding="utf-8"), plan=plan, cell_timeout_seconds=600)

    def begin(executor: Executor, own: Path) -> Running:
        return executor.start(sheet, folder / str(n), folder, own)

    return Task(str(n), begin, lambda _: None, ended)


def _executed(folder: Path, n: int) -> Path:
    return folder / str(n) / "notebooks" / f"{TOPIC}.ipynb"
