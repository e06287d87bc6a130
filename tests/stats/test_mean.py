"""Means, ratios of sums, products, bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook.stats.errors import CannotEstimate
from workbook.stats.mean import bootstrap, combine_on_log_scale, counted_mean, counted_median, mean, ratio_of_sums

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


def test_mean_by_hand() -> None:
    result = mean([1, 2, 3, 4])
    error = math.sqrt(5 / 3 / 4)
    assert (result.value, result.standard_error) == pytest.approx((2.5, error))
    assert result.low == pytest.approx(2.5 - 3.182446 * error, abs=1e-5)


@pytest.mark.parametrize(
    ("values", "n", "reason"),
    [
        ([], 0, "no_observations"),
        ([5.0], 1, "one_observation"),
        ([3, 3, 3], 3, "no_variation"),
        ([None], 0, "no_observations"),
    ],
)
def test_degenerate_means_are_named(values: list[float], n: int, reason: str) -> None:
    result = mean(values)
    assert (result.n, result.reason) == (n, reason)


def test_missing_values_are_counted() -> None:
    assert (mean([1, None, 3]).n, mean([1, None, 3]).missing) == (2, 1)


@settings(max_examples=30, deadline=None)
@given(VALUES, st.floats(0.01, 1e4))
def test_unit_and_order_do_not_matter(values: list[float], factor: float) -> None:
    one, two = mean(values), mean([factor * v for v in reversed(values)])
    tolerance = 1e-6 * factor * (1 + max(abs(v) for v in values))
    assert two.value == pytest.approx(factor * one.value, abs=tolerance)
    assert two.high == pytest.approx(factor * one.high, abs=1e3 * tolerance)


def test_alike_rows_in_a_cluster_widen_the_interval() -> None:
    values, owners = np.repeat([1.0, 5, 2, 8, 3, 7], 20), np.repeat(list("abcdef"), 20)
    result = mean(values, clusters=owners)
    assert result.method == "clustered_t"
    assert result.design_effect > 15
    assert result.few_clusters
    assert result.high - result.low == pytest.approx(
        mean([1, 5, 2, 8, 3, 7]).high - mean([1, 5, 2, 8, 3, 7]).low
    )


def test_one_cluster_is_named() -> None:
    assert mean([1, 2, 3], clusters=["a"] * 3).reason == "one_cluster"


def test_amount_weighted_win_rate_by_hand() -> None:
    result = ratio_of_sums([100, 0, 50, 0], [100, 100, 50, 150], is_share=True)
    assert result.value == pytest.approx(150 / 400)
    assert 0 <= result.low < result.value < result.high <= 1


def test_share_of_equal_amounts_is_close_to_wilson_on_counts() -> None:
    won = np.array([1.0] * 30 + [0.0] * 70)
    result = ratio_of_sums(won * 7, np.full(100, 7.0), is_share=True)
    assert (result.low, result.high) == pytest.approx((0.2189, 0.3958), abs=0.003)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_or_nothing_keeps_an_interval(value: float) -> None:
    result = ratio_of_sums(value * np.ones(9), np.ones(9), is_share=True)
    assert result.value == value
    assert result.high - result.low > 0.2


def test_ratio_degenerate() -> None:
    assert ratio_of_sums([1, 2], [0, 0]).reason == "zero_denominator"
    with pytest.raises(ValueError, match="share"):
        ratio_of_sums([2], [1], is_share=True)
    with pytest.raises(ValueError, match="labels"):
        ratio_of_sums([1, 1], [1, 1], clusters=["a"])


def test_product_by_hand() -> None:
    result = combine_on_log_scale([100, 0.25, 8000, 50], [0, 0.025, 800, 5], [1, 1, 1, -1])
    assert result.value == pytest.approx(4000)
    assert result.standard_error == pytest.approx(4000 * math.sqrt(0.03))
    assert combine_on_log_scale([0, 1], [1, 1], [1, 1]).reason == "not_positive"


def test_bootstrap_is_seeded_and_close_to_the_formula() -> None:
    rows = pd.DataFrame({"x": np.random.default_rng(1).normal(10, 2, 200)})
    one, two = (bootstrap(rows, lambda f: float(f["x"].mean()), seed=3, resamples=400) for _ in range(2))
    assert (one.low, one.high) == (two.low, two.high)
    assert one.standard_error == pytest.approx(mean(rows["x"]).standard_error, rel=0.15)


def test_bootstrap_over_clusters_and_degenerate() -> None:
    rows = pd.DataFrame({"x": np.repeat([1.0, 9.0, 4.0, 6.0], 10)})
    labels = np.repeat(list("abcd"), 10)
    statistic = lambda f: float(f["x"].mean())  # noqa: E731
    wide = bootstrap(rows, statistic, 1, labels, resamples=200)
    assert wide.standard_error > 2 * bootstrap(rows, statistic, 1, resamples=200).standard_error
    assert bootstrap(rows, statistic, 1, ["a"] * 40).reason == "one_cluster"
    assert bootstrap(rows.head(0), statistic, 1).reason == "no_observations"
    with pytest.raises(CannotEstimate, match="model_failed"):
        bootstrap(rows, lambda _: math.nan, 1, resamples=20)


@pytest.mark.parametrize("seed", range(20))
def test_counted_values_give_the_mean_and_median_of_repeated_ones(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 30))
    values, counts, owners = rng.integers(0, 40, size).astype(float), rng.integers(1, 6, size), rng.choice(np.array(["A", "B", "C", "D", None], dtype=object), size)
    repeated, labels = np.repeat(values, counts), np.repeat(owners, counts)
    for clusters, repeated_clusters in ((None, None), (owners, labels)):
        found, asked = counted_mean(values, counts, 0.9, clusters), mean(repeated, 0.9, repeated_clusters)
        numbers = [(getattr(one, name)) for name in ("value", "low", "high", "n", "plain_low", "plain_high", "standard_error", "design_effect") for one in (found, asked)]
        assert numbers[::2] == pytest.approx(numbers[1::2], nan_ok=True)
        assert (found.method, found.clusters, found.few_clusters, found.reason) == (asked.method, asked.clusters, asked.few_clusters, asked.reason)
    assert counted_median(values, counts) == np.median(repeated)


def test_no_cases_have_no_counted_mean():
    assert counted_mean([], []).reason == "no_observations"
    assert np.isnan(counted_median([], []))
