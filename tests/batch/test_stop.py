"""Signals become one exception, and are put back afterwards."""

import contextlib
import signal
import sys
import threading
import time

import pytest

from workbook.batch.stop import Interrupted, OutOfTime, hear_again, limited, raise_if_asked, shielded, stoppable

if sys.platform == "win32":
    pytest.skip("signals of POSIX", allow_module_level=True)


@pytest.fixture(autouse=True)
def terminal():
    """Hear a closing terminal, whatever the tests were started under."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


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


def swallowed():
    with stoppable():
        with contextlib.suppress(Interrupted):
            signal.raise_signal(signal.SIGINT)
        raise_if_asked()


def published_twice(number, when):
    """Two things are published, one after the other, and a request comes during the first or after it."""
    with stoppable():
        with shielded():
            if when == "during":
                signal.raise_signal(number)
        hear_again()
        if when == "after":
            signal.raise_signal(number)
        raise_if_asked()


@pytest.mark.parametrize("when", ["during", "after"])
def test_what_is_published_first_does_not_make_deaf_for_the_rest(when):
    with pytest.raises(Interrupted) as caught:
        published_twice(signal.SIGTERM, when)
    assert caught.value.status == 143
    raise_if_asked()


def test_a_request_that_a_library_swallows_is_raised_again():
    with pytest.raises(Interrupted):
        swallowed()
    raise_if_asked()


def test_a_request_between_nested_blocks_is_the_same_request():
    with stoppable():
        with contextlib.suppress(Interrupted), stoppable():
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)  # the first is still being answered


def test_publishing_is_not_stopped_half_way():
    with stoppable():
        with shielded():
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(Interrupted), stoppable():
        signal.raise_signal(signal.SIGINT)


def test_publishing_that_fails_may_be_stopped_again():
    with pytest.raises(Interrupted), stoppable(), contextlib.suppress(OSError):
        fail_to_publish()
    with shielded():
        pass


def fail_to_publish():
    try:
        with shielded():
            raise OSError
    finally:
        signal.raise_signal(signal.SIGTERM)


def published_although_asked_to_stop():
    with stoppable():
        with contextlib.suppress(Interrupted):
            signal.raise_signal(signal.SIGTERM)
        with shielded():
            raise AssertionError("a run that is to stop must not publish")


def test_nothing_is_published_once_asked_to_stop():
    with pytest.raises(Interrupted):
        published_although_asked_to_stop()


def test_time_is_limited_even_where_nothing_moves():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(OutOfTime), stoppable(), limited(0.05):
        time.sleep(10)
    assert signal.getsignal(signal.SIGALRM) == before and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def busy():
    with stoppable(), limited(0.05):
        for _ in range(1000):
            time.sleep(0.01)


def test_time_is_limited_by_a_thread_where_there_is_no_alarm(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    with pytest.raises(OutOfTime):
        busy()


@pytest.mark.parametrize("seconds", [None, 5])
def test_time_that_suffices_is_not_felt(seconds):
    with stoppable(), limited(seconds):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_outside_the_main_thread_the_caller_handles_signals():
    ended = []

    def work():
        with stoppable(), limited(0.01):
            time.sleep(0.05)
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended
