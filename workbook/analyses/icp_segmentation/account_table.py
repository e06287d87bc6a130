"""One row per company: what it is, what it bought, what it paid. Companies come from any of the three frames.

Won deals are purchases. Amounts of zero or less mean "not entered". Invoices after the reporting date stay out; credit
notes (negative lines) lower the sums.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.deals import CLOSED, Currency, currency_of, with_known_amount

if TYPE_CHECKING:
    from ibis.expr.types import Table

MARGIN_KNOWN = 0.9  # below this share of invoice lines with a margin, the invoiced amount stands in for it
BASES = ("margin", "invoiced", "won")


def account_table(accounts: Table, opportunities: Table, invoices: Table, as_of: date) -> Table:
    """Return one row per company with its attributes, counts of deals, sums and first and last purchase. Lazy."""
    import ibis

    keyed = [frame.filter(frame.account_id.notnull()).select("account_id") for frame in (accounts, opportunities, invoices)]
    ids = ibis.union(*keyed, distinct=True)
    joined = ids.left_join(one_per_account(accounts), "account_id").drop("account_id_right")
    for part in (_deals(opportunities), _invoiced(invoices, as_of)):
        joined = joined.left_join(part, "account_id").drop("account_id_right")
    return joined


def one_per_account(accounts: Table) -> Table:
    """Return one row per known company. Lazy.

    The import has merged rows of one id; should it stand there twice all the same, the larger of two values is taken, in
    whatever order the rows come. Not every engine has a first row.
    """
    known = accounts.filter(accounts.account_id.notnull())
    return known.group_by("account_id").agg(**{name: known[name].max() for name in accounts.columns if name != "account_id"})


def _deals(opportunities: Table) -> Table:
    deals = with_known_amount(opportunities.filter(opportunities.account_id.notnull()))
    won = deals.status == "won"
    return deals.group_by("account_id").agg(
        won_count=won.sum(),
        closed_count=deals.status.isin(CLOSED).sum(),
        won_amount=deals.known_amount.sum(where=won),
        won_amount_count=deals.known_amount.count(where=won),
        last_won_on=deals.closed_on.max(where=won),
    )


def _invoiced(invoices: Table, as_of: date) -> Table:
    import ibis

    paid = invoices.filter(invoices.account_id.notnull() & (invoices.invoiced_on <= ibis.date(as_of)))
    return paid.group_by("account_id").agg(
        invoiced_amount=paid.amount.sum(),
        invoice_lines_count=paid.amount.count(),
        margin_amount=paid.margin.sum(),
        margin_lines_count=paid.margin.count(),
        invoice_days_count=paid.invoiced_on.nunique(where=paid.amount > 0),
    )


def currencies(opportunities: Table, invoices: Table) -> Table:
    """Count amounts per origin (won, invoiced) and currency. Lazy."""
    import ibis

    deals = with_known_amount(opportunities)
    won = deals.filter((deals.status == "won") & deals.account_id.notnull() & deals.known_amount.notnull())
    paid = invoices.filter(invoices.account_id.notnull() & invoices.amount.notnull())
    parts = [
        part.group_by("currency").agg(amount_count=part.count()).mutate(origin=ibis.literal(origin))
        for origin, part in (("won", won), ("invoiced", paid))
    ]
    return ibis.union(*parts, distinct=False)


def deals_per_account_and_owner(opportunities: Table) -> Table:
    """Count won and closed deals per company and owner; deals without a company stay out. Lazy."""
    closed = opportunities.filter(opportunities.account_id.notnull() & opportunities.status.isin(CLOSED))
    return closed.group_by(["account_id", "owner_id"]).agg(won_count=(closed.status == "won").sum(), closed_count=closed.count())


def deals_per_account_owner_month(opportunities: Table) -> Table:
    """Count won and closed deals per company, owner and month of closing (null: not known); deals without a company stay out. Lazy."""
    closed = opportunities.filter(opportunities.account_id.notnull() & opportunities.status.isin(CLOSED))
    monthly = closed.mutate(closed_month=closed.closed_on.truncate("M"))
    return monthly.group_by(["account_id", "owner_id", "closed_month"]).agg(won_count=(monthly.status == "won").sum(), closed_count=monthly.count())


def with_value(table: pd.DataFrame, counted: pd.DataFrame) -> tuple[pd.DataFrame, str, Currency]:
    """Add value (money, null: none known), purchases_count and is_customer; tell which basis the value has and its currency.

    table: rows of `account_table`; counted: rows of `currencies`. Basis: margin where nine tenths of the invoice lines carry
    one, else the invoiced amount, else the amount of won deals. Pure.
    """
    rows = table.sort_values("account_id", ignore_index=True)
    sums = {name: rows[name].astype(float).fillna(0.0) for name in ("won_count", "closed_count", "invoice_lines_count", "margin_lines_count")}
    lines, margins = float(sums["invoice_lines_count"].sum()), float(sums["margin_lines_count"].sum())
    basis = "won" if lines == 0 else "margin" if margins >= MARGIN_KNOWN * lines else "invoiced"
    column = {"won": "won_amount", "margin": "margin_amount", "invoiced": "invoiced_amount"}[basis]
    has_deals = float(sums["won_count"].sum()) > 0
    purchases = sums["won_count"] if has_deals else rows["invoice_days_count"].astype(float).fillna(0.0)
    origin = counted[counted["origin"] == ("won" if basis == "won" else "invoiced")]
    rows = rows.assign(
        won_count=sums["won_count"].astype(int),
        closed_count=sums["closed_count"].astype(int),
        value=rows[column].astype(float),
        purchases_count=purchases.astype(int),
        is_customer=(purchases > 0) | (sums["invoice_lines_count"] > 0),
    )
    return rows, basis, currency_of(origin, "amount_count")
