"""The runner's side of a cluster: chapters are handed to workers, and what they give back is put where it belongs.

Dask gives a chapter to another worker when the one that had it is lost. The report folder itself is where both sides meet; where the
workers do not see it, a shared URL is.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbook.batch.cluster.losses import RUNNING, asking, at_leisure, sharing
from workbook.batch.cluster.store import BEGUN, Store
from workbook.batch.executor import core_count
from workbook.batch.kernels.imports import imported_modules
from workbook.batch.keys import package_hash
from workbook.batch.leftovers import WORK, end_dead
from workbook.batch.plan import notebook_paths
from workbook.batch.processes import Running
from workbook.batch.record import versions
from workbook.batch.request import Request
from workbook.batch.sheet import Sheet, left_by
from workbook.errors import RunError
from workbook.text import msg, render

CONNECT_SECONDS = 60
LISTEN_SECONDS = 0.5
COUNT_SECONDS = 5.0  # between two counts of the workers: a cluster may grow
AHEAD = 2  # chapters per thread that are handed out: a worker that has finished finds the next one waiting


class Cluster:
    """Workers of a Dask scheduler, or without one a worker for each job on this machine."""

    def __init__(self, request: Request, prefix: str) -> None:
        try:
            import distributed
            import fsspec  # noqa: F401

            from workbook.batch.cluster import remote
        except ImportError as error:
            raise RunError(
                msg("a cluster needs {package}, which is not installed", package=error.name or "distributed"),
                mend=msg("Install it: pip install \"b2b-sales-strategy-workbook[cluster]\"."),
            ) from None
        self._distributed: Any = distributed
        self._remote = remote
        self._station = f"{prefix}{time.time_ns()}"
        self._request, self._prefix = request, prefix
        self._stack = contextlib.ExitStack()
        self._package, self._versions = package_hash(), versions()
        self._modules = imported_modules(notebook_paths(request.params.chapters).values())
        self._sent: dict[Path, str] = {}
        self._shared: Store | None = None
        self._threads, self._counted = 0, -COUNT_SECONDS
        self._address = request.scheduler

    def __enter__(self) -> Cluster:
        with contextlib.ExitStack() as stack:
            self._client = stack.enter_context(self._connected(stack))
            stack.callback(self._let_go)
            with self.asking():
                self._client.register_plugin(self._remote.Station(self._station, self._prefix, self._modules))
            if self._request.shared:
                with sharing(self._request.shared):
                    everywhere = Store(self._request.shared)
                    everywhere.remove_below(self._prefix)  # of a run into the same report folder that was killed
                    self._shared = everywhere.below(self._station)
                    stack.callback(at_leisure, self._shared.remove)
                    self._shared.below("returned").open()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _let_go(self) -> None:
        """Have the workers clean up; those of a scheduler that is gone do so by themselves."""
        if self.is_there:
            at_leisure(lambda: self._client.unregister_worker_plugin(self._station))

    def _connected(self, stack: contextlib.ExitStack) -> Any:
        address = self._request.scheduler
        try:
            if not address:
                stack.callback(end_dead, self._prefix)  # what workers left that were killed on the way
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=self._prefix, ignore_cleanup_errors=True))
                address = stack.enter_context(
                    self._distributed.LocalCluster(
                        n_workers=self._request.jobs or core_count(), threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
                        local_directory=folder, scheduler_kwargs={"local_directory": folder}, silence_logs=logging.CRITICAL,
                    )
                )
            client = _client_class(self._distributed)(address, timeout=CONNECT_SECONDS, set_as_default=False)
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError, ValueError, TypeError) as error:  # TypeError: TLS without its keys, UCX without its package
            raise RunError(
                msg("the cluster cannot be reached, or has no worker: {why}", why=str(error) or type(error).__name__),
                where=str(self._request.scheduler),
                mend=msg("Start scheduler and workers first, and name the scheduler as in tcp://host:8786."),
            ) from None
        return client

    def room(self) -> int:
        """Return how many chapters may be under way: some for each thread of each worker there is now."""
        if time.monotonic() - self._counted > COUNT_SECONDS:
            with self.asking():
                self._threads = sum(self._client.nthreads().values())
            self._counted = time.monotonic()
        return max(self._threads, 1) * AHEAD

    def start(self, sheet: Sheet, root: Path, frames: Path, own: Path) -> Running:
        """Hand a chapter out."""
        for name in left_by(sheet.topic):
            shutil.rmtree(root / name) if (root / name).is_dir() else (root / name).unlink(missing_ok=True)
        with self.sharing():  # some file systems connect as soon as they are named
            returned = self._shared.below("returned") if self._shared is not None else Store(str(root / WORK / "returned"))
            if self._shared is None:
                returned.open()
            name = f"{sheet.topic}-{uuid.uuid4().hex}"
            mine, readable = returned.below(name), self._reachable(frames)
        order = self._remote.Order(
            sheet=sheet, name=name, frames=readable, returned=returned.url, package=self._package, versions=self._versions,
            station=self._station,
        )  # fmt: skip
        with self.asking():
            future = self._client.submit(self._remote.run_chapter, order, pure=False)
        outcome, log = (root / WORK / f"{sheet.topic}.{end}" for end in ("outcome.json", "log"))
        return HandedOut(sheet.topic, _Answer(self, future, mine, root, log), outcome, log, time.monotonic())

    def _reachable(self, frames: Path) -> str:
        """Return where workers find the frames; put there once."""
        if self._shared is None:
            return str(frames)
        if frames not in self._sent:
            store = self._shared.below(f"frames-{len(self._sent)}")
            store.put(frames)
            self._sent[frames] = store.url
        return self._sent[frames]

    @property
    def is_there(self) -> bool:
        """Tell whether the scheduler answers."""
        return bool(self._client.status == RUNNING)

    def asking(self) -> contextlib.AbstractContextManager[None]:
        """Return what tells a cluster that is gone."""
        return asking(self._client, self._address)

    def sharing(self) -> contextlib.AbstractContextManager[None]:
        """Return what tells a shared folder that is gone; the report folder has its own ways to be told."""
        return sharing(self._request.shared) if self._shared is not None else contextlib.nullcontext()

    def wait(self, running: Sequence[Running]) -> None:
        """Wait for a worker to answer."""
        futures = [item.process.future for item in running if isinstance(item.process, _Answer)]
        with self.asking(), contextlib.suppress(TimeoutError), self._client.as_current():
            self._distributed.wait(futures, timeout=LISTEN_SECONDS, return_when="FIRST_COMPLETED")


def _client_class(distributed: Any) -> Any:
    """Return Dask's client, but one that goes at once if it never connected; Dask's own waits twice its time to connect for itself to close."""

    def given_up(client: Any) -> None:
        if getattr(client, "status", "") == RUNNING:
            distributed.Client.__del__(client)

    return type("Client", (distributed.Client,), {"__del__": given_up})


@dataclass(slots=True)
class _Answer:
    """A chapter on a worker, in the shape of a process: it has ended when its files are here. Asking raises `ClusterLost`.

    returned: where all attempts at it give back; log: says why there are no files;
    lost: the workers that began it and never answered.
    """

    cluster: Cluster
    future: Any
    returned: Store
    root: Path
    log: Path
    lost: tuple[str, ...] = field(default=(), init=False)
    pid: int = field(default=0, init=False)
    returncode: int | None = field(default=None, init=False)

    def poll(self) -> int | None:
        """Return 0 once the files are here, 1 where the worker could not make them, None before."""
        if self.returncode is None and self.future.done():
            with self.cluster.asking():
                attempt = self._attempt()
            with self.cluster.sharing():
                self.returncode = 1 if attempt is None else self._collected(attempt)
        return self.returncode

    def wait(self) -> int:
        """Wait until it has ended."""
        while (status := self.poll()) is None:
            time.sleep(LISTEN_SECONDS)
        return status

    def _attempt(self) -> str | None:
        """Return the name of what the worker gave back; None where it could not, the log says why."""
        try:
            return str(self.future.result())
        except Exception as error:
            if self.future.status != "error":
                raise
            self.log.write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
            return None

    def _collected(self, attempt: str) -> int:
        """Fetch it, and note who began the chapter besides."""
        self.returned.below(attempt).get(self.root)
        self.lost = tuple(sorted(worker for other, worker in self.returned.below(BEGUN).texts().items() if other != attempt))
        self.returned.remove()
        return 0


class HandedOut(Running):
    """A chapter on a worker while it runs."""

    @property
    def lost(self) -> tuple[str, ...]:
        """Say which workers were lost with it."""
        assert isinstance(self.process, _Answer)
        return tuple(render(msg("the worker {address} was lost", address=worker)) for worker in self.process.lost)

    def stop(self) -> None:
        """Take it back: one that has begun ends by itself when nobody waits for it."""
        assert isinstance(self.process, _Answer)
        answer = self.process
        if answer.cluster.is_there:  # one that is gone has nothing to be taken back from
            at_leisure(lambda: answer.future.cancel(force=True))

    def clear(self) -> None:
        """Its processes are the worker's to end."""
