"""A process that has imported the command line once and forks a copy for each call: a fault costs what the fault costs.

Each line on its input is a request, each line on its output the reply, both JSON. A copy runs `workbook.cli.main()` with the
arguments, folder and environment asked for, so that it can be killed, stopped and run beside others as any process. It may be
told to kill itself with -9 at a named place, to hang there, or to live by another clock. The server runs in a mount namespace of its own where
the system allows it: disks are mounted there and nowhere else.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import types
from datetime import date, datetime
from pathlib import Path

from workbook.batch import attempt, chapters, engine, pages  # noqa: F401  imported before the first fork
from workbook.batch.executor import Local
from workbook.batch.kernels import Zygotes, can_fork
from workbook.batch.keys import code_hash
from workbook.cli import main
from workbook.params import RunParams
from workbook.report import render_chapter
from workbook.sources import import_frames


class Shared:
    """The server's zygotes as a run sees them: there already, and not the run's to stop."""

    def __init__(self, zygotes):
        self.kernels, self.workers = (types.SimpleNamespace(address=zygote.address, pid=zygote.pid) for zygote in (zygotes.kernels, zygotes.workers))

    def is_ready(self):
        return True


def interfere(place):
    """Do something before or after the n-th call of a function: [module, dotted name, "before" or "after", n, what].

    what: `kill` (-9, this process), `hang`, or a shell script. Of another module's function, such as `os.replace`, only the calls that
    `module` makes count: who else calls it, and how often, is none of the test's business.
    """
    module, dotted, when, nth, what = place
    owner = importlib.import_module(module)
    *path, name = dotted.split(".")
    for part in path:
        owner = getattr(owner, part)
    is_borrowed = isinstance(owner, types.ModuleType) and owner.__name__ != module
    original, calls = getattr(owner, name), 0

    def strike(now):
        if calls != nth or now != when:
            return
        if what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "hang":
            time.sleep(600)
        else:
            subprocess.run(["sh", "-c", what], check=True)

    def wrapped(*args, **kwargs):
        nonlocal calls
        if is_borrowed and sys._getframe(1).f_globals["__name__"] != module:
            return original(*args, **kwargs)
        calls += 1
        strike("before")
        result = original(*args, **kwargs)
        strike("after")
        return result

    setattr(owner, name, wrapped)


def become(request, zygotes):
    """Turn this copy into the command. Never returns."""
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
        if zygotes is not None:
            attempt.kept_executor = lambda request, prefix: contextlib.nullcontext(Local(request.jobs, zygotes))
        if request.get("clock"):
            now = datetime.fromisoformat(request["clock"])
            engine.Request.__init__.__kwdefaults__["now"] = lambda: now
        if request.get("at"):
            interfere(request["at"])
        sys.argv = ["workbook", *request["argv"]]
        main()
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def wait(pid, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    return None


def answer(request, zygotes):
    if request["do"] == "shell":
        done = subprocess.run(["sh", "-c", request["script"]], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return {"status": done.returncode, "out": done.stdout + done.stderr}
    if request["do"] == "wait":
        return {"status": wait(request["pid"], request["seconds"])}
    pid = os.fork()
    if pid == 0:
        become(request, Shared(zygotes) if zygotes is not None and request.get("shares_zygotes", True) else None)
    return {"pid": pid}


def warm_up():
    """Do once what every run does, so that a copy finds modules and ready mappings loaded."""
    import nbformat

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "opportunities.csv")
        data.write_text("Opportunity ID,Opportunity Name,Stage,Amount,Created Date,Close Date\n1,A,Closed Won,5,2026-01-01,2026-02-01\n")
        import_frames(RunParams(data=data, currency="EUR"), Path(folder, "frames"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Data", id="title")])
    render_chapter(notebook, topic="data", language="en", company="", as_of=date(2026, 1, 1), navigation=())
    code_hash()


def serve():
    requests, replies = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    zygotes = Zygotes(modules=["workbook.notebook"]) if can_fork() else None
    warm_up()
    if zygotes is not None:
        zygotes.is_ready()
    for line in requests:
        replies.write(json.dumps(answer(json.loads(line), zygotes)) + "\n")
        replies.flush()
    if zygotes is not None:
        zygotes.stop()


if __name__ == "__main__":
    serve()
