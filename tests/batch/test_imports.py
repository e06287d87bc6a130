"""What notebooks import is found without running them, and imported by the zygote before it forks kernels."""

import os

import nbformat
import psutil
import pytest

from workbook.batch.kernels import Zygote, can_fork
from workbook.batch.kernels.client import fork
from workbook.batch.kernels.imports import imported_modules
from workbook.batch.plan import notebook_paths


def notebook(folder, *cells):
    path = folder / "notebook.ipynb"
    made = [nbformat.v4.new_markdown_cell("import seaborn"), *map(nbformat.v4.new_code_cell, cells)]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=made)), encoding="utf-8")
    return path


def test_modules_are_named_in_order_and_once(tmp_path):
    cells = "import pandas as pd, numpy\nfrom scipy import stats", "import numpy\nimport statsmodels.api as sm"
    assert imported_modules([notebook(tmp_path, *cells)]) == ("pandas", "numpy", "scipy", "scipy.stats", "statsmodels.api")


@pytest.mark.parametrize("cell", ["import my_database", "import os", "from .here import there", "%matplotlib inline", "import (", "def f():\n    import pandas"])
def test_what_may_do_more_than_define_or_is_no_plain_import_is_left_to_the_notebook(tmp_path, cell):
    assert imported_modules([notebook(tmp_path, cell)]) == ()


def test_our_chapters_name_the_package_and_nothing_but_it():
    modules = imported_modules(notebook_paths(()).values())
    assert "workbook.notebook" in modules and all(name.split(".")[0] == "workbook" for name in modules)


@pytest.mark.skipif(not can_fork(), reason="no fork here")
def test_who_asks_early_waits_for_the_imports_and_gets_what_was_named(tmp_path):
    """The kernel that is forked has the extension modules of what was named, not those of what chapters of ours use besides."""
    zygote = Zygote("kernel", modules=("statsmodels.api", "statsmodels.no_such_module"))
    try:
        assert zygote.is_ready()
        child = fork(zygote.address, "kernel", ["-f", str(tmp_path / "c.json")], env=dict(os.environ), cwd=str(tmp_path))
        loaded = {mapped.path for mapped in psutil.Process(child.pid).memory_maps()}
    finally:
        zygote.stop()
    assert any("/statsmodels/" in path for path in loaded) and not any("duckdb" in path for path in loaded)
