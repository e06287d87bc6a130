"""How long decided deals were open, in fifths: a mix to hold constant where what is looked at grows with the time a deal takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbook.analyses.deals import CLOSED

if TYPE_CHECKING:
    from ibis.expr.types import Table

PARTS = 5


def with_fifths(deals: Table) -> Table:
    """Add days_open and stratum: the segment and the fifth of the time that decided deals were open. Lazy."""
    import ibis

    timed = deals.mutate(days_open=deals.closed_on.delta(deals.created_on, unit="day"))
    ended = timed.filter(timed.status.isin(CLOSED) & timed.days_open.notnull()).select("opportunity_id", "days_open")
    starts = _starts(ended)
    joined = timed.cross_join(starts)
    is_closed = joined.status.isin(CLOSED) & joined.days_open.notnull()
    passed = [_has_passed(joined, part).ifelse(1, 0).cast("int64") for part in range(1, PARTS)]
    fifth = ibis.ifelse(is_closed, sum(passed[1:], passed[0]).cast("string"), "?")
    return joined.mutate(stratum=ibis.coalesce(joined.segment, "?") + " | " + fifth).drop(*starts.columns)


def _has_passed(deals: Table, part: int) -> Any:
    day, first = deals[f"days_{part}"], deals[f"deal_{part}"]
    return (deals.days_open > day) | ((deals.days_open == day) & (deals.opportunity_id >= first))


def _starts(ended: Table) -> Table:
    """Return with which deal each fifth but the first begins, deals in order of days and identifier: days_1, deal_1, … in one row. Lazy.

    Deals are counted per day, and put in order only on the days on which a fifth begins.
    """
    import ibis

    per_day = ended.group_by("days_open").agg(deals_count=ended.count())
    upto = per_day.deals_count.sum().over(ibis.window(order_by=per_day.days_open, preceding=None, following=0))
    days = per_day.mutate(upto=upto, total=per_day.deals_count.sum().over(ibis.window()))
    size, longer = (days.total / PARTS).floor().cast("int64"), days.total % PARTS  # the first ones are longer by a deal
    begins = [days.mutate(part=ibis.literal(part), place=size * part + ibis.least(longer, part) - days.upto + days.deals_count) for part in range(1, PARTS)]
    inside = ibis.union(*begins, distinct=False).filter(lambda t: (t.place >= 0) & (t.place < t.deals_count))
    there = ended.inner_join(inside.select("days_open", "part", "place"), "days_open")
    order = ibis.row_number().over(ibis.window(group_by="part", order_by="opportunity_id"))
    first = there.mutate(order=order).filter(lambda t: t.order == t.place)
    found = {f"days_{part}": first.days_open.max(where=first.part == part) for part in range(1, PARTS)}
    return first.agg(**found, **{f"deal_{part}": first.opportunity_id.max(where=first.part == part) for part in range(1, PARTS)})
