"""What did the alignment programme change?

The strongest design that the adoption dates allow (see `design`), one for each outcome: win rate, marketing-qualified leads
accepted by sales, days to the end of a deal, amount won, cost per new customer, customers who buy again. A deal or lead is treated by the
day of its creation and watched for H days. One Benjamini–Hochberg control over the outcomes; a verdict in four grades that the tests
of `robustness` decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.alignment_impact.cells import adoption, buyer_cells, deal_cells, lead_cells, shared_cells, spend_cells
from workbook.analyses.alignment_impact.effect_actions import effect_actions, nothing_follows
from workbook.analyses.alignment_impact.effect_checks import FEW_UNITS, effect_checks, effect_limits, estimated
from workbook.analyses.alignment_impact.effect_outcomes import outcomes_of
from workbook.analyses.alignment_impact.effect_rows import headline, judged, rows_of, shared_share
from workbook.analyses.alignment_impact.effect_words import comparison, effect_brief, effect_finding, is_before_and_after
from workbook.analyses.alignment_impact.estimate import Estimate, estimate
from workbook.analyses.alignment_impact.outcomes import Outcome
from workbook.analyses.alignment_impact.robustness import Robustness, withstand
from workbook.analyses.alignment_impact.verdict import Bar, why_not
from workbook.params import Params, Share
from workbook.results import Certainty, Result
from workbook.stats.errors import CannotEstimate
from workbook.stats.imputation import ImputationFit
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "X1"


class EffectParams(Params):
    """horizon_share: H covers this share of the times seen. cell_min_count: cases a typical unit has per period.

    drift_p: below this p-value of the checks before adoption an effect is doubtful. breakdown_min: an effect counts as shown only if it
    withstands a drift this many times the one before. draws: of the simulated smallest effect. placebo_draws: dealings-out of the dates.
    """

    confidence: Share = 0.95
    seed: int = 7
    draws: int = Field(default=2000, ge=200)
    placebo_draws: int = Field(default=199, ge=39)
    horizon_share: Share = 0.9
    cell_min_count: int = Field(default=10, ge=1)
    false_discovery_rate: Share = 0.05
    drift_p: Share = 0.05
    breakdown_min: float = Field(default=0.5, ge=0)
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectResult(Result):
    """The programme's effects.

    estimates: one row per outcome: kpi, unit, value, low, high, p_value, adjusted_p, verdict, reasons, design, period, horizon_days,
    cases_count, treated_count, control_count, pre_trend_p, detectable, baseline, young_count, straddling_count, left_out_count, reason.
    event_study: one row per outcome × period since adoption: kpi, event_time, estimate, low, high. units: one row per unit: unit,
    adopted_on, deals_count, leads_count. fits, tests: estimate and what it withstood, by outcome.
    """

    estimates: pd.DataFrame | None = None
    event_study: pd.DataFrame | None = None
    units: pd.DataFrame | None = None
    shared: pd.DataFrame | None = None
    fits: dict[str, Estimate] = field(default_factory=dict)
    tests: dict[str, Robustness] = field(default_factory=dict)


def aggregate(
    units: Table, opportunities: Table, leads: Table, accounts: Table, invoices: Table, spend: Table, params: EffectParams, *, as_of: date
) -> dict[str, Table]:
    """Count deals, leads and customers, and add up costs, per unit, month and outcome. Lazy."""
    return {
        "units": adoption(units),
        "deals": deal_cells(opportunities, accounts, units, as_of),
        "leads": lead_cells(leads, accounts, units, as_of),
        "buyers": buyer_cells(invoices, accounts, units, as_of),
        "spend": spend_cells(spend, units, as_of),
        "shared": shared_cells(opportunities, accounts, units, as_of),
    }


def analyse(small: dict[str, pd.DataFrame], params: EffectParams, *, as_of: date) -> EffectResult:
    """Estimate every outcome, control the false discoveries, test, judge, and put the verdicts into words. Pure."""
    units, deals, leads = small["units"], small["deals"], small["leads"]
    table = _units_table(units, deals, leads)
    refused = _refusal(units, table)
    if refused is not None:
        return EffectResult(refused=refused, certainty="open", units=table)
    found, impossible = outcomes_of(small, params.horizon_share, as_of)
    fitted = {outcome.kpi: _fit(outcome, params) for outcome in found}
    fits = {kpi: fit for kpi, fit in fitted.items() if isinstance(fit, Estimate)}
    tests = {kpi: withstand(fit, params.draws, params.placebo_draws, params.seed) for kpi, fit in fits.items()}
    bar = Bar(rate=params.false_discovery_rate, drift_p=params.drift_p, breakdown_min=params.breakdown_min)
    rows = judged(rows_of(found, fitted, tests, impossible), fits, tests, (shared_share(small["shared"]), bar))
    if not fits:
        reason = next((fit for fit in fitted.values() if isinstance(fit, Message)), msg("no deal or lead can be judged"))
        return EffectResult(refused=reason, certainty="open", units=table, estimates=rows)
    return EffectResult(
        headlines=tuple(headline(row, params.confidence) for row in estimated(rows).to_dict("records")),
        checks=effect_checks(rows, units),
        actions=effect_actions(rows, deals, table, as_of, params.action_days),
        no_action=nothing_follows(rows),
        finding=effect_finding(rows, fits),
        brief=effect_brief(rows),
        limits=effect_limits(rows) if is_before_and_after(rows, fits) else (comparison(rows, fits), *effect_limits(rows)),
        certainty=_certainty(rows),
        estimates=rows,
        event_study=_event_studies(fits),
        units=table, shared=small["shared"], fits=fits, tests=tests,
    )  # fmt: skip


def _units_table(units: pd.DataFrame, deals: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    counts = {name: rows.groupby("unit")["cases_count"].sum() for name, rows in (("deals_count", deals), ("leads_count", leads))}
    table = units[["unit", "adopted_on"]].copy()
    for name, counted in counts.items():
        table[name] = table["unit"].map(counted).fillna(0).astype("int64")
    return table.sort_values(["adopted_on", "unit"], na_position="last", ignore_index=True)


def _refusal(units: pd.DataFrame, table: pd.DataFrame) -> Message | None:
    if units.empty:
        return msg("there is no table of units; write one line per unit (region) with the columns unit, month_on and adopted_on")
    if units["adopted_on"].isna().all():
        return msg("no unit has an adoption date; enter it in the column adopted_on, and leave it empty for units that never adopted")
    if not table[["deals_count", "leads_count"]].to_numpy().any():
        return msg("no deal or lead lies in one of the units {units}; the names must be those of the sales regions",
                   units=tuple(table["unit"].head(5)))  # fmt: skip
    return None


def _fit(outcome: Outcome, params: EffectParams) -> Estimate | Message:
    try:
        return estimate(outcome, params.cell_min_count, params.confidence)
    except CannotEstimate as error:
        return why_not(error.reason_key)


def _event_studies(fits: dict[str, Estimate]) -> pd.DataFrame:
    parts = []
    for kpi, fit in fits.items():
        if isinstance(fit.fit, ImputationFit):
            study = fit.fit.event_study[["event_time", "estimate", "low", "high", "p_value", "cells_count"]].copy()
            ends = fit.in_unit(study[["low", "high"]].to_numpy())
            study = study.assign(estimate=fit.in_unit(study["estimate"].to_numpy()), low=ends.min(axis=1), high=ends.max(axis=1))
            parts.append(study.assign(kpi=kpi))
    columns = ["event_time", "estimate", "low", "high", "p_value", "cells_count", "kpi"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _certainty(rows: pd.DataFrame) -> Certainty:
    found = estimated(rows)
    if not found["verdict"].isin(["shown", "indicated"]).any():
        return "open"
    few = (found[["treated_count", "control_count"]].min(axis=1) < FEW_UNITS).any()
    return "likely" if few or not (found["verdict"] == "shown").any() else "firm"
