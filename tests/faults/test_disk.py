"""Read-only and full targets. Mounts are made in a mount namespace of the test's own; root or user namespaces can do that."""

import re
import shlex
import subprocess
import sys

import pytest

PREFIXES = (["unshare", "-m"], ["unshare", "-rm"])


def namespace():
    if sys.platform != "linux":
        return None
    for prefix in PREFIXES:
        try:
            done = subprocess.run([*prefix, "sh", "-c", "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False)
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return prefix
    return None


PREFIX = namespace()
pytestmark = pytest.mark.skipif(PREFIX is None, reason="no mount namespaces here: neither root nor user namespaces may mount")


def inside(project, script):
    """Run a script in a mount namespace of its own; `run` in it is `workbook run`."""
    run = shlex.join(project.command("run", "params/run.yaml"))
    done = subprocess.run(
        [*PREFIX, "sh", "-c", f"run() {{ {run} --force \"$@\" 2>&1; echo status=$?; }}\n{script}"],
        cwd=project.folder,
        env=project.environment(),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout and "internal error" not in done.stdout, done.stdout
    return done.stdout


def test_a_read_only_target(project):
    out = inside(project, "mkdir reports; mount -t tmpfs -o ro tmpfs reports; run; ls -A reports")
    assert re.search(r"read-only\n.*reports/run\n.*--out.*\nstatus=5\n$", out), out


def test_a_report_that_has_become_read_only(project):
    out = inside(
        project,
        "mkdir reports; mount -t tmpfs tmpfs reports; run; cksum reports/run/index.html; mount -o remount,ro reports; run; cksum reports/run/index.html",
    )
    assert re.findall(r"status=(\d)", out) == ["0", "5"], out
    assert "read-only" in out
    first, second = re.findall(r"^\d+ \d+ reports.*$", out, re.M)
    assert first == second


LEFT_KB = (0, 8, 40, 100)


def test_a_disk_that_fills_up_on_the_way(project):
    """The room left decides where the run fails: at its first file, while importing, in a chapter, or while publishing."""
    tries = "\n".join(
        f"size=$(df -k --output=avail reports | tail -1); head -c $(( (size - {left}) * 1024 )) /dev/zero > reports/filler; echo left={left}; run; "
        "rm reports/filler; cksum reports/run/index.html; find reports/run -name '.staging-*' -o -name '.new-*' -o -path '*/failed/*'; ls reports/run/runs | wc -l"
        for left in LEFT_KB
    )
    out = inside(project, f"mkdir reports; mount -t tmpfs -o size=8m tmpfs reports; run; cksum reports/run/index.html\n{tries}\nrun")
    statuses = re.findall(r"status=(\d+)", out)
    assert statuses == ["0", *("5" for _ in LEFT_KB), "0"], out
    assert out.count("disk is full") == len(LEFT_KB), out
    assert len(set(re.findall(r"^\d+ \d+ reports.*$", out, re.M))) == 1, out
    assert re.findall(r"^(\d+)$", out, re.M) == ["1"] * len(LEFT_KB), out
    assert ".staging-" not in out and ".new-" not in out and "failed/" not in out, out


def test_a_new_folder_on_a_full_disk_leaves_nothing(project):
    out = inside(project, "mkdir reports; mount -t tmpfs -o size=64k tmpfs reports; run; ls -A reports | wc -l")
    assert "disk is full" in out and "status=5" in out and out.strip().endswith("0"), out
