"""Run a chapter's cells on a folder of frames as a kernel would, figures included, and say what each question took, as JSON.

    python -m tests.bench.whole_chapters FOLDER icp_segmentation

A process of its own: its peak memory is that of the chapter. Nothing is sent anywhere; what the cells put out is dropped.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pandas as pd

from tests.bench.company import AS_OF
from tests.bench.first_steps import RUN, peak_mib
from workbook import notebook
from workbook.analyses import NOTEBOOKS, questions
from workbook.chapter import ChapterPlan
from workbook.notebook import output
from workbook.notebook.ask import SmallTables
from workbook.params import project_root


class CountingTables(SmallTables):
    """Small tables that say how many there were, and of how many rows."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []

    def fetch(self, expression: Any) -> pd.DataFrame:
        """Return an expression's rows and note how many."""
        frame = super().fetch(expression)
        self.lengths.append(len(frame))
        return frame


class MeasuredRun(notebook.Run):
    """A chapter that notes what each of its questions took: seconds of CPU until its small tables are there, and from there on."""

    def __init__(self, plan: ChapterPlan) -> None:
        super().__init__(plan)
        self._small: CountingTables = CountingTables()
        self.asked: list[dict[str, Any]] = []
        self.failures: list[str] = []

    def ask(self, question: ModuleType, *tables: Any) -> Any:
        """Return the answer; note what it took where it was not known yet."""
        began, self._small.lengths, ends = time.process_time(), [], []
        name = ".".join(question.__name__.split(".")[-2:])
        try:
            result = super().ask(_marking(question, ends), *tables)
        except Exception as error:  # out of memory at one question: the others are measured all the same
            self.failures.append(f"{name} ({type(error).__name__}: {str(error).splitlines()[0]})")
            raise
        if ends:
            took = {"first": ends[0] - began, "second": ends[1] - ends[0], "cpu": ends[1] - began}
            lengths = self._small.lengths
            self.asked.append({"name": name, **took, "rows": sum(lengths), "tables": len(lengths), "is_sample": _is_sample(result), "peak_mib": peak_mib()})
        return result


def _marking(question: ModuleType, ends: list[float]) -> ModuleType:
    """Return a question whose second step appends when it began and ended, in seconds of CPU."""
    marking = ModuleType(question.__name__)
    vars(marking).update(vars(question))

    def analyse(*small: Any, **more: Any) -> Any:
        ends.append(time.process_time())
        result = question.analyse(*small, **more)
        ends.append(time.process_time())
        return result

    marking.analyse = analyse  # type: ignore[attr-defined]
    return marking


def _is_sample(result: Any) -> bool:
    return any(check.key == "all_rows_were_read" for check in result.checks)


def main(folder: str, topic: str) -> int:
    """Run the cells of one chapter; print what its questions took, the whole chapter, and its peak."""
    plan = ChapterPlan(topic=topic, params=RUN, frames_dir=Path(folder), as_of=AS_OF)
    run = MeasuredRun(plan)
    questions(topic)  # importing is not what is measured
    output.publish = lambda bundle, metadata: None
    notebook.open_run = lambda topic, settings="": run
    began = time.process_time()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        _run_cells(project_root() / "notebooks" / NOTEBOOKS[topic], run)
    told = {"asked": run.asked, "failed": run.failures, "cpu": time.process_time() - began, "peak_mib": peak_mib()}
    print(json.dumps(told))
    return 0


def _run_cells(path: Path, run: MeasuredRun) -> None:
    """Run the code cells in order; a cell that fails is noted, those that build on it fail after it."""
    names: dict[str, object] = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            try:
                exec(compile(cell.source, "cell", "exec"), names)
            except Exception as error:
                run.failures.append(f"{type(error).__name__}: {str(error).splitlines()[0]} in: {cell.source.splitlines()[0]}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
