"""Trend of a rate: a textbook value, a case counted by hand, clusters, and what cannot be told."""

import math

import pytest

from workbook.stats.trend import rate_trend

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
