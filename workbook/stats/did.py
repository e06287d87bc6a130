"""Difference in differences: treated against untreated units, before against after one date."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_codes, as_floats, t_quantile, two_sided_t
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level

FEW_UNITS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DidFit:
    """Difference of the differences, in the unit of the outcome.

    value: effect. low, high: interval. level: confidence. standard_error: clustered by unit. p_value:
    two-sided, of no effect. dof: degrees of freedom of the t quantile. means: one row
    per is_treated x is_after: mean, n (rows). treated_count, control_count: units. method: "welch" (unequal
    variances) or "one_unit" (one treated unit, its spread borrowed from the controls). few_clusters: fewer than ten
    units on one side. dropped_count: units left out as incomplete.
    """

    value: float
    low: float
    high: float
    level: float
    standard_error: float
    p_value: float
    dof: float
    means: pd.DataFrame
    treated_count: int
    control_count: int
    method: str
    few_clusters: bool
    dropped_count: int = 0


def two_by_two(
    outcome: Any, treated: Any, after: Any, unit: Any, *, balanced: bool = False, level: float = 0.95
) -> DidFit:
    """Compare the change of the mean of treated and untreated units. One row per observation, any order.

    `treated`, `after`: True / False per row; rows with a missing outcome are left out. `balanced` keeps only
    units seen before and after. Standard error: clustered by unit, each side with its own variance; for a
    balanced panel this is the unequal-variance error of the difference of mean changes. t quantile with
    Welch's degrees of freedom, so few units give a wide interval. One treated unit: variance of the controls.
    Raises `CannotEstimate`: no_treated_units, no_control_units, no_pre_period, no_post_period,
    unit_in_two_groups, too_few_observations.
    """
    check_level(level)
    rows = _rows(outcome, treated, after, unit)
    given = rows["unit"].nunique()
    if balanced:
        rows = rows[rows.groupby("unit")["is_after"].transform("nunique") == 2]
    means = _means(rows)
    _require_cells(means)
    mean = means.set_index(["is_treated", "is_after"])["mean"]
    value = float(mean[True, True] - mean[True, False] - mean[False, True] + mean[False, False])
    psi = {flag: _unit_influence(rows[rows["is_treated"] == flag]) for flag in (True, False)}
    error, dof, method = _welch(psi[True], psi[False])
    half = t_quantile(0.5 + level / 2, dof) * error
    return DidFit(
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        standard_error=error,
        means=means,
        dof=dof,
        p_value=two_sided_t(value / error if error > 0 else math.nan, dof),
        treated_count=len(psi[True]),
        control_count=len(psi[False]),
        method=method,
        few_clusters=min(len(psi[True]), len(psi[False])) < FEW_UNITS,
        dropped_count=int(given - rows["unit"].nunique()),
    )


def _rows(outcome: Any, treated: Any, after: Any, unit: Any) -> pd.DataFrame:
    y, group, period, codes = as_floats(outcome), as_floats(treated), as_floats(after), as_codes(unit)[0]
    if len({len(y), len(group), len(period), len(codes)}) != 1:
        raise ValueError("outcome, treated, after and unit differ in length")
    if np.isnan(group).any() or np.isnan(period).any():
        raise ValueError("treated and after must be known for every row")
    rows = pd.DataFrame({"y": y, "is_treated": group > 0, "is_after": period > 0, "unit": codes}).dropna(
        subset=["y"]
    )
    if bool((rows.groupby("unit")["is_treated"].nunique() > 1).any()):
        raise CannotEstimate("unit_in_two_groups")
    return rows


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    return (
        rows.groupby(["is_treated", "is_after"])["y"]
        .agg(["mean", "size"])
        .reset_index()
        .rename(columns={"size": "n"})
    )


def _require_cells(means: pd.DataFrame) -> None:
    seen = set(zip(means["is_treated"], means["is_after"], strict=True))
    for flag, reason in ((True, "no_treated_units"), (False, "no_control_units")):
        if not {(flag, False), (flag, True)} & seen:
            raise CannotEstimate(reason)
        for period, missing in ((False, "no_pre_period"), (True, "no_post_period")):
            if (flag, period) not in seen:
                raise CannotEstimate(missing, "treated" if flag else "untreated")


def _unit_influence(rows: pd.DataFrame) -> FloatArray:
    """What each unit adds to the change of its side's mean; one element per unit, sum 0."""
    size = rows.groupby("is_after")["y"].transform("size")
    centre = rows.groupby("is_after")["y"].transform("mean")
    sign = np.where(rows["is_after"], 1.0, -1.0)
    return np.asarray(((rows["y"] - centre) / size * sign).groupby(rows["unit"]).sum(), dtype=np.float64)


def _welch(treated: FloatArray, control: FloatArray) -> tuple[float, float, str]:
    sizes = len(treated), len(control)
    if sizes[1] < 2:
        raise CannotEstimate("too_few_observations", "one untreated unit")
    other = float(control @ control) * sizes[1] / (sizes[1] - 1)
    if sizes[0] < 2:
        return math.sqrt(other * sizes[1] + other), float(sizes[1] - 1), "one_unit"
    own = float(treated @ treated) * sizes[0] / (sizes[0] - 1)
    total = own + other
    spent = own**2 / (sizes[0] - 1) + other**2 / (sizes[1] - 1)
    return math.sqrt(total), total**2 / spent if spent > 0 else 1.0, "welch"
