"""Run first steps of questions on a folder of frames as a chapter does, and say what they took, as JSON.

    python -m tests.bench.first_steps FOLDER data.win_rate icp_segmentation.needs:money …

A process of its own: its peak memory is that of a chapter's kernel that asks these questions.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.bench.company import AS_OF
from workbook.analyses import TOPICS, questions
from workbook.analyses.sampling import KEY
from workbook.notebook.ask import question_params, small_tables, to_frame
from workbook.notebook.engine import connect
from workbook.params import RunParams

RUN = RunParams(as_of=AS_OF)
NO_FRAME = "members"  # what `migration` takes behind the frames: the groups of another question


def first_steps() -> dict[str, ModuleType]:
    """Return all questions with a first step, by topic and name."""
    return {f"{topic}.{name}": one for topic in TOPICS for name, one in questions(topic).items() if hasattr(one, "aggregate")}


def main(folder: str, *names: str) -> int:
    """Ask the questions named, or some of their small tables; print what each took and the peak."""
    database = connect(RUN.memory_limit)
    frames = {path.stem: database.read_parquet(path, table_name=path.stem) for path in Path(folder).glob("*.parquet")}
    wanted = {name: tables for name, *tables in (each.split(":") for each in names)}
    asked = [_asked(name, with_tables(question, wanted[name]), frames) for name, question in first_steps().items() if name in wanted]
    print(json.dumps({"asked": asked, "peak_mib": peak_mib()}))
    return 0


def with_tables(question: ModuleType, tables: list[str]) -> ModuleType:
    """Return a question that makes only the small tables named; the question itself where none is."""
    if not tables:
        return question
    some = ModuleType(question.__name__)
    vars(some).update(vars(question))

    def aggregate(*given: Any, **more: Any) -> dict[str, Any]:
        return {name: table for name, table in question.aggregate(*given, **more).items() if name in tables}

    some.aggregate = functools.wraps(question.aggregate)(aggregate)  # type: ignore[attr-defined]
    return some


def _asked(name: str, question: ModuleType, frames: dict[str, Any]) -> dict[str, Any]:
    given = [each for each in inspect.signature(question.aggregate).parameters if each not in ("params", "as_of")]
    inputs, failed = [None if each == NO_FRAME else frames[each] for each in given], None
    small: dict[str, Any] = {}
    checks: tuple[Any, ...] = ()
    began = time.process_time(), time.perf_counter()
    try:
        small, checks = small_tables(question, question_params(question, RUN), inputs, AS_OF, to_frame)
    except Exception as error:  # out of memory at one question: the others are measured all the same
        failed = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    took = time.process_time() - began[0], time.perf_counter() - began[1]
    rows = sum(map(len, small.values()))
    return {"name": name, "cpu": took[0], "seconds": took[1], "rows": rows, "tables": len(small.keys() - {KEY}), "is_sample": bool(checks), "failed": failed}


def peak_mib() -> float:
    """Return the most memory that this process has held."""
    # Not ru_maxrss: a process inherits that of the one that started it.
    line = next(line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
