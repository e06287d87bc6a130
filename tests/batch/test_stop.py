"""Signals become one exception, and are put back afterwards."""

import signal
import sys

import pytest

from workbook.batch.stop import Interrupted, stoppable

if sys.platform == "win32":
    pytest.skip("signals of POSIX", allow_module_level=True)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_stops_with_its_status(number, status):
    before = signal.getsignal(number)
    with pytest.raises(Interrupted) as caught, stoppable():
        signal.raise_signal(number)
    assert caught.value.status == status
    assert signal.getsignal(number) == before


def stopped_twice():
    with stoppable():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGINT)


def test_a_second_signal_does_not_disturb_the_cleaning():
    with pytest.raises(Interrupted) as caught:
        stopped_twice()
    assert caught.value.status == 143


def test_nested_uses_come_apart():
    with pytest.raises(Interrupted), stoppable(), stoppable():
        signal.raise_signal(signal.SIGTERM)


def test_nohup_is_respected():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
