"""From cells to an effect: the period, the panel, the design that the adoption dates allow, and its checks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from workbook.analyses.alignment_impact.outcomes import Outcome
from workbook.stats.did import two_way
from workbook.stats.errors import CannotEstimate
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.panel import Panel, build_panel
from workbook.stats.power import smallest_detectable
from workbook.stats.staggered import StaggeredFit, staggered

PERIODS = {"quarter": 3, "half-year": 6, "year": 12}
NO_SPREAD = 1e-9  # a standard error below this part of the outcome is rounding: the units moved alike to the last digit
Design = Literal["staggered", "two_groups"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """The effect on one outcome, in its unit (a relative change where the outcome is a log).

    value, low, high, p_value, standard_error, dof: of the average over all treated cells; NaN but the value without any spread. design, period: how. event_study: one row per
    period since adoption: event_time, estimate, low, high, p_value. pre_trend_p: of no drift before adoption (see `_pre_trend`), NaN
    where it cannot be tested. treated_count, control_count: units. cases_count: cases in the
    panel. left_out_count: created before adoption in the period of adoption. detectable: smallest effect that would be found four times in
    five. baseline: mean outcome of the treated before adoption.
    """

    value: float
    low: float
    high: float
    p_value: float
    standard_error: float
    dof: float
    design: Design
    period: str
    event_study: pd.DataFrame
    pre_trend_p: float
    treated_count: int
    control_count: int
    cases_count: int
    left_out_count: int
    dropped_units: int
    detectable: float
    baseline: float


def estimate(outcome: Outcome, cell_min_count: int, seed: int, level: float) -> Estimate:
    """Estimate the effect on one outcome. Raises `CannotEstimate`: no treated unit, no control, no period before."""
    period, cells = _period(outcome, cell_min_count)
    values = np.log(cells["total"].where(cells["total"] > 0)) if outcome.is_log else cells["total"] / cells["cases_count"]
    panel = build_panel(values, cells["unit"], cells["time"], cells["cohort"])
    fit = staggered(panel, "not_yet_treated", level)
    same_start = len(np.unique(panel.cohort[np.isfinite(panel.cohort)])) == 1
    value, low, high, p_value, error, dof = _two_groups(panel, seed, level) if same_start else _overall(fit)
    if not error > NO_SPREAD * max(float(np.abs(panel.outcome).max()), NO_SPREAD):
        low = high = p_value = error = math.nan
    to_unit = np.expm1 if outcome.is_log else (lambda x: x)
    study = fit.event_study[["event_time", "estimate", "low", "high", "p_value"]].copy()
    study[["estimate", "low", "high"]] = to_unit(study[["estimate", "low", "high"]])
    used = cells[cells["unit"].isin(_complete_units(cells))]
    return Estimate(
        value=float(to_unit(value)), low=float(to_unit(low)), high=float(to_unit(high)), p_value=p_value, standard_error=error, dof=dof,
        design="two_groups" if same_start else "staggered", period=period, event_study=study, pre_trend_p=_pre_trend(fit),
        treated_count=fit.treated_count, control_count=fit.control_count, cases_count=int(used["cases_count"].sum()),
        left_out_count=int(cells.attrs["left_out"]), dropped_units=sum(panel.dropped.values()),
        detectable=float(to_unit(smallest_detectable(error, dof, level))), baseline=_baseline(panel, outcome.is_log),
    )  # fmt: skip


def _period(outcome: Outcome, cell_min_count: int) -> tuple[str, pd.DataFrame]:
    """Choose the shortest period in which every unit has a cell and the typical cell is large enough, else the best of the three."""
    tried = []
    for name, months in PERIODS.items():
        cells = cells_by_period(outcome.cells, months)
        if cells.empty:
            raise CannotEstimate("no_observations")
        units = cells["unit"].nunique()
        complete, typical = len(_complete_units(cells)) / units, float(cells["cases_count"].median())
        if complete == 1.0 and typical >= cell_min_count:
            return name, cells
        tried.append((complete, min(typical / cell_min_count, 1.0), -months, name, cells))
    best = max(tried, key=lambda entry: entry[:3])
    return best[3], best[4]


def cells_by_period(cells: pd.DataFrame, months: int) -> pd.DataFrame:
    """Add up cells by period of some months: unit, time, cohort (first treated time, NaN for never), total, cases_count.

    In the period of adoption only what was created after adoption counts; attrs["left_out"] says how many cases that leaves out.
    Incomplete periods at either end of the data are kept: every unit has them alike.
    """
    month, adopted = pd.to_datetime(cells["month_on"]), pd.to_datetime(cells["adopted_on"])
    time, cohort = _index(month) // months, _index(adopted) // months
    timed = cells.assign(time=time, cohort=cohort)
    mixed = timed["is_before"].astype(bool) & (timed["time"] == timed["cohort"])
    kept = timed[~mixed]
    added = kept.groupby(["unit", "time"]).agg(cohort=("cohort", "first"), total=("total", "sum"), cases_count=("cases_count", "sum"))
    added = added[added["cases_count"] > 0].reset_index()
    added.attrs["left_out"] = int(timed.loc[mixed, "cases_count"].sum())
    return added


def _index(days: pd.Series) -> pd.Series:
    months: pd.Series = days.dt.year * 12 + days.dt.month - 1
    return months


def _complete_units(cells: pd.DataFrame) -> list[str]:
    seen = cells.groupby("unit")["time"].nunique()
    return list(seen.index[seen == cells["time"].nunique()])


def _overall(fit: StaggeredFit) -> tuple[float, float, float, float, float, float]:
    row = fit.overall[fit.overall["aggregation"] == "simple"].iloc[0]
    value, low, high, p_value, error, dof = (float(row[c]) for c in ("estimate", "low", "high", "p_value", "standard_error", "dof"))
    return value, low, high, p_value, error, dof


def _two_groups(panel: Panel, seed: int, level: float) -> tuple[float, float, float, float, float, float]:
    fit = two_way(panel, seed, level)
    dof = fit.dof if math.isfinite(fit.dof) else float(max(min(fit.treated_count, fit.control_count) - 1, 1))
    return fit.value, fit.low, fit.high, fit.p_value, fit.standard_error, dof


def _pre_trend(fit: StaggeredFit) -> float:
    """Combine the joint test of no drift with the single periods before adoption (smallest adjusted p); NaN for neither.

    The joint test needs more units than periods; the single ones see a steady drift that it may miss. Two tests: the smaller
    p-value is doubled (Bonferroni).
    """
    before = fit.event_study.loc[fit.event_study["event_time"] < 0, "p_value"]
    adjusted = benjamini_hochberg(before)
    found = [p for p in (fit.pre_trend.p_value, *adjusted[np.isfinite(adjusted)]) if math.isfinite(p)]
    if not found:
        return math.nan
    tests = 2 if math.isfinite(fit.pre_trend.p_value) and np.isfinite(adjusted).any() else 1
    return min(tests * float(min(found)), 1.0)


def _baseline(panel: Panel, is_log: bool) -> float:
    """Mean outcome of the treated units before their adoption; NaN for logs, whose effect is relative already."""
    before = np.isfinite(panel.cohort)[:, None] & (panel.times[None, :] < panel.cohort[:, None])
    return math.nan if is_log else float(panel.outcome[before].mean())
