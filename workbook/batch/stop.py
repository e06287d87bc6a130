"""Being asked to stop: Ctrl-C, SIGTERM, and a terminal that closes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator


class Interrupted(BaseException):
    """The run was asked to stop; status is 130 (Ctrl-C) or 143 (terminated)."""

    def __init__(self, status: int) -> None:
        self.status = status


def _numbers() -> list[int]:
    """Return the signals that mean stop; chapters run in sessions of their own, so a closing terminal must be told on.

    Under `nohup` a closing terminal is to be ignored, and stays so.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    there = [getattr(signal, name) for name in names if hasattr(signal, name)]
    hangup = getattr(signal, "SIGHUP", None)
    return [number for number in there if number != hangup or signal.getsignal(number) != signal.SIG_IGN]


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Turn the signals into `Interrupted`; while cleaning up, further ones are ignored."""
    numbers = _numbers()

    def stop(number: int, frame: object) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(130 if number == signal.SIGINT else 143)

    try:
        before = {number: signal.signal(number, stop) for number in numbers}
    except ValueError:  # not in the main thread: the caller handles signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
