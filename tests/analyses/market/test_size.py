"""How big is the market: counted on paper."""

import pytest

from tests.analyses.data.frames import ask
from tests.analyses.market.rows import market, yearly
from workbook.analyses.market import size


def check(result, key):
    return next(c for c in result.checks if c.key.startswith(key))


def test_the_latest_year_counts_and_money_is_brought_to_whole_units():
    result = ask(size, market(*yearly([100, 110], 2024)))
    head = result.headline("market_size")
    assert (head.value, head.prior, head.unit, head.currency, head.n) == (110e6, 100e6, "money", "EUR", 1)
    assert head.low is None and head.reason is not None
    assert "+10.0%" in str(result.finding) and "€110m" in str(result.finding)


def test_regions_add_up_and_a_stated_total_beats_its_segments():
    rows = [
        {"year": 2025, "region": "North", "volume": 50}, {"year": 2025, "region": "North", "segment": "a", "volume": 30},
        {"year": 2025, "region": "North", "segment": "b", "volume": 25}, {"year": 2025, "region": "South", "segment": "a", "volume": 7},
        {"year": 2025, "region": "South", "segment": "b", "volume": 3},
    ]  # fmt: skip
    result = ask(size, market(*rows))
    assert result.headline("market_size").value == pytest.approx(60e6)
    assert result.headline("market_size").n == 3
    gap = result.gaps.iloc[0]
    assert (gap["region"], gap["stated"], gap["summed"]) == ("North", 50e6, 55e6)
    told = check(result, "stated_total_equals")
    assert told.status == "review"
    assert "€55.0m" in str(told.reason) and "€50.0m" in str(told.reason)
    parts = result.by_part.set_index("name")["volume"]
    assert parts["a"] == 37e6 and parts["North"] == 50e6


def test_a_total_over_regions_counts_alone():
    rows = [{"year": 2025, "volume": 99}, {"year": 2025, "region": "North", "volume": 50}, {"year": 2025, "region": "South", "volume": 40}]
    assert ask(size, market(*rows)).headline("market_size").value == 99e6


def test_money_is_the_market_and_the_longest_history_where_there_is_none():
    money, firms = yearly([5], 2025), yearly([10, 11, 12], 2023, measure="firms", unit="firms")
    heads = {h.key: h for h in ask(size, market(*money, *firms)).headlines}
    assert heads["market_size"].unit == "money"
    assert heads['market_size.measure="firms"'].value == 12
    short = yearly([7], 2025, measure="people", unit="people")
    assert ask(size, market(*firms, *short)).headline("market_size").value == 12


def test_the_setting_names_the_measure():
    rows = market(*yearly([5], 2025), *yearly([12], 2025, measure="Firms", unit="firms"))
    assert ask(size, rows, measure="firms").headline("market_size").value == 12
    refused = ask(size, rows, measure="ships")
    assert "ships" in str(refused.refused) and "turnover" in str(refused.refused)


def test_a_latest_year_without_all_its_regions_is_not_a_shrinking_market():
    rows = [{"year": y, "region": r, "volume": v} for y in (2022, 2023, 2024) for r, v in (("North", 10), ("South", 20))]
    result = ask(size, market(*rows, {"year": 2025, "region": "North", "volume": 11}))
    assert result.headline("market_size").value == 30e6
    assert "2024" in str(result.finding)
    assert "2025" in str(check(result, "market_years_are_made").reason)


def test_a_value_given_twice_is_told_and_the_better_source_counts():
    rows = [{"year": 2025, "volume": 10, "grade": "C"}, {"year": 2025, "volume": 12, "grade": "A"}]
    result = ask(size, market(*rows))
    assert result.headline("market_size").value == 12e6
    assert check(result, "each_market_value").status == "review"


def test_years_after_the_reporting_date_do_not_count():
    assert ask(size, market(*yearly([10, 20, 99], 2025))).headline("market_size").value == 20e6


def test_two_currencies_are_two_series():
    rows = [{"year": 2025, "region": "EU", "volume": 10}, {"year": 2025, "region": "US", "volume": 5, "unit": "m USD"}]
    heads = {h.key: (h.value, h.currency) for h in ask(size, market(*rows)).headlines}
    assert len(heads) == 2
    assert set(heads.values()) == {(10e6, "EUR"), (5e6, "USD")}


def test_old_data_are_marked():
    assert check(ask(size, market(*yearly([10], 2019))), "market_data_are_recent").status == "review"
    assert check(ask(size, market(*yearly([10], 2025))), "market_data_are_recent").status == "pass"


def test_no_row_is_a_refusal():
    assert ask(size, market()).refused is not None
