"""Forecast methods tried on the past (rolling origin), and prediction intervals from the errors they made
there.

Tashman 2000; fpp3 5.10. An interval is calibrated on real out-of-sample errors of the same step, not on the
fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.accuracy import seasonal_scale
from workbook.stats.arrays import FloatArray, t_quantile
from workbook.stats.errors import CannotEstimate
from workbook.stats.forecast import MIN_TRAIN, Forecast, checked_series, fit_method
from workbook.stats.interval import check_level

ERROR_COLUMNS = ["method", "origin", "step", "actual", "predicted", "scale", "scaled_error", "size"]
MIN_ERRORS = 3  # errors of one step needed before an interval is given


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RollingOrigin:
    """Methods tried at every origin of the past.

    summary: one row per method, best mase first: method, mase, wape, rmse, bias, error_count, origin_count,
    failed_count (origins where the method could not be fitted), coverage_share (of intervals calibrated on
    earlier origins only; NaN before there are enough), coverage_count. errors: one row per method x origin x
    step: method, origin (points known), step, actual, predicted, scale (the mase denominator at that origin),
    scaled_error, size (what errors are measured in: the last known value; the mase denominator where a value is not
    positive), low, high. level: confidence. season: points per season. min_train, horizon: as given.
    """

    summary: pd.DataFrame
    errors: pd.DataFrame
    level: float
    season: int
    min_train: int
    horizon: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictedPath:
    """Forecast with prediction interval.

    table: one row per step: step (1 ... horizon), mean, low, high (NaN with too few past errors), error_count
    (past errors behind the interval). method: key of `forecast.METHODS`. level: confidence. mase: of the
    method at the rolling origins. coverage_share: how often earlier intervals contained the truth, NaN before
    there were enough.
    """

    table: pd.DataFrame
    method: str
    level: float
    mase: float
    coverage_share: float


def rolling_origin(
    values: Any, methods: Sequence[str], min_train: int, horizon: int, season: int = 1, *, level: float = 0.8
) -> RollingOrigin:
    """Forecast from every origin with at least `min_train` known points, up to `horizon` steps ahead.

    `values` in time order. `min_train` is raised to four points (two seasons). An interval at an origin uses
    only errors already seen there. Raises `CannotEstimate`: too_few_observations (under eight points, or
    nothing left to forecast), missing_values; `ValueError` for an unknown method.
    """
    check_level(level)
    series = checked_series(values, season)
    first = max(min_train, MIN_TRAIN, 2 * season if season > 1 else 0)
    rows: list[tuple[object, ...]] = []
    failed = dict.fromkeys(methods, 0)
    for method in methods:
        for origin in range(first, len(series)):
            try:
                predicted = fit_method(series[:origin], method, min(horizon, len(series) - origin), season)
            except CannotEstimate:
                failed[method] += 1
            else:
                rows += _origin_errors(series, origin, predicted, season)
    if not rows:
        raise CannotEstimate("too_few_observations", f"{len(series)} points, training needs {first}")
    errors = _with_intervals(pd.DataFrame(rows, columns=ERROR_COLUMNS), level)
    summary = _summary(errors, failed)
    return RollingOrigin(
        summary=summary, errors=errors, level=level, season=season, min_train=first, horizon=horizon
    )


def predict(values: Any, method: str, horizon: int, tried: RollingOrigin) -> PredictedPath:
    """Forecast `horizon` steps with intervals from the errors of `method` in `tried` (same series and
    season).

    An error of the past counts relative to the size of the series at its time. In simulations of 8-30 points (random
    walks, trends with autocorrelated errors, changing growth; best method chosen on the same errors) 80 % intervals
    hold 80 % of what comes. Raises as `forecast.forecast`; `ValueError` if `method` was not tried.
    """
    row = tried.summary[tried.summary["method"] == method]
    if row.empty:
        raise ValueError(f"method {method!r} was not tried at the rolling origins")
    path = fit_method(checked_series(values, tried.season), method, horizon, tried.season)
    past = tried.errors[tried.errors["method"] == method]
    series = checked_series(values, tried.season)
    relative, counts = _half_widths(_relative(past), past["step"].to_numpy("int64"), horizon, tried.level)
    half = relative * _size(series, tried.season)
    table = pd.DataFrame(
        {
            "step": np.arange(1, horizon + 1),
            "mean": path.mean,
            "low": path.mean - half,
            "high": path.mean + half,
        }
    )
    return PredictedPath(
        table=table.assign(error_count=counts),
        method=method,
        level=tried.level,
        mase=float(row["mase"].iloc[0]),
        coverage_share=float(row["coverage_share"].iloc[0]),
    )


def best_forecast(
    values: Any, methods: Sequence[str], min_train: int, horizon: int, *, level: float = 0.8
) -> tuple[RollingOrigin, PredictedPath]:
    """Try the methods on the past and forecast with the one of the smallest mase. Raises as `rolling_origin`."""
    tried = rolling_origin(values, methods, min_train, horizon, level=level)
    return tried, predict(values, str(tried.summary["method"].iloc[0]), horizon, tried)


def _origin_errors(series: FloatArray, origin: int, predicted: Forecast, season: int) -> list[tuple[object, ...]]:
    """One row per step in the order of `ERROR_COLUMNS`."""
    scale, size = seasonal_scale(series[:origin], season), _size(series[:origin], season)
    pairs = enumerate(zip(series[origin:], predicted.mean, strict=False), start=1)
    return [
        (predicted.method, origin, step, actual, mean, scale, abs(actual - mean) / scale if scale > 0 else math.nan, size)
        for step, (actual, mean) in pairs
    ]


def _size(series: FloatArray, season: int) -> float:
    """The last value; where one is not positive the mean absolute change, the denominator of mase."""
    return float(series[-1]) if bool((series > 0).all()) else seasonal_scale(series, season)


def _relative(past: pd.DataFrame) -> FloatArray:
    found = (past["actual"] - past["predicted"]) / past["size"].where(past["size"] > 0)
    return found.to_numpy("float64")


def _half_widths(error: FloatArray, step: Any, horizon: int, level: float) -> tuple[FloatArray, FloatArray]:
    """Half-width per step relative to the size of the series, and the number of errors behind it.

    t quantile times root mean square relative error of that step, times √(1 + 1/m). Errors of overlapping steps
    are alike, so the degrees of freedom are m / √step. Steps with fewer than three errors take the longest step
    that has them, growing with the square root of the step; a longer step is never narrower than a shorter
    one.
    """
    half, counts, known = np.full(horizon, np.nan), np.zeros(horizon), 0
    for h in range(1, horizon + 1):
        own = error[step == h]
        counts[h - 1] = len(own)
        if len(own) >= MIN_ERRORS:
            critical = t_quantile(0.5 + level / 2, max(len(own) / math.sqrt(h), 1.0))
            half[h - 1] = critical * math.sqrt(float((own**2).mean()) * (1 + 1 / len(own)))
            known = h
        elif known:
            half[h - 1] = half[known - 1] * math.sqrt(h / known)
            counts[h - 1] = counts[known - 1]
    return np.fmax.accumulate(half), counts


def _with_intervals(errors: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add low and high per row from errors whose actual value was known at the row's origin."""
    half = np.full(len(errors), np.nan)
    relative, size = _relative(errors), errors["size"].to_numpy("float64")
    origin, step = (errors[name].to_numpy("int64") for name in ("origin", "step"))
    for rows in errors.groupby("method", sort=False).indices.values():
        for at in np.unique(origin[rows]):
            here, seen = rows[origin[rows] == at], rows[(origin + step)[rows] <= at]
            half[here] = _half_widths(relative[seen], step[seen], len(here), level)[0] * size[here]
    return errors.assign(low=errors["predicted"] - half, high=errors["predicted"] + half)


def _summary(errors: pd.DataFrame, failed: dict[str, int]) -> pd.DataFrame:
    rows = []
    for method, part in errors.groupby("method", sort=False):
        gap, total = part["actual"] - part["predicted"], float(part["actual"].abs().sum())
        known = part["low"].notna()
        inside = part["actual"].between(part["low"], part["high"])[known]
        rows.append(
            {
                "method": str(method),
                "mase": float(part["scaled_error"].mean()),
                "wape": float(gap.abs().sum()) / total if total else math.nan,
                "rmse": math.sqrt(float((gap**2).mean())),
                "bias": float(gap.mean()),
                "error_count": len(part),
                "origin_count": int(part["origin"].nunique()),
                "failed_count": failed[str(method)],
                "coverage_share": float(inside.mean()) if len(inside) else math.nan,
                "coverage_count": len(inside),
            }
        )
    return pd.DataFrame(rows).sort_values(["mase", "method"], ignore_index=True)
