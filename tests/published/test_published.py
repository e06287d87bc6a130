"""Every published number that is due, recomputed by the functions that the notebooks call.

A case is a function in `cases.py` that returns all its quantities by name. One test per published number.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest

from . import loader
from .cases import COMPUTE, NOT_YET

CASES = loader.cases()
NUMBERS = [
    pytest.param(case, row, id=f"{case}: {row['quantity']}")
    for case, content in CASES.items()
    if case in COMPUTE
    for row in content["rows"]
]
ABSENT = f"no published cases at {loader.folder()}; set WORKBOOK_SHARED"


@cache
def computed(case: str) -> dict[str, float]:
    """All quantities of one case, computed once."""
    return COMPUTE[case]()


@pytest.mark.skipif(not loader.is_present(), reason=ABSENT)
def test_every_case_is_compared_or_named_as_not_yet_due() -> None:
    assert CASES, "the folder is there but holds no case"
    assert sorted(set(CASES) - set(COMPUTE) - set(NOT_YET)) == []
    assert sorted(set(COMPUTE) & set(NOT_YET)) == []
    assert all(NOT_YET.values()), "a reason is missing"


@pytest.mark.skipif(not loader.is_present(), reason=ABSENT)
@pytest.mark.parametrize("case", sorted(COMPUTE))
def test_case_computes_exactly_the_published_quantities(case: str) -> None:
    assert sorted(computed(case)) == sorted(row["quantity"] for row in CASES[case]["rows"])


@pytest.mark.skipif(not loader.is_present(), reason=ABSENT)
@pytest.mark.parametrize(("case", "row"), NUMBERS)
def test_published_number(case: str, row: dict[str, Any]) -> None:
    value, published = computed(case)[row["quantity"]], row["published"]
    tolerance = row["tolerance"] * (abs(published) if row["kind"] == "rel" else 1.0)
    assert math.isclose(value, published, rel_tol=0.0, abs_tol=tolerance + 1e-12), row["source"]
