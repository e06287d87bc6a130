"""Random-effects meta-analysis: counted by hand, order and units irrelevant, honest at the edges."""

import numpy as np
import pytest

from workbook.stats.errors import CannotEstimate
from workbook.stats.meta_analysis import random_effects


def test_equal_variances_give_the_plain_mean_and_its_t_interval():
    fit = random_effects([1.0, 2.0, 3.0], [0.01, 0.01, 0.01])
    assert fit.value == pytest.approx(2.0)
    assert fit.tau2 == pytest.approx(1.0 - 0.01)  # variance of the effects less the sampling variance
    assert fit.high - fit.value == pytest.approx(4.302653 * 1.0 / np.sqrt(3), rel=1e-5)
    assert fit.next_low < fit.low and fit.next_high > fit.high


def test_without_heterogeneity_tau_is_zero():
    fit = random_effects([0.5, 0.5, 0.5], [0.2, 0.1, 0.4])
    assert (fit.tau2, fit.q, fit.i2) == (0.0, 0.0, 0.0)
    assert fit.standard_error == pytest.approx((1 / 0.2 + 1 / 0.1 + 1 / 0.4) ** -0.5)


def test_order_is_irrelevant_and_units_scale():
    rng = np.random.default_rng(3)
    effects, variances = rng.normal(2, 1, 9), rng.uniform(0.1, 1, 9)
    fit, turned = random_effects(effects, variances), random_effects(effects[::-1], variances[::-1])
    assert turned.value == pytest.approx(fit.value) and turned.tau2 == pytest.approx(fit.tau2, rel=1e-6)
    scaled = random_effects(1000 * effects, 1e6 * variances)
    assert scaled.value == pytest.approx(1000 * fit.value, rel=1e-6) and scaled.high == pytest.approx(1000 * fit.high, rel=1e-6)


def test_two_studies_have_no_prediction_and_one_is_refused():
    assert np.isnan(random_effects([1, 2], [0.1, 0.1]).next_low)
    with pytest.raises(CannotEstimate):
        random_effects([1.0], [0.1])
    with pytest.raises(ValueError, match="variance"):
        random_effects([1.0, 2.0], [0.1, 0.0])
