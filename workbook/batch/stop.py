"""Being asked to stop: Ctrl-C, SIGTERM, a terminal that closes, and a run's own time-out.

The first request raises in the main thread; later ones are ignored, so that cleaning up is never cut short. A request
that some library swallows (an exception raised inside a destructor is lost) is raised again by `raise_if_asked`.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass


class Interrupted(BaseException):
    """The run was asked to stop; status is 130 (Ctrl-C) or 143 (terminated)."""

    def __init__(self, status: int) -> None:
        self.status = status


class OutOfTime(BaseException):
    """The run has used up the time that its settings grant."""


@dataclass(slots=True)
class _State:
    depth: int = 0
    is_late: bool = False
    is_shielded: bool = False
    asked: Interrupted | OutOfTime | None = None
    unheard: Interrupted | OutOfTime | None = None


_state = _State()


def _numbers() -> list[int]:
    """Return the signals that mean stop; chapters run in sessions of their own, so a closing terminal must be told on.

    Under `nohup` a closing terminal is to be ignored, and stays so.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    there = [getattr(signal, name) for name in names if hasattr(signal, name)]
    hangup = getattr(signal, "SIGHUP", None)
    return [number for number in there if number != hangup or signal.getsignal(number) != signal.SIG_IGN]


def _stop(number: int, frame: object) -> None:
    if _state.asked is not None:
        return
    is_late = _state.is_late or number == getattr(signal, "SIGALRM", None)
    request = OutOfTime() if is_late else Interrupted(130 if number == signal.SIGINT else 143)
    if _state.is_shielded:
        _state.unheard = _state.unheard or request
        return
    _state.asked = request
    raise request


def raise_if_asked() -> None:
    """Raise again what was asked for and got lost on its way."""
    if _state.asked is not None:
        raise _state.asked


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Turn the signals into `Interrupted`, once; what is asked for holds until the outermost block is left."""
    try:
        before = {number: signal.signal(number, _stop) for number in _numbers()}
    except ValueError:  # not in the main thread: the caller handles signals
        yield
        return
    _state.depth += 1
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _state.depth -= 1
        if not _state.depth:
            _state.asked, _state.unheard, _state.is_late, _state.is_shielded = None, None, False, False


@contextlib.contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise `OutOfTime` in the block after so many seconds; None: no limit. Use it inside `stoppable`.

    An alarm of the system interrupts even a read that hangs; where there is none (Windows), a thread asks, and is heard
    when the main thread runs Python again.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    if not hasattr(signal, "setitimer"):
        with _timed_by_thread(seconds):
            yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _timed_by_thread(seconds: float) -> Iterator[None]:
    import _thread

    def expire() -> None:
        _state.is_late = True
        _thread.interrupt_main(signal.SIGTERM)

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Ignore requests in the block and, once it has succeeded, to the end: what is published cannot be stopped any more.

    Where more is to be made after it, `hear_again`.
    """
    raise_if_asked()
    _state.is_shielded = True
    is_done = False
    try:
        yield
        is_done = True
    finally:
        _state.is_shielded = is_done and _state.depth > 0


def hear_again() -> None:
    """Hear requests again, that one included which was ignored meanwhile: one of several reports is published, the others are not."""
    _state.is_shielded = False
    _state.asked, _state.unheard = _state.asked or _state.unheard, None
