"""Deals and leads counted by unit, month of creation and what became of them: the material of every effect.

A unit is a sales region, as in `opportunities.region`, else the region of the account. A deal or lead is treated by the day of
its creation: created before the unit's adoption, untreated, whatever happened later.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.deals import with_known_amount

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table


def adoption(units: Table) -> Table:
    """Return one row per unit: unit, adopted_on (the earliest given, null for never), dates_count. Lazy."""
    return units.group_by("unit").agg(adopted_on=units.adopted_on.min(), dates_count=units.adopted_on.nunique())


def deal_cells(opportunities: Table, accounts: Table, units: Table, as_of: date) -> Table:
    """Count deals. One row per unit × adopted_on × month_on × is_before × is_straddling × status × days × currency; lazy.

    days: from creation to the end of the deal, null while open or undated. is_before: created before adoption. is_straddling:
    and ended after it. is_listed: the unit stands in the units table. customers_count: deals that won a new customer.
    """
    import ibis

    located = with_unit(_with_new_customer(with_known_amount(opportunities)), accounts)
    known = _with_adoption(located.filter(located.created_on <= ibis.date(as_of)), units)
    ended = known.closed_on.between(known.created_on, ibis.date(as_of)) & (known.status != "open")
    days = ibis.ifelse(ended, known.closed_on.delta(known.created_on, unit="day"), ibis.null("int64"))
    before = (known.created_on < known.adopted_on).fill_null(False)
    keyed = known.mutate(
        month_on=known.created_on.truncate("M"), days=days.cast("int64"), is_before=before,
        is_straddling=before & (known.closed_on >= known.adopted_on).fill_null(False),
    )  # fmt: skip
    keys = ["unit", "is_listed", "adopted_on", "month_on", "is_before", "is_straddling", "status", "days", "currency"]
    return keyed.group_by(keys).agg(
        cases_count=keyed.count(), amount=keyed.known_amount.cast("float64").sum(), amount_count=keyed.known_amount.count(),
        customers_count=keyed.is_new_customer.sum(),
    )  # fmt: skip


def lead_cells(leads: Table, accounts: Table, units: Table, as_of: date) -> Table:
    """Count leads. One row per unit × adopted_on × month_on × is_before × is_qualified × qualified_month_on × days; lazy.

    days: from marketing-qualified (creation, where never said) to accepted by sales, null while not accepted.
    """
    import ibis

    located = with_unit(leads, accounts)
    created = located.created_at.cast("date")
    located = located.mutate(created_on=created, qualified_on=ibis.coalesce(located.mql_at.cast("date"), created))
    known = _with_adoption(located.filter(located.created_on <= ibis.date(as_of)), units)
    accepted = known.sql_at.cast("date")
    valid = accepted.between(known.qualified_on, ibis.date(as_of))
    before = (known.created_on < known.adopted_on).fill_null(False)
    keyed = known.mutate(
        month_on=known.created_on.truncate("M"), qualified_month_on=known.qualified_on.truncate("M"),
        days=ibis.ifelse(valid, accepted.delta(known.qualified_on, unit="day"), ibis.null("int64")).cast("int64"),
        is_before=before, is_straddling=before & (accepted >= known.adopted_on).fill_null(False), is_qualified=known.mql_at.notnull(),
    )  # fmt: skip
    keys = ["unit", "is_listed", "adopted_on", "month_on", "qualified_month_on", "is_before", "is_straddling", "is_qualified", "days"]
    return keyed.group_by(keys).agg(cases_count=keyed.count())


def buyer_cells(invoices: Table, accounts: Table, units: Table, as_of: date) -> Table:
    """Count customers by when they buy again. One row per months × unit × adopted_on × month_on × gap; lazy.

    months: length of the period (3, 6, 12). month_on: its first day. gap: periods until the customer's next one with an invoice, null
    for none so far.
    """
    import ibis

    paid = invoices.filter((invoices.invoiced_on <= ibis.date(as_of)) & (invoices.amount > 0))
    home = accounts.group_by(accounts.account_id.name("home_id")).agg(unit=accounts.region.min())
    known = _with_adoption(paid.left_join(home, paid.account_id == home.home_id), units)
    return ibis.union(*(_buyers(known, months) for months in (3, 6, 12)), distinct=False)


def _buyers(known: Table, months: int) -> Table:
    import ibis

    index = ((known.invoiced_on.year() * 12 + known.invoiced_on.month() - 1) / months).floor().cast("int64")
    bought = known.mutate(period=index).select("account_id", "unit", "is_listed", "adopted_on", "period").distinct()
    later = bought.period.lead().over(ibis.window(group_by=bought.account_id, order_by=bought.period))
    first = bought.period * months
    month_on = ibis.date((first / 12).floor().cast("int64"), (first % 12 + 1).cast("int64"), ibis.literal(1))
    timed = bought.mutate(gap=later - bought.period, months=ibis.literal(months, "int64"), month_on=month_on)
    return timed.group_by(["months", "unit", "is_listed", "adopted_on", "month_on", "gap"]).agg(cases_count=timed.count())


def spend_cells(spend: Table, units: Table, as_of: date) -> Table:
    """Add up what sales and marketing cost. One row per unit × adopted_on × month_on × is_before × currency; lazy."""
    import ibis

    spent = _with_adoption(spend.filter(spend.month_on <= ibis.date(as_of)).mutate(unit=spend.region), units)
    month = spent.month_on.truncate("M")
    keyed = spent.mutate(month_on=month, is_before=(month < spent.adopted_on).fill_null(False))
    keys = ["unit", "is_listed", "adopted_on", "month_on", "is_before", "currency"]
    return keyed.group_by(keys).agg(amount=keyed.amount.cast("float64").sum(), rows_count=keyed.count())


def shared_cells(opportunities: Table, accounts: Table, units: Table, as_of: date) -> Table:
    """Count deals whose owner or account also works in a unit with another adoption date. One row per unit; lazy."""
    import ibis

    located = with_unit(opportunities, accounts)
    known = _with_adoption(located.filter(located.created_on <= ibis.date(as_of)), units)
    listed = known.filter(known.is_listed).mutate(wave=ibis.coalesce(known.adopted_on.cast("string"), "never"))
    flagged = listed.mutate(by_owner=_is_shared(listed, "owner_id"), by_account=_is_shared(listed, "account_id"))
    return flagged.group_by("unit").agg(
        deals_count=flagged.count(), shared_owner_count=flagged.by_owner.sum(),
        shared_account_count=flagged.by_account.sum(),
    )  # fmt: skip


def _is_shared(listed: Table, name: str) -> BooleanValue:
    import ibis

    window = ibis.window(group_by=listed[name])
    return (listed[name].notnull() & (listed.wave.min().over(window) != listed.wave.max().over(window))).fill_null(False)


def _with_new_customer(opportunities: Table) -> Table:
    """Add is_new_customer: the first won deal of its account that is not called an expansion. Lazy."""
    import ibis

    counted = opportunities.mutate(is_won=(opportunities.status == "won").fill_null(False))
    window = ibis.window(group_by=[counted.account_id, counted.is_won], order_by=[counted.created_on, counted.opportunity_id])
    ranked = counted.mutate(place=ibis.row_number().over(window))
    is_new = ranked.is_won & (ranked.account_id.isnull() | (ranked.place == 0)) & (ibis.coalesce(ranked.business_type, "new") != "expansion")
    return ranked.mutate(is_new_customer=is_new).drop("place", "is_won")


def with_unit(table: Table, accounts: Table) -> Table:
    """Add unit: the row's region, else its account's. Lazy."""
    import ibis

    home = accounts.group_by(accounts.account_id.name("home_id")).agg(home_region=accounts.region.min())
    joined = table.left_join(home, table.account_id == home.home_id)
    unit = ibis.coalesce(joined.region, joined.home_region)
    return joined.select(*[joined[name] for name in table.columns], unit=unit)


def _with_adoption(table: Table, units: Table) -> Table:
    """Add adopted_on and is_listed. Lazy."""
    adopted = adoption(units).rename(listed_unit="unit")
    joined = table.left_join(adopted, table.unit == adopted.listed_unit)
    return joined.mutate(is_listed=joined.listed_unit.notnull())


def horizon(days: pd.Series, counts: pd.Series, share: float) -> float:
    """Return the days within which `share` of the cases that ended had ended; NaN for none. Pure."""
    known = pd.DataFrame({"days": days, "n": counts}).dropna().sort_values("days")
    passed = known["n"].cumsum() >= share * known["n"].sum()
    return float(known.loc[passed, "days"].iloc[0]) if len(known) else float("nan")


def is_mature(month_on: pd.Series, as_of: date, days: float) -> pd.Series:
    """Tell which months ended at least `days` before the reporting date. Pure."""
    end = pd.to_datetime(month_on) + pd.offsets.MonthEnd(0)
    return (pd.Timestamp(as_of) - end).dt.days >= days
