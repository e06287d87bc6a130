"""Level and slope of one series before and after an event (interrupted time series). Linden 2015, single
group.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_floats, t_quantile, two_sided_t
from workbook.stats.autoregressive import contrast_interval
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level
from workbook.stats.newey_west import default_lags, newey_west_covariance, newey_west_errors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """A change with the interval that allows for errors alike over time (see `autoregressive`), and its Newey–West error beside it."""

    value: float
    low: float
    high: float
    standard_error: float
    p_value: float
    hac_standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InterruptedFit:
    """Segmented regression y ~ 1 + t + x + x·(time − start), t = time − first time, x = time >= start.

    coefficients: one row per term ("intercept", "slope", "level_change", "slope_change"): name, coefficient,
    standard_error, low, high, p_value (classical) and hac_standard_error, hac_low, hac_high, hac_p_value
    (Newey-West, n / (n − k)). Units: y, y per unit of time. fitted: one row per time, ascending: time,
    observed, fitted, counterfactual (the line before the event, continued). n, n_before, n_after: points.
    lags: of Newey-West. durbin_watson: about 2 without autocorrelation; well below it, use the HAC columns.
    level: confidence. dof: n − 4. average_change: mean over the points after of fitted minus counterfactual.
    """

    coefficients: pd.DataFrame
    fitted: pd.DataFrame
    n: int
    n_before: int
    n_after: int
    lags: int
    durbin_watson: float
    level: float
    dof: int
    average_change: Change


def interrupted_series(
    times: Any, values: Any, start: float, level: float = 0.95, lags: int | None = None
) -> InterruptedFit:
    """Fit level and slope change at `start` (first time with the event in force) by least squares.

    Arrays: one element per time, any order, times numeric. `lags` of Newey-West: default ⌊4(n/100)^(2/9)⌋, at
    least 1. Raises `CannotEstimate`: missing_values, duplicate_times, too_few_observations (fewer than 6
    points or two on a side), no_pre_period, no_post_period. An autocorrelated series makes the classical
    errors too small.
    """
    check_level(level)
    time, y = _checked(times, values, start)
    n, after = len(time), (time >= start).astype(float)
    design = np.column_stack([np.ones(n), time - time[0], after, after * (time - start)])
    lag = default_lags(n) if lags is None else lags
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    residual = y - design @ beta
    sum_squares = float(residual @ residual)
    classical = np.sqrt(np.diag(bread) * sum_squares / (n - 4))
    robust = newey_west_errors(design, residual, bread, lag)
    mean_change = np.array([0.0, 0.0, 1.0, float((time[after > 0] - start).mean())])
    error = math.sqrt(max(float(mean_change @ newey_west_covariance(design, residual, bread, lag) @ mean_change), 0.0))
    value, low, high, spread, p_value = contrast_interval(design, y, mean_change, level)
    before = beta[0] + beta[1] * (time - time[0])
    fitted = pd.DataFrame({"time": time, "observed": y, "fitted": design @ beta, "counterfactual": before})
    watson = float((np.diff(residual) ** 2).sum() / sum_squares) if sum_squares > 0 else math.nan
    return InterruptedFit(
        coefficients=_table(beta, classical, robust, (level, n - 4)),
        fitted=fitted,
        n=n,
        n_after=int(after.sum()),
        n_before=int(n - after.sum()),
        lags=lag,
        durbin_watson=watson,
        level=level,
        dof=n - 4,
        average_change=Change(value=value, low=low, high=high, standard_error=spread, p_value=p_value, hac_standard_error=error),
    )


def _checked(times: Any, values: Any, start: float) -> tuple[FloatArray, FloatArray]:
    time, y = as_floats(times), as_floats(values)
    if time.shape != y.shape:
        raise ValueError(f"{len(time)} times for {len(y)} values")
    if not bool((np.isfinite(time) & np.isfinite(y)).all()):
        raise CannotEstimate("missing_values")
    if len(np.unique(time)) < len(time):
        raise CannotEstimate("duplicate_times")
    before = int((time < start).sum())
    if before == 0:
        raise CannotEstimate("no_pre_period")
    if before == len(time):
        raise CannotEstimate("no_post_period")
    if len(time) < 6 or before < 2 or len(time) - before < 2:
        raise CannotEstimate("too_few_observations", f"{before} before and {len(time) - before} after")
    order = np.argsort(time)
    return time[order], y[order]


def _table(
    beta: FloatArray, classical: FloatArray, robust: FloatArray, spread: tuple[float, int]
) -> pd.DataFrame:
    critical = t_quantile(0.5 + spread[0] / 2, spread[1])
    frame = pd.DataFrame(
        {"name": ["intercept", "slope", "level_change", "slope_change"], "coefficient": beta}
    )
    for prefix, error in (("", classical), ("hac_", robust)):
        p_values = [
            two_sided_t(b / e if e > 0 else math.nan, spread[1]) for b, e in zip(beta, error, strict=True)
        ]
        columns: dict[str, Any] = {f"{prefix}standard_error": error, f"{prefix}low": beta - critical * error,
                   f"{prefix}high": beta + critical * error, f"{prefix}p_value": p_values}  # fmt: skip
        frame = frame.assign(**columns)
    return frame
