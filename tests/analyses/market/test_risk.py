"""What could hurt: checks on hand-made cases."""

import pytest

from tests.analyses.data.frames import ask, deals
from tests.analyses.market.rows import firms, market, yearly
from workbook.analyses.market import risk


def won(*amounts):
    return [{"status": "won", "account_id": f"A{i}", "amount": amount, "currency": "EUR"} for i, amount in enumerate(amounts)]


def status(result, key):
    return next(c for c in result.checks if c.key == key).status


def test_one_giant_customer():
    result = ask(risk, deals(*won(900, *[1] * 100)), market(), firms())
    assert result.customers["amount_share"].tolist() == pytest.approx([0.9, 0.904, 0.909])
    assert status(result, "revenue_does_not_hang_on_few_customers") == "review"
    assert [a.key for a in result.actions] == ["spread_revenue_over_customers"]


def test_many_equal_customers():
    result = ask(risk, deals(*won(*[5] * 100)), market(), firms())
    assert result.customers["amount_share"].tolist() == pytest.approx([0.01, 0.05, 0.10])
    assert status(result, "revenue_does_not_hang_on_few_customers") == "pass"
    assert not result.actions


@pytest.mark.parametrize(("before", "after", "expected"), [(0.2, 0.1, "review"), (0.1, 0.2, "pass"), (0.1, 0.1, "pass")])
def test_own_share(before, after, expected):
    rows = [{"competitor": "us", "is_self": True, "market_share": s, "year": y} for y, s in ((2024, before), (2025, after))]
    assert status(ask(risk, deals(), market(), firms(*rows)), "we_lose_no_market_share") == expected


def test_substitutes_and_breaks():
    rows = yearly([1, 2, 3, 4, 5], 2020)
    rows[2] |= {"is_break": True}
    result = ask(risk, deals(), market(*rows), firms({"competitor": "A", "kind": "direct"}))
    assert status(result, "substitutes_are_watched") == "review"
    assert status(result, "no_market_figure_spans_a_change_of_definition") == "review"
    rows[2] |= {"break_measure": "employees"}
    calm = ask(risk, deals(), market(*rows), firms({"competitor": "A", "kind": "indirect"}))
    assert status(calm, "substitutes_are_watched") == "pass"
    assert status(calm, "no_market_figure_spans_a_change_of_definition") == "pass"


def test_nothing_to_check_is_a_refusal():
    assert ask(risk, deals(), market(), firms()).refused is not None
