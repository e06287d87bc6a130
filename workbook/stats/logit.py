"""Logistic regression: which attributes go with the outcome, and how likely is it for a given case?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_codes, as_floats, t_quantile, two_sided_t
from workbook.stats.clusters import FEW_CLUSTERS
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogitFit:
    """Logistic regression.

    coefficients: one row per term, "intercept" first: name, coefficient (log odds), standard_error, low,
    high, odds_ratio, odds_ratio_low, odds_ratio_high, p_value. covariance: of the coefficients, same order,
    per unit of the columns. n, success_count: rows. clusters: number or None. few_clusters: fewer than ten.
    log_likelihood, null_log_likelihood: of the model and of the intercept alone. level: confidence. dof: of
    the t quantile, infinite without clusters. few_events: fewer than ten rows of the rarer outcome per
    column, estimates are unstable.
    """

    coefficients: pd.DataFrame
    covariance: FloatArray
    n: int
    success_count: int
    clusters: int | None
    few_clusters: bool
    log_likelihood: float
    null_log_likelihood: float
    level: float
    dof: float
    few_events: bool

    def predict(self, columns: pd.DataFrame) -> pd.DataFrame:
        """Probability per row of `columns` (same column names): probability, low, high; 0-1, same order.

        Raises `KeyError` if a column is missing.
        """
        names = list(self.coefficients["name"].iloc[1:])
        design = np.column_stack([np.ones(len(columns)), columns[names].to_numpy(dtype="float64")])
        score = design @ self.coefficients["coefficient"].to_numpy()
        error = np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance, design))
        half = t_quantile(0.5 + self.level / 2, self.dof) * error
        return pd.DataFrame(
            {"probability": _expit(score), "low": _expit(score - half), "high": _expit(score + half)}
        )


def logit(outcome: Any, columns: pd.DataFrame, clusters: Any | None = None, level: float = 0.95) -> LogitFit:
    """Fit log odds of `outcome` (True/1 or False/0) on numeric `columns` plus an intercept, by maximum
    likelihood.

    One row per case, matched by position. Columns may have any unit; they are scaled inside. `clusters` (one
    label per row) gives cluster-robust errors, factor clusters / (clusters − 1), t quantile with clusters −
    1. Raises `CannotEstimate`: no_observations, missing_values, no_variation, collinear, one_cluster,
    separation (detail names the column that alone separates, or "a combination"), not_converged; `ValueError`
    for an outcome other than 0/1.
    """
    check_level(level)
    y, design = as_floats(outcome), columns.to_numpy(dtype="float64")
    _check(y, design)
    codes, cluster_count = (None, None) if clusters is None else as_codes(clusters)
    if cluster_count == 1:
        raise CannotEstimate("one_cluster")
    centre, scale = design.mean(axis=0), design.std(axis=0)
    standard = np.column_stack([np.ones(len(y)), (design - centre) / scale])
    _check_single_separation(y, standard, [str(name) for name in columns.columns])
    beta, information, likelihood = _fit(y, standard)
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    if codes is not None and cluster_count is not None:
        covariance = _sandwich(y, standard, (beta, covariance), (codes, cluster_count))
    back = np.diag(np.concatenate([[1.0], 1 / scale]))
    back[0, 1:] = -centre / scale
    dof = math.inf if cluster_count is None else float(cluster_count - 1)
    rate, rarer = float(y.mean()), min(float(y.sum()), float(len(y) - y.sum()))
    covariance = back @ covariance @ back.T
    table = _table(
        [INTERCEPT, *map(str, columns.columns)], back @ beta, np.sqrt(np.diag(covariance)), (level, dof)
    )
    return LogitFit(
        coefficients=table,
        covariance=covariance,
        n=len(y),
        success_count=int(y.sum()),
        clusters=cluster_count,
        few_clusters=cluster_count is not None and cluster_count < FEW_CLUSTERS,
        log_likelihood=likelihood,
        null_log_likelihood=len(y) * (rate * math.log(rate) + (1 - rate) * math.log(1 - rate)),
        level=level,
        dof=dof,
        few_events=rarer < 10 * design.shape[1],
    )


def _expit(score: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1 + np.tanh(score / 2)))


def _check(y: FloatArray, design: FloatArray) -> None:
    if len(y) != len(design):
        raise ValueError(f"{len(y)} outcomes for {len(design)} rows")
    if len(y) == 0:
        raise CannotEstimate("no_observations")
    if not (np.isfinite(y).all() and np.isfinite(design).all()):
        raise CannotEstimate("missing_values")
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("outcome must be 0/1 or True/False")
    if y.min() == y.max():
        raise CannotEstimate("no_variation")
    if len(y) <= design.shape[1] + 1:
        raise CannotEstimate("too_few_observations", f"{len(y)} rows for {design.shape[1]} columns")
    scale = design.std(axis=0)
    if bool((scale <= 1e-12 * np.maximum(np.abs(design).max(axis=0), 1e-300)).any()):
        raise CannotEstimate("collinear", "a column is constant")
    if np.linalg.matrix_rank((design - design.mean(axis=0)) / scale) < design.shape[1]:
        raise CannotEstimate("collinear")


def _check_single_separation(y: FloatArray, standard: FloatArray, names: list[str]) -> None:
    """Raise if one column alone has all successes on one side (ties allowed)."""
    for column, name in enumerate(names, start=1):
        ones, zeros = standard[y == 1, column], standard[y == 0, column]
        if ones.min() >= zeros.max() or ones.max() <= zeros.min():
            raise CannotEstimate("separation", name)


def _fit(y: FloatArray, standard: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Newton; where it does not settle or runs far out, find out whether the outcome is separated."""
    try:
        fit = _newton(y, standard)
    except (np.linalg.LinAlgError, CannotEstimate) as error:
        if _is_separated(y, standard):
            raise CannotEstimate("separation", "a combination of columns") from error
        raise CannotEstimate("not_converged") from error
    if float(np.abs(fit[0]).max()) > 10 and _is_separated(y, standard):
        raise CannotEstimate("separation", "a combination of columns")
    return fit


def _is_separated(y: FloatArray, standard: FloatArray) -> bool:
    """Tell whether a hyperplane has all successes on one side, ties allowed. Konis 2007: linear
    programming.
    """
    from scipy.optimize import linprog

    signed = np.unique(standard * (2 * y - 1)[:, None], axis=0)
    best = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs"
    )
    return bool(best.status == 0 and -float(best.fun) > 1e-7 * len(signed))


def _newton(y: FloatArray, standard: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients, information matrix and log-likelihood; Newton steps halved until the likelihood rises."""
    beta = np.zeros(standard.shape[1])
    likelihood = _log_likelihood(y, standard @ beta)
    for _ in range(100):
        p = _expit(standard @ beta)
        information = standard.T @ (standard * (p * (1 - p))[:, None])
        step = np.linalg.solve(information, standard.T @ (y - p))
        size = 1.0
        while size > 1e-6 and _log_likelihood(y, standard @ (beta + size * step)) < likelihood - 1e-12 * abs(
            likelihood
        ):
            size /= 2
        beta = beta + size * step
        likelihood = _log_likelihood(y, standard @ beta)
        if float(np.abs(step).max()) < 1e-9:
            return beta, information, likelihood
    raise CannotEstimate("not_converged")


def _log_likelihood(y: FloatArray, score: FloatArray) -> float:
    return float((y * score - np.logaddexp(0.0, score)).sum())


def _sandwich(
    y: FloatArray, standard: FloatArray, fit: tuple[FloatArray, FloatArray], grouping: tuple[Any, int]
) -> FloatArray:
    beta, inverse = fit
    codes, count = grouping
    score = standard * (y - _expit(standard @ beta))[:, None]
    sums = np.zeros((count, standard.shape[1]))
    np.add.at(sums, codes, score)
    return np.asarray(inverse @ (sums.T @ sums) @ inverse * count / (count - 1))


def _table(
    names: list[str], beta: FloatArray, error: FloatArray, spread: tuple[float, float]
) -> pd.DataFrame:
    level, dof = spread
    critical = t_quantile(0.5 + level / 2, dof)
    low, high = beta - critical * error, beta + critical * error
    with np.errstate(over="ignore"):
        return pd.DataFrame({
            "name": names, "coefficient": beta, "standard_error": error, "low": low, "high": high,
            "odds_ratio": np.exp(beta), "odds_ratio_low": np.exp(low), "odds_ratio_high": np.exp(high),
            "p_value": [two_sided_t(float(b / e), dof) for b, e in zip(beta, error, strict=True)],
        })  # fmt: skip
