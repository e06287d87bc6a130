"""Rates of groups from a mixed model with a second, crossed effect."""

import numpy as np
import pytest

from workbook.stats.crossed_effects import crossed_rates
from workbook.stats.errors import CannotEstimate


def test_agrees_with_the_variational_fit_of_statsmodels():
    """Outside reference: BinomialBayesMixedGLM (variational Bayes) on the same rows; posterior means of the log odds within 0.1."""
    from scipy.special import logit
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    rng = np.random.default_rng(4)
    group, cluster = rng.integers(6, size=1500), rng.integers(20, size=1500)
    score = -0.4 + np.linspace(-1, 1, 6)[group] + rng.normal(0, 0.4, 20)[cluster]
    won = (rng.random(1500) < 1 / (1 + np.exp(-score))).astype(float)
    random = np.zeros((1500, 26))
    random[np.arange(1500), group] = 1
    random[np.arange(1500), 6 + cluster] = 1
    fit = BinomialBayesMixedGLM(won, np.ones((1500, 1)), random, np.repeat([0, 1], [6, 20]), vcp_p=1, fe_p=10).fit_vb()
    found = crossed_rates(won, np.ones(1500), group, cluster)
    order = np.argsort(found.table["group"].to_numpy(int))
    ours = logit(found.table["rate"].to_numpy())[order]
    theirs = fit.fe_mean[0] + fit.vc_mean[:6]
    assert ours == pytest.approx(theirs, abs=0.1)


def test_few_cases_are_pulled_in_and_many_are_not():
    found = crossed_rates([1, 400, 200, 300], [1, 1000, 1000, 1000], ["few", "a", "b", "c"], [None] * 4).table.set_index("group")
    assert 0.2 < found.loc["few", "rate"] < 0.55
    assert found.loc["a", "rate"] == pytest.approx(0.4, abs=0.01)
    assert found.loc["few", "high"] - found.loc["few", "low"] > 4 * (found.loc["a", "high"] - found.loc["a", "low"])


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(0)
    n, group, cluster = rng.integers(1, 30, 60), rng.integers(5, size=60), rng.integers(9, size=60)
    won = rng.binomial(n, 0.4)
    order = rng.permutation(60)
    first = crossed_rates(won, n, group, cluster).table.set_index("group").sort_index()
    second = crossed_rates(won[order], n[order], group[order], cluster[order]).table.set_index("group").sort_index()
    assert second.to_numpy() == pytest.approx(first.to_numpy(), abs=1e-9)


@pytest.mark.parametrize(("won", "n", "group", "reason"), [([0], [0], ["a"], "no_observations"), ([2, 1], [2, 1], ["a", "b"], "no_variation"), ([1], [2], ["a"], "one_group")])
def test_refuses_what_carries_no_information(won, n, group, reason):
    with pytest.raises(CannotEstimate, match=reason):
        crossed_rates(won, n, group, [None] * len(n))
