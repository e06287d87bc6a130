"""A report folder: ours or not, one run at a time, the old report or the new one, never half of either."""

import json
import os
import subprocess
import sys

import pytest

from workbook.batch.folder import ReportFolder, guarded, is_full
from workbook.errors import OutputError, ParamsError


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
    assert (folder.path / "index.html").read_text() == "top"
    assert json.loads((folder.path / "latest.json").read_text()) == {"run": "2026-01-01T00-00-00Z"}
    assert folder.latest() == target
    if (folder.path / "latest").is_symlink():
        assert (folder.path / "latest").resolve() == target


def test_the_second_report_leaves_the_first_as_it_was(folder):
    first = folder.publish(staged(folder, "a", "one"), "a", "top one")
    folder.publish(staged(folder, "b", "two"), "b", "top two")
    assert (first / "index.html").read_text() == "one"
    assert (folder.path / "index.html").read_text() == "top two" and folder.latest().name == "b"
    assert not list(folder.path.glob(".*new*"))


def test_a_failing_pointer_leaves_the_old_report(folder, monkeypatch):
    folder.publish(staged(folder, "a"), "a", "old")
    monkeypatch.setattr(ReportFolder, "_write_new", lambda self, name, text: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(OutputError, match="full") as caught:
        folder.publish(staged(folder, "b"), "b", "new")
    assert caught.value.status == 5 and len(caught.value.lines()) == 3
    assert (folder.path / "index.html").read_text() == "old" and folder.latest().name == "a"
    assert not (folder.path / "runs" / "b").exists()


def test_without_links_the_file_says_it(folder, monkeypatch):
    monkeypatch.setattr("pathlib.Path.symlink_to", lambda *a, **k: (_ for _ in ()).throw(OSError("no links here")))
    folder.publish(staged(folder, "a"), "a", "top")
    assert folder.latest().name == "a" and not (folder.path / "latest").exists()


@pytest.mark.parametrize("stranger", ["holiday.jpg", "src", ".git"])
def test_a_strangers_folder_is_refused_and_left_alone(tmp_path, stranger):
    (tmp_path / stranger).write_text("mine")
    with pytest.raises(ParamsError, match="not a report's"):
        ReportFolder(tmp_path).claim()
    assert [path.name for path in tmp_path.iterdir()] == [stranger]


def test_an_empty_folder_and_an_old_report_are_ours(tmp_path):
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
    staged(folder, "dead")
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


@pytest.mark.parametrize(("number", "said"), [(28, "full"), (30, "read-only"), (13, "not permitted"), (36, "too long")])
def test_refusals_of_the_system_are_told(tmp_path, number, said):
    with pytest.raises(OutputError, match=said), guarded(tmp_path):
        raise OSError(number, os.strerror(number))


def test_other_faults_are_not_taken_for_refusals(tmp_path):
    with pytest.raises(FileNotFoundError), guarded(tmp_path):
        raise FileNotFoundError(2, "gone")


def test_this_disk_has_room(tmp_path):
    assert not is_full(tmp_path / "not" / "there")
