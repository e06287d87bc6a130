"""Partial pooling, share of the top part, gamma–Poisson rates: by hand, units, extremes."""

import numpy as np
import pytest

from workbook.stats.partial_pooling import pool
from workbook.stats.purchase_rate import fit_gamma_poisson
from workbook.stats.top_share import top_share, top_share_interval


def test_top_share_by_hand_and_in_any_unit():
    """Of 10 + 5 + 3 + 1 + 1 = 20 the largest of five holds a half; 30 per cent is one and a half of them: 12.5."""
    assert top_share([1, 5, 10, 3, 1], 0.2) == 0.5
    assert top_share([1, 5, 10, 3, 1], 0.3) == pytest.approx(12.5 / 20)
    rng = np.random.default_rng(1)
    values = rng.lognormal(0, 1, 300)
    one, other = top_share_interval(values, 0.2), top_share_interval(values[::-1] * 1e6, 0.2)
    assert (other.low, other.high) == pytest.approx((one.low, one.high))
    assert one.low < top_share(values, 0.2) < one.high


@pytest.mark.parametrize("values", [[], [5.0], [1.0] * 100, [0.0] * 99 + [7.0], [3.0, 4.0]])
def test_no_range_where_there_is_none(values):
    assert np.isnan(top_share_interval(values, 0.2).low)


def test_groups_known_well_stay_and_those_known_badly_go_to_the_mean():
    found, low, high = pool(np.array([0.0, 1.0, 2.0, 9.0]), np.array([1e-6, 1e-6, 1e-6, np.inf]))
    assert found[:3] == pytest.approx([0, 1, 2], abs=0.01)
    assert found[3] == pytest.approx(1.0, abs=0.01)
    assert high[3] - low[3] > 100 * (high[0] - low[0])


def test_alike_groups_share_a_mean_but_not_its_narrow_interval():
    y, v = np.zeros(8), np.full(8, 0.04)
    found, low, high = pool(y, v)
    assert found == pytest.approx(np.zeros(8), abs=1e-9)
    assert ((high - low) / 2 > 1.96 * np.sqrt(0.04 / 8)).all()
    assert ((high - low) / 2 < 1.96 * 0.2).all()
    shifted = pool(1 + 10 * y[::-1], 100 * v)
    assert shifted[0] == pytest.approx(np.ones(8))
    assert shifted[2] - shifted[1] == pytest.approx(10 * (high - low))


def test_two_groups_are_left_alone():
    found, low, _ = pool(np.array([1.0, 3.0]), np.array([0.25, 0.25]))
    assert (found.tolist(), low[0]) == ([1.0, 3.0], pytest.approx(1 - 1.96 * 0.5, abs=1e-3))


def test_gamma_poisson_finds_its_own_parameters_in_any_unit():
    rng = np.random.default_rng(5)
    time = rng.uniform(1, 5, 4000)
    count = rng.poisson(rng.gamma(1.5, 1 / 0.5, 4000) * time)
    one, other = fit_gamma_poisson(count, time), fit_gamma_poisson(count[::-1], 365 * time[::-1])
    assert one == pytest.approx((1.5, 0.5), rel=0.1)
    assert (other[0], other[1] / 365) == pytest.approx(one, rel=1e-3)
