"""Sizes from assumptions: counted on paper where nothing varies, two ways side by side, settings before data."""

from datetime import date

import pytest

from tests.analyses.data.frames import ask, deals, frame
from tests.analyses.market.rows import firms, market
from workbook.analyses.market import sizing
from workbook.analyses.market.assumptions import Assumption


def fixed(value, grade="A"):
    return Assumption(low=value, mode=value, high=value, source="counted", grade=grade)


def sold(n=40, **row):
    """Each account asks once in 2024 and once in 2025 for 1,000; every second deal is won."""
    return [
        {"status": "won" if i % 2 else "lost", "account_id": f"A{i:02d}", "created_on": date(year, 2, 1), "closed_on": date(year, 5, 1),
         "amount": 1000, "currency": "EUR", "region": "North"} | row
        for i in range(n) for year in (2024, 2025)
    ]  # fmt: skip


def ask_sizing(rows=(), sales=(), rivals=(), **settings):
    return ask(sizing, market(*rows), deals(*sales), frame("accounts", []), frame("products", []), firms(*rivals), **settings)


ROWS = [{"year": 2025, "region": region, "volume": volume} for region, volume in (("North", 60), ("South", 40))]


def test_top_down_counts_on_paper():
    """100 m market, North is 60 of it, our share of it a tenth: 6 m."""
    result = ask_sizing(ROWS, sold(), tam=fixed(100e6), own_share=fixed(0.1))
    assert [result.headline(key).value for key in ("tam", "sam", "som")] == pytest.approx([100e6, 60e6, 6e6])
    assert result.headline('sam.held="others"').value == pytest.approx(54e6)


def test_bottom_up_counts_on_paper():
    """50 buyers ask for 2,000 a year each, half of it is won."""
    result = ask_sizing(sales=sold(), buyers=fixed(50), demand=fixed(2000), win_share=fixed(0.5))
    assert [result.headline(key).value for key in ("sam", "som")] == pytest.approx([100_000, 50_000])
    assert "tam" not in {h.key for h in result.headlines}


def test_demand_is_what_an_account_asks_for_in_a_year():
    demand = next(a for _, a in ask_sizing(sales=sold()).assumptions if a.key == "demand")
    assert demand.mode == pytest.approx(1000)
    buyers = next(a for _, a in ask_sizing(sales=sold()).assumptions if a.key == "buyers")
    assert buyers.low == buyers.mode == 40


@pytest.mark.parametrize(("tam", "agrees"), [(80e3 / 0.6, True), (80e6, False)])
def test_the_verdict_follows_the_ratio(tam, agrees):
    own = {"buyers": fixed(40), "demand": Assumption(low=1500, mode=2000, high=2500, source="x", grade="B")}
    result = ask_sizing(ROWS, sold(), tam=fixed(tam), own_share=fixed(0.5), **own)
    row = result.ratios.set_index("level").loc["sam"]
    assert bool(row["agrees"]) == agrees
    assert any(action.key == "reach_buyers_unseen" for action in result.actions) != agrees


def test_the_widest_assumption_drives_the_result_and_is_to_be_firmed_up():
    wide = Assumption(low=0.01, mode=0.1, high=0.5, source="guess", grade="E")
    result = ask_sizing(ROWS, sold(), tam=fixed(100e6), own_share=wide)
    assert result.drivers["key"].iloc[0] == "own_share"
    assert result.drivers.loc[0, ["low_value", "high_value"]].tolist() == pytest.approx([0.6e6, 30e6])
    assert result.actions[0].key == "firm_up_the_driving_assumption"


def test_names_that_fit_only_some_won_deals_tell_nothing():
    sales = [*sold(8), *sold(40, region="Elsewhere")]
    served = next(a for _, a in ask_sizing(ROWS, sales).assumptions if a.key == "served_share")
    assert (served.low, served.mode, served.grade) == (0.5, 1.0, "E")


def test_an_assumption_out_of_order_is_refused():
    with pytest.raises(ValueError, match="low"):
        Assumption(low=2, mode=1, high=3, source="x", grade="A")


def test_neither_market_nor_deals_is_refused():
    assert ask_sizing().refused is not None
