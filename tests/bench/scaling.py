"""Measure what a matrix costs the runner and its workers: `python -m tests.bench.scaling [--only TOPICS] [--dry]`.

The demo regions, once on this machine and once on Dask workers of this machine. From the runner's seconds per report, those that are
spent once, and the workers' seconds per chapter follows what more workers would give; written into `docs/scaling.md`. All but the wall time
are seconds of CPU, which mean the same on a machine that others use too; what waits for the disk or the network is not in them.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.bench import ways
from tests.bench.pages import write_part
from workbook.batch.cluster import client
from workbook.batch.engine import Request, run
from workbook.batch.executor import core_count
from workbook.batch.matrix import _Reports
from workbook.params import load_params

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "scaling.md"
WORKERS = (1, 2, 10, 100)
REGIONS = 40


@dataclass(slots=True)
class Cost:
    """Seconds of one way. wall: all; the others of CPU. runner: all of the runner's; cutting, collecting, publishing: of these, for all
    reports; workers: of all processes that ran chapters, their start included.
    """

    wall: float = 0.0
    runner: float = 0.0
    workers: float = 0.0
    cutting: float = 0.0
    collecting: float = 0.0
    publishing: float = 0.0
    chapters: int = 0
    reports: int = 0

    @property
    def per_report(self) -> float:
        """The runner's own seconds per report."""
        return (self.cutting + self.collecting + self.publishing) / self.reports

    @property
    def per_chapter(self) -> float:
        """A worker's seconds per chapter."""
        return self.workers / self.chapters

    @property
    def once(self) -> float:
        """The runner's seconds for what is done once: connecting, reading the data, the overview."""
        return self.runner - self.per_report * self.reports


def measured(executor: str, chapters: tuple[str, ...], jobs: int) -> Cost:
    """Make the demo regions' reports anew and add up who worked how long."""
    cost = Cost()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        for owner, name, part in ((_Reports, "_begin", "cutting"), (client._Answer, "_collected", "collecting"), (_Reports, "_conclude", "publishing")):
            stack.enter_context(patch.object(owner, name, _timed(getattr(owner, name), cost, part)))
        params = load_params(ROOT / "params" / "demo_regions.yaml", chapters=chapters)
        began, own, others = time.monotonic(), time.process_time(), _children()
        outcome = run(Request(params=params, out=Path(folder) / "report", jobs=jobs, force=True, executor=executor))
        cost.wall, cost.runner, cost.workers = time.monotonic() - began, time.process_time() - own, _children() - others
    assert outcome.record.status == "succeeded", outcome.record.cause
    cost.reports = len(outcome.record.combinations)
    cost.chapters = cost.reports * len(chapters)
    return cost


def _children() -> float:
    """Return the CPU seconds of all processes below this one that have ended and were waited for."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _timed(function: Callable[..., Any], cost: Cost, part: str) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            setattr(cost, part, getattr(cost, part) + time.thread_time() - began)

    return timed


def page(local: Cost, dask: Cost, jobs: int, topics: tuple[str, ...]) -> str:
    """Return the measured part of the page."""
    reports, once, per_region = dask.reports, dask.once, len(topics)
    rows = "\n".join(f"| {w} | {_seconds(w, dask, per_region, once):,.0f} | {_seconds(1, dask, per_region, once) / _seconds(w, dask, per_region, once):.1f} | {_bound(w, dask, per_region)} |" for w in WORKERS)
    most = per_region * dask.per_chapter / dask.per_report
    return f"""
## What more workers give

Measured by `python -m tests.bench.scaling` on {jobs} cores: the {reports} regions of the demo company, {dask.chapters} chapters ({", ".join(topics)}).
Seconds of CPU but for the first column, which depends on what else the machine had to do.

| way | wall | a worker's seconds per chapter | runner: cutting a report out and planning it | fetching its chapters | pages and publishing |
|---|--:|--:|--:|--:|--:|
| this machine, {jobs} at once | {local.wall:.0f} s | {local.per_chapter:.2f} | {local.cutting / reports:.2f} | – | {local.publishing / reports:.2f} |
| Dask, {jobs} workers here | {dask.wall:.0f} s | {dask.per_chapter:.2f} | {dask.cutting / reports:.2f} | {dask.collecting / reports:.2f} | {dask.publishing / reports:.2f} |

With these, {REGIONS} regions of {per_region} chapters take about `{once:.0f} + max({REGIONS * per_region} × {dask.per_chapter:.2f} / workers, {REGIONS} × {dask.per_report:.2f}, {dask.per_chapter:.2f})` seconds:
what the runner does once (connecting, reading the data, the overview), the workers' share, and the runner's own work, which goes on
beside theirs and is not shared. **Computed from the table above, not measured on so many machines:**

| workers | seconds | times faster than one | what bounds it |
|--:|--:|--:|---|
{rows}

**Limits.** Beyond about {most:.0f} workers the runner is the bottleneck: {dask.per_report:.2f} s per report of cutting, fetching and writing pages. A chapter is never split, so the longest one is the
floor. Workers that share a network drive read each report's frames from it (a few megabytes for the demo), once per chapter; with a URL, once per report and worker.
"""


def _seconds(workers: int, cost: Cost, per_region: int, once: float) -> float:
    return once + max(REGIONS * per_region * cost.per_chapter / workers, REGIONS * cost.per_report, cost.per_chapter)


def _bound(workers: int, cost: Cost, per_region: int) -> str:
    shared = REGIONS * per_region * cost.per_chapter / workers
    return "the workers" if shared >= max(REGIONS * cost.per_report, cost.per_chapter) else "the runner"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write into the page."""
    parser = argparse.ArgumentParser(prog="scaling", description="Measure what a matrix costs the runner and its workers.")
    parser.add_argument("--only", default="data,market,icp_segmentation,competitors", help="topics, such as data,market")
    parser.add_argument("--dry", action="store_true", help="print, but leave the page as it is")
    options = parser.parse_args(arguments)
    os.environ.update(ways.ONE_THREAD)
    topics, jobs = tuple(options.only.split(",")), core_count()
    text = page(measured("local", topics, jobs), measured("dask", topics, jobs), jobs, topics)
    print(text)
    if not options.dry:
        write_part(PAGE, "measured", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
