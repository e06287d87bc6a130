"""The smallest effect a design can see."""

import math

import pytest
from scipy import stats

from workbook.stats.power import smallest_detectable


def test_bloom_multiplier_for_many_degrees_of_freedom():
    assert smallest_detectable(1.0, math.inf) == pytest.approx(2.8016, abs=1e-4)  # Bloom 1995, table 1: 2.80


def test_few_degrees_of_freedom_need_more():
    expected = stats.t.ppf(0.975, 4) + stats.t.ppf(0.8, 4)
    assert smallest_detectable(2.0, 4) == pytest.approx(2 * expected)
    assert smallest_detectable(2.0, 4) > smallest_detectable(2.0, math.inf)


@pytest.mark.parametrize(("error", "dof"), [(math.nan, 5), (1.0, 0), (1.0, math.nan)])
def test_unknown_error_or_no_freedom_gives_nan(error, dof):
    assert math.isnan(smallest_detectable(error, dof))


def test_level_and_power_are_shares():
    with pytest.raises(ValueError, match="between 0 and 1"):
        smallest_detectable(1.0, 5, level=95)
