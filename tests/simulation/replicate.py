"""Replications of trials in worker processes; what comes out depends on the names and numbers alone, not on who worked when."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import cache

import numpy as np

from tests.simulation.trial import Trial, stream, trials

PART = 100  # replications a worker takes at a time


def replicate(trial: Trial, start: int, stop: int) -> np.ndarray:
    """Return the hits of replications start to stop; NaN where the method refused."""
    drawn = (trial.draw(stream(trial.name, i)) for i in range(start, stop))
    return np.array([np.nan if one is None else trial.hit(one) for one in drawn])


def replicate_all(chosen: Sequence[Trial], replications: int, jobs: int) -> Iterator[tuple[Trial, np.ndarray]]:
    """Yield each trial with all its hits, as soon as they are complete."""
    parts: dict[str, dict[int, np.ndarray]] = {trial.name: {} for trial in chosen}
    starts = range(0, replications, PART)
    with ProcessPoolExecutor(jobs) as pool:
        tasks = {pool.submit(_work, trial.name, start, min(start + PART, replications)): (trial, start) for trial in chosen for start in starts}
        for task in as_completed(tasks):
            trial, start = tasks[task]
            parts[trial.name][start] = _result(task, trial)
            if len(parts[trial.name]) == len(starts):
                yield trial, np.concatenate([part for _, part in sorted(parts.pop(trial.name).items())])


def _result(task: Future[np.ndarray], trial: Trial) -> np.ndarray:
    """The hits; a trial that breaks off counts as all refused, and fails, without taking the others with it."""
    try:
        return task.result()
    except Exception as error:
        print(f"{trial.name} broke off: {error!r}", file=sys.stderr)
        return np.full(PART, np.nan)


@cache
def _by_name() -> dict[str, Trial]:
    return {trial.name: trial for trial in trials()}


def _work(name: str, start: int, stop: int) -> np.ndarray:
    """Look the trial up where the work is done: a trial holds functions, which cannot be sent."""
    return replicate(_by_name()[name], start, stop)
