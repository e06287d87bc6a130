"""A zygote: `python -m workbook.batch.kernels.zygote SOCKET RUNNER_PID worker|kernel [MODULE ...]`. Imports once, then forks on request.

No thread runs and no socket but its own is open when it forks (it refuses otherwise), so that a child is as good as a fresh
process. It ends when its runner does; its children end with it, or when the process that asked for them is gone.
Requests and replies are one line of JSON each, over a socket that only this user can reach. It listens from the start: who asks
early waits for the imports.
"""

from __future__ import annotations

import collections
import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbook.batch.kernels.preload import CHAPTERS, import_models, import_rest, preload
from workbook.batch.kernels.provisioner import OPTIONS

QUIET_SECONDS = 0.2
TICK_SECONDS = 0.1
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def main() -> int:
    """Listen and import, then serve until the runner is gone."""
    path, runner, kind, modules = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the terminal is the runner's to handle
    _die_with_parent()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        waiting = path.with_suffix(".binding")
        listener.bind(str(waiting))
        listener.listen(64)
        waiting.rename(path)  # whoever finds the socket finds it listening
        preload(kind, modules)
        _serve(listener, runner)
    return 0


def thread_count() -> int:
    """Count this process's threads as the kernel sees them, those of C libraries included."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def _serve(listener: socket.socket, runner: int) -> None:
    owners: dict[int, int] = {}
    statuses: dict[int, int] = {}
    models, rest = (import_models(), import_rest()) if CHAPTERS in sys.modules else (iter(()), iter(()))
    quiet, forked = time.monotonic(), 0
    while os.getppid() == runner:
        ready = _waits(listener, TICK_SECONDS)
        _reap(owners, statuses)
        if time.monotonic() - quiet > QUIET_SECONDS:
            while not ready and (next(models, False) or next(rest, False)):
                ready = _waits(listener)
        if ready:
            quiet = time.monotonic()
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError, ValueError):
                connection.settimeout(5)
                told, handed = _asked(connection)
                request = json.loads(told)
                if request["do"] == "fork":
                    if forked or _waits(listener):
                        collections.deque(models, maxlen=0)
                    if forked > 1:
                        collections.deque(rest, maxlen=0)
                    forked += 1
                reply = _answer(request, handed, (listener, connection), owners, statuses)
                for line in handed:
                    os.close(line)
                connection.sendall(json.dumps(reply).encode() + b"\n")
    _kill(list(owners))


def _waits(listener: socket.socket, seconds: float = 0.0) -> bool:
    """Tell whether somebody asks, or does within so many seconds."""
    return bool(select.select([listener], [], [], seconds)[0])


def _asked(connection: socket.socket) -> tuple[bytes, list[int]]:
    """Return a request, and the files that came with it: a worker's line, or none."""
    received, handed, _, _ = socket.recv_fds(connection, 1 << 16, 1)
    while not received.endswith(b"\n"):
        part = connection.recv(1 << 16)
        if not part:
            break
        received += part
    return received, handed


def _reap(owners: dict[int, int], statuses: dict[int, int]) -> None:
    """Note how children ended, and kill those whose owner is gone."""
    for pid, owner in list(owners.items()):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            statuses[pid] = os.waitstatus_to_exitcode(status)
            del owners[pid]
        elif not _is_alive(owner):
            _kill([pid])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _answer(
    request: dict[str, Any], handed: list[int], open_sockets: tuple[socket.socket, ...], owners: dict[int, int], statuses: dict[int, int]
) -> dict[str, Any]:
    if request["do"] == "poll":
        pid = int(request["pid"])
        status = None if pid in owners else statuses.get(pid)  # a number comes again after some ten thousand processes
        return {"status": status, "is_known": pid in owners or pid in statuses}
    if thread_count() > 1:
        return {"error": "threads"}
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(request, handed, open_sockets, parent)
    owners[pid] = int(request["owner"])
    return {"pid": pid}


def _become(request: dict[str, Any], handed: list[int], open_sockets: tuple[socket.socket, ...], parent: int) -> None:
    """Turn this copy into the process that was asked for. Never returns."""
    status = 1
    try:
        os.setsid()
        _die_with_parent()
        if os.getppid() != parent:  # it died before the line above: nobody will tell us
            os._exit(1)
        for each in open_sockets:
            each.close()
        _as_new(request)
        status = _run(request, handed)
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        _leave(status)


def _as_new(request: dict[str, Any]) -> None:
    """Give the copy signals, environment, folder and files as a new process has them."""
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for source, target in ((nothing, 0), (nowhere, 1), (nowhere, 2)):
        os.dup2(source, target)


def _run(request: dict[str, Any], handed: list[int]) -> int:
    arguments = list(request["arguments"])
    if request["kind"] == "kernel":
        from workbook.batch.kernels.kernel import PromptApp

        sys.argv = ["ipykernel_launcher", *arguments]
        app = PromptApp.instance()
        if arguments[:1] + arguments[2:] == ["-f", *OPTIONS]:  # those are read already
            app.connection_file, app.parse_command_line = arguments[1], lambda argv=None: None
        with _modules_unlisted():
            app.initialize(arguments)
        app.start()
        return 0
    from workbook.batch import worker

    sys.argv = ["worker"]
    return worker.serve(socket.socket(fileno=handed[0]))


@contextlib.contextmanager
def _modules_unlisted() -> Iterator[None]:
    """Let ipykernel see no modules: it would note the files of all for a debugger that is not there, and so copy the page of each."""
    from types import SimpleNamespace

    from ipykernel import ipkernel

    ipkernel.sys = SimpleNamespace(**vars(sys) | {"modules": {}})
    try:
        yield
    finally:
        ipkernel.sys = sys


def _leave(status: int) -> None:
    """End as Python does, without running on into the zygote's own code."""
    import atexit
    import threading

    gc.freeze()  # IPython collects garbage once more, which ends with the process anyway
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads as the interpreter's end does
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends, however it ends."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(SET_DEATH_SIGNAL, signal.SIGKILL)


if __name__ == "__main__":
    raise SystemExit(main())
