"""Won and decided deals by kind of deal: per competitor (or all of them), dimension and value, with the sums over clusters
that a contrast with the rest needs (see `stats.contrast`).

Dimensions: segment, region, product family, third of the amounts, new or existing customer, declared need of the account. A
deal belongs to one value of a dimension, but to every need that its account declares; deals without a value stay out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbook.analyses.competitors.naming import DEAL_COLUMNS, named_competitors, names_any
from workbook.analyses.deals import CLOSED, CLUSTERINGS, with_known_amount
from workbook.stats.contrast import cluster_moments, group_contrasts
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import StringValue, Table

DIMENSIONS = ("segment", "region", "line", "size_band", "business_type", "need")
DIMENSION_NAMES = {
    "segment": msg("segment"), "region": msg("region"), "line": msg("product family"), "size_band": msg("size of the deal"),
    "business_type": msg("new or existing customer"), "need": msg("declared need"),
}  # fmt: skip
SIZES = {"0": msg("smallest third by amount"), "1": msg("middle third by amount"), "2": msg("largest third by amount")}
BUSINESS = {"new": msg("new customers"), "expansion": msg("existing customers"), "renewal": msg("renewals")}
KEYS = ["rival", "dimension", "value"]
NEED = DIMENSIONS[-1]  # a deal has one value of the others, but as many needs as its account declares
MOMENTS = tuple(cluster_moments(([], []), ([], [])))


def value_name(dimension: str, value: str) -> Message | str:
    """Return what a value of a dimension is called."""
    return {"size_band": SIZES, "business_type": BUSINESS}.get(dimension, {}).get(value, value)


def closed_against(opportunities: Table, accounts: Table, products: Table) -> Table:
    """Return one row per decided deal × competitor named on it, with a column per dimension and the known amount. Lazy."""
    closed = _closed(opportunities)
    named = named_competitors(closed, *(name for name in closed.columns if name not in (*DEAL_COLUMNS, "competitor")))
    return _with_dimensions(named, closed, accounts, products)


def closed_against_any(opportunities: Table, accounts: Table, products: Table) -> Table:
    """Return one row per decided deal that names a competitor, with the same columns; rival is empty. Lazy."""
    import ibis

    closed = _closed(opportunities)
    once = closed.filter(names_any(closed.competitor)).drop("competitor").mutate(rival=ibis.literal(""))
    return _with_dimensions(once, closed, accounts, products)


def _closed(opportunities: Table) -> Table:
    decided = opportunities.filter(opportunities.status.isin(CLOSED) & opportunities.competitor.notnull())
    columns = ("competitor", "product_id", "segment", "region", "business_type", "loss_reason", "amount", "currency", "closed_on")
    return with_known_amount(decided.select(*DEAL_COLUMNS, *columns)).drop("amount")


def _with_dimensions(deals: Table, closed: Table, accounts: Table, products: Table) -> Table:
    """Add line, size_band (among all closed deals of the currency) and need: what the account declares, as one text. Lazy."""
    import ibis

    lines = products.select(offered_id="product_id", family="family")
    declared = accounts.filter(accounts.needs.replace(";", "").strip() != "").select(home_id="account_id", needs="needs")
    thirds = _thirds(closed)
    joined = deals.left_join(lines, deals.product_id == lines.offered_id)
    joined = joined.left_join(declared, joined.account_id == declared.home_id)
    joined = joined.left_join(thirds, joined.currency.fill_null("") == thirds.paid_in)
    amount = joined.known_amount
    band = ibis.cases((amount.isnull(), ibis.null("string")), (amount >= joined.largest_from, "2"), (amount >= joined.middle_from, "1"), else_="0")
    columns = ("rival", *DEAL_COLUMNS, "known_amount", "currency", "closed_on", "loss_reason")
    spelling = ("spelling",) if "spelling" in deals.columns else ()
    return joined.select(
        *columns, *spelling, segment=_filled(joined.segment), region=_filled(joined.region), line=_filled(ibis.coalesce(joined.family, joined.product_id)),
        size_band=band, business_type=_filled(joined.business_type), need="needs",
    )  # fmt: skip


def _filled(words: StringValue) -> StringValue:
    return words.strip().nullif("")


def _thirds(closed: Table) -> Table:
    """Return the least amounts of the middle and the largest third per currency: paid_in ("" for none), middle_from, largest_from. Lazy."""
    import ibis

    known = closed.filter(closed.known_amount.notnull()).select("known_amount", paid_in=closed.currency.fill_null(""))
    third = ibis.percent_rank().over(ibis.window(group_by="paid_in", order_by=known.known_amount)) * 3
    ranked = known.mutate(third=third)
    return ranked.group_by("paid_in").agg(
        middle_from=ranked.known_amount.min(where=ranked.third >= 1), largest_from=ranked.known_amount.min(where=ranked.third >= 2)
    )


def cells(named: Table, dimensions: Sequence[str], *columns: str) -> Table:
    """Return one row per deal × competitor × dimension × value: rival, place (of the dimension in `dimensions`), value, `columns`. Lazy.

    The dimension travels as its place: a short number makes groups that are cheap to hold.
    """
    import ibis

    parts = []
    for place, name in enumerate(dimensions):
        filled = named.filter(named[name].notnull())
        valued = _per_need(filled) if name == NEED else filled.mutate(value=filled[name])
        parts.append(valued.select("rival", *columns, "value", place=ibis.literal(place, "int8")))
    return ibis.union(*parts, distinct=False)


def _per_need(named: Table) -> Table:
    """Repeat each row for every need that its text names: value. Accounts repeat one another, so each text is split once. Lazy."""
    texts = named.select(text=NEED).distinct()
    split = texts.select("text", value=texts.text.split(";").unnest()).mutate(value=lambda t: t.value.strip())
    words = split.filter(split.value != "").distinct()
    return named.inner_join(words, named[NEED] == words.text)


def name_of(place: Any, dimensions: Sequence[str]) -> Any:
    """Return the dimension that stands in a place. Lazy."""
    import ibis

    return ibis.cases(*((place == number, ibis.literal(name)) for number, name in enumerate(dimensions)), else_=ibis.null("string"))


def moments(named: Table, dimensions: Sequence[str] = DIMENSIONS, min_count: int = 1) -> dict[str, Table]:
    """Sum over clusters what `group_contrasts` needs. A table per clustering, one row per rival × dimension × value; lazy.

    named: one row per deal × rival with status, owner, account and a column per dimension. min_count: values on fewer deals are left
    out. A deal without owner (account) is a cluster of its own. Each clustering is a query of its own: one for all would hold the
    clusters of all at once.
    """
    import ibis

    is_won = ibis.ifelse(named.status == "won", 1, 0).cast("float64")
    keyed = named.select("rival", "opportunity_id", *CLUSTERINGS.values(), *dimensions, is_won=is_won)
    return {_table_of(name): _moments(keyed, dimensions, name, min_count) for name in CLUSTERINGS}


def _table_of(clustering: str) -> str:
    return f"moments_{clustering}"


def _moments(keyed: Table, dimensions: Sequence[str], clustering: str, min_count: int) -> Table:
    import ibis

    keyed = keyed.mutate(cluster=ibis.coalesce(keyed[CLUSTERINGS[clustering]], keyed.opportunity_id))
    whole = _whole(keyed, dimensions)
    rows = cells(keyed, dimensions, "cluster", "is_won")
    inside = rows.group_by(["rival", "place", "value", "cluster"]).agg(y=rows.is_won.sum(), n=rows.count().cast("float64"))
    both = inside.inner_join(whole, ["rival", "cluster"])
    all_y, all_n = (ibis.cases(*((both.place == place, both[f"{what}_{place}"]) for place in range(len(dimensions)))) for what in ("all_y", "all_n"))
    groups = _sums(both.select("rival", "place", "value", "y", "n", all_y=all_y, all_n=all_n))
    found = groups.filter(groups.n >= min_count).inner_join(_totals(whole, dimensions), ["rival", "place"])
    sums = [name for name in found.columns if name not in ("rival", "place", "value")]
    named = found.mutate(dimension=name_of(found.place, dimensions), clustering=ibis.literal(clustering))
    return named.select(*KEYS, "clustering", *sums)


def _whole(keyed: Table, dimensions: Sequence[str]) -> Table:
    """Count each cluster's deals and wins that have any value of a dimension: all_y_<place>, all_n_<place>. Lazy."""
    counts: dict[str, Any] = {}
    for place, name in enumerate(dimensions):
        counts |= {f"all_y_{place}": keyed.is_won.sum(where=keyed[name].notnull()), f"all_n_{place}": keyed[name].count().cast("float64")}
    return keyed.group_by(["rival", "cluster"]).agg(**counts)


def _sums(t: Table) -> Table:
    return t.group_by(["rival", "place", "value"]).agg(
        y=t.y.sum(), n=t.n.sum(), clusters=t.count(), full_clusters=(t.n == t.all_n).sum(), yy=(t.y * t.y).sum(), yn=(t.y * t.n).sum(), nn=(t.n * t.n).sum(),
        y_all_y=(t.y * t.all_y).sum(), y_all_n=(t.y * t.all_n).sum(), n_all_y=(t.n * t.all_y).sum(), n_all_n=(t.n * t.all_n).sum(),
    )  # fmt: skip


def _totals(whole: Table, dimensions: Sequence[str]) -> Table:
    import ibis

    each = [whole.select("rival", place=ibis.literal(place, "int8"), all_y=f"all_y_{place}", all_n=f"all_n_{place}") for place in range(len(dimensions))]
    w = ibis.union(*each, distinct=False).filter(lambda t: t.all_n > 0)
    return w.group_by(["rival", "place"]).agg(
        all_y=w.all_y.sum(), all_n=w.all_n.sum(), all_clusters=w.count(), all_yy=(w.all_y * w.all_y).sum(), all_yn=(w.all_y * w.all_n).sum(),
        all_nn=(w.all_n * w.all_n).sum(),
    )  # fmt: skip


def summed_moments(small: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what `moments` gave, one row per clustering × rival × dimension × value."""
    return pd.concat([small[_table_of(name)] for name in CLUSTERINGS], ignore_index=True)


def contrasts(summed: pd.DataFrame, level: float, min_count: int) -> pd.DataFrame:
    """Compare each value with the others of its dimension. One row per rival × dimension × value with `min_count` deals on both
    sides: the columns of `group_contrasts`, won_count, closed_count.
    """
    if summed.empty:
        return pd.DataFrame(columns=[*KEYS, "won_count", "closed_count", *group_contrasts([pd.DataFrame(columns=MOMENTS, dtype=float)]).columns])
    summed = summed.assign(rest_clusters=summed["all_clusters"] - summed["full_clusters"])
    wide = [part.sort_values(KEYS).set_index(KEYS) for _, part in summed.groupby("clustering", sort=True)]
    enough = (wide[0]["n"] >= min_count) & (wide[0]["all_n"] - wide[0]["n"] >= min_count)
    kept = [part[enough] for part in wide]
    if kept[0].empty:
        return contrasts(summed.iloc[:0], level, min_count)
    counts = kept[0][["y", "n"]].astype(int).rename(columns={"y": "won_count", "n": "closed_count"})
    return counts.join(group_contrasts(kept, level)).reset_index()
