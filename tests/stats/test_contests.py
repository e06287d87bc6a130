"""Contests of one against several: the same as Bradley–Terry where each has one rival."""

import math

import numpy as np
import pandas as pd
import pytest

from workbook.stats.errors import CannotEstimate
from workbook.stats.paired_comparison import bradley_terry, contests


def test_one_rival_each_by_hand_and_as_bradley_terry():
    """Won 10 of 40 against A and 30 of 40 against B: log odds of losing log 3 and −log 3."""
    won = [1.0] * 10 + [0.0] * 30 + [1.0] * 30 + [0.0] * 10
    present = pd.DataFrame({"A": [1.0] * 40 + [0.0] * 40, "B": [0.0] * 40 + [1.0] * 40})
    found = contests(won, present)
    assert list(found.rivals["ability"]) == pytest.approx([math.log(3), -math.log(3)])
    wins = pd.DataFrame([[0, 10, 30], [30, 0, 0], [10, 0, 0]], index=["us", "A", "B"], columns=["us", "A", "B"])
    reference = bradley_terry(wins, "us").set_index("name").loc[["A", "B"]]
    assert found.rivals["ability"].to_numpy() == pytest.approx(reference["ability"].to_numpy())
    assert found.rivals["standard_error"].to_numpy() == pytest.approx(reference["standard_error"].to_numpy())


def test_both_at_the_table_by_hand():
    """A and B only ever together with equal records alone: alone 1 of 2 each (strength 1), together 1 of 3."""
    won = [1, 0] * 30 + [1, 0] * 30 + [1, 0, 0] * 20
    present = pd.DataFrame({"A": [1] * 60 + [0] * 60 + [1] * 60, "B": [0] * 60 + [1] * 60 + [1] * 60})
    assert list(contests(won, present).rivals["ability"]) == pytest.approx([0.0, 0.0], abs=1e-7)


def test_refuses_who_never_loses():
    with pytest.raises(CannotEstimate, match="separation"):
        contests([1, 0, 0], pd.DataFrame({"A": [1, 1, 0], "B": [0, 0, 1]}))


def test_every_contest_needs_a_rival():
    with pytest.raises(ValueError, match="rival"):
        contests([1, 0], pd.DataFrame({"A": np.array([1, 0])}))


def test_contests_alike_may_be_counted():
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"A": rng.integers(0, 2, 200), "won": rng.integers(0, 2, 200), "owner": rng.integers(0, 12, 200)}).assign(B=lambda t: np.maximum(1 - t["A"], rng.integers(0, 2, 200)))
    cells = rows.value_counts().reset_index()
    each, counted = (contests(t["won"], t[["A", "B"]], t["owner"], counts=n) for t, n in ((rows, None), (cells, cells["count"])))
    pd.testing.assert_frame_equal(each.rivals, counted.rivals)
    assert each.covariance == pytest.approx(counted.covariance) and each.dof == pytest.approx(counted.dof)
