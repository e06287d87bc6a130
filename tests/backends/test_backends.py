"""All first steps of all questions give the same small tables on DuckDB, PostgreSQL and Spark, and the same answers.

Run by `make backends`; `docs/backends.md` says what it needs.
"""

from __future__ import annotations

import ibis
import pytest

from tests.analyses.contract import assert_same
from tests.backends.asked import QUESTIONS, answer
from tests.backends.compare import difference
from workbook.analyses.sampling import Sample, SampledParams, draw, only_drawn
from workbook.text import msg


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


def test_every_engine_draws_the_same_companies(engine, duckdb):
    """A sample does not depend on who draws it, and what is drawn can be asked for."""
    sample, params = Sample(unit="account_id", words=msg("companies")), SampledParams(units_max=300)
    drawn = [draw(sample, (asked.tables["demo"]["accounts"], asked.tables["demo"]["invoices"]), params) for asked in (duckdb, engine)]
    assert drawn[0].ids.equals(drawn[1].ids) and drawn[0].total == drawn[1].total
    rows = [only_drawn(asked.tables["demo"]["invoices"], each, sample).count().execute() for asked, each in zip((duckdb, engine), drawn, strict=True)]
    assert rows[0] == rows[1] > 0
