"""The comparison sees every kind of difference, and none in order, kind of integer or last digits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.backends.compare import difference

TABLE = pd.DataFrame({
    "name": ["b", "a", None], "n": [1, 2, 3], "amount": [0.1, 2.5, np.nan], "is_won": [True, False, True],
    "on": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
})  # fmt: skip


def test_order_units_of_time_and_last_digits_do_not_matter():
    other = TABLE.iloc[[2, 0, 1]].astype({"n": "float64", "on": "datetime64[s]"})
    assert difference(TABLE, other.assign(amount=other["amount"] * (1 + 1e-13))) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (TABLE.rename(columns={"n": "m"}), "columns"),
        (TABLE.iloc[:2], "2 rows instead of 3"),
        (TABLE.assign(n=[1, 2, 4]), "n, row"),
        (TABLE.assign(amount=[0.1, 2.5001, np.nan]), "amount, row"),
        (TABLE.assign(amount=[0.1, 2.5, 0.0]), "amount, row"),
        (TABLE.assign(name=["b", "A", None]), "name, row"),
        (TABLE.assign(name=["b", "a", ""]), "name, row"),
        (TABLE.assign(is_won=[True, True, True]), "is_won, row"),
        (TABLE.assign(is_won=["True", "False", "True"]), "is_won: text"),
        (TABLE.assign(on=pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"])), "on, row"),
    ],
)
def test_a_difference_is_named(changed, said):
    assert said in str(difference(TABLE, changed))
