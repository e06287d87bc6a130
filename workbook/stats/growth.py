"""How fast a yearly (or otherwise regular) series grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats, t_quantile
from workbook.stats.autocorrelated import autocorrelated_fit
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level
from workbook.stats.newey_west import default_lags, newey_west_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Growth per unit of time, as a ratio (0.05 = 5 % per year).

    value: estimate. low, high: interval. level: confidence. standard_error: on the log scale. p_value: of no
    growth. n: points used. start, end: first and last time. method: "cagr" or "log_trend". dof: of the t
    quantiles. hac_low, hac_high: trend only, Newey-West alone. classical_low, classical_high: trend only, as
    if residuals were independent. breaks: times from which a level shift was allowed. autocorrelation: of
    neighbouring errors, as estimated. reason: key of `errors.REASONS` or None.
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
    autocorrelation: float = math.nan
    reason: str | None = None


def cagr(times: Any, values: Any, start: float, end: float, level: float = 0.95) -> Growth:
    """Compound growth per unit of time from `start` to `end`: (V_end / V_start)^(1 / (end − start)) − 1.

    The two end points are noisy. How far they scatter, and how alike neighbours are, is read from the log-linear
    trend through all given points (`autocorrelated`); they enter for that only. With fewer than four points the
    interval is NaN, reason "too_few_observations". Raises `CannotEstimate`: unknown_time, not_positive,
    missing_values, duplicate_times; `ValueError` unless start < end.
    """
    check_level(level)
    if not start < end:
        raise ValueError("start must be before end")
    time, logs = _checked_series(times, values)
    ends = [np.flatnonzero(time == point) for point in (start, end)]
    if any(len(found) == 0 for found in ends):
        raise CannotEstimate("unknown_time", f"{start:g} or {end:g}")
    rate, n, years = float(logs[ends[1][0]] - logs[ends[0][0]]) / (end - start), len(time), end - start
    if n < 4:
        return Growth(
            value=math.expm1(rate), low=math.nan, high=math.nan, level=level, n=n, standard_error=math.nan, p_value=math.nan,
            start=float(start), end=float(end), method="cagr", dof=float(n - 2), reason="too_few_observations",
        )  # fmt: skip
    fit = autocorrelated_fit(time, _trend_design(time, ()), logs)
    change = fit.difference(rate * years, years)
    low, high = (limit / years for limit in change.interval(level))
    return Growth(
        value=math.expm1(rate), low=math.expm1(low), high=math.expm1(high), level=level, n=n,
        standard_error=change.standard_error / years, p_value=change.p_value(), start=float(start), end=float(end),
        method="cagr", dof=fit.dof, autocorrelation=fit.autocorrelation,
    )  # fmt: skip


def log_trend(
    times: Any, values: Any, level: float = 0.95, breaks: Sequence[float] = (), lags: int | None = None
) -> Growth:
    """Growth per unit of time from a straight line through log(value).

    Each time in `breaks` adds a level shift from then on (a change of definition). Estimate and interval by
    generalised least squares averaged over the unknown autocorrelation (`autocorrelated`): 95-98 % coverage where
    errors are independent up to 86-90 % at an autocorrelation of 0.8, series of 8-30 points. Newey-West with `lags`
    (default ⌊4(n/100)^(2/9)⌋, at least 1) and the textbook interval stand beside it and are too narrow in short
    series. Nothing is left out silently: raises `CannotEstimate` for missing_values, not_positive,
    duplicate_times, too_few_observations (needs two more points than coefficients) and collinear (a break
    outside the series).
    """
    check_level(level)
    time, logs = _checked_series(times, values)
    design = _trend_design(time, breaks)
    n, k = design.shape
    fit = autocorrelated_fit(time, design, logs)
    slope = fit.coefficient(1)
    coefficient, residual, bread = _least_squares(design, logs)
    critical, plain = t_quantile(0.5 + level / 2, n - k), float(coefficient[1])
    classical = critical * math.sqrt(float(residual @ residual) / (n - k) * bread[1, 1])
    hac = critical * float(newey_west_errors(design, residual, bread, default_lags(n) if lags is None else lags)[1])
    low, high = slope.interval(level)
    return Growth(
        value=math.expm1(slope.mean), low=math.expm1(low), high=math.expm1(high), level=level,
        standard_error=slope.standard_error, p_value=slope.p_value(), n=n, start=float(time[0]), end=float(time[-1]),
        method="log_trend", dof=fit.dof, hac_low=math.expm1(plain - hac), hac_high=math.expm1(plain + hac),
        classical_low=math.expm1(plain - classical), classical_high=math.expm1(plain + classical),
        breaks=tuple(float(point) for point in breaks), autocorrelation=fit.autocorrelation,
    )  # fmt: skip


def _trend_design(time: FloatArray, breaks: Sequence[float]) -> FloatArray:
    shifts = [(time >= point).astype(float) for point in breaks]
    design = np.column_stack([np.ones_like(time), time - time.mean(), *shifts])
    n, k = design.shape
    if n < k + 2:
        raise CannotEstimate("too_few_observations", f"{n} points for {k} coefficients")
    if np.linalg.matrix_rank(design) < k:
        raise CannotEstimate("collinear", f"breaks {list(breaks)}")
    return design


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Change of a level over a series: slope times its length, in the unit of the values. n: points."""

    value: float
    low: float
    high: float
    level: float
    p_value: float
    n: int


def level_change(times: Any, values: Any, level: float = 0.95) -> Change:
    """Change between the first and the last time along the straight line through all points (at least four).

    For levels that may be 0 and shares that add up; errors as in `log_trend`. Raises `CannotEstimate`: missing_values,
    duplicate_times, too_few_observations.
    """
    check_level(level)
    time, value = as_floats(times), as_floats(values)
    if not bool((np.isfinite(time) & np.isfinite(value)).all()):
        raise CannotEstimate("missing_values")
    if len(np.unique(time)) < len(time):
        raise CannotEstimate("duplicate_times")
    order = np.argsort(time)
    time, value = time[order], value[order]
    slope, length = autocorrelated_fit(time, _trend_design(time, ()), value).coefficient(1), float(np.ptp(time))
    low, high = (limit * length for limit in slope.interval(level))
    return Change(value=slope.mean * length, low=low, high=high, level=level, p_value=slope.p_value(), n=len(time))
