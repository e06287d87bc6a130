"""Recency, frequency and monetary value per customer, scored in bins. Hughes 1994; bins as in the R package
rfm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, IntArray

# group: (recency scores, scores of the rounded mean of frequency and money); the first match wins
GROUPS: Final[Mapping[str, tuple[tuple[int, int], tuple[int, int]]]] = {
    "champions": ((4, 5), (4, 5)),
    "loyal": ((3, 3), (4, 5)),
    "potential_loyal": ((4, 5), (2, 3)),
    "new": ((4, 5), (1, 1)),
    "need_attention": ((3, 3), (2, 3)),
    "about_to_sleep": ((3, 3), (1, 1)),
    "at_risk": ((1, 2), (4, 5)),
    "hibernating": ((1, 2), (2, 3)),
    "lost": ((1, 2), (1, 1)),
}

IN_RHYTHM, GONE_QUIET = 1.5, 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rfm:
    """Scores per customer.

    customers: one row per customer, sorted by customer_id as text: customer_id, recency_days, order_count,
    amount, recency_score, frequency_score, monetary_score (1-bins, higher is better), rfm_score (three digits
    joined: R·100 + F·10 + M), group (key of `GROUPS`; None unless five bins). n: customers. left_out:
    orders
    not used, by cause ("after_as_of", "missing"). bins: number of bins.
    """

    customers: pd.DataFrame
    n: int
    left_out: Mapping[str, int]
    bins: int


def rfm(customer_id: Any, order_date: Any, amount: Any, as_of: date, bins: int = 5) -> Rfm:
    """Score customers by days since the last order, number of orders and total amount. One element per order.

    Orders after `as_of` or with a missing part are left out and counted. Cut points are the
    linear-interpolation quantiles; a value equal to a cut point belongs to the lower bin, so equal values get
    equal scores. Recency is reversed: the most recent bin scores highest. No orders: empty table.
    """
    if not 2 <= bins <= 9:
        raise ValueError("bins must be 2 to 9")
    orders = pd.DataFrame({
        "customer_id": pd.Series(list(customer_id), dtype=object),
        "ordered": pd.to_datetime(pd.Series(list(order_date))),
        "amount": pd.to_numeric(pd.Series(list(amount)), errors="raise").astype("float64"),
    })  # fmt: skip
    complete = orders.replace([np.inf, -np.inf], np.nan).dropna()
    used = complete[complete["ordered"] < pd.Timestamp(as_of) + pd.Timedelta(days=1)]
    left_out = {"missing": len(orders) - len(complete), "after_as_of": len(complete) - len(used)}
    table = used.groupby("customer_id", as_index=False).agg(
        last=("ordered", "max"), order_count=("ordered", "size"), amount=("amount", "sum")
    )
    days = (pd.Timestamp(as_of) - table["last"].dt.normalize()).dt.days
    table = table.assign(recency_days=days).sort_values(
        "customer_id", key=lambda c: c.astype(str), ignore_index=True
    )
    return Rfm(customers=_scored(table, bins), n=len(table), left_out=left_out, bins=bins)


def typical_interval(customer_id: Any, order_date: Any) -> pd.Series:
    """Days between orders that are usual for each customer, by customer_id; NaN where nobody ordered twice.

    His own median from three intervals on, else the median of all intervals: one or two say little.
    """
    orders = pd.DataFrame({"customer_id": pd.Series(list(customer_id), dtype=object), "ordered": pd.to_datetime(pd.Series(list(order_date)))}).dropna()
    days = orders.sort_values(["customer_id", "ordered"]).groupby("customer_id")["ordered"].diff().dt.days
    days = days.where(days > 0)
    own = days.groupby(orders["customer_id"]).agg(["median", "count"])
    return own["median"].where(own["count"] >= 3, float(days.median()))


def grouped_by_rhythm(customers: pd.DataFrame, interval: pd.Series) -> pd.DataFrame:
    """Add quiet (days since the last order in usual intervals) and let it decide whether a customer has gone quiet.

    customers: `Rfm.customers` with five bins. The recency score only ranks: among fast-moving customers the last fifth may be
    nine days old, among slow ones the first fifth a year. Up to 1.5 intervals a customer counts as no worse than in the
    middle (score 3), beyond three as gone quiet (at most 2). Scores stay as they are, the group follows. Without an interval
    the ranks decide.
    """
    quiet = customers["recency_days"] / customers["customer_id"].map(interval)
    recency = customers["recency_score"].mask(quiet <= IN_RHYTHM, customers["recency_score"].clip(lower=3))
    recency = recency.mask(quiet > GONE_QUIET, recency.clip(upper=2))
    scores = zip(recency, customers["frequency_score"], customers["monetary_score"], strict=True)
    return customers.assign(quiet=quiet, group=[_group(int(r), int(f), int(m), 5) for r, f, m in scores])


def quantile_scores(values: Any, bins: int = 5) -> IntArray:
    """Bin number 1-bins per value by linear-interpolation quantiles; a value at a cut point is in the lower
    bin.
    """
    array: FloatArray = np.asarray(values, dtype="float64")
    if len(array) == 0:
        return np.zeros(0, dtype=np.int64)
    cuts = np.quantile(array, np.arange(1, bins) / bins)
    return (1 + np.searchsorted(cuts, array, side="left")).astype(np.int64)


def _scored(table: pd.DataFrame, bins: int) -> pd.DataFrame:
    recency = bins + 1 - quantile_scores(table["recency_days"], bins)
    frequency = quantile_scores(table["order_count"], bins)
    money = quantile_scores(table["amount"], bins)
    groups = [_group(r, f, m, bins) for r, f, m in zip(recency, frequency, money, strict=True)]
    scored = table.assign(recency_score=recency, frequency_score=frequency, monetary_score=money,
                          rfm_score=recency * 100 + frequency * 10 + money,
                          group=pd.Series(groups, dtype=object, index=table.index))  # fmt: skip
    return scored[["customer_id", "recency_days", "order_count", "amount", "recency_score", "frequency_score",
                   "monetary_score", "rfm_score", "group"]]  # fmt: skip


def _group(recency: int, frequency: int, money: int, bins: int) -> str | None:
    if bins != 5:
        return None
    value = int((frequency + money + 1) // 2)
    for name, (recencies, values) in GROUPS.items():
        if recencies[0] <= recency <= recencies[1] and values[0] <= value <= values[1]:
            return name
    raise AssertionError(f"no group for {recency}, {value}")
