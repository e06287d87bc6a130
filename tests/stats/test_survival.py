"""Durations: a curve counted by hand, competing ends, comparisons, a million cases."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook.stats.competing_risks import aalen_johansen
from workbook.stats.errors import CannotEstimate
from workbook.stats.survival import (
    clustered_kaplan_meier,
    count_durations,
    duration_counts,
    kaplan_meier,
    pool_counts,
)
from workbook.stats.survival_comparison import compare_survival, cox

ROWS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["won", "lost", None])), min_size=1, max_size=40
)


def test_five_cases_by_hand() -> None:
    curve = kaplan_meier(count_durations([2, 3, 3, 5, 8], [True, True, False, True, False]))
    assert curve.table["survival_share"].tolist() == pytest.approx([0.8, 0.6, 0.3, 0.3])
    assert curve.at(4).value == pytest.approx(0.6)
    assert curve.at(0).value == 1.0
    assert curve.at(9).reason == "beyond_follow_up"
    assert curve.median().value == 5.0
    assert math.isnan(curve.median().high)
    greenwood = 0.6 * math.sqrt(1 / (5 * 4) + 1 / (4 * 3))
    assert curve.table["standard_error"].iloc[1] == pytest.approx(greenwood)


def test_same_as_statsmodels() -> None:
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

    rng = np.random.default_rng(5)
    time, seen, group = rng.integers(1, 30, 200), rng.random(200) < 0.7, rng.integers(0, 3, 200)
    curve, other = kaplan_meier(count_durations(time, seen)), SurvfuncRight(time, seen.astype(int))
    mine = curve.table[curve.table["event_count"] > 0]
    assert mine["survival_share"].to_numpy() == pytest.approx(other.surv_prob)
    assert mine["standard_error"].to_numpy()[:-1] == pytest.approx(other.surv_prob_se[:-1])
    groups = {g: count_durations(time[group == g], seen[group == g]) for g in range(3)}
    for mine_name, theirs in {"logrank": None, "gehan": "gb", "tarone_ware": "tw"}.items():
        statistic, p_value = survdiff(time, seen.astype(int), group, weight_type=theirs)
        result = compare_survival(groups, mine_name)  # type: ignore[arg-type]
        assert (result.statistic, result.p_value) == pytest.approx((statistic, p_value))


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_competing_shares_and_survivors_add_up(rows: list[tuple[int, str | None]]) -> None:
    counts = count_durations(*zip(*rows, strict=True), kinds=("won", "lost"))
    table, curve = aalen_johansen(counts), kaplan_meier(counts)
    incidence = table.pivot(index="duration", columns="kind", values="incidence_share").sum(axis=1)
    assert (incidence.to_numpy() + curve.table["survival_share"].to_numpy()).tolist() == pytest.approx(
        [1.0] * len(incidence)
    )
    assert (table["incidence_low"] <= table["incidence_share"] + 1e-12).all()
    assert (table["incidence_high"] >= table["incidence_share"] - 1e-12).all()
    assert counts.n == len(rows)


def test_one_kind_of_end_is_the_complement_of_kaplan_meier() -> None:
    counts = count_durations([1, 2, 2, 3, 4, 4, 5], [True, True, False, True, True, False, True])
    table, curve = aalen_johansen(counts), kaplan_meier(counts)
    assert table["incidence_share"].to_numpy() == pytest.approx(1 - curve.table["survival_share"].to_numpy())
    assert table["standard_error"].to_numpy()[:-1] == pytest.approx(
        curve.table["standard_error"].to_numpy()[:-1]
    )


@settings(max_examples=30, deadline=None)
@given(ROWS, st.integers(2, 30))
def test_order_and_unit_do_not_matter(rows: list[tuple[int, str | None]], factor: int) -> None:
    time, kind = zip(*rows, strict=True)
    one = kaplan_meier(count_durations(time, kind, ("won", "lost")), event="won")
    two = kaplan_meier(
        count_durations([factor * t for t in time[::-1]], kind[::-1], ("won", "lost")), event="won"
    )
    assert one.table["survival_low"].tolist() == pytest.approx(two.table["survival_low"].tolist())
    assert two.median().value == pytest.approx(factor * one.median().value, nan_ok=True)


@pytest.mark.parametrize(
    ("time", "seen", "median", "reason"),
    [([], [], math.nan, "no_observations"), ([4], [True], 4.0, None), ([4], [False], math.nan, "not_reached"),
     ([0, 0], [True, True], 0.0, None)],
)  # fmt: skip
def test_degenerate_curves(time: list[int], seen: list[bool], median: float, reason: str | None) -> None:
    curve = kaplan_meier(count_durations(time, seen, ("event",) if not time else None))
    assert curve.median().value == pytest.approx(median, nan_ok=True)
    assert curve.median().reason == reason
    curve.at(3)


def test_before_the_first_event_the_interval_is_not_a_point() -> None:
    curve = kaplan_meier(count_durations([3, 5, 5, 6], [False, True, True, True]))
    assert curve.at(3).low < 0.7


def test_counted_input_equals_rows_and_a_million_cases_are_quick() -> None:
    rng = np.random.default_rng(2)
    time, won = rng.integers(0, 400, 1_000_000), rng.random(1_000_000) < 0.4
    counts = duration_counts(np.arange(400), np.bincount(time, won, 400), np.bincount(time, ~won, 400))
    curve = kaplan_meier(counts)
    assert curve.n == 1_000_000
    assert curve.median().low <= curve.median().value <= curve.median().high
    small = slice(0, 3000)
    rows = kaplan_meier(count_durations(time[small], won[small]))
    counted = kaplan_meier(duration_counts(time[small][::-1], won[small][::-1], ~won[small][::-1]))
    assert rows.table["survival_share"].tolist() == counted.table["survival_share"].tolist()


@pytest.mark.parametrize("time", [[-1, 2], [math.nan, 2], [1]])
def test_impossible_durations_are_refused(time: list[float]) -> None:
    with pytest.raises(ValueError, match="durations"):
        count_durations(time, [True, False])


def test_clusters_widen_the_curve() -> None:
    fast = [count_durations([1, 2, 3, 4, 5] * 4, [True] * 20, (True,)) for _ in range(3)]
    slow = [count_durations([21, 22, 23, 24, 25] * 4, [True] * 20, (True,)) for _ in range(3)]
    wide, plain = clustered_kaplan_meier(fast + slow), kaplan_meier(pool_counts(fast + slow))
    assert (wide.method, wide.clusters) == ("cluster_jackknife", 6)
    assert wide.at(10).value == pytest.approx(plain.at(10).value)
    assert wide.at(10).high - wide.at(10).low > 2 * (plain.at(10).high - plain.at(10).low)
    assert clustered_kaplan_meier(fast[:1]).method == "greenwood"


@pytest.mark.parametrize("early", [1, 3])
def test_a_cluster_that_has_all_early_events_does_not_open_the_interval(early: int) -> None:
    first = count_durations([5] * early + list(range(60, 80)), [True] * (early + 20), (True,))
    others = [count_durations([day + step for day in range(60, 80)], [True] * 20, (True,)) for step in range(9)]
    median = clustered_kaplan_meier([first, *others]).quantile(0.5)
    assert 65 < median.low <= median.value <= median.high < 80
    there = clustered_kaplan_meier([first, *others]).at(5)
    assert 0.85 < there.low < there.value < 1


def test_comparison_degenerate() -> None:
    some = count_durations([1, 2], [True, False])
    assert compare_survival({"a": some}).reason == "one_group"
    none = count_durations([1, 2], [False, False], kinds=(True,))
    assert compare_survival({"a": none, "b": none}).reason == "no_events"


def test_cox_unit_and_clusters() -> None:
    rng = np.random.default_rng(3)
    x, owner = rng.normal(size=300), np.repeat(np.arange(15), 20)
    time = rng.exponential(np.exp(-0.7 * x))
    one = cox(time, np.ones(300), pd.DataFrame({"x": x})).coefficients.iloc[0]
    two = cox(time * 24, np.ones(300), pd.DataFrame({"x": 1000 * x}), owner).coefficients.iloc[0]
    assert one["coefficient"] == pytest.approx(0.7, abs=0.2)
    assert 1000 * two["coefficient"] == pytest.approx(one["coefficient"], rel=1e-5)
    assert 1000 * two["standard_error"] == pytest.approx(one["standard_error"], rel=0.5)


@pytest.mark.parametrize(
    ("time", "seen", "x", "reason"),
    [
        ([], [], [], "no_observations"),
        ([1, 2, 3], [0, 0, 0], [1, 2, 4], "no_events"),
        ([1, 2, 3], [1, 1, 1], [2, 2, 2], "collinear"),
        ([1, 2, math.nan], [1, 1, 1], [1, 2, 4], "missing_values"),
        ([1, 2, 3, 10, 11, 12], [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], "separation"),
    ],
)
def test_cox_refuses(time: list[float], seen: list[int], x: list[float], reason: str) -> None:
    with pytest.raises(CannotEstimate) as refusal:
        cox(time, seen, pd.DataFrame({"x": np.array(x, dtype=float)}))
    assert refusal.value.reason_key == reason
