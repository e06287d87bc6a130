"""The methods behind the market chapter against outside values and cases to count on paper."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.published.cases import data
from workbook.stats.autocorrelated import GRID, autocorrelated_fit
from workbook.stats.breaks import unknown_break
from workbook.stats.ceiling import logistic_ceiling
from workbook.stats.diffusion import bass_density, fit_bass
from workbook.stats.diffusion_prior import bass_with_analogies
from workbook.stats.errors import CannotEstimate
from workbook.stats.growth import level_change, log_trend
from workbook.stats.pert import pert_draws, pert_mean
from workbook.stats.smoothing import damped_smoothing, simple_smoothing
from workbook.stats.unseen import chao

SERIES = [112.0, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126]


def test_generalised_least_squares_is_that_of_statsmodels_for_each_autocorrelation():
    from statsmodels.regression.linear_model import GLS, OLS

    t, y = np.arange(14.0), np.log(SERIES)
    design = np.column_stack([np.ones(14), t])
    fit = autocorrelated_fit(t, design, y)
    for at in (0, 8, 16):
        other = GLS(y, design, sigma=GRID[at] ** np.abs(t[:, None] - t[None, :])).fit()
        assert fit.coefficients[at] == pytest.approx(other.params)
        assert np.sqrt(fit.variance[at] * np.diag(fit.inverse[at])) == pytest.approx(other.bse)
    assert log_trend(t, SERIES).classical_low == pytest.approx(math.expm1(OLS(y, design).fit().conf_int()[1, 0]))


@pytest.mark.parametrize("n", [6, 9, 14])
def test_damped_smoothing_is_at_least_as_good_as_that_of_statsmodels(n):
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    y = np.array(SERIES[:n])
    model = ExponentialSmoothing(y, trend="add", damped_trend=True, initialization_method="estimated", bounds={"damping_trend": (0.8, 0.98)})
    assert float(((y - damped_smoothing(y).fitted) ** 2).sum()) <= model.fit().sse * 1.001


def test_smoothing_scales_and_a_constant_series_stays():
    y = np.array(SERIES)
    for smooth in (simple_smoothing, damped_smoothing):
        assert smooth(1e6 * y).ahead(3) == pytest.approx(1e6 * smooth(y).ahead(3), rel=1e-6)
        assert smooth(np.full(9, 5.0)).ahead(2) == pytest.approx([5, 5])


def test_the_change_along_an_exact_line_is_that_of_the_line():
    change = level_change([2025, 2022, 2023, 2024], [0.4, 0.1, 0.2, 0.3])
    assert (change.value, change.low, change.high) == pytest.approx((0.3, 0.3, 0.3))
    with pytest.raises(CannotEstimate, match="too_few"):
        level_change([1, 2, 3], [1, 2, 3])


def test_a_large_break_is_found_where_it_is_and_a_short_series_is_refused():
    y = 0.03 * np.arange(20) + 0.4 * (np.arange(20) >= 12) + np.random.default_rng(1).normal(0, 0.01, 20)
    found = unknown_break(2000 + np.arange(20), y, draws=199)
    assert found.time == 2012 and found.p_value < 0.02
    with pytest.raises(CannotEstimate, match="too_few"):
        unknown_break(range(11), range(11))


def test_chao_counts_on_paper():
    """26 seen, 12 once, 4 twice: 12·11 / (2·5) = 13.2 unseen."""
    found = chao(26, 12, 4)
    assert found.total == pytest.approx(39.2)
    assert 26 < found.interval.low < 39.2 < found.interval.high
    assert chao(5, 0, 2).total == 5 and chao(0, 0, 0).total == 0


def test_pert_keeps_its_ends_and_its_mean():
    drawn = pert_draws(10, 20, 60, 20_000, np.random.default_rng(3))
    assert drawn.min() >= 10 and drawn.max() <= 60
    assert drawn.mean() == pytest.approx(pert_mean(10, 20, 60), rel=0.01)
    assert set(pert_draws(4, 4, 4, 5, np.random.default_rng(3))) == {4.0}


def test_bass_with_analogies_agrees_with_least_squares_once_the_peak_has_passed():
    sales = pd.read_csv(data("bass_vcr/vcr.csv"))["sales_thousand"]
    found, other = bass_with_analogies(sales), fit_bass(sales)
    assert found.market_interval.low < other.market < found.market_interval.high
    assert found.peak_time == pytest.approx(other.peak_time, abs=0.5)
    assert found.peak_seen > 0.95


def test_a_young_product_gets_a_range_and_no_peak():
    found = bass_with_analogies(bass_density(np.arange(1.0, 5), 1000.0, 0.01, 0.4))
    assert found.market_interval.low < 1000 < found.market_interval.high
    assert found.peak_seen < 0.1


def test_the_ceiling_is_found_where_growth_has_slowed_and_not_told_where_it_has_not():
    t = np.arange(24.0)
    noise = np.exp(np.random.default_rng(2).normal(0, 0.02, 24))
    late = logistic_ceiling(2000 + t, 500 / (1 + np.exp(-0.5 * (t - 10))) * noise)
    assert late.ceiling_interval.low < 500 < late.ceiling_interval.high
    assert late.reached_interval.low > 0.9
    early = logistic_ceiling(2000 + t, 10 * np.exp(0.05 * t) * noise)
    assert early.reached_interval.low < 0.05
    with pytest.raises(CannotEstimate, match="no_variation"):
        logistic_ceiling(t, np.ones(24))
