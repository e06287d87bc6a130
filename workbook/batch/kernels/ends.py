"""Waiting for processes to end: Linux tells at once, by a file that becomes readable; elsewhere one has to look again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import time
from collections.abc import Iterator, Sequence

LOOK_SECONDS = 0.05


def wait_for_any(signs: Sequence[int | socket.socket], seconds: float) -> None:
    """Return when one has ended, or after so many seconds; it may return earlier: look, and wait again.

    signs: numbers of processes, or lines on which something is said when it is time.
    """
    with contextlib.ExitStack() as files:
        try:
            watched = [sign.fileno() if isinstance(sign, socket.socket) else files.enter_context(_watched(sign)) for sign in signs]
        except ProcessLookupError:
            return
        except OSError:  # this system has no such files
            time.sleep(min(seconds, LOOK_SECONDS))
            return
        poll = select.poll()
        for file in watched:
            poll.register(file, select.POLLIN)
        poll.poll(seconds * 1000)


async def ended(pid: int, seconds: float) -> None:
    """Return when a process has ended, or after so many seconds; at once where the system does not tell."""
    with contextlib.suppress(OSError, NotImplementedError, TimeoutError), _watched(pid) as file:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(file, end.set)
        try:
            async with asyncio.timeout(seconds):
                await end.wait()
        finally:
            loop.remove_reader(file)


@contextlib.contextmanager
def _watched(pid: int) -> Iterator[int]:
    """Open a file that becomes readable when the process ends. Raises `OSError`."""
    if not hasattr(os, "pidfd_open"):
        raise OSError
    file = os.pidfd_open(pid)
    try:
        yield file
    finally:
        os.close(file)
