"""How fast a yearly (or otherwise regular) series grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats, t_quantile, two_sided_t
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Growth per unit of time, as a ratio (0.05 = 5 % per year).

    value: estimate. low, high: interval. level: confidence. standard_error: on the log scale. p_value: of no
    growth. n: points used. start, end: first and last time. method: "cagr" or "log_trend_hac". dof: of the t
    quantile. classical_low, classical_high: trend only, interval without autocorrelation correction. breaks:
    times from which a level shift was allowed. residual_autocorrelation: of the log trend at lag 1. reason:
    key or None.
    """

    value: float
    low: float
    high: float
    level: float
    standard_error: float
    p_value: float
    n: int
    start: float
    end: float
    method: str
    dof: float
    classical_low: float = math.nan
    classical_high: float = math.nan
    breaks: tuple[float, ...] = ()
    residual_autocorrelation: float = math.nan
    reason: str | None = None


def cagr(times: Any, values: Any, start: float, end: float, level: float = 0.95) -> Growth:
    """Compound growth per unit of time from `start` to `end`: (V_end / V_start)^(1 / (end − start)) − 1.

    The two end points are noisy: with σ² the residual variance of the log-linear trend through all given
    points, the log growth has standard error σ·√2 / (end − start) and n − 2 degrees of freedom. Points
    between are used for σ only. With fewer than four points the interval is NaN, reason
    "too_few_observations". Raises `CannotEstimate`: unknown_time, not_positive, missing_values,
    duplicate_times; `ValueError` unless start < end.
    """
    check_level(level)
    if not start < end:
        raise ValueError("start must be before end")
    time, logs = _checked_series(times, values)
    ends = [np.flatnonzero(time == point) for point in (start, end)]
    if any(len(found) == 0 for found in ends):
        raise CannotEstimate("unknown_time", f"{start:g} or {end:g}")
    rate, n = float(logs[ends[1][0]] - logs[ends[0][0]]) / (end - start), len(time)
    residual = logs - np.polyval(np.polyfit(time - time[0], logs, 1), time - time[0])
    error = math.sqrt(float(residual @ residual) / (n - 2) * 2) / (end - start) if n > 3 else math.nan
    half = t_quantile(0.5 + level / 2, n - 2) * error
    return Growth(
        value=math.expm1(rate),
        low=math.expm1(rate - half),
        high=math.expm1(rate + half),
        level=level,
        n=n,
        standard_error=error,
        p_value=two_sided_t(rate / error if error else math.nan, n - 2),
        start=float(start),
        end=float(end),
        method="cagr",
        dof=float(n - 2),
        residual_autocorrelation=_lag_one(residual),
        reason=None if n > 3 else "too_few_observations",
    )


def log_trend(
    times: Any, values: Any, level: float = 0.95, breaks: Sequence[float] = (), lags: int | None = None
) -> Growth:
    """Growth per unit of time from a straight line through log(value).

    Each time in `breaks` adds a level shift from then on (a change of definition). Standard error: Newey-West
    with `lags` (default ⌊4(n/100)^(2/9)⌋, at least 1), scaled by n / (n − k), t quantile with n − k degrees
    of freedom; never below the classical one, since Newey-West is too small in short series. Nothing is left
    out silently: a missing or non-positive value raises `CannotEstimate` (missing_values, not_positive), as
    do duplicate_times, too_few_observations (needs two more points than coefficients) and collinear (a break
    outside the series).
    """
    check_level(level)
    time, logs = _checked_series(times, values)
    shifts = [(time >= point).astype(float) for point in breaks]
    design = np.column_stack([np.ones_like(time), time - time.mean(), *shifts])
    n, k = design.shape
    if n < k + 2:
        raise CannotEstimate("too_few_observations", f"{n} points for {k} coefficients")
    if np.linalg.matrix_rank(design) < k:
        raise CannotEstimate("collinear", f"breaks {list(breaks)}")
    coefficient, residual, bread = _least_squares(design, logs)
    lag = max(1, math.floor(4 * (n / 100) ** (2 / 9))) if lags is None else lags
    classical = math.sqrt(float(residual @ residual) / (n - k) * bread[1, 1])
    error = max(classical, _newey_west_error(design, residual, bread, lag))
    slope, critical = float(coefficient[1]), t_quantile(0.5 + level / 2, n - k)
    return Growth(
        value=math.expm1(slope),
        low=math.expm1(slope - critical * error),
        high=math.expm1(slope + critical * error),
        level=level,
        standard_error=error,
        p_value=two_sided_t(slope / error if error else math.nan, n - k),
        n=n,
        start=float(time[0]),
        end=float(time[-1]),
        method="log_trend_hac",
        dof=float(n - k),
        classical_low=math.expm1(slope - critical * classical),
        classical_high=math.expm1(slope + critical * classical),
        breaks=tuple(float(point) for point in breaks),
        residual_autocorrelation=_lag_one(residual),
    )


def _checked_series(times: Any, values: Any) -> tuple[FloatArray, FloatArray]:
    """Times ascending and the logarithm of the values."""
    time, value = as_floats(times), as_floats(values)
    if time.shape != value.shape:
        raise ValueError(f"{len(time)} times for {len(value)} values")
    if len(time) == 0:
        raise CannotEstimate("no_observations")
    if not bool((np.isfinite(time) & np.isfinite(value)).all()):
        raise CannotEstimate("missing_values")
    if bool((value <= 0).any()):
        raise CannotEstimate("not_positive")
    if len(np.unique(time)) < len(time):
        raise CannotEstimate("duplicate_times")
    order = np.argsort(time)
    return time[order], np.log(value[order])


def _least_squares(design: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    bread = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    coefficient = bread @ design.T @ y
    return coefficient, y - design @ coefficient, bread


def _newey_west_error(design: FloatArray, residual: FloatArray, bread: FloatArray, lags: int) -> float:
    """Standard error of coefficient 1, Bartlett weights, small-sample factor n / (n - k). Newey & West
    1987.
    """
    n, k = design.shape
    score = design * residual[:, None]
    meat = score.T @ score
    for lag in range(1, min(lags, n - 1) + 1):
        cross = score[lag:].T @ score[:-lag]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    covariance = bread @ meat @ bread * n / (n - k)
    return math.sqrt(max(float(covariance[1, 1]), 0.0))


def _lag_one(residual: FloatArray) -> float:
    total = float(residual @ residual)
    return float(residual[1:] @ residual[:-1]) / total if total > 1e-20 else math.nan
