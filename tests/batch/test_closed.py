"""A chapter is closed where all that it meets comes through `run`."""

import ast

import pytest

from tests.batch.notebook_for_tests import code, markdown, notebook
from workbook.analyses import NOTEBOOKS
from workbook.batch.closed import OTHERS, is_closed
from workbook.batch.prepare import read_notebook
from workbook.params import HOME

OPENING = "from workbook.analyses import market\nfrom workbook.notebook import open_run\nrun = open_run('market', settings)"


def test_the_workbooks_own_chapters_are_closed():
    assert {name for name in NOTEBOOKS.values() if not is_closed(read_notebook(HOME / "notebooks" / name))} == set()


def test_every_module_that_stands_behind_the_doors_is_known():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (HOME / "workbook").rglob("*.py")]
    imports = (name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names)
    assert {(name.asname or name.name).partition(".")[0] for name in imports} - {"workbook"} == OTHERS


@pytest.mark.parametrize(
    "cell",
    [
        "import pandas as pd\ntargets = pd.read_csv('targets.csv')",
        "import workbook",
        "from workbook.sources import load_import",
        "from workbook.analysesx import y",
        "from . import beside",
        "def today():\n    from datetime import date\n    return date.today()",
        "text = open('targets.csv').read()",
        "reader = open",
        "run._engine.read_csv('targets.csv')",
        "exec('import os')",
        "text = __builtins__.open('targets.csv').read()",
        "from workbook.analyses.market.ansoff import pd\npd.read_csv('targets.csv')",
        "from workbook.analyses.market.ansoff import *",
        "import workbook.analyses.market.ansoff as a\na.pd.read_csv('targets.csv')",
        "run.load('market').get_backend().raw_sql('SELECT 1')",
        "run.load('market').sql(\"SELECT * FROM 'targets.csv'\")",
        "day = run.as_of.today()",
        "some = run.answer(market.x).table.sample(5)",
        "%load targets.py",
        "!cat targets.csv",
        "x = '\\0' + '''\0'''",
    ],
)
def test_what_reads_past_the_door_is_not(cell):
    assert is_closed(notebook(markdown("import os, open('x')"), code(OPENING), code("run.show(market.tables.x(run.load('market')))")))
    assert not is_closed(notebook(code(OPENING), code(cell)))
