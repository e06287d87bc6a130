"""Cells among others: each distinct one looked up once."""

import pandas as pd
import pytest

from workbook.frames.lookup import is_among


@pytest.mark.parametrize("kind", ["str", "object"])
def test_cells_are_found_and_missing_ones_are_not(kind: str) -> None:
    cells = pd.Series(["a", None, "b", "a", "c"], index=[5, 3, 9, 1, 0], dtype=kind)
    found = is_among(cells, ["a", "c", None])
    assert found.tolist() == [True, False, False, True, True]
    assert found.index.tolist() == [5, 3, 9, 1, 0]
    assert found.dtype == bool


def test_nothing_is_among_nothing() -> None:
    assert is_among(pd.Series(["a"]), []).tolist() == [False]
    assert is_among(pd.Series([], dtype="str"), ["a"]).tolist() == []
