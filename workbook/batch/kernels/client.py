"""The zygote as the runner and its workers see it: started, asked to fork, ended. Nothing heavy is imported here."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from workbook.batch.kernels.ends import wait_for_any

ADDRESS_VARIABLE = "WORKBOOK_ZYGOTE"
CHOICE_VARIABLE = "WORKBOOK_KERNELS"  # `ordinary`: never fork
START_SECONDS, POLL_SECONDS = 60.0, 0.05
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow's allocator would start a thread when it is imported
}
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # a third of the page faults of a copy, a tenth of its time
Kind = Literal["worker", "kernel"]


def can_fork() -> bool:
    """Tell whether kernels may be forked here: on Linux, unless the environment says otherwise."""
    return sys.platform == "linux" and os.environ.get(CHOICE_VARIABLE, "") != "ordinary"


class ZygoteGone(Exception):
    """The zygote does not answer; whoever asked falls back to an ordinary process."""


class ForkedProcess:
    """A forked process with the part of `subprocess.Popen` that its users need. returncode: None while it runs."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, address: str) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._address = address

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            try:
                reply = _ask(self._address, {"do": "poll", "pid": self.pid})
                self.returncode = reply["status"] if reply["is_known"] else -signal.SIGKILL
            except ZygoteGone:
                self.returncode = -signal.SIGKILL  # children die with the zygote
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises `subprocess.TimeoutExpired`."""
        until = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            left = POLL_SECONDS if until is None else until - time.monotonic()
            if left < 0:
                raise subprocess.TimeoutExpired("forked process", timeout or 0.0)
            wait_for_any([self.pid], left)
        return status

    def send_signal(self, signum: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def fork(
    address: str, kind: Kind, arguments: Sequence[str], *, env: Mapping[str, str], cwd: str, line: socket.socket | None = None
) -> ForkedProcess:
    """Have a process forked that ends with the calling one. line: an end of it goes to a worker. Raises `ZygoteGone`."""
    request = {"do": "fork", "kind": kind, "arguments": list(arguments), "env": dict(env), "cwd": cwd, "owner": os.getpid()}
    reply = _ask(address, request, line)
    if "pid" not in reply:
        raise ZygoteGone(str(reply.get("error", "refused")))
    return ForkedProcess(int(reply["pid"]), address)


def _ask(address: str, request: dict[str, Any], handed: socket.socket | None = None) -> dict[str, Any]:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(START_SECONDS)  # it may still import
            asking.connect(address)
            told = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(asking, [told], [handed.fileno()]) if handed is not None else 0
            asking.sendall(told[sent:])
            received = b""
            while not received.endswith(b"\n"):
                part = asking.recv(1 << 16)
                if not part:
                    raise ZygoteGone("hung up")
                received += part
        reply: dict[str, Any] = json.loads(received)
        return reply
    except (OSError, ValueError) as error:
        raise ZygoteGone(str(error)) from None


class Zygote:
    """A process that imports what its kind needs, and the modules named besides, then forks copies of itself; it ends with the run."""

    def __init__(self, kind: Kind, prefix: str = "workbook-", modules: Sequence[str] = ()) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=f"{prefix}zygote-"))
        self.address = str(self._folder / "socket")
        environment = LARGE_PAGES | os.environ | ONE_THREAD | {"PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
        environment["PYTHONPATH"] = package_path()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workbook.batch.kernels.zygote", self.address, str(os.getpid()), kind, *modules],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=environment,
        )

    @property
    def pid(self) -> int:
        """Its process, the parent of all that it forks."""
        return self._process.pid

    def is_ready(self, seconds: float = START_SECONDS) -> bool:
        """Wait until it listens: what is asked is answered once it has imported. False where it has died or takes too long."""
        until = time.monotonic() + seconds
        while not Path(self.address).exists():
            if self._process.poll() is not None or time.monotonic() > until:
                return False
            time.sleep(POLL_SECONDS)
        return self._process.poll() is None

    def stop(self) -> None:
        """End it and all that it forked, and clean up."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class Zygotes:
    """The zygotes of a run: one for workers, one for kernels. They import beside one another, while the runner reads the data.

    modules: what the notebooks import.
    """

    def __init__(self, prefix: str = "workbook-", modules: Sequence[str] = ()) -> None:
        self.kernels, self.workers = Zygote("kernel", prefix, modules), Zygote("worker", prefix)

    def is_ready(self) -> bool:
        """Wait until both listen; False where one has died or takes too long."""
        return self.kernels.is_ready() and self.workers.is_ready()

    def stop(self) -> None:
        """End both, and clean up."""
        self.kernels.stop()
        self.workers.stop()


def package_path() -> str:
    """Return a PYTHONPATH on which this package is found first, whatever the working directory."""
    home = str(Path(__file__).resolve().parents[3])
    return os.pathsep.join(part for part in (home, os.environ.get("PYTHONPATH", "")) if part)
