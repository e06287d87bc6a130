"""The mix of deals taken out: a confounded case whose answer is known."""

import numpy as np
import pytest

from tests.analyses.data.frames import ask, deals, frame, many
from workbook.analyses.competitors import by_competitor, by_competitor_adjusted


def confounded():
    """Both rivals win against us alike within a segment; Hard is met in the hard segment mostly. Rates 1/5 and 3/5."""
    cells = [("Hard", "hard", 100, 20), ("Hard", "easy", 20, 12), ("Soft", "hard", 20, 4), ("Soft", "easy", 100, 60)]
    return [
        row
        for rival, segment, n, won in cells
        for row in [*many(won, status="won", competitor=rival, segment=segment), *many(n - won, status="lost", competitor=rival, segment=segment)]
    ]


def test_raw_rates_differ_and_adjusted_ones_do_not():
    table = deals(*confounded())
    raw = ask(by_competitor, table)
    assert raw.by_competitor["is_reliable"].all()
    result = ask(by_competitor_adjusted, table, frame("products", []))
    assert result.mix == ("segment",)
    rates = result.by_competitor.set_index("competitor")
    assert rates["adjusted_rate"].to_dict() == pytest.approx({"Hard": 0.4, "Soft": 0.4}, abs=1e-6)
    assert rates["odds_ratio"].tolist() == pytest.approx([1, 1], abs=1e-5)
    assert not rates["is_reliable"].any()
    assert "no competitor differs reliably" in str(result.finding)


def test_a_true_difference_stays():
    rng = np.random.default_rng(6)
    rows = []
    for i in range(900):
        rival, segment = str(rng.choice(["A", "B", "C"])), str(rng.choice(["hard", "easy"]))
        odds = -0.5 + (segment == "easy") - 1.2 * (rival == "A")
        rows.append({"status": "won" if rng.random() < 1 / (1 + np.exp(-odds)) else "lost", "competitor": rival, "segment": segment, "owner_id": f"P{i % 40}"})
    rates = ask(by_competitor_adjusted, deals(*rows), frame("products", [])).by_competitor.set_index("competitor")
    assert rates.loc["A", "is_reliable"] and rates.loc["A", "odds_ratio"] < 1
    assert rates.loc["A", "odds_low"] < np.exp(-1.2) < rates.loc["A", "odds_high"]


def test_money_in_another_unit_changes_nothing():
    rng = np.random.default_rng(8)
    rows = [r | {"amount": float(rng.integers(1, 500)), "currency": "EUR"} for r in confounded()]
    first = ask(by_competitor_adjusted, deals(*rows), frame("products", [])).by_competitor
    second = ask(by_competitor_adjusted, deals(*[r | {"amount": r["amount"] * 1000} for r in rows]), frame("products", [])).by_competitor
    assert first["adjusted_rate"].tolist() == pytest.approx(second["adjusted_rate"].tolist(), abs=1e-9)


def test_where_it_cannot_be_separated_fields_are_given_up_or_it_is_refused():
    """The segment is the rival: with it nothing can be fitted, without it the raw rates remain."""
    rows = [r | {"segment": r["competitor"]} for r in confounded()]
    result = ask(by_competitor_adjusted, deals(*rows), frame("products", []))
    assert result.mix == ()
    assert result.by_competitor.set_index("competitor")["adjusted_rate"].to_dict() == pytest.approx({"Hard": 32 / 120, "Soft": 64 / 120}, abs=1e-6)
    won = ask(by_competitor_adjusted, deals(*[r | {"status": "won"} for r in confounded()]), frame("products", []))
    assert won.refused is not None


def test_too_few_deals_or_rivals_are_refused():
    few = ask(by_competitor_adjusted, deals(*confounded()[:50]), frame("products", []))
    assert "needed" in str(few.refused)
    one = [r for r in confounded() if r["competitor"] == "Hard"]
    assert ask(by_competitor_adjusted, deals(*one), frame("products", [])).refused is not None
