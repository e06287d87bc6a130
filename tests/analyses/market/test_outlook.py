"""The forecast: refuses where it must, finds a straight line, widens with the horizon."""

import numpy as np
import pytest

from tests.analyses.data.frames import ask
from tests.analyses.market.rows import market, yearly
from workbook.analyses.market import outlook


def test_a_straight_line_goes_on():
    result = ask(outlook, market(*yearly([100 + 5 * i for i in range(14)], 2012)))
    assert result.headline('market_size.forecast="2026"').value == pytest.approx(170e6, rel=1e-3)
    assert result.path["is_forecast"].sum() == 3


def test_the_range_widens_and_holds_its_value():
    rng = np.random.default_rng(4)
    result = ask(outlook, market(*yearly(list(100 * np.exp(np.cumsum(rng.normal(0.03, 0.04, 20)))), 2006)))
    ahead = result.path[result.path["is_forecast"]]
    width = ahead["high"] - ahead["low"]
    assert (width.diff().dropna() >= -1e-6).all()
    assert ((ahead["low"] < ahead["volume"]) & (ahead["volume"] < ahead["high"])).all()
    assert {c.key for c in result.checks} == {"forecast_intervals_held_on_the_past", "forecast_beats_repeating_the_last_value"}
    assert all(h.level == 0.8 for h in result.headlines)


def test_seven_years_are_too_few_and_eight_are_not():
    assert "7 years, 8 needed" in str(ask(outlook, market(*yearly([10 + i for i in range(7)], 2018))).refused)
    assert ask(outlook, market(*yearly([10.0, 12, 11, 13, 14, 13, 15, 16], 2018))).refused is None


def test_a_gap_in_the_years_is_named():
    rows = [r for r in yearly([10 + i for i in range(12)], 2014) if r["year"] != 2019]
    assert "2019" in str(ask(outlook, market(*rows)).refused)


def test_only_years_since_a_change_of_definition_count():
    rows = yearly([10 + i for i in range(14)], 2012)
    rows[10] |= {"is_break": True}
    assert "since the definition changed" in str(ask(outlook, market(*rows)).refused)
    rows[10] |= {"break_measure": "employees"}
    assert ask(outlook, market(*rows)).refused is None
