"""Fill rates by outcome, counted by hand; what is asked of sales operations, and when."""

from datetime import timedelta

import pyarrow as pa
import pytest

from tests.analyses.data.frames import AS_OF, ask, deals, many
from workbook.analyses.data import fill_rates


def test_fill_rates_by_hand():
    rows = [
        *many(3, status="won", source="Web"), *many(1, status="won"), *many(1, status="lost", source="Web"),
        *many(1, status="lost"), *many(1, status="open", source="Web"),
    ]  # fmt: skip
    row = ask(fill_rates, deals(*rows)).fields.set_index("column").loc["source"]
    assert (row["won"], row["lost"], row["open"]) == (0.75, 0.5, 1.0)
    assert row["filled_share"] == pytest.approx(5 / 7)
    assert (row["missing_won"], row["missing_lost"]) == (1, 1)


def test_zero_is_no_amount():
    rows = [{"status": "won", "amount": 5}, {"status": "won", "amount": 0}, {"status": "lost", "amount": -3}]
    row = ask(fill_rates, deals(*rows)).fields.set_index("column").loc["amount"]
    assert (row["won"], row["lost"]) == (0.5, 0.0)


def test_salvirts_budget_is_flagged_and_an_even_gap_is_not():
    """5 of 227 won and 31 of 221 lost lack the budget, as published; the other field lacks as many on either side."""
    won = [{"status": "won", "budget": None if i < 5 else "Yes", "even": None if i % 9 == 0 else "x"} for i in range(227)]
    lost = [{"status": "lost", "budget": None if i < 31 else "Yes", "even": None if i % 9 == 0 else "x"} for i in range(221)]
    result = ask(fill_rates, deals(*won, *lost, budget=pa.string(), even=pa.string()))
    fields = result.fields.set_index("column")
    assert (fields.loc["budget", "missing_won"], fields.loc["budget", "missing_lost"]) == (5, 31)
    assert fields.loc["budget", "differs"]
    assert not fields.loc["even", "differs"]
    assert "filled_alike_for_won_and_lost.budget" in {c.key for c in result.checks}


def test_fields_of_one_outcome_are_not_tested():
    rows = [*many(50, status="won"), *many(50, status="lost", loss_reason="Price", closed_on=AS_OF)]
    fields = ask(fill_rates, deals(*rows)).fields.set_index("column")
    assert not fields.loc[["loss_reason", "closed_on"], "differs"].any()


def test_missing_loss_reasons_become_an_action():
    rows = [*many(5, status="lost", competitor="none"), *many(5, status="won", competitor="none")]
    result = ask(fill_rates, deals(*rows))
    assert [a.key for a in result.actions] == ["record_loss_reason_at_close"]
    assert result.actions[0].due_on == AS_OF + timedelta(days=90)
    full = ask(fill_rates, deals(*[row | {"loss_reason": "Price"} for row in rows]))
    assert full.actions == ()


def test_no_rows():
    assert ask(fill_rates, deals()).refused is not None
