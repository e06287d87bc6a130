"""Decided deals that name a competitor beside those that name only others, and how far the two rates lie apart.

The same salespeople work both kinds of deals. A good one lifts both rates, so the difference varies less than two separate
rates would say: it is judged over owners, and over accounts, with the wider of the two ranges.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.analyses.deals import SPLIT, Currency, hits_with_and_without, rate_of
from workbook.stats.crossed_effects import crossed_rates
from workbook.stats.errors import CannotEstimate
from workbook.stats.proportion import Proportion
from workbook.stats.slope import Slope, clustered_slope

if TYPE_CHECKING:
    from ibis.expr.types import Table

COUNTS = ("won_there", "closed_there", "won_others", "closed_others")
Rates = dict[str, tuple[Proportion, Proportion]]  # with this competitor, with others only


def there_and_not(closed: Table, rivals: Table) -> Table:
    """Count decided deals and wins per competitor and cluster, with and without it; equal clusters once. Lazy.

    closed: deal × competitor named. rivals: those asked for. One row per rival × clustering × is_known × the four counts;
    cluster_count says how many clusters. A deal without owner (account) is a cluster of its own.
    """
    marked = closed.mutate(is_hit=closed.status == "won")
    once = marked.select("opportunity_id", "owner_id", "account_id", "is_hit").distinct()
    return hits_with_and_without(once, marked, rivals).rename(dict(zip(COUNTS, SPLIT, strict=True)))


def by_owner(closed: Table, rivals: Table) -> Table:
    """Count decided deals and wins per competitor × owner. Lazy."""
    named = closed.inner_join(rivals, "rival")
    return named.group_by(["rival", "owner_id"]).agg(won_count=(named.status == "won").sum(), closed_count=named.count())


def rates_of(counted: pd.DataFrame, level: float) -> Rates:
    """Return the rate with each competitor and with the others only."""
    return {
        str(rival): (rate_of(_side(part, "there"), level), rate_of(_side(part, "others"), level))
        for rival, part in counted.groupby("rival", sort=True)
    }


def _side(part: pd.DataFrame, side: str) -> pd.DataFrame:
    counted = part.rename(columns={f"won_{side}": "hit_count", f"closed_{side}": "deals_count"})
    return counted[counted["deals_count"] > 0]


def gaps_of(counted: pd.DataFrame, level: float) -> dict[str, Slope]:
    """Return the rate with each competitor minus that with others; the wider of the ranges over owners and over accounts."""
    return {str(rival): _gap(part, level) for rival, part in counted.groupby("rival", sort=True)}


def _gap(part: pd.DataFrame, level: float) -> Slope:
    """Order the clusters by their counts first, so that sums do not depend on the order of rows."""
    found = []
    for _, rows in part.groupby("clustering", sort=True):
        ordered = rows.sort_values([*COUNTS, "is_known"], ignore_index=True)
        won, closed = (np.concatenate([ordered[f"{what}_{side}"].to_numpy(float) for side in ("there", "others")]) for what in ("won", "closed"))
        there, cluster = np.repeat([1.0, 0.0], len(ordered)), np.tile(np.arange(len(ordered)), 2)
        weight = np.tile(ordered["cluster_count"].to_numpy(float), 2)
        found.append(clustered_slope(won, closed, there, cluster, level, weight))
    return max(found, key=lambda gap: math.inf if math.isnan(gap.low) else gap.high - gap.low)


def shrunken(counted: pd.DataFrame, level: float) -> pd.DataFrame:
    """Rate against each competitor for the average salesperson, from a mixed model. Index: rival; columns rate, low, high.

    NaN where no model can be fitted (all won, all lost, one competitor).
    """
    ordered = counted.sort_values(["rival", "owner_id"], na_position="last", ignore_index=True)
    owners = ordered["owner_id"].astype(object).where(ordered["owner_id"].notna(), None)
    try:
        table = crossed_rates(ordered["won_count"], ordered["closed_count"], ordered["rival"].astype(str), owners, level).table
    except CannotEstimate:
        rivals = sorted(set(ordered["rival"].astype(str)))
        return pd.DataFrame(math.nan, index=rivals, columns=["rate", "low", "high"])
    return table.set_index("group")[["rate", "low", "high"]]


def lost_to(rival: str, lost: pd.DataFrame, currency: Currency) -> dict[str, object]:
    """Amount lost against a competitor and the number of deals behind it. lost: index rival; amount, amount_count."""
    n = int(lost["amount_count"].get(rival, 0))
    amount = float(lost["amount"].get(rival, 0.0)) if n and currency.refused is None else math.nan
    return {"lost_amount": amount, "lost_amount_count": n}
