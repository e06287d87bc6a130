"""Measure how fast chapters run: `make bench`, or `python -m tests.bench.bench [--runs N] [--dry]`.

Everything in one session on one machine; what counts are the ratios. Writes `docs/performance.md`. Exit status 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import unchanged, ways
from tests.bench.chapters import measured_chapters
from workbook.batch.executor import core_count

PACKAGE = Path(__file__).resolve().parents[2] / "workbook"
PAGE = PACKAGE.with_name("docs") / "performance.md"
START_RUNS = TURNS = 5
CHAPTER_TURNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A ratio, or seconds, that was measured, and how it should compare with a bound."""

    words: str
    ratio: float
    bound: float
    is_floor: bool

    @property
    def is_met(self) -> bool:
        """Is it?"""
        return self.ratio >= self.bound if self.is_floor else self.ratio <= self.bound

    @property
    def line(self) -> str:
        """A row of the page's table."""
        sign = "≥" if self.is_floor else "≤"
        return f"| {self.words} | {self.ratio:.2f} | {sign} {self.bound:g} | {'met' if self.is_met else '**missed**'} |"


def main(arguments: list[str] | None = None) -> int:
    """Measure all ways, print and write what came out."""
    options = _options(arguments)
    os.environ.update(ways.ONE_THREAD)
    compileall.compile_dir(PACKAGE, quiet=1)  # as an installer does; where Python is told to write no bytecode a checkout has none
    jobs, runs = core_count(), options.runs
    few = max(runs // TURNS, jobs)  # of those ways in which each run starts from nothing
    own_peaks: list[float] = []
    ordinary_peaks: list[float] = []

    def own(folder: Path) -> float:
        seconds = ways.own(runs, folder, jobs)
        own_peaks.extend(ways.peaks(folder))
        return seconds

    def loop(folder: Path) -> float:
        seconds = ways.shell_loop(few, folder)
        ordinary_peaks.extend(ways.peaks(folder))
        return seconds

    measured = {
        "plain Python, all cores": (runs, lambda _: ways.plain(runs, jobs)),
        "this engine, all cores": (runs, own),
        f"papermill command, {jobs} at a time (`xargs -P`)": (few, lambda folder: ways.shell_two_at_a_time(few, folder, jobs)),
        "papermill command in a shell loop": (few, loop),
    }
    turns = [[_seconds(way) / n for n, way in measured.values()] for _ in range(TURNS)]  # by turns: a machine's speed changes
    per_run = dict(zip(measured, map(statistics.median, zip(*turns, strict=True)), strict=True))
    limit, engine, at_once, loop_seconds = range(len(measured))

    def ratio(one: int, other: int) -> float:
        return statistics.median(turn[one] / turn[other] for turn in turns)  # what a turn compares was measured within minutes

    goals = [
        Goal(words="shell loop ÷ engine", ratio=ratio(loop_seconds, engine), bound=6, is_floor=True),
        Goal(words=f"{jobs} at a time ÷ engine", ratio=ratio(at_once, engine), bound=3, is_floor=True),
        Goal(words="engine ÷ plain Python", ratio=ratio(engine, limit), bound=1.2, is_floor=False),
        Goal(words="peak memory of a kernel ÷ of an ordinary one", ratio=statistics.median(own_peaks) / statistics.median(ordinary_peaks),
             bound=1.2, is_floor=False),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        papermill, single = ways.single(START_RUNS, Path(folder))
    for words, part in (("to its first computing cell", "start"), ("to its end", "total")):
        theirs, ours = (statistics.median(getattr(times, part) for times in way) for way in (papermill, single))
        goals.append(Goal(words=f"a single chapter from cold {words} ({ours:.1f} s) ÷ by papermill ({theirs:.1f} s)", ratio=ours / theirs, bound=1.1, is_floor=False))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        words = f"seconds until an unchanged matrix of {unchanged.REGIONS * len(unchanged.CHAPTERS)} chapters is told"
        goals.append(Goal(words=words, ratio=unchanged.measured(Path(folder)), bound=2, is_floor=False))
    chapters = [] if options.no_chapters else measured_chapters(CHAPTER_TURNS)
    goals += [Goal(words=f"chapter {c.topic} ÷ its plain Python", ratio=c.seconds / c.plain, bound=1.25, is_floor=False) for c in chapters]
    spread = ", ".join(f"{each:.2f}" for each in sorted(turn[engine] / turn[limit] for turn in turns))
    text = _page(per_run, goals, (runs, few), jobs, spread)
    print(text)
    if not options.dry:
        PAGE.write_text(text, encoding="utf-8")
    return 0 if all(goal.is_met for goal in goals) else 1


def _seconds(way: Callable[[Path], float]) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return way(Path(folder))


def _page(per_run: dict[str, float], goals: list[Goal], runs: tuple[int, int], jobs: int, spread: str) -> str:
    measured = "\n".join(f"| {name} | {seconds:.2f} |" for name, seconds in per_run.items())
    ratios = "\n".join(goal.line for goal in goals)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    return f"""# How fast chapters run

Written by `make bench` on {day}: `tests/bench/chapter.ipynb` (100,000 rows, group-bys, a GLM, an exponential smoothing, six figures: 1.4 s of
computing), one session, {jobs} cores, Python {platform.python_version()}. The engine's time includes the start of its zygotes; plain Python is the same cells in
processes that have imported everything, on all cores: the limit. Seconds and ratios are medians of {TURNS} turns, each with {runs[0]} runs of these two and
{runs[1]} of each of papermill's commands; a ratio is one of a turn. Engine ÷ plain Python was {spread} in the single turns.
The report's own chapters are medians of {CHAPTER_TURNS} turns.

| way | seconds per run |
|---|---|
{measured}

| ratio, or seconds | measured | goal | |
|---|---|---|---|
{ratios}
"""


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure how fast chapters run.")
    parser.add_argument("--runs", type=int, default=40, help="runs of the benchmark chapter in each turn; of the papermill commands, over all turns")
    parser.add_argument("--dry", action="store_true", help="print, but leave the page as it is")
    parser.add_argument("--no-chapters", action="store_true", help="leave the report's own chapters out")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
