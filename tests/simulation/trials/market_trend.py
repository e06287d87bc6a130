"""Growth of a short yearly series whose neighbouring errors are alike."""

from __future__ import annotations

import math

import numpy as np

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.stats.breaks import MIN_POINTS, unknown_break
from workbook.stats.growth import cagr, level_change, log_trend


def _errors(rng: Generator, n: int) -> np.ndarray:
    """AR(1) errors of variance 1; autocorrelation 0 to 0.8."""
    alike, shocks = rng.uniform(0.0, 0.8), rng.normal(size=n)
    found = np.empty(n)
    found[0] = shocks[0]
    for t in range(1, n):
        found[t] = alike * found[t - 1] + math.sqrt(1 - alike**2) * shocks[t]
    return found


def _series(rng: Generator, rate: float, jump: float = 0.0) -> tuple[np.ndarray, np.ndarray, int]:
    n = int(rng.integers(8, 31))
    years, at = np.arange(2000.0, 2000 + n), int(rng.integers(3, n - 2))
    log = rate * np.arange(n) + rng.uniform(0.01, 0.15) * _errors(rng, n) + jump * (np.arange(n) >= at)
    return years, 10 ** rng.uniform(0, 9) * np.exp(log), at


def _trend(rng: Generator) -> tuple[float, float, float]:
    rate = rng.normal(0.03, 0.04)
    years, values, _ = _series(rng, rate)
    found = log_trend(years, values)
    return math.expm1(rate), found.low, found.high


def _trend_with_break(rng: Generator) -> tuple[float, float, float]:
    rate = rng.normal(0.03, 0.04)
    years, values, at = _series(rng, rate, rng.normal(0, 0.4))
    found = log_trend(years, values, breaks=[years[at]])
    return math.expm1(rate), found.low, found.high


def _compound(rng: Generator) -> tuple[float, float, float]:
    rate = rng.normal(0.03, 0.04)
    years, values, _ = _series(rng, rate)
    found = cagr(years, values, years[0], years[-1])
    return math.expm1(rate), found.low, found.high


def _no_growth(rng: Generator) -> float:
    years, values, _ = _series(rng, 0.0)
    return log_trend(years, values).p_value


def _no_break(rng: Generator) -> float | None:
    years, values, _ = _series(rng, rng.normal(0.03, 0.04))
    if len(years) < MIN_POINTS:
        return None
    return unknown_break(years, np.log(values), draws=199, seed=int(rng.integers(2**31))).p_value


def _share_change(rng: Generator) -> tuple[float, float, float]:
    n, change = int(rng.integers(4, 13)), rng.normal(0, 0.05)
    share = 0.3 + change * np.arange(n) / (n - 1) + rng.uniform(0.002, 0.02) * _errors(rng, n)
    found = level_change(np.arange(n), share)
    return float(change), found.low, found.high


LAYOUT = "8 to 30 years, rate around 3 %, AR(1) errors of 1 to 15 %, autocorrelation 0 to 0.8"
TRIALS = (
    Coverage(name="market.growth.trend", layout=LAYOUT, draw=_trend),
    Coverage(name="market.growth.trend_with_break", layout=f"{LAYOUT}; a level shift at a known year", draw=_trend_with_break),
    Coverage(
        name="market.concentration.share_change", draw=_share_change,
        layout="4 to 12 years, change around 5 points, AR(1) errors of 0.2 to 2 points, autocorrelation 0 to 0.8",
    ),
    Coverage(name="market.growth.compound", layout=LAYOUT, draw=_compound),
    FalseAlarm(name="market.growth.no_trend", layout=f"{LAYOUT}; rate 0", draw=_no_growth),
    FalseAlarm(name="market.growth.no_unknown_break", layout=f"{LAYOUT}; refused under 12 years", draw=_no_break),
)  # fmt: skip
