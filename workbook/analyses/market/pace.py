"""Do we grow as fast as the market?

Own growth is the won amount by year of closing, complete years only: a year is complete when it begins at least one longest
cycle after the first deal was created and has ended by the reporting date. The market's growth between the same two years
is taken as published; our own carries the chance of who bought how much, customer by customer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, currency_of, with_known_amount
from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, Status, group_key
from workbook.stats.arrays import two_sided_normal
from workbook.stats.mean import Mean, combine_on_log_scale
from workbook.text import Message, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M2"


class PaceParams(Params):
    """measure: which one is the market (empty: as for its size). false_discovery_rate: the one test of this question."""

    measure: str = ""
    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceResult(Result):
    """own: one row per year: year, amount, deals_count, is_complete, market_volume, market_share. own_growth: ratio per
    year (1.05 = 5 % more) between own_years, market_growth: change per year (0.05); lead: own over market growth, a ratio
    with interval; is_reliable: it is not 1 for all we know.
    """

    own: pd.DataFrame | None = None
    own_years: tuple[int, int] | None = None
    own_growth: Mean | None = None
    market_growth: float | None = None
    lead: Mean | None = None
    is_reliable: bool = False
    main: Series | None = None


def aggregate(market: Table, opportunities: Table, params: PaceParams, *, as_of: date) -> dict[str, Table]:
    """Select the market's rows; add won amounts per year and currency, with the squares of the customers' sums. Lazy."""
    import ibis

    deals = with_known_amount(opportunities)
    ended = deals.filter(deals.status.isin(CLOSED) & (deals.closed_on <= ibis.date(as_of)))
    won = ended.filter((ended.status == "won") & ended.known_amount.notnull()).mutate(
        year=lambda t: t.closed_on.year(), customer=lambda t: ibis.coalesce(t.account_id, t.opportunity_id)
    )
    each = won.group_by(["year", "currency", "customer"]).agg(amount=won.known_amount.cast("float64").sum(), deals_count=won.count())
    in_order = ended.closed_on >= ended.created_on
    cycle = ibis.ifelse(in_order, ended.closed_on.delta(ended.created_on, unit="day"), ibis.null("int64"))
    return {
        "market": select_rows(market, as_of),
        "own": each.group_by(["year", "currency"]).agg(
            amount=each.amount.sum(), squares=(each.amount * each.amount).sum(), deals_count=each.deals_count.sum()
        ),
        "coverage": ended.mutate(cycle_days=cycle).agg(
            first_created_on=ended.created_on.min(), first_closed_on=ended.closed_on.min(), longest_days=lambda t: t.cycle_days.max()
        ),
    }


def analyse(small: dict[str, pd.DataFrame], params: PaceParams, *, as_of: date) -> PaceResult:
    """Set own growth beside the market's. Pure."""
    main = main_series(read_series(small["market"])[0], params.measure)
    if isinstance(main, Message):
        return PaceResult(refused=main, certainty="open")
    own = _own(small["own"], small["coverage"], main, as_of)
    years, own_growth, market = _compared(own, small["own"], main, params)
    if years is None or own_growth is None or market is None:
        why = msg("own growth cannot be set beside the market: two complete years of won amounts in the market's money are needed")
        return PaceResult(refused=why, certainty="open", own=own, main=main)
    lead = _scaled(own_growth, 1 / (1 + market))
    p_value = two_sided_normal(math.log(lead.value) / (lead.standard_error / lead.value)) if lead.standard_error > 0 else math.nan
    is_reliable = p_value <= params.false_discovery_rate
    told = _pace(years, (own_growth, market, lead), is_reliable)
    actions = _actions(lead, is_reliable, params, as_of)
    return PaceResult(
        headlines=(_headline(own_growth, years, int(own["deals_count"].sum())),),
        checks=(_check(lead, is_reliable, told),),
        finding=told,
        brief=told,
        actions=actions,
        no_action=None if actions else _no_action(lead, is_reliable),
        limits=_limits(own),
        certainty="likely" if is_reliable else "open",
        own=own, own_years=years, own_growth=own_growth, market_growth=market, lead=lead, is_reliable=is_reliable, main=main,
    )  # fmt: skip


def _scaled(found: Mean, factor: float) -> Mean:
    return Mean(value=found.value * factor, low=found.low * factor, high=found.high * factor, level=found.level, n=found.n,
                standard_error=found.standard_error * factor, method=found.method)  # fmt: skip


def _own(won: pd.DataFrame, coverage: pd.DataFrame, main: Series, as_of: date) -> pd.DataFrame:
    """Won amount by year beside the market. Empty where amounts are in other money than the market, or in several."""
    columns = ["year", "amount", "deals_count", "is_complete", "market_volume", "market_share"]
    currency = currency_of(won, "deals_count")
    if won.empty or currency.refused is not None or (currency.code or main.currency) != main.currency or main.currency is None:
        return pd.DataFrame(columns=columns)
    years = won.dropna(subset=["year"]).groupby("year")[["amount", "deals_count"]].sum().reset_index().astype({"year": int})
    start = _complete_from(coverage)
    years["is_complete"] = [
        start is not None and pd.Timestamp(year, 1, 1) >= start and date(year, 12, 31) <= as_of for year in years["year"]
    ]
    volume = main.comparable.set_index("year")["volume"]
    years["market_volume"] = [float(volume.get(year, math.nan)) for year in years["year"]]
    years["market_share"] = years["amount"] / years["market_volume"]
    return years[columns]


def _complete_from(coverage: pd.DataFrame) -> pd.Timestamp | None:
    """The day from which closings are complete: one longest cycle after the first creation."""
    if coverage.empty or pd.isna(coverage["first_closed_on"].iloc[0]):
        return None
    row = coverage.iloc[0]
    if pd.isna(row["first_created_on"]) or pd.isna(row["longest_days"]):
        return pd.Timestamp(row["first_closed_on"])
    return pd.Timestamp(row["first_created_on"]) + pd.Timedelta(days=float(row["longest_days"]))


Compared = tuple[tuple[int, int] | None, Mean | None, float | None]


def _compared(own: pd.DataFrame, won: pd.DataFrame, main: Series, params: PaceParams) -> Compared:
    """Own and market growth per year between the first and last complete year that the market covers without a break.

    A year's won amount is a random sum: its error is the root of the squared sums of its customers.
    """
    both = own[own["is_complete"].astype(bool) & own["market_volume"].notna() & (own["amount"] > 0)] if len(own) else own
    both = both[both["year"] >= max((b for b in main.breaks if b <= main.year), default=0)]
    if len(both) < 2:
        return None, None, None
    first, last = both.iloc[0], both.iloc[-1]
    span_years = float(last["year"] - first["year"])
    squares = won.groupby("year")["squares"].sum()
    errors = [math.sqrt(float(squares[row["year"]])) for row in (last, first)]
    ratio = combine_on_log_scale(
        [float(last["amount"]), float(first["amount"])], errors, [1 / span_years, -1 / span_years], params.confidence
    )
    market = (float(last["market_volume"]) / float(first["market_volume"])) ** (1 / span_years) - 1
    return (int(first["year"]), int(last["year"])), ratio, market


def _headline(own: Mean, years: tuple[int, int], n: int) -> Headline:
    key = group_key("won_amount_growth", years=f"{years[0]}-{years[1]}")
    return Headline(key=key, kpi="won_amount_growth", value=own.value - 1, low=own.low - 1, high=own.high - 1, level=own.level, unit="ratio", n=n)


def _check(lead: Mean, is_reliable: bool, told: Message) -> Check:
    status: Status = "review" if not is_reliable else "pass" if lead.value > 1 else "fail"
    return Check(key="we_grow_at_least_as_fast_as_the_market", status=status, reason=told)


def _no_action(lead: Mean, is_reliable: bool) -> Message:
    if is_reliable:
        return msg("we gain on the market")
    return msg("the years at hand do not tell our growth from the market's")


def _actions(lead: Mean, is_reliable: bool, params: PaceParams, as_of: date) -> tuple[Action, ...]:
    if not is_reliable or lead.value >= 1:
        return ()
    what = msg("Find out where the market grows without us: by region, segment and competitor.")
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="catch_up_with_the_market", what=what, owner_role=msg("managing director"), due_on=due, watch_kpi="won_amount", evidence=("market_growth",)),)


def _pace(years: tuple[int, int], found: tuple[Mean, float, Mean], is_reliable: bool) -> Message:
    own, market, lead = found
    said = {
        "first": str(years[0]), "last": str(years[1]), "own": share(own.value - 1, signed=True),
        "range": span(own.low - 1, own.high - 1, "share"), "market": share(market, signed=True),
    }  # fmt: skip
    if not is_reliable:
        return msg("From {first} to {last} our won amount changed by {own} a year (range {range}), the market by {market}: no reliable difference.", **said)
    if lead.value > 1:
        return msg("From {first} to {last} our won amount grew faster than the market: {own} a year (range {range}) against {market}.", **said)
    return msg("From {first} to {last} our won amount grew more slowly than the market: {own} a year (range {range}) against {market}.", **said)


def _limits(own: pd.DataFrame) -> tuple[Message, ...]:
    limits = [msg("The market's figures are taken as published; won amounts are orders, the market is turnover.")]
    partial = int((~own["is_complete"].astype(bool)).sum())
    if partial:
        limits.append(nmsg("{n} year of won amounts is incomplete and left out of the comparison.", "{n} years of won amounts are incomplete and left out of the comparison.", partial))
    return tuple(limits)
