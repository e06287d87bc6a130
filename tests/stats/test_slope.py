"""A rate against a number, with cases in clusters."""

import numpy as np
import pytest

from workbook.stats.slope import clustered_slope


def test_two_groups_by_hand():
    """Four clusters of one deal on each side: 3 of 4 won against 1 of 4, a difference of one half."""
    won, position = [1, 1, 1, 0, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0]
    found = clustered_slope(won, [1] * 8, position, list(range(8)))
    assert found.value == pytest.approx(0.5)
    # robust: Σe² over each side is ¾, residuals ÷ 4, leverage ¼: 2 · ¾ ÷ 16 ÷ ¾ = ⅛; independent: ½·½ ÷ Σ(x − ½)² = 0.25 ÷ 2 = ⅛
    assert found.standard_error == pytest.approx(np.sqrt(0.125), abs=1e-9)
    assert found.few_clusters and found.n == 8


def test_agrees_with_ordinary_least_squares_clustered():
    """Line as from least squares on single cases; CR0 from statsmodels, leverage corrections make ours no smaller."""
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    owner, at = rng.integers(40, size=900), rng.integers(8, size=900)
    won = (rng.random(900) < 0.3 + 0.03 * at + 0.1 * rng.normal(0, 1, 40)[owner]).astype(float)
    fit = sm.OLS(won, sm.add_constant(at.astype(float))).fit(cov_type="cluster", cov_kwds={"groups": owner, "use_correction": False})
    found = clustered_slope(won, np.ones(900), at, owner)
    assert found.value == pytest.approx(fit.params[1])
    assert fit.bse[1] <= found.standard_error <= 1.06 * fit.bse[1]


def test_equal_clusters_once_are_the_same_as_each_by_itself():
    each = clustered_slope([1, 0, 1, 0, 2, 1], [2, 1, 2, 1, 3, 2], [1, 0] * 3, [0, 0, 1, 1, 2, 2])
    once = clustered_slope([1, 0, 2, 1], [2, 1, 3, 2], [1, 0] * 2, [0, 0, 1, 1], weight=[2, 2, 1, 1])
    assert (once.value, once.standard_error, once.n, once.clusters) == pytest.approx((each.value, each.standard_error, each.n, each.clusters))


@pytest.mark.parametrize(("won", "n", "at", "reason"), [([], [], [], "no_observations"), ([1, 0], [2, 1], [1, 1], "one_group"), ([2, 1], [2, 1], [0, 1], "no_variation")])
def test_says_why_there_is_none(won, n, at, reason):
    assert clustered_slope(won, n, at, list(range(len(n)))).reason == reason
