"""All first steps of all questions give the same small tables on DuckDB, PostgreSQL and Spark, and the same answers.

Run by `make backends`; `docs/backends.md` says what it needs.
"""

from __future__ import annotations

import ibis
import pytest

from tests.analyses.contract import assert_same
from tests.backends.asked import QUESTIONS, answer
from tests.backends.compare import difference


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("kind", ["demo", "drawn", "nothing"])
def test_every_engine_counts_alike(engine, duckdb, kind, name, monkeypatch):
    """Nested or merged selects make no difference: the small company is asked with the setting that chapters use on DuckDB."""
    expected = duckdb.small_tables(kind, name)
    monkeypatch.setattr(ibis.options.sql, "fuse_selects", kind != "drawn")
    found = engine.small_tables(kind, name)
    assert list(found) == list(expected)
    differences = {key: text for key, each in expected.items() if (text := difference(each, found[key]))}
    assert not differences


@pytest.mark.parametrize("name", [name for name in QUESTIONS if name not in ("alignment_impact.money", "competitors.swot")])  # go on from other answers
def test_every_engine_leads_to_the_same_answer(engine, duckdb, name):
    assert_same(answer(name, duckdb.small_tables("demo", name)), answer(name, engine.small_tables("demo", name)))
