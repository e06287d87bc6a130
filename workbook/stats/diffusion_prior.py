"""Bass curve of a product too young for least squares: earlier products stand in for what the data do not say yet.

Sultan, Farley & Lehmann 1990 average 213 applications: innovation p 0.03, imitation q 0.38. Here log p and log q have
these means and the spread `SPREAD` (two thirds of published p lie between 0.013 and 0.067, of q between 0.25 and 0.57: our
reading of their table, stated with every result). Posterior on a grid of p and q; market size and error variance are
integrated out (log-flat for the size, 1/σ for the error). The longer the series the less the analogies weigh.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.diffusion import bass_density
from workbook.stats.errors import CannotEstimate
from workbook.stats.grid_posterior import closer_box, regular_grid
from workbook.stats.interval import Interval, check_level

INNOVATION, IMITATION = 0.03, 0.38
SPREAD = (0.8, 0.4)  # of log p and log q
P_ENDS, Q_ENDS = (0.001, 0.6), (0.06, 2.0)
SIDES = (61, 61)  # points of the grid
MIN_PERIODS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BassPosterior:
    """market, innovation, imitation, peak_time: posterior medians with intervals; peak_time counts periods from 1.

    peak_seen: probability that the period of the highest sales lies in the data. n: periods.
    """

    market: float
    market_interval: Interval
    innovation: float
    innovation_interval: Interval
    imitation: float
    imitation_interval: Interval
    peak_time: float
    peak_interval: Interval
    peak_seen: float
    n: int


def bass_with_analogies(sales: Any, level: float = 0.95, draws: int = 4000, seed: int = 0) -> BassPosterior:
    """Fit sales per period from the product's first one on, in time order without gaps.

    Raises `CannotEstimate`: too_few_observations (under 4 periods), missing_values, not_positive; `ValueError` for negative sales.
    """
    check_level(level)
    y = as_floats(sales)
    if len(y) < MIN_PERIODS:
        raise CannotEstimate("too_few_observations", f"{len(y)} periods, {MIN_PERIODS} are needed")
    if not bool(np.isfinite(y).all()):
        raise CannotEstimate("missing_values")
    if bool((y < 0).any()):
        raise ValueError("sales must not be negative")
    if float(y.sum()) == 0:
        raise CannotEstimate("not_positive")
    unit = float(y.sum())
    found = _drawn(y / unit, draws, np.random.default_rng(seed))
    m, p, q = (_summary(values, level) for values in (found[0] * unit, found[1], found[2]))
    peaks = np.log(found[2] / found[1]) / (found[1] + found[2])
    peak = _summary(peaks, level)
    return BassPosterior(
        market=m[0], market_interval=m[1], innovation=p[0], innovation_interval=p[1], imitation=q[0], imitation_interval=q[1],
        peak_time=peak[0], peak_interval=peak[1], peak_seen=float((peaks <= len(y)).mean()), n=len(y),
    )  # fmt: skip


def _drawn(y: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draws of m, p, q; 3 × draws. Given p and q, m follows a t distribution around its least squares value, above 0."""
    box = np.log(np.array([P_ENDS, Q_ENDS]))
    for _ in range(3):
        at = regular_grid(box, SIDES)
        chance, centre, error = _weighed(y, np.exp(at))
        box = closer_box(at, chance, SIDES, box)
    (p, q), dof = np.exp(at), len(y) - 1
    chosen = rng.choice(len(p), size=draws, p=chance / chance.sum())
    size = centre[chosen] + error[chosen] * rng.standard_t(dof, draws)
    inside = size > 0
    return np.stack([size[inside], p[chosen][inside], q[chosen][inside]])


def _weighed(y: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weight, best m and its error for each column of p and q."""
    p, q = at
    shape = bass_density(np.arange(1.0, len(y) + 1)[None, :], 1.0, p[:, None], q[:, None])
    weight, dof = (shape**2).sum(axis=1), len(y) - 1
    centre = (shape @ y) / weight
    squares = np.maximum(((y - centre[:, None] * shape) ** 2).sum(axis=1), 1e-18)
    log = -dof / 2 * np.log(squares) - np.log(weight) / 2
    log -= (np.log(p / INNOVATION) / SPREAD[0]) ** 2 / 2 + (np.log(q / IMITATION) / SPREAD[1]) ** 2 / 2
    log = np.where(centre > 0, log - np.log(np.where(centre > 0, centre, 1.0)), -np.inf)
    chance = np.exp(log - log.max())
    return chance, centre, np.sqrt(squares / dof / weight)


def _summary(values: FloatArray, level: float) -> tuple[float, Interval]:
    low, middle, high = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return float(middle), Interval(low=float(low), high=float(high), level=level)
