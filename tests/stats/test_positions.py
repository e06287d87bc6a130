"""A map of brands with its uncertainty, and price on rated value."""

import numpy as np
import pandas as pd
import pytest

from tests.published.loader import data
from workbook.stats.correspondence import correspondence
from workbook.stats.errors import CannotEstimate
from workbook.stats.fair_value import fair_value
from workbook.stats.positions import positions


def smoke():
    """The published table as one respondent per case."""
    table = pd.read_csv(data("ca_smoke/smoke.csv"), index_col=0)
    cases = [(i, j) for i in range(table.shape[0]) for j in range(table.shape[1]) for _ in range(int(table.iloc[i, j]))]
    counts = np.zeros((len(cases), *table.shape))
    for place, (i, j) in enumerate(cases):
        counts[place, i, j] = 1
    return counts, list(table.index), list(table.columns), table


def test_the_map_is_the_published_one():
    """ca_smoke: the map drawn is the correspondence analysis whose inertias are published."""
    counts, rows, columns, table = smoke()
    found = positions(counts, rows, columns, seed=1, draws=200)
    assert found.share == pytest.approx(correspondence(table).share)
    assert found.rows["axis_1"].to_numpy() == pytest.approx(correspondence(table).rows["axis_1"].to_numpy())
    inertias = np.array([0.074759, 0.010017, 0.000414])  # Greenacre; R ca::ca(smoke)
    assert found.share == pytest.approx(inertias / inertias.sum(), abs=1e-5)


def test_more_respondents_smaller_ellipses():
    counts, rows, columns, _ = smoke()
    few, many = (positions(np.repeat(counts, k, axis=0), rows, columns, seed=1, draws=400).rows["variance_1"].sum() for k in (1, 9))
    assert many < few / 5


def test_two_respondents_make_no_map():
    with pytest.raises(CannotEstimate, match="too_few"):
        positions(np.ones((2, 3, 3)), list("abc"), list("xyz"), seed=1)


def test_the_line_by_hand():
    """Four brands rated 1, 2, 3, 4 by everybody alike, priced 10 higher each: ten per point, nobody off the line."""
    values = np.tile([1.0, 2.0, 3.0, 4.0], (12, 1)) + np.linspace(-1, 1, 12)[:, None]
    found = fair_value(values, np.array([90.0, 100.0, 110.0, 120.0]), seed=1, draws=200)
    assert found.slope == pytest.approx(10.0) and found.is_within
    assert found.brands["gap"].to_numpy() == pytest.approx(np.zeros(4), abs=1e-6)


def test_kind_and_harsh_respondents_are_set_level():
    """Brand C is rated only by kind respondents (two points above the others): its value is that of A all the same."""
    rows = [[4.0, 5.0, np.nan, 3.0]] * 10 + [[6.0, np.nan, 6.0, 5.0]] * 10
    found = fair_value(np.array(rows), np.array([100.0, 110.0, 100.0, 90.0]), seed=1, draws=200)
    value = found.brands["value"].to_numpy()
    assert value[2] == pytest.approx(value[0]) and value[1] - value[0] == pytest.approx(1.0)


def test_three_brands_have_no_line():
    rng = np.random.default_rng(1)
    found = fair_value(rng.normal([3, 4, 5], 0.5, (30, 3)), np.array([90.0, 100.0, 110.0]), seed=1, draws=200)
    assert found.reason == "too_few_observations" and found.brands["gap"].isna().all() and found.brands["value"].notna().all()
