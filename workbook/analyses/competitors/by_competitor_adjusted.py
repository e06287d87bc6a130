"""Does the win rate against a competitor come from the competitor, or from the mix of deals it is met in?

Logistic regression of won on the competitors named, with segment, new or existing customer, size of the deal (fifths of
the amounts), product family and region. The adjusted rate is the average predicted rate over all deals that name a
competitor, if each named this one alone (marginal standardisation). Errors allow for deals of one owner being alike. A
competitor differs when its coefficient differs from the mean of the others' after Benjamini-Hochberg. Where the model
cannot be fitted, the mix is described by fewer fields, the last ones first; the limits say which remained.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.mix import MIX, MIX_NAMES, POOLED, fit_with_mix, labels, rivals_named, with_mix
from workbook.analyses.sampling import Sample, SampledParams
from workbook.params import Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.stats.logit import LogitFit
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.standardise import contrast, standardised_rates
from workbook.text import Message, msg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W2"
SAMPLE = Sample(unit="opportunity_id", words=msg("deals"))
class ByCompetitorAdjustedParams(SampledParams):
    """closed_min_count: competitors on fewer decided deals are pooled. level_min_count: values of a mix field on fewer deals are
    pooled. deals_min_count: decided deals that name a competitor, below which nothing is adjusted.
    """

    units_max: int = Field(default=200_000, ge=100)
    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    closed_min_count: int = Field(default=20, ge=5)
    level_min_count: int = Field(default=20, ge=5)
    deals_min_count: int = Field(default=100, ge=20)
    action_days: int = Field(default=30, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCompetitorAdjustedResult(Result):
    """Adjusted win rates.

    by_competitor: one row per competitor, hardest first: competitor, closed_count, win_rate (raw), adjusted_rate, low, high,
    odds_ratio (to the mean of the others), odds_low, odds_high, p_adjusted, is_reliable; log_odds, log_odds_low, log_odds_high
    (to deals without competitor; NaN where none is recorded). mix: fields adjusted for. n: deals in the model.
    """

    by_competitor: pd.DataFrame | None = None
    mix: tuple[str, ...] = ()
    n: int = 0


def aggregate(opportunities: Table, products: Table, params: ByCompetitorAdjustedParams, *, as_of: date) -> Table:
    """Count decided deals with a filled competitor field per mix, owner and outcome. Lazy.

    Without owner a deal is grouped by its account, else it stands alone.
    """
    marked = with_mix(opportunities.filter(opportunities.competitor.notnull()), products)
    return marked.group_by(["competitor", *MIX, "cluster", "is_won"]).agg(deals_count=marked.count())


def analyse(small: pd.DataFrame, params: ByCompetitorAdjustedParams, *, as_of: date) -> ByCompetitorAdjustedResult:
    """Fit the model and average its predictions. Pure."""
    deals = small.loc[small.index.repeat(small["deals_count"])].reset_index(drop=True)
    spelled = labels(deals)
    rivals = rivals_named(deals, params.closed_min_count)
    named = rivals.any(axis=1) if len(rivals.columns) else pd.Series(False, index=deals.index)
    big = [name for name in rivals.columns if name != POOLED]
    refused = _refusal(int(named.sum()), big, params)
    if refused is not None:
        return ByCompetitorAdjustedResult(refused=refused, certainty="open", n=int(named.sum()))
    has_none = bool((~named).any())
    reference = [] if has_none else [big[0]]
    fit, columns, mix = fit_with_mix(
        deals, rivals.drop(columns=reference).astype(float), params.level_min_count, params.confidence
    )
    if fit is None or columns is None:
        reason = msg("the deals are too few or too alike to separate competitors from the mix of deals")
        return ByCompetitorAdjustedResult(refused=reason, certainty="open", n=len(deals))
    table = _table((fit, columns[named.to_numpy()]), (deals, rivals, big), spelled, params.false_discovery_rate)
    actions = _actions(table, params, as_of)
    return ByCompetitorAdjustedResult(
        headlines=tuple(_headline(row, fit) for row in table.to_dict("records")),
        checks=(_events_check(fit), _owners_check(fit)),
        actions=actions,
        no_action=None if actions else msg("with the same mix of deals no competitor is reliably harder than the others"),
        finding=_finding(table),
        brief=_brief(table),
        limits=_limits(mix),
        certainty="likely" if table["is_reliable"].any() else "open",
        by_competitor=table,
        mix=mix,
        n=fit.n,
    )


def _refusal(n: int, big: list[str], params: ByCompetitorAdjustedParams) -> Message | None:
    if n < params.deals_min_count:
        return msg("{n} decided deals name a competitor, {needed} are needed to adjust", n=n, needed=params.deals_min_count)
    if len(big) < 2:
        return msg("fewer than two competitors are named on {needed} or more decided deals", needed=params.closed_min_count)
    return None


def _table(
    fitted: tuple[LogitFit, pd.DataFrame], about: tuple[pd.DataFrame, pd.DataFrame, list[str]], spelled: dict[str, str], allowed: float
) -> pd.DataFrame:
    fit, columns = fitted
    deals, rivals, big = about
    own = [name for name in rivals.columns if name in columns.columns]
    has_none = len(own) == len(rivals.columns)
    scenarios = {name: {other: float(other == name) for other in own} for name in big}
    rates = standardised_rates(fit, columns, scenarios)
    rows = []
    for name, rate in zip(big, rates.to_dict("records"), strict=True):
        won = deals.loc[rivals[name], "is_won"]
        odds = contrast(fit, _against_others(name, big, own))
        alone = contrast(fit, {name: 1.0}) if has_none else (math.nan,) * 4
        rows.append({
            "competitor": spelled[name], "closed_count": len(won), "win_rate": float(won.mean()), "adjusted_rate": rate["rate"],
            "low": rate["low"], "high": rate["high"], "odds_ratio": math.exp(odds[0]), "odds_low": math.exp(odds[1]),
            "odds_high": math.exp(odds[2]), "p_value": odds[3], "log_odds": alone[0], "log_odds_low": alone[1], "log_odds_high": alone[2],
        })  # fmt: skip
    table = pd.DataFrame(rows)
    table["p_adjusted"] = benjamini_hochberg(table["p_value"])
    table["is_reliable"] = (table["p_adjusted"] <= allowed).fillna(False)
    return table.sort_values(["adjusted_rate", "competitor"], ignore_index=True)


def _against_others(name: str, big: list[str], own: list[str]) -> dict[str, float]:
    """Weights of a coefficient minus the mean of the other competitors'; a reference competitor has none (zero)."""
    weights = {other: -1.0 / (len(big) - 1) for other in big}
    weights[name] = 1.0
    return {key: weight for key, weight in weights.items() if key in own}


def _headline(row: dict[Any, Any], fit: LogitFit) -> Headline:
    return Headline(
        key=group_key("win_rate", competitor=row["competitor"], adjusted="mix of deals"), kpi="win_rate", value=float(row["adjusted_rate"]),
        low=float(row["low"]), high=float(row["high"]), level=fit.level, unit="share", n=int(row["closed_count"]),
    )  # fmt: skip


def _events_check(fit: LogitFit) -> Check:
    reason = msg("{n} decided deals, {won} won, {k} coefficients.", n=fit.n, won=fit.success_count, k=len(fit.coefficients))
    return Check(key="adjustment_has_enough_deals", status="review" if fit.few_events else "pass", reason=reason)


def _owners_check(fit: LogitFit) -> Check:
    reason = msg("The errors rest on {n} groups of deals of one owner.", n=fit.clusters or 0)
    return Check(key="adjustment_has_enough_owners", status="review" if fit.few_clusters else "pass", reason=reason)


def _finding(table: pd.DataFrame) -> Message:
    reliable = table[table["is_reliable"]]
    if reliable.empty:
        return msg(
            "With the same mix of deals the win rate runs from {low} to {high}; no competitor differs reliably from the others.",
            low=share(float(table["adjusted_rate"].min())), high=share(float(table["adjusted_rate"].max())),
        )  # fmt: skip
    harder, easier = (tuple(_told(row) for _, row in part.iterrows()) for part in (reliable[reliable["odds_ratio"] < 1], reliable[reliable["odds_ratio"] > 1]))
    if harder and easier:
        return msg("With the same mix of deals, harder than the others: {harder}; easier: {easier}.", harder=harder, easier=easier)
    if harder:
        return msg("With the same mix of deals, harder than the others: {harder}.", harder=harder)
    return msg("With the same mix of deals, easier than the others: {easier}.", easier=easier)


def _brief(table: pd.DataFrame) -> Message:
    hard = table[table["is_reliable"] & (table["odds_ratio"] < 1)]
    if len(hard):
        row = hard.iloc[0]
        return msg(
            "In deals of equal kind {name} is the hardest to beat: we win {rate} (range {range}), unadjusted {raw}.",
            name=str(row["competitor"]), rate=share(float(row["adjusted_rate"])), range=span(float(row["low"]), float(row["high"]), "share"),
            raw=share(float(row["win_rate"])),
        )  # fmt: skip
    return msg(
        "In deals of equal kind we win {low} to {high}, depending on the competitor; none is reliably harder than the others.",
        low=share(float(table["adjusted_rate"].min())), high=share(float(table["adjusted_rate"].max())),
    )  # fmt: skip


def _actions(table: pd.DataFrame, params: ByCompetitorAdjustedParams, as_of: date) -> tuple[Action, ...]:
    """One action per competitor who is reliably harder in deals of equal kind: choose these deals early."""
    hard = table[table["is_reliable"] & (table["odds_ratio"] < 1)]
    return tuple(
        Action(
            key=group_key("qualify_early", competitor=row["competitor"]), owner_role=msg("head of sales"),
            what=msg(
                "Decide at qualification whether to bid against {name}: in deals of equal kind we win {rate} of them.",
                name=str(row["competitor"]), rate=share(float(row["adjusted_rate"])),
            ),
            due_on=as_of + timedelta(days=params.action_days), watch_kpi="win_rate",
            evidence=(group_key("win_rate", competitor=row["competitor"], adjusted="mix of deals"),),
        )
        for _, row in hard.iterrows()
    )  # fmt: skip


def _told(row: pd.Series) -> Message:
    return msg(
        "{name} ({rate}, range {range}; raw {raw}; odds × {odds})", name=str(row["competitor"]), rate=share(float(row["adjusted_rate"])),
        range=span(float(row["low"]), float(row["high"]), "share"), raw=share(float(row["win_rate"])), odds=number(float(row["odds_ratio"]), 2),
    )  # fmt: skip


def _limits(mix: tuple[str, ...]) -> tuple[Message, ...]:
    if not mix:
        return (msg("No field describes the mix of deals; the rates are adjusted only for deals that name several competitors."),)
    left_out = tuple(MIX_NAMES[name] for name in MIX if name not in mix)
    limits = [msg("Adjusted for {fields}; what no field records, such as price or relationship, is not.", fields=tuple(MIX_NAMES[name] for name in mix))]
    if left_out:
        limits.append(msg("Not used, because empty, constant or too much for these deals: {fields}.", fields=left_out))
    return tuple(limits)
