"""Effect of a treatment from all untreated cells: what treated units would have shown, imputed (Borusyak, Jaravel & Spiess 2024).

Unit and period effects are fitted to the untreated cells only, weighted by their size; a treated cell's effect is what it shows
beyond its imputed value. Every period before treatment counts, so that the estimate is more precise than one with a single
base period, and no treated unit serves as a control. Units may have gaps. Errors: see `jackknife`.

Two models: "mean" – the outcome is a mean or a rate, effects add; "ratio" – the outcome is a total per exposure, unit and period
effects multiply (Poisson pseudo-likelihood, Gourieroux, Monfort & Trognon 1984; so totals of zero need no special care), and the effect is
the log of observed over imputed total.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level
from workbook.stats.jackknife import Jackknifed, jackknife, leave_one_out
from workbook.stats.panel import CellPanel

Model = Literal["mean", "ratio"]
ROUNDS, SETTLED, UNSEEN = 500, 1e-10, 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImputationFit:
    """Average effect on the treated, each cell by its size, in the unit of the outcome (model "ratio": log).

    average: over all treated cells that can be imputed. event_study: one row per event_time (0: first treated period): estimate,
    standard_error, low, high, p_value, dof, cells_count; before 0 the untreated cells that far ahead of adoption, imputed from the other
    untreated cells. treated_count, control_count: units with treated cells, units never treated. cells_count: used. left_out_count:
    treated cells that no untreated cell can be compared with. imputed: units x periods, NaN where not.
    """

    average: Jackknifed
    event_study: pd.DataFrame
    treated_count: int
    control_count: int
    cells_count: int
    left_out_count: int
    imputed: FloatArray
    model: Model
    level: float


def impute(panel: CellPanel, model: Model = "mean", level: float = 0.95) -> ImputationFit:
    """Impute the untreated outcome and average the effects.

    Raises `CannotEstimate`: no_pre_period, no_control_units, too_few_observations (taking one unit away leaves nothing: one
    treated unit, or one to compare with).
    """
    check_level(level)
    treated, free = panel.weight * panel.is_treated, panel.weight * ~panel.is_treated
    _require(treated, free)
    average = averaged(panel, free, treated, model)
    if not np.isfinite(average.estimate):
        raise CannotEstimate("no_control_units")
    if not np.isfinite(average.without).all():
        raise CannotEstimate("too_few_observations", "one unit on a side")
    used = treated * (average.influence > 0)
    return ImputationFit(
        average=average, event_study=_event_study(panel, free, model, level), treated_count=int((used > 0).any(axis=1).sum()),
        control_count=int(np.isinf(panel.cohort).sum()), cells_count=int(((used > 0) | (free > 0)).sum()),
        left_out_count=int((treated > 0).sum() - (used > 0).sum()), imputed=_imputed(panel, free, used, model), model=model, level=level,
    )  # fmt: skip


def averaged(panel: CellPanel, free: FloatArray, target: FloatArray, model: Model = "mean") -> Jackknifed:
    """Average the target cells' excess over what the free cells let expect. free, target: weights, units x periods."""
    outcome = np.where(panel.weight > 0, panel.outcome, 0.0)
    if model == "ratio":
        return _ratio(panel, outcome, leave_one_out((free > 0) * panel.exposure), leave_one_out((target > 0) * panel.exposure))
    influence = cell_influence(leave_one_out(free), leave_one_out(target))
    values = np.einsum("bgt,gt->b", influence, outcome)
    variance = np.divide(1.0, panel.weight, out=np.zeros_like(panel.weight), where=panel.weight > 0)
    return jackknife(values, influence, variance, float(np.abs(outcome).max()))


def cell_influence(free: FloatArray, target: FloatArray) -> FloatArray:
    """Return the weight of every cell in the average effect; NaN where no target cell can be imputed.

    free, target: batches x units x periods: weights of the cells fitted and averaged. Target cells whose unit or period no free
    cell reaches are left out and the rest averaged.
    """
    total = free.sum(axis=2, keepdims=True)
    mean = free / np.where(total > 0, total, 1.0)
    periods = np.arange(free.shape[2])
    normal = -np.einsum("bgt,bgs->bts", free, mean)
    normal[:, periods, periods] += free.sum(axis=1)
    inverse = np.linalg.pinv(normal, rcond=1e-10, hermitian=True)
    rest = np.eye(len(periods)) - inverse @ normal
    spread = mean @ rest.transpose(0, 2, 1)
    unseen = rest[:, periods, periods][:, None, :] - 2.0 * spread + (mean * spread).sum(axis=2, keepdims=True)
    share = target * ((total > 0) & (unseen < UNSEEN))
    whole = share.sum(axis=(1, 2), keepdims=True)
    share = np.where(whole > 0, share / np.where(whole > 0, whole, 1.0), np.nan)
    load = share.sum(axis=2, keepdims=True)
    asked = share.sum(axis=1) - (load * mean).sum(axis=1)
    slope = (inverse @ asked[:, :, None])[:, :, 0][:, None, :]
    return np.asarray(share - load * mean - free * (slope - (mean * slope).sum(axis=2, keepdims=True)), dtype=np.float64)


def _require(treated: FloatArray, free: FloatArray) -> None:
    if not treated.any():
        raise CannotEstimate("no_post_period")
    if not (treated.any(axis=1) & free.any(axis=1)).any():
        raise CannotEstimate("no_pre_period")


def _event_study(panel: CellPanel, free: FloatArray, model: Model, level: float) -> pd.DataFrame:
    """Effects by period since adoption. Units never treated have none."""
    since = panel.times[None, :] - panel.cohort[:, None]
    rows = []
    for event in np.unique(since[np.isfinite(since) & (panel.weight > 0)]):
        at = panel.weight * (since == event)
        part = averaged(panel, free * (since != event), at, model)
        if np.isfinite(part.estimate):
            low, high = part.span(level)
            rows.append({"event_time": int(event), "estimate": part.estimate, "standard_error": part.standard_error, "low": low, "high": high,
                         "p_value": part.p_value(), "dof": part.dof, "cells_count": int((at > 0).sum())})  # fmt: skip
    columns = ["event_time", "estimate", "standard_error", "low", "high", "p_value", "dof", "cells_count"]
    return pd.DataFrame(rows, columns=columns)


def _ratio(panel: CellPanel, outcome: FloatArray, free: FloatArray, target: FloatArray) -> Jackknifed:
    """Estimate the log of observed over imputed totals; the influence is that of the model made linear at its fit."""
    fitted = multiplied(outcome, free, np.broadcast_to(panel.exposure, free.shape))
    seen = (cell_influence((free > 0).astype(float), (target > 0).astype(float)) > 0) & (target > 0) & (fitted > 0)
    expected, observed = (fitted * seen).sum(axis=(1, 2)), (outcome[None] * seen).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(expected > 0, np.log(observed / expected), np.nan)
    ratio = float(np.exp(values[0])) if np.isfinite(values[0]) else 1.0
    influence = cell_influence(fitted * (free > 0), fitted * seen)
    with np.errstate(divide="ignore"):
        variance = np.where(fitted[0] > 0, 1.0 / (fitted[0] * np.where(seen[0], ratio, 1.0)), 0.0)
    return jackknife(values, np.where(np.isfinite(influence), influence, 0.0), variance, 1.0)


def multiplied(outcome: FloatArray, free: FloatArray, exposure: FloatArray) -> FloatArray:
    """Return unit effect x period effect x exposure for all cells, fitted to the free ones by matching their margins.

    batches x units x periods; the fit of a Poisson model. Zero where a unit or period has no free cell.
    """
    total = np.where(free > 0, outcome[None], 0.0)
    by_unit, by_period = total.sum(axis=2), total.sum(axis=1)
    unit, period = np.ones_like(by_unit), np.ones_like(by_period)
    for _ in range(ROUNDS):
        unit = _divide(by_unit, np.einsum("bgt,bt->bg", free, period))
        step = _divide(by_period, np.einsum("bgt,bg->bt", free, unit))
        moved = np.abs(step - period).max() if step.size else 0.0
        period = step
        if moved <= SETTLED * max(float(np.abs(period).max()), SETTLED):
            break
    return np.asarray(unit[:, :, None] * period[:, None, :] * exposure, dtype=np.float64)


def _divide(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _imputed(panel: CellPanel, free: FloatArray, used: FloatArray, model: Model) -> FloatArray:
    """Return the untreated outcome of the free and the used treated cells."""
    outcome = np.where(panel.weight > 0, panel.outcome, 0.0)
    shown = (free > 0) | (used > 0)
    if model == "ratio":
        fitted = multiplied(outcome, ((free > 0) * panel.exposure)[None], panel.exposure[None])[0]
    else:
        fitted = added(outcome, free)
    return np.where(shown, fitted, np.nan)


def added(outcome: FloatArray, free: FloatArray) -> FloatArray:
    """Return unit effect + period effect for all cells, fitted to the free ones by weighted least squares. units x periods."""
    total = free.sum(axis=1, keepdims=True)
    mean = free / np.where(total > 0, total, 1.0)
    own = (mean * outcome).sum(axis=1, keepdims=True)
    normal = np.diag(free.sum(axis=0)) - free.T @ mean
    period = np.linalg.pinv(normal, rcond=1e-10, hermitian=True) @ (free * (outcome - own)).sum(axis=0)
    return np.asarray(own + period[None, :] - (mean * period).sum(axis=1, keepdims=True), dtype=np.float64)


def trend_before(panel: CellPanel) -> Jackknifed:
    """Slope per period by which adopting units moved away from the others before they adopted. Model "mean" only.

    Fitted on the untreated cells beside unit and period effects. Estimate NaN where no unit adopts after two periods or more.
    """
    since = np.where(np.isfinite(panel.cohort)[:, None], panel.times[None, :] - panel.cohort[:, None], 0.0)
    free = panel.weight * ~panel.is_treated
    outcome = np.where(panel.weight > 0, panel.outcome, 0.0)
    influence = np.stack([_slope_influence(since, kept) for kept in leave_one_out(free)])
    values = np.einsum("bgt,gt->b", influence, outcome)
    variance = np.divide(1.0, panel.weight, out=np.zeros_like(panel.weight), where=panel.weight > 0)
    return jackknife(values, influence, variance, float(np.abs(outcome).max()))


def _slope_influence(since: FloatArray, free: FloatArray) -> FloatArray:
    rest = free * (since - added(since, free))
    size = float((rest * since).sum())
    scale = float((free * since**2).sum())
    return rest / size if size > UNSEEN * max(scale, UNSEEN) else np.full_like(rest, np.nan)


def moved_back(panel: CellPanel, periods: int) -> CellPanel:
    """Return the panel as if adoption had been some periods earlier, without the cells of the true treatment."""
    from dataclasses import replace

    early: Any = panel.cohort - periods
    return replace(panel, cohort=early, weight=panel.weight * ~panel.is_treated)
