"""What questions about deals share across topics: outcomes, won and closed counts per group and cluster, one currency.

Closed means won or lost. An amount of zero or less means "not entered" and is left out, never added as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.stats.proportion import Proportion, proportion
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

CLOSED = ("won", "lost")
CLUSTERINGS = {"owner": "owner_id", "account": "account_id"}
SPLIT = ("hits_there", "deals_there", "hits_others", "deals_others")
Clusters = dict[str, tuple[Any, Any]]


def with_known_amount(opportunities: Table) -> Table:
    """Add known_amount: null where the amount is missing, zero or less. Lazy."""
    import ibis

    amount = opportunities.amount
    return opportunities.mutate(known_amount=ibis.ifelse(amount > 0, amount, ibis.null(amount.type())))


def hits_per_cluster(deals: Table, hit: Any, by: tuple[str, ...] = ()) -> Table:
    """Count deals and hits per cluster, clusters of equal counts once. Lazy.

    hit: a flag of the deal. One row per `by` × clustering × is_known × hit_count × deals_count; cluster_count says how many
    clusters. A deal without owner (account) is a cluster of its own: nobody knows whom it resembles.
    """
    import ibis

    flagged = deals.select(*by, "opportunity_id", *CLUSTERINGS.values(), is_hit=hit)
    return ibis.union(*(_per_cluster(flagged, by, name) for name in CLUSTERINGS), distinct=False)


def won_per_cluster(deals: Table, by: tuple[str, ...] = ()) -> Table:
    """Count closed deals and the won ones among them per cluster; see `hits_per_cluster`. Lazy."""
    closed = deals.filter(deals.status.isin(CLOSED))
    return hits_per_cluster(closed, closed.status == "won", by)


def _per_cluster(deals: Table, by: tuple[str, ...], clustering: str) -> Table:
    import ibis

    label = deals[CLUSTERINGS[clustering]]
    keyed = deals.mutate(is_known=label.notnull(), cluster=ibis.coalesce(label, deals.opportunity_id))
    each = keyed.group_by([*by, "is_known", "cluster"]).agg(hit_count=keyed.count(where=keyed.is_hit), deals_count=keyed.count())
    grouped = each.group_by([*by, "is_known", "hit_count", "deals_count"]).agg(cluster_count=each.count())
    named = grouped.mutate(clustering=ibis.literal(clustering))
    return named.select(*by, "clustering", "is_known", "hit_count", "deals_count", "cluster_count")


def hits_with_and_without(deals: Table, having: Table, things: Table) -> Table:
    """Count deals and hits per cluster with each thing that a deal may have, and without it; clusters of equal counts once. Lazy.

    deals: opportunity_id, owner_id, account_id, is_hit. having: the same columns per deal × thing, no row twice. things: the ones asked for,
    one row each. One row per thing × clustering × is_known × the four counts of `SPLIT`; cluster_count says how many clusters. A deal
    without owner (account) is a cluster of its own.
    """
    import ibis

    parts = [_split(_per_label(deals, (), name), _per_label(having, things.columns, name), things, (), name) for name in CLUSTERINGS]
    return ibis.union(*parts, distinct=False)


def hits_within(having: Table, things: Table, within: tuple[str, ...]) -> Table:
    """Count as `hits_with_and_without`, but a deal only beside those that have any thing of the same `within`. Lazy.

    having: per deal × thing, with is_first: true on one of a deal's rows of the same `within`, so that its deals are counted with its rows.
    things: its columns begin with `within`.
    """
    import ibis

    parts = []
    for name in CLUSTERINGS:
        there = _per_label(having, things.columns, name)
        keys = [*within, "is_known", "cluster"]
        whole = there.group_by(keys).agg(hits=there.first_hits.sum(), deals=there.first_deals.sum())
        parts.append(_split(whole, there, things, within, name))
    return ibis.union(*parts, distinct=False)


def deals_with(deals: Table, having: Table, things: Table) -> Table:
    """Count deals per cluster, and those that have each thing as hits; see `hits_per_cluster` and `hits_with_and_without`. Lazy."""
    import ibis

    split = hits_with_and_without(deals.mutate(is_hit=ibis.literal(True)), having.mutate(is_hit=ibis.literal(True)), things)
    counted = split.mutate(hit_count=split.deals_there, deals_count=split.deals_there + split.deals_others)
    keys = [*things.columns, "clustering", "is_known", "hit_count", "deals_count"]
    return counted.group_by(keys).agg(cluster_count=counted.cluster_count.sum())


def _split(whole: Table, there: Table, things: Table, within: tuple[str, ...], clustering: str) -> Table:
    import ibis

    by = things.columns
    whole = whole.rename(all_hits="hits", all_deals="deals")
    both = there.inner_join(whole, [*within, "is_known", "cluster"])
    split = both.mutate(hits_there=both.hits, deals_there=both.deals, hits_others=both.all_hits - both.hits, deals_others=both.all_deals - both.deals)
    keys = [*by, "is_known", *SPLIT]
    counted = split.group_by(keys).agg(cluster_count=split.count()).semi_join(things, by)
    lacking = _lacking(whole, counted, things, within)
    every = ibis.union(counted.select(*keys, "cluster_count"), lacking.select(*keys, "cluster_count"), distinct=False)
    return every.mutate(clustering=ibis.literal(clustering)).select(*by, "clustering", "is_known", *SPLIT, "cluster_count")


def _per_label(deals: Table, by: tuple[str, ...], clustering: str) -> Table:
    """Count deals and hits per cluster, and of those marked as first where they are. Lazy.

    Counted, not added up: a sum of counts is twice as wide, and there may be as many groups as deals.
    """
    import ibis

    label = deals[CLUSTERINGS[clustering]]
    marks = [name for name in ("is_first",) if name in deals.columns]
    keyed = deals.select(*by, "is_hit", *marks, is_known=label.notnull(), cluster=ibis.coalesce(label, deals.opportunity_id))
    first = {"first_hits": keyed.count(where=keyed.is_hit & keyed.is_first), "first_deals": keyed.count(where=keyed.is_first)} if marks else {}
    return keyed.group_by([*by, "is_known", "cluster"]).agg(hits=keyed.count(where=keyed.is_hit), deals=keyed.count(), **first)


def _lacking(whole: Table, counted: Table, things: Table, within: tuple[str, ...]) -> Table:
    """Count the clusters without each thing, unlisted: all of the same counts, less those of them that have it. Lazy."""
    import ibis

    sizes = whole.group_by([*within, "is_known", "all_hits", "all_deals"]).agg(cluster_count=whole.count())
    every = things.inner_join(sizes, list(within)) if within else things.cross_join(sizes)
    keys = [*things.columns, "is_known", "all_hits", "all_deals"]
    taken = counted.mutate(all_hits=counted.hits_there + counted.hits_others, all_deals=counted.deals_there + counted.deals_others)
    left = ibis.union(every.select(*keys, "cluster_count"), taken.select(*keys, cluster_count=-taken.cluster_count), distinct=False)
    left = left.group_by(keys).agg(cluster_count=left.cluster_count.sum())
    none = ibis.literal(0, "int64")
    return left.filter(left.cluster_count > 0).mutate(hits_there=none, deals_there=none, hits_others=left.all_hits, deals_others=left.all_deals)


def rate_of(counted: pd.DataFrame, level: float) -> Proportion:
    """Return the share of hits of a per-cluster table with the widest of its cluster-aware intervals."""
    hits, deals = totals_of(counted)
    return proportion(hits, deals, level, clusters_of(counted))


def clusters_of(counted: pd.DataFrame) -> Clusters:
    """Return hits and deals, one element per cluster, for each clustering with at least one known label."""
    found: Clusters = {}
    for name, rows in counted.groupby("clustering", sort=True):
        if bool(rows["is_known"].any()):
            repeat = rows["cluster_count"].to_numpy("int64")
            hits, deals = (np.repeat(rows[c].to_numpy(float), repeat) for c in ("hit_count", "deals_count"))
            found[str(name)] = (hits, deals)
    return found


def totals_of(counted: pd.DataFrame) -> tuple[int, int]:
    """Return hits and deals of a per-cluster table: those of its first clustering, as each holds every deal."""
    if counted.empty:
        return 0, 0
    rows = counted[counted["clustering"] == counted["clustering"].min()]
    hits, deals = ((rows[c].astype(float) * rows["cluster_count"]).sum() for c in ("hit_count", "deals_count"))
    return int(hits), int(deals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """The one currency of the amounts, or why there is none. code: None also where nothing names one."""

    code: str | None = None
    refused: Message | None = None


def one_currency(amount_counts: Mapping[Any, int]) -> Currency:
    """Tell in which currency amounts may be added. amount_counts: currency (or missing) → deals with an amount."""
    named = sorted(str(code) for code, n in amount_counts.items() if n > 0 and not pd.isna(code))
    if len(named) > 1:
        reason = msg("the amounts are in several currencies ({currencies}) and no exchange rates are set", currencies=tuple(named))
        return Currency(refused=reason)
    return Currency(code=named[0] if named else None)


def currency_of(rows: pd.DataFrame, count: str) -> Currency:
    """Tell in which currency the amounts of a small table may be added. Columns: currency and the count of amounts."""
    if rows.empty:
        return Currency()
    counts = rows.assign(currency=rows["currency"].astype(object)).groupby("currency", dropna=False)[count].sum()
    return one_currency({code: int(n) for code, n in counts.items()})
