"""Concentration: the textbook case, bounds for the unnamed, segments put together, shares that cannot be."""

import pytest

from tests.analyses.data.frames import ask
from tests.analyses.market.rows import firms, market, yearly
from workbook.analyses.market import concentration


def shares(*values, **row):
    return [{"competitor": f"F{i}", "market_share": value} | row for i, value in enumerate(values)]


def test_thirty_thirty_twenty_twenty_is_2600():
    result = ask(concentration, firms(*shares(0.3, 0.3, 0.2, 0.2)), market())
    for key, value in (("hhi", 2600), ("cr4", 1.0)):
        head = result.headline(key)
        assert (head.value, head.low, head.high) == pytest.approx((value, value, value))
        assert head.n == 4
    assert "high" in str(result.finding)


def test_unnamed_firms_are_bounded_by_the_smallest_named_rival():
    """0.4 + 0.2 named: 2,000 if the rest is dust; the rest as two firms of 20 % adds 800. Four largest: 60 % to 100 %."""
    result = ask(concentration, firms(*shares(0.4, 0.2)), market())
    hhi, cr4 = result.headline("hhi"), result.headline("cr4")
    assert (hhi.low, hhi.high) == pytest.approx((2000, 2800))
    assert (cr4.low, cr4.high) == pytest.approx((0.6, 1.0))


def test_the_own_firm_counts_but_does_not_bound_the_others():
    """Own 1 %, rival 33 %: the unnamed 66 % are at most two firms of 33 %, not sixty-six of 1 %."""
    rows = [{"competitor": "us", "market_share": 0.01, "is_self": True}, {"competitor": "them", "market_share": 0.33}]
    head = ask(concentration, firms(*rows), market()).headline("hhi")
    assert (head.low, head.high) == pytest.approx((33**2 + 1, 3 * 33**2 + 1))


def test_segments_are_put_together_by_their_size():
    """A holds half of a market of 100 and nothing of one of 300: an eighth of the whole. Sizes from revenue over share."""
    rows = [
        {"competitor": "A", "segment": "s", "market_share": 0.5, "revenue": 50}, {"competitor": "B", "segment": "s", "market_share": 0.5, "revenue": 50},
        {"competitor": "B", "segment": "t", "market_share": 1.0, "revenue": 300},
    ]  # fmt: skip
    result = ask(concentration, firms(*rows), market())
    assert result.shares.set_index("competitor")["market_share"].to_dict() == pytest.approx({"A": 0.125, "B": 0.875})
    assert result.headline('hhi.segment="s"').value == pytest.approx(5000)
    assert result.headline("hhi").value == pytest.approx(12.5**2 + 87.5**2)


def test_segment_sizes_and_shares_come_from_the_market_where_they_lack():
    rows = [{"competitor": "A", "segment": "S", "revenue": 25e6, "currency": "EUR"}, {"competitor": "B", "segment": "t", "market_share": 0.5}]
    sizes = [{"year": 2025, "segment": "s", "volume": 100}, {"year": 2025, "segment": "t", "volume": 300}]
    result = ask(concentration, firms(*rows), market(*sizes))
    assert result.headline('hhi.segment="S"').value == pytest.approx(625)


def test_segments_without_size_give_no_figure_for_the_whole():
    rows = [{"competitor": "A", "segment": "s", "market_share": 0.5}, {"competitor": "A", "segment": "t", "market_share": 0.1}]
    result = ask(concentration, firms(*rows), market())
    assert result.headline("hhi").value is None
    assert "size" in str(result.headline("hhi").reason)
    assert result.headline('hhi.segment="s"').value == pytest.approx(2500)


def test_more_than_the_whole_market_is_a_fault_of_the_data():
    result = ask(concentration, firms(*shares(0.7, 0.7)), market())
    assert result.headline("hhi").value is None
    assert next(c for c in result.checks if c.key.startswith("shares_add_up")).status == "fail"


def test_the_change_of_a_share_and_the_year_before():
    rows = [*shares(0.5, 0.3, year=2024), *shares(0.4, 0.4, year=2025)]
    result = ask(concentration, firms(*rows), market())
    assert result.changes.set_index("competitor")["change"].to_dict() == pytest.approx({"F0": -0.1, "F1": 0.1})
    assert result.headline("hhi").prior == pytest.approx(3400)
    assert "cannot be tested" in str(result.finding)


def test_a_share_that_rises_four_years_in_line_is_a_reliable_gain():
    rows = [row for i, gain in enumerate((0.0, 0.021, 0.039, 0.06)) for row in shares(0.5 - gain, 0.3 + gain, year=2022 + i)]
    result = ask(concentration, firms(*rows), market())
    row = result.changes.set_index("competitor").loc["F1"]
    assert row["is_reliable"] and row["low"] < 0.06 < row["high"]
    assert "F1 gained most" in str(result.finding)
    assert result.actions[0].key == "study_gaining_competitors"


@pytest.mark.parametrize("rows", [[], [{"competitor": "A"}], [{"competitor": "A", "revenue": 5}], [{"competitor": "A", "market_share": 0}]])
def test_without_shares_there_is_a_reason(rows):
    assert ask(concentration, firms(*rows), market()).refused is not None


def test_revenue_becomes_a_share_of_the_market():
    row = {"competitor": "A", "revenue": 4e6, "currency": "EUR"}
    assert ask(concentration, firms(row), market(*yearly([10], 2025))).headline("hhi").value == pytest.approx(1600)
    assert ask(concentration, firms(row | {"currency": "USD"}), market(*yearly([10], 2025))).refused is not None
