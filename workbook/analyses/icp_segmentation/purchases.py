"""What customers bought: from invoices where there are any, else from won deals. Shared by the questions on customers.

A purchase is what a customer bought on one day: the lines of one invoice are one purchase. Credit notes reduce the amount
and are no purchase. Purchases after the reporting date are left out.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.deals import Currency, one_currency, with_known_amount

if TYPE_CHECKING:
    from ibis.expr.types import Table


def purchases(invoices: Table, opportunities: Table, as_of: date) -> Table:
    """Return one row per source × account × day × currency: amount, margin, their counts, recurring_count, lines_count. Lazy.

    source: "invoices" or "deals". recurring_count: lines that belong to a contract.
    """
    import ibis

    lines = invoices.select(
        "account_id", bought_on=invoices.invoiced_on, amount=invoices.amount.cast("float64"),
        margin=invoices.margin.cast("float64"), currency=invoices.currency, is_recurring=invoices.is_recurring,
    )  # fmt: skip
    won = with_known_amount(opportunities).filter(lambda t: t.status == "won")
    deals = won.select(
        "account_id", bought_on=won.closed_on, amount=won.known_amount.cast("float64"),
        margin=ibis.null("float64"), currency=won.currency, is_recurring=ibis.null("boolean"),
    )  # fmt: skip
    parts = [_per_day(lines, "invoices"), _per_day(deals, "deals")]
    both = ibis.union(*parts, distinct=False)
    return both.filter(both.account_id.notnull() & (both.bought_on <= ibis.date(as_of)))


def _per_day(lines: Table, source: str) -> Table:
    import ibis

    per_day = lines.group_by(["account_id", "bought_on", "currency"]).agg(
        amount=lines.amount.sum(), margin=lines.margin.sum(), amount_count=lines.amount.count(), margin_count=lines.margin.count(),
        lines_count=lines.count(), recurring_count=lines.is_recurring.sum(),
    )  # fmt: skip
    return per_day.mutate(source=ibis.literal(source))


def best_source(totals: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Return "invoices" where there is one, else "deals", and its rows. Pure."""
    name = "invoices" if (totals["source"] == "invoices").any() else "deals"
    return name, totals[totals["source"] == name].drop(columns=["source"]).reset_index(drop=True)


def currency_of_totals(totals: pd.DataFrame) -> Currency:
    """Tell in which currency the totals may be added. Pure."""
    if totals.empty:
        return Currency()
    counts = totals.assign(currency=totals["currency"].astype(object)).groupby("currency", dropna=False)["amount_count"].sum()
    return one_currency({code: int(n) for code, n in counts.items()})
