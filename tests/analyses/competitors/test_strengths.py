"""How strong is each competitor, met alone? Counted by hand."""

import pytest

from tests.analyses.data.frames import ask, deals, many
from workbook.analyses.competitors import strengths


def met(competitor, won, lost):
    rows = [*many(won, status="won", competitor=competitor), *many(lost, status="lost", competitor=competitor)]
    return [row | {"owner_id": f"P{(i * i + 3 * i) % 17}"} for i, row in enumerate(rows)]


def test_alone_the_strength_is_the_win_rate():
    found = ask(strengths, deals(*met("Acme", 10, 30), *met("Beta", 30, 10)))
    rates = dict(zip(found.competitors["competitor"], found.competitors["win_share"], strict=True))
    assert rates == pytest.approx({"Acme": 0.25, "Beta": 0.75})
    pair = found.pairs.iloc[0]
    assert (pair["stronger"], pair["weaker"], pair["is_reliable"]) == ("Acme", "Beta", True)
    assert pair["odds_ratio"] == pytest.approx(9.0)


def test_deals_with_two_tell_about_both():
    """Alone one half each, together one third: strengths of one explain all three."""
    found = ask(strengths, deals(*met("Acme", 30, 30), *met("Beta", 30, 30), *met("Acme; Beta", 20, 40)))
    assert list(found.competitors["win_share"]) == pytest.approx([0.5, 0.5], abs=1e-6)
    assert found.several_count == 60 and not found.pairs["is_reliable"].any()


def test_who_always_loses_is_left_out_and_named():
    found = ask(strengths, deals(*met("Acme", 10, 30), *met("Beta", 30, 10), *met("Gamma", 25, 0)))
    assert "Gamma" not in set(found.competitors["competitor"])
    assert any("Gamma" in str(limit) or "gamma" in str(limit) for limit in found.limits)


def test_one_competitor_is_no_comparison():
    assert ask(strengths, deals(*met("Acme", 10, 30))).refused is not None
