"""The end of a process is told at once, where the system can tell."""

import asyncio
import os
import socket
import subprocess
import sys
import time

import pytest

from workbook.batch.kernels import ends
from workbook.batch.kernels.ends import ended, wait_for_any

LIVES, ENDS_SOON = "import time; time.sleep(60)", "import time; time.sleep(0.3)"
pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system does not tell")


@pytest.fixture
def began():
    made = []

    def begin(code):
        made.append(subprocess.Popen([sys.executable, "-c", code]))
        return made[-1]

    yield begin
    for process in made:
        process.kill()
        process.wait()


def seconds(wait):
    started = time.monotonic()
    wait()
    return time.monotonic() - started


def test_the_first_of_several_that_ends_is_enough(began):
    lives, soon = began(LIVES), began(ENDS_SOON)
    assert seconds(lambda: wait_for_any([lives.pid, soon.pid], 30)) < 20
    assert lives.poll() is None and soon.poll() == 0


def test_a_line_on_which_something_is_said_or_that_is_cut_is_an_end_too(began):
    lives, (mine, theirs) = began(LIVES), socket.socketpair()
    with mine:
        with theirs:
            assert 0.2 <= seconds(lambda: wait_for_any([lives.pid, mine], 0.2)) < 20
            theirs.sendall(b"0")
            assert seconds(lambda: wait_for_any([lives.pid, mine], 30)) < 20
            mine.recv(1)
        assert seconds(lambda: wait_for_any([mine], 30)) < 20


def test_none_ends_in_time(began):
    lives = began(LIVES)
    assert 0.2 <= seconds(lambda: wait_for_any([lives.pid], 0.2)) < 20


def test_one_that_is_gone_is_not_waited_for(began):
    gone = began("")
    gone.wait()
    assert seconds(lambda: wait_for_any([gone.pid], 30)) < 20


def test_within_an_event_loop(began):
    soon, lives = began(ENDS_SOON), began(LIVES)
    assert seconds(lambda: asyncio.run(ended(soon.pid, 30))) < 20 and soon.poll() == 0
    assert 0.2 <= seconds(lambda: asyncio.run(ended(lives.pid, 0.2))) < 20


def test_a_system_that_does_not_tell_is_asked_again_soon(began, monkeypatch):
    monkeypatch.delattr(ends.os, "pidfd_open")
    lives = began(LIVES)
    assert seconds(lambda: wait_for_any([lives.pid], 30)) < 20
    assert seconds(lambda: asyncio.run(ended(lives.pid, 30))) < 20
