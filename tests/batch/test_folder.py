"""A report folder: ours or not, one run at a time, the old report or the new one, never half of either."""

import json
import os
import subprocess
import sys
import threading

import pytest

from workbook.batch.folder import ReportFolder
from workbook.batch.refusals import guarded, is_full, refuse_without_temporary_folder, resolved
from workbook.errors import OutputError, ParamsError

RUNS = {letter: f"2026-01-0{n}T00-00-00Z" for n, letter in enumerate("abcd", 1)}


def staged(folder, name="2026-01-01T00-00-00Z", text="page"):
    staging = folder.staging(name)
    (staging / "html").mkdir(parents=True)
    (staging / "index.html").write_text(text)
    return staging


@pytest.fixture
def folder(tmp_path):
    found = ReportFolder(tmp_path / "report")
    found.claim()
    return found


def test_publishing_moves_and_points(folder):
    target = folder.publish(staged(folder), "2026-01-01T00-00-00Z", "top")
    assert target == folder.path / "runs" / "2026-01-01T00-00-00Z" and (target / "index.html").read_text() == "page"
    assert (folder.path / "index.html").read_text() == "top\n<!-- run: 2026-01-01T00-00-00Z -->\n"
    assert json.loads((folder.path / "latest.json").read_text()) == {"run": "2026-01-01T00-00-00Z"}
    assert folder.latest() == target
    if (folder.path / "latest").is_symlink():
        assert (folder.path / "latest").resolve() == target


def test_the_second_report_leaves_the_first_as_it_was(folder):
    first = folder.publish(staged(folder, "a", "one"), "a", "top one")
    folder.publish(staged(folder, "b", "two"), "b", "top two")
    assert (first / "index.html").read_text() == "one"
    assert (folder.path / "index.html").read_text().startswith("top two\n") and folder.latest().name == "b"
    assert not list(folder.path.glob(".*new*"))


def test_a_failing_pointer_leaves_the_old_report(folder, monkeypatch):
    folder.publish(staged(folder, "a"), "a", "old")
    monkeypatch.setattr(ReportFolder, "_write_new", lambda self, name, text: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(OutputError, match="full") as caught:
        folder.publish(staged(folder, "b"), "b", "new")
    assert caught.value.status == 5 and len(caught.value.lines()) == 3
    assert (folder.path / "index.html").read_text().startswith("old\n") and folder.latest().name == "a"
    assert not (folder.path / "runs" / "b").exists()


def test_a_page_that_cannot_be_turned_takes_the_run_back(folder, monkeypatch):
    folder.publish(staged(folder, "a"), "a", "old")
    monkeypatch.setattr("os.replace", lambda *a: (_ for _ in ()).throw(OSError(5, "input/output error")))
    with pytest.raises(OutputError, match="disk reports an error"):
        folder.publish(staged(folder, "b"), "b", "new")
    assert folder.latest().name == "a" and not (folder.path / "runs" / "b").exists() and folder.staging("b").exists()


def test_the_page_counts_and_the_next_run_sets_the_others_right(folder):
    for name in ("a", "b"):
        folder.publish(staged(folder, name), name, name)
    (folder.path / "latest.json").write_text('{"run": "a"}')
    (folder.path / "latest").unlink(missing_ok=True)
    assert folder.latest().name == "b"
    folder.clean()
    assert json.loads((folder.path / "latest.json").read_text()) == {"run": "b"} and (folder.path / "latest").resolve().name == "b"


@pytest.mark.parametrize("page", [None, "a page of an earlier version", "<!-- run: gone -->", "<!-- run: ../runs/b -->"])
def test_without_a_page_that_names_a_run_the_other_pointer_serves(folder, page):
    folder.publish(staged(folder, "a"), "a", "top")
    (folder.path / "index.html").unlink() if page is None else (folder.path / "index.html").write_text(page)
    assert folder.latest().name == "a"
    for text in ("{", "[]", '{"run": "gone"}'):
        (folder.path / "latest.json").write_text(text)
        assert folder.latest() is None


def test_a_reader_sees_the_old_report_or_the_new_one(folder):
    """A thread reads without a pause while forty reports are published one after the other."""
    text = "x" * 200_000
    folder.publish(staged(folder, "r0", text), "r0", text)
    seen, faults, is_over = set(), [], threading.Event()

    def read():
        while not is_over.is_set():
            page = (folder.path / "index.html").read_text()
            name = page.rstrip().removesuffix(" -->").rpartition(" ")[2]
            told = json.loads((folder.path / "latest.json").read_text())["run"]
            complete = len(page) == len(text) + len(f"\n<!-- run: {name} -->\n")
            runs = folder.path / "runs"
            if not (complete and all((runs / run / "index.html").read_text() == text for run in (name, told)) and folder.latest() is not None):
                faults.append((name, told))
            seen.add(name)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(1, 41):
        folder.publish(staged(folder, f"r{n}", text), f"r{n}", text)
    is_over.set()
    reader.join()
    assert not faults and len(seen) > 1


@pytest.mark.parametrize(("keep", "runs", "failed"), [(1, "b", "a"), (2, "bd", "ad"), (3, "bcd", "acd"), (9, "abcd", "abcd")])
def test_pruning_keeps_the_newest_and_never_the_last_good_one(folder, keep, runs, failed):
    """The last good run bears an older name than others, as after a clock set back; `a` is the failed run just told of."""
    for name in map(RUNS.get, "acdb"):
        folder.publish(staged(folder, name), name, name)
        folder.keep_failed(staged(folder, name), name)
    for kind in ("runs", "failed"):
        (folder.path / kind / "mine").mkdir()
    folder.prune(keep, spared=[folder.path / "failed" / RUNS["a"]])
    assert {path.name for path in (folder.path / "runs").iterdir()} == {"mine", *map(RUNS.get, runs)} and folder.latest().name == RUNS["b"]
    assert {path.name for path in (folder.path / "failed").iterdir()} == {"mine", *map(RUNS.get, failed)}
    assert not list(folder.path.glob(".gone-*"))


def test_without_links_the_file_says_it(folder, monkeypatch):
    monkeypatch.setattr("pathlib.Path.symlink_to", lambda *a, **k: (_ for _ in ()).throw(OSError("no links here")))
    folder.publish(staged(folder, "a"), "a", "top")
    assert folder.latest().name == "a" and not (folder.path / "latest").exists()


def lay(folder, *names):
    """Write files of a user's, each with its own name as its text."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def held(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "names",
    [
        ["holiday.jpg"],
        ["src/x.py"],
        [".git/config"],
        ["index.html"],
        ["runs/exp1/weights"],
        ["runs/2026-01-01T00-00-00Z/weights"],
        ["runs/exp1/weights", "index.html", "latest"],
        ["failed/log"],
        ["combinations/a"],
        ["latest.json"],
        [".staging-foo/x", ".lock"],
    ],
    ids="+".join,
)
def test_a_strangers_folder_is_refused_and_left_alone(tmp_path, names):
    lay(tmp_path, *names)
    with pytest.raises(ParamsError, match="not a report's"):
        ReportFolder(tmp_path).claim()
    assert held(tmp_path) == {name: name for name in names}


def recorded(folder, name, told=None):
    staging = staged(folder, name)
    (staging / "run.json").write_text(json.dumps({"started_at": told or name}))
    folder.publish(staging, name, "top")


@pytest.mark.parametrize(
    ("told", "beside", "is_ours"),
    [(None, "latest.json", True), (None, "runs/exp1/w", False), ("other", "latest.json", False), (None, "notes.txt", False)],
    ids=["lost", "a-folder-among-the-runs", "another's-run", "a-file-beside"],
)
def test_a_report_that_lost_its_marker_is_known_by_its_runs(folder, told, beside, is_ours):
    recorded(folder, RUNS["a"], told)
    lay(folder.path, beside)
    (folder.path / ".workbook-report").unlink()
    if is_ours:
        folder.claim()
    else:
        with pytest.raises(ParamsError, match="not a report's"):
            folder.claim()


def test_what_is_not_named_as_runs_are_is_the_user_s(folder):
    mine = [".staging-foo/x", ".gone-fishing/x", ".new-idea", "combinations/mine/.staging-2026-01-01T00-00-00Z/x", "failed/mine/x"]
    lay(folder.path, *mine)
    with folder.locked():
        folder.clean()
    assert set(mine) <= set(held(folder.path)) and not (folder.path / "combinations" / "mine" / ".lock").exists()


def test_a_lock_marks_the_folder_that_was_taken_away_meanwhile(folder):
    """Two runs begin; one claims, the other withdraws and takes the folder with it."""
    (folder.path / ".workbook-report").unlink()
    folder.path.rmdir()
    with folder.locked():
        assert (folder.path / ".workbook-report").is_file()


@pytest.mark.parametrize("names", [[], [".lock"]], ids=["empty", "a-lock-alone"])
def test_an_empty_folder_and_a_marked_one_are_ours(tmp_path, names):
    lay(tmp_path, *names)
    ReportFolder(tmp_path).claim()
    (tmp_path / "notes.txt").write_text("beside a report")
    ReportFolder(tmp_path).claim()


HOLD = """
import sys, time
from pathlib import Path
from workbook.batch.folder import ReportFolder
with ReportFolder(Path(sys.argv[1])).locked():
    print("held", flush=True)
    time.sleep(60)
"""


def hold(folder):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder.path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_told_who_holds_it(folder):
    process = hold(folder)
    try:
        with pytest.raises(OutputError, match=f"process {process.pid}") as caught, folder.locked():
            pass
        assert caught.value.status == 5
    finally:
        process.kill()
        process.wait()
    with folder.locked():
        pass


def test_a_killed_run_frees_the_folder_and_is_cleaned_up(folder):
    staged(folder)
    process = hold(folder)
    process.kill()
    process.wait()
    with folder.locked():
        folder.clean()
    assert not list(folder.path.glob(".staging-*"))


def test_a_run_that_came_to_nothing_leaves_nothing(tmp_path):
    folder = ReportFolder(tmp_path / "new")
    folder.claim()
    with folder.locked():
        folder.withdraw(staged(folder))
    assert not folder.path.exists()


def test_withdrawing_keeps_earlier_reports(folder):
    folder.publish(staged(folder, "a"), "a", "top")
    with folder.locked():
        folder.withdraw(staged(folder, "b"))
    assert folder.latest().name == "a" and (folder.path / ".workbook-report").exists()


def test_a_lock_whose_file_was_taken_away_is_not_trusted(folder):
    with folder.locked():
        (folder.path / ".lock").unlink()
        with folder.locked():
            assert (folder.path / ".lock").exists()


@pytest.mark.parametrize(("number", "said"), [(28, "full"), (30, "read-only"), (13, "not permitted"), (36, "too long"), (40, "back to itself"), (27, "as large")])
def test_refusals_of_the_system_are_told(tmp_path, number, said):
    with pytest.raises(OutputError, match=said), guarded(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_path_that_leads_nowhere_is_told(tmp_path):
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).symlink_to(tmp_path / other)
    with pytest.raises(OutputError, match="back to itself"):
        resolved(tmp_path / "a" / "report")


def test_nowhere_to_put_what_is_temporary_is_told(monkeypatch):
    def gone():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", gone)
    with pytest.raises(OutputError, match="temporary") as caught:
        refuse_without_temporary_folder()
    assert "TMPDIR" in caught.value.lines()[1]


def test_other_faults_are_not_taken_for_refusals(tmp_path):
    with pytest.raises(FileNotFoundError), guarded(tmp_path):
        raise FileNotFoundError(2, "gone")


def test_this_disk_has_room(tmp_path):
    assert not is_full(tmp_path / "not" / "there")
