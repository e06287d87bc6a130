"""Forecast methods by hand, accuracy, rolling origins, prediction intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook.stats.accuracy import accuracy
from workbook.stats.backtest import predict, rolling_origin
from workbook.stats.errors import CannotEstimate
from workbook.stats.forecast import METHODS, forecast, seasonal_indices

LINE = np.arange(1.0, 13.0)
QUARTERS = np.tile([10.0, 20, 30, 40], 6) + np.arange(24)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("mean", [6.5, 6.5]),
        ("naive", [12, 12]),
        ("seasonal_naive", [12, 12]),
        ("drift", [13, 14]),
        ("ses", [12, 12]),
    ],
)
def test_methods_on_a_line_by_hand(method: str, expected: list[float]) -> None:
    assert forecast(LINE, method, 2).mean == pytest.approx(expected, abs=2e-3)


def test_seasonal_naive_repeats_the_last_season() -> None:
    assert forecast(QUARTERS, "seasonal_naive", 5, season=4).mean.tolist() == [30, 41, 52, 63, 30]


def test_season_is_found_and_put_back() -> None:
    index, is_factor = seasonal_indices(QUARTERS, 4)
    assert not is_factor
    assert index.tolist() == pytest.approx([-15, -5, 5, 15])
    assert seasonal_indices(1.1 ** np.arange(24) * np.tile([1, 2, 3, 4], 6), 4)[1]
    assert forecast(QUARTERS, "theta", 4, season=4).mean == pytest.approx([34, 45, 56, 67], rel=0.03)
    assert seasonal_indices(LINE, 4)[0].tolist() == [0.0] * 4


def test_theta_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    series = np.random.default_rng(3).normal(0, 1, 40).cumsum() + 50
    other = ThetaModel(series, period=1, deseasonalize=False).fit().forecast(4)
    assert forecast(series, "theta", 4).mean == pytest.approx(np.asarray(other), abs=0.05)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(1, 1000), min_size=8, max_size=20), st.sampled_from([0.001, 7.0, 1e5]))
def test_forecasts_ignore_the_unit(values: list[float], factor: float) -> None:
    for method in ("drift", "ses", "theta"):
        one, two = (forecast(scale * np.array(values), method, 3).mean for scale in (1.0, factor))
        assert two / factor == pytest.approx(one, rel=1e-3, abs=1e-2)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_constant_series_stay_constant(method: str) -> None:
    assert forecast([7.0] * 10, method, 3).mean == pytest.approx([7.0] * 3)


def test_refusals() -> None:
    with pytest.raises(CannotEstimate, match="too_few_observations"):
        forecast([1.0] * 7, "mean", 1)
    with pytest.raises(CannotEstimate, match="missing_values"):
        forecast([1.0] * 7 + [None], "mean", 1)
    with pytest.raises(ValueError, match="median"):
        forecast(LINE, "median", 1)
    with pytest.raises(CannotEstimate, match="too_few_observations"):
        rolling_origin(LINE[:6], ["naive"], 4, 1)


def test_accuracy_by_hand() -> None:
    result = accuracy([10, 20], [12, 16], [1, 3, 5])
    assert (result.mae, result.rmse, result.mape) == pytest.approx((3, math.sqrt(10), 20))
    assert (result.wape, result.mase, result.bias) == pytest.approx((0.2, 1.5, 1.0))
    assert math.isnan(accuracy([0.0], [1.0], [1, 2]).mape)
    assert math.isnan(accuracy([1.0], [1.0], [2, 2]).mase)
    assert accuracy([], [], [1, 2]).n == 0


def test_rolling_origin_by_hand() -> None:
    tried = rolling_origin(LINE, ["naive", "drift"], 8, 2)
    naive = tried.errors[tried.errors["method"] == "naive"]
    assert naive["scaled_error"].tolist() == [1, 2, 1, 2, 1, 2, 1]
    assert tried.summary["method"].tolist() == ["drift", "naive"]
    assert tried.summary["mase"].tolist() == pytest.approx([0, 10 / 7], abs=1e-9)


def test_intervals_use_only_the_past_and_cover() -> None:
    rng, inside, total = np.random.default_rng(11), 0, 0
    for _ in range(25):
        series = rng.normal(0, 1, 60).cumsum() + 100
        tried = rolling_origin(series[:40], ["naive"], 8, 4)
        first = tried.errors[tried.errors["origin"] <= 10]
        assert first["low"].isna().all()
        table = predict(series[:40], "naive", 4, tried).table
        inside += int(((table["low"] <= series[40:44]) & (series[40:44] <= table["high"])).sum())
        total += 4
    assert 0.68 <= inside / total <= 0.95


def test_longer_steps_are_never_narrower_and_few_errors_give_no_interval() -> None:
    series = np.random.default_rng(5).normal(0, 1, 14).cumsum()
    tried = rolling_origin(series, ["ses", "combination"], 6, 3)
    table = predict(series, "ses", 6, tried).table
    assert (np.diff(table["high"] - table["low"]) >= -1e-9).all()
    short = rolling_origin(series[:8], ["naive"], 6, 2)
    assert predict(series[:8], "naive", 2, short).table["low"].isna().all()
    with pytest.raises(ValueError, match="not tried"):
        predict(series, "drift", 2, tried)
