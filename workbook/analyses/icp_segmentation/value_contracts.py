"""What a customer under contract is worth: margin per year times the share still under contract (sBG). Pure.

A contract begins with the first recurring invoice and has ended when the next one is overdue by three quarters of its usual
interval. Contracts already running when the data begin are left out: their age is not known. A renewal is counted only where
there was time to see whether it came, for those who stayed as for those who left.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.value_estimate import YEAR, Estimate, estimate, resamples
from workbook.stats.arrays import FloatArray
from workbook.stats.retention import fit_hazards, survival_of
from workbook.text import msg, nmsg

OVERDUE = 1.75  # intervals without an invoice after which a contract has ended
CONTRACTS_MIN, LOST_MIN = 30, 5


def contracts(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return one row per contract that began within the data: account_id, start, years, margin, lost_in, stayed, cutoff.

    orders: account_id, bought_on, money, is_recurring, one row per customer and day. years: time under contract so far.
    lost_in: year in which it ended, 0 where it has not (or not long enough ago). stayed: renewals seen.
    """
    paid = orders[orders["is_recurring"]].sort_values(["account_id", "bought_on"])
    gaps = paid.groupby("account_id")["bought_on"].diff().dt.days
    if gaps.dropna().empty:
        return pd.DataFrame(columns=["account_id", "start", "years", "money", "lost_in", "stayed"])
    interval = float(gaps.median())
    overdue, now = OVERDUE * interval, pd.Timestamp(as_of)
    number = (gaps.isna() | (gaps > overdue)).cumsum()
    table = paid.groupby(number).agg(account_id=("account_id", "first"), start=("bought_on", "min"), last=("bought_on", "max")).reset_index(drop=True)
    table = table[(table["start"] - paid["bought_on"].min()).dt.days > overdue].reset_index(drop=True)
    is_lost = (now - table["last"]).dt.days > overdue
    paid_years = ((table["last"] - table["start"]).dt.days + interval) / YEAR
    table["years"] = np.where(is_lost, paid_years, (now - table["start"]).dt.days / YEAR)
    ended = np.maximum(1, np.ceil(paid_years - interval / 2 / YEAR))
    seen = np.floor(((now - table["start"]).dt.days - overdue) / YEAR).clip(lower=0)
    renewed = np.where(is_lost, ended - 1, np.floor(paid_years - interval / 2 / YEAR))
    table["lost_in"] = np.where(is_lost & (ended <= seen), ended, 0).astype(int)
    table["stayed"] = np.minimum(renewed, seen).astype(int)
    table["money"] = _money_within(orders, table, interval)
    found: pd.DataFrame = table.drop(columns="last")
    return found


def _money_within(orders: pd.DataFrame, table: pd.DataFrame, interval: float) -> pd.Series:
    joined = table.reset_index(names="contract").merge(orders[["account_id", "bought_on", "money"]], on="account_id")
    age = (joined["bought_on"] - joined["start"]).dt.days
    inside = joined[(age >= 0) & (age <= np.maximum(joined["years"] * YEAR, interval))]
    return inside.groupby("contract")["money"].sum().reindex(range(len(table)), fill_value=0.0)


def renewals(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per contract × renewal seen: account_id, year (1, 2, …), due_on, is_lost."""
    last = table["stayed"].where(table["lost_in"] == 0, table["lost_in"]).astype(int)
    rows = table.loc[table.index.repeat(last)]
    year = rows.groupby(level=0).cumcount() + 1
    due = rows["start"] + pd.to_timedelta((year.astype(float) * YEAR).round(), unit="D")
    return pd.DataFrame({"account_id": rows["account_id"], "year": year, "due_on": due, "is_lost": year == rows["lost_in"]}).reset_index(drop=True)


def counted(seen: pd.DataFrame, periods: int) -> tuple[FloatArray, FloatArray]:
    """Return how many left and how many stayed in year 1 … `periods`. seen: rows of `renewals`."""
    return tuple(  # type: ignore[return-value]
        np.bincount(seen.loc[seen["is_lost"] == lost, "year"].astype(int), minlength=periods + 1)[1 : periods + 1].astype(float)
        for lost in (True, False)
    )


def value_of(table: pd.DataFrame, horizon: int, discount: float, draws: int, seed: int, level: float = 0.95) -> Estimate:
    """Return the value of a new contract within `horizon` years, paid in advance: Σ m·S(t)/(1+d)^t from t = 0.

    table: rows of `contracts`. Customers are resampled with all their contracts.
    """
    lost_count, years = int((table["lost_in"] > 0).sum()), int(max(table["lost_in"].max(), table["stayed"].max())) if len(table) else 0
    if len(table) < CONTRACTS_MIN:
        return Estimate(n=len(table), refused=nmsg("only {n} contract began within the data, {least} are needed",
                                                   "only {n} contracts began within the data, {least} are needed", len(table), least=CONTRACTS_MIN))  # fmt: skip
    if lost_count < LOST_MIN or years < 2:
        return Estimate(n=len(table), refused=msg("only {lost} of {n} contracts have ended and {years} years of renewals are seen; how long customers stay cannot be told yet",
                                                  lost=lost_count, n=len(table), years=years))  # fmt: skip
    if float(table["money"].sum()) <= 0:
        return Estimate(n=len(table), refused=msg("the contracts bring no margin"))
    per_account = _per_account(table, years)
    weights = np.vstack([np.ones(len(per_account)), resamples(len(per_account), draws, seed)])
    sums = weights @ per_account
    mean, spread = fit_hazards(sums[:, 2 : 2 + years], sums[:, 2 + years :])
    per_year = sums[:, 0] / sums[:, 1]
    stays = survival_of(mean, spread, horizon)[:, :horizon]
    curves = per_year[:, None] * np.cumsum(stays / (1 + discount) ** np.arange(horizon), axis=1)
    details = {"per_year": float(per_year[0]), "stays_first": float(1 - mean[0]), "still_there": float(survival_of(mean, spread, horizon)[0, -1]),
               "first_leaving": float(mean[0]), "spread": float(spread[0])}  # fmt: skip
    return estimate(curves[0], curves[1:], len(table), level, details)


def _per_account(table: pd.DataFrame, years: int) -> FloatArray:
    """Money, years, lost in year 1 …, stayed in year 1 … per customer. Shape customers × (2 + 2·years)."""
    year = np.arange(1, years + 1)
    lost = table["lost_in"].to_numpy()[:, None] == year
    stayed = table["stayed"].to_numpy()[:, None] >= year
    rows = np.column_stack([table["money"], table["years"], lost, stayed & ~lost]).astype(float)
    codes, uniques = pd.factorize(table["account_id"], sort=True)
    sums = np.zeros((len(uniques), rows.shape[1]))
    np.add.at(sums, codes, rows)
    return sums


def held_out(table: pd.DataFrame, split: date) -> pd.DataFrame:
    """Foretell the renewals due after `split` from those before. One row per year of the contract: group, n, expected, actual (shares)."""
    seen = renewals(table)
    before, after = seen[seen["due_on"] <= pd.Timestamp(split)], seen[seen["due_on"] > pd.Timestamp(split)]
    periods = int(seen["year"].max()) if len(seen) else 0
    if before["is_lost"].sum() < LOST_MIN or len(after) < CONTRACTS_MIN:
        return pd.DataFrame(columns=["group", "n", "expected", "actual"])
    gone, kept = counted(before, periods)
    mean, spread = fit_hazards(gone[None, :], kept[None, :])
    foretold = after.assign(expected=1 - mean[0] / (1 + spread[0] * (after["year"] - 1)), actual=(~after["is_lost"]).astype(float))
    return foretold.groupby("year").agg(n=("actual", "size"), expected=("expected", "mean"), actual=("actual", "mean")).reset_index(names="group")
