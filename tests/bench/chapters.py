"""The report's own chapters against their plain-Python limit: the same cells, on the same imported frames, without a kernel."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from workbook.analyses import TOPICS
from workbook.batch.engine import Request, run
from workbook.params import load_params

SETTINGS = Path(__file__).resolve().parents[2] / "params" / "demo.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds of a chapter in a run of its own size, one at a time, and of its cells as plain Python: medians."""

    topic: str
    seconds: float
    plain: float


def measured_chapters(turns: int) -> list[Measured]:
    """Run the demo report one chapter at a time, then each chapter's cells in a process that has imported everything; by turns."""
    taken = [_turn() for _ in range(turns)]
    return [
        Measured(topic=topic, seconds=statistics.median(turn[topic][0] for turn in taken), plain=statistics.median(turn[topic][1] for turn in taken))
        for topic in taken[0]
    ]


def _turn() -> dict[str, tuple[float, float]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        outcome = run(Request(params=load_params(SETTINGS), out=Path(folder) / "report", jobs=1, force=True))
        return {c.topic: (c.seconds, _plain_seconds(c.topic)) for c in outcome.record.chapters if c.topic in TOPICS}


def _plain_seconds(topic: str) -> float:
    """Seconds of a chapter's cells; figures are drawn and encoded, nothing is sent anywhere."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    part = context.Process(target=_plain, args=(topic, there))
    part.start()
    there.close()  # or nobody would notice that the part has died
    seconds = float(here.recv())
    part.join()
    return seconds


def _plain(topic: str, told: Connection) -> None:
    import nbformat

    from workbook import notebook
    from workbook.batch.kernels.preload import CHAPTERS, import_models, import_rest, preload

    preload("kernel", [CHAPTERS])
    for _ in itertools.chain(import_models(), import_rest()):
        pass
    gc.enable()  # as in the zygote's copies
    notebook.output.publish = lambda bundle, metadata: None
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  the process ends with it
    path = next(SETTINGS.parents[1].glob(f"notebooks/*_{topic}.ipynb"))
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    notebook.open_run(topic, "demo").load("opportunities")  # the import is the run's, not the chapter's
    names: dict[str, object] = {}
    began = time.monotonic()
    for cell in cells:
        exec(compile(cell, "cell", "exec"), names)
    told.send(time.monotonic() - began)
    gc.unfreeze()  # or DuckDB tells at the end of all that was not freed
