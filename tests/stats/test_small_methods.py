"""Concentration, growth, shrinkage, multiplicity, heterogeneity, RFM: by hand, degenerate, invariant."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from workbook.stats import concentration as c
from workbook.stats.errors import REASONS, CannotEstimate
from workbook.stats.growth import cagr, log_trend
from workbook.stats.heterogeneity import association_2x2, clustered_association, equal_rates, missingness_by_outcome
from workbook.stats.interval import Interval
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.rfm import GROUPS, quantile_scores, rfm
from workbook.stats.shrinkage import shrink_rates


def test_interval_and_error_are_strict() -> None:
    assert Interval(low=0, high=math.nan, level=0.9).contains(5)
    with pytest.raises(ValueError, match="exceeds"):
        Interval(low=1, high=0, level=0.9)
    with pytest.raises(KeyError):
        CannotEstimate("no_such_reason")
    assert all(REASONS.values())


# concentration


def test_others_are_bounded_from_both_sides() -> None:
    bounds = c.hhi_bounds([30, 20])
    assert (bounds.low, bounds.high) == (1300, 1300 + 2 * 400 + 100)
    assert c.hhi_bounds([30, 20], 50, largest_possible=10).high == 1300 + 500
    assert c.hhi_bounds([60, 40]).high == 5200
    assert c.hhi_bounds([]).high == 10_000


def test_concentration_by_hand_and_degenerate() -> None:
    assert c.concentration_ratio([10, 40, 5, 20, 15], 4) == 85
    assert c.hhi(c.shares_in_percent([3, 3, 2, 2])) == pytest.approx(2600)
    assert math.isnan(c.hhi([]))
    assert np.isnan(c.shares_in_percent([0, 0])).all()
    for wrong in ([60, 60], [-1], [math.nan]):
        with pytest.raises(ValueError, match="shares"):
            c.hhi(wrong)


@pytest.mark.parametrize(
    ("index", "delta", "eu", "us"),
    [(900, 500, ("low", False), ("low", False)), (1500, 250, ("moderate", True), ("moderate", False)),
     (1900, 240, ("moderate", False), ("high", True)), (2100, 150, ("high", True), ("high", True)),
     (2100, 100, ("high", False), ("high", False)), (1000, None, ("moderate", None), ("moderate", None))],
)  # fmt: skip
def test_bands(index: float, delta: float | None, eu: tuple[str, object], us: tuple[str, object]) -> None:
    first, second = c.eu_band(index, delta), c.us_band(index, delta)
    assert (first.level, first.is_critical_increase) == eu
    assert (second.level, second.is_critical_increase) == us


# growth


def test_growth_of_a_clean_series_is_exact() -> None:
    years = np.arange(2015, 2025)
    values = 100 * 1.05 ** (years - 2015)
    assert cagr(years, values, 2015, 2024).value == pytest.approx(0.05)
    trend = log_trend(years[::-1], values[::-1])
    assert (trend.value, trend.low, trend.high) == pytest.approx((0.05, 0.05, 0.05))


def test_a_break_keeps_the_slope() -> None:
    years = np.arange(2010, 2024)
    values = 100 * 1.03 ** (years - 2010) * np.where(years >= 2017, 1.4, 1.0)
    assert log_trend(years, values, breaks=[2017]).value == pytest.approx(0.03)
    assert log_trend(years, values).value > 0.05


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(1, 100), min_size=5, max_size=15), st.floats(0.001, 1e6))
def test_growth_ignores_the_unit(values: list[float], factor: float) -> None:
    years = np.arange(len(values))
    one, two = log_trend(years, values), log_trend(years, factor * np.array(values))
    assert (one.low, one.high) == pytest.approx((two.low, two.high), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("years", "values", "reason"),
    [
        ([], [], "no_observations"),
        ([1, 2, 3], [1, 0, 2], "not_positive"),
        ([1, 2, 3], [1, None, 2], "missing_values"),
        ([1, 1, 3], [1, 2, 2], "duplicate_times"),
        ([1, 2], [1, 2], "too_few_observations"),
    ],
)
def test_growth_refuses(years: list[float], values: list[float], reason: str) -> None:
    with pytest.raises(CannotEstimate) as refusal:
        log_trend(years, values)
    assert refusal.value.reason_key == reason


def test_cagr_of_two_points_has_no_interval() -> None:
    result = cagr([2020, 2024], [100, 146.41], 2020, 2024)
    assert result.value == pytest.approx(0.1)
    assert math.isnan(result.low)
    assert result.reason == "too_few_observations"
    with pytest.raises(CannotEstimate, match="unknown_time"):
        cagr([2020, 2024], [1, 2], 2019, 2024)


def test_trend_interval_covers_under_autocorrelation() -> None:
    rng, hits = np.random.default_rng(4), 0
    for _ in range(200):
        noise = np.zeros(15)
        for t in range(1, 15):
            noise[t] = 0.4 * noise[t - 1] + rng.normal(0, 0.05)
        result = log_trend(np.arange(15), np.exp(0.04 * np.arange(15) + noise))
        hits += result.low <= math.expm1(0.04) <= result.high
    assert hits / 200 > 0.87


# multiplicity


def test_benjamini_hochberg_by_hand() -> None:
    adjusted = benjamini_hochberg([0.01, math.nan, 0.04, 0.03, 0.005])
    assert adjusted.tolist() == pytest.approx([0.02, math.nan, 0.04, 0.04, 0.02], nan_ok=True)
    assert benjamini_hochberg([]).tolist() == []
    with pytest.raises(ValueError, match="0 and 1"):
        benjamini_hochberg([1.2])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_is_monotone_and_same_as_scipy(values: list[float]) -> None:
    from scipy.stats import false_discovery_control

    assert benjamini_hochberg(values).tolist() == pytest.approx(false_discovery_control(values).tolist())


# heterogeneity


def test_equal_rates_by_hand_and_with_a_design_effect() -> None:
    plain = equal_rates([10, 20], [50, 50])
    assert plain.statistic == pytest.approx(100 * (10 * 30 - 20 * 40) ** 2 / (50 * 50 * 30 * 70))
    assert equal_rates([10, 20], [50, 50], 4.0).statistic == pytest.approx(plain.statistic / 4)
    assert equal_rates([10, 20], [50, 50], 0.5).statistic == pytest.approx(plain.statistic)
    assert equal_rates([10, 20], [50, 50], 4.0, 10).p_value > equal_rates([10, 20], [50, 50], 4.0).p_value


def test_thousands_of_groups_keep_sharp_intervals() -> None:
    rng = np.random.default_rng(3)
    size = rng.integers(1, 30, 20_000)
    rate = rng.beta(4, 6, 20_000)
    table = shrink_rates(rng.binomial(size, rate), size).table
    assert np.isfinite(table[["low", "high"]].to_numpy()).all()
    assert 0.94 < ((table["low"] <= rate) & (rate <= table["high"])).mean() < 0.96


@pytest.mark.parametrize(
    ("won", "n", "reason"),
    [([], [], "no_observations"), ([3], [4], "one_group"), ([4, 5], [4, 5], "no_variation")],
)
def test_equal_rates_degenerate(won: list[int], n: list[int], reason: str) -> None:
    assert equal_rates(won, n).reason == reason


def test_missing_attribute_goes_with_losing() -> None:
    attribute = [None] * 36 + ["yes"] * 412
    won = [False] * 31 + [True] * 5 + [True] * 222 + [False] * 190
    result = missingness_by_outcome(attribute, won)
    assert (result.missing_failure, result.missing_success) == (31, 5)
    assert result.test.p_value < 1e-4
    assert missingness_by_outcome([], []).test.reason == "no_observations"
    assert missingness_by_outcome([1, None], [True, True]).test.reason == "one_group"
    assert missingness_by_outcome([1, 2], [True, False]).test.reason == "no_variation"


def test_lady_tasting_tea() -> None:
    assert association_2x2([[3, 1], [1, 3]]).p_value == pytest.approx(0.4857, abs=1e-4)


# shrinkage


def test_equal_groups_get_the_pooled_rate() -> None:
    result = shrink_rates([5, 5, 5], [10, 10, 10])
    assert (result.method, result.pooled_share) == ("pooled", 0.5)
    assert result.table["shrunken_share"].tolist() == [0.5] * 3


def test_small_groups_are_pulled_more() -> None:
    result = shrink_rates([90, 1, 10, 60, 20, 0], [100, 1, 100, 100, 100, 0])
    table = result.table
    assert result.method == "beta_binomial"
    assert abs(table["shrunken_share"][0] - 0.9) < 0.02
    assert 0.5 < table["shrunken_share"][1] < 0.9
    assert math.isnan(table["raw_share"][5])
    assert (table["low"] < table["shrunken_share"]).all()
    assert (table["shrunken_share"] < table["high"]).all()


def test_the_prior_of_rates_is_the_most_likely_one_to_the_sixth_figure() -> None:
    """Less exactly, and another processor's arithmetic would end the fit elsewhere."""
    rng = np.random.default_rng(11)
    size = rng.integers(1, 40, 300)
    won = rng.binomial(size, rng.beta(8, 9, 300))
    found = shrink_rates(won, size)

    def likelihood(a: float, b: float) -> float:
        return math.fsum(betaln(won + a, size - won + b) - betaln(a, b))

    best = likelihood(found.prior_a, found.prior_b)
    step = 1e-4
    assert all(likelihood(found.prior_a * x, found.prior_b * y) < best for x, y in ((1 + step, 1), (1 - step, 1), (1, 1 + step), (1, 1 - step), (1 + step, 1 + step), (1 - step, 1 - step)))
    slope = (likelihood(found.prior_a * (1 + step), found.prior_b * (1 + step)) - likelihood(found.prior_a * (1 - step), found.prior_b * (1 - step))) / (2 * step)
    bend = (2 * best - likelihood(found.prior_a * (1 + step), found.prior_b * (1 + step)) - likelihood(found.prior_a * (1 - step), found.prior_b * (1 - step))) / step**2
    assert abs(slope / bend) < 1e-6  # how far off the strength is, relatively


@pytest.mark.parametrize(
    ("won", "n", "reason"),
    [([], [], "no_observations"), ([1], [3], "one_group"), ([0, 0], [3, 4], "no_variation")],
)
def test_shrinkage_degenerate(won: list[int], n: list[int], reason: str) -> None:
    result = shrink_rates(won, n)
    assert (result.method, result.reason) == ("pooled", reason)


def test_shrunken_intervals_cover() -> None:
    rng, hits, total = np.random.default_rng(8), 0, 0
    for _ in range(30):
        rate = rng.beta(4, 6, 40)
        size = rng.integers(3, 40, 40)
        table = shrink_rates(rng.binomial(size, rate), size).table
        hits += int(((table["low"] <= rate) & (rate <= table["high"])).sum())
        total += 40
    assert 0.92 < hits / total < 0.98


# rfm


def test_customers_by_hand() -> None:
    result = rfm(
        ["b", "a", "a", "c", None],
        ["2024-01-01", "2024-03-01", "2024-02-01", "2025-01-01", "2024-01-01"],
        [10, 5, 7, 1, 1],
        date(2024, 3, 31),
    )
    table = result.customers.set_index("customer_id")
    assert table.loc["a", ["recency_days", "order_count", "amount"]].tolist() == [30, 2, 12.0]
    assert result.left_out == {"missing": 1, "after_as_of": 1}
    assert table.loc["a", "rfm_score"] == 555 - 0 if table.loc["a", "recency_score"] == 5 else True


def test_rfm_degenerate() -> None:
    assert rfm([], [], [], date(2024, 1, 1)).n == 0
    single = rfm(["a"], ["2024-01-01"], [1], date(2024, 1, 1)).customers
    assert single["rfm_score"].tolist() == [511]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=50))
def test_equal_values_get_equal_scores_and_order_is_kept(values: list[int]) -> None:
    scores = quantile_scores(values)
    pairs = sorted(zip(values, scores, strict=True))
    assert len(set(pairs)) == len(set(values))
    assert [s for _, s in pairs] == sorted(s for _, s in pairs)
    assert set(scores) <= {1, 2, 3, 4, 5}


def test_groups_cover_the_grid_without_overlap() -> None:
    for recency in range(1, 6):
        for value in range(1, 6):
            hits = [g for g, (r, v) in GROUPS.items() if r[0] <= recency <= r[1] and v[0] <= value <= v[1]]
            assert len(hits) == 1


def test_fill_rates_over_clusters_by_hand() -> None:
    """Rates 4/8 and 2/8; residuals ±1/8, leverage a half each: error 1/4, t 1 with one degree of freedom, p a half."""
    found = clustered_association([[3, 4, 1, 4], [1, 4, 1, 4]])
    assert (found.statistic, found.dof) == (pytest.approx(1), 1)
    assert found.p_value == pytest.approx(0.5)


def test_a_seller_who_fills_in_all_and_wins_all_is_one_hand() -> None:
    """Forty deals of one seller, all won and filled; forty of another, all lost and empty: two hands prove nothing."""
    assert association_2x2([[0, 40], [40, 0]]).p_value < 1e-10
    assert not clustered_association([[40, 40, 0, 0], [0, 0, 0, 40]]).p_value < 0.05


@pytest.mark.parametrize(("counts", "reason"), [([[1, 2, 0, 0]], "one_group"), ([[1, 2, 1, 2]], "one_cluster"), ([[1, 1, 1, 1], [1, 1, 1, 1]], "no_variation")])
def test_association_over_clusters_degenerate(counts: list[list[int]], reason: str) -> None:
    assert clustered_association(counts).reason == reason
