"""What questions about deals share across topics: outcomes, exports that hold one of them alone, won and closed counts per group and cluster, one currency.

Closed means won or lost. An amount of zero or less means "not entered" and is left out, never added as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.stats.proportion import Proportion, proportion
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import IntegerValue, Table

CLOSED = ("won", "lost")
CLUSTERINGS = {"owner": "owner_id", "account": "account_id"}
PLACE = "clustering_place"
SPLIT = ("hits_there", "deals_there", "hits_others", "deals_others")
Clusters = dict[str, tuple[Any, Any]]
ONE_SIDED_MIN = 30


def one_sided(won: int, closed: int) -> Message | None:
    """Say so where an export holds one outcome alone: a rate of 100 % (or of none) of many deals is a filter, not a success."""
    if 0 < won < closed or closed < ONE_SIDED_MIN:
        return None
    if won:
        return msg("all {n} decided deals are won: the export leaves out the lost ones, and without them there is no win rate", n=closed)
    return msg("all {n} decided deals are lost: the export leaves out the won ones, and without them there is no win rate", n=closed)


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
    counts = {"hit_count": "hits", "deals_count": "deals"}
    each = per_label(deals.select(*by, *CLUSTERINGS.values(), is_hit=hit), by)
    return _named(_by_size(each, by).rename(counts)).select(*by, "clustering", "is_known", *counts, "cluster_count")


def won_per_cluster(deals: Table, by: tuple[str, ...] = ()) -> Table:
    """Count closed deals and the won ones among them per cluster; see `hits_per_cluster`. Lazy."""
    closed = deals.filter(deals.status.isin(CLOSED))
    return hits_per_cluster(closed, closed.status == "won", by)


def hits_with_and_without(deals: Table, having: Table, things: Table) -> Table:
    """Count deals and hits per cluster with each thing that a deal may have, and without it; clusters of equal counts once. Lazy.

    deals: owner_id, account_id, is_hit. having: the same columns per deal × thing, no row twice. things: the ones asked for, one row each.
    One row per thing × clustering × is_known × the four counts of `SPLIT`; cluster_count says how many clusters. A deal without owner
    (account) is a cluster of its own.
    """
    return hits_within(deals, having, things.columns, (), lambda _: things)


def hits_within(whole: Table, there: Table, by: tuple[str, ...], within: tuple[str, ...], asked: Callable[[Table], Table]) -> Table:
    """Count as `hits_with_and_without`, but a deal only beside those that have any thing of the same `within`. Lazy.

    there: what `per_label` takes, one row per deal × thing; `by` names the thing and begins with `within`. whole: one row per deal × `within`
    of which it has any thing. asked: returns the things asked for, given the counts of all.
    """
    import ibis

    counted = _there_and_others(per_label(whole, within), per_label(there, by), within, by)
    things = asked(counted)
    counted = counted.semi_join(things, by)
    lacking = _lacking(_by_size(per_label(whole, within), within).rename(all_hits="hits", all_deals="deals"), counted, things, within)
    keys = [*by, PLACE, "is_known", *SPLIT, "cluster_count"]
    every = ibis.union(counted.select(*keys), lacking.select(*keys), distinct=False)
    return _named(every).select(*by, "clustering", "is_known", *SPLIT, "cluster_count")


def deals_with(deals: Table, having: Table, things: Table) -> Table:
    """Count deals per cluster, and those that have each thing as hits; see `hits_per_cluster` and `hits_with_and_without`. Lazy."""
    import ibis

    split = hits_with_and_without(deals.mutate(is_hit=ibis.literal(True)), having.mutate(is_hit=ibis.literal(True)), things)
    counted = split.mutate(hit_count=split.deals_there, deals_count=split.deals_there + split.deals_others)
    keys = [*things.columns, "clustering", "is_known", "hit_count", "deals_count"]
    return counted.group_by(keys).agg(cluster_count=counted.cluster_count.sum())


def per_label(rows: Table, by: tuple[str, ...]) -> Table:
    """Count deals and hits per label. One row per `by` × clustering × cluster, null for all deals without one together; lazy.

    rows: deals with owner_id, account_id, is_hit; or `labelled` ones; or what this returned, repeated for what its groups have in common.
    The clustering travels as its place in `CLUSTERINGS`. Deals are counted, not added up: a sum of counts is twice as wide, and there may
    be as many groups as deals.
    """
    import ibis

    if PLACE not in rows.columns:
        parts = (_per_label(rows.rename(cluster=label).mutate(**{PLACE: ibis.literal(place, "int8")}), by) for place, label in enumerate(CLUSTERINGS.values()))
        return ibis.union(*parts, distinct=False)
    if "deals" in rows.columns:
        return rows.group_by([*by, PLACE, "cluster"]).agg(hits=rows.hits.sum(), deals=rows.deals.sum())
    return _per_label(rows, by)


def _per_label(rows: Table, by: tuple[str, ...]) -> Table:
    keyed = rows.select(*by, PLACE, "cluster", "is_hit")
    return keyed.group_by([*by, PLACE, "cluster"]).agg(hits=keyed.count(where=keyed.is_hit), deals=keyed.count())


def each_place(places: Iterable[int]) -> IntegerValue:
    """Repeat the rows of a select for each of some short numbers. Lazy.

    The array is cast, not what comes of it: Spark repeats rows at the outermost alone.
    """
    import ibis

    return ibis.array(list(places)).cast("array<int8>").unnest()


def labelled(deals: Table) -> Table:
    """Repeat each deal for every clustering: its place, and cluster, the deal's label. Lazy.

    For deals that are dear to find: they are found once then. Others are counted faster one clustering after the other.
    """
    import ibis

    each = deals.mutate(**{PLACE: each_place(range(len(CLUSTERINGS)))})
    label = ibis.cases(*((each[PLACE] == place, each[name]) for place, name in enumerate(CLUSTERINGS.values())))
    return each.mutate(cluster=label).drop(*CLUSTERINGS.values())


def _named(counted: Table) -> Table:
    """Add the clustering's name. Lazy."""
    import ibis

    return counted.mutate(clustering=ibis.cases(*((counted[PLACE] == place, name) for place, name in enumerate(CLUSTERINGS))))


def _by_size(each: Table, by: tuple[str, ...]) -> Table:
    """Count the clusters of equal hits and deals; those without a label are split into single deals. Lazy."""
    import ibis

    keyed = each.select(*by, PLACE, "hits", "deals", is_known=each.cluster.notnull())
    columns = [*by, PLACE, "is_known", "hits", "deals"]
    sizes = keyed.group_by(columns).agg(cluster_count=keyed.count())
    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    alone = sizes.filter(~sizes.is_known)
    hits = alone.mutate(cluster_count=alone.hits, hits=one, deals=one)
    others = alone.mutate(cluster_count=alone.deals - alone.hits, hits=none, deals=one)
    parts = (part.select(*columns, "cluster_count") for part in (sizes.filter(sizes.is_known), hits, others))
    return ibis.union(*parts, distinct=False).filter(lambda t: t.cluster_count > 0)


def _there_and_others(whole: Table, there: Table, within: tuple[str, ...], by: tuple[str, ...]) -> Table:
    """Count the clusters of equal counts of deals with a thing and of the others; single deals where there is no label. Lazy."""
    import ibis

    keys = (*within, PLACE, "cluster")
    whole = whole.select(**{f"whole_{name}": name for name in keys}, all_hits="hits", all_deals="deals")
    both = there.left_join(whole, [there[name] == whole[f"whole_{name}"] for name in keys])
    both = both.select(*by, PLACE, "hits", "deals", "all_hits", "all_deals", is_known=both.cluster.notnull())
    sizes = both.group_by([*by, PLACE, "is_known", "hits", "deals", "all_hits", "all_deals"]).agg(cluster_count=both.count())
    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    known, alone = sizes.filter(sizes.is_known), sizes.filter(~sizes.is_known)
    known = known.mutate(hits_there=known.hits, deals_there=known.deals, hits_others=known.all_hits - known.hits, deals_others=known.all_deals - known.deals)
    single = alone.mutate(deals_there=one, hits_others=none, deals_others=none)
    hits, others = single.mutate(hits_there=one, cluster_count=single.hits), single.mutate(hits_there=none, cluster_count=single.deals - single.hits)
    columns = [*by, PLACE, "is_known", *SPLIT, "cluster_count"]
    return ibis.union(*(part.select(columns) for part in (known, hits, others)), distinct=False).filter(lambda t: t.cluster_count > 0)


def _lacking(sizes: Table, counted: Table, things: Table, within: tuple[str, ...]) -> Table:
    """Count the clusters without each thing, unlisted: all of the same counts, less those of them that have it. Lazy."""
    import ibis

    every = things.inner_join(sizes, list(within)) if within else things.cross_join(sizes)
    keys = [*things.columns, PLACE, "is_known", "all_hits", "all_deals"]
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
