"""Dates as people write them."""

from datetime import datetime

import pytest

from workbook.sources.dates import parse_date, style_of, votes_of, written_day

CASES = [
    ("2026-09-30", "dmy", datetime(2026, 9, 30)),
    ("2026-05-15 13:21", "dmy", datetime(2026, 5, 15, 13, 21)),
    ("2026-05-15T13:21:07Z", "dmy", datetime(2026, 5, 15, 13, 21, 7)),
    ("2026-05-15T13:21:07.123+02:00", "dmy", datetime(2026, 5, 15, 11, 21, 7, 123000)),
    ("30.09.2026", "mdy", datetime(2026, 9, 30)),
    ("30.09.26", "dmy", datetime(2026, 9, 30)),
    ("1.2.99", "dmy", datetime(1999, 2, 1)),
    ("30.09.2026 14:03", "dmy", datetime(2026, 9, 30, 14, 3)),
    ("30.09.2026, 14:03 Uhr", "dmy", datetime(2026, 9, 30, 14, 3)),
    ("03/04/2026", "dmy", datetime(2026, 4, 3)),
    ("03/04/2026", "mdy", datetime(2026, 3, 4)),
    ("3/4/2026 1:05 PM", "mdy", datetime(2026, 3, 4, 13, 5)),
    ("12/31/2026 12:05 AM", "mdy", datetime(2026, 12, 31, 0, 5)),
    ("46295", "dmy", datetime(2026, 9, 30)),
    ("46295.5", "dmy", datetime(2026, 9, 30, 12)),
    ("3. März 2026", "dmy", datetime(2026, 3, 3)),
    ("3 Mar 2026", "dmy", datetime(2026, 3, 3)),
    ("Sep 30, 2026", "dmy", datetime(2026, 9, 30)),
    ("15. Dez. 2025", "dmy", datetime(2025, 12, 15)),
    ("20260930", "dmy", datetime(2026, 9, 30)),
    ("31.02.2026", "dmy", None),
    ("soon", "dmy", None),
]


@pytest.mark.parametrize(("text", "style", "value"), CASES)
def test_a_date_is_read(text, style, value):
    assert parse_date(text, style) == value


def test_a_day_is_the_one_written_whatever_its_zone():
    assert written_day("2026-09-30T23:30:00-08:00", "dmy") == datetime(2026, 9, 30)


def test_dots_are_german_and_slashes_read_both_ways():
    assert style_of("03.04.2026") == {"dmy"}
    assert style_of("03/04/2026") == {"dmy", "mdy"}
    assert style_of("13/04/2026") == {"dmy"}
    assert style_of("04/13/2026") == {"mdy"}
    assert style_of("no date") is None


def test_a_day_equal_to_its_month_leaves_nothing_open():
    assert votes_of(["03/03/2026", "04/04/2026"])["both"] == 0
