"""Where chapters run: as processes of this machine, or on the workers of a cluster."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from workbook.batch.kernels import Zygotes, can_fork
from workbook.batch.kernels.ends import wait_for_any
from workbook.batch.kernels.imports import imported_modules
from workbook.batch.kernels.provisioner import is_registered
from workbook.batch.plan import notebook_paths
from workbook.batch.processes import Running, start
from workbook.batch.request import Request
from workbook.batch.sheet import Sheet, lay_out
from workbook.batch.workers import Workers, ready

LISTEN_SECONDS = 0.5  # between two looks whether somebody asked to stop, while no process ends


class Executor(Protocol):
    """What runs chapters."""

    def room(self) -> int:
        """Return how many chapters may be begun in all that have not ended."""

    def start(self, sheet: Sheet, root: Path, frames: Path, own: Path) -> Running:
        """Start a chapter that leaves its files below `root`. own: an empty folder for what kernels write down about themselves."""

    def wait(self, running: Sequence[Running]) -> None:
        """Return when one of them may have ended, or after a moment."""


class Local:
    """Processes of this machine. jobs: at once, 0: one per core; zygotes: fork them, None: they start ordinarily."""

    def __init__(self, jobs: int = 0, zygotes: Zygotes | None = None) -> None:
        self.jobs = jobs or core_count()
        self._workers = Workers(zygotes) if zygotes is not None else None

    def room(self) -> int:
        """Return the jobs at once."""
        return self.jobs

    def start(self, sheet: Sheet, root: Path, frames: Path, own: Path) -> Running:
        """Start a process; the first one waits until the zygotes listen, and without it the ordinary way is taken."""
        self._workers, parents = ready(self._workers)
        return start(sheet.topic, lay_out(sheet, root, frames, parents), own, self._workers)

    def wait(self, running: Sequence[Running]) -> None:
        """Wait for the end of a process."""
        wait_for_any([item.ends_on for item in running], LISTEN_SECONDS)


def core_count() -> int:
    """Return the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def kept_executor(request: Request, prefix: str) -> Iterator[Executor]:
    """Keep what runs the chapters of a run. prefix: how its temporary folders begin. Raises `RunError` without a cluster.

    On this machine zygotes import while the data are read.
    """
    if request.executor == "dask":
        from workbook.batch.cluster import Cluster

        with Cluster(request, prefix) as cluster:
            yield cluster
        return
    if not can_fork() or not is_registered():
        yield Local(request.jobs)
        return
    zygotes = Zygotes(prefix, imported_modules(notebook_paths(request.params.chapters).values()))
    try:
        yield Local(request.jobs, zygotes)
    finally:
        zygotes.stop()
