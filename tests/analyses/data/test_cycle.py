"""The cycle, counted by hand: open deals are censored, outcomes compete, means stand beside."""

from datetime import timedelta

import pytest

from tests.analyses.data.frames import AS_OF, ask, deals
from workbook.analyses.data import cycle
from workbook.notebook import to_frame


def lasting(status, days, **more):
    """A deal that ended after so many days, or has been open for so many."""
    if status == "open":
        return {"status": status, "created_on": AS_OF - timedelta(days=days), **more}
    return {"status": status, "created_on": AS_OF - timedelta(days=1000), "closed_on": AS_OF - timedelta(days=1000 - days), **more}


def test_median_by_hand_without_open_deals():
    """Ends after 10, 20, 30, 40 days: the curve reaches one half at 20."""
    result = ask(cycle, deals(*[lasting("won", d) for d in (10, 20, 30, 40)]))
    assert result.headline("cycle_length").value == 20
    assert result.headline("cycle_length").n == 4


def test_open_deals_are_censored_not_dropped():
    """10 and 20 end, 15 is open: S(10) = 2/3, S(20) = 0. Dropping the open one would give a median of 10."""
    rows = [lasting("won", 10), lasting("lost", 20), lasting("open", 15)]
    assert ask(cycle, deals(*rows)).headline("cycle_length").value == 20
    assert ask(cycle, deals(*rows[:2])).headline("cycle_length").value == 10


def test_outcomes_compete():
    """Of four deals: won at 10, lost at 20, open at 25, won at 30. Aalen–Johansen by hand: 1/4 + 1/2 won, 1/4 lost."""
    rows = [lasting("won", 10), lasting("lost", 20), lasting("open", 25), lasting("won", 30)]
    curves = ask(cycle, deals(*rows)).curves.groupby("kind")["incidence_share"].max()
    assert curves["won"] == pytest.approx(0.75)
    assert curves["lost"] == pytest.approx(0.25)


def test_milestones_add_up():
    rows = [lasting(s, d) for s, d in (("won", 10), ("lost", 50), ("no_decision", 80), ("open", 120), ("won", 200))]
    table = ask(cycle, deals(*rows), milestones_days=(30, 90)).milestones
    assert table[["won", "lost", "no_decision", "open"]].sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    assert table["won"].tolist() == pytest.approx([0.2, 0.2])


def test_means_of_ended_deals():
    rows = [lasting("won", 10), lasting("won", 30), lasting("lost", 7), lasting("open", 300)]
    table = ask(cycle, deals(*rows)).by_outcome.set_index("status")
    assert (table.loc["won", "mean_days"], table.loc["won", "ended_count"]) == (20, 2)
    assert table.loc["lost", "median_days"] == 7


def test_a_median_not_reached_is_a_reason():
    rows = [lasting("won", 10), *[lasting("open", 100) for _ in range(5)]]
    head = ask(cycle, deals(*rows)).headline("cycle_length")
    assert head.value is None
    assert "have not ended" in str(head.reason)


def test_unusable_dates_are_counted():
    odd = {"status": "won", "created_on": AS_OF, "closed_on": AS_OF - timedelta(days=3)}
    result = ask(cycle, deals(lasting("won", 10), lasting("lost", 20), odd, {"status": "open"}))
    assert result.headline("cycle_length").n == 2
    assert result.checks[0].status == "review"
    assert "2 of 4" in str(result.checks[0].reason)


def test_no_dates_at_all():
    result = ask(cycle, deals({"status": "won"}, {"status": "lost"}))
    assert "export both dates" in str(result.refused)
    assert result.headline("cycle_length").value is None


def test_owners_widen_the_interval():
    """Owners whose deals all take alike: six hands instead of 120 deals."""
    rows = [lasting("won", 10 + 30 * owner + i % 3, owner_id=f"P{owner}") for owner in range(6) for i in range(20)]
    alike = ask(cycle, deals(*rows)).headline("cycle_length")
    alone = ask(cycle, deals(*[row | {"owner_id": None} for row in rows])).headline("cycle_length")
    assert alike.value == alone.value
    assert alike.low < alone.low
    assert alike.high is None or alike.high > alone.high


def test_many_owners_are_left_out_in_groups():
    """Of more owners than asked for, as many groups: the same deals and the same curve, a range from the groups."""
    rows = [lasting(("won", "lost", "open")[i % 3], 5 + i % 90, owner_id=f"P{i % 40}") for i in range(400)]
    single, grouped = (ask(cycle, deals(*rows), owners_max=most) for most in (40, 10))
    one, other = (result.headline("cycle_length") for result in (single, grouped))
    assert (one.value, one.n) == (other.value, other.n)
    counts = to_frame(cycle.aggregate(deals(*rows), cycle.CycleParams(owners_max=10), as_of=AS_OF))
    assert counts["owner_id"].nunique() == 10 and counts["deals_count"].sum() == 400
