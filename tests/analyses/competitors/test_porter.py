"""Position practised: each indicator speaks where its interval lets it."""

import pytest

from tests.analyses.data.frames import ask, deals, frame
from tests.analyses.market.rows import firms
from workbook.analyses.competitors import porter
from workbook.text import render

RATED = frame("ratings", [])


def priced(*levels):
    return firms({"competitor": "us", "is_self": True, "price_index": 100}, *({"competitor": f"C{i}", "price_index": p} for i, p in enumerate(levels)))


def spoken(result):
    return {row["indicator"]: (row["speaks_for"], row["speaks_against"]) for row in result.indicators.to_dict("records")}


def sold(dear, cheap, n=200):
    """Win rates against C0 (cheaper than we are) and C1 (dearer)."""
    rows = [{"competitor": "C0", "status": "won" if i < dear * n else "lost"} for i in range(n)]
    return rows + [{"competitor": "C1", "status": "won" if i < cheap * n else "lost"} for i in range(n)]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((80, 82, 84, 81), ("differentiation", "cost_leadership")), ((120, 118, 122, 121), ("cost_leadership", "differentiation")), ((100, 101, 99), ("", ""))],
)
def test_price_level(levels, expected):
    result = ask(porter, deals(), priced(*levels), RATED)
    row = result.indicators.set_index("indicator").loc["price_level"]
    assert spoken(result)["price_level"] == expected and row["low"] < row["value"] < row["high"]
    assert result.practised is None and "cannot be said" in render(result.finding)


def test_price_level_by_hand():
    """Own 100 against 80 and 125 and 100: the logs cancel out, so the level is 100."""
    row = ask(porter, deals(), priced(80, 125, 100), RATED).indicators.iloc[0]
    assert row["value"] == pytest.approx(100) and row["n"] == 3


@pytest.mark.parametrize(("dear", "cheap", "expected"), [(0.6, 0.3, ("differentiation", "cost_leadership")), (0.3, 0.6, ("cost_leadership", "differentiation")), (0.4, 0.4, ("", ""))])
def test_wins_when_dearer_and_when_cheaper(dear, cheap, expected):
    result = ask(porter, deals(*sold(dear, cheap)), priced(80, 120), RATED)
    assert spoken(result)["wins_by_price"] == expected
    assert result.indicators.set_index("indicator").loc["wins_by_price", "value"] == pytest.approx(100 * (dear - cheap))


def test_a_deal_against_a_dearer_and_a_cheaper_one_counts_for_neither():
    rows = [*sold(0.6, 0.3), *({"competitor": "C0; C1", "status": "won"} for _ in range(500))]
    assert ask(porter, deals(*rows), priced(80, 120), RATED).indicators.set_index("indicator").loc["wins_by_price", "n"] == 400


def test_the_declared_position_is_set_against_the_one_practised():
    rows = [row | {"discount_share": 0.01 + 0.001 * (i % 5), "owner_id": f"P{i % 12}"} for i, row in enumerate(sold(0.6, 0.3))]
    result = ask(porter, deals(*rows), priced(80, 120, 81, 82, 79), RATED, declared_position="cost_leadership")
    assert result.practised == "differentiation"
    assert [action.key for action in result.actions] == ["settle_the_position"] and "cost leadership" in render(result.finding)
    same = ask(porter, deals(*rows), priced(80, 120, 81, 82, 79), RATED, declared_position="differentiation")
    assert not same.actions and "the one declared" in render(same.finding)
    assert "No position is declared" in render(ask(porter, deals(*rows), priced(80, 120), RATED).finding)


def test_a_niche_is_known_by_its_segment():
    rows = [{"status": "won", "segment": "A" if i % 20 else "B", "amount": 10.0, "currency": "EUR", "account_id": f"K{i}"} for i in range(100)]
    assert ask(porter, deals(*rows), priced(), RATED, indicators_min_count=1).practised == "niche"


def test_nothing_at_all_is_a_refusal():
    result = ask(porter, deals(), firms(), RATED)
    assert result.refused is not None
