"""The win rate, counted by hand: clusters, stale deals, deals without decision, one-sided exports."""

from datetime import date, timedelta

import pytest

from tests.analyses.data.frames import AS_OF, ask, deals, many
from workbook.analyses.data import win_rate, win_rate_by_amount

STALE = 'win_rate.stale_deals="counted as lost"'


def dated(status, created, closed=None, **more):
    """A deal created and closed so many days before the reporting date."""
    days = {"created_on": AS_OF - timedelta(days=created)}
    if closed is not None:
        days["closed_on"] = AS_OF - timedelta(days=closed)
    return {"status": status, **days, **more}


def test_won_over_won_and_lost():
    """3 won, 1 lost, 2 without decision, 1 open: 3 / 4."""
    rows = [*many(3, status="won"), *many(1, status="lost"), *many(2, status="no_decision"), *many(1, status="open")]
    result = ask(win_rate, deals(*rows))
    head = result.headline("win_rate")
    assert (head.value, head.n) == (0.75, 4)
    assert head.low < 0.75 < head.high
    assert result.by_status.set_index("status")["deals_count"].to_dict() == {"lost": 1, "no_decision": 2, "open": 1, "won": 3}
    assert "2 deals" in str(result.limits[0])


def test_stale_is_older_than_the_longest_time_to_win_or_lose():
    """Longest: 50 days. Open for 51 is stale, for 50 is not; the age of an undecided deal counts for nothing."""
    rows = [
        dated("won", 60, 10), dated("lost", 40, 10), dated("no_decision", 300, 10),
        dated("open", 51), dated("open", 50), {"status": "open"},
    ]  # fmt: skip
    result = ask(win_rate, deals(*rows))
    assert (result.longest_days, result.engaged_count, result.stale_count) == (50, 2, 1)
    assert result.headline(STALE).value == pytest.approx(1 / 3)
    assert result.headline(STALE).n == 3


def test_nobody_can_tell_what_is_stale_without_dates():
    result = ask(win_rate, deals(*many(3, status="won"), *many(3, status="lost"), *many(2, status="open")))
    assert result.stale_count is None
    assert {c.key: c.status for c in result.checks}["win_rate_is_not_flattered_by_stale_deals"] == "not_applicable"
    assert [h.key for h in result.headlines] == ["win_rate"]


def test_impossible_durations_do_not_count():
    """Closed before created, closed after the reporting date, created after it: none gives a duration or an age."""
    rows = [
        dated("won", 10, 400), dated("won", 500, -30), dated("lost", 30, 10), dated("open", -5), dated("open", 25),
    ]  # fmt: skip
    result = ask(win_rate, deals(*rows))
    assert (result.longest_days, result.engaged_count, result.stale_count) == (20, 1, 1)


def test_alike_owners_widen_the_interval():
    """Twelve owners, six win all their ten deals and six lose all: twelve observations, not 120."""
    rows = [{"status": "won" if owner % 2 else "lost", "owner_id": f"P{owner}"} for owner in range(12) for _ in range(10)]
    result = ask(win_rate, deals(*rows))
    head = result.headline("win_rate")
    table = result.intervals.set_index("clustering")
    assert table.loc["owner", "design_effect"] == pytest.approx(10 * 12 / 11)
    assert head.high - head.low > 2.5 * (table.loc["none", "high"] - table.loc["none", "low"])
    assert table.loc["owner", "is_used"]
    assert (head.low, head.high) == (table.loc["owner", "low"], table.loc["owner", "high"])


def test_few_clusters_are_said():
    rows = [{"status": s, "owner_id": o} for o in "abc" for s in ("won", "won", "lost", "lost")]
    check = {c.key: c for c in ask(win_rate, deals(*rows)).checks}["win_rate_interval_respects_clusters"]
    assert check.status == "review"
    assert "fewer than ten" in str(check.reason)


def test_an_export_of_won_deals_alone_has_no_win_rate():
    result = ask(win_rate, deals(*many(30, status="won")))
    assert "leaves out the lost" in str(result.refused)
    assert (result.headline("win_rate").value, result.headline("win_rate").n) == (None, 30)
    assert ask(win_rate, deals(*many(5, status="won"))).headline("win_rate").value == 1.0


def test_no_closed_deal_is_a_reason_not_an_error():
    result = ask(win_rate, deals(*many(2, status="open")))
    assert result.refused is not None
    assert result.headline("win_rate").reason is not None


def test_amount_rate_by_hand():
    """Won 300 of 400; the deals without an amount and with 0 stay out."""
    rows = [
        {"status": "won", "amount": 300, "currency": "EUR"}, {"status": "lost", "amount": 60, "currency": "EUR"},
        {"status": "lost", "amount": 40, "currency": "EUR"}, {"status": "won", "amount": 0, "currency": "EUR"},
        {"status": "lost"},
    ]  # fmt: skip
    head = ask(win_rate_by_amount, deals(*rows)).headline("win_rate_amount")
    assert (head.value, head.n) == (pytest.approx(0.75), 3)
    assert 0 <= head.low < 0.75 < head.high <= 1


def test_amounts_of_won_deals_alone_give_no_rate():
    rows = [*many(9, status="won", amount=5, currency="EUR"), *many(9, status="lost", amount=0, currency="EUR")]
    result = ask(win_rate_by_amount, deals(*rows))
    assert result.headline("win_rate_amount").value is None
    assert "100% of the won but 0% of the lost" in str(result.refused)


def test_mixed_currencies_refuse_the_amounts_and_count_the_deals():
    rows = [{"status": s, "amount": 10, "currency": c} for s in ("won", "lost") for c in ("EUR", "USD")]
    amounts = ask(win_rate_by_amount, deals(*rows))
    assert "EUR, USD" in str(amounts.headline("win_rate_amount").reason)
    assert ask(win_rate, deals(*rows)).headline("win_rate").value == 0.5


def test_one_giant_amount_is_pointed_at():
    rows = [{"status": s, "amount": 10, "currency": "EUR"} for s in ("won", "lost")] * 20
    rows.append({"status": "lost", "amount": 5_000, "currency": "EUR"})
    checks = {c.key: c.status for c in ask(win_rate_by_amount, deals(*rows)).checks}
    assert checks["no_single_deal_turns_the_amounts"] == "review"
    assert {c.key: c.status for c in ask(win_rate_by_amount, deals(*rows[:-1])).checks}[
        "no_single_deal_turns_the_amounts"
    ] == "pass"


def test_the_reporting_date_is_a_date_not_the_clock():
    rows = [dated("won", 60, 10), dated("lost", 60, 10), dated("open", 51)]
    assert ask(win_rate, deals(*rows), as_of=AS_OF - timedelta(days=5)).stale_count == 0
    assert ask(win_rate, deals(*rows), as_of=date(2030, 1, 1)).stale_count == 1
