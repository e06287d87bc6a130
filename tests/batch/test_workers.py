"""A worker runs one chapter after the other; each has its own kernel, environment and log, and what fails ends its worker."""

import os
import signal
import tempfile
import time
from datetime import date
from pathlib import Path

import nbformat
import psutil
import pytest

from workbook.batch.executor import Local
from workbook.batch.kernels import Zygotes, can_fork
from workbook.batch.kernels.client import ZygoteGone
from workbook.batch.outputs import takes_sockets
from workbook.batch.processes import outcome_of
from workbook.batch.sheet import Sheet, left_by
from workbook.batch.workers import Worker, Workers
from workbook.chapter import TEMPORARY_VARIABLE, ChapterPlan
from workbook.params import RunParams

pytestmark = pytest.mark.skipif(not can_fork(), reason="no fork here: ordinary processes are used")
WHERE = f"import os\nprint(os.getpid(), os.environ[{TEMPORARY_VARIABLE!r}])"
SLEEPS = "import time\nfrom pathlib import Path\nPath('sleeping').touch()\ntime.sleep(600)"


class Chapters:
    """Chapters of one cell, begun one at a time by one executor."""

    def __init__(self, zygotes, folder):
        self.executor, self.folder, self.number = Local(1, zygotes), folder, 0

    def begin(self, cell):
        self.number += 1
        root, own = self.folder / str(self.number), self.folder / f"own-{self.number}"
        own.mkdir()
        text = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)]))
        plan = ChapterPlan(topic="data", params=RunParams(), frames_dir=self.folder, as_of=date(2026, 9, 30))
        sheet = Sheet(topic="data", notebook=text, plan=plan, cell_timeout_seconds=60)
        return self.executor.start(sheet, root, self.folder, own)

    def ended(self, running):
        until = time.monotonic() + 60
        while running.process.poll() is None and time.monotonic() < until:
            self.executor.wait([running])
        return outcome_of(running)

    def run(self, cell):
        """Run a chapter of one cell; return its record, the number of its worker, and what the cell printed, in words."""
        running = self.begin(cell)
        record = self.ended(running)
        notebook = nbformat.read(self.folder / str(self.number) / left_by("data")[0], as_version=4)
        return record, running.process.pid, "".join(output.get("text", "") for output in notebook.cells[-1].outputs).split()


@pytest.fixture
def chapters(zygotes, tmp_path):
    return Chapters(zygotes, tmp_path)


def sleeping(folder):
    """Wait until a chapter sleeps."""
    until = time.monotonic() + 60
    while not list(folder.rglob("sleeping")):
        assert time.monotonic() < until
        time.sleep(0.05)


def is_gone(pid, seconds=15):
    until = time.monotonic() + seconds
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not psutil.pid_exists(pid)


def test_chapters_share_a_worker_and_nothing_else(chapters, tmp_path):
    (first, worker, (kernel, own)), (second, same, (other, theirs)) = chapters.run(WHERE), chapters.run(WHERE)
    assert (first.status, second.status) == ("succeeded", "succeeded")
    assert worker == same and kernel != other
    assert (own, theirs) == (str(tmp_path / "own-1"), str(tmp_path / "own-2"))
    assert is_gone(int(kernel)) and is_gone(int(other)) and psutil.pid_exists(worker)


def test_what_a_worker_prints_goes_to_the_log_of_the_chapter_it_has_and_no_further(chapters, tmp_path):
    def printed_to(pid):
        return [Path(f"/proc/{pid}/fd/{stream}").readlink() for stream in (1, 2)]

    _, worker, _ = chapters.run("1")
    assert printed_to(worker) == [Path(os.devnull)] * 2
    running = chapters.begin(SLEEPS)
    sleeping(tmp_path)
    assert running.process.pid == worker and printed_to(worker) == [running.log, running.log]
    running.stop()


def test_a_worker_whose_chapter_failed_ends_and_another_one_is_forked(chapters):
    good, before, _ = chapters.run("1")
    assert good.status == "succeeded", good.cause
    failed, same, _ = chapters.run("values = [1]\nvalues[7]")
    assert (failed.failure, failed.cause) == ("cell", "IndexError: list index out of range") and same == before and is_gone(before)
    record, after, _ = chapters.run("1")
    assert record.status == "succeeded" and after != before


def test_a_worker_that_was_killed_while_it_waited_costs_nothing(chapters):
    _, before, _ = chapters.run("1")
    os.kill(before, signal.SIGKILL)
    assert is_gone(before)
    record, after, _ = chapters.run("1")
    assert record.status == "succeeded" and after != before


def test_a_worker_that_is_killed_loses_its_chapter_and_the_kernel_goes_along(chapters, zygotes, tmp_path):
    running = chapters.begin(SLEEPS)
    sleeping(tmp_path)
    kernels = {child.pid for child in psutil.Process(zygotes.kernels.pid).children()}
    os.kill(running.process.pid, signal.SIGKILL)
    record = chapters.ended(running)
    assert (record.status, record.failure) == ("failed", "start") and "-9" in record.cause
    assert kernels and all(map(is_gone, kernels))


def test_stopping_a_chapter_ends_worker_and_kernel(chapters, zygotes, tmp_path):
    running = chapters.begin(SLEEPS)
    sleeping(tmp_path)
    kernels = {child.pid for child in psutil.Process(zygotes.kernels.pid).children()}
    running.stop()
    assert running.process.returncode == -signal.SIGKILL and is_gone(running.process.pid) and kernels and all(map(is_gone, kernels))


def test_a_job_that_cannot_be_read_is_told_in_the_log(zygotes, tmp_path):
    errand = Workers(zygotes).give(tmp_path / "no-such-job.json", tmp_path / "log", os.environ)
    assert errand.wait() == 1
    assert "no-such-job" in (tmp_path / "log").read_text(encoding="utf-8")


def test_workers_end_when_nobody_gives_them_chapters_any_more(zygotes, tmp_path):
    """Whoever asked for one has ended, or has let go of it."""
    worker = Worker(zygotes)
    pid = worker._process.pid
    assert worker.is_free and psutil.pid_exists(pid)
    del worker
    assert is_gone(pid)


def test_without_a_zygote_there_is_no_worker(tmp_path):
    own = Zygotes()
    assert own.is_ready()
    own.stop()
    with pytest.raises(ZygoteGone):
        Workers(own).give(tmp_path / "job.json", tmp_path / "log", os.environ)


def test_a_kernel_s_files_lie_in_the_chapter_s_own_folder_and_nobody_else_can_listen(chapters, tmp_path):
    """A run that is killed leaves them there, where the next one finds them."""
    asked = "import json, os; from ipykernel.connect import get_connection_file as f; told = json.load(open(f())); print(f(), told['transport'], os.environ['IPYTHONDIR'], get_ipython().ipython_dir)"
    record, _, (file, transport, given, used) = chapters.run(asked)
    assert record.status == "succeeded" and given == used == str(tmp_path / "own-1")
    assert Path(file).parent == tmp_path / "own-1" and not list((tmp_path / "own-1").glob("kernel*"))
    assert transport == ("ipc" if takes_sockets(tmp_path / "own-1") else "tcp")


def test_where_the_path_of_a_socket_would_be_too_long_a_port_is_used(zygotes, tmp_path):
    deep = tmp_path / ("x" * 90)
    deep.mkdir()
    assert takes_sockets(Path(tempfile.gettempdir())) and not takes_sockets(deep) and not takes_sockets(tmp_path / "nowhere")
    record, _, (transport,) = Chapters(zygotes, deep).run("import json; from ipykernel.connect import get_connection_file as f; print(json.load(open(f()))['transport'])")
    assert (record.status, transport) == ("succeeded", "tcp")
