"""Welch's comparison of two means."""

import math

import numpy as np
import pytest
from scipy import stats

from workbook.stats.mean import mean
from workbook.stats.mean_difference import mean_difference

FIRST, SECOND = [20.4, 24.2, 15.4, 21.4, 20.2, 18.5, 21.5], [17.7, 14.8, 15.9, 16.6, 18.0, 14.2]


def test_agrees_with_scipy():
    expected = stats.ttest_ind(FIRST, SECOND, equal_var=False)
    found = mean_difference(mean(FIRST), mean(SECOND))
    span = expected.confidence_interval(0.95)
    assert (found.p_value, found.dof) == pytest.approx((expected.pvalue, expected.df))
    assert (found.low, found.high) == pytest.approx((span.low, span.high))


def test_swapping_the_sides_flips_the_sign():
    one, two = mean_difference(mean(FIRST), mean(SECOND)), mean_difference(mean(SECOND), mean(FIRST))
    assert (one.value, one.low, one.high) == pytest.approx((-two.value, -two.high, -two.low))


@pytest.mark.parametrize(("first", "second"), [([1.0], [2.0, 3.0]), ([], [2.0, 3.0]), ([1.0, 1.0], [2.0, 2.0])])
def test_no_spread_gives_no_interval_but_a_reason(first, second):
    found = mean_difference(mean(first), mean(second))
    assert math.isnan(found.low)
    assert math.isnan(found.p_value)
    assert found.reason is not None


def test_levels_must_agree():
    with pytest.raises(ValueError, match="level"):
        mean_difference(mean(np.arange(5.0), 0.9), mean(np.arange(5.0), 0.95))
