"""Imputation from untreated cells, its jackknife, the synthetic designs and honest sensitivity: by hand, outside, degenerate."""

import warnings

import numpy as np
import pandas as pd
import pytest

from tests.stats.test_designs import make_panel
from workbook.stats.autoregressive import contrast_interval
from workbook.stats.errors import CannotEstimate
from workbook.stats.imputation import averaged, impute, moved_back, trend_before
from workbook.stats.panel import CellPanel, Panel, build_cells
from workbook.stats.sensitivity import moves_before, reach_of, sensitivity
from workbook.stats.synthetic_control import balance, synthetic_control
from workbook.stats.synthetic_did import synthetic_did


def cells(rows: pd.DataFrame) -> CellPanel:
    named = rows.rename(columns={"year": "time", "y": "outcome"})
    return build_cells(named if "weight" in named else named.assign(weight=1.0))


def small(*values: tuple[float, ...], first: tuple[float, ...], weight: float = 1.0) -> CellPanel:
    outcome = np.array(values, dtype=float)
    return CellPanel(outcome=outcome, weight=np.full_like(outcome, weight), exposure=np.ones_like(outcome),
                     times=np.arange(outcome.shape[1]).astype(float), cohort=np.array(first), units=tuple(range(len(first))))  # fmt: skip


def test_two_groups_by_hand() -> None:
    never = np.inf
    panel = small((1, 3, 9), (2, 2, 8), (0, 2, 3), (4, 4, 5), first=(2, 2, never, never))
    fit = impute(panel)
    # change from the mean of both periods before: treated 7 and 6, untreated 2 and 1
    assert fit.average.estimate == pytest.approx(6.5 - 1.5)
    assert sorted(fit.average.without) == pytest.approx([4.5, 4.5, 5.5, 5.5])
    assert (fit.treated_count, fit.control_count, fit.cells_count, fit.left_out_count) == (2, 2, 12, 0)


def test_equal_groups_have_the_error_and_degrees_of_freedom_of_a_two_sample_t_test() -> None:
    rng = np.random.default_rng(2)
    outcome = rng.normal(size=(10, 2))
    panel = small(*map(tuple, outcome), first=(1,) * 5 + (np.inf,) * 5)
    change = outcome[:, 1] - outcome[:, 0]
    error = np.sqrt(change[:5].var(ddof=1) / 5 + change[5:].var(ddof=1) / 5)
    fit = impute(panel).average
    assert fit.standard_error == pytest.approx(error)
    assert fit.dof == pytest.approx(8)


def test_the_estimate_agrees_with_diff_diff() -> None:
    from diff_diff import ImputationDiD

    rows = make_panel(30)
    fit = impute(cells(rows))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = ImputationDiD().fit(rows.fillna({"cohort": 0}), outcome="y", unit="unit", time="year", first_treat="cohort")
    assert fit.average.estimate == pytest.approx(other.att)
    assert fit.average.standard_error == pytest.approx(other.se, rel=0.35)  # theirs is asymptotic


def test_order_labels_and_scale_do_not_matter() -> None:
    rows = make_panel(15)
    one = impute(cells(rows))
    mixed = rows.sample(frac=1, random_state=1).assign(unit=lambda t: t["unit"].map(lambda u: f"{97 - u} {{x}}"), y=lambda t: 1000 * t["y"])
    two = impute(cells(mixed))
    assert two.average.span(0.9) == pytest.approx([1000 * end for end in one.average.span(0.9)])
    assert two.event_study["estimate"].to_numpy() == pytest.approx(1000 * one.event_study["estimate"].to_numpy())


def test_a_gap_is_no_obstacle_and_an_unmatched_period_is_left_out() -> None:
    rows = make_panel(15)
    fit = impute(cells(rows[~((rows["unit"] == 0) & (rows["year"] == 2016))]))
    assert np.isfinite(fit.average.standard_error)
    all_adopt = rows[rows["cohort"].notna()]
    late = impute(cells(all_adopt))
    assert late.left_out_count == int((all_adopt["year"] >= 2019).sum())


def test_totals_multiply() -> None:
    outcome = np.outer([10, 20, 30, 5], [1.0, 2.0, 3.0])
    outcome[:2, 2] *= 1.5
    panel = small(*map(tuple, outcome), first=(2, 2, np.inf, np.inf))
    fit = impute(panel, "ratio")
    assert np.exp(fit.average.estimate) == pytest.approx(1.5)
    with_zero = outcome.copy()
    with_zero[3, 0] = 0
    assert np.isfinite(impute(small(*map(tuple, with_zero), first=(2, 2, np.inf, np.inf)), "ratio").average.estimate)


def test_totals_agree_with_a_poisson_model_of_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    outcome = rng.poisson(20, size=(6, 5)).astype(float)
    panel = small(*map(tuple, outcome), first=(3, 3, 2, np.inf, np.inf, np.inf))
    treated = panel.is_treated
    unit, time = np.divmod(np.arange(30), 5)
    design = np.column_stack([pd.get_dummies(unit).astype(float), pd.get_dummies(time).astype(float).iloc[:, 1:]])
    free = ~treated.ravel()
    fitted = sm.GLM(outcome.ravel()[free], design[free], family=sm.families.Poisson()).fit().predict(design).reshape(6, 5)
    expected = np.log(outcome[treated].sum() / fitted[treated].sum())
    assert averaged(panel, (~treated).astype(float), treated.astype(float), "ratio").estimate == pytest.approx(expected, rel=1e-6)


def test_a_drift_before_adoption_is_measured() -> None:
    never = np.inf
    panel = small((0, 2, 4, 9), (1, 3, 5, 9), (0, 0, 0, 0), (5, 5, 5, 5), first=(3, 3, never, never))
    assert trend_before(panel).estimate == pytest.approx(2.0)
    early = moved_back(panel, 1)
    placebo = averaged(early, early.weight * ~early.is_treated, early.weight * early.is_treated)
    assert placebo.estimate == pytest.approx(3.0)  # 4 and 5 against 1 and 2 before, the others stay


@pytest.mark.parametrize(
    ("first", "reason"),
    [((np.inf,) * 4, "no_post_period"), ((0, 0, np.inf, np.inf), "no_pre_period"), ((2, 2, 2, 2), "no_control_units"),
     ((2, np.inf, np.inf, np.inf), "too_few_observations"), ((2, 2, 2, np.inf), "too_few_observations")],
)  # fmt: skip
def test_imputation_refuses(first: tuple[float, ...], reason: str) -> None:
    with pytest.raises(CannotEstimate) as refusal:
        impute(small((1, 3, 9), (2, 2, 8), (0, 2, 3), (4, 4, 6), first=first))
    assert refusal.value.reason_key == reason


def test_bias_of_a_drift_by_hand() -> None:
    # one period before, two after, average of both: a drift of 1 per period biases it by (1 + 2) / 2
    influence = np.array([[-1.0, 0.5, 0.5], [1.0, -0.5, -0.5]])
    since = np.array([[-1.0, 0.0, 1.0], [np.inf] * 3])
    assert reach_of(influence, since) == pytest.approx(1.5)
    found = sensitivity(influence, since, np.array([0.2, -0.4]), (3.0, 5.0))
    assert found.breakdown == pytest.approx(3.0 / (0.4 * 1.5))
    assert sensitivity(influence, since, np.array([0.2]), (-1.0, 5.0)).breakdown == 0
    assert np.isnan(sensitivity(influence, since, np.empty(0), (1.0, 2.0)).breakdown)


def test_relative_magnitudes_agree_with_diff_diff() -> None:
    from diff_diff import HonestDiD, MultiPeriodDiD

    rows = make_panel(60)
    rows = rows[rows["cohort"].isna() | (rows["cohort"] == 2017)].assign(treated=lambda t: t["cohort"].notna().astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = MultiPeriodDiD().fit(rows, outcome="y", treatment="treated", unit="unit", time="year", post_periods=[2017, 2018, 2019, 2020], reference_period=2016)
        theirs = HonestDiD(method="relative_magnitude", M=1.0).fit(study)
    # identified set of the average over four periods: estimate ± M × largest move × (1 + 2 + 3 + 4) / 4
    move = abs(study.period_effects[2015].effect)
    assert (theirs.ub - theirs.lb) / 2 == pytest.approx(move * 2.5, rel=1e-3)
    weights = np.array([[0, -1, 0.25, 0.25, 0.25, 0.25]])
    assert reach_of(weights, np.array([[-2.0, -1, 0, 1, 2, 3]])) == pytest.approx(2.5)


def test_stretches_before_adoption_are_averaged() -> None:
    study = pd.DataFrame({"event_time": [-4, -3, -2, -1, 0], "estimate": [0.0, 2, 4, 6, 9], "cells_count": 1})
    assert moves_before(study, 2).tolist() == pytest.approx([2.0])
    assert moves_before(study, 1).tolist() == pytest.approx([2.0] * 3)


def test_a_twin_that_fits_gives_the_gap() -> None:
    rng = np.random.default_rng(3)
    donors = rng.normal(size=(5, 12)).cumsum(axis=1) + 10
    treated = 0.5 * donors[0] + 0.5 * donors[1] + np.where(np.arange(12) >= 8, 2.0, 0.0)
    panel = Panel(outcome=np.vstack([treated, donors]), times=np.arange(12.0), cohort=np.array([8.0] + [np.inf] * 5), unit_count=6, dropped={})
    assert synthetic_control(panel).value == pytest.approx(2.0, abs=0.02)
    fit = synthetic_did(panel)
    assert fit.low < fit.value < fit.high
    assert fit.unit_weights.sum() == pytest.approx(1)
    mixed = Panel(outcome=panel.outcome[::-1], times=panel.times, cohort=panel.cohort[::-1], unit_count=6, dropped={})
    assert synthetic_did(mixed).value == pytest.approx(fit.value, abs=1e-6)


def test_synthetic_designs_refuse() -> None:
    outcome = np.arange(20.0).reshape(4, 5)
    for first in ((2, 2, np.inf, np.inf), (1, np.inf, np.inf, np.inf), (np.inf,) * 4):
        panel = Panel(outcome=outcome, times=np.arange(5.0), cohort=np.array(first, dtype=float), unit_count=4, dropped={})
        with pytest.raises(CannotEstimate):
            synthetic_did(panel)


def test_balance_by_hand() -> None:
    predictors = pd.DataFrame({"x": [1.0, 2, 4, 9]}, index=list("abcd"))
    row = balance(predictors, pd.Series({"b": 0.25, "c": 0.75}), "a").loc["x"]
    assert row.tolist() == pytest.approx([1, 3.5, 5])


def test_a_contrast_without_autocorrelation_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(1)
    design, y = np.column_stack([np.ones(200), np.arange(200) >= 100]), rng.normal(size=200)
    value, low, high, error, p_value = contrast_interval(design, y, np.array([0.0, 1.0]), 0.95)
    assert value == pytest.approx(y[100:].mean() - y[:100].mean(), abs=0.05)
    assert error == pytest.approx(np.sqrt(2 / 100), rel=0.25)
    assert low < value < high and 0 < p_value <= 1
