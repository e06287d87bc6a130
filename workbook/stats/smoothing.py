"""Exponential smoothing fitted by least squares: simple, and with a damped additive trend.

Given the smoothing parameters the one-step errors are linear in the initial states, so these are solved exactly; the
parameters are searched on a grid that closes in on the best point. All parameters of a grid are run through the series
at once, which is what makes trying a forecast on every beginning of a series affordable. Same optimum as statsmodels'
`ExponentialSmoothing` (tested). Hyndman, Koehler, Ord & Snyder 2008, ch. 2 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbook.stats.arrays import FloatArray

SMALLEST, LARGEST = 0.0001, 0.9999  # of a smoothing weight
DAMPING = (0.8, 0.98)  # as in fpp3 8.2: less damping cannot be told from none, more is a broken line
ZOOMS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smoothed:
    """A fitted smoothing.

    alpha, beta, phi: weights of level and trend and the damping; beta is 0 and phi 1 without trend. level, slope: initial
    states. last_level, last_slope: after the last point. fitted: one-step forecasts, one per point.
    """

    alpha: float
    beta: float
    phi: float
    level: float
    slope: float
    last_level: float
    last_slope: float
    fitted: FloatArray

    def ahead(self, horizon: int) -> FloatArray:
        """Forecast the next `horizon` points."""
        return self.last_level + self.last_slope * np.cumsum(self.phi ** np.arange(1, horizon + 1))


def simple_smoothing(series: FloatArray) -> Smoothed:
    """Fit level smoothing; weight in 0.0001-0.9999. A constant series gives weight 0.5."""
    if _is_constant(series):
        return _constant(series)
    grid = (np.linspace(SMALLEST, LARGEST, 21), np.zeros(1), np.ones(1))
    return _searched(series, grid, has_trend=False)


def damped_smoothing(series: FloatArray) -> Smoothed:
    """Fit level and damped trend; weights in 0.0001-0.9999, trend's not above the level's, damping 0.8-0.98."""
    if _is_constant(series):
        return _constant(series)
    grid = (np.linspace(SMALLEST, LARGEST, 11), np.linspace(SMALLEST, LARGEST, 7), np.linspace(*DAMPING, 5))
    return _searched(series, grid, has_trend=True)


def _is_constant(series: FloatArray) -> bool:
    return float(np.ptp(series)) <= 1e-12 * max(float(np.abs(series).max()), 1e-300)


def _constant(series: FloatArray) -> Smoothed:
    value = float(series[0])
    return Smoothed(alpha=0.5, beta=0.0, phi=1.0, level=value, slope=0.0, last_level=value, last_slope=0.0, fitted=series.copy())


Grid = tuple[FloatArray, FloatArray, FloatArray]


def _searched(series: FloatArray, grid: Grid, *, has_trend: bool) -> Smoothed:
    """Close in on the best point: each round searches between the neighbours of the best of the round before."""
    centre, scale = float(series.mean()), float(series.std())
    y = (series - centre) / scale
    ends = tuple((float(axis[0]), float(axis[-1])) for axis in grid)
    for _ in range(ZOOMS):
        points = np.stack([axis.ravel() for axis in np.meshgrid(*grid, indexing="ij")])
        starts, loss = _initial_states(y, points, has_trend=has_trend)
        best = int(np.argmin(loss))
        grid = tuple(_closer(axis, float(points[i, best]), ends[i]) for i, axis in enumerate(grid))  # type: ignore[assignment]
    alpha, ratio, phi = (float(value) for value in points[:, best])
    level, slope = (float(value) for value in starts[:, best])
    levels, slopes, fitted = _run(y[:, None], np.array([[alpha], [alpha * ratio], [phi]]), np.array([[level], [slope]]))
    return Smoothed(
        alpha=alpha, beta=alpha * ratio, phi=phi, level=level * scale + centre, slope=slope * scale,
        last_level=float(levels[0]) * scale + centre, last_slope=float(slopes[0]) * scale, fitted=fitted[:, 0] * scale + centre,
    )  # fmt: skip


def _closer(axis: FloatArray, best: float, ends: tuple[float, float]) -> FloatArray:
    if len(axis) == 1:
        return axis
    step = float(axis[1] - axis[0])
    return np.linspace(max(best - step, ends[0]), min(best + step, ends[1]), 5)


def _initial_states(y: FloatArray, points: FloatArray, *, has_trend: bool) -> tuple[FloatArray, FloatArray]:
    """Best initial level and slope for each point of the grid (2 × points), and the sum of squares with them."""
    weights = np.stack([points[0], points[0] * points[1], points[2]])
    n = weights.shape[1]
    parts = 3 if has_trend else 2  # the series from nothing; what a level of 1 and a slope of 1 leave behind
    start = np.repeat(np.eye(3)[:, 1:][:parts].T, n, axis=1)
    shown = np.repeat(np.eye(parts)[0], n)
    fitted = _run(y[:, None] * shown, np.tile(weights, parts), start)[2].reshape(len(y), parts, n)
    free, level = y[:, None] - fitted[:, 0], fitted[:, 1]
    a, d = (level**2).sum(0), (level * free).sum(0)
    if not has_trend:
        return np.stack([d / a, np.zeros(n)]), ((free - level * (d / a)) ** 2).sum(0)
    slope = fitted[:, 2]
    b, c, e = (level * slope).sum(0), (slope**2).sum(0) + 1e-9 * a, (slope * free).sum(0)
    determinant = a * c - b * b
    found = np.stack([(d * c - b * e) / determinant, (a * e - b * d) / determinant])
    return found, ((free - level * found[0] - slope * found[1]) ** 2).sum(0)


def _run(y: FloatArray, weights: FloatArray, start: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Run the recursion for all columns (of y, weights and start) at once: last level, last slope, one-step forecasts."""
    alpha, beta, phi = weights
    level, slope = start
    fitted = np.empty_like(y)
    for at, value in enumerate(y):
        slope = phi * slope
        fitted[at] = level + slope
        error = value - fitted[at]
        level, slope = fitted[at] + alpha * error, slope + beta * error
    return level, slope, fitted
