"""The same frames in every engine, once per session."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import ibis
import pyarrow.parquet as pq
import pytest

from tests.backends.asked import Asked, drawn
from tests.backends.servers import NotHere, postgres, spark
from workbook.params import load_params
from workbook.sources import import_frames

# Java and a database server of its own are more than `make test` asks of a machine; `make backends` sets the variable.
collect_ignore = [] if os.environ.get("WORKBOOK_BACKENDS") == "1" else ["test_backends.py", "test_translation.py"]
DEMO = Path(__file__).resolve().parents[2] / "params" / "demo.yaml"
ENGINES = {"postgres": postgres, "spark": spark}


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """The sets of frames: the demo company, a small one with odd names and gaps, and one without a row."""
    folder = tmp_path_factory.mktemp("demo")
    import_frames(load_params(DEMO), folder)
    demo = {path.stem: pq.read_table(path) for path in sorted(folder.glob("*.parquet"))}
    return {"demo": demo, "drawn": drawn(80), "nothing": drawn(0)}


@pytest.fixture(scope="session")
def duckdb(data, tmp_path_factory):
    return Asked(ibis.duckdb.connect(threads=1), data, tmp_path_factory.mktemp("duckdb"))


@pytest.fixture(scope="session", params=sorted(ENGINES))
def engine(request, data, tmp_path_factory):
    """An engine beside DuckDB with the same frames; skipped with the reason where it cannot be had."""
    with ExitStack() as open_engines:
        try:
            database = open_engines.enter_context(ENGINES[request.param]())
        except NotHere as missing:
            pytest.skip(str(missing))
        yield Asked(database, data, tmp_path_factory.mktemp(request.param))
