"""How far forecasts were off. Hyndman & Koehler 2006."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Forecast errors over n points.

    rmse, mae: unit of the series. mape: per cent, NaN if an actual value is 0. wape: Σ|error| / Σ|actual|, a
    ratio. mase: mae / mean absolute change of the training series over one season; below 1 beats (seasonal)
    naive in sample; NaN if the training series is constant. bias: mean of actual − predicted. n: points
    compared.
    """

    rmse: float
    mae: float
    mape: float
    wape: float
    mase: float
    bias: float
    n: int


def accuracy(actual: Any, predicted: Any, training: Any, season: int = 1) -> Accuracy:
    """Errors of `predicted` against `actual` (same length and order); `training` scales MASE with lag
    `season`.

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
