"""How fast the market grows: exact series, breaks only where they belong, own growth beside it."""

from datetime import date

import numpy as np
import pytest

from tests.analyses.data.frames import ask, deals
from tests.analyses.market.rows import market, yearly
from workbook.analyses.market import growth, pace

EXACT = [100 * 1.05**i for i in range(10)]


def test_a_steady_series_gives_its_rate():
    result = ask(growth, market(*yearly(EXACT, 2015)))
    assert result.headline("market_growth").value == pytest.approx(0.05)
    compound = result.headline('market_growth.cagr="2015-2024"')
    assert compound.value == pytest.approx(0.05)
    assert compound.n == 10
    assert "5.0%" in str(result.finding)


def test_compound_growth_between_two_ends_counts_on_paper():
    result = ask(growth, market(*yearly([100, 121], 2023, measure="x"), {"year": 2025, "volume": 144, "measure": "x"}))
    head = result.headline('market_growth.cagr="2023-2025"')
    assert head.value == pytest.approx(0.2)
    assert head.low is None and head.reason is not None
    assert result.headline("market_growth").value is None


def broken(measure=None):
    """A jump of one half in 2020, marked as a change of definition of `measure`."""
    values = [v * (1.5 if 2015 + i >= 2020 else 1) for i, v in enumerate(EXACT)]
    rows = yearly(values, 2015)
    rows[5] |= {"is_break": True, "break_measure": measure, "note": "counts change"}
    return rows


@pytest.mark.parametrize("measure", [None, "turnover", "Turnover"])
def test_a_change_of_definition_bends_the_measure_it_concerns(measure):
    result = ask(growth, market(*broken(measure)))
    assert result.headline("market_growth").value == pytest.approx(0.05)
    assert not any("2015-2024" in h.key for h in result.headlines)
    assert result.headline('market_growth.cagr="2020-2024"').value == pytest.approx(0.05)
    assert next(c for c in result.checks if c.key.startswith("definition_is_stable")).status == "review"


def test_a_change_that_concerns_another_measure_is_shown_and_bends_nothing():
    result = ask(growth, market(*broken("employees")))
    assert result.headline("market_growth").value > 0.08
    assert any("2015-2024" in h.key for h in result.headlines)
    assert next(c for c in result.checks if c.key.startswith("definition_is_stable")).status == "pass"
    assert any("employees" in str(limit) and "2020" in str(limit) for limit in result.limits)


def test_parts_are_told_apart_only_when_their_share_moves():
    rng = np.random.default_rng(2)
    rows = []
    for i in range(14):
        shock = 1 + rng.normal(0, 0.02)
        for name, rate in (("fast", 1.10), ("same", 1.04), ("twin", 1.04)):
            rows.append({"year": 2011 + i, "segment": name, "volume": 10 * rate**i * shock * (1 + rng.normal(0, 0.01))})
    parts = ask(growth, market(*rows)).by_part.set_index("name")
    assert parts.loc["fast", "is_reliable"] and parts.loc["fast", "share_rate"] > 0
    assert parts.loc["fast", "rate"] == pytest.approx(0.10, abs=0.01)
    assert ask(growth, market(*rows)).headline('market_growth.segment="fast"').n == 14


def won(year, n, amount=1000, **row):
    return [
        {"status": "won", "created_on": date(year, 1, 5), "closed_on": date(year, 6, 1), "amount": amount, "currency": "EUR",
         "account_id": f"A{year}{i}"} | row
        for i in range(n)
    ]  # fmt: skip


def test_own_growth_uses_complete_years_only():
    """Cycle 147 days from January 2020 on: 2020 is incomplete, 2026 not over; 10 → 20 deals in five years, 2021 to 2025."""
    sold = [d for year, n in zip(range(2020, 2027), (30, 10, 12, 14, 17, 20, 9), strict=True) for d in won(year, n)]
    result = ask(pace, market(*yearly([10] * 10, 2016, unit="k EUR")), deals(*sold))
    assert result.own_years == (2021, 2025)
    assert result.own_growth.value - 1 == pytest.approx(2 ** (1 / 4) - 1)
    assert result.market_growth == pytest.approx(0)
    assert list(result.own["is_complete"]) == [False, True, True, True, True, True, False]
    assert result.own.set_index("year").loc[2025, "market_share"] == pytest.approx(2.0)


def test_reliably_faster_or_slower_is_said_and_otherwise_not():
    flat = market(*yearly([1000] * 10, 2016))
    many_more = [d for year, n in ((2020, 5), (2021, 50), (2025, 400)) for d in won(year, n)]
    few = [d for year, n in ((2020, 5), (2021, 4), (2025, 5)) for d in won(year, n)]
    status = {name: next(c for c in ask(pace, flat, deals(*sold)).checks if c.key.startswith("we_grow")).status
              for name, sold in (("more", many_more), ("few", few))}  # fmt: skip
    assert status == {"more": "pass", "few": "review"}


def test_one_customer_with_many_deals_is_one_case():
    single = [d for year, n in ((2020, 5), (2021, 50), (2025, 400)) for d in won(year, n, account_id="A")]
    result = ask(pace, market(*yearly([1000] * 10, 2016)), deals(*single))
    assert result.own_growth.high / result.own_growth.low > 3


def test_won_amounts_in_other_money_stand_beside_nothing():
    sold = [d for year in (2020, 2021, 2025) for d in won(year, 9, currency="USD")]
    result = ask(pace, market(*yearly(EXACT, 2015)), deals(*sold))
    assert result.own.empty and result.own_years is None


def test_values_not_positive_and_too_few_years_are_refused_with_a_reason():
    assert "positive" in str(ask(growth, market(*yearly([1, 0, 2, 3, 4, 5]))).limits[0])
    assert ask(growth, market(*yearly([5], 2025))).refused is not None
    assert ask(growth, market()).refused is not None
