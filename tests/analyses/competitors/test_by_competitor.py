"""Against whom we win: counted on paper, pooled where few, asserted only where it survives."""

import pytest

from tests.analyses.data.frames import AS_OF, ask, deals, many
from workbook.analyses.competitors import by_competitor, overall


def against(name, won, lost, **row):
    return [*many(won, status="won", competitor=name, **row), *many(lost, status="lost", competitor=name, **row)]


def test_rates_counts_and_what_was_lost():
    rows = [*against("Acme", 4, 16, amount=10, currency="EUR"), *against("Beta", 12, 8, amount=5, currency="EUR"), {"status": "open", "competitor": "Acme"}]
    result = ask(by_competitor, deals(*rows))
    table = result.by_competitor.set_index("competitor")
    assert table["win_rate"].to_dict() == {"Acme": 0.2, "Beta": 0.6}
    assert table["deals_count"].to_dict() == {"Acme": 21, "Beta": 20}
    assert table["lost_amount"].to_dict() == {"Acme": 160, "Beta": 40}
    assert result.headline('win_rate.competitor="Acme"').n == 20
    assert table.loc["Acme", "difference"] == pytest.approx(-0.4)


@pytest.mark.parametrize(("named", "others", "said"), [
    ((40, 0), (0, 0), "leaves out the lost"), ((0, 40), (0, 0), "leaves out the won"), ((40, 0), (9, 40), "recorded on won deals alone, 40 of them"),
    ((0, 40), (40, 9), "recorded on lost deals alone, 40 of them"),
])  # fmt: skip
def test_where_every_entry_ended_alike_there_is_no_rate_against_anybody(named, others, said):
    """A field that is filled where a deal was lost says who won it, not how often."""
    rows = [*against("Acme", *named), *many(others[0], status="won"), *many(others[1], status="lost")]
    for question in (by_competitor, overall):
        result = ask(question, deals(*rows))
        assert said in str(result.refused)
        assert result.headlines == ()


def test_a_deal_naming_two_counts_for_both_but_not_for_the_others():
    rows = [*against("Acme; Beta", 10, 10), *against("Beta", 10, 0), *against("Acme", 0, 10)]
    table = ask(by_competitor, deals(*rows)).by_competitor.set_index("competitor")
    assert table["closed_count"].to_dict() == {"Acme": 30, "Beta": 30}
    assert table.loc["Acme", "difference"] == pytest.approx(1 / 3 - 1)  # others: the ten deals that name Beta alone


def test_few_deals_are_pooled_and_named():
    rows = [*against("Acme", 10, 10), *against("Tiny", 1, 2), *against("Small", 2, 3)]
    result = ask(by_competitor, deals(*rows))
    assert [h.key for h in result.headlines] == ['win_rate.competitor="Acme"']
    assert result.pooled["competitor"].tolist() == ["Small", "Tiny"]
    assert (result.pooled_rate.successes, result.pooled_rate.n) == (3, 8)
    assert any("Small, Tiny" in str(limit) for limit in result.limits)


def test_shrinkage_pulls_the_few_more_than_the_many():
    rows = [*against("Many", 30, 70), *against("Few", 9, 3), *against("Other", 50, 50), *against("More", 20, 60)]
    table = ask(by_competitor, deals(*rows)).by_competitor.set_index("competitor")
    pull = (table["win_rate"] - table["shrunken_share"]).abs()
    assert pull["Few"] > pull["Many"]
    assert table.loc["Few", "shrunken_share"] < table.loc["Few", "win_rate"]


def test_a_clear_difference_is_asserted_with_an_action_and_chance_is_not():
    harder = ask(by_competitor, deals(*against("Hard", 10, 90, amount=100, currency="EUR", closed_on=AS_OF), *against("A", 50, 50), *against("B", 50, 50)))
    assert "Against Hard we win less often" in str(harder.finding)
    action = harder.actions[0]
    assert action.evidence == ('win_rate.competitor="Hard"',)
    assert action.value == pytest.approx(0.4 * 100 * 100)
    assert 0 < action.low < action.value < action.high
    chance = ask(by_competitor, deals(*against("A", 11, 9), *against("B", 9, 11), *against("C", 10, 10)))
    assert "none differs reliably" in str(chance.finding) and not chance.actions


def test_many_equal_competitors_give_no_finding():
    """Twenty competitors at one half, one of them a little off: one false-discovery control over all of them."""
    rows = [row for i in range(20) for row in against(f"C{i}", 10, 10)] + against("Odd", 15, 7)
    assert not ask(by_competitor, deals(*rows)).by_competitor["is_reliable"].any()


def test_one_competitor_or_none():
    alone = ask(by_competitor, deals(*against("Acme", 5, 15)))
    assert "no other competitor" in str(alone.finding)
    assert ask(by_competitor, deals(*many(9, status="won", competitor="none"))).refused is not None
    assert ask(by_competitor, deals(*many(9, status="open", competitor="Acme"))).refused is not None


def test_few_owners_are_said():
    rows = [r | {"owner_id": f"P{i % 3}"} for i, r in enumerate([*against("A", 10, 10), *against("B", 10, 10)])]
    checks = {c.key: c.status for c in ask(by_competitor, deals(*rows)).checks}
    assert checks["competitor_intervals_rest_on_enough_owners_and_accounts"] == "review"


def test_mixed_currencies_refuse_money_and_keep_rates():
    rows = [r | {"currency": "USD" if i % 2 else "EUR", "amount": 5} for i, r in enumerate([*against("A", 10, 10), *against("B", 10, 10)])]
    result = ask(by_competitor, deals(*rows))
    assert result.by_competitor["lost_amount"].isna().all()
    assert result.headline('win_rate.competitor="A"').value == 0.5
