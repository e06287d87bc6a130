"""Published promises beside what the own units can show."""

from datetime import date

import pytest

from tests.analyses.alignment_impact.programme import answer
from tests.analyses.alignment_impact.test_effect import programme, two_groups
from workbook.analyses.alignment_impact import detectable, published_figures, tables
from workbook.analyses.alignment_impact.register import Claim

PARAMS, AS_OF = detectable.DetectableParams(), date(2026, 9, 30)


def claim(kpi, change):
    return Claim(key="it", claim="A promise.", traced="Found.", grade="D", is_traced=True, kpi=kpi, change=change)


def test_a_promise_is_worked_out_from_the_own_level():
    effect = answer(two_groups(4), programme())
    row = effect.estimates.set_index("kpi").loc["win_rate"]
    found = detectable.analyse(effect, (claim("win_rate", 0.5),), PARAMS, as_of=AS_OF).benchmarks.iloc[0]
    assert found["promised"] == pytest.approx(0.5 * row["baseline"])
    assert found["could_show"] == (abs(found["promised"]) >= row["detectable"])
    assert found["is_compatible"] == (row["low"] <= found["promised"] <= row["high"])


def test_tiny_promises_cannot_be_seen_and_huge_ones_can():
    effect = answer(two_groups(4), programme())
    rows = detectable.analyse(effect, (claim("win_rate", 0.0001), claim("win_rate", 1.4)), PARAMS, as_of=AS_OF).benchmarks
    assert sorted(rows["could_show"]) == [False, True]


def test_only_figures_on_measured_outcomes_are_compared():
    effect = answer(two_groups(4), programme())
    rows = detectable.analyse(effect, published_figures(), PARAMS, as_of=AS_OF).benchmarks
    assert set(rows["kpi"]) <= set(effect.estimates["kpi"])
    assert len(tables.benchmarks(detectable.analyse(effect, published_figures(), PARAMS, as_of=AS_OF)).data) == len(rows)


def test_without_an_effect_there_is_nothing_to_compare():
    refused = detectable.analyse(answer([], programme()), published_figures(), PARAMS, as_of=AS_OF)
    assert refused.refused is not None
    assert tables.benchmarks(refused) is None
    measured = answer(two_groups(4), programme())
    assert detectable.analyse(measured, (claim("clv", 0.3),), PARAMS, as_of=AS_OF).refused is not None
