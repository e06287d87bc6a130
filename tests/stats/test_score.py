"""Discrimination, calibration and scorecards: published values, an independent count of all pairs, cases by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from workbook.stats.calibration import calibration
from workbook.stats.discrimination import auc, auc_difference
from workbook.stats.errors import CannotEstimate
from workbook.stats.scorecard import scorecard

NORMAL, ABNORMAL = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)


def images():
    """109 CT images rated 1 to 5: Hanley & McNeil 1982, Radiology 143, table I."""
    ratings = np.concatenate([np.repeat(range(1, 6), NORMAL), np.repeat(range(1, 6), ABNORMAL)])
    return np.repeat([0, 1], [58, 51]), ratings


def all_pairs(y, x):
    """Placements by comparing every success with every failure, and DeLong's variance from them."""
    wins = (x[y == 1][:, None] > x[y == 0]) + 0.5 * (x[y == 1][:, None] == x[y == 0])
    return wins.mean(), wins.mean(axis=1), wins.mean(axis=0)


def test_hanley_and_mcneil_with_the_error_stata_prints():
    """Area 0.8932, DeLong standard error 0.0307: Stata, manual entry `roctab`, on the same table."""
    found = auc(*images())
    assert (found.value, found.standard_error) == (pytest.approx(0.8932, abs=5e-5), pytest.approx(0.0307, abs=5e-5))
    plain = found.value + np.array([-1, 1]) * 1.959964 * found.standard_error
    assert plain == pytest.approx([0.83295, 0.95339], abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_delong_agrees_with_a_count_of_all_pairs(seed):
    rng = np.random.default_rng(seed)
    y, x, z = rng.integers(0, 2, 80), rng.integers(0, 9, 80), rng.normal(size=80)
    (one, v10, v01), (other, w10, w01) = all_pairs(y, x), all_pairs(y, z)
    found, gap = auc(y, x), auc_difference(y, x, z)
    assert found.value == pytest.approx(one)
    assert found.standard_error**2 == pytest.approx(v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01))
    assert gap.value == pytest.approx(other - one)
    assert gap.standard_error**2 == pytest.approx((w10 - v10).var(ddof=1) / len(v10) + (w01 - v01).var(ddof=1) / len(v01))


def test_by_hand():
    """Successes 3, 1; failures 2, 0: of four pairs three are won."""
    assert auc([1, 1, 0, 0], [3, 1, 2, 0]).value == 0.75
    assert auc([1, 0], [2, 1]).reason == "one_observation"
    assert auc([1, 1], [2, 1]).reason == "no_variation"
    assert math.isnan(auc([], []).value)


def test_doubled_cases_in_clusters_tell_no_more():
    rng = np.random.default_rng(3)
    y, x = rng.integers(0, 2, 60), rng.normal(size=60)
    alone, twice = auc(y, x), auc(np.tile(y, 2), np.tile(x, 2), {"account": np.tile(np.arange(60), 2)})
    assert twice.value == pytest.approx(alone.value)
    assert twice.standard_error == pytest.approx(alone.standard_error, rel=0.02)
    assert twice.clusters == 60


def test_scores_that_rank_alike_do_not_differ():
    y, x = images()
    gap = auc_difference(y, x, 10.0 * x)
    assert (gap.value, gap.p_value) == (0.0, 1.0)


def test_perfect_calibration_and_the_brier_score_by_hand():
    y, p = np.repeat([1, 0, 1, 0], [20, 80, 60, 40]), np.repeat([0.2, 0.6], 100)
    found = calibration(y, p, 0.4)
    assert (found.slope, found.intercept) == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    assert found.brier == pytest.approx((0.2 * 0.8 + 0.6 * 0.4) / 2)
    assert found.brier_reference == pytest.approx(0.4 * 0.6)
    assert found.gap == pytest.approx(0)
    assert math.isnan(calibration(y, np.full(200, 0.4), 0.4).slope)


def test_twenty_points_double_the_odds():
    """A: 400 of 1,000; B: 250 of 1,000; the odds 2/3 against 1/3, and the ridge leaves it there with so many cases."""
    fields = pd.DataFrame({"source": np.repeat(["A", "B"], 1000)})
    y = np.concatenate([np.repeat([1, 0], [400, 600]), np.repeat([1, 0], [250, 750])])
    card = scorecard(y, fields)
    points = dict(zip(card.points["value"], card.points["points"], strict=True))
    assert points["B"] == 0
    assert points["A"] == pytest.approx(20, abs=1)
    assert card.probability(card.score(fields)).sum() == pytest.approx(650)
    assert card.score(pd.DataFrame({"source": [None, "new"]})) == pytest.approx([points["A"] / 2] * 2)


def test_names_do_not_matter_and_noise_is_shrunk():
    rng = np.random.default_rng(5)
    fields = pd.DataFrame({"source": rng.choice(list("abcdef"), 600), "region": rng.choice(list("xyz"), 600)}).astype(object)
    y = rng.random(600) < 0.3
    swapped = fields.assign(source=fields["source"].map(dict(zip("abcdef", "fedcba", strict=True))))
    assert scorecard(y, fields).score(fields) == pytest.approx(scorecard(y, swapped).score(swapped))
    assert scorecard(y, fields).degrees_of_freedom < 6  # seven without the ridge


@pytest.mark.parametrize(("y", "fields"), [([], {"a": []}), ([1, 1], {"a": ["x", "y"]}), ([1, 0], {"a": ["x", "x"]}), ([1, 0], {})])
def test_nothing_to_learn_from(y, fields):
    with pytest.raises(CannotEstimate):
        scorecard(y, pd.DataFrame(fields, dtype=object))
