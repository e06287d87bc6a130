"""Chapters on a Dask cluster: the same bytes as on this machine, whatever happens to a worker."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import distributed
import fsspec
import psutil
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tests.faults.project import Project, until
from tests.faults.test_matrix import FIRMS, MATRIX, RATE, record, statuses
from workbook.batch import engine
from workbook.batch.cluster import client, remote
from workbook.batch.cluster.losses import asking, sharing
from workbook.batch.cluster.store import Store
from workbook.batch.record import versions
from workbook.batch.request import Request, check_cluster
from workbook.errors import ClusterLost, ParamsError, RunError
from workbook.params import RunParams

if sys.platform == "win32":
    pytest.skip("workers fork their chapters where they can; on Windows this is not tried", allow_module_level=True)

NOTED = RATE + "\nimport os, time\nwith open({path!r}, 'a') as file:\n    file.write(f'{{os.getpid()}}\\n')\ntime.sleep(3)"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of three reports, made on this machine, whose chapters note that they have begun and take their time."""
    project = Project(tmp_path_factory.mktemp("project"), is_fresh=True)
    project.begun = project.folder / "begun.txt"
    project.write("params/run.yaml", MATRIX)
    project.notebook(NOTED.format(path=str(project.begun)))
    answer = project.run()
    assert answer.status == 0, answer.text
    project.here = left(project.report)
    return project


def left(report):
    """Return what a matrix came to: results, tables and pages of each report and the overview, without the time in its links."""
    found = {}
    for firm in FIRMS:
        last = (report / "combinations" / firm / "latest").resolve()
        found |= {f"{firm}/{p.relative_to(last)}": p.read_bytes() for kind in ("results", "tables", "notebooks", "html") for p in (last / kind).rglob("*") if p.is_file()}
    overview = (report / "index.html").read_text(encoding="utf-8")
    return found | {"overview": re.sub(r"\d{4}-\d\d-\d\dT[\d-]+Z(-\d+)?", "RUN", overview), "table": (report / "latest" / "tables" / "overview.csv").read_bytes()}


def begun(project):
    """Return the kernels that have begun a chapter."""
    return [int(pid) for pid in project.begun.read_text().split()] if project.begun.exists() else []


def worker_of(kernel):
    """Return the worker that a kernel works for."""
    return next(process for process in psutil.Process(kernel).parents() if "spawn_main" in " ".join(process.cmdline()))


def test_a_worker_is_killed_half_way_and_nothing_is_lost(project):
    project.begun.unlink(missing_ok=True)
    process = project.start("run", "params/run.yaml", "--force", "--executor", "dask", "--jobs", "2", "--out", "reports/killed")
    assert until(lambda: begun(project), 90)
    worker_of(begun(project)[0]).kill()
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, out + err
    assert left(project.folder / "reports" / "killed") == project.here
    assert len(begun(project)) >= 4, "three chapters, and one of them once more"
    chapters = [record(project.folder / "reports" / "killed" / "combinations" / firm / "latest")["chapters"][0] for firm in FIRMS]
    (noted,) = [chapter["retries"] for chapter in chapters if chapter["retries"]]
    assert len(noted) == 1 and re.fullmatch(r"the worker tcp://\S+ was lost", noted[0])
    assert f"data took 2 attempts: {noted[0]}" in out
    assert "Traceback" not in err


def test_a_shared_folder_elsewhere_is_used_and_emptied(project, tmp_path):
    answer = project.run("--executor", "dask", "--jobs", "2", "--out", "reports/shared", "--shared", tmp_path.as_uri())
    assert answer.status == 0, answer.text
    assert left(project.folder / "reports" / "shared") == project.here and not list(tmp_path.iterdir())


def test_a_scheduler_with_workers_of_its_own_and_one_that_goes_away(project, tmp_path):
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file"]
    file = project.folder / "scheduler.json"
    where = {"env": project.environment(), "cwd": project.folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen([*dask, str(file)], **where)
    worker = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "2", "--no-dashboard"], **where)
    try:
        assert until(file.exists, 60)
        address = json.loads(file.read_text())["address"]
        words = ("--executor", "dask", "--scheduler", address, "--out", "reports/scheduled", "--shared", str(tmp_path))
        answer = project.run(*words)
        assert answer.status == 0, answer.text
        assert left(project.folder / "reports" / "scheduled") == project.here
        project.begun.unlink()
        process = project.start("run", "params/run.yaml", "--force", *words)
        assert until(lambda: begun(project), 90)
        scheduler.kill()
        out, err = process.communicate(timeout=60)
        assert process.returncode == 1 and "the scheduler of the cluster no longer answers" in err and "internal error" not in err, out + err
        assert left(project.folder / "reports" / "scheduled") == project.here and not list(tmp_path.iterdir())
        (failed,) = (project.folder / "reports" / "scheduled" / "failed").iterdir()
        assert record(failed)["status"] == "failed" and "no longer answers" in record(failed)["cause"]
    finally:
        for process in (worker, scheduler):
            process.send_signal(signal.SIGINT)
            process.wait(30)


def test_an_interrupted_run_leaves_nothing_at_work(project):
    project.begun.unlink(missing_ok=True)
    process = project.start("run", "params/run.yaml", "--force", "--executor", "dask", "--jobs", "2")
    assert until(lambda: begun(project), 90)
    good = (project.report / "index.html").read_bytes()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130 and "Traceback" not in err, out + err
    assert (project.report / "index.html").read_bytes() == good
    newest = sorted((project.report / "failed").glob("*"))[-1]
    assert record(newest)["status"] == "interrupted" and set(statuses(newest).values()) == {"waiting"}
    assert until(lambda: not project.leftovers(), 10), project.leftovers()


def test_a_worker_of_another_version_is_refused(monkeypatch):
    order = remote.Order(sheet=None, name="", frames="", returned="", package="another", versions=versions() | {"pandas": "0.1"}, station="")
    with pytest.raises(remote.OtherVersion, match=r"pandas .*, not 0.1; the workbook's source"):
        remote.run_chapter(order)


def test_a_worker_removes_what_a_dead_one_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name in (f"run-worker-{ended.pid}-zygote-a", f"run-worker-{os.getpid()}-data-b", f"other-worker-{ended.pid}-c", "run-frames"):
        (tmp_path / name).mkdir()
    remote.remove_dead("run-")
    assert {path.name for path in tmp_path.iterdir()} == {f"run-worker-{os.getpid()}-data-b", f"other-worker-{ended.pid}-c", "run-frames"}


def test_a_cluster_on_this_machine_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with client.Cluster(Request(params=RunParams(), out=Path("unused"), executor="dask", jobs=1), "workbook-test-"):
        assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("workbook-test-")] == []
    assert list(tmp_path.iterdir()) == []


def test_no_cluster_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1)
    request = Request(params=RunParams(), out=Path("unused"), executor="dask", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(RunError, match="cannot be reached") as caught, client.Cluster(request, "workbook-test-"):
        pass
    assert "tcp://" in str(caught.value.mend)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match="needs distributed") as caught:
        client.Cluster(request, "workbook-test-")
    assert "[cluster]" in str(caught.value.mend)


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1", "foo://x:1", "http://x:8787", "tcp://:0", "tcp://x:0", "tcp://", "://x:1", "x:99999", "tcp://x:y", "tcp://x:1/", "tcp://a b:1", "inproc://1/2/3", "tcp://[::1:8786"])
def test_what_is_no_address_is_told_before_anything_waits_for_it(address, tmp_path):
    with pytest.raises(ParamsError, match="no address of a Dask scheduler") as caught:
        engine.run(Request(params=RunParams(), out=tmp_path / "report", executor="dask", scheduler=address))
    assert "tcp://host:8786" in str(caught.value.mend) and not (tmp_path / "report").exists()


@pytest.mark.parametrize("address", ["tcp://scheduler:8786", "127.0.0.1:8786", "tls://10.0.0.1:8786", "tcp://[::1]:8786", "wss://dask-scheduler.svc:443", ""])
def test_what_may_be_an_address_is_tried(address):
    check_cluster(Request(params=RunParams(), out=Path("unused"), executor="dask", scheduler=address, shared="memory://there"))


def test_a_client_that_cannot_even_begin_holds_nobody_up(tmp_path):
    """TLS without its keys: Dask's own client would wait two minutes for itself before the process ends."""
    code = """if True:
        from pathlib import Path
        from workbook.batch.cluster import client
        from workbook.batch.request import Request
        from workbook.errors import RunError
        from workbook.params import RunParams
        try:
            client.Cluster(Request(params=RunParams(), out=Path("unused"), executor="dask", scheduler="tls://127.0.0.1:9"), "workbook-test-").__enter__()
        except RunError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=True)
    assert "cannot be reached" in done.stdout and "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [{"scheduler": "tcp://scheduler:8786"}, {"shared": "s3://scratch"}])
def test_a_cluster_that_nobody_asks_is_not_passed_over(words):
    with pytest.raises(ParamsError, match=f"--{next(iter(words))} is for a Dask cluster") as caught:
        check_cluster(Request(params=RunParams(), out=Path("unused"), **words))
    assert "--executor dask" in str(caught.value.mend)


def test_a_store_holds_what_was_put_until_it_is_removed(tmp_path):
    (tmp_path / "from" / "a").mkdir(parents=True)
    (tmp_path / "from" / "a" / "ä b.txt").write_text("1")
    (tmp_path / "from" / "c.txt").write_text("2")
    for url in (str(tmp_path / "there"), (tmp_path / "by url").as_uri(), "memory://there"):
        store = Store(url)
        store.open()
        assert store.is_open() and (store.local is None) == url.startswith("memory")
        store.below("run-1").put(tmp_path / "from")
        store.below("run-2").put(tmp_path / "from", ("a", "absent"))
        store.below("run-1").get(tmp_path / "back")
        assert (tmp_path / "back" / "a" / "ä b.txt").read_text() == "1" and (tmp_path / "back" / "c.txt").read_text() == "2"
        store.remove_below("run-1")
        (tmp_path / "back" / "c.txt").unlink()
        store.below("run-1").get(tmp_path / "back")
        assert not (tmp_path / "back" / "c.txt").exists()
        store.remove()
        assert not store.is_open()


class Remembering(MemoryFileSystem):
    """A file system as those of networks are: it remembers listings, and its connection may be closed."""

    protocol = "remembering"
    remembered: ClassVar[dict] = {}
    closed: ClassVar[list] = []

    @classmethod
    def _strip_protocol(cls, path):
        return MemoryFileSystem._strip_protocol(path.replace("remembering://", "memory://"))

    def ls(self, path, detail=True, **_):
        if self.closed:
            raise self.closed.pop()
        if path not in self.remembered:
            self.remembered[path] = MemoryFileSystem.ls(self, path, detail=True)
        return self.remembered[path] if detail else [entry["name"] for entry in self.remembered[path]]

    def invalidate_cache(self, path=None):
        self.remembered.clear()


@pytest.fixture
def elsewhere():
    fsspec.register_implementation("remembering", Remembering, clobber=True)
    store = Store("remembering://shared")
    yield store
    Remembering.closed.clear()
    MemoryFileSystem.store.clear()


def test_what_others_do_in_a_store_is_seen(elsewhere):
    begun = elsewhere.below("begun")
    begun.write("one", "tcp://a")
    assert begun.texts() == {"one": "tcp://a"}
    MemoryFileSystem().pipe_file("/shared/begun/two", b"tcp://b")
    assert begun.texts() == {"one": "tcp://a", "two": "tcp://b"}
    MemoryFileSystem().rm("/shared/begun", recursive=True)
    assert begun.texts() == {}


def test_a_connection_that_was_closed_is_opened_once_more(elsewhere):
    elsewhere.write("one", "1")
    for closed in (EOFError("idle for too long"), ConnectionResetError()):
        Remembering.closed[:] = [closed]
        assert elsewhere.texts() == {"one": "1"}
    Remembering.closed[:] = [EOFError(), EOFError()]
    with pytest.raises(ClusterLost, match="cannot be used: memory://shared: EOFError"), sharing("memory://shared"):
        elsewhere.texts()


def test_a_shared_url_that_no_longer_connects_is_told_when_a_chapter_is_handed_out(elsewhere, tmp_path, monkeypatch):
    cluster = client.Cluster(Request(params=RunParams(), out=tmp_path, executor="dask", shared=elsewhere.url), "workbook-test-")
    cluster._shared = elsewhere
    monkeypatch.setattr(Store, "_connect", lambda store: (_ for _ in ()).throw(ConnectionRefusedError("nobody listens")))
    with pytest.raises(ClusterLost, match="remembering://shared: ConnectionRefusedError: nobody listens"):
        cluster.start(SimpleNamespace(topic="data"), tmp_path, tmp_path, tmp_path)


def test_a_full_disk_is_not_taken_for_a_lost_cluster():
    with pytest.raises(OSError, match="No space"), sharing("memory://shared"):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("status", "raised", "told"),
    [
        ("connecting", None, ClusterLost),
        ("running", ConnectionResetError(), ClusterLost),
        ("running", distributed.client.FutureCancelledError("chapter", "scheduler-connection-lost"), ClusterLost),
        ("running", RuntimeError("a fault of a plugin"), RuntimeError),
        ("running", TypeError("a fault of ours"), TypeError),
    ],
)
def test_a_cluster_that_is_gone_is_told_as_such(status, raised, told):
    def asked():
        with asking(SimpleNamespace(status=status), "tcp://there"):
            if raised is not None:
                raise raised

    with pytest.raises(told):
        asked()
