"""What one treated unit would have shown: a weighted mean of untreated units (Abadie, Diamond & Hainmueller 2010).

Weights are non-negative, sum to 1 and make the mean resemble the treated unit before treatment (diff-diff). The judgement is by
placebo: every untreated unit takes the treated one's place in turn.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray
from workbook.stats.errors import CannotEstimate
from workbook.stats.panel import Panel

MIN_DONORS = 3
MIN_BEFORE = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticFit:
    """value: mean gap after treatment. path: one row per time: time, treated, synthetic. weights: one per untreated unit, in the
    order of the panel. fit_error: root mean square gap before treatment. placebo_p: share of units (the treated one included) whose gap
    after, relative to the one before, is at least as large.
    """

    value: float
    path: pd.DataFrame
    weights: FloatArray
    fit_error: float
    placebo_p: float


def synthetic_control(panel: Panel) -> SyntheticFit:
    """Compare the one treated unit with its synthetic control, matched on all outcomes before treatment.

    Raises `CannotEstimate`: see `split`.
    """
    before, treated, donors = split(panel)
    gaps = [_gap(np.vstack([donors, treated[None]]), before)]
    gaps += [_gap(np.roll(donors, -k, axis=0), before) for k in range(1, len(donors) + 1)]  # each donor last in turn
    ratios = np.array([_rms(gap[~before]) / max(_rms(gap[before]), 1e-12) for gap, _ in gaps])
    gap, weights = gaps[0]
    path = pd.DataFrame({"time": panel.times, "treated": treated, "synthetic": treated - gap})
    return SyntheticFit(value=float(gap[~before].mean()), path=path, weights=weights, fit_error=_rms(gap[before]),
                        placebo_p=float((ratios >= ratios[0] * (1 - 1e-9)).mean()))  # fmt: skip


def split(panel: Panel) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], FloatArray, FloatArray]:
    """Return which times lie before treatment, the treated unit's outcomes and the untreated units'.

    Raises `CannotEstimate`: too_few_observations (not exactly one treated unit, fewer than three untreated ones or than three
    periods before).
    """
    treated = np.isfinite(panel.cohort)
    if int(treated.sum()) != 1:
        raise CannotEstimate("too_few_observations", f"{int(treated.sum())} treated units, one is needed")
    before = panel.times < panel.cohort[treated][0]
    if int((~treated).sum()) < MIN_DONORS:
        raise CannotEstimate("no_control_units", f"{int((~treated).sum())} untreated units")
    if int(before.sum()) < MIN_BEFORE:
        raise CannotEstimate("no_pre_period", f"{int(before.sum())} periods before")
    return before, panel.outcome[treated][0], panel.outcome[~treated]


def balance(predictors: pd.DataFrame, weights: pd.Series, treated: Any) -> pd.DataFrame:
    """Compare predictors. predictors: one row per unit, one column each. weights: unit → weight, sum 1.

    One row per predictor: treated, synthetic (weighted mean of the units with a weight), donors_mean (plain mean of all others).
    """
    others = predictors.drop(index=treated)
    return pd.DataFrame({
        "treated": predictors.loc[treated], "synthetic": predictors.loc[weights.index].mul(weights, axis=0).sum() / float(weights.sum()),
        "donors_mean": others.mean(),
    })  # fmt: skip


def _gap(outcome: FloatArray, before: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[FloatArray, FloatArray]:
    """Return the last row's gap to its synthetic control from the other rows, and their weights."""
    from diff_diff import SyntheticControl

    units, periods = outcome.shape
    rows = pd.DataFrame({"unit": np.repeat(np.arange(units), periods), "time": np.tile(np.arange(periods), units), "y": outcome.ravel()})
    rows["treated"] = ((rows["unit"] == units - 1) & ~np.tile(before, units)).astype(int)
    pre = int(before.sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = SyntheticControl(v_method="custom", custom_v=np.ones(pre), standardize="none").fit(
                rows, outcome="y", treatment="treated", unit="unit", time="time", post_periods=list(range(pre, periods)),
                pre_period_outcomes="all",
            )  # fmt: skip
        except (ValueError, np.linalg.LinAlgError) as error:
            raise CannotEstimate("model_failed", str(error)) from error
    weights = pd.Series(fit.donor_weights, dtype=float).reindex(range(units - 1)).fillna(0.0).to_numpy(dtype="float64")
    return outcome[-1] - weights @ outcome[:-1], weights


def _rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(values**2)))
