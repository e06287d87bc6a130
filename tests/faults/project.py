"""A small project of one chapter, run through the real command line in a process of its own."""

import atexit
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from workbook.batch.leftovers import temporary_prefix

REPOSITORY = Path(__file__).resolve().parents[2]
DEALS = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Amount Currency,Created Date,Close Date\n" + "".join(
    f"00{n},Deal {n},Firm {n % 3},{'Closed Won' if n % 2 else 'Closed Lost'},{100 + n},EUR,2026-01-{n + 1:02d},2026-03-{n + 1:02d}\n"
    for n in range(20)
)
ANSWER = """
from workbook.notebook import open_run

run = open_run("data", settings)
"""
NAMESPACES = (["unshare", "-m"], ["unshare", "-rm"])


@dataclass
class Answer:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err


@functools.cache
def namespace():
    """Return what makes a mount namespace here, None where neither root nor user namespaces may mount."""
    if sys.platform != "linux":
        return None
    for prefix in NAMESPACES:
        try:
            done = subprocess.run([*prefix, "sh", "-c", "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False)
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return prefix
    return None


class Server:
    """The process of `tests.faults.forked`; started at its first use, one per test process."""

    def __init__(self):
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
        words = [*(namespace() or ()), sys.executable, "-m", "tests.faults.forked"]
        self.process = subprocess.Popen(words, cwd=REPOSITORY, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.stop)

    @staticmethod
    @functools.cache
    def shared():
        return Server()

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def shell(self, script):
        """Run a script in the server's mount namespace and return what it prints."""
        done = self.ask(do="shell", script=script)
        assert done["status"] == 0, done
        return done["out"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Started:
    """A forked command that runs; what it says is complete once it has ended."""

    def __init__(self, server, request):
        self.server, self.request = server, request
        self.pid = server.ask(do="start", **request)["pid"]
        self.returncode = None

    def poll(self):
        return self._wait(0.001)

    def _wait(self, seconds):
        if self.returncode is None:
            self.returncode = self.server.ask(do="wait", pid=self.pid, seconds=seconds)["status"]
        return self.returncode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout=120):
        if self._wait(timeout) is None:
            self.kill()
            self._wait(5)
            raise AssertionError("the command did not end in time")
        return tuple(Path(self.request[name]).read_text(encoding="utf-8") for name in ("out", "err"))


class Project:
    """A folder with notebooks/, params/ and crm/ in which the command line is called.

    is_fresh: in a fresh interpreter; otherwise by fork from one that has imported everything, where there is fork.
    """

    def __init__(self, folder, *, is_fresh=False):
        self._open(folder, is_fresh)
        for name in ("notebooks", "params", "crm"):
            (folder / name).mkdir()
        self.write("crm/opportunities.csv", DEALS)
        self.write("params/run.yaml", "data: ../crm\nas_of: 2026-09-30\nchapters: [data]\ncurrency: EUR\n")
        self.notebook("x = 1")

    @classmethod
    def of(cls, folder):
        """Return a project that is there already, called by fork."""
        project = cls.__new__(cls)
        project._open(folder, False)
        return project

    def copied(self, folder):
        """Return a copy of the whole folder, reports included."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project.of(folder)

    def _open(self, folder, is_fresh):
        self.folder = folder
        self.is_fresh = is_fresh or not hasattr(os, "fork") or sys.platform != "linux"
        self.calls = 0

    def write(self, name, text, encoding="utf-8"):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def notebook(self, *cells, file="00_data.ipynb", is_bare=False):
        """Write the chapter: source texts become code cells, cells are taken as they are. is_bare: it opens no run."""
        code = nbformat.v4.new_code_cell
        parameters = code('settings = ""', metadata={"tags": ["parameters"]}, id="parameters")
        around = cells if is_bare else (ANSWER, *cells, "run.close()")
        body = [code(cell, id=f"cell-{n}") if isinstance(cell, str) else cell for n, cell in enumerate(around)]
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("# Data", id="title"), parameters, *body],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.folder / "notebooks" / file)

    def environment(self):
        return os.environ | {"PYTHONPATH": str(REPOSITORY), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "WORKBOOK_HOME": str(self.folder / "home")}

    def command(self, *words):
        return [sys.executable, "-m", "workbook.cli", *map(str, words)]

    def call(self, *words, **how):
        process = self.start(*words, **how)
        out, err = process.communicate(timeout=240)
        return Answer(process.returncode, out, err)

    def start(self, *words, **how):
        """Start a command. how: at, clock, shares_zygotes, as `tests.faults.forked` takes them."""
        if self.is_fresh:
            assert not how, "only a forked command can be told how to fail"
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            return subprocess.Popen(self.command(*words), cwd=self.folder, env=self.environment(), **pipes)
        self.calls += 1
        said = {name: str(self.folder / f".{name}-{self.calls}") for name in ("out", "err")}
        return Started(Server.shared(), {"argv": [*map(str, words)], "cwd": str(self.folder), "env": self.environment()} | said | how)

    def run(self, *words, **how):
        return self.call("run", "params/run.yaml", *words, **how)

    @property
    def report(self):
        return self.folder / "reports" / "run"

    def good(self):
        """Make a good report first and return the bytes of its management page."""
        answer = self.run()
        assert answer.status == 0, answer.text
        return (self.report / "index.html").read_bytes()

    def leftovers(self):
        """Return what no run may leave: staging, half pointers, temporary folders, processes at work in any of them."""
        files = [path for pattern in (".staging-*", ".new-*", ".gone-*") for path in self.report.glob(pattern)]
        files += Path(tempfile.gettempdir()).glob(temporary_prefix(self.report) + "*")
        places = (str(self.folder), temporary_prefix(self.report))
        words = {p: " ".join([*(p.info["cmdline"] or ()), p.info["cwd"] or ""]) for p in psutil.process_iter(["cmdline", "cwd"])}
        return files + [process for process, said in words.items() if any(place in said for place in places)]


def until(true, seconds=60):
    """Wait until something holds, and say whether it does."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def heading(text, *needs):
    """A heading cell with its needs."""
    id = "".join(letter for letter in text.lower() if letter.isalpha())
    return nbformat.v4.new_markdown_cell(f"## {text}", id=id, metadata={"tags": [f"needs:{need}" for need in needs]})
