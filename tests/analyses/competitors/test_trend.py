"""Is a competitor getting harder to beat? Counted by hand."""

from datetime import date, timedelta

import pytest

from tests.analyses.data.frames import AS_OF, ask, deals
from workbook.analyses.competitors import trend


def yearly(won_of_ten, first=2022, competitor="Acme"):
    """Ten deals a quarter by ten owners; the first `won` of them are won. Created ten days before they close."""
    rows = []
    for place, won in enumerate(won_of_ten):
        closed = date(first + place // 4, 3 * (place % 4) + 2, 15)
        rows += [
            {"status": "won" if i < won else "lost", "competitor": competitor, "owner_id": f"P{i}", "closed_on": closed, "created_on": closed - timedelta(days=10)}
            for i in range(10)
        ]
    return rows


def test_a_fall_of_one_deal_in_ten_a_quarter_is_forty_points_a_year():
    """9, 8, 7, … of ten: minus ten points per quarter. The first quarter begins before the data are complete and is left out."""
    found = ask(trend, deals(*yearly([9, 8, 7, 6, 5, 4, 3])))
    row = found.by_competitor.iloc[0]
    assert row["slope"] == pytest.approx(-0.4) and row["closed_count"] == 60 and row["quarters_count"] == 6
    assert row["is_reliable"] and found.actions and found.first_on == date(2022, 4, 1)


def test_a_steady_rate_is_no_trend_and_nothing_follows():
    found = ask(trend, deals(*yearly([5, 5, 5, 5, 5, 5])))
    assert found.by_competitor["slope"].iloc[0] == pytest.approx(0.0, abs=1e-9)
    assert not found.actions and found.no_action is not None


def test_the_running_quarter_takes_no_part():
    running = {"status": "lost", "competitor": "Acme", "owner_id": "P1", "closed_on": AS_OF, "created_on": AS_OF - timedelta(days=10)}
    rows = yearly([5] * 6)
    first, second = (ask(trend, deals(*given), as_of=AS_OF) for given in (rows, [*rows, running]))
    if (AS_OF.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1) != AS_OF:
        assert second.by_competitor["closed_count"].iloc[0] == first.by_competitor["closed_count"].iloc[0]


def test_without_dates_it_refuses():
    assert ask(trend, deals({"status": "won", "competitor": "Acme"})).refused is not None
