"""What deals have in common – a role seen, a need, a touch – and whether deals with it are won more often.

A trait is one value of one dimension (dimension "role", value "Economic buyer"). Deals with it are compared with the deals that
have any value of the same dimension but not this one: a deal whose roles nobody recorded says nothing about roles. Rates have
cluster-aware intervals; the difference is also taken within strata (Mantel–Haenszel); one control over all comparisons of a
question. A difference is reliable only if it survives that control and the interval within strata points the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.analyses.deals import CLOSED, PLACE, hits_within, rate_of
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import Proportion, two_proportion_difference
from workbook.stats.shrinkage import shrink_rates
from workbook.stats.stratified import stratified_difference

if TYPE_CHECKING:
    from ibis.expr.types import IntegerValue, Table

KEYS = ("dimension", "value", "has_it")
TRAIT = ("place", "value")
ALIKE = (*TRAIT, "stratum", "is_hit", "is_first")
DEAL = ("opportunity_id", "owner_id", "account_id", "stratum", "is_hit")
COLUMNS = (
    "dimension", "value", "won_count", "closed_count", "rate", "low", "high", "without_won_count", "without_closed_count",
    "without_rate", "without_low", "without_high", "difference", "difference_low", "difference_high", "p_value", "adjusted",
    "adjusted_low", "adjusted_high", "is_small", "few_clusters",
)  # fmt: skip


def counted(there: Table, whole: Table, strata: Table, dimensions: Sequence[str], values_max: int = 40) -> dict[str, Table]:
    """Count won and decided deals with and without each trait, per cluster and per stratum. Lazy.

    there: what `deals.per_label` takes, one row per decided deal × trait, with place (of the dimension in `dimensions`) and value. whole: the
    same per decided deal × dimension of which it has any value. strata: what
    `per_stratum` makes of them. Of a dimension with more values the `values_max` most frequent are compared. The dimension travels as
    its place: a short number makes groups that are cheap to hold.
    """
    split = _with_and_without(there, whole, values_max)
    by_stratum = _strata(strata, _most_frequent(strata, strata.closed_count, values_max))
    return {"clusters": _named(split, dimensions, KEYS), "strata": _named(by_stratum, dimensions, KEYS)}


def _named(rows: Table, dimensions: Sequence[str], keys: Sequence[str]) -> Table:
    """Put the dimension's name for its place, in front. Lazy."""
    import ibis

    name = ibis.cases(*((rows.place == place, ibis.literal(name)) for place, name in enumerate(dimensions)), else_=ibis.null("string"))
    rest = [column for column in rows.columns if column not in ("place", *keys)]
    return rows.mutate(dimension=name).select(*keys, *rest)


def _most_frequent(counts: Table, count: IntegerValue, values_max: int) -> Table:
    """Return the place and value of the most frequent values of each dimension; equal counts in the alphabet's order. Lazy."""
    import ibis

    values = counts.group_by(TRAIT).agg(trait_count=count.sum())
    order = ibis.window(group_by="place", order_by=[values.trait_count.desc(), values.value])
    return values.mutate(rank=ibis.row_number().over(order)).filter(lambda t: t["rank"] < values_max).select(*TRAIT)


def _with_and_without(there: Table, whole: Table, values_max: int) -> Table:
    """Count per trait, with it and without; see `deals.hits_per_cluster`. Lazy."""
    import ibis

    def asked(counts: Table) -> Table:
        once = counts.filter(counts[PLACE] == 0)  # each clustering holds every deal
        return _most_frequent(once, once.deals_there * once.cluster_count, values_max)

    split = hits_within(whole, there, TRAIT, TRAIT[:1], asked)
    sides = [
        split.select(*TRAIT, "clustering", "is_known", "cluster_count", has_it=ibis.literal(has_it), hit_count=split[f"hits_{side}"], deals_count=split[f"deals_{side}"])
        for has_it, side in ((True, "there"), (False, "others"))
    ]  # fmt: skip
    both = ibis.union(*sides, distinct=False)
    keys = [*TRAIT, "has_it", "clustering", "is_known", "hit_count", "deals_count"]
    return both.filter(both.deals_count > 0).group_by(keys).agg(cluster_count=both.cluster_count.sum())


def per_stratum(there: Table) -> Table:
    """Count won and decided deals per trait and stratum, and those whose first trait of the dimension it is. Lazy.

    there: stratum, is_hit, place, value, is_first and deals_count, how many deals are alike in these.
    """
    import ibis

    deals, none = there.deals_count, ibis.literal(0, "int64")
    won, first = ibis.ifelse(there.is_hit, deals, none), ibis.ifelse(there.is_first, deals, none)
    return there.group_by([*TRAIT, "stratum"]).agg(
        won_count=won.sum(), closed_count=deals.sum(), first_won=ibis.ifelse(there.is_first, won, none).sum(), first_closed=first.sum()
    )


def alike(there: Table) -> Table:
    """Count the deals that are alike in all that `per_stratum` asks for. Lazy."""
    return there.group_by(list(ALIKE)).agg(deals_count=there.count())


def _strata(strata: Table, values: Table) -> Table:
    """Count won and decided deals per trait and stratum, with it and without: all of the dimension less those that have it. Lazy."""
    import ibis

    columns = [*TRAIT, "stratum", "won_count", "closed_count"]
    whole = strata.group_by(["place", "stratum"]).agg(won_count=strata.first_won.sum(), closed_count=strata.first_closed.sum())
    having = strata.select(*columns).semi_join(values, TRAIT)
    taken = having.mutate(won_count=-having.won_count, closed_count=-having.closed_count)
    left = ibis.union(values.inner_join(whole, "place").select(*columns), taken.select(*columns), distinct=False)
    lacking = left.group_by(columns[:3]).agg(won_count=left.won_count.sum(), closed_count=left.closed_count.sum())
    sides = [part.mutate(has_it=ibis.literal(has_it)) for part, has_it in ((having, True), (lacking.filter(lacking.closed_count > 0), False))]
    return ibis.union(*(side.select(*TRAIT, "has_it", "stratum", "won_count", "closed_count") for side in sides), distinct=False)


def decided(opportunities: Table) -> Table:
    """Return decided deals with is_hit and stratum: segment and kind of business, the mix that is held constant. Lazy."""
    import ibis

    deals = opportunities.filter(opportunities.status.isin(CLOSED))
    mix = ibis.coalesce(deals.segment, "?") + " | " + ibis.coalesce(deals.business_type, "?")
    return deals.mutate(stratum=mix, is_hit=deals.status == "won")


def compared(small: dict[str, pd.DataFrame], level: float, least: int) -> pd.DataFrame:
    """Compare deals with and without each trait. One row per dimension × value, see `COLUMNS`. Pure.

    adjusted: difference within strata. is_small: fewer than `least` decided deals with or without it: counted, not judged.
    """
    clusters, strata = small["clusters"], small["strata"]
    by_strata = dict(list(strata.groupby(["dimension", "value"]))) if len(strata) else {}
    rows = [
        _row((str(dimension), str(value)), rows, by_strata[dimension, value], (level, least)) for (dimension, value), rows in clusters.groupby(["dimension", "value"], sort=True)
    ] if len(clusters) else []
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(key: tuple[str, str], rows: pd.DataFrame, strata: pd.DataFrame, asked: tuple[float, int]) -> dict[str, object]:
    level, least = asked
    has_it = rows["has_it"].astype(bool)
    rate, without = rate_of(rows[has_it], level), rate_of(rows[~has_it], level)
    is_small = min(rate.n, without.n) < least
    gap = None if is_small else two_proportion_difference(rate, without)
    inside = None if is_small else _within(strata, level, _effect(rate, without))
    return {
        "dimension": key[0], "value": key[1], "won_count": int(rate.successes), "closed_count": int(rate.n), "rate": rate.value,
        "low": rate.low, "high": rate.high, "without_won_count": int(without.successes), "without_closed_count": int(without.n),
        "without_rate": without.value, "without_low": without.low, "without_high": without.high,
        "difference": gap.value if gap else math.nan, "difference_low": gap.low if gap else math.nan,
        "difference_high": gap.high if gap else math.nan, "p_value": gap.p_value if gap else math.nan,
        "adjusted": inside[0] if inside else math.nan, "adjusted_low": inside[1] if inside else math.nan,
        "adjusted_high": inside[2] if inside else math.nan, "is_small": is_small, "few_clusters": rate.few_clusters or without.few_clusters,
    }  # fmt: skip


def _effect(first: Proportion, second: Proportion) -> float:
    """Design effect of a difference: each side's own, weighted by its part of the variance; at least 1."""
    parts = [(rate.value * (1 - rate.value) / rate.n, rate.n / rate.effective_n) for rate in (first, second)]
    total = sum(variance for variance, _ in parts)
    return sum(variance * effect for variance, effect in parts) / total if total > 0 else max(effect for _, effect in parts)


def _within(strata: pd.DataFrame, level: float, effect: float) -> tuple[float, float, float]:
    codes, names = pd.factorize(strata["stratum"])
    sides = []
    for side in (True, False):
        chosen = strata["has_it"].to_numpy(bool) == side
        won, closed = (
            np.bincount(codes[chosen], strata[c].to_numpy(float)[chosen], len(names)) for c in ("won_count", "closed_count")
        )
        sides.append((won, closed))
    found = stratified_difference(sides[0], sides[1], level, effect)
    return found.value, found.low, found.high


def judged(table: pd.DataFrame, false_discovery_rate: float, families: Sequence[str] = ()) -> pd.DataFrame:
    """Add adjusted_p, is_reliable, direction and the rate pulled to the dimension's mean, over all dimensions at once. Pure.

    families: the dimensions that are tested (all where empty); the others are shown without a verdict.
    """
    tested = table["dimension"].isin(families) if families else pd.Series(True, index=table.index)
    found = table.assign(adjusted_p=benjamini_hochberg(table["p_value"].where(tested)))
    sign = np.sign(found["difference"].fillna(0.0))
    same_way = np.where(sign > 0, found["adjusted_low"] > 0, found["adjusted_high"] < 0)
    found["is_reliable"] = (found["adjusted_p"] <= false_discovery_rate) & same_way & ~found["few_clusters"].astype(bool)
    found["direction"] = np.where(found["is_reliable"], sign, 0).astype(int)
    pulled = [_pulled(part) for _, part in found.groupby("dimension", sort=False)]
    return found.join(pd.concat(pulled)) if pulled else found.assign(shrunken=pd.Series(dtype=float))


def _pulled(part: pd.DataFrame) -> pd.DataFrame:
    shrunk = shrink_rates(part["won_count"], part["closed_count"]).table
    return pd.DataFrame({"shrunken": shrunk["shrunken_share"].to_numpy()}, index=part.index)
