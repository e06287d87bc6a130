"""What did the alignment programme change?

The strongest design that the adoption dates allow: units that adopt at different dates, Callaway and Sant'Anna's average over all
treated units and periods against those not yet treated; one common date, difference in differences with a wild bootstrap where
units are few. No untreated unit, no estimate. Outcomes, each watched for H days after creation: win rate, marketing-qualified
leads accepted by sales, days to the end of a deal, amount won. A deal or lead is treated by the day of its creation. One
Benjamini–Hochberg control over the outcomes; drift before adoption makes an effect doubtful.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.alignment_impact import outcomes
from workbook.analyses.alignment_impact.cells import adoption, deal_cells, lead_cells
from workbook.analyses.alignment_impact.effect_actions import effect_actions, effect_key
from workbook.analyses.alignment_impact.effect_checks import FEW_UNITS, effect_checks, effect_limits, estimated
from workbook.analyses.alignment_impact.estimate import Estimate, estimate
from workbook.analyses.alignment_impact.outcomes import Outcome
from workbook.analyses.alignment_impact.verdict import judge, told, why_not
from workbook.analyses.deals import currency_of
from workbook.params import Params, Share
from workbook.results import Certainty, Headline, Result, clean_float
from workbook.stats.errors import CannotEstimate
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "X1"


class EffectParams(Params):
    """horizon_share: H covers this share of the times seen. cell_min_count: cases a typical unit has per period.

    drift_p: below this p-value of the check before adoption an effect is doubtful.
    """

    confidence: Share = 0.95
    seed: int = 7
    horizon_share: Share = 0.9
    cell_min_count: int = Field(default=10, ge=1)
    false_discovery_rate: Share = 0.05
    drift_p: Share = 0.05
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectResult(Result):
    """The programme's effects.

    estimates: one row per outcome: kpi, unit, value, low, high, p_value, adjusted_p, verdict, design, period, horizon_days, cases_count,
    treated_count, control_count, pre_trend_p, detectable, baseline, young_count, straddling_count, left_out_count, reason.
    event_study: one row per outcome × period since adoption: kpi, event_time, estimate, low, high. units: one row per unit: unit,
    adopted_on, deals_count, leads_count.
    """

    estimates: pd.DataFrame | None = None
    event_study: pd.DataFrame | None = None
    units: pd.DataFrame | None = None


def aggregate(
    units: Table, opportunities: Table, leads: Table, accounts: Table, params: EffectParams, *, as_of: date
) -> dict[str, Table]:
    """Count deals and leads per unit, month of creation and outcome. Lazy."""
    return {
        "units": adoption(units),
        "deals": deal_cells(opportunities, accounts, units, as_of),
        "leads": lead_cells(leads, accounts, units, as_of),
    }


def analyse(small: dict[str, pd.DataFrame], params: EffectParams, *, as_of: date) -> EffectResult:
    """Estimate every outcome, control the false discoveries, and put verdicts into words. Pure."""
    units, deals, leads = small["units"], small["deals"], small["leads"]
    table = _units_table(units, deals, leads)
    refused = _refusal(units, table)
    if refused is not None:
        return EffectResult(refused=refused, certainty="open", units=table)
    found = _outcomes(deals, leads, params, as_of)
    fits = {outcome.kpi: _fit(outcome, params) for outcome in found}
    rows = _rows(found, fits, params)
    shown = {kpi: fit for kpi, fit in fits.items() if isinstance(fit, Estimate)}
    if not shown:
        reason = next((fit for fit in fits.values() if isinstance(fit, Message)), msg("no deal or lead can be judged"))
        return EffectResult(refused=reason, certainty="open", units=table, estimates=rows)
    return EffectResult(
        headlines=tuple(_headline(row, params) for row in rows.to_dict("records")),
        checks=effect_checks(rows, units, params.drift_p),
        actions=effect_actions(rows, deals, table, as_of, params.action_days),
        finding=_finding(rows, shown),
        limits=effect_limits(rows),
        certainty=_certainty(rows),
        estimates=rows,
        event_study=pd.concat([fit.event_study.assign(kpi=kpi) for kpi, fit in shown.items()], ignore_index=True),
        units=table,
    )


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


def _outcomes(deals: pd.DataFrame, leads: pd.DataFrame, params: EffectParams, as_of: date) -> list[Outcome]:
    """Return the outcomes for which there is any ended case; money only in one currency."""
    found = []
    if len(deals) and deals["days"].notna().any():
        found += [outcomes.win_rate(deals, params.horizon_share, as_of), outcomes.cycle_length(deals, params.horizon_share, as_of)]
        won = deals[deals["status"] == "won"]
        if won["amount_count"].sum() and currency_of(won, "amount_count").refused is None:
            found.append(outcomes.won_amount(deals, params.horizon_share, as_of))
    if len(leads) and leads["days"].notna().any():
        found.insert(1, outcomes.mql_to_sql(leads, params.horizon_share, as_of))
    return found


def _fit(outcome: Outcome, params: EffectParams) -> Estimate | Message:
    try:
        return estimate(outcome, params.cell_min_count, params.seed, params.confidence)
    except CannotEstimate as error:
        return why_not(error.reason_key)


def _rows(found: list[Outcome], fits: dict[str, Estimate | Message], params: EffectParams) -> pd.DataFrame:
    rows = [_row(outcome, fits[outcome.kpi]) for outcome in found]
    columns = ["kpi", "unit", "value", "p_value", "reason"]
    table = pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
    table["adjusted_p"] = benjamini_hochberg(table["p_value"].astype(float))
    verdicts = []
    for kpi, p_value in zip(table["kpi"], table["adjusted_p"], strict=True):
        fit = fits[kpi]
        verdicts.append(judge(fit, p_value, params.drift_p, params.false_discovery_rate) if isinstance(fit, Estimate) else None)
    return table.assign(verdict=pd.Series(verdicts, dtype=object, index=table.index))


def _row(outcome: Outcome, fit: Estimate | Message) -> dict[str, object]:
    shared: dict[str, object] = {
        "kpi": outcome.kpi, "unit": outcome.unit, "horizon_days": outcome.horizon_days, "young_count": outcome.young_count,
        "straddling_count": outcome.straddling_count, "unlisted_count": outcome.unlisted_count, "reason": None,
    }  # fmt: skip
    if isinstance(fit, Message):
        return shared | {"value": np.nan, "low": np.nan, "high": np.nan, "p_value": np.nan, "cases_count": 0, "reason": fit}
    names = ("value", "low", "high", "p_value", "design", "period", "cases_count", "treated_count", "control_count", "pre_trend_p",
             "detectable", "baseline", "left_out_count", "dropped_units")  # fmt: skip
    return shared | {name: getattr(fit, name) for name in names}


def _headline(row: dict[Any, Any], params: EffectParams) -> Headline:
    reason = row["reason"] if isinstance(row["reason"], Message) else None
    value, low, high = (clean_float(float(row[name])) for name in ("value", "low", "high"))
    return Headline(
        key=effect_key(row["kpi"]), kpi="effect", value=value, low=low, high=high, level=params.confidence,
        unit=str(row["unit"]), n=int(row["cases_count"]), reason=reason,
    )  # fmt: skip


def _finding(rows: pd.DataFrame, fits: dict[str, Estimate]) -> Message:
    parts = tuple(told(row["kpi"], fits[row["kpi"]], row["verdict"]) for row in estimated(rows).to_dict("records"))
    first = estimated(rows).iloc[0]
    design = (
        msg("Comparing units that adopted at different dates with those that had not yet")
        if first["design"] == "staggered"
        else msg("Comparing the units that adopted with the others, before and after the common date")
    )
    return msg("{design}: {effects}.", design=design, effects=_listed(parts))


def _listed(parts: tuple[Message, ...]) -> Message:
    """Join sentences' halves by semicolons."""
    joined = parts[0]
    for part in parts[1:]:
        joined = msg("{before}; {next}", before=joined, next=part)
    return joined


def _certainty(rows: pd.DataFrame) -> Certainty:
    found = estimated(rows)
    if not (found["verdict"] == "shown").any():
        return "open"
    few = (found[["treated_count", "control_count"]].min(axis=1) < FEW_UNITS).any()
    return "likely" if few else "firm"
