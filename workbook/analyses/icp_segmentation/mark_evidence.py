"""Win rates of all values and of all pairs of values of companies' attributes at once, found early and held against later. Pure.

Every count is a product of matrices (companies × values), so a thousand pairs cost no more than one. Intervals let deals of
one company be alike and are widened by the design effect of the owners; they are t intervals with the companies of the
smaller side less one as degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.shrinkage import shrink_rates

COMPANIES_MIN = 5


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


def evidence(of: Membership, won: FloatArray, closed: FloatArray, level: float, least: int, inflation: float = 1.0) -> pd.DataFrame:
    """Compare each value and pair with the other companies that state the attributes. One row per value and pair.

    won, closed: per company. Columns: attribute, value, second_attribute, second_value (null for single values), won_count,
    closed_count, companies, rate, low, high, difference, difference_low, difference_high, p_value. Rows with fewer than `least`
    decided deals or five companies on either side are left out.
    """
    from scipy.special import stdtr, stdtrit

    parts = {"n": closed, "w": won, "nn": closed**2, "ww": won**2, "wn": won * closed, "c": (closed > 0).astype(float)}
    inside = {name: of.has.T @ (q[:, None] * of.has) for name, q in parts.items()}
    others = {name: of.states.T @ (q[:, None] * of.states) - inside[name] for name, q in parts.items()}
    names = of.values["attribute"].to_numpy(object)
    upper = np.triu(names[:, None] != names[None, :]) | np.eye(len(names), dtype=bool)
    kept = upper & (np.minimum(inside["n"], others["n"]) >= least) & (np.minimum(inside["c"], others["c"]) >= COMPANIES_MIN)
    first, second = np.nonzero(kept)
    one, rest = ({name: q[kept] for name, q in side.items()} for side in (inside, others))
    rate, variance = _rate(one, inflation)
    other, other_variance = _rate(rest, inflation)
    error = np.sqrt(variance + other_variance)
    dof = np.minimum(one["c"], rest["c"]) - 1
    quantile = stdtrit(dof, 0.5 + level / 2)
    own = stdtrit(one["c"] - 1, 0.5 + level / 2) * np.sqrt(variance)
    is_pair = first != second
    second_names = of.values.iloc[second].reset_index(drop=True).astype(object).where(pd.Series(is_pair), None)
    return of.values.iloc[first].reset_index(drop=True).assign(
        second_attribute=second_names["attribute"], second_value=second_names["value"], won_count=one["w"].astype(int), closed_count=one["n"].astype(int),
        companies=one["c"].astype(int), rate=rate, low=np.clip(rate - own, 0, 1), high=np.clip(rate + own, 0, 1), difference=rate - other,
        difference_low=np.clip(rate - other - quantile * error, -1, 1), difference_high=np.clip(rate - other + quantile * error, -1, 1),
        p_value=2 * stdtr(dof, -np.abs(rate - other) / error),
    )  # fmt: skip


def _rate(sums: dict[str, FloatArray], inflation: float) -> tuple[FloatArray, FloatArray]:
    """Rate and its variance: linearised over companies, never below that of independent deals with one more of each outcome."""
    n, w, c = sums["n"], sums["w"], sums["c"]
    rate = w / n
    spread = np.maximum(sums["ww"] - 2 * rate * sums["wn"] + rate**2 * sums["nn"], 0.0)
    smooth = (w + 1) / (n + 2)
    return rate, np.maximum(spread * c / (c - 1) / n**2, smooth * (1 - smooth) / (n + 2)) * max(inflation, 1.0)


def validated(of: Membership, deals: pd.DataFrame, level: float, least: int, fdr: float, inflation: float, early_share: float) -> pd.DataFrame | None:
    """Find marks in the earlier deals and look at them again in the later ones. None where there are no dates or too few deals.

    deals: account_id, closed_month, won_count, closed_count. One row per value or pair that marks a difference in the earlier
    deals (one false-discovery control over all of them): columns of `evidence`, with later_rate, later_low, later_high, later_lift,
    later_lift_low, later_lift_high, later_count, holds (the later difference lies surely on the same side of zero).
    """
    dated = deals.dropna(subset=["closed_month"]).sort_values("closed_month", kind="stable")
    reached = dated["closed_count"].cumsum() / max(float(dated["closed_count"].sum()), 1.0)
    if dated["closed_month"].nunique() < 2:
        return None
    split = dated["closed_month"][reached >= early_share].iloc[0]
    is_early = dated["closed_month"] < split
    sides = [_totals(of, dated[side]) for side in (is_early, ~is_early)]
    if min(closed.sum() for _, closed in sides) < 2 * least or not all(0 < w.sum() < c.sum() for w, c in sides):
        return None
    early, late = (evidence(of, won, closed, level, least, inflation) for won, closed in sides)
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


def _totals(of: Membership, deals: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    sums = deals.groupby("account_id")[["won_count", "closed_count"]].sum().reindex(of.accounts, fill_value=0.0)
    return sums["won_count"].to_numpy(float), sums["closed_count"].to_numpy(float)


def shrunken(won: FloatArray, closed: FloatArray, variance: FloatArray, level: float) -> pd.DataFrame:
    """Pull the rates of one attribute's values to the common one; deals count for as many as their variance says. shrunken_rate, low, high.

    variance: of each rate, clusters allowed for.
    """
    rate = np.divide(won, closed, out=np.zeros_like(won), where=closed > 0)
    smooth = (won + 1) / (closed + 2)
    effective = np.where(closed > 0, np.clip(smooth * (1 - smooth) / np.where(variance > 0, variance, np.inf), 0, closed), 0.0)
    effective = np.where(np.isfinite(variance) & (variance > 0), effective, np.minimum(closed, 1.0))
    table = shrink_rates(rate * effective, effective, level).table
    return table[["shrunken_share", "low", "high"]].rename(columns={"shrunken_share": "shrunken_rate", "low": "shrunken_low", "high": "shrunken_high"})


def fill_by_outcome(of: Membership, won: FloatArray, closed: FloatArray, inflation: float) -> pd.DataFrame:
    """Tell how often each attribute is stated on won and on lost deals. One row per attribute: won_filled, lost_filled, p_value, lost_missing, won_missing."""
    from scipy.special import ndtr

    rows, lost = [], closed - won
    for attribute, columns in of.values.groupby("attribute").groups.items():
        states = of.states[:, columns[0]]
        a, b = float(states @ won) / won.sum(), float(states @ lost) / lost.sum()
        residual = (states - a) * won / won.sum() - (states - b) * lost / lost.sum()
        error = np.sqrt(float(residual @ residual) * max(inflation, 1.0))
        p = 2 * float(ndtr(-abs(a - b) / error)) if error > 0 else np.nan
        rows.append({"attribute": attribute, "won_filled": a, "lost_filled": b, "p_value": p, "won_missing": float((1 - states) @ won),
                     "lost_missing": float((1 - states) @ lost)})  # fmt: skip
    return pd.DataFrame(rows)
