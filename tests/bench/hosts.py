"""Try a cluster of several hosts: `python -m tests.bench.hosts [--shared URL --serve COMMAND] [--ways NAME,…] [--dry]`.

Needs Linux, root, and the commands `ip` and `tc` (Debian: iproute2). Each host is a set of namespaces: a network with an address of its own behind a bridge, processes
of its own, and a folder of its own that lies at the same path on each, so that a path of one host means something else on another. The
checkout can only be read. All hosts share this machine's cores: what is measured is what a lost host costs, not what more hosts give.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bench.pages import write_part

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "scaling.md"
SERVE_SECONDS, SETTLE_SECONDS, RUN_SECONDS = 5, 120, 1200
THIN = ("rate", "1mbit", "burst", "16kb", "latency", "500ms")
FTP = f"mkdir -p served && {sys.executable} -m pyftpdlib --write --directory=served --port=2121"
RUN_NAME = re.compile(r"\d{4}-\d\d-\d\dT[\d-]+Z(-\d+)?")


class Host:
    """A machine made of namespaces. folder: what it sees as `here`; init: its first process, with which all others end."""

    def __init__(self, net: Network, name: str, address: str) -> None:
        self.name, self.address, self.net = name, address, net
        self.folder = net.base / "hosts" / name
        (self.folder / "tmp").mkdir(parents=True)
        self.namespace = f"{net.name}-{name}"
        ip("netns", "add", self.namespace)
        ip("-n", net.name, "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        ip("-n", net.name, "link", "set", name, "master", "bridge", "up")
        ip("-n", self.namespace, "addr", "add", f"{address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", self.namespace, "link", "set", device, "up")
        hosts, here = shlex.quote(str(net.base / "hosts")), shlex.quote(str(net.here))
        read_only = "".join(f"mount --bind {p} {p} && mount -o remount,bind,ro {p} && " for p in map(shlex.quote, {str(ROOT), sys.prefix}))
        lay_out = f"mount --bind {hosts}/{name} {here} && mount -t tmpfs tmpfs {hosts} && {read_only} hostname {name} && echo up && exec cat"
        apart = ["ip", "netns", "exec", self.namespace, "unshare", "--mount", "--uts", "--pid", "--fork", "--mount-proc"]
        with (self.folder / "log").open("a") as log:
            self.outer = subprocess.Popen([*apart, "sh", "-c", lay_out], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        if self.outer.stdout is None or self.outer.stdout.readline() != "up\n":
            raise RuntimeError(f"{name} does not come up: {self.log()}")
        (self.init,) = psutil.Process(self.outer.pid).children()

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command on it; what it says is in `log` and, on standard output, in a pipe."""
        there = {"PATH": os.environ["PATH"], "HOME": str(self.net.here), "TMPDIR": str(self.net.here / "tmp"), "LC_ALL": "C.UTF-8"}
        there |= {"PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))), "OMP_NUM_THREADS": "1"} | environment
        into = ["nsenter", f"--target={self.init.pid}", "--mount", "--uts", "--net", "--pid", f"--wdns={self.net.here}"]
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen([*into, *words], env=there, stdout=subprocess.PIPE, stderr=log, text=True)

    def kill(self) -> None:
        """End all its processes at once; its connections are closed by that, as where a machine is shut down."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.init.kill()
        self.outer.wait()

    def unplug(self, *, back: bool = False) -> None:
        """Pull the network's plug, or put it back."""
        ip("-n", self.net.name, "link", "set", self.name, "up" if back else "down")

    def thin(self) -> None:
        """Make the link slow: a megabit a second, up to half a second late, the rest is lost."""
        for namespace, device in ((self.namespace, "eth0"), (self.net.name, self.name)):
            subprocess.run(["tc", "-n", namespace, "qdisc", "add", "dev", device, "root", "tbf", *THIN], check=True)

    def log(self) -> str:
        """Return what was said on it."""
        return (self.folder / "log").read_text(errors="replace")

    def crash(self) -> None:
        """End the process of its worker alone: the one that watches it starts another."""
        for process in self._processes():
            if "spawn_main" in " ".join(process.cmdline()):
                process.kill()

    def is_busy(self) -> bool:
        """Tell whether a chapter runs on it."""
        return any((self.folder / "tmp").glob("workbook-*/.work"))

    def left(self) -> list[str]:
        """Return what is on it of a run: folders of chapters, frames and processes that fork, and such processes."""
        folders = [path.name for path in (self.folder / "tmp").glob("workbook-*") if path.is_dir()]
        words = [" ".join(process.cmdline()) for process in self._processes()]
        return [f"{self.name}: {what}" for what in [*folders, *(line for line in words if "workbook." in line or "ipykernel" in line)]]

    def _processes(self) -> list[psutil.Process]:
        mine, found = Path(f"/proc/{self.init.pid}/ns/pid").readlink(), []
        for process in psutil.process_iter(["status"]):
            with contextlib.suppress(psutil.Error, OSError):
                if process.info["status"] != psutil.STATUS_ZOMBIE and Path(f"/proc/{process.pid}/ns/pid").readlink() == mine:
                    found.append(process)
        return found


@dataclass
class Network:
    """Hosts behind a bridge, in a network namespace of its own: nothing of this machine's network is touched."""

    base: Path
    name: str = f"workbook{os.getpid()}"
    hosts: dict[str, Host] = field(default_factory=dict)

    @property
    def here(self) -> Path:
        return self.base / "here"

    def __enter__(self) -> Network:
        for name in namespaces("workbook"):  # of a script that was killed
            if (number := re.match(r"workbook(\d+)", name)) and not psutil.pid_exists(int(number[1])):
                ip("netns", "del", name)
        self.here.mkdir(exist_ok=True)
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "add", "bridge", "type", "bridge")
        ip("-n", self.name, "link", "set", "bridge", "up")
        return self

    def host(self, name: str) -> Host:
        """Plug in one more host."""
        self.hosts[name] = Host(self, name, f"10.77.0.{len(self.hosts) + 1}")
        return self.hosts[name]

    def __exit__(self, *_: object) -> None:
        for host in self.hosts.values():
            with contextlib.suppress(OSError, subprocess.SubprocessError, psutil.Error):
                host.kill()
        for name in namespaces(self.name):
            ip("netns", "del", name)
        shutil.rmtree(self.base / "hosts", ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of one way. made: what the reports hold, by name; lost: the workers that their records name; cut_after, noticed_after: seconds
    from the start to the cut, and from there until the scheduler, or without it the runner, said so; left: what stayed on hosts and in between.
    """

    seconds: float
    status: int
    cause: str
    made: dict[str, str]
    lost: list[str]
    left: list[str]
    cut_after: float = 0.0
    noticed_after: float = 0.0


def ip(*words: str) -> str:
    """Call `ip`."""
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def namespaces(beginning: str) -> list[str]:
    """Return the names of network namespaces that begin so."""
    return [line.split()[0] for line in ip("netns", "list").splitlines() if line.startswith(beginning)]


def python(module: str, *words: str) -> list[str]:
    """Return the words of a command."""
    return [sys.executable, "-m", module, *words]


def until(true: Callable[[], object], seconds: float) -> bool:
    """Wait until something holds, and say whether it does."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def made(report: Path) -> dict[str, str]:
    """Return what a matrix came to, a fingerprint for each file but the records, without the time in its links."""
    last = {path.parent.name: path.resolve() for path in report.glob("combinations/*/latest")} | {"overview": (report / "latest").resolve()}
    files = {f"{part}/{p.relative_to(run)}": p for part, run in last.items() for p in run.rglob("*") if p.is_file() and p.name != "run.json"}
    return {name: hashlib.sha256(RUN_NAME.sub("RUN", path.read_bytes().decode("latin-1")).encode()).hexdigest() for name, path in files.items()}


def lost(report: Path) -> list[str]:
    """Return what the records say of workers that were lost."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in report.glob("combinations/*/latest/run.json")]
    return [line for record in records for chapter in record["chapters"] for line in chapter.get("retries", ())]


class Trial:
    """Ways to make the reports of some regions. topics: the chapters; shared, serve: the URL for the way without a common folder, and what serves it."""

    def __init__(self, base: Path, regions: str, topics: str, shared: str, serve: str) -> None:
        self.base, self.topics, self.shared, self.serve = base, topics, shared, serve
        self.params, self.folder = base / "regions.yaml", base / "shared"
        demo = (ROOT / "params" / "demo_regions.yaml").read_text(encoding="utf-8")
        self.params.write_text(demo.replace("../data", str(ROOT / "data")).replace("region: all", f"region: [{regions}]"), encoding="utf-8")
        self.folder.mkdir()

    def run(self, workers: int, cut: str = "", how: Callable[[Host], None] = Host.kill, *, by_url: bool = False) -> Tried:
        """Make the reports with so many worker hosts, none: on the runner's; cut: the host that something happens to half-way, and `how`."""
        with Network(self.base) as net:
            runner, words = net.host("runner"), python("workbook.cli", "run", str(self.params), "--only", self.topics, "--out", "report", "--force", "--json")
            if workers:
                words += ["--executor", "dask", "--scheduler", self._cluster(net, workers), "--shared", self._storage(net) if by_url else str(self.folder)]
            began = time.monotonic()
            process = runner.start(*words)
            gone = net.hosts.get(cut)
            cut_after, noticed_after = self._cut(net, gone, how, process) if gone is not None else (0.0, 0.0)
            out, _ = process.communicate(timeout=RUN_SECONDS)
            seconds = time.monotonic() - began
            report, summary = runner.folder / "report", json.loads(out or "{}")
            return Tried(seconds=seconds, status=process.returncode, cause=summary.get("cause", runner.log()), made=made(report), lost=lost(report),
                         left=self._left(net, gone if how is Host.kill else None), cut_after=cut_after, noticed_after=noticed_after)  # fmt: skip

    def _cluster(self, net: Network, workers: int) -> str:
        """Start scheduler and workers as docs/scaling.md says; return the scheduler's address."""
        scheduler = net.host("scheduler")
        address = f"tcp://{scheduler.address}:8786"
        scheduler.start(*python("distributed.cli.dask_scheduler", "--host", scheduler.address, "--no-dashboard"))
        for n in range(workers):
            net.host(f"worker-{n + 1}").start(*python("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--memory-limit", "0"))
        if not until(lambda: scheduler.log().count("Register worker") >= workers, RUN_SECONDS):
            raise RuntimeError(scheduler.log())
        return address

    def _storage(self, net: Network) -> str:
        """Start what serves the URL, on a host of its own; return the URL."""
        store = net.host("store")
        store.start("sh", "-c", self.serve)
        time.sleep(SERVE_SECONDS)
        return self.shared.replace("STORE", store.address)

    def _cut(self, net: Network, gone: Host, how: Callable[[Host], None], process: subprocess.Popen[str]) -> tuple[float, float]:
        """Wait until a report is published and a worker has begun another one's chapter, then let it happen; return both seconds."""
        began, runner, scheduler = time.monotonic(), net.hosts["runner"], net.hosts["scheduler"]
        busy = net.hosts["worker-1"]
        until(lambda: process.poll() is not None or (list(runner.folder.glob("report/combinations/*/latest")) and busy.is_busy()), RUN_SECONDS)
        said = scheduler.log().count(gone.address)
        how(gone)
        cut = time.monotonic()
        until(lambda: process.poll() is not None or scheduler.log().count(gone.address) > said, RUN_SECONDS)
        return cut - began, time.monotonic() - cut

    def _left(self, net: Network, dead: Host | None) -> list[str]:
        """Return what is left of the run where nothing should be, after a while; a host that was unplugged is plugged in again."""
        alive = [host for host in net.hosts.values() if host is not dead]
        for host in alive:
            host.unplug(back=True)
        until(lambda: not any(host.left() for host in alive), SETTLE_SECONDS)
        return [what for host in alive for what in host.left()] + [str(path) for path in self.folder.iterdir()]


# What is tried: its name, and how.
WAYS: dict[str, tuple[str, Callable[[Trial], Tried]]] = {
    "local": ("this machine, 2 at once", lambda trial: trial.run(0)),
    "two": ("2 worker hosts, a shared folder", lambda trial: trial.run(2)),
    "three": ("3 worker hosts, a shared folder", lambda trial: trial.run(3)),
    "url": ("2 worker hosts, a URL", lambda trial: trial.run(2, by_url=True)),
    "killed": ("3, one ends half-way", lambda trial: trial.run(3, "worker-1")),
    "crashed": ("2, the worker of one crashes half-way", lambda trial: trial.run(2, "worker-1", Host.crash)),
    "unplugged": ("3, one unplugged half-way", lambda trial: trial.run(3, "worker-1", Host.unplug)),
    "url-unplugged": ("2 and a URL, one unplugged half-way", lambda trial: trial.run(2, "worker-1", Host.unplug, by_url=True)),
    "url-thin": ("2 and a URL, one on a slow link from half-way on", lambda trial: trial.run(2, "worker-1", Host.thin, by_url=True)),
    "scheduler": ("2, the scheduler ends half-way", lambda trial: trial.run(2, "scheduler")),
    "scheduler-unplugged": ("2, the scheduler unplugged half-way", lambda trial: trial.run(2, "scheduler", Host.unplug)),
    "url-store": ("2 and a URL, its server ends half-way", lambda trial: trial.run(2, "store", by_url=True)),
}


def row(name: str, tried: Tried, local: Tried) -> str:
    """Return a line of the table."""
    differing = [file for file, print_ in tried.made.items() if local.made.get(file) != print_]
    whole = "all" if tried.made.keys() == local.made.keys() else f"{len(tried.made)} of {len(local.made)}"
    same = f"{whole}, the same" if not differing else f"{len(differing)} differ: {differing[0]}"
    cut = f"{tried.cut_after:.0f} s" if tried.cut_after else "–"
    noticed = f"{tried.noticed_after:.0f} s" if tried.cut_after and (tried.status or tried.lost) else "–"
    return f"| {WAYS[name][0]} | {tried.seconds:.0f} s | {cut} | {noticed} | {tried.status} | {same} | {len(tried.lost) or '–'} | {len(tried.left) or 'nothing'} |"


def page(came: dict[str, Tried], regions: str, topics: str) -> str:
    """Return the measured part of the page."""
    rows = "\n".join(row(name, tried, came["local"]) for name, tried in came.items())
    return f"""
| way | wall | cut off after | noticed after | exit status | files of the reports | chapters begun again | left behind |
|---|--:|--:|--:|--:|---|--:|---|
{rows}

Measured by `python -m tests.bench.hosts` ({regions}; {topics}). **All hosts share the two cores of one machine, which others use too: the seconds say what
a lost host costs, and nothing about what more hosts give.**
"""


def missing() -> str:
    """Say what is missing to try it here; nothing: empty."""
    if sys.platform != "linux":
        return "hosts are made of Linux namespaces: this is not Linux"
    absent = [name for name in ("ip", "tc", "unshare", "nsenter") if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)} (Debian: iproute2 and util-linux)"
    return "" if os.geteuid() == 0 else "namespaces with networks need root"


def main(arguments: list[str] | None = None) -> int:
    """Try, print, and write into the page."""
    parser = argparse.ArgumentParser(prog="hosts", description="Try a cluster of several hosts, and cut some of them off.")
    parser.add_argument("--regions", default="France, Nordics, Bavaria")
    parser.add_argument("--only", default="data,market", help="topics, such as data,market")
    parser.add_argument("--shared", default="ftp://STORE:2121/shared", metavar="URL", help="of the ways without a common folder; STORE: the server's address")
    parser.add_argument("--serve", default=FTP, metavar="COMMAND", help="what serves it; default: pyftpdlib, if it is installed")
    parser.add_argument("--ways", default=",".join(WAYS), help="which ways to try")
    parser.add_argument("--dry", action="store_true", help="print, but leave the page as it is")
    options = parser.parse_args(arguments)
    if why := missing():
        print(why, file=sys.stderr)
        return 2
    ways = ["local", *(name for name in options.ways.split(",") if name != "local")]
    if options.serve == FTP and importlib.util.find_spec("pyftpdlib") is None:
        print("no URL is tried: install pyftpdlib, or name another server with --shared and --serve", file=sys.stderr)
        ways = [name for name in ways if not name.startswith("url")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    came: dict[str, Tried] = {}
    with tempfile.TemporaryDirectory(prefix="hosts-") as folder:
        trial = Trial(Path(folder), options.regions, options.only, options.shared, options.serve)
        for name in ways:
            tried = came[name] = WAYS[name][1](trial)
            print(row(name, tried, came["local"]), *filter(None, [tried.cause, *tried.lost, *tried.left]), sep="\n", flush=True)
    text = page(came, options.regions, options.only)
    if not options.dry:
        write_part(PAGE, "hosts", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
