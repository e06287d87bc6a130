"""What was won: the sum of the amounts of won deals, by year, and how few customers it rests on.

Won deals without an amount (missing, zero or less) stay out and are counted. The last twelve months stand beside the
twelve before, where the data reach back far enough. Totals have no interval: nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.data.timing import (
    coverage,
    covers,
    with_durations,
    with_window,
    years_before,
)
from workbook.analyses.deals import currency_of
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.text import Message, money, msg, nmsg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D1"
NO_INTERVAL = msg("a total, not an estimate")


class WonAmountParams(Params):
    """top_customers: how many of the largest customers are added up. top_max_share: review where they hold more."""

    top_customers: int = Field(default=5, ge=1)
    top_max_share: Share = 0.4
    amount_missing_max_share: Share = 0.1
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WonAmountResult(Result):
    """The money won.

    by_year: year (null: no closing date), deals_count, without_amount_count, amount, is_partial. customers: rank,
    amount, cumulated_share, one row per customer with an amount, largest first, without names. Money in `currency`.
    """

    by_year: pd.DataFrame | None = None
    customers: pd.DataFrame | None = None
    currency: str | None = None
    top_share: float | None = None


def aggregate(opportunities: Table, params: WonAmountParams, *, as_of: date) -> dict[str, Table]:
    """Add won amounts per year, window and currency, and per customer. Lazy."""
    timed = with_window(with_durations(opportunities, as_of), as_of)
    won = timed.filter(timed.status == "won").mutate(year=lambda t: t.closed_on.year())
    sums = {
        "deals_count": won.count(),
        "amount_count": won.known_amount.count(),
        "amount": won.known_amount.sum(),
    }
    named = won.filter(won.account_id.notnull() & won.known_amount.notnull())
    return {
        "periods": won.group_by(["currency", "year", "window"]).agg(**sums),
        "customers": named.group_by("account_id").agg(amount=named.known_amount.sum()).select("amount"),
        "coverage": coverage(opportunities, as_of),
    }


def analyse(small: dict[str, pd.DataFrame], params: WonAmountParams, *, as_of: date) -> WonAmountResult:
    """Turn sums into totals, years and concentration. Pure."""
    periods = small["periods"].assign(amount=small["periods"]["amount"].astype(float))
    n, valued = int(periods["deals_count"].sum()), int(periods["amount_count"].sum())
    currency = currency_of(periods, "amount_count")
    refused = currency.refused or _refusal(n, valued)
    if refused is not None:
        blank = _headline("won_amount", None, n, (None, refused))
        return WonAmountResult(refused=refused, headlines=(blank,), certainty="open")
    total = _headline("won_amount", float(periods["amount"].sum()), valued, (currency.code, NO_INTERVAL))
    recent = _recent(periods, small["coverage"], currency.code, as_of)
    customers = _customers(small["customers"])
    top = _top_share(customers, params)
    return WonAmountResult(
        headlines=(total, *recent),
        checks=(_valued_check(n, valued, params), _spread_check(customers, top, params)),
        actions=_actions((n, valued), top, params, as_of + timedelta(days=params.action_days)),
        finding=_finding(total, recent, top, params),
        brief=_brief(total, recent),
        no_action=msg("the amounts are complete and no few customers carry the sales"),
        limits=_limits(n, valued),
        certainty="firm" if valued == n else "likely",
        by_year=_by_year(periods, as_of),
        customers=customers,
        currency=currency.code,
        top_share=top,
    )


def _refusal(n: int, valued: int) -> Message | None:
    if n == 0:
        return msg("no deal has been won yet")
    return None if valued else nmsg("the won deal carries no amount", "none of the {n} won deals carries an amount", n)


def _headline(key: str, value: float | None, n: int, about: tuple[str | None, Message], prior: float | None = None) -> Headline:
    currency, reason = about
    return Headline(
        key=key,
        kpi="won_amount",
        value=value,
        unit="money",
        n=n,
        currency=currency,
        reason=reason,
        prior=prior,
    )


def _recent(periods: pd.DataFrame, span: pd.DataFrame, currency: str | None, as_of: date) -> tuple[Headline, ...]:
    """The last twelve months, with the twelve before as prior; nothing where the data begin within them."""
    if not covers(span, years_before(as_of, 1)):
        return ()
    last, before = (periods[periods["window"] == window] for window in ("last", "before"))
    prior = float(before["amount"].sum()) if covers(span, years_before(as_of, 2)) else None
    key = group_key("won_amount", period="last 12 months")
    return (_headline(key, float(last["amount"].sum()), int(last["amount_count"].sum()), (currency, NO_INTERVAL), prior),)


def _customers(rows: pd.DataFrame) -> pd.DataFrame:
    amounts = rows["amount"].astype(float).sort_values(ascending=False, ignore_index=True)
    total = float(amounts.sum())
    return pd.DataFrame(
        {
            "rank": range(1, len(amounts) + 1),
            "amount": amounts,
            "cumulated_share": amounts.cumsum() / total if total else amounts,
        }
    )


def _top_share(customers: pd.DataFrame, params: WonAmountParams) -> float | None:
    if customers.empty:
        return None
    return float(customers["cumulated_share"].iloc[min(params.top_customers, len(customers)) - 1])


def _by_year(periods: pd.DataFrame, as_of: date) -> pd.DataFrame:
    columns = ["deals_count", "amount_count", "amount"]
    years = periods.groupby("year", dropna=False)[columns].sum().reset_index()
    years["without_amount_count"] = years["deals_count"] - years["amount_count"]
    years["is_partial"] = (years["year"] == as_of.year) & (as_of < date(as_of.year, 12, 31))
    return years.drop(columns="amount_count").sort_values("year", ignore_index=True)


def _valued_check(n: int, valued: int, params: WonAmountParams) -> Check:
    reason = msg("{part} of {n} won deals carry no amount.", part=n - valued, n=n)
    enough = n - valued <= params.amount_missing_max_share * n
    return Check(key="won_deals_carry_an_amount", status="pass" if enough else "review", reason=reason)


def _spread_check(customers: pd.DataFrame, top: float | None, params: WonAmountParams) -> Check:
    key = "won_amount_is_spread_over_customers"
    if top is None:
        reason = msg("The won deals name no customer; whether a few carry the sales cannot be seen.")
        return Check(key=key, status="not_applicable", reason=reason)
    reason = msg(
        "The {k} largest of {n} customers hold {top} of the won amount.",
        k=min(params.top_customers, len(customers)),
        n=len(customers),
        top=share(top),
    )
    return Check(key=key, status="review" if top > params.top_max_share else "pass", reason=reason)


def _finding(total: Headline, recent: tuple[Headline, ...], top: float | None, params: WonAmountParams) -> Message:
    first = msg("{n} won deals are worth {amount}.", n=total.n, amount=total.quantity)
    if not recent:
        return first
    last = recent[0]
    if last.prior is None:
        return msg("{first} {last} of it in the last twelve months.", first=first, last=last.quantity)
    return msg(
        "{first} {last} of it in the last twelve months, after {before} in the twelve months before.",
        first=first,
        last=last.quantity,
        before=money(last.prior, last.currency),
    )


def _brief(total: Headline, recent: tuple[Headline, ...]) -> Message:
    if not recent:
        return msg("Deals worth {amount} were won.", amount=total.quantity)
    last = recent[0]
    if last.prior is None:
        return msg("Deals worth {amount} were won in the last twelve months.", amount=last.quantity)
    return msg(
        "Deals worth {amount} were won in the last twelve months, after {before} in the twelve before.",
        amount=last.quantity,
        before=money(last.prior, last.currency),
    )


def _actions(counts: tuple[int, int], top: float | None, params: WonAmountParams, due: date) -> tuple[Action, ...]:
    """Ask for missing amounts, and for more customers where few carry the sales."""
    n, valued = counts
    wanted = (
        (n - valued > params.amount_missing_max_share * n, "enter_amounts_of_won_deals", nmsg(
            "Enter the amount of the {n} won deal that has none.", "Enter the amounts of the {n} won deals that have none.", n - valued,
        ), msg("sales operations")),
        (top is not None and top > params.top_max_share, "widen_the_customer_base", msg(
            "Agree a plan for customers beyond the {k} largest, which hold {top} of what was won: who is to be won or grown, by when.",
            k=params.top_customers, top=share(top),
        ), msg("head of sales")),
    )  # fmt: skip
    return tuple(
        Action(key=key, what=what, owner_role=role, due_on=due, watch_kpi="won_amount", evidence=("won_amount",))
        for is_wanted, key, what, role in wanted
        if is_wanted
    )


def _limits(n: int, valued: int) -> tuple[Message, ...]:
    if n == valued:
        return ()
    return (
        nmsg(
            "{n} won deal has no amount and is not in the sum.",
            "{n} won deals have no amount and are not in the sum.",
            n - valued,
        ),
    )
