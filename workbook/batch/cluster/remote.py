"""What happens on a worker: a chapter is laid out in a folder of its own, run as everywhere, and given back.

Doing it twice does no harm: each attempt gives back into a folder of its own name, and only one of them is asked for. Each writes
down where it began, so that the runner can tell which workers were lost.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from distributed import get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from workbook.batch.cluster.store import BEGUN, Store
from workbook.batch.kernels import Zygotes, can_fork
from workbook.batch.kernels.ends import wait_for_any
from workbook.batch.kernels.provisioner import is_registered
from workbook.batch.keys import package_hash
from workbook.batch.processes import start
from workbook.batch.record import versions
from workbook.batch.sheet import Sheet, lay_out, left_by
from workbook.batch.workers import Workers, ready

LISTEN_SECONDS = 2.0  # between two looks whether anybody still waits
MARK = "worker-"  # before the number of the process that a temporary folder is of
MOST_FRAMES = 3  # sets of frames that a worker keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A chapter for a worker. frames, returned: URLs of what it reads, and below which all orders give back, this one in the folder
    `name`; package, versions: the runner's, which must be the worker's. station: the name of what the worker keeps between chapters.
    """

    sheet: Sheet
    name: str
    frames: str
    returned: str
    package: str
    versions: dict[str, str]
    station: str


class OtherVersion(Exception):
    """A worker whose workbook or libraries are not the runner's: its numbers might be others."""


class NobodyWaits(Exception):
    """The run that asked for a chapter has ended without it."""


class Station(WorkerPlugin):  # type: ignore[misc]
    """What a worker keeps between the chapters of one run: zygotes that fork them, and the frames fetched last."""

    def __init__(self, name: str, prefix: str, modules: Sequence[str]) -> None:
        self.name, self._prefix, self._modules = name, prefix, modules

    def setup(self, worker: Any) -> None:
        """Start the zygotes: they import while the runner reads the data."""
        self._lock = threading.Lock()
        remove_dead(self._prefix)
        self.mine = f"{self._prefix}{MARK}{os.getpid()}-"
        self._frames: dict[str, tempfile.TemporaryDirectory[str]] = {}
        self._zygotes = Zygotes(self.mine, self._modules) if can_fork() and is_registered() else None
        self._workers = Workers(self._zygotes) if self._zygotes is not None else None

    def teardown(self, worker: Any) -> None:
        """End the zygotes and all that they forked, and clean up."""
        if self._zygotes is not None:
            self._zygotes.stop()
        for folder in self._frames.values():
            folder.cleanup()

    def forked(self) -> tuple[Workers | None, tuple[int, ...]]:
        """Return the workers that run chapters, once they can be forked, and the processes that these end with.

        Without workers chapters must start the ordinary way.
        """
        with self._lock:
            self._workers, parents = ready(self._workers)
            return self._workers, parents

    def frames(self, url: str) -> Path:
        """Return a folder with the frames: theirs, where this machine sees it, else a copy that the next chapters use too."""
        store = Store(url)
        if store.local is not None:
            return store.local
        with self._lock:
            if url not in self._frames:
                while len(self._frames) >= MOST_FRAMES:
                    self._frames.pop(next(iter(self._frames))).cleanup()
                folder = tempfile.TemporaryDirectory(prefix=f"{self.mine}frames-")
                store.get(Path(folder.name))
                self._frames[url] = folder
            return Path(self._frames[url].name)


def run_chapter(order: Order) -> str:
    """Run a chapter and return the name of the attempt: its files are in a folder of that name, below the order's."""
    _refuse_other_versions(order)
    worker, attempt = get_worker(), uuid.uuid4().hex
    station: Station = worker.plugins[order.station]
    topic, returned, (workers, parents) = order.sheet.topic, Store(order.returned), station.forked()
    mine = returned.below(order.name)
    _refuse_unawaited(returned, topic)
    mine.below(BEGUN).write(attempt, worker.address)
    with tempfile.TemporaryDirectory(prefix=f"{station.mine}{topic}-") as root, tempfile.TemporaryDirectory(prefix=station.mine) as own:
        running = start(topic, lay_out(order.sheet, Path(root), station.frames(order.frames), parents), Path(own), workers)
        try:
            while running.process.poll() is None:
                wait_for_any([running.ends_on], LISTEN_SECONDS)
                _refuse_unawaited(returned, topic)
        except BaseException:
            running.stop()
            raise
        running.clear()
        _refuse_unawaited(returned, topic)  # what is put into a folder that was removed would stay for ever
        mine.below(attempt).put(Path(root), left_by(topic))
    return attempt


def remove_dead(prefix: str) -> None:
    """Remove what workers of this machine left in its temporary folder that were killed: no runner will come by to do it."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}{MARK}*-*"):
        number = path.name.removeprefix(f"{prefix}{MARK}").partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def _refuse_unawaited(returned: Store, topic: str) -> None:
    is_open = True  # where nobody can be asked, somebody may wait
    with contextlib.suppress(Exception):
        is_open = returned.is_open()
    if not is_open:
        raise NobodyWaits(topic)


def _refuse_other_versions(order: Order) -> None:
    mine = versions()
    other = sorted(f"{name} {mine.get(name)}, not {wanted}" for name, wanted in order.versions.items() if mine.get(name) != wanted)
    if package_hash() != order.package:
        other.append("the workbook's source")
    if other:
        raise OtherVersion(f"{socket.gethostname()}: {'; '.join(other)}")
