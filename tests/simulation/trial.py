"""What a trial of an estimator is: data drawn with a known truth, the estimator asked, and whether it kept its word.

A trial draws everything afresh in every replication – sizes, clusters, effects – so that it speaks of the estimator, not
of one layout. Modules in `trials/` list theirs in `TRIALS`; the fast test runs a few replications of each, `make prove` 2,000.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Generator = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """An interval of nominal `level` must hold the truth that often.

    name: `<topic>.<question>.<estimate>`; layout: what is drawn, in words. draw(rng) returns truth, low, high – floats, or
    arrays where an estimate is judged on average over groups (shrinkage). None: the method refused, with a reason; counted.
    """

    name: str
    layout: str
    draw: Callable[[Generator], tuple[object, object, object] | None]
    level: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """Where there is nothing to find, a test at `rate` may find something that often. draw(rng) returns the p-value, or None."""

    name: str
    layout: str
    draw: Callable[[Generator], float | None]
    rate: float = 0.05


Trial = Coverage | FalseAlarm


def trials() -> tuple[Trial, ...]:
    """Return all trials, by name; names are unique."""
    package = importlib.import_module("tests.simulation.trials")
    modules = [importlib.import_module(f"{package.__name__}.{name}") for _, name, _ in pkgutil.iter_modules(package.__path__)]
    found = sorted((trial for module in modules for trial in module.TRIALS), key=lambda trial: trial.name)
    names = [trial.name for trial in found]
    if len(set(names)) != len(names):
        raise ValueError(f"trial names used twice: {sorted({name for name in names if names.count(name) > 1})}")
    return tuple(found)
