"""Read-only and full targets: real mounts, in the mount namespace of the process that runs the command."""

import re

import pytest

from tests.faults.project import Server, namespace

pytestmark = pytest.mark.skipif(namespace() is None, reason="no mount namespaces here: neither root nor user namespaces may mount")
LEFT_KB = (0, 8, 40, 100)


@pytest.fixture
def mounted(project):
    """Mount a small disk as the project's reports/; returns what runs a script beside it, in its folder."""

    def shell(script):
        return Server.shared().shell(f"cd '{project.folder}'; {script}")

    def mount(options):
        shell(f"mkdir -p reports; mount -t tmpfs -o {options} tmpfs reports")
        return shell

    yield mount
    shell("umount reports")


def run(project, status, *said):
    answer = project.run("--force")
    assert answer.status == status, answer.text
    for words in (*said, *(("--out",) if status == 5 else ())):
        assert words in answer.text, answer.text
    assert "Traceback" not in answer.text and "internal error" not in answer.text, answer.text


def test_a_read_only_target(project, mounted):
    shell = mounted("ro")
    run(project, 5, "read-only", "reports/run")
    assert shell("ls -A reports") == ""


def test_a_report_that_has_become_read_only(project, mounted):
    shell = mounted("size=8m")
    run(project, 0)
    before = shell("find reports -type f | sort | xargs cksum")
    shell("mount -o remount,ro reports")
    run(project, 5, "read-only")
    assert shell("find reports -type f | sort | xargs cksum") == before
    shell("mount -o remount,rw reports")
    run(project, 0)


def test_a_disk_that_fills_up_on_the_way(project, mounted):
    """The room left decides where the run fails: at its first file, while importing, in a chapter, or while publishing."""
    shell = mounted("size=8m")
    run(project, 0)
    good = "find reports/run/runs reports/run/*.* reports/run/latest/ -type f | sort | xargs cksum"
    before = shell(good)
    for left in LEFT_KB:
        size = int(shell("df -k --output=avail reports | tail -1"))
        shell(f"head -c {(size - left) * 1024} /dev/zero > reports/filler")
        run(project, 5, "disk is full")
        shell("rm reports/filler")
        assert shell(good) == before, left
        assert shell("find reports/run -name '.staging-*' -o -name '.new-*' -o -path '*/failed/*'") == "", left
    run(project, 0)


def fills(shell):
    """Return a script that fills the disk to its last byte; it fails to write, which is what it is for."""
    return "head -c 100000000 /dev/zero > reports/filler; true"


@pytest.mark.parametrize("place", [("workbook.batch.folder", "sync", "after", 1), ("workbook.batch.folder", "sync", "before", 1)], ids=["pointer", "sync"])
def test_a_disk_that_is_full_when_the_report_is_published(project, mounted, place):
    shell = mounted("size=8m")
    run(project, 0)
    before = shell("cksum reports/run/index.html reports/run/latest.json; ls reports/run/runs")
    answer = project.run("--force", at=[*place, fills(shell)])
    assert answer.status == 5 and "disk is full" in answer.text, answer.text
    assert shell("cksum reports/run/index.html reports/run/latest.json; ls reports/run/runs") == before
    shell("rm reports/filler")
    run(project, 0)


def test_a_new_folder_on_a_full_disk_leaves_nothing(project, mounted):
    shell = mounted("size=64k")
    run(project, 5, "disk is full")
    assert shell("ls -A reports") == ""
    assert re.search(r"\b64K?\b", shell("df -h --output=size reports"))
