"""The proof as a page to read, `docs/proof.md`, and as data, `docs/proof.json`: same results, same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.simulation.verdict import Measured

DOCS = Path(__file__).resolve().parents[2] / "docs"
INTRODUCTION = """\
# Proof by simulation

Written by `make prove`; [proof.json](proof.json) holds the same as data. Each line is an estimator behind a headline or a
stated difference, asked the way its chapter asks it, on data drawn with a known truth: sizes, clusters and effects are drawn
afresh in every replication. **Coverage** is how often the interval holds the truth, **false alarms** how often a test
finds something where nothing is. Beside each rate stands its 99 % Monte Carlo interval; a line fails when that lies wholly outside
93 to 97 % for intervals of 95 % (3 to 7 % for tests at 5 %, other levels likewise: the nominal error give or take two
fifths). Replications that the method refused, with a reason, are counted and left out; more than half of them fails too. *Cautious*: a test
that alarms less often than at its rate, with a reason why it may. Shrunken estimates are judged on average over the groups.
Descriptive totals and bounds have no sampling truth and are left out.
"""
TITLES = {
    "data": "Data", "market": "Market", "icp_segmentation": "Ideal customer profile and segments", "competitors": "Competitors",
    "alignment_impact": "Impact of alignment", "overview": "Overview of a matrix", "companies": "Whole simulated companies",
}  # fmt: skip
HEAD = "| estimate | layout | replications | refused | measured | rate | 99 % interval | verdict |\n|---|---|--:|--:|---|--:|--:|---|\n"


def load_proof(folder: Path = DOCS) -> dict[str, Measured]:
    """Return the lines written last time, by name; none where there is no file."""
    path = folder / "proof.json"
    lines = json.loads(path.read_text(encoding="utf-8"))["lines"] if path.exists() else []
    return {line["name"]: Measured(**line) for line in lines}


def write_proof(lines: Iterable[Measured], folder: Path = DOCS) -> None:
    """Write both files."""
    ordered = sorted(lines, key=lambda line: (_place(line.name), line.name))
    data = json.dumps({"lines": [line.record() for line in ordered]}, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "proof.json").write_text(data + "\n", encoding="utf-8")
    parts = [f"\n## {TITLES[topic]}\n\n{HEAD}{''.join(map(_row, group))}" for topic, group in groupby(ordered, lambda line: _topic(line.name))]
    (folder / "proof.md").write_text(INTRODUCTION + "".join(parts), encoding="utf-8")


def _topic(name: str) -> str:
    return name.split(".", 1)[0]


def _place(name: str) -> int:
    return list(TITLES).index(_topic(name))


def _row(line: Measured) -> str:
    percent = [f"{value:.1%}".replace("%", " %") if value is not None else "–" for value in (line.rate, line.low, line.high)]
    verdict = line.verdict if line.holds else f"**{line.verdict}**"
    cells = (
        f"`{line.name.split('.', 1)[1]}`", line.layout.replace("|", "\\|"), f"{line.replications:,}", f"{line.refused:,}",
        f"{line.kind}, nominal {line.nominal:.0%}".replace("%", " %"), percent[0], f"{percent[1]} to {percent[2]}", verdict,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |\n"
