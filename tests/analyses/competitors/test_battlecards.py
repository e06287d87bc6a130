"""Where we win and lose against one competitor: counted by hand."""

import pytest

from tests.analyses.data.frames import AS_OF, ask, deals, frame
from tests.analyses.market.rows import firms
from workbook.analyses.competitors import battlecards, tables
from workbook.text import render

NOBODY = (frame("accounts", []), frame("products", []), frame("ratings", []), firms())


def against(name, segment, won, lost, **more):
    row = {"competitor": name, "segment": segment, "closed_on": AS_OF, "amount": 100.0, "currency": "EUR"} | more
    return [row | {"status": "won"} for _ in range(won)] + [row | {"status": "lost", "loss_reason": "Price"} for _ in range(lost)]


def test_a_difference_within_a_competitor_is_stated_with_points_and_money():
    result = ask(battlecards, deals(*against("Acme", "Big", 45, 5), *against("Acme", "Small", 10, 40)), *NOBODY)
    rows = result.groups.set_index("value")
    assert rows.loc["Big", ["won_count", "closed_count"]].tolist() == [45, 50]
    assert rows.loc["Big", "difference"] == pytest.approx(0.9 - 0.2) and rows.loc["Big", "is_reliable"]
    assert rows.loc["Small", "at_stake"] == pytest.approx(-0.7 * 50 * 100)
    card = result.cards[0]
    assert "90.0% of 50 deals won, 20.0% elsewhere; +70.0 points" in render(card.wins[0])
    assert "€3,500" in render(card.losses[0])
    assert "“Price”" in render(card.say[-1]) and "100.0% of 45 lost deals" in render(card.say[-1])
    weak = next(action for action in result.actions if action.key.startswith("battlecard_gap"))
    assert weak.value == pytest.approx(3500) and weak.low < 3500 < weak.high and weak.currency == "EUR"


@pytest.mark.parametrize(("won", "lost"), [(40, 0), (0, 40)])
def test_deals_that_all_ended_alike_make_no_card(won, lost):
    result = ask(battlecards, deals(*against("Acme", "Big", won, lost), *against("Acme", "Small", won, lost)), *NOBODY)
    assert "ended alike" in str(result.refused)
    assert result.cards == ()


def test_no_difference_is_not_stated():
    result = ask(battlecards, deals(*against("Acme", "Big", 20, 20), *against("Acme", "Small", 21, 19)), *NOBODY)
    assert not result.groups["is_reliable"].any()
    assert "No kind of deal stands out reliably" in render(result.cards[0].wins[0])
    assert not result.actions and result.no_action is not None and result.certainty == "open"


def test_one_owner_per_side_proves_nothing():
    """All wins are one seller's: the segment cannot be told from the seller."""
    rows = [*against("Acme", "Big", 45, 5, owner_id="A"), *against("Acme", "Small", 10, 40, owner_id="B")]
    found = ask(battlecards, deals(*rows), *NOBODY)
    assert found.groups["clusters"].max() == 1
    assert not found.groups["is_reliable"].any()


def test_only_the_same_competitors_deals_are_compared():
    rows = [*against("Acme", "Big", 20, 20), *against("Acme", "Small", 20, 20), *against("Beta", "Big", 40, 0), *against("Beta", "Small", 0, 40)]
    result = ask(battlecards, deals(*rows), *NOBODY)
    reliable = result.groups[result.groups["is_reliable"]]
    assert set(reliable["competitor"]) == {"Beta"}


def test_needs_count_for_every_need_of_the_account():
    accounts = frame("accounts", [{"account_id": f"A{i}", "name": f"A{i}", "needs": "Speed; Safety" if i % 2 else "Safety ; Price"} for i in range(40)])
    rows = [row | {"account_id": f"A{i % 40}", "segment": None} for i, row in enumerate(against("Acme", None, 60, 60))]
    result = ask(battlecards, deals(*rows), accounts, *NOBODY[1:])
    needs = result.groups[result.groups["dimension"] == "need"].set_index("value")["closed_count"]
    assert needs.to_dict() == {"Speed": 60, "Price": 60}  # Safety has no deals outside it


def test_ratings_count_only_where_both_brands_were_rated():
    rated = [{"respondent_id": f"R{i}", "brand": b, "attribute": "Service", "score": s} for i in range(12) for b, s in (("us", 6 + i % 2), ("ACME", 4))]
    lone = [{"respondent_id": f"L{i}", "brand": "us", "attribute": "Service", "score": 1} for i in range(50)]
    frames = (*NOBODY[:2], frame("ratings", rated + lone), firms({"competitor": "us", "is_self": True}, {"competitor": "Acme"}))
    result = ask(battlecards, deals(*against("Acme", "Big", 20, 20)), *frames)
    row = result.ratings.iloc[0]
    assert (row["n"], row["own_score"], row["their_score"], row["difference"]) == (12, 6.5, 4.0, 2.5)
    assert "Bring up “Service”: 12 buyers who rated both give us 6.5 and Acme 4.0" in render(result.cards[0].say[0])
    assert [action.key for action in result.actions] == ["train_supported_arguments"]


def test_competitors_with_few_deals_are_listed_without_a_card():
    result = ask(battlecards, deals(*against("Acme", "Big", 20, 20), *against("Rare", "Big", 2, 3)), *NOBODY)
    assert [card.competitor for card in result.cards] == ["Acme"]
    assert result.without_card.to_dict("records") == [{"competitor": "Rare", "won_count": 2, "closed_count": 5}]
    assert ask(battlecards, deals(*against("Rare", "Big", 2, 3)), *NOBODY).refused is not None
    assert len(tables.battlecards(result)) == 1
