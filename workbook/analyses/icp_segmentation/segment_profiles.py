"""What a group of companies is like, how often it is won and what its customers are worth. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.segment_features import NOT_STATED, RARE_NAME, Features
from workbook.stats.arrays import BoolArray, FloatArray, IntArray
from workbook.stats.heterogeneity import equal_rates
from workbook.stats.mean import mean
from workbook.stats.mean_difference import mean_difference
from workbook.stats.mixed_clustering import is_category
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import Proportion, proportion, two_proportion_difference

NAMED_BY = 3


def profiles(table: Features, accounts: pd.DataFrame, labels: IntArray) -> pd.DataFrame:
    """Compare each group with all other companies, most telling value first.

    Columns: segment, attribute, value (None for numbers), in_segment, elsewhere, telling (difference in standard deviations).
    """
    rows = []
    for segment in range(int(labels.max()) + 1):
        inside = labels == segment
        for name in table.rows.columns:
            rows += [{"segment": segment + 1, **row} for row in _compare(table, accounts, str(name), inside)]
    found = pd.DataFrame(rows)
    found["strength"] = found["telling"].abs()
    found = found.sort_values(["segment", "strength", "attribute", "value"], ascending=[True, False, True, True], ignore_index=True)
    return found.drop(columns="strength")


def _compare(table: Features, accounts: pd.DataFrame, name: str, inside: np.ndarray) -> list[dict[str, object]]:
    column = table.rows[name]
    if name in table.flags:
        attribute, value = table.flags[name]
        return [_share_row(attribute, value, column.to_numpy(float), inside)]
    if is_category(column):
        values = [value for value in sorted(column.unique()) if value not in (NOT_STATED, RARE_NAME)]
        return [_share_row(name, str(value), (column == value).to_numpy(float), inside) for value in values]
    gap = _standardised(column.to_numpy(float), inside)
    raw = accounts[name].astype(float)
    return [{"attribute": name, "value": None, "in_segment": raw[inside].median(), "elsewhere": raw[~inside].median(),
             "telling": gap, "is_number": True}]  # fmt: skip


def _share_row(attribute: str, value: str, flag: np.ndarray, inside: np.ndarray) -> dict[str, object]:
    return {"attribute": attribute, "value": value, "in_segment": flag[inside].mean(), "elsewhere": flag[~inside].mean(),
            "telling": _standardised(flag, inside), "is_number": False}  # fmt: skip


def _standardised(values: np.ndarray, inside: np.ndarray) -> float:
    spread = float(values.std())
    return (float(values[inside].mean()) - float(values[~inside].mean())) / spread if spread > 0 else 0.0


def names(profile: pd.DataFrame) -> dict[int, str]:
    """Name each group after the values that tell it most clearly from the others; no two groups share a name."""
    found: dict[int, str] = {}
    for segment, rows in profile.groupby("segment"):
        telling = rows[~rows["is_number"].astype(bool) & (rows["telling"] > 0)]
        words = list(dict.fromkeys(str(value) for value in telling["value"]))[:NAMED_BY]
        found[int(str(segment))] = " · ".join(words)
    twice = {name for name in found.values() if list(found.values()).count(name) > 1 or not name}
    return {segment: f"{segment}: {name}".rstrip(": ") if name in twice else name for segment, name in found.items()}


def segment_rates(deals: pd.DataFrame, members: pd.DataFrame, level: float, least: int) -> tuple[pd.DataFrame, float]:
    """Win rate per group and of all others, with intervals by account or owner, and the p-value of equal rates.

    Columns: segment, won_count, closed_count, rate, low, high, is_small, difference (to all others), difference_low,
    difference_high, rate_p.
    """
    keyed = members.merge(deals, on="account_id", how="left")
    rates = {int(str(segment)): clustered_rate(rows, level) for segment, rows in keyed.groupby("segment")}
    rows = []
    for segment, rate in rates.items():
        others = clustered_rate(keyed[keyed["segment"] != segment], level)
        is_small = min(rate.n, others.n) < least
        gap = None if is_small else two_proportion_difference(rate, others)
        rows.append({
            "segment": segment, "won_count": int(rate.successes), "closed_count": int(rate.n), "rate": rate.value, "low": rate.low,
            "high": rate.high, "is_small": rate.n < least, "difference": gap.value if gap else math.nan,
            "difference_low": gap.low if gap else math.nan, "difference_high": gap.high if gap else math.nan,
            "rate_p": gap.p_value if gap else math.nan,
        })  # fmt: skip
    judged = [r for r in rates.values() if r.n >= least]
    clusters = {name: int(deals[column].nunique()) for name, column in (("account", "account_id"), ("owner", "owner_id"))}
    return pd.DataFrame(rows), equal_p(judged, clusters)


@dataclass(frozen=True, slots=True, eq=False)
class Deals:
    """Decided deals per account and owner, one element each: what the sides of many comparisons are cut from.

    account, owner: numbers; owner is negative where unknown.
    """

    account: IntArray
    owner: IntArray
    won: FloatArray
    closed: FloatArray

    @classmethod
    def of(cls, rows: pd.DataFrame, accounts: pd.Index) -> Deals:
        """Read a table of deals per account and owner: account_id, owner_id, won_count, closed_count (missing: no deals).

        accounts: an account's number is its place there.
        """
        known = rows[rows["closed_count"].notna()]
        won, closed = (known[name].to_numpy(float) for name in ("won_count", "closed_count"))
        return cls(accounts.get_indexer(pd.Index(known["account_id"])), pd.factorize(known["owner_id"])[0], won, closed)

    def where(self, chosen: BoolArray) -> Deals:
        """Return some of them."""
        return Deals(self.account[chosen], self.owner[chosen], self.won[chosen], self.closed[chosen])

    def rate(self, level: float) -> Proportion:
        """Return the share won with the widest of its intervals by account and by owner."""
        clusters = {"account": self._sums(self.account)}
        if len(self.owner) and self.owner.min() >= 0:
            clusters["owner"] = self._sums(self.owner)
        return proportion(float(self.won.sum()), float(self.closed.sum()), level, clusters)

    def _sums(self, labels: IntArray) -> tuple[FloatArray, FloatArray]:
        codes, names = pd.factorize(labels)
        won, closed = (np.bincount(codes, counts, len(names)).astype(float) for counts in (self.won, self.closed))
        return won, closed


def clustered_rate(deals: pd.DataFrame, level: float) -> Proportion:
    """Return the share won of rows per account and owner, see `Deals`."""
    return Deals.of(deals, pd.Index(deals["account_id"].unique())).rate(level)


def equal_p(rates: Iterable[Proportion], clusters: dict[str, int]) -> float:
    """Return the p-value of equal rates under the clustering that makes a difference hardest to claim; 1 where untestable."""
    judged = list(rates)
    won, closed = [r.successes for r in judged], [r.n for r in judged]
    p_values = [equal_rates(won, closed).p_value]
    for name, count in clusters.items():
        effects = [r.design_effects.get(name, math.nan) for r in judged]
        known = [effect for effect in effects if not math.isnan(effect)]
        filled = [effect if not math.isnan(effect) else max([*known, 1.0]) for effect in effects]
        if known:
            p_values.append(equal_rates(won, closed, filled, float(max(count - len(judged), 1))).p_value)
    return max((p for p in p_values if not math.isnan(p)), default=1.0)


def segment_values(accounts: pd.DataFrame, labels: IntArray, level: float, has_money: bool) -> pd.DataFrame:
    """Companies, customers and the value per customer of each group.

    Columns: segment, accounts_count, accounts_share, customers_count, value, value_low, value_high, value_sum, value_share,
    value_difference (to the customers of all other groups), value_p.
    """
    total = float(accounts["value"].sum()) if has_money else math.nan
    rows = []
    for segment in range(int(labels.max()) + 1):
        part = accounts[labels == segment]
        customers = part[part["is_customer"]]
        average = mean(customers["value"] if has_money else [], level)
        elsewhere = accounts[(labels != segment) & accounts["is_customer"]]
        gap = mean_difference(average, mean(elsewhere["value"] if has_money else [], level))
        worth = float(customers["value"].sum()) if has_money else math.nan
        rows.append({
            "segment": segment + 1, "accounts_count": len(part), "accounts_share": len(part) / len(accounts),
            "customers_count": len(customers), "value": average.value, "value_low": average.low, "value_high": average.high,
            "value_sum": worth, "value_share": worth / total if total > 0 else math.nan, "value_difference": gap.value, "value_p": gap.p_value,
        })  # fmt: skip
    return pd.DataFrame(rows)


def judged(table: pd.DataFrame, equal: float, false_discovery_rate: float) -> tuple[pd.DataFrame, bool]:
    """Judge rates and values of the groups under one control. Adds rate_differs, value_differs and stance.

    stance: "invest" (won more often, or worth more at no lower rate), "improve" (worth more, won less often), "select" (won less
    often or worth less, and no better in the other), "hold" (nothing to rely on). Also returns whether the win rates differ at all.
    """
    adjusted = benjamini_hochberg([equal, *table["rate_p"], *table["value_p"]])
    n = len(table)
    rate = np.sign(np.where(adjusted[1 : n + 1] <= false_discovery_rate, table["difference"].fillna(0.0), 0.0))
    value = np.sign(np.where(adjusted[n + 1 :] <= false_discovery_rate, table["value_difference"].fillna(0.0), 0.0))
    stances = [_stance(int(r), int(v)) for r, v in zip(rate, value, strict=True)]
    found = table.assign(rate_differs=rate != 0, value_differs=value != 0, stance=stances)
    return found, bool(adjusted[0] <= false_discovery_rate)


def _stance(rate: int, value: int) -> str:
    if rate == value == 0 or (rate > 0 > value):
        return "hold"
    if rate < 0 < value:
        return "improve"
    return "invest" if rate + value > 0 else "select"
