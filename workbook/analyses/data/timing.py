"""When deals began and ended: durations, windows of twelve months, and from when on the data are complete.

A duration counts only where both days are known, in order and not after the reporting date.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.deals import CLOSED, with_known_amount

if TYPE_CHECKING:
    from ibis.expr.types import Table


def with_durations(opportunities: Table, as_of: date) -> Table:
    """Add cycle_days (ended deals), age_days (open deals), known_amount. One row per opportunity; lazy."""
    import ibis

    today = ibis.date(as_of)
    t = opportunities
    ended = (t.status != "open") & (t.closed_on >= t.created_on) & (t.closed_on <= today)
    running = (t.status == "open") & (t.created_on <= today)
    return with_known_amount(t).mutate(
        cycle_days=ibis.ifelse(ended, t.closed_on.delta(t.created_on, unit="day"), ibis.null("int64")),
        age_days=ibis.ifelse(running, today.delta(t.created_on, unit="day"), ibis.null("int64")),
    )


def with_longest_cycle(timed: Table) -> Table:
    """Add longest_days, the longest time from creation to winning or losing; null where no deal tells. Lazy."""
    longest = timed.filter(timed.status.isin(CLOSED)).agg(longest_days=lambda t: t.cycle_days.max())
    return timed.cross_join(longest)


def years_before(day: date, years: int) -> date:
    """Return the same day `years` earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def with_window(opportunities: Table, as_of: date) -> Table:
    """Add window: `last` for closes in the twelve months up to `as_of`, `before` for the twelve before, else null. Lazy."""
    import ibis

    first, second = ibis.date(years_before(as_of, 1)), ibis.date(years_before(as_of, 2))
    closed = opportunities.closed_on
    window = ibis.cases(
        ((closed > first) & (closed <= ibis.date(as_of)), "last"),
        ((closed > second) & (closed <= first), "before"),
        else_=ibis.null("string"),
    )
    return opportunities.mutate(window=window)


def coverage(opportunities: Table, as_of: date) -> Table:
    """Return first_created_on, first_closed_on and longest_days of the closed deals in one row. Lazy."""
    timed = with_durations(opportunities, as_of)
    closed = timed.filter(timed.status.isin(CLOSED))
    return closed.agg(
        first_created_on=closed.created_on.min(),
        first_closed_on=closed.closed_on.min(),
        longest_days=closed.cycle_days.max(),
    )


def covers(span: pd.DataFrame, start: date) -> bool:
    """Tell whether the data are complete from `start` on: they begin at least one longest cycle earlier.

    span: see `coverage`. Without creation dates the first close decides.
    """
    if span.empty or pd.isna(span["first_closed_on"].iloc[0]):
        return False
    row = span.iloc[0]
    if pd.isna(row["first_created_on"]) or pd.isna(row["longest_days"]):
        return bool(pd.Timestamp(row["first_closed_on"]) <= pd.Timestamp(start))
    return bool(pd.Timestamp(row["first_created_on"]) + pd.Timedelta(days=float(row["longest_days"])) <= pd.Timestamp(start))
