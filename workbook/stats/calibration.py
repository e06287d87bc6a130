"""Do predicted probabilities come true? Slope, mean, curve and Brier score.

Slope: logistic regression of the outcome on the log odds of the prediction (Cox 1958; Van Calster et al. 2019); below 1
the predictions are too extreme, above 1 too timid. Mean: observed minus predicted share. Brier 1950.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_codes, as_floats, t_quantile
from workbook.stats.clusters import interval_dof
from workbook.stats.discrimination import Clusterings
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import Interval, check_level
from workbook.stats.logit import logit

SMALLEST = 1e-6  # a probability of 0 or 1 has no log odds


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How predictions came true.

    slope, intercept: of observed on predicted log odds, (1, 0) is perfect; NaN with their intervals where not to be had, and
    then `reason` says why. observed, predicted: mean shares. gap: observed − predicted, with its interval. brier: mean
    squared error. brier_reference: that of one constant probability. gain: reference − own, with interval; above zero is
    better than the constant. n, events: cases and successes.
    """

    slope: float
    slope_interval: Interval
    intercept: float
    intercept_interval: Interval
    observed: float
    predicted: float
    gap: float
    gap_interval: Interval
    brier: float
    brier_reference: float
    gain: float
    gain_interval: Interval
    n: int
    events: int
    reason: str | None = None


def calibration(
    outcome: Any, probability: Any, reference: float, clusters: Clusterings | None = None, level: float = 0.95
) -> Calibration:
    """Compare predicted `probability` with `outcome` (1/0), one element per case.

    reference: the constant probability to beat (the share among the cases the score was fitted on). clusters: labels per
    clustering; each interval is the widest. Raises `ValueError` for missing values, probabilities outside 0-1 or no case.
    """
    check_level(level)
    y, p = as_floats(outcome), as_floats(probability)
    if len(y) != len(p) or not len(y):
        raise ValueError(f"{len(y)} outcomes for {len(p)} probabilities")
    if not (np.isin(y, (0.0, 1.0)).all() and bool(((p >= 0) & (p <= 1)).all())):
        raise ValueError("outcomes must be 0/1 and probabilities lie between 0 and 1")
    line, reason = _line(y, p, clusters, level)
    own, constant = (p - y) ** 2, (reference - y) ** 2
    return Calibration(
        slope=line[0], slope_interval=line[1], intercept=line[2], intercept_interval=line[3],
        observed=float(y.mean()), predicted=float(p.mean()), gap=float((y - p).mean()), gap_interval=_mean_interval(y - p, clusters, level),
        brier=float(own.mean()), brier_reference=float(constant.mean()), gain=float((constant - own).mean()),
        gain_interval=_mean_interval(constant - own, clusters, level), n=len(y), events=int(y.sum()), reason=reason,
    )  # fmt: skip


def _line(
    y: FloatArray, p: FloatArray, clusters: Clusterings | None, level: float
) -> tuple[tuple[float, Interval, float, Interval], str | None]:
    """Return slope and intercept, each with the widest interval over the clusterings."""
    bounded = np.clip(p, SMALLEST, 1 - SMALLEST)
    column = pd.DataFrame({"log_odds": np.log(bounded / (1 - bounded))})
    none = Interval(low=math.nan, high=math.nan, level=level)
    try:
        fits = [logit(y, column, None, level)]
        fits += [logit(y, column, labels, level) for labels in (clusters or {}).values() if 2 <= as_codes(labels)[1] < len(y)]
    except CannotEstimate as error:
        return (math.nan, none, math.nan, none), error.reason_key
    slope, intercept = (_widest([_row(fit.coefficients, name) for fit in fits], level) for name in ("log_odds", "intercept"))
    return (*slope, *intercept), None


def _row(coefficients: pd.DataFrame, name: str) -> FloatArray:
    found = coefficients.loc[coefficients["name"] == name, ["coefficient", "low", "high"]].iloc[0]
    return as_floats(found)


def _widest(rows: list[FloatArray], level: float) -> tuple[float, Interval]:
    value, low, high = max(rows, key=lambda row: float(row[2] - row[1]))
    return float(value), Interval(low=float(low), high=float(high), level=level)


def _mean_interval(values: FloatArray, clusters: Clusterings | None, level: float) -> Interval:
    """Interval of a mean: normal, or t on the clusters where that is wider."""
    n, middle = len(values), float(values.mean())
    if n < 2:
        return Interval(low=math.nan, high=math.nan, level=level)
    halves = [t_quantile(0.5 + level / 2, n - 1) * float(values.std(ddof=1)) / math.sqrt(n)]
    for labels in (clusters or {}).values():
        codes, count = as_codes(labels)
        if 2 <= count < n:
            sums = np.bincount(codes, weights=values - middle, minlength=count)
            dof = interval_dof(np.bincount(codes, minlength=count).astype(np.float64))
            halves.append(t_quantile(0.5 + level / 2, dof) * math.sqrt(count / (count - 1) * float(sums @ sums)) / n)
    return Interval(low=middle - max(halves), high=middle + max(halves), level=level)
