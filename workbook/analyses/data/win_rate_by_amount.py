"""How much of the decided money is won: amount of won deals ÷ amount of won and lost deals.

Deals without an amount (missing, zero or less) stay out and are counted. Where amounts are recorded for one outcome only,
as in exports that keep the value of won deals alone, there is no such rate. It is not the win rate: large deals count more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.data.outcomes import sums_per_cluster
from workbook.analyses.data.timing import with_durations
from workbook.analyses.deals import CLOSED, Currency, currency_of, one_sided
from workbook.params import Params, Share
from workbook.results import Check, Headline, Result, clean_float
from workbook.stats.heterogeneity import association_2x2
from workbook.stats.mean import Mean, ratio_of_sums
from workbook.text import Message, msg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D1"


class WinRateByAmountParams(Params):
    """recorded_min_share: of won and of lost deals, at least this share must carry an amount."""

    confidence: Share = 0.95
    recorded_min_share: Share = 0.5
    largest_max_share: Share = Field(default=0.1, description="of the decided amount that one deal may hold")
    significance: Share = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRateByAmountResult(Result):
    """recorded: one row per outcome: status, deals_count, amount_count, amount (in `currency`)."""

    recorded: pd.DataFrame | None = None
    currency: str | None = None


def aggregate(opportunities: Table, params: WinRateByAmountParams, *, as_of: date) -> dict[str, Table]:
    """Count and add closed deals per outcome and currency, and add amounts per cluster. Lazy."""
    timed = with_durations(opportunities, as_of)
    closed = timed.filter(timed.status.isin(CLOSED))
    recorded = closed.group_by(["status", "currency"]).agg(
        deals_count=closed.count(),
        amount_count=closed.known_amount.count(),
        amount=closed.known_amount.sum(),
        largest=closed.known_amount.max(),
    )
    sums = {
        "won_amount": lambda t: t.known_amount.sum(where=t.status == "won"),
        "closed_amount": lambda t: t.known_amount.sum(),
    }
    return {
        "recorded": recorded,
        "clusters": sums_per_cluster(closed.filter(closed.known_amount.notnull()), sums),
    }


def analyse(small: dict[str, pd.DataFrame], params: WinRateByAmountParams, *, as_of: date) -> WinRateByAmountResult:
    """Turn sums into the rate with its interval. Pure."""
    currency = currency_of(small["recorded"], "amount_count")
    recorded = small["recorded"].groupby("status")[["deals_count", "amount_count", "amount"]].sum().reindex(CLOSED, fill_value=0)
    rate = _rate(small["clusters"], params.confidence)
    n = int(recorded["amount_count"].sum())
    refused = _refusal(recorded, currency, params)
    headline = Headline(
        key="win_rate_amount",
        kpi="win_rate_amount",
        value=None if refused else clean_float(rate.value),
        low=None if refused else clean_float(rate.low),
        high=None if refused else clean_float(rate.high),
        level=params.confidence,
        unit="share",
        n=n,
        reason=refused,
    )
    if refused is not None:
        return WinRateByAmountResult(refused=refused, headlines=(headline,), certainty="open")
    return WinRateByAmountResult(
        headlines=(headline,),
        checks=(_recorded_alike(recorded, params), _no_giant(small["recorded"], params)),
        finding=msg(
            "Of the decided amount {rate} was won (range {range}, {n} deals with an amount).",
            rate=headline.quantity,
            range=headline.interval,
            n=n,
        ),
        brief=msg("By money, {rate} of what is decided is won (range {range}).", rate=headline.quantity, range=headline.interval),
        no_action=msg("the rate by amount shows the mix of large and small deals; where it differs is compared by group"),
        limits=(msg("A few large deals can move this rate; the win rate by count is the steadier measure."),),
        recorded=recorded.reset_index(),
        currency=currency.code,
    )


def _rate(clusters: pd.DataFrame, level: float) -> Mean:
    """The ratio with the wider interval of those by owner and by account."""
    found = [
        ratio_of_sums(
            rows["won_amount"].astype(float).fillna(0.0),
            rows["closed_amount"].astype(float),
            level,
            is_share=True,
        )
        for _, rows in clusters.groupby("clustering", sort=True)
    ]
    return max(found, key=lambda rate: rate.high - rate.low) if found else ratio_of_sums([], [], level, is_share=True)


def _refusal(recorded: pd.DataFrame, currency: Currency, params: WinRateByAmountParams) -> Message | None:
    if int(recorded["deals_count"].sum()) == 0:
        return msg("no deal has been won or lost yet")
    if (filtered := one_sided(int(recorded["deals_count"]["won"]), int(recorded["deals_count"].sum()))) is not None:
        return filtered
    if int(recorded["amount_count"].sum()) == 0:
        return msg("no closed deal carries an amount")
    if currency.refused is not None:
        return currency.refused
    filled = recorded["amount_count"] / recorded["deals_count"].where(recorded["deals_count"] > 0)
    if bool((filled.dropna() < params.recorded_min_share).any()):
        return msg(
            "amounts are recorded on {won} of the won but {lost} of the lost deals",
            won=share(clean_float(filled["won"]), 0),
            lost=share(clean_float(filled["lost"]), 0),
        )
    return None


def _recorded_alike(recorded: pd.DataFrame, params: WinRateByAmountParams) -> Check:
    deals, filled = recorded["deals_count"].astype(int), recorded["amount_count"].astype(int)
    missing = deals - filled
    table = [[missing[s], filled[s]] for s in CLOSED]
    test = association_2x2(table)
    reason = msg(
        "The amount is missing on {won} of {won_all} won and {lost} of {lost_all} lost deals.",
        won=int(missing["won"]),
        won_all=int(deals["won"]),
        lost=int(missing["lost"]),
        lost_all=int(deals["lost"]),
    )
    differs = test.p_value < params.significance
    return Check(
        key="amounts_are_recorded_alike_for_won_and_lost",
        status="review" if differs else "pass",
        reason=reason,
    )


def _no_giant(recorded: pd.DataFrame, params: WinRateByAmountParams) -> Check:
    """A typing error in one amount can turn the rate: say how much the largest deal holds."""
    part = float(recorded["largest"].astype(float).max()) / float(recorded["amount"].astype(float).sum())
    reason = msg("The largest deal holds {part} of the decided amount; check it for a typing error.", part=share(part))
    if part <= params.largest_max_share:
        reason = msg("The largest deal holds {part} of the decided amount.", part=share(part))
    return Check(
        key="no_single_deal_turns_the_amounts",
        status="review" if part > params.largest_max_share else "pass",
        reason=reason,
    )
