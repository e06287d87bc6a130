"""Time, memory, output and pictures without end: a run stays within bounds, and says so."""

import json
import signal
import sys
from pathlib import Path

import pytest

from tests.faults.project import until

if sys.platform != "linux":
    pytest.skip("needs fork", allow_module_level=True)

SLEEPS = "import time\nfrom pathlib import Path\nPath(run.plan.output_dir, 'sleeping').touch()\ntime.sleep(600)"


def last_failed(project):
    folder = max((project.report / "failed").iterdir(), key=lambda path: path.name)
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def settings(project, *lines):
    """Write settings beside the project's own, for the same report."""
    project.write("params/other.yaml", "\n".join([(project.folder / "params/run.yaml").read_text(), "name: run", *lines]))
    return "params/other.yaml"


def test_a_run_that_takes_too_long_in_a_chapter(untouched):
    untouched.notebook(SLEEPS)
    answer = untouched.call("run", settings(untouched, "run_timeout_seconds: 6"), "--json")
    assert answer.status == 1, answer.text
    summary, record = json.loads(answer.out), last_failed(untouched)
    assert summary["exit_status"] == record["exit_status"] == 1 and summary["status"] == record["status"] == "failed"
    assert summary["cause"] == record["cause"] == "the run took longer than 6 seconds"
    assert [chapter["failure"] for chapter in record["chapters"]] == ["run_time_out"] and not record["chapters"][0]["retries"]


def test_a_run_that_takes_too_long_while_reading(untouched):
    place = ["workbook.batch.attempt", "make_plan", "before", 1, "hang"]
    answer = untouched.call("run", settings(untouched, "run_timeout_seconds: 1"), "--force", at=place)
    assert answer.status == 1 and "longer than 1 second" in answer.err, answer.text
    assert last_failed(untouched)["cause"] == "the run took longer than 1 seconds" and last_failed(untouched)["chapters"] == []


def test_ctrl_c_twice(untouched):
    untouched.notebook(SLEEPS)
    process = untouched.start("run", "params/run.yaml", "--json")
    assert until(lambda: list(untouched.report.glob(".staging-*/sleeping")))
    process.send_signal(signal.SIGINT)
    for _ in range(50):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130 and "Traceback" not in out + err, out + err
    assert json.loads(out) == {"exit_status": 130, "status": "interrupted"}
    record = last_failed(untouched)
    assert (record["status"], record["exit_status"], record["chapters"][0]["failure"]) == ("interrupted", 130, "stopped")


def test_memory_that_a_limit_refuses(untouched):
    """The kernel lives on and says so: an error in a cell, not tried again."""
    untouched.notebook("import resource\nresource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\nx = bytearray(4 << 30)")
    assert untouched.run().status == 1
    (chapter,) = last_failed(untouched)["chapters"]
    assert chapter["failure"] == "cell" and "MemoryError" in chapter["cause"] and chapter["retries"] == []


CGROUP = Path("/sys/fs/cgroup/memory")


@pytest.fixture
def cgroup():
    """A group of processes that may use 64 MB, and is killed by the system beyond that."""
    group = CGROUP / "workbook-test"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(64 << 20))
    except OSError:
        pytest.skip("no memory control groups to be made here")
    yield group
    assert until(lambda: not (group / "cgroup.procs").read_text().strip(), 5)
    group.rmdir()


def test_a_kernel_that_the_system_kills_for_its_memory(untouched, cgroup):
    untouched.notebook(f"import os, pathlib\npathlib.Path('{cgroup}/cgroup.procs').write_text(str(os.getpid()))\nx = bytearray(b'x') * (256 << 20)")
    answer = untouched.run("--json")
    assert answer.status == 1, answer.text
    (chapter,) = last_failed(untouched)["chapters"]
    assert chapter["failure"] == "kernel_died" and len(chapter["retries"]) == 1, chapter
    assert chapter["failing_cell"]["source"].startswith("import os, pathlib")


@pytest.mark.parametrize("call", ["print('x' * 40_000_000)", "for n in range(200):\n    print('x' * 1_000_000)"], ids=["40-at-once", "bit-by-bit"])
def test_a_cell_that_prints_200_mb(project, call):
    project.notebook(call, "print('the end')")
    answer = project.run()
    assert answer.status == 0, answer.text
    run = (project.report / "latest").resolve()
    assert sum(path.stat().st_size for path in run.rglob("*") if path.is_file()) < 20_000_000
    made = (run / "notebooks" / "data.ipynb").read_text(encoding="utf-8")
    assert "too large to keep" in made and "the end" in made


FIGURE = """
from matplotlib.figure import Figure
import pandas as pd
from workbook.show import Chart
run.show(Chart(key="huge", figure=Figure(figsize=(200, 200)), title="Huge", alt="", data=pd.DataFrame()))
"""


def test_a_figure_of_20000_by_20000_pixels(untouched):
    untouched.notebook(FIGURE.strip())
    assert untouched.run().status == 1
    (chapter,) = last_failed(untouched)["chapters"]
    assert chapter["failure"] == "cell" and "20,000 × 20,000 pixels" in chapter["cause"], chapter


def test_a_picture_of_20000_by_20000_pixels_that_is_made_elsewhere(project):
    """A few kilobytes that become a gigabyte where they are drawn: kept small as they are, nothing here unpacks them."""
    project.notebook("import io\nfrom PIL import Image\nfrom IPython.display import Image as Shown, display\nraw = io.BytesIO()\nImage.new('1', (20_000, 20_000)).save(raw, 'PNG')\ndisplay(Shown(raw.getvalue()))")
    answer = project.run()
    assert answer.status == 0, answer.text
    assert sum(path.stat().st_size for path in (project.report / "latest").resolve().rglob("*") if path.is_file()) < 20_000_000
