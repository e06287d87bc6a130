"""Only what a number supports, each with its number."""

import pandas as pd
import pytest

from tests.analyses.competitors.test_by_competitor import against
from tests.analyses.data.frames import AS_OF, ask, deals, frame, many
from tests.analyses.market.rows import firms, market, yearly
from workbook.analyses.competitors import by_competitor, loss_reasons, swot, tows
from workbook.text import render

GROWING = [
    {"year": 2012 + i, "segment": s, "volume": 10 * rate**i * (1 + 0.002 * ((i * 7 + len(s)) % 3))} for i in range(13) for s, rate in (("fast", 1.12), ("slow", 1.01), ("mid", 1.05))
]

RATED = frame("ratings", [])


def asked(sold, *frames):
    """The SWOT of deals, market, competitors and ratings."""
    return ask(swot, *frames, results=(ask(by_competitor, sold), ask(loss_reasons, sold)))


def told(result):
    return {(row["quadrant"], render(row["item"])): row for row in result.items.to_dict("records")}


def test_items_come_from_tests_and_carry_their_number():
    rows = [*against("Hard", 5, 95), *against("Easy", 80, 20), *against("Mid", 50, 50)]
    result = asked(deals(*rows), market(*GROWING), firms(), RATED)
    items = told(result)
    weak = items[("weakness", "Against Hard we win less often than against the others.")]
    assert weak["n"] == 100 and weak["evidence"] == 'win_rate.competitor="Hard"' and "5.0%" in render(weak["number"])
    assert ("strength", "Against Easy we win more often than against the others.") in items
    fast = items[("opportunity", "fast grows faster than the market.")]
    assert fast["n"] == 13 and fast["evidence"] == 'market_growth.segment="fast"'
    assert ("threat", "slow falls behind the market.") in items
    assert not result.empty


def test_an_empty_field_says_why():
    result = asked(deals(*against("A", 10, 10), *against("B", 10, 10)), market(), firms(), RATED)
    assert result.items.empty
    assert set(result.empty) == {"strength", "weakness", "opportunity", "threat"}
    assert "reliable" in render(result.empty["strength"]) and "market data" in render(result.empty["threat"])


@pytest.mark.parametrize(("change", "mine", "theirs"), [(0.05, "strength", "threat"), (-0.05, "weakness", "opportunity"), (0.001, None, None)])
def test_shares_won_and_lost(change, mine, theirs):
    rows = [{"competitor": c, "is_self": c == "us", "year": y, "market_share": 0.2 + change * (y - 2024)} for c in ("us", "X") for y in (2024, 2025)]
    result = asked(deals(), market(), firms(*rows), RATED)
    stated = {(row["quadrant"]) for row in result.items.to_dict("records") if row["evidence"] == ""}
    assert stated == ({mine, theirs} if mine else set())


def test_nothing_at_all_is_a_refusal():
    assert asked(deals(*many(5, status="won")), market(), firms(), RATED).refused is not None
    assert asked(deals(), market(*yearly([5] * 3, 2023)), firms(), RATED).refused is None


def test_buyers_ratings_enter_only_where_they_differ():
    own = [{"competitor": "us", "is_self": True}, {"competitor": "X"}]
    rows = [
        {"respondent_id": f"R{i}", "brand": brand, "attribute": attribute, "score": score}
        for i in range(20)
        for attribute, scores in (("Service", (6 + i % 2, 3)), ("Speed", (2, 5 + i % 2)), ("Same", (4 + i % 2, 4 + (i + 1) % 2)))
        for brand, score in zip(("us", "X"), scores, strict=True)
    ]
    items = told(asked(deals(), market(), firms(*own), frame("ratings", rows)))
    assert set(items) == {
        ("strength", "Buyers rate us better than the competitors on “Service”."), ("weakness", "Buyers rate us worse than the competitors on “Speed”."),
    }  # fmt: skip
    assert items["strength", "Buyers rate us better than the competitors on “Service”."]["n"] == 20


ITEM = {"item": "item", "number": "1", "n": 9, "date": "2026", "evidence": "", "support": "test"}


def items(*rows):
    return pd.DataFrame([ITEM | dict(zip(("quadrant", "kind", "subject"), row, strict=True)) for row in rows], columns=[*ITEM, "quadrant", "kind", "subject"])


def test_a_move_names_both_its_items_and_the_same_competitor_comes_first():
    given = items(("strength", "rival", "X"), ("opportunity", "segment", "S"), ("opportunity", "rival", "x"), ("threat", "market", ""))
    moves = tows.moves(given, AS_OF)
    assert [(row["field"], render(row["move"])) for row in moves.to_dict("records")] == [
        ("SO", "Approach the customers of X: we win against it, and it loses share."),
        ("ST", "Answer the threat with the strength (we win against X; item)."),
    ]
    assert {field: render(why) for field, why in tows.missing(given).items()} == {"WO": "no weakness is supported", "WT": "no weakness is supported"}


def test_each_item_is_used_once_per_field_and_the_number_of_moves_is_held():
    given = items(*(("strength", "attribute", f"A{i}") for i in range(4)), *(("opportunity", "segment", f"S{i}") for i in range(4)))
    moves = tows.moves(given, AS_OF, most=2)
    assert len(moves) == 2 and len({render(row) for row in moves["move"]}) == 2
    assert tows.moves(given.iloc[:0], AS_OF).empty and set(tows.missing(given.iloc[:0])) == {"SO", "WO", "ST", "WT"}
