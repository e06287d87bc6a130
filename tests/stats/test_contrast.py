"""Contrasts inside and outside a group: counted by hand, and against the score test for independent cases."""

import math

import numpy as np
import pandas as pd
import pytest

from workbook.stats.contrast import cluster_moments, group_contrasts
from workbook.stats.proportion import proportion, two_proportion_difference


def contrast(y, n, all_y, all_n, level=0.95):
    return group_contrasts([pd.DataFrame([cluster_moments((y, n), (all_y, all_n))])], level).iloc[0]


def singles(won, size, rest_won, rest_size):
    """Every case a cluster of its own."""
    n = np.array([1] * size + [0] * rest_size)
    all_y = np.array([1] * won + [0] * (size - won) + [1] * rest_won + [0] * (rest_size - rest_won))
    return all_y * n, n, all_y, np.ones_like(n)


@pytest.mark.parametrize(("won", "size", "rest_won", "rest_size"), [(56, 70, 48, 80), (9, 10, 3, 10), (10, 100, 20, 100)])
def test_independent_cases_give_newcombes_interval_and_the_pooled_z_test(won, size, rest_won, rest_size):
    """Newcombe 1998, method 10: 56/70 against 48/80 is 0.2 with 0.0524 to 0.3339."""
    found = contrast(*singles(won, size, rest_won, rest_size))
    expected = two_proportion_difference(proportion(won, size), proportion(rest_won, rest_size))
    for name, value in (("difference", expected.value), ("difference_low", expected.low), ("difference_high", expected.high), ("p_value", expected.p_value)):
        assert found[name] == pytest.approx(value, abs=1e-9)
    if won == 56:
        assert (found["difference_low"], found["difference_high"]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_clusters_that_end_alike_widen_and_those_split_evenly_do_not():
    """Ten owners who win all or nothing: wholly inside or outside the design effect is large; each half inside, it is none."""
    size = np.full(10, 8)
    all_y = np.where(np.arange(10) % 2, 8, 0)
    apart = np.where(np.arange(10) < 5, 8, 0)
    wide = contrast(np.minimum(all_y, apart), apart, all_y, size)
    even = contrast(all_y // 2, size // 2, all_y, size)
    assert wide["design_effect"] > 5 and even["design_effect"] == 1.0
    assert even["difference"] == 0 and even["p_value"] == pytest.approx(1.0)


def test_the_influence_of_a_cluster_by_hand():
    """Two clusters inside, two outside. e = y - p n with p = 8/16: +-2 each; n1 = n0 = 8; u = e/8: sum of squares 4 * 1/16 = 1/4;
    times 4/3 for four clusters = 1/3; binomial variance 1/4 * (1/8 + 1/8) = 1/16; design effect 16/3.
    """
    found = contrast([4, 0, 0, 0], [4, 4, 0, 0], [4, 0, 4, 0], [4, 4, 4, 4])
    assert found["design_effect"] == pytest.approx(16 / 3) and found["clusters"] == 2


def test_an_empty_side_is_unknown_and_no_variation_is_no_difference():
    assert math.isnan(contrast([1, 2], [3, 3], [1, 2], [3, 3])["p_value"])
    assert contrast([3, 3, 0, 0], [3, 3, 0, 0], [3] * 4, [3] * 4)["p_value"] == 1.0
    assert math.isnan(contrast([3, 0, 0], [3, 0, 0], [3, 2, 1], [3, 3, 3])["p_value"]), "one cluster inside: it is the group"


def test_moments_add_up_and_the_order_of_clusters_does_not_matter():
    rng = np.random.default_rng(2)
    n, rest = rng.integers(0, 9, 30), rng.integers(1, 9, 30)
    y, more = rng.binomial(n, 0.4), rng.binomial(rest, 0.3)
    first, second = (contrast(y[o], n[o], (y + more)[o], (n + rest)[o]) for o in (np.arange(30), rng.permutation(30)))
    assert first.to_numpy(float) == pytest.approx(second.to_numpy(float))
