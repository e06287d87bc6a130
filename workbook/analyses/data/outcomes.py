"""Outcomes and sums per cluster, for rates and products that need more than counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbook.analyses.deals import CLUSTERINGS
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

ONE_SIDED_MIN = 30


def one_sided(won: int, closed: int) -> Message | None:
    """Say so where an export holds the won deals alone: a rate of 100 % of many deals is a filter, not a success."""
    if won < closed or closed < ONE_SIDED_MIN:
        return None
    return msg(
        "all {n} decided deals are won: the export leaves out the lost ones, and without them there is no win rate",
        n=closed,
    )


def sums_per_cluster(timed: Table, sums: Mapping[str, Any], by: tuple[str, ...] = ()) -> Table:
    """Add up expressions per owner and per account. One row per `by` × clustering × cluster, without its name. Lazy.

    timed: see `with_durations`. A deal without owner (account) is a cluster of its own.
    """
    import ibis

    parts = []
    for name, label in CLUSTERINGS.items():
        keyed = timed.mutate(cluster=ibis.coalesce(timed[label], timed.opportunity_id))
        each = keyed.group_by([*by, "cluster"]).agg(**{key: make(keyed) for key, make in sums.items()})
        parts.append(each.mutate(clustering=ibis.literal(name)).select(*by, "clustering", *sums))
    return ibis.union(*parts, distinct=False)
