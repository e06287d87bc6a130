"""Do durations differ between groups, and by what factor does the rate of the event change?"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbook.stats.arrays import (
    FloatArray,
    as_codes,
    as_floats,
    chi2_tail,
    normal_quantile,
    t_quantile,
    two_sided_t,
)
from workbook.stats.clusters import FEW_CLUSTERS
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level
from workbook.stats.significance import Significance
from workbook.stats.survival import DurationCounts

Weight = Literal["logrank", "gehan", "tarone_ware", "peto"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoxFit:
    """Proportional hazards model.

    coefficients: one row per explanatory column: name, coefficient (log hazard ratio), standard_error, low,
    high, hazard_ratio, hazard_ratio_low, hazard_ratio_high, p_value. n: rows. event_count: events. clusters:
    number of clusters or None. few_clusters: fewer than ten. log_likelihood: partial. level: confidence.
    ties: "breslow".
    """

    coefficients: pd.DataFrame
    n: int
    event_count: int
    clusters: int | None
    few_clusters: bool
    log_likelihood: float
    level: float
    ties: str = "breslow"


def compare_survival(
    groups: Mapping[Any, DurationCounts], weight: Weight = "logrank", event: Hashable | None = None
) -> Significance:
    """Test that all groups have the same survival curve. One `DurationCounts` per group.

    Weights: "logrank" 1 (Mantel 1966), "gehan" number at risk (Gehan-Wilcoxon 1965), "tarone_ware" its root,
    "peto" pooled survival. Chi-square with groups - 1 degrees of freedom; groups without cases are ignored.
    Fewer than two groups or no events: NaN with reason.
    """
    filled = [group for group in groups.values() if group.n > 0]
    n = sum(group.n for group in filled)
    if len(filled) < 2:
        return Significance(
            statistic=math.nan, dof=math.nan, p_value=math.nan, method=weight, n=n, reason="one_group"
        )
    times = np.unique(np.concatenate([group.duration for group in filled]))
    events = np.array([_spread(g.duration, g.of(event), times) for g in filled])
    leaving = np.array([_spread(g.duration, g.events.sum(axis=1) + g.censored, times) for g in filled])
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    gap, covariance = _observed_minus_expected(events, at_risk, weight)
    if not events.sum() > 0 or not np.diag(covariance).max() > 0:
        return Significance(
            statistic=math.nan, dof=math.nan, p_value=math.nan, method=weight, n=n, reason="no_events"
        )
    dof = float(np.linalg.matrix_rank(covariance, hermitian=True))
    statistic = float(gap @ np.linalg.pinv(covariance, hermitian=True) @ gap)
    return Significance(statistic=statistic, dof=dof, p_value=chi2_tail(statistic, dof), method=weight, n=n)


def cox(
    duration: Any, event: Any, columns: pd.DataFrame, clusters: Any | None = None, level: float = 0.95
) -> CoxFit:
    """Fit proportional hazards, Breslow ties. Row i of duration, event (True = seen) and `columns` is one
    case.

    `columns` must be numeric; rows are matched by position, labels do not matter. With `clusters` (one label
    per row) the standard errors are robust (Lin & Wei 1989) with a t quantile of clusters - 1. Raises
    `CannotEstimate`: missing_values, no_events, collinear, separation (a coefficient runs off to infinity),
    one_cluster.
    """
    check_level(level)
    time, seen, design = as_floats(duration), as_floats(event), columns.to_numpy(dtype="float64")
    _check_cox_input(time, seen, design)
    groups, cluster_count = (None, None) if clusters is None else as_codes(clusters)
    if cluster_count == 1:
        raise CannotEstimate("one_cluster")
    scale = design.std(axis=0)
    fit = _fit_phreg(time, seen, (design - design.mean(axis=0)) / scale, groups)
    beta, error = np.asarray(fit.params) / scale, np.asarray(fit.bse) / scale
    if not np.isfinite(error).all() or bool((np.maximum(np.abs(beta), error) * scale > 15).any()):
        raise CannotEstimate("separation", f"columns {list(columns.columns)}")
    dof = math.inf if cluster_count is None else float(cluster_count - 1)
    if cluster_count is not None:
        error = error * math.sqrt(cluster_count / (cluster_count - 1))
    return CoxFit(
        coefficients=_coefficient_table(columns.columns, beta, error, (level, dof)),
        n=len(time),
        event_count=int(seen.sum()),
        clusters=cluster_count,
        few_clusters=cluster_count is not None and cluster_count < FEW_CLUSTERS,
        log_likelihood=float(fit.llf),
        level=level,
    )


def _spread(duration: FloatArray, values: FloatArray, times: FloatArray) -> FloatArray:
    out = np.zeros(len(times))
    out[np.searchsorted(times, duration)] = values
    return out


def _observed_minus_expected(
    events: FloatArray, at_risk: FloatArray, weight: Weight
) -> tuple[FloatArray, FloatArray]:
    """Weighted observed minus expected events per group and their hypergeometric covariance."""
    total, risk = events.sum(axis=0), at_risk.sum(axis=0)
    survival = np.cumprod(1 - total / risk)
    weights = {"logrank": np.ones_like(risk), "gehan": risk, "tarone_ware": np.sqrt(risk),
               "peto": np.concatenate([[1.0], survival[:-1]])}[weight]  # fmt: skip
    share = at_risk / risk
    gap = (weights * (events - total * share)).sum(axis=1)
    spread = weights**2 * total * np.divide(risk - total, risk - 1, out=np.zeros_like(risk), where=risk > 1)
    covariance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    return gap, covariance


def _check_cox_input(time: FloatArray, seen: FloatArray, design: FloatArray) -> None:
    if not len(time) == len(seen) == len(design):
        raise ValueError("duration, event and columns differ in length")
    if len(time) == 0:
        raise CannotEstimate("no_observations")
    if not all(np.isfinite(part).all() for part in (time, seen, design)):
        raise CannotEstimate("missing_values")
    if seen.sum() == 0:
        raise CannotEstimate("no_events")
    centred = design - design.mean(axis=0)
    if (
        design.shape[1] == 0
        or np.linalg.matrix_rank(centred / np.maximum(np.abs(centred).max(axis=0), 1e-300)) < design.shape[1]
    ):
        raise CannotEstimate("collinear")


def _fit_phreg(time: FloatArray, seen: FloatArray, design: FloatArray, groups: Any | None) -> Any:
    import warnings

    from statsmodels.duration.hazard_regression import PHReg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return PHReg(time, design, status=seen, ties="breslow").fit(groups=groups)
        except (np.linalg.LinAlgError, FloatingPointError) as error:
            raise CannotEstimate("not_converged", str(error)) from error


def _coefficient_table(
    names: Any, beta: FloatArray, error: FloatArray, spread: tuple[float, float]
) -> pd.DataFrame:
    level, dof = spread
    critical = normal_quantile(0.5 + level / 2) if math.isinf(dof) else t_quantile(0.5 + level / 2, dof)
    low, high = beta - critical * error, beta + critical * error
    p_values = [two_sided_t(float(b / e), dof) for b, e in zip(beta, error, strict=True)]
    return pd.DataFrame(
        {
            "name": [str(name) for name in names],
            "coefficient": beta,
            "standard_error": error,
            "low": low,
            "high": high,
            "hazard_ratio": np.exp(beta),
            "hazard_ratio_low": np.exp(low),
            "hazard_ratio_high": np.exp(high),
            "p_value": p_values,
        }
    )
