"""Ansoff's four fields: which one a deal lies in.

A market is the account's country (where most deals have one), else its region. For a deal it is new when the first sale
in that market lies less than `new_months` before the deal's creation, or has not happened yet. First sale: the earliest
won deal or customer date of its accounts; a first sale within one longest cycle of the start of the data counts as old,
because earlier ones are not in them. A product is new for `new_months` after its launch; where no launch date is known,
its family counts like a market. Both old: penetration; new market: market development; new product: product
development; both new: diversification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, hits_per_cluster, with_known_amount
from workbook.params import Params, Share
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

MARKS = ("country", "region", "line")
FIELDS = ("penetration", "market development", "product development", "diversification")  # in order of rising risk
FIELD_OF = {
    ("old", "old"): "penetration", ("new", "old"): "market development", ("old", "new"): "product development", ("new", "new"): "diversification",
}  # fmt: skip
NAMES = {
    "penetration": msg("Penetration"),
    "market development": msg("Market development"),
    "product development": msg("Product development"),
    "diversification": msg("Diversification"),
}
MEANING = {
    "penetration": msg("known products in known markets"),
    "market development": msg("known products in new markets"),
    "product development": msg("new products in known markets"),
    "diversification": msg("new products in new markets"),
}
ASKS = {
    "penetration": msg("Win share from competitors and sell more to customers: account plans, cross-selling, faster answers."),
    "market development": msg("Open doors: local partners and references, language and law of the market, longer first cycles."),
    "product development": msg("Explain the new: product training, demonstrations, pilot customers among those who know us."),
    "diversification": msg("Sell the unknown to strangers: a team of its own, staged budget, early stop criteria."),
}


class FieldParams(Params):
    """new_months: how long a market or product counts as new. market: `auto`, `country` or `region`. known_min_share: deals
    whose market and product must be known.
    """

    new_months: int = Field(default=24, ge=1)
    market: str = Field(default="auto", pattern="^(auto|country|region)$")
    known_min_share: Share = 0.5


def count_by_field(opportunities: Table, accounts: Table, products: Table, params: FieldParams) -> dict[str, Table]:
    """Mark each deal's market (by country and by region) and product as new or old, then count and add up. Lazy."""
    deals = _marked(opportunities, accounts, products, params)
    keys = ["country_state", "region_state", "product_state"]
    won = deals.filter((deals.status == "won") & deals.known_amount.notnull())
    customer = won.mutate(customer=lambda t: t.account_id.fill_null(t.opportunity_id))
    closed = deals.filter(deals.status.isin(CLOSED))
    return {
        "counts": deals.group_by([*keys, "status", "currency"]).agg(
            deals_count=deals.count(), amount=deals.known_amount.sum(), squares=_squares(deals), amount_count=deals.known_amount.count(),
            launch_count=deals.launched_on.count(),
        ),
        "clusters": hits_per_cluster(closed, closed.status == "won", tuple(keys)),
        "customers": customer.group_by([*keys, "customer"]).agg(amount=customer.known_amount.cast("float64").sum()),
    }  # fmt: skip


def _squares(deals: Table) -> Any:
    amount = deals.known_amount.cast("float64")
    return (amount * amount).sum()


def _marked(opportunities: Table, accounts: Table, products: Table, params: FieldParams) -> Table:
    """Return the deals with country_state, region_state and product_state: new, old or unknown."""
    import ibis

    sold = _placed(with_known_amount(opportunities), accounts, products, "opportunity_id", "owner_id", "account_id", "known_amount", "currency")
    joined = sold.cross_join(_start(opportunities))
    seen = _first_seen(_placed(opportunities, accounts, products))
    for name in MARKS:
        first = _first_sale(seen, name)
        joined = joined.left_join(first, joined[name] == first.key).drop("key")
    since = joined.started_on - ibis.interval(months=params.new_months)
    by_launch = ibis.ifelse(joined.launched_on > since, "new", "old")
    return joined.select(
        "opportunity_id", "status", "owner_id", "account_id", "known_amount", "currency", "launched_on",
        country_state=_state(joined, "country", since),
        region_state=_state(joined, "region", since),
        product_state=ibis.ifelse(joined.launched_on.notnull() & since.notnull(), by_launch, _state(joined, "line", since)),
    )  # fmt: skip


def _placed(opportunities: Table, accounts: Table, products: Table, *columns: str) -> Table:
    """Return deals with country, region, line (of products), the day they began and since when the account buys. Lazy."""
    import ibis

    about = accounts.select(home_id="account_id", country="country", customer_since_on="customer_since_on", account_region="region")
    offered = products.select(offered_id="product_id", family="family", launched_on="launched_on")
    joined = opportunities.left_join(about, opportunities.account_id == about.home_id)
    joined = joined.left_join(offered, joined.product_id == offered.offered_id)
    return joined.select(
        *columns, "status", "created_on", "closed_on", "country", "customer_since_on", "launched_on",
        started_on=ibis.coalesce(joined.created_on, joined.closed_on), region=ibis.coalesce(joined.account_region, joined.region),
        line=ibis.coalesce(joined.family, joined.product_id),
    )  # fmt: skip


def _start(deals: Table) -> Table:
    """One row: the day up to which a first sale may have had predecessors that are not in the data."""
    import ibis

    is_timed = deals.status.isin(CLOSED) & (deals.closed_on >= deals.created_on)
    lasted = ibis.ifelse(is_timed, deals.closed_on.delta(deals.created_on, unit="day"), ibis.null("int64"))
    return deals.agg(first_on=ibis.coalesce(deals.created_on, deals.closed_on).min(), longest_days=lasted.max().fill_null(0))


def _first_seen(placed: Table) -> Table:
    """Return the first sale and the first customer date of each country, region and line together: few rows, from which those of each follow. Lazy."""
    import ibis

    sold = ibis.ifelse(placed.status == "won", ibis.coalesce(placed.closed_on, placed.created_on), ibis.null("date"))
    return placed.group_by(list(MARKS)).agg(sold_on=sold.min(), since_on=placed.customer_since_on.min())


def _first_sale(seen: Table, name: str) -> Table:
    """One row per market or product line (key): first_<name>_on, its first won deal or customer date; of a line the deal alone."""
    import ibis

    since = ibis.null("date") if name == "line" else seen.since_on
    rows = seen.select(key=seen[name], sold_on="sold_on", since_on=since).filter(lambda t: t.key.notnull())
    return rows.group_by("key").agg(
        **{f"first_{name}_on": ibis.least(ibis.coalesce(rows.sold_on.min(), rows.since_on.min()), ibis.coalesce(rows.since_on.min(), rows.sold_on.min()))}
    )


def _state(deals: Table, name: str, since: Any) -> Any:
    """new: no first sale yet, or one after `since` that is not explained by the start of the data; unknown without a name."""
    import ibis

    first = deals[f"first_{name}_on"]
    is_at_start = first.delta(deals.first_on, unit="day") <= deals.longest_days
    return ibis.cases(
        (deals[name].isnull() | since.isnull(), "unknown"), (first.isnull(), "new"), (is_at_start, "old"), (first > since, "new"), else_="old"
    )


def with_field(small: dict[str, pd.DataFrame], level: str) -> dict[str, pd.DataFrame]:
    """Add to each table its field; empty where market or product is not known."""
    return {
        name: table.assign(field=[FIELD_OF.get(states, "") for states in zip(table[f"{level}_state"], table["product_state"], strict=True)])
        for name, table in small.items()
    }


def market_level(counts: pd.DataFrame, params: FieldParams) -> str:
    """The level on which markets are told: the setting, else the country if most deals have one."""
    if params.market != "auto":
        return params.market
    total = counts["deals_count"].sum()
    known = counts.loc[counts["country_state"] != "unknown", "deals_count"].sum()
    return "country" if total and known >= params.known_min_share * total else "region"


def refusal(counts: pd.DataFrame, level: str, params: FieldParams) -> Message | None:
    total = int(counts["deals_count"].sum())
    if not total:
        return msg("there are no deals")
    for state, why in (
        (f"{level}_state", msg("too few deals name a country or region of their account, or a date")),
        ("product_state", msg("too few deals name a product, or a date")),
    ):
        known = int(counts.loc[counts[state] != "unknown", "deals_count"].sum())
        if known < max(params.known_min_share * total, 1):
            return msg("{why}: {known} of {n} deals", why=why, known=known, n=total)
    if not (counts["field"] != "").any():
        return msg("no deal names both its market and its product")
    return None
