"""Trend of a rate: a textbook value, a case counted by hand, clusters, and what cannot be told."""

import math

import pytest

from workbook.stats.trend import clustered_rate_trend, rate_trend

# Agresti, Categorical Data Analysis: infant malformation by the mother's alcohol consumption, scores 0 to 7.
MALFORMED, INFANTS, SCORES = (48, 38, 5, 1, 1), (17114, 14502, 793, 127, 38), (0, 0.5, 1.5, 4, 7)


def test_agresti_alcohol():
    trend = rate_trend(MALFORMED, INFANTS, SCORES)
    assert trend.statistic == pytest.approx(6.57, abs=0.005)
    assert trend.p_value == pytest.approx(0.0104, abs=0.0001)


def test_by_hand():
    """Rates 0, 0.5, 1 on two cases each: the slope is a half per step; variance 0.25 / 4."""
    trend = rate_trend([0, 1, 2], [2, 2, 2], [1, 2, 3])
    assert trend.slope == pytest.approx(0.5)
    assert trend.statistic == pytest.approx(0.25 / (0.25 / 4))


def test_alike_clusters_weaken_the_evidence():
    assert rate_trend(MALFORMED, INFANTS, SCORES, design_effect=2.0).statistic == pytest.approx(6.57 / 2, abs=0.005)
    assert rate_trend(MALFORMED, INFANTS, SCORES, design_effect=0.3).statistic == pytest.approx(6.57, abs=0.005)


def test_order_and_empty_groups_do_not_matter():
    plain, mixed = (
        rate_trend([1, 3, 4], [9, 9, 9], [0, 1, 2]),
        rate_trend([4, 0, 1, 3], [9, 0, 9, 9], [2, 7, 0, 1]),
    )
    assert (plain.slope, plain.p_value) == pytest.approx((mixed.slope, mixed.p_value))


@pytest.mark.parametrize(
    ("won", "n", "at", "reason"),
    [
        ([], [], [], "no_observations"),
        ([1], [2], [0], "one_group"),
        ([1, 1], [2, 2], [3, 3], "one_group"),
        ([2, 2], [2, 2], [0, 1], "no_variation"),
    ],
)
def test_what_cannot_be_told(won, n, at, reason):
    trend = rate_trend(won, n, at)
    assert trend.reason == reason
    assert math.isnan(trend.low)


def test_impossible_counts():
    with pytest.raises(ValueError, match="successes"):
        rate_trend([3], [2], [0])


def sums_of(*clusters):
    """Rows of cases, Σ position, Σ position², successes, Σ position of the successes. clusters: lists of (position, won)."""
    return [[len(c), sum(t for t, _ in c), sum(t * t for t, _ in c), sum(w for _, w in c), sum(t * w for t, w in c)] for c in clusters]


def test_over_clusters_the_slope_is_the_same():
    cases = [(0, 0), (0, 0), (1, 0), (1, 1), (2, 1), (2, 1)]
    plain = rate_trend([0, 1, 2], [2, 2, 2], [0, 1, 2])
    found = clustered_rate_trend(sums_of(*[[case] for case in cases]))
    assert found.slope == pytest.approx(plain.slope) == 0.5
    assert found.n == 6


def test_over_clusters_by_hand():
    """Two clusters, slopes 0 and 0.5 on one spread each: mean 0.25, variance (0.25² + 0.25²) / 2² ÷ (1 − 1/2), one degree of freedom."""
    flat, steep = [(0, 0), (2, 0), (0, 1), (2, 1)], [(0, 0), (0, 0), (2, 1), (2, 1)]
    found = clustered_rate_trend(sums_of(flat, steep))
    error = (2 * 0.25**2 / 4 / 0.5) ** 0.5
    assert found.slope == pytest.approx(0.25)
    assert found.high - found.slope == pytest.approx(12.706204736 * error)


def test_what_a_cluster_keeps_for_good_is_no_trend():
    """Two sellers, one always wins, one never; both in every quarter alike: no slope, and no doubt about it to be had."""
    good, bad = [(t, 1) for t in range(4)], [(t, 0) for t in range(4)]
    assert clustered_rate_trend(sums_of(good, bad)).slope == 0


@pytest.mark.parametrize(
    ("clusters", "reason"),
    [([], "no_observations"), ([[(1, 1), (1, 0)], [(1, 0)]], "one_group"), ([[(0, 1), (1, 1)], [(2, 1)]], "no_variation"), ([[(0, 1), (1, 0)]], "one_cluster")],
)
def test_over_clusters_what_cannot_be_told(clusters, reason):
    assert clustered_rate_trend(sums_of(*clusters)).reason == reason
