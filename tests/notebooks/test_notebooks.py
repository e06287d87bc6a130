"""The stored notebooks: true to the code (nbval), readable, teachable, and at home in any working directory."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from workbook.analyses import NOTEBOOKS
from workbook.batch import notebooks
from workbook.batch.needs import faulty_tags, sections
from workbook.batch.store import METADATA, strip

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
MOST_LINES = 10

each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def read():
    return {path: notebooks.read(path) for path in PATHS}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The environment of a notebook's process: one home for all, so that the demo company is imported once."""
    unset = ("WORKBOOK_SETTINGS", "WORKBOOK_LANGUAGE", "WORKBOOK_DATA")
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    home = tmp_path_factory.mktemp("home")
    return kept | {"WORKBOOK_HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(FOLDER.parent)}


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_chapter_has_its_notebook():
    assert [path.name for path in PATHS] == sorted(NOTEBOOKS.values())


@each
def test_outputs_are_stored_and_clean(path, read):
    counts = []
    for cell in code_cells(read[path]):
        counts.append(cell.execution_count)
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", (cell.source, output.get("text"))
            assert not re.search(r"<[\w.]+ (object )?at 0x|/(home|root|tmp|Users)/", str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", "")))
    assert counts == list(range(1, len(counts) + 1)), "execute again: make notebooks"


@each
def test_something_is_shown_in_every_section_that_computes(path, read):
    notebook = read[path]
    for section in sections(notebook):
        cells = [notebook.cells[n] for n in section.cells]
        computing = [cell for cell in cells if cell.cell_type == "code"]
        assert not computing or any(cell.outputs for cell in computing), section.title


@each
def test_nothing_volatile_is_stored(path, read):
    text = notebooks.text(strip(notebooks.read(path)))
    assert text == path.read_text(encoding="utf-8"), "run python -m workbook.batch.store --strip"
    assert read[path].metadata == METADATA and (read[path].nbformat, read[path].nbformat_minor) == (4, 5)


@each
def test_the_frame_of_a_notebook(path, read):
    cells = code_cells(read[path])
    topic = path.stem.split("_", 1)[1]
    assert [cell.source.strip() for cell in cells if "parameters" in cell.metadata.get("tags", [])] == ['settings = ""']
    assert cells[0].metadata.get("tags") == ["parameters"]
    assert f'run = open_run("{topic}", settings)' in cells[1].source.splitlines()
    assert cells[-1].source.strip().splitlines()[-1] == "run.close()" and read[path].cells[-1] is cells[-1]
    assert read[path].cells[0].source.startswith("# ")
    ids = [cell.id for cell in read[path].cells]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-z][a-z0-9\-]*", id) for id in ids), ids


@each
def test_needs_are_canonical(path, read):
    assert list(faulty_tags(read[path])) == []
    for cell in read[path].cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith("needs:")]
        assert not tags or (cell.cell_type == "markdown" and cell.source.startswith("## ")), cell.source


@each
def test_what_a_section_loads_is_what_it_needs(path, read):
    """A frame loaded without `load_or_empty` stops a run where it is absent: the heading must say so."""
    notebook = read[path]
    for section in sections(notebook):
        needed = {need.split(".")[0] for need in section.needs}
        code = "\n".join(notebook.cells[n].source for n in section.cells if notebook.cells[n].cell_type == "code")
        assert set(re.findall(r'run\.load\("(\w+)"', code)) <= needed, section.title


@each
def test_names_made_in_a_section_with_needs_stay_there(path, read):
    """Sections are left out one by one: none may use what another one with other needs has made."""
    notebook = read[path]
    made: dict[str, set[str]] = {}
    for section in sections(notebook):
        needs = set(section.needs)
        trees = [ast.parse(notebook.cells[n].source) for n in section.cells if notebook.cells[n].cell_type == "code"]
        names = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)]
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for name in {node.id for node in names if isinstance(node.ctx, ast.Load)} - stored:
            assert made.get(name, set()) <= needs, f"{section.title!r} uses {name}, which needs {made[name]}"
        made |= dict.fromkeys(stored, needs)


@each
def test_cells_are_thin(path, read):
    for number, cell in enumerate(code_cells(read[path])):
        assert len(cell.source.splitlines()) <= MOST_LINES, cell.source
        tree = ast.parse(cell.source)
        for node in ast.walk(tree):
            assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.If | ast.For | ast.While), cell.source
            assert number == 1 or not isinstance(node, ast.Import | ast.ImportFrom), cell.source


@each
def test_prose_stands_around_the_code(path, read):
    """Asking and showing may stand in two cells; before and after them a sentence says what and so what."""
    kinds = "".join("c" if cell.cell_type == "code" else "m" for cell in read[path].cells)
    body = kinds.replace("cc", "", 1) if "mcc" in kinds[: kinds.index("c") + 3] else kinds
    assert "ccc" not in body, body
    assert kinds.endswith("mc"), "the last cell closes the chapter, after the last sentence"


@each
def test_stored_outputs_are_what_the_code_gives(path, environment):
    """nbval compares every text output, exactly."""
    before = sorted(FOLDER.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", str(path)],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed[1]) == len(code_cells(notebooks.read(path))), done.stdout[-500:]
    assert sorted(FOLDER.iterdir()) == before, "an interactive run writes no files"


@each
def test_it_runs_under_bare_papermill_from_anywhere(path, environment, tmp_path):
    made = tmp_path / "made.ipynb"
    done = subprocess.run(
        [sys.executable, "-m", "papermill", str(path), str(made), "--no-progress-bar"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "output_type" in made.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.ipynb"], "an interactive run writes no files"
