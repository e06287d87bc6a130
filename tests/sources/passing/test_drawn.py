"""Whatever canonical set is drawn, passing gives what the way through text gives, or leaves the set to it."""

import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.sources.passing.sets import companies, difference, passing, through_text, write
from workbook.params import RunParams
from workbook.sources.passing.unfit import Unfit


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(companies(), st.integers(0, 31), st.sampled_from((None, "EUR")), st.sampled_from((None, date(2026, 1, 5))), st.sampled_from((0, 0, 1, 5)), st.booleans())
def test_both_ways_give_the_same(company, texts, currency, as_of, cut, are_large):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbook.sources.passing.room.LEAST_TEXT", 0 if are_large else 2**24)
        folder = Path(name)
        as_csv = [file for number, file in enumerate(company) if (number % 2 or are_large) and texts >> number // 2 & 1]
        params = RunParams(data=write(company, folder / "data", as_csv, cut), currency=currency, as_of=as_of, rejected_lines_max_share=1)
        try:
            passed = passing(params, folder / "passed")
        except Unfit as unfit:
            event(unfit.why.id)
            return
        event("passed")
        assert not difference(passed, through_text(params, folder / "text"))
