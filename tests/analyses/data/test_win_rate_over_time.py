"""Quarters and years: what is the beginning of the data, what is still running, and when a trend may be claimed."""

import re
from datetime import date, timedelta

import pytest

from tests.analyses.data.frames import ask, deals
from workbook.analyses.data import win_rate_by_quarter, win_rate_last_year

RECENT = 'win_rate.period="last 12 months"'


def series(rates, start=date(2023, 1, 1), per_quarter=100, cycle=30):
    """Deals decided in the middle of successive quarters, each `cycle` days old, with the given win rates."""
    rows = []
    for i, rate in enumerate(rates):
        year, month = start.year + (start.month - 1 + 3 * i) // 12, (start.month - 1 + 3 * i) % 12 + 1
        closed = date(year, month, 1) + timedelta(days=45)
        for j in range(per_quarter):
            status = "won" if j < round(rate * per_quarter) else "lost"
            rows.append({"status": status, "created_on": closed - timedelta(days=cycle), "closed_on": closed})
    return rows


def test_quarters_by_hand():
    rows = series([0.5, 0.25], per_quarter=4)
    table = ask(win_rate_by_quarter, deals(*rows), as_of=date(2023, 12, 31)).by_quarter
    assert [str(q.date()) for q in table["quarter_on"]] == ["2023-01-01", "2023-04-01"]
    assert table["rate"].tolist() == [0.5, 0.25]
    assert table["closed_count"].tolist() == [4, 4]


def test_the_beginning_of_the_data_is_in_no_trend():
    """First creation 16 January 2023, longest cycle 30 days: complete from 15 February; the first quarter is marked."""
    result = ask(win_rate_by_quarter, deals(*series([0.95, 0.5, 0.5, 0.5, 0.5])), as_of=date(2024, 3, 31))
    assert result.complete_from == date(2023, 2, 15)
    assert result.by_quarter["is_truncated"].tolist() == [True, False, False, False, False]
    assert not result.has_trend
    assert "95.0%" in str(result.limits[0])


def test_the_running_quarter_is_in_no_trend():
    rates = [0.5, 0.5, 0.5, 0.5, 0.5, 0.05]
    running = ask(win_rate_by_quarter, deals(*series(rates)), as_of=date(2024, 6, 29))
    assert running.by_quarter["is_running"].tolist() == [False] * 5 + [True]
    assert not running.has_trend
    over = ask(win_rate_by_quarter, deals(*series(rates)), as_of=date(2024, 6, 30))
    assert not over.by_quarter["is_running"].any()
    assert over.has_trend


@pytest.mark.parametrize(("rates", "word"), [([0.5, 0.3, 0.4, 0.5, 0.6, 0.7], "rises"), ([0.5, 0.7, 0.6, 0.5, 0.4, 0.3], "falls")])
def test_a_clear_trend_is_said(rates, word):
    result = ask(win_rate_by_quarter, deals(*series(rates)), as_of=date(2025, 1, 1))
    assert result.has_trend
    assert abs(result.slope) == pytest.approx(0.1)
    assert word in str(result.finding)
    size, low, high = (float(number) for number in re.findall(r"-?\d+\.\d", str(result.brief)))
    assert low < size < high, "how far it falls and the range of that have one sign"


def test_noise_is_no_trend():
    result = ask(win_rate_by_quarter, deals(*series([0.5, 0.51, 0.5, 0.49, 0.5, 0.51])), as_of=date(2025, 1, 1))
    assert not result.has_trend
    assert "no reliable trend" in str(result.finding)


def test_alike_owners_make_a_trend_harder_to_claim():
    """Each quarter one owner wins all and one loses all, in shares that rise: two hands, not a hundred deals."""
    rows = series([0.5, 0.45, 0.47, 0.5, 0.53, 0.55], per_quarter=200)
    alone = ask(win_rate_by_quarter, deals(*rows), as_of=date(2025, 1, 1))
    owned = [row | {"owner_id": row["status"] + str(row["closed_on"])} for row in rows]
    alike = ask(win_rate_by_quarter, deals(*owned), as_of=date(2025, 1, 1))
    assert alike.p_value > alone.p_value


@pytest.mark.parametrize(("created", "quarters", "why"), [
    (lambda row: None, 6, "from when on the data are complete"),
    (lambda row: row["closed_on"] + timedelta(days=1), 6, "from when on the data are complete"),
    (lambda row: row["created_on"], 4, "3 full quarters can be compared, 4 are needed"),
    (lambda row: row["created_on"], 2, "1 full quarter can be compared, 4 are needed"),
])  # fmt: skip
def test_without_a_trend_there_is_a_table_and_the_real_reason(created, quarters, why):
    """Six quarters without a creation date are not too few: from when on they are full is what nobody knows."""
    rows = [row | {"created_on": created(row)} for row in series([0.2, 0.4, 0.6, 0.8, 0.4, 0.6][:quarters])]
    result = ask(win_rate_by_quarter, deals(*rows), as_of=date(2025, 1, 1))
    assert len(result.by_quarter) == quarters
    assert (result.slope, result.has_trend) == (None, False)
    assert why in str(result.finding)
    assert ("full quarter" in str(result.no_action)) == ("full quarter" in why)


def test_without_closing_dates_it_refuses():
    result = ask(win_rate_by_quarter, deals({"status": "won"}, {"status": "lost"}))
    assert "closing date" in str(result.refused)


def test_the_year_before_needs_data_that_reach_back_far_enough():
    """Closes from February 2023 to November 2024, cycles of 30 days; the year before 2024 is whole, the one before is not."""
    rows = series([0.5, 0.5, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75])
    whole = ask(win_rate_last_year, deals(*rows), as_of=date(2025, 2, 20))
    assert whole.headline(RECENT).value == 0.75
    assert whole.headline(RECENT).prior == pytest.approx(0.5625, abs=0.07)
    short = ask(win_rate_last_year, deals(*rows), as_of=date(2024, 12, 31))
    assert (short.headline(RECENT).value, short.headline(RECENT).prior, short.headline(RECENT).n) == (0.75, None, 400)
    none = ask(win_rate_last_year, deals(*rows[:100]), as_of=date(2023, 3, 1))
    assert "begin too recently" in str(none.refused)


def test_windows_end_on_the_reporting_date():
    """A deal closed on the reporting date is in, one closed a year earlier to the day belongs to the year before."""
    base = [{"status": "won", "created_on": date(2020, 1, 1), "closed_on": date(2020, 1, 2)}]
    edge = [
        {"status": "lost", "created_on": date(2025, 9, 29), "closed_on": date(2025, 9, 30)},
        {"status": "won", "created_on": date(2026, 9, 29), "closed_on": date(2026, 9, 30)},
        {"status": "lost", "created_on": date(2025, 9, 30), "closed_on": date(2025, 10, 1)},
        {"status": "won", "created_on": date(2026, 9, 30), "closed_on": date(2026, 10, 1)},
    ]
    result = ask(win_rate_last_year, deals(*base, *edge), as_of=date(2026, 9, 30))
    assert (result.headline(RECENT).n, result.headline(RECENT).value, result.headline(RECENT).prior) == (2, 0.5, 0.0)


def test_a_change_is_claimed_only_where_it_is_reliable():
    rows = series([0.5] * 12 + [0.8] * 4, start=date(2021, 1, 1))
    assert ask(win_rate_last_year, deals(*rows), as_of=date(2024, 12, 31)).differs
    flat = ask(win_rate_last_year, deals(*series([0.5] * 12 + [0.52] * 4, start=date(2021, 1, 1))), as_of=date(2024, 12, 31))
    assert not flat.differs
    assert "no reliable difference" in str(flat.finding)
