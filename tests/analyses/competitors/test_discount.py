"""Does discount win deals? Counted by hand."""

import pytest

from tests.analyses.data.frames import ask, deals, frame
from workbook.analyses.competitors import discount

NO_PRODUCTS = frame("products", [])


def given(share, won, lost):
    return [{"status": s, "discount_share": share, "owner_id": f"P{(i * i + 3 * i) % 17}", "competitor": "none"} for s, n in (("won", won), ("lost", lost)) for i in range(n)]


def test_two_levels_are_the_two_rates():
    """40 of 100 won without, 60 of 100 with ten per cent: a logit on one column passes through both."""
    found = ask(discount, deals(*given(0.0, 40, 60), *given(0.1, 60, 40)), NO_PRODUCTS)
    curve = dict(zip(found.curve["discount"].round(2), found.curve["win_rate"], strict=True))
    assert curve[0.0] == pytest.approx(0.4, abs=1e-6) and curve[0.1] == pytest.approx(0.6, abs=1e-6)
    assert found.mean_discount == pytest.approx(0.05)
    assert found.is_reliable and found.change == pytest.approx(0.1, abs=0.005)
    assert found.needed == pytest.approx(0.025, abs=0.002)


def test_entered_on_won_deals_only_cannot_be_answered():
    rows = given(0.05, 50, 0) + given(0.1, 50, 0) + given(None, 0, 100)
    assert "lost" in str(ask(discount, deals(*rows), NO_PRODUCTS).refused)


def test_one_discount_for_all_cannot_be_answered():
    assert ask(discount, deals(*given(0.1, 60, 60)), NO_PRODUCTS).refused is not None


def test_discount_without_effect_says_so_and_asks_for_a_trial():
    found = ask(discount, deals(*given(0.0, 50, 50), *given(0.1, 50, 50)), NO_PRODUCTS)
    assert not found.is_reliable and found.needed is None
    assert found.change == pytest.approx(0.0, abs=1e-9)
