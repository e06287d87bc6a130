"""Workers that the zygote forks: each runs one chapter after the other, as long as they succeed, and is told which over a line of its own.

A worker that is kept need not be forked, and has read and compiled what every chapter makes it read. Notebooks share nothing by that:
each has its kernel, a process that nothing ran in before.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path

from workbook.batch.kernels.client import ADDRESS_VARIABLE, ONE_THREAD, ForkedProcess, ZygoteGone, Zygotes, fork

PATIENCE_SECONDS = 20.0


class Errand:
    """A chapter that a worker was given, in the shape of a process: it has ended when the worker says so, or is gone."""

    def __init__(self, worker: ForkedProcess, line: socket.socket) -> None:
        self.pid, self.line = worker.pid, line
        self.returncode: int | None = None
        self._worker = worker

    def poll(self) -> int | None:
        """Return the chapter's exit status; that of the process where it died; None while it runs."""
        return self._listened(0.0) if self.returncode is None else self.returncode

    def wait(self) -> int:
        """Wait for the end."""
        while self.returncode is None:
            self._listened(PATIENCE_SECONDS)
        return self.returncode

    def _listened(self, seconds: float) -> int | None:
        self.line.settimeout(seconds)
        try:
            told = self.line.recv(1 << 10)
        except (BlockingIOError, TimeoutError):
            return None
        except OSError:
            told = b""
        self.returncode = int(told) if told else self._worker.wait()
        return self.returncode


class Worker:
    """The runner's end of a worker. Raises `ZygoteGone` where none can be forked."""

    def __init__(self, zygotes: Zygotes) -> None:
        self._kernels = zygotes.kernels.address
        self._line, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = fork(zygotes.workers.address, "worker", [], env=os.environ | ONE_THREAD, cwd=str(Path.cwd()), line=theirs)
        except BaseException:
            self._line.close()
            raise
        self._errand: Errand | None = None

    @property
    def is_free(self) -> bool:
        """Tell whether it may be given a chapter: it had none, or its last one succeeded."""
        return self._errand is None or self._errand.returncode == 0

    @property
    def has_failed(self) -> bool:
        """Tell whether its last chapter failed: it ends by itself, and with it what the chapter may have left."""
        return self._errand is not None and bool(self._errand.returncode)

    def give(self, job: Path, log: Path, environment: Mapping[str, str]) -> Errand:
        """Have it run a chapter. log: for what is printed; environment: the whole of it. Raises `OSError` where it has died meanwhile."""
        told = {"job": str(job), "log": str(log), "env": {**environment, **ONE_THREAD, ADDRESS_VARIABLE: self._kernels}}
        self._line.settimeout(PATIENCE_SECONDS)
        self._line.sendall(json.dumps(told).encode() + b"\n")
        self._errand = Errand(self._process, self._line)
        return self._errand


class Workers:
    """The workers of a run: as many as chapters ran at once."""

    def __init__(self, zygotes: Zygotes) -> None:
        self.zygotes = zygotes
        self._all: list[Worker] = []
        self._lock = threading.Lock()  # a cluster's worker may run several chapters, each in a thread

    def give(self, job: Path, log: Path, environment: Mapping[str, str]) -> Errand:
        """Have a worker that is free run a chapter, or a new one. Raises `ZygoteGone`."""
        with self._lock:
            self._all = [worker for worker in self._all if not worker.has_failed]
            for worker in [worker for worker in self._all if worker.is_free]:
                try:
                    return worker.give(job, log, environment)
                except OSError:  # it was killed while it waited
                    self._all.remove(worker)
            worker = Worker(self.zygotes)
            self._all.append(worker)
            try:
                return worker.give(job, log, environment)
            except OSError as error:
                raise ZygoteGone(str(error)) from None


def ready(workers: Workers | None) -> tuple[Workers | None, tuple[int, ...]]:
    """Return the workers once the zygotes listen, None where chapters must start the ordinary way; and the processes that chapters end with."""
    if workers is None or not workers.zygotes.is_ready():
        return None, (os.getpid(),)
    return workers, (os.getpid(), workers.zygotes.workers.pid)
