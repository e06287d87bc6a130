"""Only what a number supports, each with its number."""

import pytest

from tests.analyses.competitors.test_by_competitor import against
from tests.analyses.data.frames import ask, deals, many
from tests.analyses.market.rows import firms, market, yearly
from workbook.analyses.competitors import swot
from workbook.text import render

GROWING = [
    {"year": 2012 + i, "segment": s, "volume": 10 * rate**i * (1 + 0.002 * ((i * 7 + len(s)) % 3))} for i in range(13) for s, rate in (("fast", 1.12), ("slow", 1.01), ("mid", 1.05))
]


def told(result):
    return {(row["quadrant"], render(row["item"])): row for row in result.items.to_dict("records")}


def test_items_come_from_tests_and_carry_their_number():
    rows = [*against("Hard", 5, 95), *against("Easy", 80, 20), *against("Mid", 50, 50)]
    result = ask(swot, deals(*rows), market(*GROWING), firms())
    items = told(result)
    weak = items[("weakness", "Against Hard we win less often than against the others.")]
    assert weak["n"] == 100 and weak["evidence"] == 'win_rate.competitor="Hard"' and "5.0%" in render(weak["number"])
    assert ("strength", "Against Easy we win more often than against the others.") in items
    fast = items[("opportunity", "fast grows faster than the market.")]
    assert fast["n"] == 13 and fast["evidence"] == 'market_growth.segment="fast"'
    assert ("threat", "slow falls behind the market.") in items
    assert not result.empty


def test_an_empty_field_says_why():
    result = ask(swot, deals(*against("A", 10, 10), *against("B", 10, 10)), market(), firms())
    assert result.items.empty
    assert set(result.empty) == {"strength", "weakness", "opportunity", "threat"}
    assert "reliable" in render(result.empty["strength"]) and "market data" in render(result.empty["threat"])


@pytest.mark.parametrize(("change", "mine", "theirs"), [(0.05, "strength", "threat"), (-0.05, "weakness", "opportunity"), (0.001, None, None)])
def test_shares_won_and_lost(change, mine, theirs):
    rows = [{"competitor": c, "is_self": c == "us", "year": y, "market_share": 0.2 + change * (y - 2024)} for c in ("us", "X") for y in (2024, 2025)]
    result = ask(swot, deals(), market(), firms(*rows))
    stated = {(row["quadrant"]) for row in result.items.to_dict("records") if row["evidence"] == ""}
    assert stated == ({mine, theirs} if mine else set())


def test_nothing_at_all_is_a_refusal():
    assert ask(swot, deals(*many(5, status="won")), market(), firms()).refused is not None
    assert ask(swot, deals(), market(*yearly([5] * 3, 2023)), firms()).refused is None
