"""Who bought lately, often and much? Recency, frequency and monetary value per customer, in fifths.

An order is a day on which a customer was invoiced more than was credited; without invoices, a day on which he signed deals.
Each of the three is scored 1 to 5 by fifths of this firm's own customers, so the scores rank; they do not judge. Whether a
customer has gone quiet is judged by the interval at which he usually buys. Groups follow from both (see `stats.rfm`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import Currency, with_known_amount
from workbook.analyses.icp_segmentation.labels import RFM_GROUPS
from workbook.analyses.icp_segmentation.purchases import best_source, currency_of_totals, purchases
from workbook.analyses.sampling import Sample, SampledParams, carried, times
from workbook.params import Share
from workbook.results import Action, Check, Result
from workbook.stats.rfm import GROUPS, grouped_by_rhythm, rfm, typical_interval
from workbook.text import Message, money, msg, nmsg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I3"
SAMPLE = Sample(unit="account_id", words=msg("customers"), tables=("orders",))


class RfmParams(SampledParams):
    """customers_min: fewer customers have no fifths. inactive_max_share: review where at-risk groups hold more of the money."""

    customers_min: int = Field(default=20, ge=5)
    inactive_max_share: Share = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmResult(Result):
    """groups: one row per group that has customers: group (key of `stats.rfm.GROUPS`), customers_count, customers_share,
    amount, amount_share, recency_days, order_count, quiet (medians; quiet: usual intervals since the last purchase). customers: one row per customer, see `stats.rfm`. basis:
    "invoices" or "deals". currency: of the amounts.
    """

    groups: pd.DataFrame | None = None
    customers: pd.DataFrame | None = None
    basis: str | None = None
    currency: str | None = None


def aggregate(invoices: Table, opportunities: Table, params: RfmParams, *, as_of: date) -> dict[str, Table]:
    """Add amounts per customer and day, of invoices and of won deals, and count undated ones. Lazy."""
    deals = with_known_amount(opportunities)
    won = deals.filter((deals.status == "won") & deals.account_id.notnull())
    return {
        "orders": purchases(invoices, opportunities, as_of),
        "facts": won.agg(won_count=won.count(), dated_count=(won.closed_on.notnull() & won.known_amount.notnull()).sum()),
    }


def analyse(small: dict[str, pd.DataFrame], params: RfmParams, *, as_of: date) -> RfmResult:
    """Score customers and add up the groups. Pure."""
    basis, orders = best_source(small["orders"])
    orders = orders.assign(amount=orders["amount"].astype(float))
    currency = currency_of_totals(orders)
    credited = int((orders["amount"] <= 0).sum())
    bought = orders[orders["amount"] > 0]
    scored = rfm(bought["account_id"], bought["bought_on"], bought["amount"], as_of)
    refused = currency.refused or _refusal(scored.n, small["facts"], params)
    if refused is not None:
        return RfmResult(refused=refused, certainty="open")
    customers = grouped_by_rhythm(scored.customers, typical_interval(bought["account_id"], bought["bought_on"]))
    groups, n = _groups(customers, times(small)), carried(scored.n, small)
    return RfmResult(
        checks=(_sleep_check(groups, params),),
        actions=_actions(groups, as_of),
        no_action=msg("no customer who used to buy often or much has gone quiet"),
        finding=_finding(groups, n, currency),
        limits=_limits(small["facts"], basis, carried(credited, small)),
        certainty="firm",
        groups=groups,
        customers=customers,
        basis=basis,
        currency=currency.code,
    )


def _refusal(customers: int, facts: pd.DataFrame, params: RfmParams) -> Message | None:
    if customers >= params.customers_min:
        return None
    won, dated = (int(facts[c].fillna(0).iloc[0]) for c in ("won_count", "dated_count"))
    if won > dated == 0:
        return msg("won deals lack a closing date or an amount; export both, or the invoices per customer")
    if customers == 0:
        return msg("no customer with a dated purchase is known; export the customer, closing date and amount of won deals, or invoices")
    return nmsg("only {n} customer has dated purchases, at least {least} are needed",
                "only {n} customers have dated purchases, at least {least} are needed", customers, least=params.customers_min)  # fmt: skip


def _groups(customers: pd.DataFrame, each: float) -> pd.DataFrame:
    """Add up the groups; each customer stands for `each`."""
    total = float(customers["amount"].sum())
    table = customers.groupby("group", as_index=False).agg(
        customers_count=("customer_id", "size"), amount=("amount", "sum"),
        recency_days=("recency_days", "median"), order_count=("order_count", "median"),
        quiet=("quiet", "median"),
    )  # fmt: skip
    table["customers_share"] = table["customers_count"] / len(customers)
    table["amount_share"] = table["amount"] / total
    table = table.assign(customers_count=(table["customers_count"] * each).round().astype(int), amount=table["amount"] * each)
    return table.sort_values("group", key=lambda g: g.map(list(GROUPS).index), ignore_index=True)


def _share_of(groups: pd.DataFrame, *names: str) -> tuple[int, float]:
    rows = groups[groups["group"].isin(names)]
    return int(rows["customers_count"].sum()), float(rows["amount_share"].sum())


def _sleep_check(groups: pd.DataFrame, params: RfmParams) -> Check:
    n, part = _share_of(groups, "at_risk")
    reason = nmsg(
        "{n} customer who used to buy often or much has not bought for long; {share} of the money so far came from there.",
        "{n} customers who used to buy often or much have not bought for long; {share} of the money so far came from them.",
        n, share=share(part),
    )  # fmt: skip
    return Check(key="good_customers_still_buy", status="review" if part > params.inactive_max_share else "pass", reason=reason)


def _actions(groups: pd.DataFrame, as_of: date) -> tuple[Action, ...]:
    n, _ = _share_of(groups, "at_risk")
    if n == 0:
        return ()
    what = nmsg("Call the {n} customer at risk, ask what has changed, and note the reason in the CRM.",
                "Call the {n} customers at risk, ask what has changed, and note the reason in the CRM.", n)  # fmt: skip
    return (
        Action(
            key="win_back_customers_at_risk", what=what, owner_role=msg("head of sales"), due_on=as_of + timedelta(days=60),
            watch_kpi="repeat_purchase",
        ),
    )  # fmt: skip


def _finding(groups: pd.DataFrame, n: int, currency: Currency) -> Message:
    best = groups.iloc[int(groups["amount"].to_numpy().argmax())]
    risk, part = _share_of(groups, "at_risk")
    return msg(
        "Of {n} customers, the group “{group}” ({count} customers) brought most: {share} of {total}; {risk} customers at risk "
        "brought {part}.",
        n=n, group=RFM_GROUPS[str(best["group"])], count=int(best["customers_count"]), share=share(float(best["amount_share"])),
        total=money(float(groups["amount"].sum()), currency.code), risk=risk, part=share(part),
    )  # fmt: skip


def _limits(facts: pd.DataFrame, basis: str, credited: int) -> tuple[Message, ...]:
    limits = [msg("The scores rank customers against each other; a fifth is always last, however good business is.")]
    undated = int(facts["won_count"].fillna(0).iloc[0]) - int(facts["dated_count"].fillna(0).iloc[0])
    if basis == "deals" and undated:
        limits.append(nmsg("{n} won deal lacks a closing date or an amount and is left out.",
                           "{n} won deals lack a closing date or an amount and are left out.", undated))  # fmt: skip
    if credited:
        limits.append(nmsg("{n} day with more credited than invoiced is left out.",
                           "{n} days with more credited than invoiced are left out.", credited))  # fmt: skip
    return tuple(limits)
