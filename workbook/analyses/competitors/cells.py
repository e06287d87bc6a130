"""Won and decided deals by kind of deal: per competitor (or all of them), dimension and value, with the sums over clusters
that a contrast with the rest needs (see `stats.contrast`).

Dimensions: segment, region, product family, third of the amounts, new or existing customer, declared need of the account. A
deal belongs to one value of a dimension, but to every need that its account declares; deals without a value stay out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbook.analyses.competitors.naming import DEAL_COLUMNS, named_competitors
from workbook.analyses.deals import CLOSED, CLUSTERINGS, with_known_amount
from workbook.stats.contrast import cluster_moments, group_contrasts
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

DIMENSIONS = ("segment", "region", "line", "size_band", "business_type", "need")
DIMENSION_NAMES = {
    "segment": msg("segment"), "region": msg("region"), "line": msg("product family"), "size_band": msg("size of the deal"),
    "business_type": msg("new or existing customer"), "need": msg("declared need"),
}  # fmt: skip
SIZES = {"0": msg("smallest third by amount"), "1": msg("middle third by amount"), "2": msg("largest third by amount")}
BUSINESS = {"new": msg("new customers"), "expansion": msg("existing customers"), "renewal": msg("renewals")}
KEYS = ["rival", "dimension", "value"]
MARK = "\x1f"
MOMENTS = tuple(cluster_moments(([], []), ([], [])))


def value_name(dimension: str, value: str) -> Message | str:
    """Return what a value of a dimension is called."""
    return {"size_band": SIZES, "business_type": BUSINESS}.get(dimension, {}).get(value, value)


def closed_against(opportunities: Table, accounts: Table, products: Table) -> Table:
    """Return one row per decided deal × competitor named on it, with the dimensions and the known amount. Lazy."""
    import ibis

    decided = opportunities.filter(opportunities.status.isin(CLOSED) & opportunities.competitor.notnull())
    closed = with_known_amount(decided.select(*DEAL_COLUMNS, "competitor", "product_id", "segment", "region", "business_type", "loss_reason", "amount", "currency", "closed_on"))
    lines = products.select("product_id", "family")
    needs = accounts.select("account_id", "needs").filter(accounts.needs.notnull())
    joined = closed.left_join(lines, "product_id").drop("product_id_right").left_join(needs, "account_id").drop("account_id_right")
    window = ibis.window(group_by=[joined.known_amount.isnull(), joined.currency], order_by=joined.known_amount)
    band = ibis.least((ibis.percent_rank().over(window) * 3).floor().cast("int64"), 2)
    marked = joined.mutate(
        size_band=ibis.ifelse(joined.known_amount.notnull(), band, ibis.null("int64")).cast("string"),
        line=ibis.coalesce(joined.family, joined.product_id),
    )
    return named_competitors(marked, *DIMENSIONS[:-1], "needs", "loss_reason", "known_amount", "currency", "closed_on")


def cells(named: Table) -> Table:
    """Return one row per deal × competitor × dimension × value. Lazy.

    Dimension and value travel as one text through one unnesting: six unions would read the deals six times.
    """
    import ibis

    single = ibis.array([ibis.literal(f"{name}{MARK}").concat(named[name].cast("string").strip()) for name in DIMENSIONS[:-1]])
    needs = ibis.literal(f"need{MARK}").concat(named.needs.fill_null("").replace(";", f";need{MARK}")).split(";")
    columns = ("rival", "opportunity_id", "status", *CLUSTERINGS.values(), "known_amount", "currency", "closed_on")
    rows = named.select(*columns, cell=single.concat(needs).unnest())
    rows = rows.mutate(dimension=rows.cell.split(MARK)[0], value=rows.cell.split(MARK)[1].strip()).drop("cell")
    return rows.filter(rows.value != "")


def _whole(keyed: Table, inside: Table, by: list[str]) -> Table:
    """Count each cluster's deals and wins in a dimension. A deal has one value of each, but several needs: there it is counted once. Lazy."""
    import ibis

    single = inside.filter(inside.dimension != DIMENSIONS[-1])
    several = keyed.filter(keyed.dimension == DIMENSIONS[-1]).select(*by, "opportunity_id", "is_won").distinct()
    parts = [
        single.group_by(by).agg(all_y=single.y.sum(), all_n=single.n.sum()),
        several.group_by(by).agg(all_y=several.is_won.sum(), all_n=several.count().cast("float64")),
    ]
    return ibis.union(*parts, distinct=False)


def moments(rows: Table, min_count: int = 1) -> Table:
    """Sum over clusters what `group_contrasts` needs. One row per clustering × rival × dimension × value; lazy.

    rows: as of `cells`. min_count: values on fewer deals are left out. A deal without owner (account) is a cluster of its own.
    """
    import ibis

    labels = [ibis.literal(f"{name}{MARK}").concat(ibis.coalesce(rows[column], rows.opportunity_id)) for name, column in CLUSTERINGS.items()]
    keyed = rows.select(*KEYS, "opportunity_id", is_won=(rows.status == "won").ifelse(1, 0).cast("float64"), cluster=ibis.array(labels).unnest())
    keyed = keyed.mutate(clustering=keyed.cluster.split(MARK)[0])
    inside = keyed.group_by([*KEYS, "clustering", "cluster"]).agg(y=keyed.is_won.sum(), n=keyed.count().cast("float64"))
    group = ["rival", "dimension", "clustering"]
    whole = _whole(keyed, inside, [*group, "cluster"])
    t = inside.inner_join(whole, [*group, "cluster"])
    sums: dict[str, Any] = {
        "y": t.y.sum(), "n": t.n.sum(), "clusters": t.count(), "full_clusters": (t.n == t.all_n).sum(), "yy": (t.y * t.y).sum(),
        "yn": (t.y * t.n).sum(), "nn": (t.n * t.n).sum(), "y_all_y": (t.y * t.all_y).sum(), "y_all_n": (t.y * t.all_n).sum(),
        "n_all_y": (t.n * t.all_y).sum(), "n_all_n": (t.n * t.all_n).sum(),
    }  # fmt: skip
    w = whole
    totals = w.group_by(group).agg(
        all_y=w.all_y.sum(), all_n=w.all_n.sum(), all_clusters=w.count(), all_yy=(w.all_y * w.all_y).sum(), all_yn=(w.all_y * w.all_n).sum(),
        all_nn=(w.all_n * w.all_n).sum(),
    )  # fmt: skip
    groups = t.group_by([*KEYS, "clustering"]).agg(**sums)
    return groups.filter(groups.n >= min_count).inner_join(totals, group)


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
