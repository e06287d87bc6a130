"""What a published figure implies, by plain arithmetic: whether it can be true at all, and of whom.

Nothing here is an estimate; every number follows from the claim itself.
"""

from __future__ import annotations

from workbook.analyses.alignment_impact.register import Arithmetic, Ceiling, GrowthGap, Lifetimes, PerYear, RetentionRise
from workbook.text import Message, msg, number, ratio, share


def highest_start(change: float) -> float:
    """Return the highest share that can rise by `change` in proportion without passing 100 %: 1 / (1 + change)."""
    return 1.0 / (1.0 + change) if change > 0 else 1.0


def raised(start: float, change: float) -> float:
    """Return a share raised by `change` in proportion; above 1 where the claim cannot be true."""
    return start * (1.0 + change)


def with_fewer_losses(retention: float, fewer: float) -> float:
    """Return the retention after losing `fewer` fewer customers."""
    return 1.0 - (1.0 - retention) * (1.0 - fewer)


def smallest_churn(change: float) -> float:
    """Return the churn below which a retention raised by `change` in proportion exceeds 100 %."""
    return 1.0 - highest_start(change)


def growth_multiple(high: float, low: float, years: int) -> float:
    """Return how many times as large the faster group is after some years, both starting equal."""
    return ((1.0 + high) / (1.0 + low)) ** years


def years_as_customer(retention: float) -> float:
    """Return the years an average customer stays at a constant yearly retention, the first one included: 1 / (1 - r)."""
    return 1.0 / (1.0 - retention)


def per_year(change: float, years: int) -> float:
    """Return the yearly rate that compounds to `change`."""
    return float((1.0 + change) ** (1.0 / years) - 1.0)


def over_a_year(quarterly: float) -> float:
    """Return the yearly growth that a quarter's growth compounds to."""
    return float((1.0 + quarterly) ** 4 - 1.0)


def ceiling_of(arithmetic: Arithmetic | None) -> float | None:
    """Return the highest starting share of which a claim can be true, None where it is not about a share."""
    return highest_start(arithmetic.change) if isinstance(arithmetic, Ceiling | RetentionRise) else None


def implied(arithmetic: Arithmetic | None, example: float) -> Message:
    """Say what a claim implies. example: a retention to show it on."""
    if isinstance(arithmetic, RetentionRise):
        return _retention(arithmetic.change, example)
    if isinstance(arithmetic, Ceiling):
        return msg("Can be true only of a rate of at most {ceiling}; above that it would pass 100%.",
                   ceiling=share(highest_start(arithmetic.change)))  # fmt: skip
    if isinstance(arithmetic, GrowthGap):
        multiple = growth_multiple(arithmetic.high, arithmetic.low, arithmetic.years)
        return msg("After {years} years the one group would be {multiple} times as large as the other.",
                   years=arithmetic.years, multiple=number(multiple, 1))  # fmt: skip
    if isinstance(arithmetic, Lifetimes):
        return msg(
            "At such rates an average customer stays {long} years in the one group and {short} in the other.",
            long=number(years_as_customer(arithmetic.high), 1), short=number(years_as_customer(arithmetic.low), 1),
        )  # fmt: skip
    if isinstance(arithmetic, PerYear):
        return msg("Over {years} years that is {rate} a year.", years=arithmetic.years, rate=share(per_year(arithmetic.change, arithmetic.years)))
    return _simple(arithmetic)


def _retention(change: float, example: float) -> Message:
    return msg(
        "At {base} retention a literal {change} gives {literal}; losing that share fewer customers gives {fewer}. Read literally it "
        "passes 100% wherever churn is below {churn}.",
        base=share(example, 0), change=share(change, 0, signed=True), literal=share(raised(example, change)),
        fewer=share(with_fewer_losses(example, change)), churn=share(smallest_churn(change)),
    )  # fmt: skip


def _simple(arithmetic: Arithmetic | None) -> Message:
    kind = None if arithmetic is None else arithmetic.kind
    change = getattr(arithmetic, "change", 0.0)
    if kind == "multiple":
        return msg("That is {multiple} times the revenue, not twice.", multiple=ratio(1.0 + change))
    if kind == "faster":
        return msg("If true, the same people could work on {more} more deals.", more=share(1.0 / (1.0 + change) - 1.0, 0))
    if kind == "quarterly":
        return msg("Kept up for a year it would be {year}; with a sales cycle of a quarter or more, those deals began before.",
                   year=share(over_a_year(change), 0, signed=True))  # fmt: skip
    return msg("Nothing to calculate.")
