"""What a trial of an estimator is: data drawn with a known truth, the estimator asked, and whether it kept its word.

A trial draws everything afresh in every replication – sizes, clusters, effects – so that it speaks of the estimator, not
of one layout. Modules in `trials/` list theirs in `TRIALS`; the fast test runs a few replications of each, `make prove` 2,000.
"""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Generator = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """An interval of nominal `level` must hold the truth that often.

    name: `<topic>.<question>.<estimate>`; layout: what is drawn, in words. draw(rng) returns truth, low, high – floats, or
    arrays where an estimate is judged on average over groups (shrinkage). None: the method refused, with a reason; counted.
    quick: replications in the fast test; fewer where one takes more than about 20 ms.
    """

    name: str
    layout: str
    draw: Callable[[Generator], tuple[object, object, object] | None]
    level: float = 0.95
    quick: int = 40

    @property
    def nominal(self) -> float:
        """The share of hits that is promised."""
        return self.level

    def hit(self, drawn: tuple[object, object, object]) -> float:
        """Share of the truths that lie in their intervals; an end that is not a number holds nothing."""
        truth, low, high = (np.asarray(part, dtype=float) for part in drawn)
        return float(np.mean((low <= truth) & (truth <= high)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """Where there is nothing to find, a test at `rate` may find something that often. draw(rng) returns the p-value, or None.

    cautious: why the test may alarm less often than at `rate` (an exact test of few cases, several gates in a row); without
    such a reason too few alarms fail as too many do. quick: see `Coverage`.
    """

    name: str
    layout: str
    draw: Callable[[Generator], float | None]
    rate: float = 0.05
    cautious: str = ""
    quick: int = 40

    @property
    def nominal(self) -> float:
        """The share of alarms that is promised."""
        return self.rate

    def hit(self, drawn: float) -> float:
        """1 for an alarm, else 0."""
        return float(drawn <= self.rate)


Trial = Coverage | FalseAlarm


def stream(name: str, replication: int) -> Generator:
    """Return the random numbers of one replication: they depend on the trial's name and the number alone."""
    return np.random.default_rng([zlib.crc32(name.encode()), replication])


def trials() -> tuple[Trial, ...]:
    """Return all trials, by name; names are unique."""
    package = importlib.import_module("tests.simulation.trials")
    modules = [importlib.import_module(f"{package.__name__}.{name}") for _, name, _ in pkgutil.iter_modules(package.__path__)]
    found = sorted((trial for module in modules for trial in module.TRIALS), key=lambda trial: trial.name)
    names = [trial.name for trial in found]
    if len(set(names)) != len(names):
        raise ValueError(f"trial names used twice: {sorted({name for name in names if names.count(name) > 1})}")
    return tuple(found)
