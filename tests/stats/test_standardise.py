"""Standardised rates and contrasts against what can be computed by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from workbook.stats.logit import logit
from workbook.stats.standardise import contrast, standardised_rates


def saturated():
    """Two strata, two groups, every cell with its own rate: the model is exact, so standardisation is arithmetic."""
    cells = [(0, 0, 40, 10), (0, 1, 20, 10), (1, 0, 20, 12), (1, 1, 40, 32)]  # stratum, group, n, successes
    rows = [(s, g, s * g, int(i < k)) for s, g, n, k in cells for i in range(n)]
    return pd.DataFrame(rows, columns=["stratum", "group", "both", "won"])


def test_rates_are_the_stratum_rates_weighted_by_the_common_mix():
    data = saturated()
    fit = logit(data["won"], data[["stratum", "group", "both"]])
    for group, rates in ((0, (0.25, 0.6)), (1, (0.5, 0.8))):
        low, high = (data[data["stratum"] == s] for s in (0, 1))
        part = standardised_rates(fit, low, {"x": {"group": group, "both": 0}}), standardised_rates(fit, high, {"x": {"group": group, "both": group}})
        assert [float(p["rate"].iloc[0]) for p in part] == pytest.approx(list(rates), abs=1e-8)


def test_without_interaction_the_average_lies_between_the_strata_and_inside_its_interval():
    data = saturated()
    fit = logit(data["won"], data[["stratum", "group"]])
    table = standardised_rates(fit, data, {"a": {"group": 0}, "b": {"group": 1}})
    assert list(table["scenario"]) == ["a", "b"]
    assert (table["low"] < table["rate"]).all()
    assert (table["rate"] < table["high"]).all()
    assert table["rate"].iloc[0] < table["rate"].iloc[1]


def test_one_variable_gives_the_groups_own_rate_and_its_delta_interval():
    data = pd.DataFrame({"group": [0] * 50 + [1] * 50, "won": [1] * 20 + [0] * 30 + [1] * 30 + [0] * 20})
    fit = logit(data["won"], data[["group"]])
    row = standardised_rates(fit, data, {"a": {"group": 0}}).iloc[0]
    assert row["rate"] == pytest.approx(0.4, abs=1e-9)
    half = 1.959964 / math.sqrt(50 * 0.4 * 0.6)
    assert math.log(row["high"] / (1 - row["high"])) == pytest.approx(math.log(0.4 / 0.6) + half, abs=1e-6)


def test_a_contrast_of_one_coefficient_is_that_coefficient():
    data = saturated()
    fit = logit(data["won"], data[["stratum", "group"]])
    row = fit.coefficients.set_index("name").loc["group"]
    assert contrast(fit, {"group": 1.0}) == pytest.approx((row["coefficient"], row["low"], row["high"], row["p_value"]))
    with pytest.raises(KeyError, match="nobody"):
        contrast(fit, {"nobody": 1.0})
    with pytest.raises(KeyError, match="nobody"):
        standardised_rates(fit, data, {"a": {"nobody": 1.0}})


def test_order_of_rows_does_not_matter():
    data = saturated()
    mixed = data.sample(frac=1, random_state=np.random.default_rng(3))
    fits = [logit(d["won"], d[["stratum", "group"]]) for d in (data, mixed)]
    tables = [standardised_rates(f, d, {"a": {"group": 0}}) for f, d in zip(fits, (data, mixed), strict=True)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
