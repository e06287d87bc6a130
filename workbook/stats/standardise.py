"""What a fitted logistic regression says about groups: average predicted rates for one common mix, and contrasts.

Marginal standardisation (g-computation): everybody is given the same value of one variable, the predicted probabilities
are averaged over the cases as they are. Standard errors by the delta method from the fit's covariance. Lane & Nelder
1982; Muller & MacLehose 2014.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, t_quantile, two_sided_t
from workbook.stats.logit import LogitFit


def standardised_rates(fit: LogitFit, columns: pd.DataFrame, scenarios: Mapping[Any, Mapping[str, float]]) -> pd.DataFrame:
    """Average predicted probability over the rows of `columns` under each scenario (column → value for all rows).

    One row per scenario, in order: scenario, rate, low, high (0-1; interval on the logit scale, t quantile of the fit).
    Raises `KeyError` on a column that the fit does not have.
    """
    names = list(fit.coefficients["name"].iloc[1:])
    beta = fit.coefficients["coefficient"].to_numpy()
    critical = t_quantile(0.5 + fit.level / 2, fit.dof)
    rows = []
    for scenario, values in scenarios.items():
        unknown = set(values) - set(names)
        if unknown:
            raise KeyError(f"the fit has no column {sorted(unknown)}")
        fixed = columns[names].assign(**dict(values))
        design = np.column_stack([np.ones(len(fixed)), fixed.to_numpy(dtype="float64")])
        rows.append((scenario, *_average(design, beta, fit.covariance, critical)))
    return pd.DataFrame(rows, columns=["scenario", "rate", "low", "high"])


def _average(design: FloatArray, beta: FloatArray, covariance: FloatArray, critical: float) -> tuple[float, float, float]:
    p = 0.5 * (1 + np.tanh(design @ beta / 2))
    rate = float(p.mean())
    gradient = (design * (p * (1 - p))[:, None]).mean(axis=0)
    spread = rate * (1 - rate)
    if spread <= 0:
        return rate, rate, rate
    error = math.sqrt(max(float(gradient @ covariance @ gradient), 0.0)) / spread
    centre = math.log(rate / (1 - rate))
    ends = [1 / (1 + math.exp(-(centre + sign * critical * error))) for sign in (-1, 1)]
    return rate, ends[0], ends[1]


def contrast(fit: LogitFit, weights: Mapping[str, float]) -> tuple[float, float, float, float]:
    """Weighted sum of coefficients (log odds): estimate, low, high, two-sided p-value. Raises `KeyError` on an unknown name."""
    names = list(fit.coefficients["name"])
    unknown = set(weights) - set(names)
    if unknown:
        raise KeyError(f"the fit has no coefficient {sorted(unknown)}")
    w = np.array([float(weights.get(name, 0.0)) for name in names])
    value, error = float(w @ fit.coefficients["coefficient"].to_numpy()), math.sqrt(max(float(w @ fit.covariance @ w), 0.0))
    half = t_quantile(0.5 + fit.level / 2, fit.dof) * error
    return value, value - half, value + half, two_sided_t(value / error if error else math.nan, fit.dof)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a step of one variable goes with, averaged over the cases.

    difference, difference_low, difference_high: of the average rate. log_ratio, log_ratio_low, log_ratio_high: log of the new
    average rate over the old one. p_value: of the coefficient. start, end: average rate before and after.
    """

    difference: float
    difference_low: float
    difference_high: float
    log_ratio: float
    log_ratio_low: float
    log_ratio_high: float
    p_value: float
    start: float
    end: float


def standardised_change(fit: LogitFit, columns: pd.DataFrame, name: str, step: float) -> Change:
    """Average predicted rate if `name` were higher by `step` in every row, against the rows as they are. Delta method."""
    names = list(fit.coefficients["name"].iloc[1:])
    beta = fit.coefficients["coefficient"].to_numpy()
    before, after = (np.column_stack([np.ones(len(columns)), columns[names].to_numpy(dtype="float64")]) for _ in range(2))
    after[:, 1 + names.index(name)] += step
    p, q = (0.5 * (1 + np.tanh(design @ beta / 2)) for design in (before, after))
    start, end = float(p.mean()), float(q.mean())
    pull, push = ((design * (chance * (1 - chance))[:, None]).mean(axis=0) for design, chance in ((before, p), (after, q)))
    critical = t_quantile(0.5 + fit.level / 2, fit.dof)
    ends = []
    for value, gradient in ((end - start, push - pull), (math.log(end / start), push / end - pull / start)):
        half = critical * math.sqrt(max(float(gradient @ fit.covariance @ gradient), 0.0))
        ends.append((value, value - half, value + half))
    p_value = float(fit.coefficients.loc[fit.coefficients["name"] == name, "p_value"].iloc[0])
    return Change(
        difference=ends[0][0], difference_low=ends[0][1], difference_high=ends[0][2], log_ratio=ends[1][0], log_ratio_low=ends[1][1],
        log_ratio_high=ends[1][2], p_value=p_value, start=start, end=end,
    )  # fmt: skip
