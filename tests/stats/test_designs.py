"""Difference in differences, staggered adoption, interrupted series, logit: by hand, outside, degenerate."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest

from workbook.stats.did import two_by_two
from workbook.stats.errors import CannotEstimate
from workbook.stats.interrupted import interrupted_series
from workbook.stats.logit import logit
from workbook.stats.panel import Panel, build_panel
from workbook.stats.staggered import staggered


def make_panel(units: int = 30, seed: int = 1, effect: float = 2.0) -> pd.DataFrame:
    """One row per unit and year 2015-2020; a third never treated, a third from 2017, a third from 2019."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {"unit": np.repeat(np.arange(units), 6), "year": np.tile(np.arange(2015, 2021), units)}
    )
    start = np.array([np.nan, 2017, 2019])[rows["unit"] % 3]
    noise = rng.normal(0, 1, len(rows)) + rng.normal(0, 2, units)[rows["unit"]]
    return rows.assign(cohort=start, y=noise + 0.5 * (rows["year"] - 2015) + effect * (rows["year"] >= start))


def panel_of(rows: pd.DataFrame) -> Panel:
    return build_panel(rows["y"], rows["unit"], rows["year"], rows["cohort"])


# two by two


def test_four_means_by_hand() -> None:
    fit = two_by_two([1, 2, 3, 6, 5, 6, 8, 9], [1] * 4 + [0] * 4, [0, 0, 1, 1] * 2, [1, 2, 1, 2, 3, 4, 3, 4])
    # changes: treated 2 and 4, untreated 3 and 3
    assert fit.value == pytest.approx(0.0)
    assert fit.standard_error == pytest.approx(1.0)
    assert fit.dof == pytest.approx(1.0)
    assert fit.few_clusters


def test_units_and_order_do_not_matter() -> None:
    rows = make_panel()
    treated, after = rows["cohort"] == 2017, rows["year"] >= 2017
    one = two_by_two(rows["y"], treated, after, rows["unit"])
    mixed = np.random.default_rng(0).permutation(len(rows))
    two = two_by_two(
        1000 * rows["y"].iloc[mixed],
        treated.iloc[mixed],
        after.iloc[mixed],
        rows["unit"].iloc[mixed].map(str),
    )
    assert (two.value, two.low) == pytest.approx((1000 * one.value, 1000 * one.low))


def test_one_treated_unit_borrows_the_spread() -> None:
    rows = make_panel()
    rows = rows[rows["cohort"].isna() | (rows["unit"] == 1)]
    fit = two_by_two(rows["y"], rows["unit"] == 1, rows["year"] >= 2017, rows["unit"])
    assert (fit.method, fit.few_clusters, fit.treated_count) == ("one_unit", True, 1)
    assert fit.standard_error > 0.5


@pytest.mark.parametrize(
    ("treated", "after", "unit", "reason"),
    [([0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 2, 2], "no_treated_units"),
     ([1, 1, 1, 1], [0, 1, 0, 1], [1, 1, 2, 2], "no_control_units"),
     ([1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 2, 2], "no_pre_period"),
     ([1, 1, 0, 0], [0, 0, 0, 1], [1, 1, 2, 2], "no_post_period"),
     ([1, 1, 0, 0], [0, 1, 0, 1], [1, 1, 2, 2], "too_few_observations"),
     ([1, 0, 0, 0], [0, 1, 0, 1], [1, 1, 2, 2], "unit_in_two_groups")],
)  # fmt: skip
def test_two_by_two_refuses(treated: list[int], after: list[int], unit: list[int], reason: str) -> None:
    with pytest.raises(CannotEstimate) as refusal:
        two_by_two([1.0, 2, 3, 4], treated, after, unit)
    assert refusal.value.reason_key == reason


# staggered


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
def test_staggered_agrees_with_diff_diff(control: str) -> None:
    from diff_diff import CallawaySantAnna

    rows = make_panel(60)
    fit = staggered(panel_of(rows), control)  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = CallawaySantAnna(control_group=control, base_period="varying").fit(
            rows.fillna({"cohort": 0}), outcome="y", unit="unit", time="year", first_treat="cohort"
        )
        events, groups = other.aggregate("event_study"), other.aggregate("group")
    simple = fit.overall.set_index("aggregation").loc["simple"]
    assert simple["estimate"] == pytest.approx(other.att)
    assert simple["analytic_standard_error"] == pytest.approx(other.se, rel=1e-6)
    assert fit.event_study["estimate"].to_numpy() == pytest.approx(events.att)
    assert fit.event_study["analytic_standard_error"].to_numpy() == pytest.approx(events.se, rel=1e-6)
    assert fit.by_group["estimate"].to_numpy() == pytest.approx(groups.att)
    assert fit.by_group["analytic_standard_error"].to_numpy() == pytest.approx(groups.se, rel=1e-6)


@pytest.mark.parametrize("never", [np.nan, np.inf, 0, 2099])
def test_never_treated_may_be_coded_in_any_way(never: float) -> None:
    rows = make_panel()
    one = staggered(panel_of(rows))
    two = staggered(build_panel(rows["y"], rows["unit"].map(str), rows["year"], rows["cohort"].fillna(never)))
    assert two.overall["low"].tolist() == pytest.approx(one.overall["low"].tolist())


def test_dates_count_in_periods_and_order_does_not_matter() -> None:
    rows = make_panel()
    one = staggered(panel_of(rows))
    mixed = rows.sample(frac=1, random_state=3)
    dates = pd.to_datetime(mixed["year"].astype(str) + "-01-01")
    start = mixed["cohort"].map(lambda year: None if np.isnan(year) else pd.Timestamp(int(year), 1, 1))
    two = staggered(build_panel(mixed["y"], mixed["unit"], dates, start))
    assert two.event_study["event_time"].tolist() == one.event_study["event_time"].tolist()
    assert two.overall["high"].tolist() == pytest.approx(one.overall["high"].tolist())


def test_few_units_are_honest_about_it() -> None:
    covered = 0
    for seed in range(120):
        rows = make_panel(9, seed)
        fit = staggered(panel_of(rows))
        simple = fit.overall.iloc[0]
        covered += simple["low"] <= 2.0 <= simple["high"]
    assert fit.few_clusters
    assert covered / 120 > 0.9


def test_cohorts_of_one_unit_borrow_the_spread() -> None:
    rows = make_panel(24)
    rows = rows[rows["cohort"].isna() | rows["unit"].isin([1, 2])]
    fit = staggered(panel_of(rows))
    assert fit.singleton_cohorts == 2
    assert (fit.overall["standard_error"] > 0.3).all()


def test_pre_trend_is_found_and_not_invented() -> None:
    rows = make_panel(90, effect=1)
    fair = staggered(panel_of(rows))
    rows["y"] += 1.5 * rows["cohort"].notna() * (rows["year"] - 2015)
    bent = staggered(panel_of(rows))
    assert fair.pre_trend.p_value > 0.01
    assert bent.pre_trend.p_value < 0.001


def test_incomplete_and_always_treated_units_are_counted() -> None:
    rows = make_panel()
    rows.loc[rows["unit"] == 3, "cohort"] = 2015
    rows.loc[(rows["unit"] == 4) & (rows["year"] == 2016), "y"] = np.nan
    panel = build_panel(rows["y"], rows["unit"], rows["year"], rows["cohort"])
    assert panel.dropped == {"incomplete": 1, "always_treated": 1}
    assert len(panel.cohort) == 28


def test_staggered_refuses() -> None:
    rows = make_panel()
    with pytest.raises(CannotEstimate, match="no_treated_units"):
        build_panel(rows["y"], rows["unit"], rows["year"], [None] * len(rows))
    with pytest.raises(CannotEstimate, match="no_control_units"):
        staggered(panel_of(rows.assign(cohort=2017)))
    with pytest.raises(CannotEstimate, match="unit_in_two_groups"):
        panel_of(rows.assign(cohort=rows["year"]))
    with pytest.raises(CannotEstimate, match="no_observations"):
        build_panel([], [], [], [])


# interrupted series


def test_a_clean_break_is_exact() -> None:
    time = np.arange(10)
    fit = interrupted_series(
        time[::-1], (5 + 2 * time - 3 * (time >= 6) + 1.0 * np.maximum(time - 6, 0))[::-1], 6
    )
    assert fit.coefficients["coefficient"].tolist() == pytest.approx([5, 2, -3, 1])
    assert (fit.n_before, fit.n_after, fit.dof) == (6, 4, 6)


@pytest.mark.parametrize(
    ("times", "start", "reason"),
    [([1, 2, 3, 4, 5, 6], 1, "no_pre_period"), ([1, 2, 3, 4, 5, 6], 9, "no_post_period"),
     ([1, 2, 3, 4, 5, 6], 6, "too_few_observations"), ([1, 1, 3, 4, 5, 6], 4, "duplicate_times"),
     ([1, 2, 3, 4, 5, None], 4, "missing_values")],
)  # fmt: skip
def test_interrupted_refuses(times: list[float], start: float, reason: str) -> None:
    with pytest.raises(CannotEstimate) as refusal:
        interrupted_series(times, [1.0, 2, 4, 3, 5, 7], start)
    assert refusal.value.reason_key == reason


# logit


def test_one_attribute_by_hand() -> None:
    # 30 of 40 won with it, 10 of 40 without: log odds ratio log 9
    won, x = [1] * 30 + [0] * 10 + [1] * 10 + [0] * 30, [1.0] * 40 + [0.0] * 40
    fit = logit(won, pd.DataFrame({"x": x}))
    assert fit.coefficients["coefficient"].tolist() == pytest.approx([math.log(1 / 3), math.log(9)])
    assert fit.coefficients["standard_error"].iloc[1] == pytest.approx(
        math.sqrt(1 / 30 + 1 / 10 + 1 / 10 + 1 / 30)
    )
    chance = fit.predict(pd.DataFrame({"x": [1.0, 0.0]}))
    assert chance["probability"].tolist() == pytest.approx([0.75, 0.25])
    assert (chance["low"] < chance["probability"]).all()


def test_logit_agrees_with_statsmodels_and_ignores_units() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(6)
    table = pd.DataFrame({"a": rng.normal(5e4, 2e4, 300), "b": rng.integers(0, 2, 300).astype(float)})
    won, owner = (rng.random(300) < 0.4).astype(float), rng.integers(0, 20, 300)
    fit = logit(won, table, clusters=owner)
    other = sm.Logit(won, sm.add_constant(table)).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": owner, "use_correction": False}
    )
    assert fit.coefficients["coefficient"].to_numpy() == pytest.approx(other.params.to_numpy(), rel=1e-5)
    assert fit.coefficients["standard_error"].to_numpy() == pytest.approx(
        other.bse.to_numpy() * math.sqrt(20 / 19), rel=1e-4
    )
    assert fit.clusters == 20
    scaled = logit(won, table / [1000, 1])
    assert scaled.coefficients["p_value"].tolist() == pytest.approx(
        logit(won, table).coefficients["p_value"].tolist()
    )


def test_logit_refuses() -> None:
    x = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6]})
    plane = pd.DataFrame({"a": [0.0, 1, 2, 3, 0, 1, 2, 3], "b": [0.5, 1.4, 2.6, 3.5, -0.5, 0.6, 1.4, 2.5]})
    cases = [
        ([1, 0, 1, 0, 1, 1], x.assign(y=2.0), "collinear"),
        ([1, 0, 1, 0, 1, 1], x.assign(y=2 * x["x"]), "collinear"),
        ([0, 0, 0, 1, 1, 1], x, "separation"),
        ([1, 1, 1, 1, 1, 1], x, "no_variation"),
        ([1, 0, None, 1, 0, 1], x, "missing_values"),
        ([1, 1, 1, 1, 0, 0, 0, 0], plane, "separation"),
        ([], x.head(0), "no_observations"),
        ([1, 0], x.head(2), "too_few_observations"),
    ]
    for outcome, columns, reason in cases:
        with pytest.raises(CannotEstimate) as refusal:
            logit(outcome, columns)
        assert refusal.value.reason_key == reason
