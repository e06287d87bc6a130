"""Where does our growth come from: old or new markets, old or new products (Ansoff)?

A market is the account's country (where most deals have one), else its region. For a deal it is new when the first sale
in that market lies less than `new_months` before the deal's creation, or has not happened yet. First sale: the earliest
won deal or customer date of its accounts; a first sale within one longest cycle of the start of the data counts as old,
because earlier ones are not in them. A product is new for `new_months` after its launch; where no launch date is known,
its family counts like a market. Both old: penetration; new market: market development; new product: product
development; both new: diversification.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, Currency, currency_of, hits_per_cluster, rate_of, with_known_amount
from workbook.params import Params, Share
from workbook.results import Check, Headline, Result, clean_float, group_key
from workbook.stats.heterogeneity import equal_rates
from workbook.stats.mean import Mean, ratio_of_sums
from workbook.stats.proportion import Proportion
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M6"
FIELDS = ("penetration", "market development", "product development", "diversification")  # in order of rising risk
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


class AnsoffParams(Params):
    """new_months: how long a market or product counts as new. market: `auto`, `country` or `region`. known_min_share: deals
    whose market and product must be known.
    """

    confidence: Share = 0.95
    new_months: int = Field(default=24, ge=1)
    market: str = Field(default="auto", pattern="^(auto|country|region)$")
    known_min_share: Share = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsoffResult(Result):
    """The four fields.

    by_field: one row per field in order of risk: field, deals_count, won_count, closed_count, win_rate, low, high, won_amount,
    won_share (of the won amount), won_low, won_high, pipeline_amount, pipeline_count, pipeline_share. unknown_count: deals
    whose field cannot be told. market_level: country or region. is_by_launch: products are told by launch date. p_equal: of
    one common win rate. Money in `currency`, NaN where it is mixed.
    """

    by_field: pd.DataFrame | None = None
    unknown_count: int = 0
    market_level: str | None = None
    is_by_launch: bool = False
    p_equal: float | None = None
    currency: str | None = None


def aggregate(opportunities: Table, accounts: Table, products: Table, params: AnsoffParams, *, as_of: date) -> dict[str, Table]:
    """Mark each deal's market (by country and by region) and product as new or old, then count and add up. Lazy."""
    deals = _marked(opportunities, accounts, products, params)
    keys = ["country_state", "region_state", "product_state"]
    won = deals.filter((deals.status == "won") & deals.known_amount.notnull())
    customer = won.mutate(customer=lambda t: t.account_id.fill_null(t.opportunity_id))
    closed = deals.filter(deals.status.isin(CLOSED))
    return {
        "counts": deals.group_by([*keys, "status", "currency"]).agg(
            deals_count=deals.count(), amount=deals.known_amount.sum(), amount_count=deals.known_amount.count(),
            launch_count=deals.launched_on.count(),
        ),
        "clusters": hits_per_cluster(closed, closed.status == "won", tuple(keys)),
        "customers": customer.group_by([*keys, "customer"]).agg(amount=customer.known_amount.cast("float64").sum()),
    }  # fmt: skip


def _marked(opportunities: Table, accounts: Table, products: Table, params: AnsoffParams) -> Table:
    """Return the deals with country_state, region_state and product_state: new, old or unknown."""
    import ibis

    own = opportunities.select(
        "opportunity_id", "status", "owner_id", "account_id", "product_id", "created_on", "closed_on", "amount", "currency",
        deal_region=opportunities.region, started_on=ibis.coalesce(opportunities.created_on, opportunities.closed_on),
    )  # fmt: skip
    about = accounts.select("account_id", "country", "customer_since_on", account_region=accounts.region)
    offered = products.select("product_id", "family", "launched_on")
    joined = with_known_amount(own).left_join(about, "account_id").drop("account_id_right")
    joined = joined.left_join(offered, "product_id").drop("product_id_right")
    joined = joined.mutate(
        region=ibis.coalesce(joined.account_region, joined.deal_region), line=ibis.coalesce(joined.family, joined.product_id)
    )
    joined = joined.cross_join(_start(own))
    joined = _with_first_sale(joined, "country", joined.customer_since_on)
    joined = _with_first_sale(joined, "region", joined.customer_since_on)
    joined = _with_first_sale(joined, "line", ibis.null("date"))
    since = joined.started_on - ibis.interval(months=params.new_months)
    by_launch = ibis.ifelse(joined.launched_on > since, "new", "old")
    return joined.mutate(
        country_state=_state(joined, "country", since),
        region_state=_state(joined, "region", since),
        product_state=ibis.ifelse(joined.launched_on.notnull() & since.notnull(), by_launch, _state(joined, "line", since)),
    )


def _start(deals: Table) -> Table:
    """One row: the day up to which a first sale may have had predecessors that are not in the data."""
    in_order = deals.filter(deals.status.isin(CLOSED) & (deals.closed_on >= deals.created_on))
    longest = in_order.agg(longest_days=in_order.closed_on.delta(in_order.created_on, unit="day").max())
    first = deals.agg(first_on=deals.started_on.min())
    both = first.cross_join(longest)
    return both.select(first_on="first_on", longest_days=both.longest_days.fill_null(0))


def _with_first_sale(deals: Table, name: str, known_since: Any) -> Table:
    """Add first_<name>_on: the first won deal or customer date within the deal's market or product line."""
    import ibis

    sold = ibis.ifelse(deals.status == "won", ibis.coalesce(deals.closed_on, deals.created_on), ibis.null("date"))
    rows = deals.select(key=deals[name], sold_on=sold, since_on=known_since).filter(lambda t: t.key.notnull())
    first = rows.group_by("key").agg(
        **{f"first_{name}_on": ibis.least(ibis.coalesce(rows.sold_on.min(), rows.since_on.min()), ibis.coalesce(rows.since_on.min(), rows.sold_on.min()))}
    )
    return deals.left_join(first, deals[name] == first.key).drop("key")


def _state(deals: Table, name: str, since: Any) -> Any:
    """new: no first sale yet, or one after `since` that is not explained by the start of the data; unknown without a name."""
    import ibis

    first = deals[f"first_{name}_on"]
    is_at_start = first.delta(deals.first_on, unit="day") <= deals.longest_days
    return ibis.cases(
        (deals[name].isnull() | since.isnull(), "unknown"), (first.isnull(), "new"), (is_at_start, "old"), (first > since, "new"), else_="old"
    )


def analyse(small: dict[str, pd.DataFrame], params: AnsoffParams, *, as_of: date) -> AnsoffResult:
    """Turn counts and sums into the four fields. Pure."""
    level = _level(small["counts"], params)
    tables = {name: table.assign(field=[_field(row, level) for row in table.to_dict("records")]) for name, table in small.items()}
    counts = tables["counts"].assign(amount=tables["counts"]["amount"].astype(float).fillna(0.0))
    unknown = int(counts.loc[counts["field"] == "", "deals_count"].sum())
    refused = _refusal(counts, level, params)
    if refused is not None:
        return AnsoffResult(refused=refused, unknown_count=unknown, certainty="open")
    currency = currency_of(counts, "amount_count")
    rates = {field: rate_of(tables["clusters"][tables["clusters"]["field"] == field], params.confidence) for field in FIELDS}
    by_field = _by_field(counts, rates, _won_shares(tables["customers"], params), currency)
    p_equal = _p_equal(rates)
    by_launch = bool(counts["launch_count"].sum())
    return AnsoffResult(
        headlines=_headlines(by_field, rates, currency),
        checks=(_known_check(unknown, int(counts["deals_count"].sum()), params), _variety_check(by_field)),
        finding=_finding(by_field, p_equal, params),
        limits=_limits(level, by_launch, params),
        certainty="likely",
        by_field=by_field,
        unknown_count=unknown,
        market_level=level,
        is_by_launch=by_launch,
        p_equal=p_equal,
        currency=currency.code,
    )


def _level(counts: pd.DataFrame, params: AnsoffParams) -> str:
    """The level on which markets are told: the setting, else the country if most deals have one."""
    if params.market != "auto":
        return params.market
    total = counts["deals_count"].sum()
    known = counts.loc[counts["country_state"] != "unknown", "deals_count"].sum()
    return "country" if total and known >= params.known_min_share * total else "region"


def _field(row: dict[Any, Any], level: str) -> str:
    market, product = row[f"{level}_state"], row["product_state"]
    if "unknown" in (market, product):
        return ""
    return {
        ("old", "old"): "penetration", ("new", "old"): "market development", ("old", "new"): "product development",
        ("new", "new"): "diversification",
    }[(market, product)]  # fmt: skip


def _refusal(counts: pd.DataFrame, level: str, params: AnsoffParams) -> Message | None:
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


def _won_shares(customers: pd.DataFrame, params: AnsoffParams) -> dict[str, Mean]:
    """Share of the won amount per field, with an interval over customers; deals of no known field stay out."""
    known = customers[customers["field"] != ""]
    wide = known.groupby(["customer", "field"])["amount"].sum().unstack().fillna(0.0)
    whole = wide.sum(axis=1)
    return {field: ratio_of_sums(wide[field], whole, params.confidence, is_share=True) for field in FIELDS if field in wide}


def _by_field(counts: pd.DataFrame, rates: dict[str, Proportion], shares: dict[str, Mean], currency: Currency) -> pd.DataFrame:
    rows = [_row(field, counts, rates[field], shares.get(field)) for field in FIELDS]
    table = pd.DataFrame(rows)
    money = ["won_amount", "won_share", "won_low", "won_high", "pipeline_amount"]
    if currency.refused is not None:
        table[money] = math.nan
    table["pipeline_share"] = table["pipeline_amount"] / table["pipeline_amount"].sum()
    return table


def _row(field: str, counts: pd.DataFrame, rate: Proportion, part: Mean | None) -> dict[str, object]:
    own = counts[counts["field"] == field]
    won, is_open = own[own["status"] == "won"], own[own["status"] == "open"]
    has_won = int(counts.loc[(counts["status"] == "won") & (counts["field"] != ""), "amount_count"].sum()) > 0
    return {
        "field": field, "deals_count": int(own["deals_count"].sum()), "won_count": int(rate.successes), "closed_count": int(rate.n),
        "win_rate": rate.value, "low": rate.low, "high": rate.high, "won_amount_count": int(won["amount_count"].sum()),
        "won_amount": float(won["amount"].sum()), "won_share": part.value if part else 0.0 if has_won else math.nan,
        "won_low": part.low if part else math.nan, "won_high": part.high if part else math.nan,
        "pipeline_count": int(is_open["amount_count"].sum()), "pipeline_amount": float(is_open["amount"].sum()),
    }  # fmt: skip


def _p_equal(rates: dict[str, Proportion]) -> float | None:
    filled = [rate for rate in rates.values() if rate.n]
    if len(filled) < 2:
        return None
    effects = [rate.n / rate.effective_n for rate in filled]
    return clean_float(equal_rates([r.successes for r in filled], [r.n for r in filled], effects).p_value)


TOTAL = msg("a total, not an estimate")


def _headlines(by_field: pd.DataFrame, rates: dict[str, Proportion], currency: Currency) -> tuple[Headline, ...]:
    found = []
    for _, row in by_field.iterrows():
        group = {"ansoff": row["field"]}
        rate = rates[str(row["field"])]
        if rate.n:
            found.append(Headline(key=group_key("win_rate", **group), kpi="win_rate", value=rate.value, low=rate.low, high=rate.high, level=rate.level, unit="share", n=int(rate.n)))
        for kpi, value, n in (("won_amount", row["won_amount"], row["won_amount_count"]), ("open_pipeline", row["pipeline_amount"], row["pipeline_count"])):
            found.append(Headline(
                key=group_key(kpi, **group), kpi=kpi, value=clean_float(float(value)), unit="money", n=int(n), currency=currency.code,
                reason=currency.refused or TOTAL,
            ))  # fmt: skip
    return tuple(found)


def _known_check(unknown: int, total: int, params: AnsoffParams) -> Check:
    reason = msg("{part} of the deals cannot be placed, because market, product or date is missing.", part=share(unknown / total))
    return Check(key="deals_can_be_placed_in_the_ansoff_fields", status="pass" if unknown <= 0.2 * total else "review", reason=reason)


def _variety_check(by_field: pd.DataFrame) -> Check:
    """A firm whose deals all lie in one field has no portfolio of growth options to compare."""
    used = by_field[by_field["deals_count"] > 0]
    reason = msg("Deals lie in {n} of the four fields.", n=len(used))
    return Check(key="growth_rests_on_more_than_one_field", status="pass" if len(used) > 1 else "review", reason=reason)


def _finding(by_field: pd.DataFrame, p_equal: float | None, params: AnsoffParams) -> Message:
    row = by_field.sort_values(["won_amount", "deals_count"], ascending=False, kind="stable").iloc[0]
    if math.isnan(float(row["won_share"])) or math.isnan(float(row["won_low"])):
        first = msg("Most deals lie in {field}: {n} of {total}.", field=NAMES[row["field"]], n=int(row["deals_count"]), total=int(by_field["deals_count"].sum()))
    else:
        first = msg(
            "{part} of the won amount (range {range}) comes from {field}: {meaning}.",
            part=share(float(row["won_share"])), range=span(float(row["won_low"]), float(row["won_high"]), "share"),
            field=NAMES[row["field"]], meaning=MEANING[row["field"]],
        )  # fmt: skip
    if p_equal is None:
        return first
    if p_equal > 1 - params.confidence:
        return msg("{first} Win rates do not differ reliably between the fields.", first=first)
    return msg("{first} Win rates differ between the fields.", first=first)


def _limits(level: str, by_launch: bool, params: AnsoffParams) -> tuple[Message, ...]:
    market = msg("country") if level == "country" else msg("region")
    how = msg("its launch date") if by_launch else msg("the first sale of its family")
    return (
        msg("A market is a {market}; it and a product count as new for {months} months, a product from {how}.", market=market, months=params.new_months, how=how),
        msg("Whether a diversification is horizontal, vertical or lateral cannot be told from deals."),
    )
