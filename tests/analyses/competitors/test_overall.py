"""With and without a competitor, counted on paper."""

import pytest

from tests.analyses.data.frames import ask, deals, many
from workbook.analyses.competitors import overall


def counts(named, none, unknown):
    """Each: (won, lost)."""
    return [
        row
        for field, (won, lost) in (("Acme", named), ("none", none), (None, unknown))
        for row in [*many(won, status="won", competitor=field), *many(lost, status="lost", competitor=field)]
    ]


def check(result, key):
    return next(c for c in result.checks if c.key == key)


def test_three_groups_and_their_rates():
    result = ask(overall, deals(*counts((2, 8), (6, 4), (3, 1))))
    values = {h.key: (h.value, h.n) for h in result.headlines}
    assert values == {
        'win_rate.competition="named"': (0.2, 10), 'win_rate.competition="none"': (0.6, 10), 'win_rate.competition="unknown"': (0.75, 4),
    }  # fmt: skip
    assert result.difference.value == pytest.approx(-0.4)


def test_bounds_place_the_unrecorded_where_they_matter_most():
    """3 won, 1 lost unrecorded: at worst 2/11 named against 9/13 without, at best 5/13 against 6/11."""
    result = ask(overall, deals(*counts((2, 8), (6, 4), (3, 1))))
    assert result.bound_low == pytest.approx(2 / 11 - 9 / 13)
    assert result.bound_high == pytest.approx(5 / 13 - 6 / 11)
    assert check(result, "difference_survives_unrecorded_deals").status == "pass"
    wide = ask(overall, deals(*counts((20, 80), (60, 40), (300, 300))))
    assert check(wide, "difference_survives_unrecorded_deals").status == "review"


def test_filling_that_depends_on_the_outcome_is_marked():
    even = ask(overall, deals(*counts((20, 20), (20, 20), (10, 10))))
    skew = ask(overall, deals(*counts((20, 80), (20, 20), (60, 10))))
    key = "competitor_is_recorded_alike_on_won_and_lost_deals"
    assert (check(even, key).status, check(skew, key).status) == ("pass", "review")
    fill = skew.fill.set_index("status")
    assert fill.loc["won", "filled_share"] == pytest.approx(0.4)
    assert fill.loc["lost", "filled_share"] == pytest.approx(100 / 110)


def test_a_small_difference_is_not_asserted():
    result = ask(overall, deals(*counts((10, 12), (12, 10), (0, 0))))
    assert "no reliable difference" in str(result.finding)
    assert result.certainty == "open"
    clear = ask(overall, deals(*counts((10, 90), (90, 10), (0, 0))))
    assert clear.certainty == "firm" and not clear.actions


def test_deals_of_one_owner_count_less():
    rows = [r | {"owner_id": f"P{i // 20}"} for i, r in enumerate(counts((40, 60), (60, 40), (0, 0)))]
    named = ask(overall, deals(*rows)).by_state.set_index("competition").loc["named"]
    assert named["high"] - named["low"] > 1.5 * (named["wilson_high"] - named["wilson_low"])


def test_nothing_recorded_is_a_refusal():
    assert ask(overall, deals(*counts((0, 0), (0, 0), (5, 5)))).refused is not None
    assert ask(overall, deals(*many(4, status="open", competitor="Acme"))).refused is not None
