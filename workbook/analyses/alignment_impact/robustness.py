"""What an estimate has to withstand: drift before adoption, placebo dates and units, single units, a different estimator."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from workbook.analyses.alignment_impact.estimate import PERIODS, Estimate
from workbook.stats.arrays import FloatArray
from workbook.stats.imputation import ImputationFit, averaged, cell_influence, moved_back, trend_before
from workbook.stats.jackknife import detectable_by_simulation
from workbook.stats.panel import CellPanel
from workbook.stats.power import smallest_detectable
from workbook.stats.sensitivity import Sensitivity, moves_before, sensitivity
from workbook.stats.synthetic_did import SyntheticDidFit

NOTHING = math.nan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Robustness:
    """What the tests found; NaN where a test cannot be made. Changes on the model's scale (log where effects multiply).

    drift, drift_low, drift_high, drift_p: yearly movement of adopting units away from the others before adoption; drift_detectable: the smallest
    that would be seen four times in five. placebo_time, placebo_time_p: effect of an adoption moved back by `placebo_periods`, which
    did not happen. placebo_p: share of dealings-out of the adoption dates among the units that give an effect at least as large;
    placebos: those effects. without_low, without_high: range of the effect when one unit is left out; without_unit: the one that moves it
    most. honest: sensitivity to drift after adoption. detectable: smallest effect found four times in five, by simulation on the panel.
    """

    drift: float = NOTHING
    drift_low: float = NOTHING
    drift_high: float = NOTHING
    drift_p: float = NOTHING
    drift_detectable: float = NOTHING
    placebo_time: float = NOTHING
    placebo_time_p: float = NOTHING
    placebo_periods: int = 0
    placebo_p: float = NOTHING
    placebos: FloatArray | None = None
    without_low: float = NOTHING
    without_high: float = NOTHING
    without_unit: str = ""
    honest: Sensitivity | None = None
    detectable: float = NOTHING

    @property
    def pre_trend_p(self) -> float:
        """The smaller of the two p-values against movement before adoption, doubled (Bonferroni)."""
        found = [p for p in (self.drift_p, self.placebo_time_p) if math.isfinite(p)]
        return min(len(found) * min(found), 1.0) if found else math.nan


def withstand(found: Estimate, draws: int, placebo_draws: int, seed: int) -> Robustness:
    """Make every test that the design allows. draws: of the simulation; placebo_draws: dealings-out of the dates."""
    if isinstance(found.fit, ImputationFit):
        return _many_units(found, found.fit, (draws, placebo_draws, seed))
    if isinstance(found.fit, SyntheticDidFit):
        fit = found.fit
        return Robustness(placebo_p=fit.placebo_p, placebos=fit.placebos, detectable=smallest_detectable(fit.standard_error, fit.dof, found.level))
    return Robustness(detectable=smallest_detectable(found.standard_error, found.dof, found.level))


def _many_units(found: Estimate, fit: ImputationFit, settings: tuple[int, int, int]) -> Robustness:
    draws, placebo_draws, seed = settings
    per_year = 12 // PERIODS[found.period]
    panel, average = found.panel, fit.average
    linear = _linear(panel, fit)
    robust = _leave_one_out(found, fit)
    robust = _with_drift(robust, linear, per_year, found.level) if linear is not None else robust
    robust = _with_placebo_time(robust, panel, fit, per_year)
    if linear is not None and math.isfinite(average.standard_error):
        share, placebos = placebo_units(linear, placebo_draws, seed)
        robust = replace(robust, placebo_p=share, placebos=placebos)
    since = panel.times[None, :] - panel.cohort[:, None]
    moves = moves_before(fit.event_study, per_year)
    honest = sensitivity(average.influence, np.where(np.isfinite(since), since, np.inf), moves, average.span(found.level))
    detectable = detectable_by_simulation(average, _blocks(panel, fit), draws, seed, found.level)
    return replace(robust, honest=honest, detectable=detectable)


def _linear(panel: CellPanel, fit: ImputationFit) -> CellPanel | None:
    """Return the panel on a scale on which effects add: logs where they multiply, None where a total is zero."""
    if fit.model == "mean":
        return panel
    seen = panel.weight > 0
    if not (panel.outcome[seen] > 0).all():
        return None
    return replace(panel, outcome=np.log(np.where(seen, panel.outcome / np.where(panel.exposure > 0, panel.exposure, 1.0), 1.0)))


def _leave_one_out(found: Estimate, fit: ImputationFit) -> Robustness:
    without = fit.average.without
    most = int(np.argmax(np.abs(without - fit.average.estimate)))
    return Robustness(without_low=float(without.min()), without_high=float(without.max()), without_unit=str(found.panel.units[most]))


def _with_drift(robust: Robustness, panel: CellPanel, per_year: int, level: float) -> Robustness:
    slope = trend_before(panel)
    if not math.isfinite(slope.standard_error):
        return robust
    low, high = slope.span(level)
    return replace(robust, drift=per_year * slope.estimate, drift_low=per_year * low, drift_high=per_year * high, drift_p=slope.p_value(),
                   drift_detectable=per_year * smallest_detectable(slope.standard_error, slope.dof, level))  # fmt: skip


def _with_placebo_time(robust: Robustness, panel: CellPanel, fit: ImputationFit, per_year: int) -> Robustness:
    adopting = np.isfinite(panel.cohort)
    before = int(np.median((panel.weight * ~panel.is_treated > 0)[adopting].sum(axis=1)))
    periods = max(1, min(per_year, before // 2))
    early = moved_back(panel, periods)
    placebo = averaged(early, early.weight * ~early.is_treated, early.weight * early.is_treated, fit.model)
    if not math.isfinite(placebo.standard_error):
        return robust
    return replace(robust, placebo_time=placebo.estimate, placebo_time_p=placebo.p_value(), placebo_periods=periods)


def placebo_units(panel: CellPanel, draws: int, seed: int) -> tuple[float, FloatArray]:
    """Deal the adoption dates out anew among the units. Returns the share of dealings with an effect at least as large – each in its
    expected error, so that large and small units can trade places – and those effects.
    """
    rng = np.random.default_rng(seed)
    dealt = np.concatenate([panel.cohort[None], rng.permuted(np.tile(panel.cohort, (draws, 1)), axis=1)])
    treated = panel.times[None, None, :] >= dealt[:, :, None]
    influence = cell_influence(panel.weight * ~treated, panel.weight * treated)
    outcome = np.where(panel.weight > 0, panel.outcome, 0.0)
    variance = np.divide(1.0, panel.weight, out=np.zeros_like(panel.weight), where=panel.weight > 0)
    effects, errors = np.einsum("bgt,gt->b", influence, outcome), np.sqrt(np.einsum("bgt,gt->b", influence**2, variance))
    ratios = np.abs(effects / errors)
    seen = np.isfinite(ratios[1:])
    larger = (ratios[1:][seen] >= ratios[0] * (1 - 1e-9)).sum()
    return float((1 + larger) / (1 + seen.sum())), np.asarray(effects[1:][seen], dtype=np.float64)


def _blocks(panel: CellPanel, fit: ImputationFit) -> FloatArray:
    """Return residuals in working errors, units x periods: what neither units, periods nor the effect by period since adoption explain."""
    since = np.where(np.isfinite(panel.cohort)[:, None], panel.times[None, :] - panel.cohort[:, None], -1.0)
    shown = np.isfinite(fit.imputed)
    if fit.model == "ratio":
        excess = np.where(shown & (fit.imputed > 0), panel.outcome / np.where(fit.imputed > 0, fit.imputed, 1.0) - 1.0, 0.0)
    else:
        excess = np.where(shown, panel.outcome - fit.imputed, 0.0)
    variance = np.where(shown, fit.average.variance, 0.0)
    error = np.sqrt(variance)
    weight = np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > 0)
    events = np.unique(since[(since >= 0) & (weight > 0)])
    for event in events:
        at = (since == event) & (weight > 0)
        excess[at] -= (excess[at] * weight[at]).sum() / weight[at].sum()
    cells, spent = int((weight > 0).sum()), sum(panel.weight.shape) - 1 + len(events)
    scale = math.sqrt(cells / (cells - spent)) if cells > spent else 1.0
    return np.asarray(scale * np.divide(excess, error, out=np.zeros_like(error), where=error > 0), dtype=np.float64)
