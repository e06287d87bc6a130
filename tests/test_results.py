"""The results contract: keys, null instead of NaN, same bytes for the same results."""

from datetime import date

import pytest
from pydantic import ValidationError

from workbook.results import (
    Action,
    Check,
    Headline,
    Result,
    ResultsFile,
    group_key,
    read_results,
    record_action,
    record_check,
    record_headline,
)
from workbook.text import msg


def headline(**more):
    return Headline(**{"key": "win_rate", "kpi": "win_rate", "value": 0.5, "unit": "share", "n": 4, "low": 0.1, "high": 0.9} | more)


@pytest.mark.parametrize(
    ("group", "key"),
    [
        ({"region": "DACH"}, 'win_rate.region="DACH"'),
        ({"region": 'a"b'}, 'win_rate.region="a\\"b"'),
        ({"branche": "Bäder"}, 'win_rate.branche="Bäder"'),
        ({}, "win_rate"),
    ],
)
def test_group_key(group, key):
    assert group_key("win_rate", **group) == key


def test_nan_becomes_null_and_keeps_its_reason():
    record = record_headline(headline(value=float("nan"), low=float("-inf"), high=None, reason=msg("no deals")))
    assert (record.value, record.low, record.high, record.reason) == (None, None, None, "no deals")


def test_headline_shows_quantity_and_interval():
    assert headline().quantity.text() == "50.0%"
    assert headline().interval.text() == "10.0% to 90.0%"


def test_result_finds_its_headlines():
    result = Result(headlines=(headline(),))
    assert result.headline("win_rate").n == 4
    with pytest.raises(KeyError):
        result.headline("other")


def results_file():
    action = Action(key="a", what=msg("do"), owner_role="sales lead", due_on=date(2026, 12, 1), watch_kpi="win_rate")
    return ResultsFile(
        topic="data",
        as_of=date(2026, 9, 30),
        headlines=[record_headline(headline())],
        checks=[record_check(Check(key="c", status="pass", reason=msg("fine")))],
        actions=[record_action(action)],
    )


def test_written_and_read_back_is_the_same():
    assert read_results(results_file().text()) == results_file()


def test_same_results_same_bytes():
    assert results_file().text() == results_file().text()


def test_an_unknown_key_breaks_the_contract():
    with pytest.raises(ValidationError):
        read_results('{"topic": "data", "as_of": "2026-09-30", "extra": 1}')
