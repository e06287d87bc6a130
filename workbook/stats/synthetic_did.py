"""Synthetic difference in differences for one treated unit (Arkhangelsky, Athey, Hirshberg, Imbens & Wager 2021).

Weights of the untreated units and of the periods before treatment, both by diff-diff, then a difference in differences with them. The
error is that of placebos: every untreated unit takes the treated one's place, and its pseudo-effect is measured in the errors that
its number of cases lets expect (Ferman & Pinto 2019), so that a small treated unit is not judged by large ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, t_quantile, two_sided_t
from workbook.stats.panel import Panel
from workbook.stats.synthetic_control import split

Before = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticDidFit:
    """value, low, high, standard_error, dof, p_value of the mean effect. plain: the unweighted difference in differences.

    unit_weights: of the untreated units, in panel order; time_weights: of the periods before. placebos: pseudo-effect per untreated
    unit, in its place. placebo_p: share of units whose effect, in its expected errors, is at least as large.
    """

    value: float
    low: float
    high: float
    standard_error: float
    dof: float
    p_value: float
    plain: float
    unit_weights: FloatArray
    time_weights: FloatArray
    placebos: FloatArray
    placebo_p: float
    level: float


def synthetic_did(panel: Panel, weight: FloatArray | None = None, level: float = 0.95) -> SyntheticDidFit:
    """Estimate the effect on the one treated unit. weight: cases behind each cell, units x periods; equal where not given.

    t with one degree of freedom less than untreated units. Raises `CannotEstimate`: see `synthetic_control.split`.
    """
    before, treated, donors = split(panel)
    is_treated = np.isfinite(panel.cohort)
    cases = np.ones_like(panel.outcome) if weight is None else np.asarray(weight, dtype=np.float64)
    own, others = cases[is_treated][0], cases[~is_treated]
    value, omega, lam = _effect(treated, donors, before)
    error = _expected_error(own, others, omega, lam, before)
    placebos, ratios = [], []
    for j in range(len(donors)):
        rest = np.arange(len(donors)) != j
        effect, w, v = _effect(donors[j], donors[rest], before)
        placebos.append(effect)
        ratios.append(effect / _expected_error(others[j], others[rest], w, v, before))
    spread = error * math.sqrt(float(np.mean(np.square(ratios))))
    dof, size = float(len(donors) - 1), abs(value) / error
    half = t_quantile(0.5 + level / 2, dof) * spread
    even = np.full(len(donors), 1 / len(donors)), np.full(int(before.sum()), 1 / before.sum())
    return SyntheticDidFit(
        value=value, low=value - half, high=value + half, standard_error=spread, dof=dof,
        p_value=two_sided_t(value / spread if spread > 0 else math.nan, dof), plain=_contrast(treated, donors, before, even),
        unit_weights=omega, time_weights=lam, placebos=np.array(placebos),
        placebo_p=float((1 + (np.abs(ratios) >= size * (1 - 1e-9)).sum()) / (1 + len(donors))), level=level,
    )  # fmt: skip


def _effect(treated: FloatArray, donors: FloatArray, before: Before) -> tuple[float, FloatArray, FloatArray]:
    """Estimate with the weights and penalties of the paper (its equations 4 to 6)."""
    from diff_diff.utils import compute_sdid_unit_weights, compute_time_weights

    pre, post = donors[:, before].T, donors[:, ~before].T
    noise = float(np.diff(pre, axis=0).std(ddof=1)) if pre.size > 2 else 0.0
    if not noise > 0:
        even = np.full(len(donors), 1 / len(donors)), np.full(len(pre), 1 / len(pre))
        return _contrast(treated, donors, before, even), *even
    tolerance = 1e-5 * noise
    omega = np.asarray(compute_sdid_unit_weights(pre, treated[before], len(post) ** 0.25 * noise, min_decrease=tolerance))
    lam = np.asarray(compute_time_weights(pre, post, 1e-6 * noise, min_decrease=tolerance))
    return _contrast(treated, donors, before, (omega, lam)), omega, lam


def _contrast(treated: FloatArray, donors: FloatArray, before: Before, weights: tuple[FloatArray, FloatArray]) -> float:
    omega, lam = weights
    change = donors[:, ~before].mean(axis=1) - donors[:, before] @ lam
    return float(treated[~before].mean() - treated[before] @ lam - omega @ change)


def _expected_error(own: FloatArray, others: FloatArray, omega: FloatArray, lam: FloatArray, before: Before) -> float:
    """Return the error where each cell's variance is 1 / its cases."""
    sides = np.where(before, 0.0, 1.0 / max(int((~before).sum()), 1))
    sides[before] = lam
    return math.sqrt(float((sides**2 / own).sum() + omega**2 @ (sides**2 / others).sum(axis=1)))
