"""Simple forecasts of one regular series, and how good they were when tried on the past.

Hyndman & Athanasopoulos, Forecasting: Principles and Practice (fpp3): ch. 5 (simple methods), 8 (exponential
smoothing). Theta: Assimakopoulos & Nikolopoulos 2000 as simple exponential smoothing with drift (Hyndman &
Billah 2003). The methods see nothing but the values, in time order; gaps must be filled before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate
from workbook.stats.smoothing import Smoothed, damped_smoothing, simple_smoothing

MIN_POINTS = 8
MIN_TRAIN = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """Forecast of the next points.

    mean: length horizon, unit of the series. method: key of `METHODS`. parameters: fitted ones by name (ses:
    alpha, initial_level; damped: alpha, beta, phi; theta: alpha, drift; drift: drift). fitted: one-step
    forecasts of the known points, NaN where the method has none. n: points used.
    """

    mean: FloatArray
    method: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    fitted: FloatArray
    n: int


def forecast(values: Any, method: str, horizon: int, season: int = 1) -> Forecast:
    """Forecast `horizon` points ahead. `values` in time order; `season` = points per year (1: none).

    Methods: mean, naive, seasonal_naive, drift, ses, damped, theta, combination (equal weights of
    naive, drift, damped, theta; with a season of seasonal_naive, ses, damped, theta). With `season` > 1 ses, damped and theta work on the series
    without its seasonal indices (see `seasonal_indices`). Raises `CannotEstimate`: too_few_observations
    (under 8 points or two seasons), missing_values; `ValueError` for an unknown method.
    """
    return fit_method(checked_series(values, season), method, horizon, season)


def fit_method(series: FloatArray, method: str, horizon: int, season: int = 1) -> Forecast:
    """Forecast without the rule of eight points, for the shorter beginnings that rolling origins train on.

    Raises `CannotEstimate` (too_few_observations under four points or one season, not_converged),
    `ValueError`.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not one of {sorted(METHODS)}")
    if horizon < 1:
        raise ValueError("horizon must be at least 1")
    if len(series) < max(MIN_TRAIN, season):
        raise CannotEstimate("too_few_observations", f"{len(series)} points")
    return METHODS[method](series, horizon, season)


def seasonal_indices(values: Any, season: int) -> tuple[FloatArray, bool]:
    """Seasonal index per position 0 ... season-1 from the first point on, and whether it is a factor.

    Classical decomposition: mean difference (or, if all values are positive and it fits better, mean ratio)
    to the centred moving average, scaled to mean 0 (1). Where the series shows no season the indices are 0:
    the test used with Theta in the M competitions, |r_season| below 1.645·√((1 + 2Σr²)/n), on the differenced
    series.
    """
    series = as_floats(values)
    if season < 2 or len(series) < 2 * season + 1 or not _is_seasonal(series, season):
        return np.zeros(season), False
    kernel = np.ones(season) / season
    if season % 2 == 0:
        kernel = np.convolve(kernel, [0.5, 0.5])
    centre = np.convolve(series, kernel, mode="valid")
    first = (len(series) - len(centre)) // 2
    part, position = series[first : first + len(centre)], (first + np.arange(len(centre))) % season
    added = _mean_by_position(part - centre, position, season)
    added -= added.mean()
    if not bool((series > 0).all()):
        return added, False
    factor = _mean_by_position(part / centre, position, season)
    factor /= factor.mean()
    errors = [
        float(((part - fit) ** 2).sum()) for fit in (centre + added[position], centre * factor[position])
    ]
    return (factor, True) if errors[1] < errors[0] else (added, False)


def _mean_by_position(values: FloatArray, position: Any, season: int) -> FloatArray:
    return np.array([values[position == p].mean() for p in range(season)])


def checked_series(values: Any, season: int) -> FloatArray:
    """Values as an array; refuses under eight points or two seasons, and gaps (see `forecast`)."""
    series = as_floats(values)
    if season < 1:
        raise ValueError("season must be at least 1")
    if len(series) < max(MIN_POINTS, 2 * season if season > 1 else 0):
        raise CannotEstimate(
            "too_few_observations", f"{len(series)} points, {MIN_POINTS} or two seasons are needed"
        )
    if not bool(np.isfinite(series).all()):
        raise CannotEstimate("missing_values")
    return series


def _is_seasonal(series: FloatArray, season: int) -> bool:
    change = np.diff(series)
    centred = change - change.mean()
    total = float(centred @ centred)
    if total <= 0 or len(centred) <= season:
        return False
    r = np.array([float(centred[lag:] @ centred[:-lag]) / total for lag in range(1, season + 1)])
    return bool(abs(r[-1]) > 1.645 * math.sqrt((1 + 2 * float(r[:-1] @ r[:-1])) / len(centred)))


def _mean(series: FloatArray, horizon: int, season: int) -> Forecast:
    fitted = np.full(len(series), np.nan)
    fitted[1:] = series.cumsum()[:-1] / np.arange(1, len(series))
    return Forecast(mean=np.full(horizon, series.mean()), method="mean", fitted=fitted, n=len(series))


def _naive(series: FloatArray, horizon: int, season: int) -> Forecast:
    fitted = np.concatenate([[np.nan], series[:-1]])
    return Forecast(mean=np.full(horizon, series[-1]), method="naive", fitted=fitted, n=len(series))


def _seasonal_naive(series: FloatArray, horizon: int, season: int) -> Forecast:
    fitted = np.concatenate([np.full(season, np.nan), series[:-season]])
    mean = series[-season:][np.arange(horizon) % season]
    return Forecast(mean=mean, method="seasonal_naive", fitted=fitted, n=len(series))


def _drift(series: FloatArray, horizon: int, season: int) -> Forecast:
    slope = float(series[-1] - series[0]) / (len(series) - 1)
    fitted = np.concatenate([[np.nan], series[:-1] + slope])
    mean = series[-1] + slope * np.arange(1, horizon + 1)
    return Forecast(mean=mean, method="drift", parameters={"drift": slope}, fitted=fitted, n=len(series))


def _ses(series: FloatArray, horizon: int, season: int) -> Forecast:
    index, adjusted = _adjusted(series, season)
    fit = _simple(adjusted.tobytes())
    return _restored("ses", (fit.ahead(horizon), fit.fitted), index, series, {"alpha": fit.alpha, "initial_level": fit.level})


def _damped(series: FloatArray, horizon: int, season: int) -> Forecast:
    """Additive errors, damped additive trend: ETS(A,Ad,N)."""
    index, adjusted = _adjusted(series, season)
    fit = _with_damped_trend(adjusted.tobytes())
    names = {"alpha": fit.alpha, "beta": fit.beta, "phi": fit.phi}
    return _restored("damped", (fit.ahead(horizon), fit.fitted), index, series, names)


@lru_cache(maxsize=128)
def _simple(series: bytes) -> Smoothed:
    """The fit of a series given as bytes: Theta and the mean of methods need it again."""
    return simple_smoothing(np.frombuffer(series))


@lru_cache(maxsize=128)
def _with_damped_trend(series: bytes) -> Smoothed:
    return damped_smoothing(np.frombuffer(series))


def _theta(series: FloatArray, horizon: int, season: int) -> Forecast:
    """Theta(0, 2) with equal weights: SES plus half the slope of the straight line."""
    index, adjusted = _adjusted(series, season)
    n = len(adjusted)
    half = float(np.polyfit(np.arange(n), adjusted, 1)[0]) / 2
    fit = _simple(adjusted.tobytes())
    alpha = fit.alpha
    ahead = np.arange(horizon) + (1 - (1 - alpha) ** n) / max(alpha, 1e-6)
    mean = fit.ahead(horizon) + half * ahead
    fitted = fit.fitted + half * (1 - (1 - alpha) ** np.arange(1, n + 1)) / max(alpha, 1e-6)
    return _restored("theta", (mean, fitted), index, series, {"alpha": alpha, "drift": half})


def _combination(series: FloatArray, horizon: int, season: int) -> Forecast:
    simple = (_naive, _drift) if season == 1 else (_seasonal_naive, _ses)
    parts = [method(series, horizon, season) for method in (*simple, _damped, _theta)]
    return Forecast(mean=np.mean([part.mean for part in parts], axis=0), method="combination", n=len(series),
                    fitted=np.mean([part.fitted for part in parts], axis=0))  # fmt: skip


METHODS: Final[Mapping[str, Callable[[FloatArray, int, int], Forecast]]] = {
    "mean": _mean,
    "naive": _naive,
    "seasonal_naive": _seasonal_naive,
    "drift": _drift,
    "ses": _ses,
    "damped": _damped,
    "theta": _theta,
    "combination": _combination,
}


def _adjusted(series: FloatArray, season: int) -> tuple[tuple[FloatArray, bool], FloatArray]:
    """Seasonal indices, and the series without them."""
    index, is_factor = seasonal_indices(series, season)
    at = index[np.arange(len(series)) % season]
    return (index, is_factor), series / at if is_factor else series - at


def _restored(
    method: str,
    paths: tuple[FloatArray, FloatArray],
    index: tuple[FloatArray, bool],
    series: FloatArray,
    parameters: dict[str, float],
) -> Forecast:
    """Put the season back into forecast and fitted values."""
    n, (indices, is_factor) = len(series), index
    known = indices[np.arange(n) % len(indices)]
    ahead = indices[np.arange(n, n + len(paths[0])) % len(indices)]
    mean, fitted = (paths[0] * ahead, paths[1] * known) if is_factor else (paths[0] + ahead, paths[1] + known)
    return Forecast(mean=mean, method=method, parameters=parameters, fitted=fitted, n=n)
