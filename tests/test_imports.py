"""Inside a topic, tables and figures import the questions, never the reverse; notebooks enter through `open_run` only."""

import ast
from pathlib import Path

import pytest

from workbook.analyses import TOPICS

ANALYSES = Path(__file__).resolve().parents[1] / "workbook" / "analyses"
DRAWN = ("tables", "figures")


def imported(path):
    """Yield the full names that a module imports, names out of packages included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("topic", TOPICS)
def test_questions_know_nothing_of_their_tables_and_figures(topic):
    modules = [path for path in (ANALYSES / topic).glob("*.py") if path.stem not in (*DRAWN, "__init__") and "def analyse(" in path.read_text()]
    assert modules
    for path in modules:
        names = list(imported(path))
        assert not [name for name in names if any(part in DRAWN for part in name.split("."))], path.name
        assert not [name for name in names if name.split(".")[0] in ("matplotlib", "jinja2", "IPython", "papermill")], path.name
