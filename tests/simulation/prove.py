"""Prove the estimators: `make prove`, or `python -m tests.simulation.prove [--reps N] [--only PREFIX] [--jobs N]`.

A tenth as many whole companies are asked end to end. Exit status 1 when an estimator misses. With `--only` the other lines of the
page stay as they are.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import chain

from tests.simulation.companies import HEADLINES, replicate_companies
from tests.simulation.proof_page import load_proof, write_proof
from tests.simulation.replicate import replicate_all
from tests.simulation.trial import trials
from tests.simulation.verdict import Measured, judge


def main(arguments: list[str] | None = None) -> int:
    """Run the trials that are asked for, write the page, tell which failed."""
    options = _options(arguments)
    known = (*trials(), *HEADLINES)
    chosen = [trial for trial in trials() if trial.name.startswith(options.only)]
    whole = [headline for headline in HEADLINES if headline.name.startswith(options.only)]
    if not chosen and not whole:
        print(f"no trial's name starts with {options.only!r}", file=sys.stderr)
        return 2
    measured: dict[str, Measured] = {}
    began = time.monotonic()
    asked = replicate_companies(max(options.reps // 10, 1), options.jobs) if whole else ()
    for trial, hits in chain(replicate_all(chosen, options.reps, options.jobs), asked):
        measured[trial.name] = line = judge(trial, hits)
        print(_told(line, time.monotonic() - began), flush=True)
    kept = {name: line for name, line in load_proof().items() if name in {trial.name for trial in known}}
    if not options.dry:
        write_proof((kept | measured).values())
    return 1 if any(not line.holds for line in measured.values()) else 0


def _told(line: Measured, seconds: float) -> str:
    rate = "all refused" if line.rate is None else f"{line.rate:.1%} ({line.low:.1%} to {line.high:.1%})"
    return f"{seconds:6.0f} s  {line.name:60} {rate:28} refused {line.refused:5}  {line.verdict}"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="prove", description="Measure by simulation whether the estimators keep their word.")
    parser.add_argument("--reps", type=int, default=2000, help="replications of each trial")
    parser.add_argument("--only", default="", help="trials whose name starts so")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes")
    parser.add_argument("--dry", action="store_true", help="print, but leave the page as it is")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
