"""How much of its ceiling has a growing series reached? Logistic curve, every one that fits weighed.

log value = log K − log(1 + e^(−r(t − t0))) + error, errors alike as ρ^distance. Least squares with its linearised interval
breaks down here: before the fastest growth is seen, ceilings of any height fit. So all curves of a grid – share reached S
at the last point, growth rate r – are fitted by generalised least squares for each ρ of a grid and weighed with their
likelihood, log K and the error variance integrated out; flat prior for S, log-flat for r, √(1 − ρ) for ρ. The interval of
S may span nearly everything, and then no ceiling can be told. Verhulst 1838; Box & Tiao 1973 for the weighing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate
from workbook.stats.grid_posterior import closer_box, regular_grid
from workbook.stats.interval import Interval, check_level

MIN_POINTS = 8
LOGIT = (-5.3, 9.2)  # of the share reached: 0.5 to 99.99 %
STEPS = (0.5, 40.0)  # r times the length of the series
SIDES = (45, 30)  # points of the grid
ALIKE = np.array([0.0, 0.2, 0.4, 0.6, 0.8])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """reached: share of the ceiling at the last point; ceiling: K in the unit of the series; midpoint: time of half the
    ceiling, when growth is fastest. Medians with intervals. n: points.
    """

    reached: float
    reached_interval: Interval
    ceiling: float
    ceiling_interval: Interval
    midpoint: float
    midpoint_interval: Interval
    n: int


def logistic_ceiling(times: Any, values: Any, level: float = 0.95) -> Ceiling:
    """Fit. Raises `CannotEstimate`: too_few_observations (under 8), missing_values, not_positive, no_variation."""
    check_level(level)
    time, value = as_floats(times), as_floats(values)
    order = np.argsort(time)
    time, value = time[order], value[order]
    _check(time, value)
    before, length = time - time[-1], float(time[-1] - time[0])
    box = np.array([LOGIT, np.log(STEPS)])
    for _ in range(3):
        logit, step = regular_grid(box, SIDES)
        rate, reached = np.exp(step) / length, 1 / (1 + np.exp(-logit))
        rest = np.log(value) + np.logaddexp(0.0, -(logit[:, None] + rate[:, None] * before[None, :]))
        weight, shift = _weighed(rest, before * (len(time) - 1) / length)
        weight = weight * reached * (1 - reached)  # flat for the share reached, not for its logit
        weight /= weight.sum()
        box = closer_box(np.stack([logit, step]), weight.sum(axis=0), SIDES, box)
    midpoint = time[-1] - logit / rate
    told = [_quantiles(np.broadcast_to(x, weight.shape), weight, level) for x in (reached, np.exp(shift), midpoint)]
    (s, s_span), (k, k_span), (m, m_span) = told
    return Ceiling(
        reached=s, reached_interval=s_span, ceiling=k, ceiling_interval=k_span, midpoint=m, midpoint_interval=m_span, n=len(time)
    )


def _check(time: FloatArray, value: FloatArray) -> None:
    if len(time) < MIN_POINTS:
        raise CannotEstimate("too_few_observations", f"{len(time)} points, {MIN_POINTS} are needed")
    if not bool((np.isfinite(time) & np.isfinite(value)).all()):
        raise CannotEstimate("missing_values")
    if bool((value <= 0).any()):
        raise CannotEstimate("not_positive")
    if float(np.ptp(value)) <= 1e-12 * float(value.max()) or float(np.ptp(time)) <= 0:
        raise CannotEstimate("no_variation")


def _weighed(rest: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weight and log K of every ρ × curve. rest: curves × points, log value less log share reached; at: times in periods."""
    logs, shifts = [], []
    for alike in ALIKE:
        root = np.linalg.cholesky(alike ** np.abs(at[:, None] - at[None, :]))
        ones = np.linalg.solve(root, np.ones(len(at)))
        rows = np.linalg.solve(root, rest.T).T
        weight = float(ones @ ones)
        shift = rows @ ones / weight
        squares = np.maximum(((rows - shift[:, None] * ones) ** 2).sum(axis=1), 1e-18)
        log = -(len(at) - 1) / 2 * np.log(squares) - np.log(np.diag(root)).sum() - np.log(weight) / 2 + np.log1p(-alike) / 2
        logs.append(log)
        shifts.append(shift)
    log = np.stack(logs)
    found = np.exp(log - log.max())
    return found / found.sum(), np.stack(shifts)


def _quantiles(values: FloatArray, weight: FloatArray, level: float) -> tuple[float, Interval]:
    """Weighted median and limits; ties between grid points are bridged by straight lines."""
    order = np.argsort(values, axis=None, kind="stable")
    flat, steps = values.ravel()[order], np.cumsum(weight.ravel()[order])
    kept, first = np.unique(flat, return_index=True)
    upto = np.append(steps[first[1:] - 1], steps[-1])
    middle = upto - np.diff(upto, prepend=0.0) / 2
    low, centre, high = np.interp([(1 - level) / 2, 0.5, (1 + level) / 2], middle, kept)
    return float(centre), Interval(low=float(low), high=float(high), level=level)
