"""Chapters in a process of their own: `python -m workbook.batch.worker JOB.json` for one, or one after the other as a runner tells.

Executes the prepared notebook with papermill and judges the outcome by our own rule: no exception, and a reply to every
code cell. A killed kernel, `sys.exit()` or a time-out leaves cells without a reply, whatever papermill writes into them.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from pydantic import BaseModel, ConfigDict

from workbook.batch import notebooks
from workbook.batch.chapter_page import PageFacts, write_chapter_pages
from workbook.batch.kernels.client import ADDRESS_VARIABLE
from workbook.batch.kernels.provisioner import KERNEL
from workbook.batch.notebooks import NotebookNode
from workbook.batch.processes import end
from workbook.batch.record import ChapterRecord, FailingCell, Failure
from workbook.text import msg, render
from workbook.text.catalogue import set_language

REPLY = "shell.execute_reply"
INSERTED = {"injected-parameters", "papermill-error-cell-tag"}
FOLLOW_SECONDS = 1.0
OUTPUT_LOST = "Timeout waiting for IOPub output"  # nbclient's
OUT_OF_MEMORY = "OutOfMemoryException"  # DuckDB's
UNSPOKEN = "CellExecutionError"  # papermill's, of a cell that failed and left no error
MOST_CAUSE = 2000  # characters of an error that run.json keeps


class Job(BaseModel):
    """What the worker is told. Paths are absolute; `plan` is the ChapterPlan that the notebook opens; parents: the runner, and the zygote.

    page: what the chapter's page shows besides, None where no page is asked for; root: below which all that a chapter leaves is written.
    """

    model_config = ConfigDict(extra="forbid")

    topic: str
    language: str
    root: Path
    notebook: Path
    output: Path
    plan: Path
    outcome: Path
    cell_timeout_seconds: int
    parents: tuple[int, ...]
    page: PageFacts | None = None


def main() -> int:
    """Run the job named on the command line and write its outcome."""
    job = read_job(Path(sys.argv[1]))
    follow(job.parents)
    return run(job)


def serve(line: socket.socket) -> int:
    """Run the jobs that come over a line, each with its log and environment, and say how each ended; until one failed, or none comes."""
    with line, line.makefile("rb") as orders:
        for n, told in enumerate(orders):
            order = json.loads(told)
            os.environ.clear()
            os.environ.update(order["env"])
            print_to(Path(order["log"]))
            job = read_job(Path(order["job"]))
            if n == 0:
                follow(job.parents)
            status = run(job)
            print_to(Path(os.devnull))  # a log that is held open cannot be removed everywhere, nor its disk be taken away
            line.sendall(f"{status}\n".encode())
            if status:
                return status
    return 0


def print_to(log: Path) -> None:
    """Let what is printed from now on, by libraries in C as well, be appended to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    with log.open("ab") as sink:
        for stream in (1, 2):
            os.dup2(sink.fileno(), stream)


def read_job(path: Path) -> Job:
    """Read what is to be run."""
    return Job.model_validate_json(path.read_text(encoding="utf-8"))


def run(job: Job) -> int:
    """Run a job and write its outcome. Returns 0 where it succeeded."""
    set_language(job.language)
    started = time.monotonic()
    begun: list[NotebookNode] = []
    cause, failure = execute(job, begun)
    notebook = begun[0] if begun else None
    if notebook is not None:
        notebook.cells = [cell for cell in notebook.cells if not INSERTED & set(cell.metadata.get("tags", []))]
    record = judge(job.topic, notebook, cause, failure)
    if notebook is not None:
        notebooks.write(without_machine(notebook), job.output)
        if job.page is not None and record.status == "succeeded":
            with contextlib.suppress(Exception):  # the runner makes what is not there, and tells why where it cannot either
                write_chapter_pages(job.root, job.topic, notebook, job.page)
    record.seconds = round(time.monotonic() - started, 2)
    temporary = job.outcome.with_suffix(".part")
    temporary.write_text(record.model_dump_json(indent=2), encoding="utf-8")
    os.replace(temporary, job.outcome)
    return 0 if record.status == "succeeded" else 1


def follow(parents: tuple[int, ...]) -> None:
    """End this process and its kernel when whoever started it is gone, however it went: nobody would collect the outcome."""
    threading.Thread(target=_follow, args=(parents,), daemon=True).start()


def _follow(parents: tuple[int, ...]) -> None:
    while all(map(psutil.pid_exists, parents[:1])) and (sys.platform == "win32" or os.getppid() in parents):
        time.sleep(FOLLOW_SECONDS)
    end(os.getpid())


def execute(job: Job, begun: list[NotebookNode]) -> tuple[str, Failure | None]:
    """Execute with papermill. Returns why it stopped early, in words and by kind. begun: takes the notebook, which fills as it runs."""
    import papermill
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    from workbook.batch.outputs import ENGINE, register

    register()
    try:
        papermill.execute_notebook(
            str(job.notebook),
            None,
            engine_name=ENGINE,
            parameters={"settings": str(job.plan)},
            kernel_name=KERNEL if ADDRESS_VARIABLE in os.environ else "python3",
            language="python",
            progress_bar=False,
            log_output=False,
            execution_timeout=job.cell_timeout_seconds,
            cwd=str(job.output.parent),
            output=job.output,
            begun=begun,
        )
    except (papermill.PapermillExecutionError, CellExecutionError) as error:  # nbclient's: not even the traceback could be made
        return told(error.ename, error.evalue)[:MOST_CAUSE], "cell"
    except CellTimeoutError as error:
        return late(str(error), job.cell_timeout_seconds), "cell_time_out"
    except DeadKernelError:
        return render(msg("the kernel died (killed, or out of memory)")), "kernel_died"
    except RuntimeError as error:  # jupyter_client's: the kernel did not come up
        return render(msg("the kernel did not start: {why}", why=str(error))), "start"
    except Exception as error:
        return told(type(error).__name__, str(error))[:MOST_CAUSE], "cell"
    return "", None


def late(error: str, seconds: int) -> str:
    """Return in words what nbclient did not wait for any longer: a cell, or what it puts out after its reply."""
    if OUTPUT_LOST in error:
        return render(msg("what a cell put out did not arrive completely; the machine may be overloaded"))
    return render(msg("a cell ran longer than {seconds} seconds", seconds=seconds))


def told(name: str, message: str) -> str:
    """Return an error of a cell in words; what the user can mend is told so."""
    if name == OUT_OF_MEMORY:
        return render(msg("a query needs more memory than memory_limit allows; give it more in the settings ({error})", error=message.strip().partition("\n")[0]))
    if name.endswith("MemoryError"):  # Python's own, numpy's and Arrow's
        error = f"{name}: {message.strip()}" if message.strip() else name
        return render(msg("a cell needs more memory than its process gets here; run fewer chapters at once with --jobs, or raise the limit on it ({error})", error=error))
    if not message.strip() and name in ("", UNSPOKEN):
        return render(msg("a cell failed and could not say why; it may have been short of memory"))
    return f"{name}: {message}" if message.strip() else name


def judge(topic: str, notebook: NotebookNode | None, cause: str, failure: Failure | None = None) -> ChapterRecord:
    """Return the chapter's outcome by our own rule."""
    if notebook is None:
        cause = cause or render(msg("the notebook was not written"))
        return ChapterRecord(topic=topic, status="failed", cause=cause, failure=failure or "start")
    failing = failing_cell(notebook)
    if failing is None and not cause:
        return ChapterRecord(topic=topic, status="succeeded")
    if failing is not None and not cause:
        failure = "cell" if failing.error else "kernel_died"
        cause = told(failing.error, failing.message) if failing.error else render(msg("the kernel ended before the chapter did"))
    return ChapterRecord(topic=topic, status="failed", cause=cause, failure=failure or "cell", failing_cell=failing)


def failing_cell(notebook: NotebookNode) -> FailingCell | None:
    """Return the first code cell with an error or without a reply, None where every cell was answered."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        error: Any = next((output for output in cell.outputs if output.output_type == "error"), None)
        if error is not None:
            return FailingCell(number=number, source=_head(cell.source), error=error.ename, message=str(error.evalue)[:MOST_CAUSE])
        if REPLY not in cell.metadata.get("execution", {}):
            return FailingCell(number=number, source=_head(cell.source), error="", message="")
    return None


def _head(source: str) -> str:
    return "\n".join(source.strip().splitlines()[:6])


def without_machine(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without what belongs to one machine or one minute: papermill's paths, and times."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for name in ("papermill", "execution", "exception"):
            cell.metadata.pop(name, None)
    return notebook


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except json.JSONDecodeError as error:
        raise SystemExit(f"the job file is damaged: {error}") from None
