"""What comes after the last year, with the method that did best on the past."""

from __future__ import annotations

import numpy as np

from tests.simulation.trial import Coverage, Generator
from workbook.analyses.market.outlook import METHODS
from workbook.stats.backtest import best_forecast

HORIZON = 3


def _walk(rng: Generator, n: int, rate: float, spread: float) -> np.ndarray:
    """Random walk with drift: nothing comes back."""
    return np.cumsum(rng.normal(rate, spread, n))


def _trend(rng: Generator, n: int, rate: float, spread: float) -> np.ndarray:
    """Straight line with errors of which half stays for the next year."""
    found = np.zeros(n)
    for t in range(1, n):
        found[t] = 0.5 * found[t - 1] + rng.normal(0, spread)
    return rate * np.arange(n) + found


def _turning(rng: Generator, n: int, rate: float, spread: float) -> np.ndarray:
    """Growth that itself wanders."""
    return np.cumsum(rate + np.cumsum(rng.normal(0, spread / 4, n))) + rng.normal(0, spread / 2, n)


def _flat(rng: Generator, n: int, rate: float, spread: float) -> np.ndarray:
    """No growth; four fifths of a deviation stay for the next year."""
    found = np.zeros(n)
    for t in range(1, n):
        found[t] = 0.8 * found[t - 1] + rng.normal(0, spread)
    return found


def _ahead(rng: Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, kind = int(rng.integers(8, 21)), (_walk, _trend, _turning, _flat)[int(rng.integers(4))]
    log = kind(rng, n + HORIZON, rng.normal(0.03, 0.03), rng.uniform(0.01, 0.1))
    series = 10 ** rng.uniform(0, 9) * np.exp(log)
    _, path = best_forecast(series[:n], METHODS, 5, HORIZON, level=0.8)
    return series[n:], path.table["low"].to_numpy(float), path.table["high"].to_numpy(float)


TRIALS = (
    Coverage(
        name="market.outlook.best_of_five",
        layout="8 to 20 years, one to three years ahead; random walk, trend, wandering growth or none, in equal parts",
        draw=_ahead, level=0.8,
    ),
)  # fmt: skip
