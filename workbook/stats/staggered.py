"""Effect of a treatment that reaches groups at different dates (Callaway & Sant'Anna 2021), no covariates.

Every cell is a plain difference in differences: cohort g against the untreated, period t against the last
period before g. Cells are then averaged. Two-way fixed effects would use treated units as controls for later
ones. Computed here from influence functions, because diff-diff 3.13 offers neither the calendar average nor
intervals for few units; tests compare the rest with diff-diff and with R's `did`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, f_tail, t_quantile, two_sided_t
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level
from workbook.stats.panel import Panel
from workbook.stats.significance import Significance

FEW_UNITS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StaggeredFit:
    """Average effects on the treated, in the unit of the outcome.

    Every table has estimate, standard_error, low, high, p_value, dof and analytic_standard_error (without
    small-sample correction, as R's `did` prints). overall: one row per aggregation: "simple" (all treated
    cells by cohort size), "dynamic" (mean over event times >= 0), "group" (mean per cohort, by cohort size),
    "calendar" (mean over periods). event_study: one row per event_time (0 = first treated period). by_group:
    per cohort. by_period: per calendar time. cells: per cohort and time. pre_trend: joint test that all cells
    before treatment are 0. treated_count, control_count: units (never treated). few_clusters: fewer than ten
    units on one side. singleton_cohorts: cohorts of one unit, whose spread is borrowed from the controls.
    dropped: see `Panel`. level: confidence. control: "never_treated" or "not_yet_treated".
    """

    overall: pd.DataFrame
    event_study: pd.DataFrame
    by_group: pd.DataFrame
    by_period: pd.DataFrame
    cells: pd.DataFrame
    pre_trend: Significance
    treated_count: int
    control_count: int
    few_clusters: bool
    singleton_cohorts: int
    dropped: dict[str, int]
    level: float
    control: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """Effects per cell with their influence functions; arrays have one column per cell."""

    cohort: FloatArray
    time: FloatArray
    effect: FloatArray
    influence: FloatArray
    change: FloatArray
    is_control: np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Average:
    """Weighted mean of cells: estimate, influence per unit, weight per cell."""

    estimate: float
    influence: FloatArray
    weight: FloatArray


def staggered(
    panel: Panel, control: Literal["never_treated", "not_yet_treated"] = "never_treated", level: float = 0.95
) -> StaggeredFit:
    """Estimate effects by cohort and period, and four averages, from a panel (see `build_panel`).

    Base period: the last one before treatment; for earlier cells the period before (varying base). Errors
    allow any dependence within a unit; intervals use a t quantile with Welch-Satterthwaite degrees of freedom
    over cohorts, so few units give wide intervals. Raises `CannotEstimate("no_control_units")`.
    """
    check_level(level)
    cells = _all_cells(panel, control)
    groups = np.unique(panel.cohort[np.isfinite(panel.cohort)])
    post = cells.time >= cells.cohort
    relative = cells.time - cells.cohort
    by_event = {e: _average(panel, cells, relative == e) for e in np.unique(relative)}
    by_period = {t: _average(panel, cells, post & (cells.time == t)) for t in np.unique(cells.time[post])}
    by_group = {g: _plain_average(cells, post & (cells.cohort == g)) for g in groups}
    overall = {
        "simple": _average(panel, cells, post),
        "dynamic": _mean_of([average for e, average in by_event.items() if e >= 0]),
        "group": _by_size(panel, list(by_group.items())),
        "calendar": _mean_of(list(by_period.values())),
    }
    single = [_plain_average(cells, np.arange(len(relative)) == i) for i in range(len(relative))]
    table = _table(panel, cells, dict(enumerate(single)), level).drop(columns="key")
    treated, never = int(np.isfinite(panel.cohort).sum()), int(np.isinf(panel.cohort).sum())
    return StaggeredFit(
        overall=_table(panel, cells, overall, level).rename(columns={"key": "aggregation"}),
        event_study=_table(panel, cells, by_event, level).rename(columns={"key": "event_time"}),
        by_group=_table(panel, cells, by_group, level).rename(columns={"key": "cohort"}),
        by_period=_table(panel, cells, by_period, level).rename(columns={"key": "time"}),
        cells=table.assign(cohort=cells.cohort, time=cells.time), pre_trend=_pre_trend(panel, cells, ~post),
        treated_count=treated, control_count=never, few_clusters=min(treated, never or treated) < FEW_UNITS,
        singleton_cohorts=sum(int((panel.cohort == g).sum() == 1) for g in groups), dropped=panel.dropped,
        level=level, control=control,
    )  # fmt: skip


def _all_cells(panel: Panel, control: str) -> _Cells:
    n, columns = len(panel.cohort), []
    for g in np.unique(panel.cohort[np.isfinite(panel.cohort)]):
        base_post = int(np.searchsorted(panel.times, g)) - 1
        for t in range(1, len(panel.times)):
            base = base_post if panel.times[t] >= g else t - 1
            limit = max(panel.times[t], panel.times[base])
            free = np.isinf(panel.cohort) if control == "never_treated" else panel.cohort > limit
            inside, free = panel.cohort == g, free & (panel.cohort != g)
            if free.sum() < 1:
                continue
            change = panel.outcome[:, t] - panel.outcome[:, base]
            own, other = change[inside].mean(), change[free].mean()
            psi = np.zeros(n)
            psi[inside] = n / inside.sum() * (change[inside] - own)
            psi[free] = -n / free.sum() * (change[free] - other)
            columns.append((float(g), float(panel.times[t]), float(own - other), psi, change, free))
    if not any(cell[1] >= cell[0] for cell in columns):
        raise CannotEstimate("no_control_units")
    cohort, time, effect, influence, changes, is_free = zip(*columns, strict=True)
    return _Cells(cohort=np.array(cohort), time=np.array(time), effect=np.array(effect),
                  influence=np.column_stack(influence), change=np.column_stack(changes),
                  is_control=np.column_stack(is_free))  # fmt: skip


def _average(panel: Panel, cells: _Cells, chosen: Any) -> _Average:
    """Mean of the chosen cells by cohort size; the influence includes that cohort sizes are estimated."""
    at = np.flatnonzero(chosen)
    member = (panel.cohort[:, None] == cells.cohort[at]).astype(float)
    share, effect = member.mean(axis=0), cells.effect[at]
    total = float(share.sum())
    weight = np.zeros(len(cells.effect))
    weight[at] = share / total
    drift = (member - share) / total - (member - share).sum(axis=1, keepdims=True) * share / total**2
    return _Average(estimate=float(cells.effect @ weight), weight=weight,
                    influence=cells.influence @ weight + drift @ effect)  # fmt: skip


def _plain_average(cells: _Cells, chosen: Any) -> _Average:
    weight = np.asarray(chosen, dtype=np.float64)
    weight = weight / max(float(weight.sum()), 1.0)
    return _Average(estimate=float(cells.effect @ weight), weight=weight, influence=cells.influence @ weight)


def _mean_of(parts: list[_Average]) -> _Average:
    return _Average(estimate=float(np.mean([p.estimate for p in parts])),
                    influence=np.mean([p.influence for p in parts], axis=0),
                    weight=np.mean([p.weight for p in parts], axis=0))  # fmt: skip


def _by_size(panel: Panel, parts: list[tuple[float, _Average]]) -> _Average:
    kept = [(g, p) for g, p in parts if p.weight.any()]
    member = np.column_stack([(panel.cohort == g).astype(float) for g, _ in kept])
    share, effect = member.mean(axis=0), np.array([p.estimate for _, p in kept])
    total = float(share.sum())
    drift = (member - share) / total - (member - share).sum(axis=1, keepdims=True) * share / total**2
    weights = share / total
    influence = np.column_stack([p.influence for _, p in kept]) @ weights + drift @ effect
    weight = np.column_stack([p.weight for _, p in kept]) @ weights
    return _Average(estimate=float(effect @ weights), influence=influence, weight=weight)


def _table(panel: Panel, cells: _Cells, averages: dict[Any, _Average], level: float) -> pd.DataFrame:
    rows = []
    for key, average in averages.items():
        if not average.weight.any():
            continue
        error, dof, analytic = _spread(panel, cells, average)
        half = t_quantile(0.5 + level / 2, dof) * error
        rows.append(
            {
                "key": key,
                "estimate": average.estimate,
                "standard_error": error,
                "low": average.estimate - half,
                "high": average.estimate + half,
                "p_value": two_sided_t(average.estimate / error if error else math.nan, dof),
                "dof": dof,
                "analytic_standard_error": analytic,
            }
        )
    return pd.DataFrame(rows)


def _spread(panel: Panel, cells: _Cells, average: _Average) -> tuple[float, float, float]:
    """Standard error, degrees of freedom, and the error without small-sample correction.

    Variances are added over cohorts, each with its own size / (size − 1). A cohort of one unit shows no
    spread; it gets that of the same average among the controls.
    """
    n, parts = len(panel.cohort), []
    for g in np.unique(panel.cohort):
        inside = panel.cohort == g
        size = int(inside.sum())
        if size > 1:
            part = float((average.influence[inside] ** 2).sum()) * size / (size - 1)
            parts.append((part, size - 1.0))
        elif np.isfinite(g):
            parts.append(_borrowed(cells, average.weight * (cells.cohort == g), n))
    total = sum(part for part, _ in parts)
    spent = sum(part**2 / dof for part, dof in parts)
    analytic = math.sqrt(float((average.influence**2).sum())) / n
    return math.sqrt(total) / n, total**2 / spent if spent > 0 else 1.0, analytic


def _borrowed(cells: _Cells, weight: FloatArray, n: int) -> tuple[float, float]:
    used = weight != 0
    if not used.any():
        return 0.0, 1.0
    free = cells.is_control[:, used].all(axis=1)
    if free.sum() < 2:
        return math.inf, 1.0
    return n**2 * float(np.var(cells.change[free][:, used] @ weight[used], ddof=1)), float(free.sum() - 1)


def _pre_trend(panel: Panel, cells: _Cells, before: Any) -> Significance:
    """Joint test that every cell before treatment is 0: Hotelling's F with units − cohorts degrees of
    freedom.
    """
    n, groups, at = len(panel.cohort), len(np.unique(panel.cohort)), np.flatnonzero(before)
    method = "hotelling_pre_trend"
    if len(at) == 0:
        return Significance(
            statistic=math.nan, dof=0.0, p_value=math.nan, method=method, n=n, reason="no_pre_period"
        )
    covariance = cells.influence[:, at].T @ cells.influence[:, at] / n / max(n - groups, 1)
    rank, room = int(np.linalg.matrix_rank(covariance, hermitian=True)), n - groups
    if rank == 0 or room <= rank:
        return Significance(
            statistic=math.nan,
            dof=float(rank),
            p_value=math.nan,
            method=method,
            n=n,
            reason="too_few_observations",
        )
    effect = cells.effect[at]
    wald = float(effect @ np.linalg.pinv(covariance, hermitian=True) @ effect)
    scaled = wald * (room - rank + 1) / (room * rank)
    p_value = f_tail(scaled, (float(rank), float(room - rank + 1)))
    return Significance(statistic=wald, dof=float(rank), p_value=p_value, method=method, n=n)
