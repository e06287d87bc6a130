"""Which of our features are advantages because buyers' decisions show it – and which only we believe in?

Features: the ones declared in the settings, needs that customers declare, product families, rated attributes. Evidence by
decisions: the win rate in deals that name a competitor where the need was declared (the product offered) against the others.
Evidence by ratings: paired scores against the competitors. Evidence against: lost deals whose reason names the feature. One
Benjamini-Hochberg over all differences; what does not survive is listed as unproven.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.cells import closed_against_any, contrasts, moments, summed_moments
from workbook.analyses.competitors.rated import rating_gaps, rating_pairs
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import wilson
from workbook.text import Message, msg, nmsg, number, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W7"
VERDICTS = {
    "advantage": msg("advantage: decisions show it"), "rated": msg("rated better; decisions do not show it"), "disadvantage": msg("disadvantage"),
    "unproven": msg("unproven"),
}  # fmt: skip
SOURCES = {"declared": msg("declared"), "need": msg("customers' need"), "line": msg("product family"), "rating": msg("rated attribute")}


class UspParams(Params):
    """declared_features: what the firm says sets it apart, in the words of needs, products, ratings or loss reasons.
    group_min_count: decided deals on either side of a comparison.
    """

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    declared_features: tuple[str, ...] = ()
    group_min_count: int = Field(default=10, ge=5)
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UspResult(Result):
    """The features.

    features: one row per feature, proven first: feature, source, is_declared, verdict, evidence (message), difference (points of
    win rate, or of the score), low, high, n, unit (`points` or `number`), p_adjusted, lost_share (of the lost deals with a
    reason those that name it, NaN where none does).
    """

    features: pd.DataFrame | None = None


def aggregate(
    opportunities: Table, accounts: Table, products: Table, ratings: Table, competitors: Table, params: UspParams, *, as_of: date
) -> dict[str, Table]:
    """Count decided deals that name a competitor by need and product, lost ones by reason; sum rating differences. Lazy."""
    decided = closed_against_any(opportunities, accounts, products)
    lost = opportunities.filter((opportunities.status == "lost") & (opportunities.loss_reason.strip() != ""))
    return {
        **moments(decided, ("line", "need"), params.group_min_count),
        "ratings": rating_pairs(ratings, competitors, together=True),
        "reasons": lost.group_by(lost.loss_reason.strip().lower().name("reason")).agg(lost_count=lost.count()),
    }


def analyse(small: dict[str, pd.DataFrame], params: UspParams, *, as_of: date) -> UspResult:
    """Judge each feature by what buyers did and said. Pure."""
    rows = [*_from_deals(summed_moments(small), params), *_from_ratings(small["ratings"], params)]
    if not rows and not params.declared_features:
        reason = msg("no needs, products or ratings stand beside enough decided deals that name a competitor, and no feature is declared")
        return UspResult(refused=reason, certainty="open")
    table = _judged(_with_declared(pd.DataFrame(rows, columns=COLUMNS), params), small["reasons"], params)
    actions = _actions(table, params, as_of)
    return UspResult(
        checks=(_declared_check(table, params),),
        actions=actions,
        no_action=None if actions else msg("nothing is proven that could be told, and nothing is declared that could be dropped"),
        finding=_finding(table),
        brief=_brief(table),
        limits=(msg("A win rate that differs where a need was declared shows that buyers with it choose us more or less often, not that a feature is why."),
                msg("Ratings are opinions: they count as an advantage only where decisions go the same way.")),
        certainty="likely" if (table["verdict"] != "unproven").any() else "open",
        features=table,
    )  # fmt: skip


COLUMNS = ["feature", "source", "difference", "low", "high", "p_value", "n", "unit", "evidence"]


def _from_deals(summed: pd.DataFrame, params: UspParams) -> list[dict[str, Any]]:
    table = contrasts(summed, params.confidence, params.group_min_count)
    return [_deal_row(row) for row in table.to_dict("records")]


def _deal_row(row: dict[Any, Any]) -> dict[str, Any]:
    value, low, high = (100 * float(row[name]) for name in ("difference", "difference_low", "difference_high"))
    said = {
        "rate": share(float(row["rate"])), "n": int(row["closed_count"]), "rest": share(float(row["rest_rate"])),
        "gap": points(value, signed=True), "range": span(low, high, "points"),
    }  # fmt: skip
    if row["dimension"] == "need":
        words = msg("{rate} of {n} decided deals won where it was declared, {rest} elsewhere; {gap} points ({range})", **said)
    else:
        words = msg("{rate} of {n} decided deals won with it, {rest} with others; {gap} points ({range})", **said)
    return {
        "feature": str(row["value"]), "source": str(row["dimension"]), "difference": value, "low": low, "high": high,
        "p_value": float(row["p_value"]), "n": int(row["closed_count"]), "unit": "points", "evidence": words,
    }  # fmt: skip


def _from_ratings(pairs: pd.DataFrame, params: UspParams) -> list[dict[str, Any]]:
    return [_rating_row(row) for row in rating_gaps(pairs, params.confidence).to_dict("records")]


def _rating_row(row: dict[Any, Any]) -> dict[str, Any]:
    words = msg(
        "{n} buyers give us {own}, the competitors {their} (difference {range})", n=int(row["n"]), own=number(float(row["own_score"]), 1),
        their=number(float(row["their_score"]), 1), range=span(float(row["low"]), float(row["high"]), "number"),
    )  # fmt: skip
    return {
        "feature": str(row["attribute"]), "source": "rating", "difference": float(row["difference"]), "low": float(row["low"]),
        "high": float(row["high"]), "p_value": float(row["p_value"]), "n": int(row["n"]), "unit": "number", "evidence": words,
    }  # fmt: skip


def _with_declared(table: pd.DataFrame, params: UspParams) -> pd.DataFrame:
    """Mark what is declared, and add what is declared but nowhere in the data."""
    declared = {name.strip().lower(): name.strip() for name in params.declared_features if name.strip()}
    table = table.assign(is_declared=[name.lower() in declared for name in table["feature"]])
    found = {name.lower() for name in table["feature"]}
    nowhere = msg("neither needs, products nor ratings mention it")
    more = [
        {"feature": name, "source": "declared", "difference": math.nan, "low": math.nan, "high": math.nan, "p_value": math.nan, "n": 0,
         "unit": "points", "evidence": nowhere, "is_declared": True}
        for key, name in sorted(declared.items()) if key not in found
    ]  # fmt: skip
    if not more:
        return table
    return pd.DataFrame([*table.to_dict("records"), *more])


def _judged(table: pd.DataFrame, reasons: pd.DataFrame, params: UspParams) -> pd.DataFrame:
    adjusted = benjamini_hochberg(table["p_value"].astype(float))
    sure = np.nan_to_num(adjusted, nan=1.0) <= params.false_discovery_rate
    better, by_deal = table["difference"].astype(float) > 0, table["unit"] == "points"
    verdict = np.select([sure & better & by_deal, sure & better, sure], ["advantage", "rated", "disadvantage"], "unproven")
    lost = dict(zip(reasons["reason"], reasons["lost_count"], strict=True))
    whole = sum(lost.values())
    share_lost = [lost[name.lower()] / whole if name.lower() in lost else math.nan for name in table["feature"]]
    evidence = [_against(words, name.lower(), lost, params.confidence) for words, name in zip(table["evidence"], table["feature"], strict=True)]
    table = table.assign(p_adjusted=adjusted, verdict=verdict, lost_share=share_lost, evidence=pd.Series(evidence, index=table.index, dtype=object))
    order = {name: place for place, name in enumerate(VERDICTS)}
    size = np.where(by_deal, 1.0, 0.0)
    ranked = table.assign(_order=table["verdict"].map(order), _size=size, _p=table["p_value"].fillna(2.0).astype(float))
    return ranked.sort_values(["_order", "_size", "_p", "feature", "source"], ascending=[True, False, True, True, True], ignore_index=True).drop(columns=["_order", "_size", "_p"])


def _against(words: Message, name: str, lost: dict[str, int], level: float) -> Message:
    """Add how often the feature is named as the reason of a loss."""
    if name not in lost:
        return words
    k, n = int(lost[name]), int(sum(lost.values()))
    interval = wilson(k, n, level)
    return msg("{words}; named on {part} of {n} lost deals ({range})", words=words, part=share(k / n), n=n, range=span(interval.low, interval.high, "share"))


def _declared_check(table: pd.DataFrame, params: UspParams) -> Check:
    key = "declared_features_have_buyer_evidence"
    if not params.declared_features:
        return Check(key=key, status="not_applicable", reason=msg("No feature is declared in the settings (declared_features)."))
    bare = [str(name) for name, group in table[table["is_declared"]].groupby("feature") if not group["verdict"].isin(["advantage", "rated"]).any()]
    if not bare:
        return Check(key=key, status="pass", reason=msg("Every declared feature has evidence from buyers."))
    return Check(key=key, status="review", reason=msg("Declared, but without evidence from buyers: {names}.", names=tuple(bare[:10])))


def _counts(table: pd.DataFrame) -> dict[str, int]:
    return {name: int((table["verdict"] == name).sum()) for name in VERDICTS}


def _finding(table: pd.DataFrame) -> Message:
    counts = _counts(table)
    first = nmsg("{n} feature was examined", "{n} features were examined", len(table))
    said = msg(
        "{first}: buyers' decisions show {advantage} as an advantage, {rated} are only rated better, {disadvantage} are disadvantages, {unproven} are unproven.",
        first=first, **counts,
    )  # fmt: skip
    top = table[table["verdict"] == "advantage"]
    if top.empty:
        return said
    return msg("{first} First: {feature} – {evidence}.", first=said, feature=str(top.iloc[0]["feature"]), evidence=top.iloc[0]["evidence"])


def _brief(table: pd.DataFrame) -> Message:
    counts = _counts(table)
    top = table[table["verdict"] == "advantage"]
    if top.empty:
        return msg("No feature is proven by buyers' decisions ({n} examined, {rated} rated better than the competitors').", n=len(table), rated=counts["rated"])
    row = top.iloc[0]
    gap = span(float(row["low"]), float(row["high"]), "points")
    return msg("Proven by decisions: {feature}, {gap} points of win rate (n = {n}); {unproven} features remain unproven.", feature=str(row["feature"]), gap=gap, n=int(row["n"]), unproven=counts["unproven"])


def _actions(table: pd.DataFrame, params: UspParams, as_of: date) -> tuple[Action, ...]:
    due, found = as_of + timedelta(days=params.action_days), []
    best = table[table["verdict"].isin(["advantage", "rated"])]
    if len(best):
        what = msg("Put {features} in front of offers and web pages: buyers show it.", features=tuple(dict.fromkeys(best["feature"].head(3))))
        found.append(Action(key="lead_with_proven_features", what=what, owner_role=msg("marketing"), due_on=due, watch_kpi="win_rate"))
    bare = table[table["is_declared"] & (table["verdict"] == "unproven")]
    if len(bare):
        what = msg("Ask ten buyers whether {features} decided anything; stop claiming what none of them names.", features=tuple(dict.fromkeys(bare["feature"].head(3))))
        found.append(Action(key="test_unproven_features", what=what, owner_role=msg("product management"), due_on=due, watch_kpi="win_rate"))
    return tuple(found)
