"""A scorecard: points per value of each field, from a ridge logit on all values.

Every value has its own column (no reference value is singled out, so names do not matter), each centred on its share; an
unseen or missing value then counts as the average. The ridge penalty is the one with the smallest AIC, degrees of freedom
being the trace of the hat matrix (le Cessie & van Houwelingen 1992). Points: 20 points more double the odds (Siddiqi 2006).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate

DOUBLES_THE_ODDS = 20.0
PENALTIES = tuple(float(2.0**k) for k in range(-3, 12, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Points per value.

    points: one row per field × value: field, value, points (whole, the worst value of a field has 0), coefficient (log odds
    against the average), n, events. average: points of an unseen value, by field. base: log odds at 0 points.
    degrees_of_freedom: effective parameters. penalty: the ridge chosen.
    """

    points: pd.DataFrame
    average: dict[str, float]
    base: float
    degrees_of_freedom: float
    penalty: float

    def score(self, fields: pd.DataFrame) -> FloatArray:
        """Points per row of `fields` (one column per field, values as text, None where unknown)."""
        total = np.zeros(len(fields))
        for field, rows in self.points.groupby("field", sort=True):
            worth = dict(zip(rows["value"], rows["points"], strict=True))
            total += fields[field].map(worth).astype("float64").fillna(self.average[str(field)]).to_numpy()
        return total

    def probability(self, points: FloatArray) -> FloatArray:
        """Probability of success at these points, 0-1."""
        log_odds = self.base + points * math.log(2) / DOUBLES_THE_ODDS
        return np.asarray(0.5 * (1 + np.tanh(log_odds / 2)))


def scorecard(outcome: Any, fields: pd.DataFrame) -> Scorecard:
    """Fit points on `fields` (text columns; None: not known) for `outcome` (1/0), one row per case.

    Raises `CannotEstimate`: no_observations, no_variation (one outcome only, or no field with two values).
    """
    y = as_floats(outcome)
    if not len(y):
        raise CannotEstimate("no_observations")
    if y.min() == y.max():
        raise CannotEstimate("no_variation")
    named = [(str(field), str(value)) for field in sorted(fields.columns) for value in sorted(fields[field].dropna().unique().tolist())]
    if not named or all(fields[field].nunique() < 2 for field in fields.columns):
        raise CannotEstimate("no_variation")
    flags: FloatArray = np.column_stack([(fields[field] == value).fillna(False).to_numpy(dtype="float64") for field, value in named])
    for field in fields.columns:
        own, gone = [i for i, (name, _) in enumerate(named) if name == field], fields[field].isna().to_numpy()
        if own and gone.any() and not gone.all():
            for column in own:
                flags[gone, column] = flags[~gone, column].mean()
    beta, penalty, dof = _ridge(y, flags)
    table = pd.DataFrame(named, columns=["field", "value"]).assign(coefficient=beta[1:])
    outcome_by = {field: pd.Series(y).groupby(fields[field].to_numpy(dtype=object)) for field in fields.columns}
    size, won = ({field: grouped.agg(how).to_dict() for field, grouped in outcome_by.items()} for how in ("size", "sum"))
    table["n"] = [int(size[field][value]) for field, value in named]
    table["events"] = [int(won[field][value]) for field, value in named]
    return _with_points(table, y, fields, (penalty, dof))


def _with_points(table: pd.DataFrame, y: FloatArray, fields: pd.DataFrame, fitted: tuple[float, float]) -> Scorecard:
    """Round to whole points, then set the base so that the rounded points predict as many successes as there were."""
    factor = DOUBLES_THE_ODDS / math.log(2)
    least = table.groupby("field")["coefficient"].transform("min")
    table["points"] = ((table["coefficient"] - least) * factor).round().astype("int64")
    weighted = table.assign(total=table["points"] * table["n"]).groupby("field")[["total", "n"]].sum()
    average = {str(field): float(row["total"] / row["n"]) for field, row in weighted.iterrows()}
    card = Scorecard(points=table, average=average, base=0.0, penalty=fitted[0], degrees_of_freedom=fitted[1])
    base = _base(y, card.score(fields) / factor)
    columns = ["field", "value", "points", "coefficient", "n", "events"]
    return Scorecard(points=table[columns], average=average, base=base, penalty=fitted[0], degrees_of_freedom=fitted[1])


def _base(y: FloatArray, offset: FloatArray) -> float:
    """Log odds at which the predictions add up to the successes; found by bisection."""
    low, high = -60.0, 60.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if (0.5 * (1 + np.tanh((middle + offset) / 2))).sum() < y.sum() else (low, middle)
    return (low + high) / 2


def _ridge(y: FloatArray, flags: FloatArray) -> tuple[FloatArray, float, float]:
    """Coefficients (intercept first), penalty and effective parameters at the smallest AIC. Equal rows are fitted once."""
    cells, index = np.unique(np.round(flags - flags.mean(axis=0), 12), axis=0, return_inverse=True)
    n = np.bincount(index.ravel(), minlength=len(cells)).astype(np.float64)
    won = np.bincount(index.ravel(), weights=y, minlength=len(cells)).astype(np.float64)
    design, beta = np.column_stack([np.ones(len(cells)), cells]), np.zeros(cells.shape[1] + 1)
    beta[0] = math.log(y.mean() / (1 - y.mean()))
    best = (math.inf, beta, math.nan, math.nan)
    for penalty in sorted(PENALTIES, reverse=True):
        beta, dof, likelihood = _newton(design, (won, n), penalty, beta)
        aic = 2 * (dof - likelihood)
        if aic < best[0] - 1e-9:
            best = (aic, beta, penalty, dof)
    return best[1], best[2], best[3]


def _newton(
    design: FloatArray, counts: tuple[FloatArray, FloatArray], penalty: float, start: FloatArray
) -> tuple[FloatArray, float, float]:
    """Penalised likelihood by Newton steps, halved until it rises; the intercept is not penalised."""
    won, n = counts
    weight = np.full(design.shape[1], penalty)
    weight[0] = 0.0

    def value(beta: FloatArray) -> float:
        eta = design @ beta
        return float((won * eta - n * np.logaddexp(0.0, eta)).sum() - 0.5 * weight @ beta**2)

    beta = start
    for _ in range(50):
        p = 0.5 * (1 + np.tanh(design @ beta / 2))
        information = design.T @ (design * (n * p * (1 - p))[:, None])
        step = np.linalg.solve(information + np.diag(weight), design.T @ (won - n * p) - weight * beta)
        size = 1.0
        while size > 1e-4 and value(beta + size * step) < value(beta) - 1e-9:
            size /= 2
        beta = beta + size * step
        if float(np.abs(size * step).max()) < 1e-8:
            break
    p = 0.5 * (1 + np.tanh(design @ beta / 2))
    information = design.T @ (design * (n * p * (1 - p))[:, None])
    dof = float(np.trace(np.linalg.solve(information + np.diag(weight), information)))
    return beta, dof, value(beta) + float(0.5 * weight @ beta**2)
