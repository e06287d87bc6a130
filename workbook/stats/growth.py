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
from workbook.stats.newey_west import default_lags, newey_west_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Growth per unit of time, as a ratio (0.05 = 5 % per year).

    value: estimate. low, high: interval. level: confidence. standard_error: on the log scale. p_value: of no
    growth. n: points used. start, end: first and last time. method: "cagr" or "log_trend". dof: of the t
    quantile. hac_low, hac_high: trend only, Newey-West alone. classical_low, classical_high: trend only, as
    if residuals were independent. breaks: times from which a level shift was allowed.
    residual_autocorrelation: of the log trend at lag 1. reason: key of `errors.REASONS` or None.
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
    hac_low: float = math.nan
    hac_high: float = math.nan
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

    Each time in `breaks` adds a level shift from then on (a change of definition). Newey-West errors with
    `lags` (default ⌊4(n/100)^(2/9)⌋, at least 1) and factor n / (n − k) are too small in short series;
    low/high use the largest of three errors: Newey-West, classical, and classical times √((1+ρ)/(1−ρ)) with ρ
    the residuals' autocorrelation at lag 1, corrected for its downward bias (Marriott & Pope 1954) and kept
    in 0-0.9. t quantile with n − k degrees of freedom. In simulations of 8-40 points this covers 96 % without
    autocorrelation, 91-93 % at 0.4 and 84-91 % at 0.7 (Newey-West alone: 95, 85 and 70 %). Nothing is left
    out silently: raises `CannotEstimate` for missing_values, not_positive, duplicate_times,
    too_few_observations (needs two more points than coefficients) and collinear (a break outside the series).
    """
    check_level(level)
    time, logs = _checked_series(times, values)
    design = _trend_design(time, breaks)
    n, k = design.shape
    coefficient, residual, bread = _least_squares(design, logs)
    lag = default_lags(n) if lags is None else lags
    classical = math.sqrt(float(residual @ residual) / (n - k) * bread[1, 1])
    hac = float(newey_west_errors(design, residual, bread, lag)[1])
    error = max(classical * _autocorrelation_factor(residual), hac)
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
        method="log_trend",
        dof=float(n - k),
        hac_low=math.expm1(slope - critical * hac),
        hac_high=math.expm1(slope + critical * hac),
        classical_low=math.expm1(slope - critical * classical),
        classical_high=math.expm1(slope + critical * classical),
        breaks=tuple(float(point) for point in breaks),
        residual_autocorrelation=_lag_one(residual),
    )


def _trend_design(time: FloatArray, breaks: Sequence[float]) -> FloatArray:
    shifts = [(time >= point).astype(float) for point in breaks]
    design = np.column_stack([np.ones_like(time), time - time.mean(), *shifts])
    n, k = design.shape
    if n < k + 2:
        raise CannotEstimate("too_few_observations", f"{n} points for {k} coefficients")
    if np.linalg.matrix_rank(design) < k:
        raise CannotEstimate("collinear", f"breaks {list(breaks)}")
    return design


def _autocorrelation_factor(residual: FloatArray) -> float:
    """√((1+ρ)/(1−ρ)) for the bias-corrected autocorrelation of the residuals of a trend, at least 1."""
    n, seen = len(residual), _lag_one(residual)
    if math.isnan(seen):
        return 1.0
    corrected = min(max((n * seen + 2) / (n - 4) if n > 4 else seen, 0.0), 0.9)
    return math.sqrt((1 + corrected) / (1 - corrected))


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


def _lag_one(residual: FloatArray) -> float:
    total = float(residual @ residual)
    return float(residual[1:] @ residual[:-1]) / total if total > 1e-20 else math.nan
