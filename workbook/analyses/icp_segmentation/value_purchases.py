"""What a customer without a contract is worth: purchases to expect (BG/NBD) times margin per purchase (Gamma–Gamma). Pure."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.value_estimate import YEAR, Estimate, estimate, resamples
from workbook.stats.arrays import FloatArray
from workbook.stats.dropout import fit_pareto_nbd
from workbook.stats.errors import CannotEstimate
from workbook.stats.repeat_buying import BgNbd, fit_bg_nbd, orders_of_new, resampled_bg_nbd
from workbook.stats.spend_per_purchase import fit_gamma_gamma, mean_spend, resampled_gamma_gamma
from workbook.text import Message, msg, nmsg

CUSTOMERS_MIN, REPEATS_MIN = 30, 20
STEPS = 4  # points per year at which expected purchases are discounted
UNKNOWN_MAX = 0.02  # share of resamples without a finite mean above which there is no value
SPREAD_MAX = 0.5  # standard error of the logarithm above which a value says nothing: a range of a third to three times
TOO_UNEQUAL = msg("the money per purchase differs so much between so few customers that a value would be a guess")
CLASSES = ((0, 0), (1, 1), (2, 2), (3, 4), (5, 9), (10, 10**9))


def buyers(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return one row per customer: account_id, frequency (repeat purchases), recency and age in years, count, money (mean per purchase).

    orders: account_id, bought_on, amount, money, one row per customer and day; a day with more credited than bought is none.
    """
    bought = orders[(orders["amount"] > 0) & (orders["bought_on"] <= pd.Timestamp(as_of))]
    table = bought.groupby("account_id").agg(first=("bought_on", "min"), last=("bought_on", "max"), count=("bought_on", "size"), money=("money", "mean")).reset_index()
    return pd.DataFrame({
        "account_id": table["account_id"], "frequency": table["count"] - 1, "recency": (table["last"] - table["first"]).dt.days / YEAR,
        "age": (pd.Timestamp(as_of) - table["first"]).dt.days / YEAR, "count": table["count"], "money": table["money"],
    })  # fmt: skip


def value_of(table: pd.DataFrame, horizon: int, discount: float, draws: int, seed: int, level: float = 0.95) -> Estimate:
    """Return the value of a new customer within `horizon` years: the first purchase, and those to expect, each discounted.

    table: rows of `buyers`. Customers are resampled with all they bought.
    """
    refused = _refusal(table)
    if refused is not None:
        return Estimate(n=len(table), refused=refused)
    given = (table["frequency"], table["recency"], table["age"])
    spending = (table["money"] > 0).to_numpy()
    count, money = table["count"].to_numpy(float)[spending], table["money"].to_numpy(float)[spending]
    weights = resamples(len(table), draws, seed)
    try:
        orders = fit_bg_nbd(*given)
        spend = fit_gamma_gamma(count, money)
    except CannotEstimate:
        return Estimate(n=len(table), refused=msg("what the customers bought is too much alike, or too odd, to fit a model of it"))
    if not spend.mean > 0:
        return Estimate(n=len(table), refused=TOO_UNEQUAL)
    thetas = np.vstack([np.log([[orders.r, orders.alpha, orders.a, orders.b]]), resampled_bg_nbd(orders, given, weights)])
    spends = np.vstack([np.log([[spend.p, spend.q, spend.v]]), resampled_gamma_gamma(spend, count, money, weights[:, spending])])
    if float(np.mean(np.isnan(mean_spend(spends)))) > UNKNOWN_MAX:
        return Estimate(n=len(table), refused=TOO_UNEQUAL)
    curves = mean_spend(spends)[:, None] * _discounted(thetas, horizon, discount)
    repeats = orders_of_new(thetas[:1], [float(horizon)])[0, 0]
    details = {"per_purchase": spend.mean, "repeats": float(repeats), "without_margin": float((~spending).sum()),
               "alike": _rank_correlation(count, money)}  # fmt: skip
    found = estimate(curves[0], curves[1:], len(table), level, details)
    return found if found.spread <= SPREAD_MAX else Estimate(n=len(table), refused=TOO_UNEQUAL)


def _refusal(table: pd.DataFrame) -> Message | None:
    if len(table) < CUSTOMERS_MIN:
        return nmsg("only {n} such customer, {least} are needed", "only {n} such customers, {least} are needed", len(table), least=CUSTOMERS_MIN)
    repeats = int(table["frequency"].sum())
    if repeats < REPEATS_MIN:
        return nmsg("they made only {n} repeat purchase, {least} are needed", "they made only {n} repeat purchases, {least} are needed",
                    repeats, least=REPEATS_MIN)  # fmt: skip
    return None


def _discounted(thetas: FloatArray, horizon: int, discount: float) -> FloatArray:
    """Discounted number of purchases after 1 … `horizon` years, the first one included. Shape draws × horizon."""
    times = np.arange(1, horizon * STEPS + 1) / STEPS
    each = np.diff(orders_of_new(thetas, times), axis=1, prepend=0.0) / (1 + discount) ** (times - 0.5 / STEPS)
    return np.asarray(1 + np.cumsum(each, axis=1)[:, STEPS - 1 :: STEPS], dtype=np.float64)


def _rank_correlation(count: FloatArray, money: FloatArray) -> float:
    value = pd.Series(count).rank().corr(pd.Series(money).rank())
    return 0.0 if pd.isna(value) else float(value)


def cross_check(table: pd.DataFrame, horizon: int) -> float | None:
    """Return the repeat purchases of a new customer that Pareto/NBD expects within `horizon` years; None where it cannot."""
    try:
        return fit_pareto_nbd(table["frequency"], table["recency"], table["age"]).orders_of_new(horizon)
    except CannotEstimate:
        return None


def held_out(orders: pd.DataFrame, split: date, as_of: date) -> pd.DataFrame:
    """Foretell the purchases after `split` from those before. One row per number of repeats so far: group, n, expected, actual.

    expected, actual: purchases per customer between `split` and `as_of`.
    """
    table = buyers(orders, split)
    if _refusal(table) is not None:
        return pd.DataFrame(columns=["group", "n", "expected", "actual"])
    try:
        fit: BgNbd = fit_bg_nbd(table["frequency"], table["recency"], table["age"])
    except CannotEstimate:
        return pd.DataFrame(columns=["group", "n", "expected", "actual"])
    later = orders[(orders["amount"] > 0) & (orders["bought_on"] > pd.Timestamp(split)) & (orders["bought_on"] <= pd.Timestamp(as_of))]
    actual = table["account_id"].map(later["account_id"].value_counts()).fillna(0.0)
    expected = fit.expected_orders(table["frequency"], table["recency"], table["age"], (as_of - split).days / YEAR)
    low = np.array([one for one, _ in CLASSES])
    frame = pd.DataFrame({"group": low[np.searchsorted(low, table["frequency"], side="right") - 1], "expected": expected, "actual": actual})
    return frame.groupby("group").agg(n=("actual", "size"), expected=("expected", "mean"), actual=("actual", "mean")).reset_index()
