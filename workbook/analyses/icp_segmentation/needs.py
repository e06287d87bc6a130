"""Which problem do we solve demonstrably better than the alternatives? Won and lost by need.

A need is what the deal states (an own field of the opportunities such as need, pain_point or use_case) or, failing that, what its
company states (`accounts.needs`). Decided deals with a need are compared with those that state needs but not this one; the
difference must survive the control over all needs and hold within segment and kind of business (see `deal_traits`). Deals
that name a competitor are compared once more on their own: there the buyer had an alternative. "None" is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import Currency, currency_of, with_known_amount
from workbook.analyses.icp_segmentation.deal_traits import compared, decided, judged
from workbook.analyses.icp_segmentation.stated_needs import ALL, RIVALS, by_need, each_need, latest_cases, own_fields, stated_needs
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.text import Message, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I6"
MORE = 0.1  # what a strong need is worth: a tenth more decided deals with it


class NeedsParams(Params):
    """deals_min_count: needs on fewer decided deals are counted, not judged. cases_max: cases shown per need and outcome."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    deals_min_count: int = Field(default=20, ge=2)
    cases_max: int = Field(default=3, ge=1)
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsResult(Result):
    """needs: one row per need, most often won (pulled to the mean) first: the columns of `deal_traits.COLUMNS`, shrunken,
    adjusted_p, is_reliable, direction, rivals_rate, rivals_closed_count, rivals_difference, rivals_low, rivals_high (the same
    comparison among deals that name a competitor), rivals_direction, recent_amount (decided in the last twelve months). cases: need,
    outcome, opportunity_id, company, closed_on, amount, competitor; no persons. source: "deals" or "companies".
    """

    needs: pd.DataFrame | None = None
    cases: pd.DataFrame | None = None
    source: str | None = None
    currency: str | None = None


def aggregate(opportunities: Table, accounts: Table, params: NeedsParams, *, as_of: date) -> dict[str, Table]:
    """Count won and decided deals with and without each need, money decided lately, and pick cases. Lazy."""
    import ibis

    deals = decided(with_known_amount(opportunities))
    said, words = stated_needs(deals, accounts)
    recent = said.filter((said.closed_on > ibis.date(as_of) - ibis.interval(years=1)) & (said.closed_on <= ibis.date(as_of)))
    spent = each_need(recent.group_by(["said", "currency"]).agg(amount=recent.known_amount.sum(), amount_count=recent.known_amount.count()), words)
    stated = each_need(said.group_by("said").agg(deals_count=said.count()), words)
    none = ibis.literal(0, "int64")
    return {
        **by_need(said, words),
        "money": spent.group_by(["need", "currency"]).agg(amount=spent.amount.sum(), amount_count=spent.amount_count.sum()),
        "cases": latest_cases(said, words, accounts, params.cases_max),
        "facts": deals.agg(closed_count=deals.count()).cross_join(stated.agg(stated_count=ibis.ifelse(stated.is_first, stated.deals_count, none).sum().fill_null(0))).mutate(
            source=ibis.literal("deals" if own_fields(opportunities) else "companies")
        ),
    }


def analyse(small: dict[str, pd.DataFrame], params: NeedsParams, *, as_of: date) -> NeedsResult:
    """Compare needs and say which are met better. Pure."""
    table = compared(small, params.confidence, params.deals_min_count)
    source = str(small["facts"]["source"].iloc[0])
    refused = _refusal(table, small["facts"])
    if refused is not None:
        return NeedsResult(refused=refused, certainty="open")
    currency = currency_of(small["money"], "amount_count")
    needs = _needs(judged(table, params.false_discovery_rate), small["money"], currency)
    actions = _actions(needs, currency, params, as_of)
    return NeedsResult(
        headlines=tuple(_headline(row, params) for row in needs[~needs["is_small"]].to_dict("records")),
        checks=(_stated_check(small["facts"]), _clusters_check(needs)),
        actions=actions,
        no_action=None if actions else msg("No need is met demonstrably better or worse than the others; keep recording needs and competitors, and ask again."),
        finding=_finding(needs),
        brief=_brief(needs),
        limits=_limits(source),
        certainty="likely" if needs["is_reliable"].any() else "open",
        needs=needs,
        cases=small["cases"],
        source=source,
        currency=currency.code,
    )


def _refusal(table: pd.DataFrame, facts: pd.DataFrame) -> Message | None:
    n = int(facts["closed_count"].iloc[0])
    if n == 0:
        return msg("no deal has been won or lost yet")
    known = table[table["dimension"] == "need"]
    if known.empty:
        return msg("no decided deal or its company states a need; record the buyer's need on the opportunity or the account")
    if known["is_small"].all():
        return nmsg("needs are stated on too few of the {n} decided deal to compare", "needs are stated on too few of the {n} decided deals to compare", n)
    return None


def _needs(table: pd.DataFrame, money: pd.DataFrame, currency: Currency) -> pd.DataFrame:
    """One row per need: all deals, and beside it deals that name a competitor."""
    columns = {"rate": "rivals_rate", "closed_count": "rivals_closed_count", "difference": "rivals_difference",
               "difference_low": "rivals_low", "difference_high": "rivals_high", "direction": "rivals_direction"}  # fmt: skip
    rivals = table[table["dimension"] == RIVALS].set_index("value")[list(columns)].rename(columns=columns)
    found = table[table["dimension"] == ALL].drop(columns="dimension").join(rivals, on="value")
    found["rivals_direction"] = found["rivals_direction"].fillna(0).astype(int)
    found["rivals_closed_count"] = found["rivals_closed_count"].fillna(0).astype(int)
    recent = money.astype({"amount": float}).groupby("need")["amount"].sum() if len(money) else pd.Series(dtype=float)
    found["recent_amount"] = found["value"].map(recent) if currency.refused is None else float("nan")
    return found.sort_values(["is_small", "shrunken", "value"], ascending=[True, False, True], ignore_index=True)


def _headline(row: dict[Any, Any], params: NeedsParams) -> Headline:
    return Headline(
        key=group_key("win_rate", need=row["value"]), kpi="win_rate", value=row["rate"], low=row["low"], high=row["high"], unit="share",
        n=row["closed_count"], level=params.confidence,
    )  # fmt: skip


def _stated_check(facts: pd.DataFrame) -> Check:
    n, stated = (int(facts[c].fillna(0).iloc[0]) for c in ("closed_count", "stated_count"))
    reason = msg("{part} of {n} decided deals state a need; the others say nothing about it.", part=share(stated / n), n=n)
    return Check(key="needs_are_recorded", status="pass" if stated >= 0.5 * n else "review", reason=reason)


def _clusters_check(needs: pd.DataFrame) -> Check:
    few = int(needs["few_clusters"].sum())
    reason = msg("{few} of {n} needs rest on deals of fewer than ten salespeople or companies and are not judged.", few=few, n=len(needs))
    return Check(key="needs_rest_on_enough_salespeople_and_companies", status="review" if few else "pass", reason=reason)


def better(needs: pd.DataFrame) -> pd.DataFrame:
    """Needs won reliably more often, those that also are against competitors first."""
    rows = needs[needs["direction"] > 0]
    return rows.sort_values(["rivals_direction", "adjusted", "value"], ascending=[False, False, True], ignore_index=True)


def _brief(needs: pd.DataFrame) -> Message:
    best = better(needs)
    if best.empty:
        return msg("No need is met demonstrably better than the others ({k} compared).", k=int((~needs["is_small"]).sum()))
    row = best.iloc[0]
    said = {"need": str(row["value"]), "rate": share(float(row["rate"])), "n": int(row["closed_count"]), "range": span(float(row["low"]), float(row["high"]), "share")}
    if row["rivals_direction"] > 0:
        return msg("We demonstrably solve “{need}” best: {rate} of {n} deals won (range {range}), also where a competitor was named.", **said)
    return msg("“{need}” is the need we win with most reliably: {rate} of {n} deals (range {range}); against named competitors it is not shown.", **said)


def _finding(needs: pd.DataFrame) -> Message:
    best = better(needs)
    worse = needs[needs["direction"] < 0].sort_values(["adjusted", "value"], ignore_index=True)
    if best.empty and worse.empty:
        return msg(
            "None demonstrably: win rates by need run from {low} to {high}, and no difference survives the control over {k} needs.",
            low=share(float(needs[~needs["is_small"]]["rate"].min())), high=share(float(needs[~needs["is_small"]]["rate"].max())),
            k=int((~needs["is_small"]).sum()),
        )  # fmt: skip
    parts = [_told(row) for row in ([best.iloc[0]] if len(best) else []) + ([worse.iloc[0]] if len(worse) else [])]
    proven = tuple(best[best["rivals_direction"] > 0]["value"])
    if proven:
        return msg("{parts}. Also where a competitor was named, won more often: {needs}.", parts=tuple(parts), needs=proven)
    return msg("{parts}. Where a competitor was named, no need is won demonstrably more often.", parts=tuple(parts))


def _told(row: pd.Series) -> Message:
    said = {"need": str(row["value"]), "rate": share(float(row["rate"])), "n": int(row["closed_count"]), "range": span(float(row["low"]), float(row["high"]), "share"),
            "gap": span(100 * float(row["adjusted_low"]), 100 * float(row["adjusted_high"]), "points")}  # fmt: skip
    if row["direction"] > 0:
        return msg("“{need}” is won more often than other needs ({rate} of {n} deals, range {range}; {gap} percentage points in deals of the same segment)", **said)
    return msg("“{need}” is won less often than other needs ({rate} of {n} deals, range {range}; {gap} percentage points in deals of the same segment)", **said)


def _limits(source: str) -> tuple[Message, ...]:
    where = (
        msg("Needs are those of the company, not of the single deal.") if source == "companies"
        else msg("Needs may have been noted after the outcome was known; ask for them when the deal is created.")
    )  # fmt: skip
    return (
        where,
        msg("“Better” compares our own needs with one another: what rivals win without us is in no CRM."),
        msg("Competitors are often recorded only when a deal is lost; that lowers all win rates against them, not the order of needs."),
    )


def _actions(needs: pd.DataFrame, currency: Currency, params: NeedsParams, as_of: date) -> tuple[Action, ...]:
    """The strongest need to lead with, the weakest to mend."""
    best, worse = better(needs).head(1), needs[needs["direction"] < 0].sort_values(["adjusted", "value"]).head(1)
    return tuple(_action(row, currency, params, as_of) for _, row in pd.concat([best, worse]).iterrows())


def _action(row: pd.Series, currency: Currency, params: NeedsParams, as_of: date) -> Action:
    """Worth per year. Strong: a tenth more decided amount at its win rate. Weak: the gap within segments times what was decided."""
    need, strong = str(row["value"]), row["direction"] > 0
    amount = float(row["recent_amount"]) if currency.refused is None and row["recent_amount"] > 0 else None
    if strong:
        what = msg("Lead with “{need}” in prospecting, proposals and references, with the won deals that name it as proof, and win a tenth more deals with it.", need=need)
        factors = [MORE * float(row[c]) for c in ("rate", "low", "high")]
    else:
        what = msg("Find out from the deals lost with “{need}” what the alternatives do better; mend the offer or stop bidding for it.", need=need)
        factors = [max(-float(row[c]), 0.0) for c in ("adjusted", "adjusted_high", "adjusted_low")]
    value, low, high = (None, None, None) if amount is None else (amount * f for f in factors)
    return Action(
        key=group_key("lead_with_need" if strong else "mend_need", need=need), what=what,
        owner_role=msg("head of marketing") if strong else msg("head of product"), due_on=as_of + timedelta(days=params.action_days),
        watch_kpi="win_rate", value=value, low=low, high=high, currency=currency.code if value is not None else None,
        evidence=(group_key("win_rate", need=need),),
    )  # fmt: skip
