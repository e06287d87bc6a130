"""Who the best customers are: how few carry the business, how many buy again, and whether knowing us helps to win.

Value of a customer: gross margin on his invoices where nine tenths of the lines carry one, else the invoiced amount, else
the amount of his won deals. Loyal: two or more purchases (won deals; without any, days invoiced). Best: loyal and more likely
than not among the fifth that is best by profit, loyalty and growth together (see `customer_ranking`); where there is too
little for that, among the fifth with the highest value. A deal is one of an existing customer if that customer's first deal was won before it was created.
One file of opportunities is enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, clusters_of, one_sided, totals_of, won_per_cluster
from workbook.analyses.icp_segmentation.account_table import account_table, currencies, with_value
from workbook.analyses.icp_segmentation.customer_ranking import ranking
from workbook.analyses.icp_segmentation.labels import BASIS_LABELS
from workbook.analyses.icp_segmentation.purchases import best_source, purchases
from workbook.analyses.sampling import Sample, SampledParams, times
from workbook.params import Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.proportion import Difference, Proportion, proportion, two_proportion_difference
from workbook.stats.top_share import top_share, top_share_interval
from workbook.text import Message, money, msg, nmsg, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I1"
SAMPLE = Sample(unit="account_id", words=msg("companies"), tables=("accounts", "orders"))
FEW = msg("too few customers for a range")
RANK_DRAWS = 400
RANK_COLUMNS = ("money_per_year", "money_per_year_low", "money_per_year_high", "purchases_per_year", "late_share", "rank", "rank_low", "rank_high", "top_probability")


class BestCustomersParams(SampledParams):
    """best_share: the part of the customers, by value, that may be best. customers_min: fewer have no best part."""

    confidence: Share = 0.95
    best_share: Share = 0.2
    false_discovery_rate: Share = 0.05
    customers_min: int = Field(default=10, ge=2)
    group_min_count: int = Field(default=10, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BestCustomersResult(Result):
    """customers: one row per customer, highest value first: account_id, name, value, value_share, cumulated_share (null without
    value), purchases_count, won_count, closed_count, is_loyal, is_best, and of `customer_ranking.ranking` the money and purchases per year, rank with range and top_probability (null
    where it could not rank). known: one row per kind of deal: kind ("existing",
    "new"), won_count, closed_count, rate, low, high. difference: existing − new. basis: what value means. Money in `currency`.
    """

    customers: pd.DataFrame | None = None
    known: pd.DataFrame | None = None
    difference: Difference | None = None
    basis: str | None = None
    currency: str | None = None


def aggregate(
    opportunities: Table, accounts: Table, invoices: Table, params: BestCustomersParams, *, as_of: date
) -> dict[str, Table]:
    """Return companies with their sums, and closed deals per cluster of existing and of new customers. Lazy."""
    return {
        "accounts": account_table(accounts, opportunities, invoices, as_of),
        "currencies": currencies(opportunities, invoices),
        "known": won_per_cluster(_with_kind(opportunities), ("kind",)),
        "orders": purchases(invoices, opportunities, as_of),
    }


def _with_kind(opportunities: Table) -> Table:
    """Add kind: existing, new, or null where company or dates are not known or the data begin too late to tell. Lazy.

    Early in an export every customer looks new, and of that time it may hold the quick deals only: deals closed within one
    longest cycle of the first creation are not compared.
    """
    import ibis

    won = opportunities.filter((opportunities.status == "won") & opportunities.account_id.notnull() & opportunities.closed_on.notnull())
    first = won.group_by(won.account_id.name("buyer_id")).agg(first_won_on=won.closed_on.min())
    closed = opportunities.filter(opportunities.status.isin(CLOSED) & (opportunities.closed_on >= opportunities.created_on))
    span = closed.agg(begin_on=closed.created_on.min(), longest_days=closed.closed_on.delta(closed.created_on, unit="day").max())
    joined = opportunities.left_join(first, opportunities.account_id == first.buyer_id).cross_join(span)
    is_dated = joined.created_on.notnull() & joined.account_id.notnull()
    is_covered = joined.closed_on.delta(joined.begin_on, unit="day") >= joined.longest_days
    kind = ibis.cases(
        (~is_covered.fill_null(False), ibis.null("string")), (joined.created_on > joined.first_won_on, "existing"), (is_dated, "new"),
        else_=ibis.null("string"),
    )  # fmt: skip
    return joined.mutate(kind=kind)


def analyse(small: dict[str, pd.DataFrame], params: BestCustomersParams, *, as_of: date) -> BestCustomersResult:
    """Rank customers, add up the best, compare existing with new ones. Pure."""
    rows, basis, currency = with_value(small["accounts"], small["currencies"])
    buyers = rows[rows["is_customer"]]
    refused = _refusal(rows, buyers)
    if refused is not None:
        return BestCustomersResult(refused=refused, certainty="open")
    if currency.refused is not None:
        buyers = buyers.assign(value=math.nan)
    customers = with_ranks(ranked(buyers, params), None if currency.refused else _ranks(small["orders"], basis, params, as_of), params)
    filtered = one_sided(*totals_of(small["known"]))
    known, difference = _known(small["known"].iloc[:0] if filtered else small["known"], params)
    repeat = proportion(int(customers["is_loyal"].sum()), len(customers), params.confidence)
    no_value = currency.refused or _no_value(customers, params)
    top, counts = _top(customers, no_value, params), _counts(customers, times(small))
    return BestCustomersResult(
        headlines=(_repeat(repeat), top, *_known_headlines(known, params)),
        checks=(_concentration(top, params),),
        actions=_actions(customers, basis, currency.code, times(small), as_of),
        no_action=msg("no customer can be told apart as one of the best"),
        finding=_finding(counts, repeat, top, basis, params),
        brief=_brief(counts["n"], repeat, top, basis, params),
        limits=_limits(difference, currency.refused, filtered, params),
        certainty="firm" if len(customers) >= 100 else "likely",
        customers=customers,
        known=known if len(known) else None,
        difference=difference,
        basis=None if no_value else basis,
        currency=currency.code,
    )


def _refusal(rows: pd.DataFrame, buyers: pd.DataFrame) -> Message | None:
    if rows.empty:
        return msg("no deal or invoice names a company; add the account name to the export of the opportunities")
    if buyers.empty:
        return msg("none of the {n} companies has bought anything yet", n=len(rows))
    return None


def _no_value(customers: pd.DataFrame, params: BestCustomersParams) -> Message | None:
    valued = int((customers["value"] > 0).sum())
    if valued == 0:
        return msg("no purchase carries an amount; add the amount to the export")
    if valued < params.customers_min:
        return nmsg("only {n} customer has a known value", "only {n} customers have a known value", valued)
    return None


def ranked(buyers: pd.DataFrame, params: BestCustomersParams) -> pd.DataFrame:
    """Rank customers by value and mark the loyal and the best. buyers: rows of `account_table` with a value. Pure."""
    table = buyers.sort_values(["value", "account_id"], ascending=[False, True], ignore_index=True, na_position="last")
    positive = table["value"].clip(lower=0)
    total = float(positive.sum())
    table["value_share"] = positive / total if total > 0 else math.nan
    table["cumulated_share"] = table["value_share"].cumsum()
    table["is_loyal"] = table["purchases_count"] >= 2
    valued = int((table["value"] > 0).sum())
    in_top = np.arange(len(table)) < math.ceil(params.best_share * valued)
    table["is_best"] = in_top & table["is_loyal"] & (valued >= params.customers_min)
    table["name"] = table["name"].astype(object).where(table["name"].notna(), table["account_id"])
    columns = ["account_id", "name", "value", "value_share", "cumulated_share", "purchases_count", "won_count", "closed_count"]
    return table[[*columns, "is_loyal", "is_best"]]


def _ranks(orders: pd.DataFrame, basis: str, params: BestCustomersParams, as_of: date) -> pd.DataFrame | None:
    _, days = best_source(orders)
    money_of = days["margin" if basis == "margin" else "amount"].astype(float).fillna(0.0)
    return ranking(days.assign(money=money_of), as_of, params.best_share, RANK_DRAWS, params.seed, params.confidence)


def with_ranks(customers: pd.DataFrame, ranks: pd.DataFrame | None, params: BestCustomersParams) -> pd.DataFrame:
    """Add what `ranking` says; it decides who is best where it could rank. Pure."""
    if ranks is None:
        return customers.assign(**dict.fromkeys(RANK_COLUMNS, math.nan))
    keyed = ranks.set_index("account_id")
    ids = customers["account_id"].astype(str)
    added = customers.assign(**{name: ids.map(keyed[name]) for name in RANK_COLUMNS})
    return added.assign(is_best=added["is_loyal"] & (added["top_probability"].fillna(0.0) >= 0.5))


def _known(counted: pd.DataFrame, params: BestCustomersParams) -> tuple[pd.DataFrame, Difference | None]:
    rates = {kind: _rate(counted[counted["kind"] == kind], params) for kind in ("existing", "new")}
    table = pd.DataFrame([
        {"kind": kind, "won_count": int(r.successes), "closed_count": int(r.n), "rate": r.value, "low": r.low, "high": r.high}
        for kind, r in rates.items() if r.n >= params.group_min_count
    ])  # fmt: skip
    return table, two_proportion_difference(rates["existing"], rates["new"]) if len(table) == 2 else None


def _rate(counted: pd.DataFrame, params: BestCustomersParams) -> Proportion:
    return proportion(*totals_of(counted), params.confidence, clusters_of(counted))


def _repeat(rate: Proportion) -> Headline:
    return Headline(key="repeat_purchase", kpi="repeat_purchase", value=clean_float(rate.value), low=clean_float(rate.low),
                    high=clean_float(rate.high), level=rate.level, unit="share", n=int(rate.n))  # fmt: skip


def _top(customers: pd.DataFrame, reason: Message | None, params: BestCustomersParams) -> Headline:
    """Share of the value that the most valuable fifth holds; its interval is that of the market the customers come from."""
    values = customers.loc[customers["value"] > 0, "value"].to_numpy(float)
    held = None if reason else top_share(values, params.best_share)
    ends = top_share_interval(values, params.best_share, params.confidence)
    low, high = (None if held is None else clean_float(end) for end in (ends.low, ends.high))
    return Headline(key="top_customer_share", kpi="top_customer_share", value=clean_float(held), low=low, high=high, level=params.confidence, unit="share",
                    n=len(customers), reason=reason or (FEW if low is None else None))  # fmt: skip


def _known_headlines(known: pd.DataFrame, params: BestCustomersParams) -> list[Headline]:
    return [
        Headline(key=group_key("win_rate", bought_before="yes" if row["kind"] == "existing" else "no"), kpi="win_rate",
                 value=row["rate"], low=row["low"], high=row["high"], level=params.confidence, unit="share", n=int(row["closed_count"]))
        for row in known.to_dict("records")
    ]  # fmt: skip


def _concentration(top: Headline, params: BestCustomersParams) -> Check:
    key = "value_does_not_hang_on_few_customers"
    if top.value is None:
        return Check(key=key, status="not_applicable", reason=msg("The value of the customers is not known."))
    reason = msg("The {part} of customers with the highest value hold {top} of it.", part=share(params.best_share, 0), top=share(top.value))
    return Check(key=key, status="review" if top.value > 0.8 else "pass", reason=reason)


def _counts(customers: pd.DataFrame, each: float) -> dict[str, int | None]:
    """Count all customers, the best, and the sure ones among them (None where nobody could be ranked); each stands for `each`."""
    best = customers["is_best"]
    sure = None if customers["top_probability"].isna().all() else round(each * (best & (customers["top_probability"] >= 0.9)).sum())
    return {"n": round(each * len(customers)), "best": round(each * best.sum()), "sure": sure}


def _actions(customers: pd.DataFrame, basis: str, currency: str | None, each: float, as_of: date) -> tuple[Action, ...]:
    best = customers[customers["is_best"] & customers["top_probability"].notna()]
    if best.empty:
        return ()
    yearly = each * float(best["money_per_year"].sum())
    what = nmsg("Give the best customer an account plan with a yearly review, so that the {money} of {basis} a year stay.",
                "Give each of the {n} best customers an account plan with a yearly review, so that the {money} of {basis} a year stay.",
                round(each * len(best)), money=money(yearly, currency), basis=BASIS_LABELS[basis])  # fmt: skip
    return (Action(key="plan_best_accounts", what=what, owner_role=msg("head of sales"), due_on=as_of + timedelta(days=90), watch_kpi="repeat_purchase",
                   evidence=("top_customer_share", "repeat_purchase")),)  # fmt: skip


def _brief(n: int | None, repeat: Proportion, top: Headline, basis: str, params: BestCustomersParams) -> Message:
    if top.value is None:
        return msg("Of {n} customers, {rate} bought again (range {range}).", n=n, rate=share(repeat.value), range=span(repeat.low, repeat.high, "share"))
    said = {"part": share(params.best_share, 0), "n": n, "top": share(top.value), "basis": BASIS_LABELS[basis]}
    if top.low is None:
        return msg("The most valuable {part} of {n} customers bring {top} of the {basis}.", **said)
    return msg("The most valuable {part} of {n} customers bring {top} of the {basis} (range {range}).", **said, range=top.interval)


def _finding(counts: dict[str, int | None], repeat: Proportion, top: Headline, basis: str, params: BestCustomersParams) -> Message:
    first = msg("Of {n} customers, {rate} bought again (range {range}).", n=counts["n"], rate=share(repeat.value),
                range=span(repeat.low, repeat.high, "share"))  # fmt: skip
    if top.value is None:
        return first
    said = {"part": share(params.best_share, 0), "top": share(top.value), "basis": BASIS_LABELS[basis]}
    best = counts["best"] or 0
    if counts["sure"] is None:
        second = nmsg("The most valuable {part} hold {top} of all {basis}; one of them is loyal as well and counts as best.",
                      "The most valuable {part} hold {top} of all {basis}; {n} of them are loyal as well and count as best.", best, **said)  # fmt: skip
    else:
        second = nmsg(
            "The most valuable {part} hold {top} of all {basis}. Of profit, loyalty and growth together, one customer is more likely than not "
            "among the best fifth and loyal; with at least {level}: {sure}.",
            "The most valuable {part} hold {top} of all {basis}. Of profit, loyalty and growth together, {n} customers are more likely than not "
            "among the best fifth and loyal; {sure} of them with at least {level}.",
            best, **said, level=share(0.9, 0), sure=counts["sure"],
        )  # fmt: skip
    return msg("{first} {second}", first=first, second=second)


def _limits(difference: Difference | None, no_money: Message | None, filtered: Message | None, params: BestCustomersParams) -> tuple[Message, ...]:
    limits = [msg("Customers won recently have had little time to buy again, and purchases before the data begin are not seen.")]
    if no_money is not None:
        limits.append(msg("Value per customer is left out: {why}.", why=no_money))
    if filtered is not None:
        limits.append(msg("Existing and new customers are not compared: {why}.", why=filtered))
        return tuple(limits)
    if difference is None:
        limits.append(msg("Existing and new customers are not compared: too few decided deals of each kind have a company, both dates and a long enough history."))
        return tuple(limits)
    limits.append(_compared(difference, params))
    return tuple(limits)


def _compared(difference: Difference, params: BestCustomersParams) -> Message:
    """Say how existing customers differ from new ones; size and range carry the same sign and unit."""
    value, low, high = (100 * end for end in (difference.value, difference.low, difference.high))
    if difference.p_value > params.false_discovery_rate:
        return msg("The win rates of existing and new customers do not differ reliably (existing less new: {points} percentage points, range {range}).",
                   points=points(value, signed=True), range=span(low, high, "points"))  # fmt: skip
    if value > 0:
        return msg("The win rate of existing customers is {points} percentage points above that of new ones (range {range}); it need not be so "
                   "because they know the firm.", points=points(value), range=span(low, high, "points"))  # fmt: skip
    return msg("The win rate of existing customers is {points} percentage points below that of new ones (range {range}).",
               points=points(-value), range=span(-high, -low, "points"))  # fmt: skip
