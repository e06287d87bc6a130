"""Forked kernels behave as ordinary ones: own process, own state, interrupt, kill, restart; and none outlives its runner."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager

from workbook.batch.kernels import KERNEL, Zygote, can_fork
from workbook.batch.kernels.client import ADDRESS_VARIABLE, ZygoteGone, fork
from workbook.batch.kernels.prompt import PromptClient
from workbook.batch.kernels.provisioner import is_registered, write_kernelspec
from workbook.batch.kernels.zygote import _answer

pytestmark = pytest.mark.skipif(not can_fork(), reason="no fork here: ordinary kernels are used")


@pytest.fixture
def manager(zygotes, tmp_path, monkeypatch):
    write_kernelspec(tmp_path / "jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv(ADDRESS_VARIABLE, zygotes.kernels.address)
    made = KernelManager(kernel_name=KERNEL)
    made.start_kernel(cwd=str(tmp_path))
    yield made
    if made.is_alive():
        made.shutdown_kernel(now=True)
    made.cleanup_resources()


def client_of(manager):
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return client


def run(client, code):
    """Run a line and return what it prints, or the name of its error."""
    printed = []

    def keep(message):
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=keep, timeout=60)
    while reply["content"]["status"] == "aborted":  # what is sent while an interrupt is being answered is dropped
        reply = client.execute_interactive(code, output_hook=keep, timeout=60)
    return "".join(printed).strip() if reply["content"]["status"] == "ok" else reply["content"]["ename"]


def wait_until(true, seconds=15):
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


def test_the_installation_knows_the_provisioner():
    assert is_registered(), "install again: pip install -e ."


def test_zygotes_have_one_thread_and_a_socket_of_this_user_only(zygotes):
    for zygote in (zygotes.kernels, zygotes.workers):
        assert psutil.Process(zygote.pid).num_threads() == 1
        assert Path(zygote.address).parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("own", "told"), [(None, "glibc.malloc.hugetlb=1"), ("glibc.malloc.arena_max=1", "glibc.malloc.arena_max=1")])
def test_large_pages_are_asked_for_unless_the_user_asks_for_something_else(own, told, monkeypatch):
    monkeypatch.setenv("GLIBC_TUNABLES", own) if own else monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    made = Zygote("kernel")
    try:
        assert wait_until(lambda: psutil.Process(made.pid).environ().get("GLIBC_TUNABLES") == told)  # it cannot be read at once
    finally:
        made.stop()


def test_a_kernel_is_a_child_of_its_zygote_with_everything_imported(manager, zygotes, tmp_path):
    client = client_of(manager)
    pid = int(run(client, "import os, sys; print(os.getpid())"))
    assert psutil.Process(pid).ppid() == zygotes.kernels.pid
    assert run(client, "print(*(name in sys.modules for name in ('pandas', 'ibis', 'debugpy', 'papermill')))") == "True True False False"
    assert run(client, "print(os.getcwd())") == str(tmp_path) and run(client, "print(sys.argv[0])").endswith("ipykernel_launcher")
    assert run(client, f"print({ADDRESS_VARIABLE!r} in os.environ, os.isatty(0))") == "True False"


def test_what_is_printed_and_what_is_shown_keep_their_order(manager):
    shown = []

    def keep(message):
        content = message["content"]
        if message["msg_type"] in ("stream", "display_data"):
            shown.append(content["text"].strip() if "text" in content else content["data"]["text/plain"])

    code = "import sys, threading\n"
    code += "for n in range(20): print(n); display(n + 100); print(n + 200, file=sys.stderr); display(n + 300)\n"
    code += "thread = threading.Thread(target=print, args=('another thread',)); thread.start(); thread.join(); sys.stdout.writelines(['last'])"
    client_of(manager).execute_interactive(code, output_hook=keep, timeout=60)
    assert shown[:-1] == [str(n + more) for n in range(20) for more in (0, 100, 200, 300)]
    assert shown[-1].split("\n") == ["another thread", "last"]


def test_cells_may_await_and_are_turned_into_python_once(manager):
    client = client_of(manager)
    assert run(client, "import asyncio; print(await asyncio.sleep(0.01, result='awaited'))") == "awaited"
    count = "shell = get_ipython(); turns = []; shell.input_transformers_cleanup.append(lambda lines: turns.append(1) or lines)"
    assert run(client, count) == ""
    assert run(client, "print(len(turns))") == "1" and run(client, "print(len(turns))") == "2"
    assert run(client, "await asyncio.sleep(0); print(len(turns))") == "3"


def test_what_one_cell_changes_about_ipythons_syntax_holds_for_the_same_text_again(manager):
    client = client_of(manager)
    change = "get_ipython().input_transformers_cleanup.append(lambda lines: ['print(1)']); print(0)"
    assert [run(client, change), run(client, change)] == ["0", "1"]


LATE = """
import threading, time
from ipykernel.iostream import IOPubThread
pipe_of = IOPubThread._event_pipe.fget
def late(thread):
    pipe = pipe_of(thread)
    if threading.current_thread().name == "Control":
        thread._event_pipes.pop(threading.current_thread(), None)
        until = time.monotonic() + 0.5
        while thread.thread.is_alive() and time.monotonic() < until:
            time.sleep(0.001)
    return pipe
IOPubThread._event_pipe = property(late)
"""


def test_a_kernel_ends_by_itself_even_if_its_control_thread_is_late(manager):
    client = client_of(manager)
    assert run(client, LATE) == ""
    process = manager.provisioner.process
    client.stop_channels()
    manager.shutdown_kernel()
    assert process.returncode == 0


def test_two_kernels_share_nothing(manager, tmp_path):
    first = client_of(manager)
    run(first, "import pandas as pd; pd.mine = 1; x = 1")
    other = KernelManager(kernel_name=KERNEL)
    other.start_kernel(cwd=str(tmp_path))
    try:
        second = client_of(other)
        assert run(second, "import pandas as pd; print(hasattr(pd, 'mine'))") == "False"
        assert run(second, "print(x)") == "NameError"
    finally:
        other.shutdown_kernel(now=True)


def test_interrupt_and_restart(manager):
    client = client_of(manager)
    asked = client.execute("import time; time.sleep(60)")
    time.sleep(1)
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=30)
    assert reply["parent_header"]["msg_id"] == asked and reply["content"]["ename"] == "KeyboardInterrupt"
    before = run(client, "import os; print(os.getpid())")
    manager.restart_kernel()
    client.wait_for_ready(timeout=60)
    assert run(client, "import os; print(os.getpid())") != before and manager.is_alive()


def test_a_prompt_client_has_read_what_the_kernel_said_when_it_started(manager):
    """Its first reply and its first word are those of what is asked next; and it knows a dead kernel."""

    async def first_cell(client):
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        asked = client.execute("1")
        heard = [await client.get_shell_msg(timeout=60), await client.get_iopub_msg(timeout=60)]
        return asked, [message["parent_header"]["msg_id"] for message in heard]

    prompt = PromptClient(parent=manager, **manager.get_connection_info(session=True))
    asked, answered = asyncio.run(first_cell(prompt))
    assert answered == [asked, asked]
    prompt.stop_channels()
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="died"):
        asyncio.run(first_cell(PromptClient(parent=manager, **manager.get_connection_info(session=True))))


def test_a_kernel_keeps_no_history_on_disk_and_no_debugger(manager, tmp_path):
    client = client_of(manager)
    assert run(client, "print(get_ipython().history_manager.hist_file)") == ":memory:"
    assert run(client, "import sys; print('debugpy' in sys.modules, '_pydevd_bundle' in sys.modules)") == "False False"
    assert run(client, "import gc; print(gc.isenabled(), gc.get_freeze_count() > 100_000)") == "True True"


def test_a_killed_kernel_is_seen_as_dead_with_its_signal(manager):
    client = client_of(manager)
    pid = int(run(client, "import os; print(os.getpid())"))
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not manager.is_alive())
    assert not psutil.pid_exists(pid)


def test_a_process_ends_with_the_one_that_asked_for_it(zygotes, tmp_path):
    """The owner dies without a word; the zygote notices and kills what it had asked for."""
    code = (
        "import os, sys, time; from workbook.batch.kernels.client import fork; "
        f"p = fork({zygotes.kernels.address!r}, 'kernel', ['-f', {str(tmp_path / 'c.json')!r}], env=dict(os.environ), cwd={str(tmp_path)!r}); "
        "print(p.pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(owner.stdout.readline())
    assert psutil.pid_exists(pid)
    owner.kill()
    owner.wait()
    assert wait_until(lambda: not psutil.pid_exists(pid))


def test_a_killed_zygote_takes_its_children_along_and_whoever_asks_is_told(tmp_path):
    own = Zygote("kernel")
    assert own.is_ready()
    child = fork(own.address, "kernel", ["-f", str(tmp_path / "c.json")], env=dict(os.environ), cwd=str(tmp_path))
    os.kill(own.pid, signal.SIGKILL)
    assert child.wait(15) == -signal.SIGKILL and wait_until(lambda: not psutil.pid_exists(child.pid))
    with pytest.raises(ZygoteGone):
        fork(own.address, "kernel", [], env={}, cwd=str(tmp_path))
    own.stop()
    assert not Path(own.address).parent.exists()


def test_a_child_with_the_number_of_one_that_has_ended_is_alive():
    owners, statuses = {7: os.getpid()}, {7: -9, 8: 0}
    told = {pid: _answer({"do": "poll", "pid": pid}, [], (), owners, statuses) for pid in (7, 8, 9)}
    assert told == {7: {"status": None, "is_known": True}, 8: {"status": 0, "is_known": True}, 9: {"status": None, "is_known": False}}


def test_without_a_zygote_the_same_kernel_starts_the_ordinary_way(tmp_path, monkeypatch):
    write_kernelspec(tmp_path / "jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv(ADDRESS_VARIABLE, str(tmp_path / "nobody"))
    manager = KernelManager(kernel_name=KERNEL)
    manager.start_kernel(cwd=str(tmp_path))
    try:
        assert run(client_of(manager), "print(1 + 1)") == "2"
    finally:
        manager.shutdown_kernel(now=True)
