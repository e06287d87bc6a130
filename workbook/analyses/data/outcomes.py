"""Sums per cluster, for rates and products that need more than counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbook.analyses.deals import CLUSTERINGS

if TYPE_CHECKING:
    from ibis.expr.types import Table

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
