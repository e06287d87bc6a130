"""From cells to an effect: the period, the panel, the design that the data allow, and the estimate of that design.

Staggered adoption and two groups: imputation from all untreated cells, weighted by their cases, with an interval that holds for few
units (see `stats.imputation`); Callaway and Sant'Anna's average, or the plain difference in differences, stands beside it. One unit:
synthetic difference in differences, judged by placebos. No comparison: level and slope before and after, HAC errors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbook.analyses.alignment_impact.design import Choice, Design, choose
from workbook.analyses.alignment_impact.outcomes import Outcome
from workbook.stats.arrays import FloatArray
from workbook.stats.did import two_by_two
from workbook.stats.errors import CannotEstimate
from workbook.stats.imputation import ImputationFit, impute
from workbook.stats.interrupted import InterruptedFit, interrupted_series
from workbook.stats.jackknife import ALIKE
from workbook.stats.panel import CellPanel, Panel, build_cells
from workbook.stats.staggered import staggered
from workbook.stats.synthetic_control import SyntheticFit, synthetic_control
from workbook.stats.synthetic_did import SyntheticDidFit, synthetic_did

TOO_WIDE = math.log(100.0)  # a range from a tenth to the tenfold says nothing
FILLED = 0.95  # of the cells of units and periods
PERIODS = {"quarter": 3, "half-year": 6, "year": 12}
Fit = ImputationFit | SyntheticDidFit | InterruptedFit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Second:
    """Another estimator's answer beside the main one. method: its key."""

    method: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """The effect on one outcome, in its unit (a relative change where effects multiply).

    value, low, high, p_value: of the average over all treated cells, each by its cases; NaN but the value without any spread.
    standard_error, dof: on the scale of the model. choice: the design and why. period: length. panel, fit: what was fitted. twin: the treated
    unit beside its synthetic control, one unit only. second: another estimator, None where there is none. baseline: mean outcome
    of the adopting units before adoption, NaN where effects are relative. treated_count, control_count: units. cases_count: in the panel.
    left_out_count: created before adoption in the period of adoption. cells_left_out: treated cells without comparison.
    """

    outcome: Outcome
    value: float
    low: float
    high: float
    p_value: float
    standard_error: float
    dof: float
    choice: Choice
    period: str
    panel: CellPanel
    fit: Fit
    twin: SyntheticFit | None
    second: Second | None
    baseline: float
    treated_count: int
    control_count: int
    cases_count: int
    left_out_count: int
    cells_left_out: int
    level: float

    @property
    def design(self) -> Design:
        """The design's key."""
        return self.choice.design

    def in_unit(self, change: FloatArray | float) -> FloatArray:
        """Bring a change on the model's scale into the outcome's unit."""
        logs = np.asarray(change, dtype=np.float64)
        if self.outcome.model == "mean":
            return logs
        return np.asarray(np.expm1(-logs if self.outcome.is_inverse else logs), dtype=np.float64)


def estimate(outcome: Outcome, cell_min_count: int, level: float) -> Estimate:
    """Estimate the effect on one outcome. Raises `CannotEstimate`: no treated unit, no period before or after, no observation."""
    period, rows = _period(outcome, cell_min_count)
    panel = build_cells(rows)
    choice = choose(panel)
    if choice.design in ("staggered", "two_groups"):
        try:
            fit = impute(panel, outcome.model, level)
        except CannotEstimate:
            choice = replace(choice, design="interrupted", reason=choice.reason)
        else:
            return _from_imputation(outcome, panel, fit, (choice, period, rows, level))
    make = _from_one_unit if choice.design == "one_unit" else _from_series
    return _without_rounding(make(outcome, panel, (choice, period, rows, level)))


def _without_rounding(found: Estimate) -> Estimate:
    """Take back a range that is mere rounding: the units moved alike to the last digit."""
    scale = max(float(np.abs(found.panel.outcome).max()), abs(found.value)) if found.outcome.model == "mean" else 1.0
    if found.standard_error > ALIKE * max(scale, ALIKE):
        return found
    return replace(found, low=math.nan, high=math.nan, p_value=math.nan, standard_error=math.nan)


Frame = tuple[Choice, str, pd.DataFrame, float]


def _from_imputation(outcome: Outcome, panel: CellPanel, fit: ImputationFit, frame: Frame) -> Estimate:
    average, level = fit.average, frame[3]
    found = _estimate(outcome, panel, fit, frame)
    ends = sorted(found.in_unit(np.array(average.span(level))).tolist()) if math.isfinite(average.standard_error) else [math.nan, math.nan]
    return replace(
        found, value=float(found.in_unit(average.estimate)), low=ends[0], high=ends[1], p_value=average.p_value(),
        standard_error=average.standard_error, dof=average.dof, treated_count=fit.treated_count, control_count=fit.control_count,
        second=_second(outcome, panel, frame[0].design, level), cells_left_out=fit.left_out_count,
    )  # fmt: skip


def _from_one_unit(outcome: Outcome, panel: CellPanel, frame: Frame) -> Estimate:
    full = panel.is_complete
    kept = replace(panel, outcome=panel.outcome[full], weight=panel.weight[full], exposure=panel.exposure[full], cohort=panel.cohort[full],
                   units=tuple(u for u, is_full in zip(panel.units, full, strict=True) if is_full))  # fmt: skip
    values, cases = kept.outcome, kept.weight
    if outcome.model == "ratio":
        values = _logs(kept)
        cases = np.ones_like(values)
    square = Panel(outcome=values, times=kept.times, cohort=kept.cohort, unit_count=len(full), dropped={})
    fit, twin = synthetic_did(square, cases, frame[3]), synthetic_control(square)
    found = _estimate(outcome, kept, fit, frame)
    ends = sorted(found.in_unit(np.array([fit.low, fit.high])).tolist())
    plain = float(found.in_unit(twin.value))
    return replace(
        found, value=float(found.in_unit(fit.value)), low=ends[0], high=ends[1], p_value=fit.p_value, standard_error=fit.standard_error,
        dof=fit.dof, twin=twin, second=Second(method="synthetic_control", value=plain, low=math.nan, high=math.nan), treated_count=1,
        control_count=len(fit.placebos),
    )  # fmt: skip


def _from_series(outcome: Outcome, panel: CellPanel, frame: Frame) -> Estimate:
    """Fit the adopting units' total; periods in which only some of them had adopted are left out."""
    adopting = np.isfinite(panel.cohort)
    weight, part = panel.weight[adopting], panel.outcome[adopting]
    times, cohort = panel.times, panel.cohort[adopting]
    seen = (weight > 0).any(axis=0) & ((times < cohort.min()) | (times >= cohort.max()))
    if outcome.model == "ratio":
        total = part.sum(axis=0)[seen] / panel.exposure[adopting].sum(axis=0)[seen]
        if not (total > 0).all():
            raise CannotEstimate("no_control_units")
        series = np.log(total)
    else:
        series = (part * weight).sum(axis=0)[seen] / weight.sum(axis=0)[seen]
    fit = interrupted_series(times[seen], series, float(cohort.max()), frame[3])
    found = _estimate(outcome, panel, fit, frame)
    change = fit.average_change
    if outcome.model == "ratio" and change.high - change.low > TOO_WIDE:
        raise CannotEstimate("too_few_observations", "the range spans more than a hundredfold")
    ends = sorted(found.in_unit(np.array([change.low, change.high])).tolist())
    return replace(found, value=float(found.in_unit(change.value)), low=ends[0], high=ends[1], p_value=change.p_value,
                   standard_error=change.standard_error, dof=float(fit.dof), treated_count=int(adopting.sum()))  # fmt: skip


def _estimate(outcome: Outcome, panel: CellPanel, fit: Fit, frame: Frame) -> Estimate:
    choice, period, rows, level = frame
    used = rows[rows["unit"].isin(panel.units)]
    nothing = math.nan
    return Estimate(
        outcome=outcome, value=nothing, low=nothing, high=nothing, p_value=nothing, standard_error=nothing, dof=nothing, choice=choice,
        period=period, panel=panel, fit=fit, twin=None, second=None, baseline=_baseline(panel, outcome), treated_count=0,
        control_count=choice.control_count, cases_count=int(used["cases_count"].sum()), left_out_count=int(rows.attrs["left_out"]),
        cells_left_out=0, level=level,
    )  # fmt: skip


def _period(outcome: Outcome, cell_min_count: int) -> tuple[str, pd.DataFrame]:
    """Choose the shortest period whose typical cell is large enough and that leaves few gaps, else the best of the three."""
    tried = []
    for name, months in PERIODS.items():
        if outcome.months not in (0, months):
            continue
        rows = cells_by_period(outcome, months)
        if rows.empty:
            raise CannotEstimate("no_observations")
        units, times = rows["unit"].nunique(), int(rows["time"].max() - rows["time"].min() + 1)
        filled = min(len(rows) / (units * times), 1.0)
        typical = min(float(rows["cases_count"].median()) / cell_min_count, 1.0)
        if filled >= FILLED and typical == 1.0:
            return name, rows
        tried.append((min(filled / FILLED, 1.0), typical, -months, name, rows))
    best = max(tried, key=lambda entry: entry[:3])
    return best[3], best[4]


def cells_by_period(outcome: Outcome, months: int) -> pd.DataFrame:
    """Add up cells by period of some months: unit, time, cohort (first treated time, NaN for never), outcome, weight, exposure, cases_count.

    In the period of adoption only what was created after adoption counts (nothing at all where totals are compared, as part of a period
    is no period); attrs["left_out"] says how many cases that leaves out. Incomplete periods at either end of the data are kept: every
    unit has them alike.
    """
    cells = outcome.cells
    month, adopted = pd.to_datetime(cells["month_on"]), pd.to_datetime(cells["adopted_on"])
    timed = cells.assign(time=_index(month) // months, cohort=_index(adopted) // months)
    mixed = timed["is_before"].astype(bool) & (timed["time"] == timed["cohort"])
    started = timed.assign(within=mixed).groupby("unit")["within"].transform("any") if len(timed) else mixed
    drop = mixed | (started & (timed["time"] == timed["cohort"])) if outcome.model == "ratio" else mixed
    kept = timed[~drop]
    added = kept.groupby(["unit", "time"]).agg(
        cohort=("cohort", "first"), total=("total", "sum"), cases_count=("cases_count", "sum"), exposure=("exposure", "sum")
    )
    rows = added.reset_index()
    rows = _ratio_rows(rows, timed[drop], outcome) if outcome.model == "ratio" else _mean_rows(rows)
    rows.attrs["left_out"] = int(timed.loc[drop, "cases_count"].sum())
    return rows


def _mean_rows(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["cases_count"] > 0]
    return rows.assign(outcome=rows["total"] / rows["cases_count"], weight=rows["cases_count"].astype(float)).drop(columns="exposure")


def _ratio_rows(rows: pd.DataFrame, dropped: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """A unit and period without any case is a total of zero, from the unit's first case on; not where the period was dropped."""
    if outcome.is_inverse:
        rows = rows[rows["exposure"] > 0]
        return rows.assign(outcome=rows["total"], weight=1.0)
    if rows.empty:
        return rows.assign(outcome=rows["total"], weight=1.0)
    first, last = rows.groupby("unit")["time"].min(), int(rows["time"].max())
    grid = pd.MultiIndex.from_tuples([(u, t) for u, start in first.items() for t in range(int(start), last + 1)], names=["unit", "time"])
    gone = pd.MultiIndex.from_frame(dropped[["unit", "time"]].drop_duplicates())
    full = rows.set_index(["unit", "time"]).reindex(grid.difference(gone)).reset_index()
    full["cohort"] = full["unit"].map(rows.groupby("unit")["cohort"].first())
    full = full.fillna({"total": 0.0, "cases_count": 0}).astype({"cases_count": "int64"})
    return full.assign(outcome=full["total"], weight=1.0, exposure=1.0)


def _index(days: pd.Series) -> pd.Series:
    months: pd.Series = days.dt.year * 12 + days.dt.month - 1
    return months


def _second(outcome: Outcome, panel: CellPanel, design: Design, level: float) -> Second | None:
    """Ask the textbook estimator, on the units seen in every period."""
    full = panel.is_complete
    values, cohort = panel.outcome[full], panel.cohort[full]
    if outcome.model == "ratio":
        if not (values > 0).all():
            return None
        values = np.log(values / panel.exposure[full])
    square = Panel(outcome=values, times=panel.times, cohort=cohort, unit_count=len(full), dropped={})
    to_unit = np.expm1 if outcome.model == "ratio" else (lambda x: x)
    try:
        if design == "staggered":
            overall = staggered(square, "not_yet_treated", level).overall
            row = overall[overall["aggregation"] == "simple"].iloc[0]
            method, ends = "callaway_santanna", [float(row[c]) for c in ("estimate", "low", "high")]
        else:
            after = square.times >= cohort[np.isfinite(cohort)].min()
            size = len(square.times)
            plain = two_by_two(values.ravel(), np.repeat(np.isfinite(cohort), size), np.tile(after, len(cohort)), np.repeat(np.arange(len(cohort)), size), level=level)
            method, ends = "difference_in_differences", [plain.value, plain.low, plain.high]
    except (CannotEstimate, ValueError):
        return None
    sign = -1.0 if outcome.is_inverse else 1.0
    value, *span = (float(to_unit(sign * end)) for end in ends)
    return Second(method=method, value=value, low=min(span), high=max(span))


def _logs(panel: CellPanel) -> FloatArray:
    if not (panel.outcome > 0).all():
        raise CannotEstimate("not_positive")
    return np.asarray(np.log(panel.outcome / panel.exposure), dtype=np.float64)


def _baseline(panel: CellPanel, outcome: Outcome) -> float:
    """Mean outcome of the adopting units before their adoption, each cell by its cases."""
    before = panel.weight * (np.isfinite(panel.cohort)[:, None] & ~panel.is_treated)
    return float((panel.outcome * before).sum() / before.sum()) if outcome.model == "mean" and before.any() else math.nan
