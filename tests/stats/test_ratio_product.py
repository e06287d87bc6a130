"""A product of ratios: counted by hand, against the published velocity, against a bootstrap, in any order."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from tests.published.loader import data
from workbook.stats.mean import bootstrap, mean
from workbook.stats.ratio_product import product_of_ratios

POWERS = (1, 1, -1)


def made(n=400, seed=3):
    rng = np.random.default_rng(seed)
    won = rng.random(n) < 0.4
    cycle = rng.gamma(2.0, 30.0, n) + 1
    amount = 1000 + 50 * cycle + rng.normal(0, 100, n)
    return np.column_stack([won, amount * won, cycle * won]), np.column_stack([np.ones(n), won, won])


def test_by_hand():
    result = product_of_ratios([[1, 100, 10], [0, 0, 0]], [[1, 1, 1], [1, 0, 0]], POWERS, factor=4)
    assert result.value == pytest.approx(4 * 0.5 * 100 / 10)


def test_published_velocity():
    case = json.loads(data("sales_saas.json").read_text(encoding="utf-8"))["velocity"][0]
    deals = 400
    won = round(deals * case["win"])
    top = [[won, won * case["deal"], won * case["cycle_days"]]] * 2
    base = [[deals, won, won]] * 2
    assert product_of_ratios(top, base, POWERS, factor=case["opps"]).value == pytest.approx(case["per_day"])


def test_one_ratio_is_a_mean():
    values = np.array([3.0, 5.0, 9.0, 4.0, 7.0])
    result = product_of_ratios(values[:, None], np.ones((5, 1)), (1,))
    assert result.standard_error == pytest.approx(mean(values).standard_error)


def test_interval_agrees_with_the_bootstrap():
    top, base = made()
    rows = pd.DataFrame(np.column_stack([top, base]), columns=list("abcdef"))

    def statistic(drawn):
        s = drawn.sum()
        return s["a"] / s["d"] * s["b"] / s["e"] / (s["c"] / s["f"])

    drawn = bootstrap(rows, statistic, seed=1, resamples=1500)
    result = product_of_ratios(top, base, POWERS)
    assert result.value == pytest.approx(drawn.value)
    assert result.standard_error == pytest.approx(drawn.standard_error, rel=0.1)


def test_shared_cases_narrow_the_interval():
    """Amount and cycle grow together: treating them as independent would be too wide."""
    top, base = made()
    joint = product_of_ratios(top, base, POWERS).standard_error
    rng = np.random.default_rng(0)
    won = top[:, 0] > 0
    mixed = top.copy()
    mixed[won, 2] = rng.permutation(top[won, 2])
    assert joint < product_of_ratios(mixed, base, POWERS).standard_error


def test_order_does_not_matter():
    top, base = made(60)
    order = np.random.default_rng(5).permutation(60)
    first, second = product_of_ratios(top, base, POWERS), product_of_ratios(top[order], base[order], POWERS)
    assert (first.value, first.low, first.high) == pytest.approx((second.value, second.low, second.high))


@pytest.mark.parametrize(
    ("top", "base", "reason"),
    [
        (np.empty((0, 1)), np.empty((0, 1)), "no_observations"),
        ([[0.0]], [[0.0]], "zero_denominator"),
        ([[0.0], [0.0]], [[1.0], [1.0]], "not_positive"),
        ([[1.0]], [[2.0]], "one_cluster"),
    ],
)
def test_what_cannot_be_had(top, base, reason):
    result = product_of_ratios(top, base, (1,))
    assert result.reason == reason
    assert math.isnan(result.low)


def test_shapes_must_fit():
    with pytest.raises(ValueError, match="do not fit"):
        product_of_ratios([[1.0, 2.0]], [[1.0, 2.0]], (1,))
