"""Measure all chapters on large data: `make bench`, or `python -m tests.bench.large [--entries N …] [--topics …] [--no-pandas]`.

Draws a company of each size, runs every chapter in a process of its own, and a handful of first steps beside pandas at the largest size.
What was measured stands in `docs/large_data.json`, a size replacing itself; `docs/large_data.md` is made from it.
Exit status 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import cutting, importing
from tests.bench.bench import Goal
from tests.bench.company import write_company
from tests.bench.in_pandas import QUESTIONS, TABLES
from tests.bench.ways import ONE_THREAD
from workbook.analyses import TOPICS

DOCS = Path(__file__).resolve().parents[2] / "docs"
RECORD, PAGE, WORDS = DOCS / "large_data.json", DOCS / "large_data.md", Path(__file__).with_name("large_data.md")
SIZES = (1_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000)
MILLION = 1_000_000
MOST_MIB = 2048
STEPS = ("first", "second")
Measured = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure, write down, and write the page."""
    options = _options(arguments)
    record: Measured = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {"sizes": {}, "pandas": {}}
    for entries in options.entries:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            write_company(Path(name), entries)
            found = record["sizes"].setdefault(str(entries), {})
            record.setdefault("imports", {})[str(entries)] = _child("tests.bench.importing", Path(name))
            record.setdefault("parts", {})[str(entries)] = _child("tests.bench.cutting", Path(name))
            found |= {topic: _child("tests.bench.whole_chapters", Path(name), topic) for topic in options.topics}
            if entries == max(options.entries) and not options.no_pandas:
                record["pandas"] = {"entries": entries, "questions": {question: _beside_pandas(Path(name), question) for question in QUESTIONS}}
        record["measured_on"] = datetime.now(UTC).strftime("%Y-%m-%d")
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    goals = goals_of(record)
    PAGE.write_text(page(record, goals), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return 0 if all(goal.is_met for goal in goals) else 1


def _beside_pandas(folder: Path, question: str) -> Measured:
    ours = _child("tests.bench.first_steps", folder, ":".join((question, *TABLES.get(question, ()))))
    return {"ours": ours["asked"][0] | {"peak_mib": ours["peak_mib"]}, "pandas": _child("tests.bench.in_pandas", folder, question)}


def _child(module: str, folder: Path, *words: str) -> Measured:
    done = subprocess.run([sys.executable, "-m", module, str(folder), *words], check=True, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD)
    told: Measured = json.loads(done.stdout)
    return told


def cpu(size: Measured, step: str) -> float:
    """Return the seconds of one core that the `first` or `second` steps of all chapters took together."""
    return float(sum(asked[step] for chapter in size.values() for asked in chapter["asked"]))


def by_size(record: Measured) -> dict[int, Measured]:
    """Return what was measured per size, the smallest first."""
    return {int(entries): size for entries, size in sorted(record["sizes"].items(), key=lambda item: int(item[0]))}


def complete(record: Measured) -> dict[int, Measured]:
    """Return the sizes that were measured for all chapters, the smallest first."""
    return {entries: size for entries, size in by_size(record).items() if set(size) >= set(TOPICS)}


def failures(size: Measured) -> list[str]:
    """Return the questions and cells that failed, out of memory or otherwise."""
    return [told for chapter in size.values() for told in chapter["failed"]]


def goals_of(record: Measured) -> list[Goal]:
    """Hold what was measured against what is asked."""
    whole, sizes = complete(record), by_size(record)
    largest, tenth = max(whole), min(whole, key=lambda entries: abs(entries - max(whole) / 10))
    peak = max(chapter["peak_mib"] for chapter in sizes[max(sizes)].values())
    goals = [
        Goal(words=f"highest peak at {max(sizes) // MILLION} million, MiB", ratio=peak, bound=MOST_MIB, is_floor=False),
        Goal(words="questions and cells that failed, at any size", ratio=sum(len(failures(size)) for size in sizes.values()), bound=0, is_floor=False),
    ]
    for step in STEPS:
        per_row = [cpu(whole[entries], step) / entries for entries in (largest, tenth)]
        words = f"{step} steps: time per row at {largest // MILLION} million ÷ at {tenth // MILLION} million"
        goals.append(Goal(words=words, ratio=per_row[0] / per_row[1], bound=1.25, is_floor=False))
    for name, each in record["pandas"].get("questions", {}).items():
        ours, theirs = each["ours"], each["pandas"]
        goals.append(Goal(words=f"{name}: time of pandas ÷ ours", ratio=theirs["cpu"] / ours["cpu"], bound=4, is_floor=True))
        goals.append(Goal(words=f"{name}: memory of pandas ÷ ours", ratio=theirs["peak_mib"] / ours["peak_mib"], bound=5, is_floor=True))
    return goals


def page(record: Measured, goals: list[Goal]) -> str:
    """Return the page: what was measured, set into its words."""
    whole = complete(record)
    asked = [asked for chapter in whole[max(whole)].values() for asked in chapter["asked"]]
    slowest = sorted(asked, key=lambda one: -one["cpu"])[:12]
    beside = record["pandas"].get("questions", {}).items()
    return WORDS.read_text(encoding="utf-8").format(
        day=record["measured_on"], python=platform.python_version(), questions=len(asked), tables=sum(one["tables"] for one in asked),
        topics=" | ".join(TOPICS), rules="---|" * len(TOPICS), sizes="\n".join(_size_row(*one) for one in by_size(record).items()), largest=max(whole) // MILLION,
        slowest="\n".join(map(_slow_row, slowest)),
        entries=record["pandas"].get("entries", 0) // MILLION,
        beside="\n".join(
            f"| {name} | {e['ours']['cpu']:.1f} | {e['pandas']['cpu']:.1f} | {e['ours']['peak_mib']:.0f} | {e['pandas']['peak_mib']:.0f} |" for name, e in beside
        ),
        goals="\n".join(goal.line for goal in goals), imports=importing.table(record["imports"]), parts=cutting.table(record["parts"]),
    )  # fmt: skip


def _size_row(entries: int, size: Measured) -> str:
    """Return a row of the table of sizes: seconds per chapter (–: not measured), first and second steps, first steps per million, the highest peak, failures."""
    each = [f"{size[topic]['cpu']:.0f}" if topic in size else "–" for topic in TOPICS]
    steps = [f"{cpu(size, 'first'):.0f}", f"{cpu(size, 'second'):.0f}", f"{cpu(size, 'first') / entries * MILLION:.1f}"] if "–" not in each else ["–"] * 3
    peaks = [f"{size[topic]['peak_mib']:.0f}" if topic in size else "–" for topic in TOPICS]
    return f"| {entries // MILLION} | {' | '.join([*each, *steps])} | {' / '.join(peaks)} | {', '.join(failures(size))} |"


def _slow_row(asked: Measured) -> str:
    return f"| {asked['name']} | {asked['first']:.1f} | {asked['second']:.1f} | {asked['rows']:,} | {'yes' if asked['is_sample'] else ''} |"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="large", description="Measure all chapters on large data.")
    parser.add_argument("--entries", type=int, nargs="+", default=SIZES, help="rows of stage_entries, one company each; the other frames in proportion")
    parser.add_argument("--topics", nargs="+", default=TOPICS, choices=TOPICS, help="chapters to measure")
    parser.add_argument("--no-pandas", action="store_true", help="leave the comparison with pandas as it is")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
