"""Win rates of all values and of all pairs of values of companies' attributes at once, found early and held against later. Pure.

Every count is a product of matrices (companies × values), so a thousand pairs cost little more than one. Intervals let deals of
one company or of one owner be alike, whichever is wider: a value that all owners meet is not blurred by their differences. They
are t intervals with the smaller side's companies (or all owners) less one as degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.partial_pooling import pool

COMPANIES_MIN, OWNERS_MIN = 5, 10
CELLS_MAX = 30_000_000  # owners × companies above which owners are left out: there are then far more companies than owners matter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Membership:
    """accounts: ids in the order of the rows. values: attribute and value per column. has, states: companies × values, 0 or 1."""

    accounts: pd.Index
    values: pd.DataFrame
    has: FloatArray
    states: FloatArray


def membership(shared: pd.DataFrame, accounts: pd.Index) -> Membership:
    """Turn account_id, attribute, value (rows of `memberships`) into matrices."""
    rows = shared[shared["account_id"].isin(accounts)]
    values = rows[["attribute", "value"]].drop_duplicates().sort_values(["attribute", "value"], ignore_index=True)
    place = pd.MultiIndex.from_frame(values).get_indexer(pd.MultiIndex.from_frame(rows[["attribute", "value"]]))
    has = np.zeros((len(accounts), len(values)))
    has[accounts.get_indexer(pd.Index(rows["account_id"])), place] = 1.0
    codes, names = pd.factorize(values["attribute"])
    stated = np.column_stack([has[:, codes == i].max(axis=1) for i in range(len(names))]) if len(values) else has
    return Membership(accounts=accounts, values=values, has=has, states=stated[:, codes] if len(values) else has)


def evidence(of: Membership, deals: pd.DataFrame, level: float, least: int) -> pd.DataFrame:
    """Compare each value and pair with the other companies that state the attributes. One row per value and pair.

    deals: account_id, owner_id, won_count, closed_count. Columns: attribute, value, second_attribute, second_value (null for single
    values), won_count, closed_count, companies, rate, low, high, difference, difference_low, difference_high, p_value. Rows with
    fewer than `least` decided deals or five companies on either side are left out.
    """
    from scipy.special import stdtr, stdtrit

    won, closed = totals(of, deals)
    parts = {"n": closed, "w": won, "nn": closed**2, "ww": won**2, "wn": won * closed, "c": (closed > 0).astype(float)}
    inside = {name: _sums(of.has, q) for name, q in parts.items()}
    others = {name: _sums(of.states, q) - inside[name] for name, q in parts.items()}
    names = of.values["attribute"].to_numpy(object)
    upper = np.triu(names[:, None] != names[None, :]) | np.eye(len(names), dtype=bool)
    kept = upper & (np.minimum(inside["n"], others["n"]) >= least) & (np.minimum(inside["c"], others["c"]) >= COMPANIES_MIN)
    first, second = np.nonzero(kept)
    one, rest = ({name: q[kept] for name, q in side.items()} for side in (inside, others))
    rate, variance = _rate(one)
    other, other_variance = _rate(rest)
    difference_variance = variance + other_variance
    dof, own_dof = np.minimum(one["c"], rest["c"]) - 1, one["c"] - 1
    by_owner = _owner_variance(of, deals, kept, (rate, one["n"]), (other, rest["n"]))
    if by_owner is not None:
        owners, own_variance, gap_variance = by_owner
        dof = np.where(gap_variance > difference_variance, np.minimum(dof, owners - 1), dof)
        own_dof = np.where(own_variance > variance, np.minimum(own_dof, owners - 1), own_dof)
        variance, difference_variance = np.maximum(variance, own_variance), np.maximum(difference_variance, gap_variance)
    error = np.sqrt(difference_variance)
    reach, own = stdtrit(dof, 0.5 + level / 2) * error, stdtrit(own_dof, 0.5 + level / 2) * np.sqrt(variance)
    second_names = of.values.iloc[second].reset_index(drop=True).astype(object).where(pd.Series(first != second), None)
    return of.values.iloc[first].reset_index(drop=True).assign(
        second_attribute=second_names["attribute"], second_value=second_names["value"], won_count=one["w"].astype(int), closed_count=one["n"].astype(int),
        companies=one["c"].astype(int), rate=rate, low=np.clip(rate - own, 0, 1), high=np.clip(rate + own, 0, 1), difference=rate - other,
        difference_low=np.clip(rate - other - reach, -1, 1), difference_high=np.clip(rate - other + reach, -1, 1),
        p_value=2 * stdtr(dof, -np.abs(rate - other) / error),
    )  # fmt: skip


def _sums(flags: FloatArray, weights: FloatArray) -> FloatArray:
    """Sum of `weights` over the companies that have both of two values; the diagonal holds the single ones. Shape values × values."""
    return np.asarray(flags.T @ (weights[:, None] * flags), dtype=np.float64)


def _rate(sums: dict[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Rate and its variance: linearised over companies, never below that of independent deals with one more of each outcome."""
    n, w, c = sums["n"], sums["w"], sums["c"]
    rate = w / n
    spread = np.maximum(sums["ww"] - 2 * rate * sums["wn"] + rate**2 * sums["nn"], 0.0)
    smooth = (w + 1) / (n + 2)
    return rate, np.maximum(spread * c / (c - 1) / n**2, smooth * (1 - smooth) / (n + 2))


def _owner_variance(
    of: Membership, deals: pd.DataFrame, kept: np.ndarray, one: tuple[FloatArray, FloatArray], rest: tuple[FloatArray, FloatArray]
) -> tuple[int, FloatArray, FloatArray] | None:
    """Number of owners, and the variances of the rate and of the difference linearised over them; None under ten owners."""
    named = deals.dropna(subset=["owner_id"])
    owners = named["owner_id"].nunique()
    if owners < OWNERS_MIN or owners * len(of.accounts) > CELLS_MAX:
        return None
    own, gap = np.zeros(int(kept.sum())), np.zeros(int(kept.sum()))
    for _, rows in named.groupby("owner_id", sort=True):
        at = of.accounts.get_indexer(pd.Index(rows["account_id"]))
        has, states = of.has[at], of.states[at]
        won, closed = rows["won_count"].to_numpy(float), rows["closed_count"].to_numpy(float)
        inside = [_sums(has, q)[kept] for q in (won, closed)]
        outside = [_sums(states, q)[kept] - q_in for q, q_in in zip((won, closed), inside, strict=True)]
        share = (inside[0] - one[0] * inside[1]) / one[1]
        own += share**2
        gap += (share - (outside[0] - rest[0] * outside[1]) / rest[1]) ** 2
    return owners, own * owners / (owners - 1), gap * owners / (owners - 1)


def validated(of: Membership, deals: pd.DataFrame, level: float, least: int, fdr: float, early_share: float) -> pd.DataFrame | None:
    """Find marks in the earlier deals and look at them again in the later ones. None where there are no dates or too few deals.

    deals: account_id, owner_id, closed_month, won_count, closed_count. One row per value or pair that marks a difference in the earlier
    deals (one false-discovery control over all of them): columns of `evidence`, with later_rate, later_low, later_high, later_lift,
    later_lift_low, later_lift_high, later_count, holds (the later difference lies surely on the same side of zero).
    """
    dated = deals.dropna(subset=["closed_month"]).sort_values("closed_month", kind="stable")
    reached = dated["closed_count"].cumsum() / max(float(dated["closed_count"].sum()), 1.0)
    if dated["closed_month"].nunique() < 2:
        return None
    split = dated["closed_month"][reached >= early_share].iloc[0]
    is_early = dated["closed_month"] < split
    halves = [dated[side] for side in (is_early, ~is_early)]
    sides = [totals(of, half) for half in halves]
    if min(closed.sum() for _, closed in sides) < 2 * least or not all(0 < w.sum() < c.sum() for w, c in sides):
        return None
    early, late = (evidence(of, half, level, least) for half in halves)
    early["adjusted_p"] = benjamini_hochberg(early["p_value"])
    found = early[early["adjusted_p"] < fdr]
    keys = ["attribute", "value", "second_attribute", "second_value"]
    common = sides[1][0].sum() / sides[1][1].sum()
    renamed = late[[*keys, "rate", "low", "high", "closed_count", "difference", "difference_low", "difference_high"]].rename(
        columns={"rate": "later_rate", "low": "later_low", "high": "later_high", "closed_count": "later_count", "difference": "later_difference",
                 "difference_low": "later_difference_low", "difference_high": "later_difference_high"})  # fmt: skip
    both = found.fillna({"second_attribute": "", "second_value": ""}).merge(renamed.fillna({"second_attribute": "", "second_value": ""}), on=keys, how="left")
    for end in ("rate", "low", "high"):
        both["later_lift" + ("" if end == "rate" else f"_{end}")] = both[f"later_{end}"] / common
    both["lift"] = both["rate"] / (sides[0][0].sum() / sides[0][1].sum())
    both["holds"] = np.where(both["difference"] > 0, both["later_difference_low"] > 0, both["later_difference_high"] < 0)
    return both.assign(split=split).sort_values(["adjusted_p", *keys], ignore_index=True)


def totals(of: Membership, deals: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Return won and closed deals per company."""
    sums = deals.groupby("account_id")[["won_count", "closed_count"]].sum().reindex(of.accounts, fill_value=0.0)
    return sums["won_count"].to_numpy(float), sums["closed_count"].to_numpy(float)


def shrunken(won: FloatArray, closed: FloatArray, variance: FloatArray, level: float) -> pd.DataFrame:
    """Pull the win rates of one attribute's values to their mean on the logit scale. Columns: shrunken_rate, _low, _high.

    variance: of each rate, clusters allowed for; never taken to be below that of independent deals.
    """
    smooth = (won + 0.5) / (closed + 1)
    least = smooth * (1 - smooth) / np.maximum(closed, 1.0)
    known = np.where(closed > 0, np.fmax(variance, least), np.inf)
    ends = pool(np.log(smooth / (1 - smooth)), known / (smooth * (1 - smooth)) ** 2, level)
    return pd.DataFrame({name: 1 / (1 + np.exp(-end)) for name, end in zip(("shrunken_rate", "shrunken_low", "shrunken_high"), ends, strict=True)})


def fill_by_outcome(of: Membership, won: FloatArray, closed: FloatArray) -> pd.DataFrame:
    """Tell how often each attribute is stated on won and on lost deals. One row per attribute: won_filled, lost_filled, p_value, lost_missing, won_missing."""
    from scipy.special import ndtr

    rows, lost = [], closed - won
    for attribute, columns in of.values.groupby("attribute").groups.items():
        states = of.states[:, columns[0]]
        a, b = float(states @ won) / won.sum(), float(states @ lost) / lost.sum()
        residual = (states - a) * won / won.sum() - (states - b) * lost / lost.sum()
        error = float(np.sqrt(residual @ residual))
        p = 2 * float(ndtr(-abs(a - b) / error)) if error > 0 else np.nan
        rows.append({"attribute": attribute, "won_filled": a, "lost_filled": b, "p_value": p, "won_missing": float((1 - states) @ won),
                     "lost_missing": float((1 - states) @ lost)})  # fmt: skip
    return pd.DataFrame(rows)
