"""What did the alignment programme change?

The strongest design that the adoption dates allow (see `design`), one for each outcome: win rate, marketing-qualified leads
accepted by sales, days to the end of a deal, amount won, cost per new customer, customers who buy again. A deal or lead is treated by the
day of its creation and watched for H days. One Benjamini–Hochberg control over the outcomes; a verdict in four grades that the tests
of `robustness` decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.alignment_impact import outcomes
from workbook.analyses.alignment_impact.cells import adoption, buyer_cells, deal_cells, lead_cells, shared_cells, spend_cells
from workbook.analyses.alignment_impact.design import DESIGNS
from workbook.analyses.alignment_impact.effect_actions import effect_actions, effect_key, nothing_follows
from workbook.analyses.alignment_impact.effect_checks import FEW_UNITS, effect_checks, effect_limits, estimated
from workbook.analyses.alignment_impact.estimate import Estimate, estimate
from workbook.analyses.alignment_impact.outcomes import Outcome
from workbook.analyses.alignment_impact.robustness import Robustness, withstand
from workbook.analyses.alignment_impact.verdict import OUTCOMES, Bar, Judgement, in_words, judge, told, why_not
from workbook.analyses.deals import currency_of
from workbook.params import Params, Share
from workbook.results import Certainty, Headline, Result, clean_float
from workbook.stats.errors import CannotEstimate
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "X1"
ORDER = ("win_rate", "mql_to_sql", "cycle_length", "won_amount", "cac", "retention")


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
    found, impossible = _outcomes(small, params, as_of)
    fitted = {outcome.kpi: _fit(outcome, params) for outcome in found}
    fits = {kpi: fit for kpi, fit in fitted.items() if isinstance(fit, Estimate)}
    tests = {kpi: withstand(fit, params.draws, params.placebo_draws, params.seed) for kpi, fit in fits.items()}
    rows = _judged(_rows(found, fitted, tests, impossible), fits, tests, (_shared_share(small["shared"]), params))
    if not fits:
        reason = next((fit for fit in fitted.values() if isinstance(fit, Message)), msg("no deal or lead can be judged"))
        return EffectResult(refused=reason, certainty="open", units=table, estimates=rows)
    return EffectResult(
        headlines=tuple(_headline(row, params) for row in estimated(rows).to_dict("records")),
        checks=effect_checks(rows, units),
        actions=effect_actions(rows, deals, table, as_of, params.action_days),
        no_action=nothing_follows(rows),
        finding=_finding(rows, fits),
        brief=_brief(rows),
        limits=effect_limits(rows),
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


def _outcomes(small: dict[str, pd.DataFrame], params: EffectParams, as_of: date) -> tuple[list[Outcome], dict[str, Message]]:
    """Return the outcomes for which there is any ended case, and why others cannot be had; money only in one currency."""
    deals, leads, share = small["deals"], small["leads"], params.horizon_share
    found: list[Outcome | None] = []
    impossible: dict[str, Message] = {}
    if len(deals) and deals["days"].notna().any():
        found += [outcomes.win_rate(deals, share, as_of), outcomes.cycle_length(deals, share, as_of)]
        won = deals[deals["status"] == "won"]
        currency = currency_of(won, "amount_count")
        if currency.refused is not None:
            impossible["won_amount"] = currency.refused
        elif won["amount_count"].sum():
            found.append(outcomes.won_amount(deals, share, as_of))
        found.append(_cac(deals, small["spend"], (share, as_of), impossible))
    if len(leads) and leads["days"].notna().any():
        found.append(outcomes.mql_to_sql(leads, share, as_of))
    if len(small["buyers"]):
        found.append(outcomes.retention(small["buyers"], as_of))
        if found[-1] is None:
            impossible["retention"] = msg("customers buy too irregularly for a share who buy again in the next quarter, half-year or year")
    kept = {outcome.kpi: outcome for outcome in found if outcome is not None}
    return [kept[kpi] for kpi in ORDER if kpi in kept], impossible


def _cac(deals: pd.DataFrame, spend: pd.DataFrame, when: tuple[float, date], impossible: dict[str, Message]) -> Outcome | None:
    if spend.empty:
        return None
    listed = spend[spend["is_listed"].astype(bool)]
    if listed.empty:
        impossible["cac"] = msg("the spending is not split by unit; enter the unit in the column region")
        return None
    currency = currency_of(listed, "rows_count")
    if currency.refused is not None:
        impossible["cac"] = currency.refused
        return None
    return outcomes.cac(deals, spend, *when) if deals["customers_count"].sum() else None


def _fit(outcome: Outcome, params: EffectParams) -> Estimate | Message:
    try:
        return estimate(outcome, params.cell_min_count, params.confidence)
    except CannotEstimate as error:
        return why_not(error.reason_key)


def _rows(found: list[Outcome], fits: dict[str, Estimate | Message], tests: dict[str, Robustness], impossible: dict[str, Message]) -> pd.DataFrame:
    rows = [_row(outcome, fits[outcome.kpi], tests.get(outcome.kpi)) for outcome in found]
    rows += [_empty_row(kpi, why) for kpi, why in impossible.items()]
    table = pd.DataFrame(rows) if rows else pd.DataFrame(columns=["kpi", "unit", "value", "p_value", "reason"])
    table["adjusted_p"] = benjamini_hochberg(table["p_value"].astype(float))
    return table


def _judged(rows: pd.DataFrame, fits: dict[str, Estimate], tests: dict[str, Robustness], by: tuple[float, EffectParams]) -> pd.DataFrame:
    shared, params = by
    bar = Bar(rate=params.false_discovery_rate, drift_p=params.drift_p, breakdown_min=params.breakdown_min)
    judged = [judge(fits[kpi], tests[kpi], p, shared, bar) if kpi in fits else None for kpi, p in zip(rows["kpi"], rows["adjusted_p"], strict=True)]
    verdicts = [j.verdict if isinstance(j, Judgement) else None for j in judged]
    reasons = [j.reasons if isinstance(j, Judgement) else () for j in judged]
    return rows.assign(verdict=pd.Series(verdicts, dtype=object, index=rows.index), reasons=pd.Series(reasons, dtype=object, index=rows.index))


def _shared_share(shared: pd.DataFrame) -> float:
    """Return the larger share of deals whose owner or account also works in a unit with another date."""
    deals = float(shared["deals_count"].sum()) if len(shared) else 0.0
    return max(float(shared[c].sum()) for c in ("shared_owner_count", "shared_account_count")) / deals if deals else 0.0


def _row(outcome: Outcome, fit: Estimate | Message, tests: Robustness | None) -> dict[str, object]:
    shared: dict[str, object] = {
        "kpi": outcome.kpi, "unit": outcome.unit, "horizon_days": outcome.horizon_days, "young_count": outcome.young_count,
        "straddling_count": outcome.straddling_count, "unlisted_count": outcome.unlisted_count,
    }  # fmt: skip
    if isinstance(fit, Message) or tests is None:
        return _empty_row(outcome.kpi, fit if isinstance(fit, Message) else None) | shared
    names = ("value", "low", "high", "p_value", "design", "period", "cases_count", "treated_count", "control_count", "baseline",
             "left_out_count", "cells_left_out")  # fmt: skip
    detectable = float(fit.in_unit(tests.detectable))
    return shared | {name: getattr(fit, name) for name in names} | {"pre_trend_p": tests.pre_trend_p, "detectable": abs(detectable), "reason": None}


def _empty_row(kpi: str, why: Message | None) -> dict[str, object]:
    nothing = dict.fromkeys(("value", "low", "high", "p_value", "detectable", "baseline", "pre_trend_p"), np.nan)
    unit = "days" if kpi == "cycle_length" else "share"
    return {"kpi": kpi, "unit": unit, "cases_count": 0, "young_count": 0, "straddling_count": 0, "unlisted_count": 0, "reason": why} | nothing


def _headline(row: dict[Any, Any], params: EffectParams) -> Headline:
    value, low, high = (clean_float(float(row[name])) for name in ("value", "low", "high"))
    why = msg("all units moved by the same amount, so that no range can be given") if low is None else None
    return Headline(
        key=effect_key(row["kpi"]), kpi="effect", value=value, low=low, high=high, level=params.confidence,
        unit=str(row["unit"]), n=int(row["cases_count"]), reason=why,
    )  # fmt: skip


def _finding(rows: pd.DataFrame, fits: dict[str, Estimate]) -> Message:
    found = estimated(rows)
    parts = tuple(told(row) for row in found.to_dict("records"))
    first = str(found.iloc[0]["kpi"])
    return msg("Comparison: {design}; {why}. Found: {effects}.", design=DESIGNS[fits[first].design], why=fits[first].choice.reason, effects=_listed(parts))


def _brief(rows: pd.DataFrame) -> Message:
    """Say in one sentence which effects are shown or indicated, with their ranges."""
    said = []
    for verdict, word in (("shown", msg("shown")), ("indicated", msg("probable")), ("doubtful", msg("doubtful"))):
        said += [msg("{outcome} {range} ({verdict})", outcome=OUTCOMES[row["kpi"]], range=in_words(row["kpi"], row["low"], row["high"]), verdict=word)
                 for row in rows[rows["verdict"] == verdict].to_dict("records")]  # fmt: skip
    if not said:
        first = estimated(rows).iloc[0]
        return msg("No effect of the programme can be shown; the {outcome} could have changed by {range} (n = {n}).", outcome=OUTCOMES[first["kpi"]],
                   range=in_words(first["kpi"], first["low"], first["high"]), n=int(first["cases_count"]))  # fmt: skip
    return msg("Since the programme, compared with what would have been expected: {effects}.", effects=_listed(tuple(said)))


def _listed(parts: tuple[Message, ...]) -> Message:
    """Join sentences' halves by semicolons."""
    joined = parts[0]
    for part in parts[1:]:
        joined = msg("{before}; {next}", before=joined, next=part)
    return joined


def _event_studies(fits: dict[str, Estimate]) -> pd.DataFrame:
    from workbook.stats.imputation import ImputationFit

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
