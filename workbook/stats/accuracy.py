"""How far forecasts were off: measures, and rolling origins that try each method on the past."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_floats, t_quantile
from workbook.stats.errors import CannotEstimate
from workbook.stats.forecast import MIN_POINTS, Forecast, forecast
from workbook.stats.interval import check_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Forecast errors over n points.

    rmse, mae: unit of the series. mape: per cent, NaN if an actual value is 0. wape: Σ|error| / Σ|actual|, a ratio.
    mase: mae / mean absolute change of the training series over one season; below 1 beats (seasonal) naive in sample;
    NaN if the training series is constant. bias: mean of actual − predicted. n: points compared.
    """

    rmse: float
    mae: float
    mape: float
    wape: float
    mase: float
    bias: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RollingOrigin:
    """Methods tried at every origin of the past.

    summary: one row per method, best mase first: method, mase, wape, rmse, bias, error_count, origin_count,
    failed_count (origins where the method could not be fitted), coverage_share (of intervals calibrated on earlier
    origins only; NaN before there are enough), coverage_count. errors: one row per method x origin x step: method,
    origin (points known), step, actual, predicted, scale (the mase denominator at that origin), scaled_error, low,
    high. level: confidence. season: points per season. min_train, horizon: as given.
    """

    summary: pd.DataFrame
    errors: pd.DataFrame
    level: float
    season: int
    min_train: int
    horizon: int


def accuracy(actual: Any, predicted: Any, training: Any, season: int = 1) -> Accuracy:
    """Errors of `predicted` against `actual` (same length and order); `training` scales MASE with lag `season`.

    Nothing to compare gives NaN, n = 0. Raises `ValueError` on different lengths. Hyndman & Koehler 2006.
    """
    truth, guess = as_floats(actual), as_floats(predicted)
    if truth.shape != guess.shape:
        raise ValueError(f"{len(truth)} actual values for {len(guess)} predicted")
    if len(truth) == 0:
        blank = math.nan
        return Accuracy(rmse=blank, mae=blank, mape=blank, wape=blank, mase=blank, bias=blank, n=0)
    error, total = truth - guess, float(np.abs(truth).sum())
    mae, scale = float(np.abs(error).mean()), seasonal_scale(as_floats(training), season)
    return Accuracy(
        rmse=math.sqrt(float((error**2).mean())),
        mae=mae,
        mape=float(100 * np.abs(error / truth).mean()) if bool((truth != 0).all()) else math.nan,
        wape=float(np.abs(error).sum()) / total if total > 0 else math.nan,
        mase=mae / scale if scale > 0 else math.nan,
        bias=float(error.mean()),
        n=len(truth),
    )


def seasonal_scale(training: FloatArray, season: int) -> float:
    """Mean absolute change over `season` points; NaN if the series is not longer than that."""
    if len(training) <= season:
        return math.nan
    return float(np.abs(training[season:] - training[:-season]).mean())


def rolling_origin(
    values: Any, methods: Sequence[str], min_train: int, horizon: int, season: int = 1, *, level: float = 0.8
) -> RollingOrigin:
    """Forecast from every origin with at least `min_train` known points, `horizon` steps or as many as are left.

    `values` in time order. Intervals at an origin use only errors seen before it, per step (see `error_interval`).
    Raises `CannotEstimate`: too_few_observations (under 8 points, or `min_train` leaves none to forecast),
    missing_values; `ValueError` for an unknown method.
    """
    check_level(level)
    series = as_floats(values)
    first = max(min_train, MIN_POINTS - 1 if season == 1 else 2 * season)
    if len(series) < MIN_POINTS or first >= len(series):
        raise CannotEstimate("too_few_observations", f"{len(series)} points, training needs {first}")
    if not bool(np.isfinite(series).all()):
        raise CannotEstimate("missing_values")
    first = max(first, MIN_POINTS) if len(series) > MIN_POINTS else first
    frames, failed = [], dict.fromkeys(methods, 0)
    for method in methods:
        for origin in range(first, len(series)):
            try:
                predicted = forecast(series[:origin], method, min(horizon, len(series) - origin), season)
            except CannotEstimate:
                failed[method] += 1
                continue
            frames.append(_origin_errors(series, origin, predicted, season))
    if not frames:
        raise CannotEstimate("too_few_observations", "no origin could be forecast")
    errors = with_intervals(pd.concat(frames, ignore_index=True), level)
    return RollingOrigin(summary=_summary(errors, failed), errors=errors, level=level, season=season,
                         min_train=first, horizon=horizon)  # fmt: skip
