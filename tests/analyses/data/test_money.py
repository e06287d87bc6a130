"""Pipeline, won amount and velocity, counted by hand; money refused where currencies are mixed, deals still counted."""

from datetime import date, timedelta

import pytest

from tests.analyses.data.frames import AS_OF, ask, deals, many
from workbook.analyses.data import pipeline, velocity, won_amount

OPEN = {"status": "open", "currency": "EUR"}
CLOSED = [
    {"status": "won", "created_on": AS_OF - timedelta(days=100), "closed_on": AS_OF - timedelta(days=60)},
    {"status": "lost", "created_on": AS_OF - timedelta(days=100), "closed_on": AS_OF - timedelta(days=80)},
]


def opened(days, amount=100, due=None, **more):
    expected = None if due is None else AS_OF + timedelta(days=due)
    return OPEN | {"created_on": AS_OF - timedelta(days=days), "amount": amount, "expected_close_on": expected} | more


def test_open_pipeline_by_hand():
    """Longest cycle 40 days: one stale. One overdue, one due today is not. 100 + 200 + 0 + missing."""
    rows = [opened(41, 100, 5), opened(40, 200, -1), opened(3, 0, 0), opened(3, None, 9)]
    result = ask(pipeline, deals(*rows, *CLOSED))
    head = result.headline("open_pipeline")
    assert (head.value, head.n, head.low, head.currency) == (300.0, 2, None, "EUR")
    assert "not an estimate" in str(head.reason)
    assert (result.open_count, result.overdue_count, result.stale_count) == (4, 1, 1)
    states = result.by_state.set_index("state")["amount"]
    assert states.to_dict() == {"all": 300.0, "overdue": 200.0, "stale": 100.0}


def test_stages_add_up_to_the_total():
    rows = [opened(3, 10 * i, stage=stage) for i, stage in enumerate(["Offer", "Offer", "Talk", None, "Talk", "Offer"], 1)]
    result = ask(pipeline, deals(*rows))
    assert result.by_stage["stage"].tolist() == ["Offer", "Talk", None]
    assert result.by_stage["deals_count"].tolist() == [3, 2, 1]
    assert result.by_stage["amount"].sum() == result.headline("open_pipeline").value == 210


def test_actions_follow_from_checks():
    clean = ask(pipeline, deals(*[opened(5, 10, 5) for _ in range(20)], *CLOSED))
    assert clean.actions == ()
    assert {c.status for c in clean.checks} == {"pass"}
    dirty = ask(pipeline, deals(*[opened(500, None, -5) for _ in range(20)], *CLOSED))
    assert {a.key for a in dirty.actions} == {"clear_stale_deals", "renew_expected_closes", "enter_amounts_of_open_deals"}
    assert {a.due_on for a in dirty.actions} == {AS_OF + timedelta(days=30)}
    assert dirty.headline("open_pipeline").value is None


def test_no_open_deal_is_no_pipeline_of_zero():
    head = ask(pipeline, deals(*CLOSED)).headline("open_pipeline")
    assert head.value is None
    assert "closed deals only" in str(head.reason)


def test_mixed_currencies_refuse_the_sum_and_count_the_deals():
    rows = [opened(5, 100), opened(5, 50, currency="USD"), *CLOSED]
    result = ask(pipeline, deals(*rows))
    assert result.headline("open_pipeline").value is None
    assert "EUR, USD" in str(result.headline("open_pipeline").reason)
    assert result.open_count == 2
    assert result.by_stage["amount"].isna().all()
    won = [{"status": "won", "amount": 5, "currency": c} for c in ("EUR", "USD")]
    assert "EUR, USD" in str(ask(won_amount, deals(*won)).refused)
    assert "EUR, USD" in str(ask(velocity, deals(*won, *rows)).refused)


def test_a_currency_without_an_amount_does_not_mix():
    assert ask(pipeline, deals(opened(5, 100), opened(5, None, currency="USD"))).headline("open_pipeline").value == 100


def sold(amount, closed, account="A"):
    created = closed - timedelta(days=10)
    return {
        "status": "won", "amount": amount, "currency": "EUR", "account_id": account, "created_on": created, "closed_on": closed,
    }  # fmt: skip


def test_won_amount_by_hand():
    rows = [
        sold(100, date(2024, 5, 1)), sold(50, date(2025, 5, 1)), sold(25, date(2026, 5, 1)), sold(0, date(2026, 5, 2)),
        {"status": "lost", "amount": 999, "currency": "EUR"},
    ]  # fmt: skip
    result = ask(won_amount, deals(*rows))
    head = result.headline("won_amount")
    assert (head.value, head.n, head.currency) == (175.0, 3, "EUR")
    assert result.by_year["amount"].tolist() == [100, 50, 25]
    assert result.by_year["without_amount_count"].tolist() == [0, 0, 1]
    assert result.by_year["is_partial"].tolist() == [False, False, True]
    recent = result.headline('won_amount.period="last 12 months"')
    assert (recent.value, recent.prior) == (25.0, 50.0)


def test_the_year_before_is_left_out_where_the_data_begin_in_it():
    rows = [sold(50, date(2025, 5, 1)), sold(25, date(2026, 5, 1))]
    assert ask(won_amount, deals(*rows)).headline('won_amount.period="last 12 months"').prior is None


def test_few_customers_hold_the_sales():
    rows = [sold(70, AS_OF, "big"), *[sold(3, AS_OF, f"small {i}") for i in range(10)]]
    result = ask(won_amount, deals(*rows), top_customers=1)
    assert result.top_share == pytest.approx(0.7)
    assert result.customers["cumulated_share"].iloc[-1] == pytest.approx(1.0)
    assert {c.key: c.status for c in result.checks}["won_amount_is_spread_over_customers"] == "review"
    assert "big" not in result.customers.to_string()


def funnel(pipeline_name=None):
    """2 open, 1 of 2 won, mean amount 1,000, cycle 40 days: 2 × 0.5 × 1,000 ÷ 40 = 25 per day."""
    rows = [opened(3, 5), opened(5, 7), CLOSED[0] | {"amount": 1000, "currency": "EUR"}, CLOSED[1]]
    return [row | {"pipeline": pipeline_name} for row in rows]


def test_velocity_by_hand():
    result = ask(velocity, deals(*funnel()))
    head = result.headline("velocity")
    assert (head.value, head.n, head.unit) == (pytest.approx(25.0), 2, "money_per_day")
    row = result.factors.iloc[0]
    assert (row["win_rate"], row["mean_amount"], row["mean_days"], row["median_days"]) == (0.5, 1000, 40, 40)


def test_velocity_is_the_product_of_its_factors_with_an_interval():
    rows = [
        {
            "status": "won" if i % 3 else "lost", "amount": 100 + i, "currency": "EUR", "owner_id": f"P{i % 12}",
            "created_on": AS_OF - timedelta(days=200), "closed_on": AS_OF - timedelta(days=200 - 20 - i % 7),
        }
        for i in range(120)
    ]  # fmt: skip
    result = ask(velocity, deals(*rows, *[opened(i) for i in range(1, 9)]))
    row, head = result.factors.iloc[0], result.headline("velocity")
    assert head.value == pytest.approx(8 * row["win_rate"] * row["mean_amount"] / row["mean_days"])
    assert head.low < head.value < head.high


def test_velocity_without_stale_deals_stands_beside():
    rows = [*funnel(), opened(400, 5), opened(401, 5)]
    row = ask(velocity, deals(*rows)).factors.iloc[0]
    assert row["stale_count"] == 2
    assert row["velocity_without_stale"] == pytest.approx(row["velocity"] / 2)


def test_several_pipelines_are_shown_apart():
    result = ask(velocity, deals(*funnel("Direct"), *funnel("Partner")))
    assert [h.key for h in result.headlines] == ["velocity", 'velocity.pipeline="Direct"', 'velocity.pipeline="Partner"']
    assert [h.value for h in result.headlines] == pytest.approx([50.0, 25.0, 25.0])
    assert {c.key: c.status for c in result.checks}["velocity_is_of_one_funnel"] == "review"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([opened(3)], "won yet"),
        ([*many(2, status="won"), *many(2, status="lost"), opened(3)], "amount"),
        ([{"status": "won", "amount": 5, "currency": "EUR"}, {"status": "lost"}, opened(3)], "creation date"),
        (funnel()[2:], "no deal is open"),
    ],
)
def test_velocity_says_what_is_missing(rows, why):
    result = ask(velocity, deals(*rows))
    assert why in str(result.refused)
    assert result.headline("velocity").value is None
