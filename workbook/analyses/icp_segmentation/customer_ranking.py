"""How sure is it that a customer belongs to the best fifth? Profit, loyalty and growth, each shrunken for few purchases. Pure.

Profit: money per year = purchases per year × money per purchase. Loyalty: purchases per year. Growth: the part of the repeat
purchases that lies in the second half of the time a customer is known. Each is drawn from its empirical-Bayes posterior
(gamma–Poisson, Gamma–Gamma, beta–binomial); in each draw customers are ranked by the mean of their three ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbook.analyses.icp_segmentation.value_estimate import YEAR
from workbook.stats.arrays import FloatArray
from workbook.stats.errors import CannotEstimate
from workbook.stats.purchase_rate import fit_gamma_poisson
from workbook.stats.shrinkage import MAX_PRIOR, shrink_rates
from workbook.stats.spend_per_purchase import fit_gamma_gamma

CUSTOMERS_MIN = 20
CUSTOMERS_AT_A_TIME = 2_000
LEAST_DAYS = 30.0


def history(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return one row per customer: account_id, years known, repeats, late_repeats (second half), count, money (mean per purchase).

    orders: account_id, bought_on, money (of the day); days that brought nothing are no purchases.
    """
    bought = orders[orders["money"] > 0].assign(bought_on=lambda t: pd.to_datetime(t["bought_on"]), account_id=lambda t: t["account_id"].astype(str))
    first = bought.groupby("account_id")["bought_on"].transform("min")
    middle = first + (pd.Timestamp(as_of) - first) / 2
    marked = bought.assign(first=first, is_late=(bought["bought_on"] > middle) & (bought["bought_on"] > first))
    table = marked.groupby("account_id").agg(first=("first", "min"), count=("money", "size"), money=("money", "mean"), late_repeats=("is_late", "sum")).reset_index()
    days = (pd.Timestamp(as_of) - table["first"]).dt.days.clip(lower=LEAST_DAYS)
    return table.assign(years=days / YEAR, repeats=table["count"] - 1).drop(columns="first").sort_values("account_id", ignore_index=True)


def posterior(known: pd.DataFrame, draws: int, seed: int) -> tuple[FloatArray, FloatArray, Callable[[], FloatArray]]:
    """Draw money per year and purchases per year, and be ready to draw the share of late repeats. known: rows of `history`. Each draws × customers.

    The third is drawn when the first two are done with: of many customers one takes hundreds of megabytes. Raises `CannotEstimate` where
    nobody bought again.
    """
    rng = np.random.default_rng(seed)
    repeats, years, count, money = (known[name].to_numpy(float) for name in ("repeats", "years", "count", "money"))
    late = known["late_repeats"].to_numpy(float)
    shape, rate = map(_settled, fit_gamma_poisson(repeats, years))
    growth = shrink_rates(late, repeats)
    a, b = (growth.prior_a, growth.prior_b) if growth.method == "beta_binomial" else (growth.pooled_share * MAX_PRIOR, (1 - growth.pooled_share) * MAX_PRIOR)
    a, b = _settled(a), _settled(b)
    size = (draws, len(known))
    per_year = rng.gamma(shape + repeats, 1 / (rate + years), size)
    spent = _spend(count, money, size, rng)
    spent *= per_year
    return spent, per_year, lambda: rng.beta(np.maximum(a + late, 1e-3), np.maximum(b + repeats - late, 1e-3), size)


def _spend(count: FloatArray, money: FloatArray, size: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    """Draw money per purchase; what was spent so far where all spend the same. Shape draws × customers."""
    try:
        spend = fit_gamma_gamma(count, money)
    except CannotEstimate:
        return np.tile(money, (size[0], 1))
    p, q, v = map(_settled, (spend.p, spend.q, spend.v))
    drawn = rng.gamma(q + p * count, 1.0, size)
    return np.divide(p * (v + count * money), drawn, out=drawn)


def _settled(parameter: float) -> float:
    """Return a fitted parameter to five figures: another processor ends a fit elsewhere in the eighth, and a rank drawn must not hang on that."""
    return float(f"{parameter:.5g}")


def ranking(orders: pd.DataFrame, as_of: date, part: float, draws: int, seed: int, level: float = 0.95) -> pd.DataFrame | None:
    """Return one row per customer: account_id, money_per_year, _low, _high, purchases_per_year, late_share, rank, rank_low, rank_high,
    top_probability. None where the models cannot be fitted or customers are fewer than 20.
    """
    known = history(orders, as_of)
    if len(known) < CUSTOMERS_MIN:
        return None
    try:
        spent, per_year, draw_late = posterior(known, draws, seed)
    except CannotEstimate:
        return None
    ends = (0.5 - level / 2, 0.5 + level / 2)
    score, (money_low, money_high) = _ranks(spent), _quantiles(spent, ends)
    table = known[["account_id"]].assign(money_per_year=spent.mean(axis=0), money_per_year_low=money_low, money_per_year_high=money_high)
    del spent
    score += _ranks(per_year)
    table = table.assign(purchases_per_year=per_year.mean(axis=0))
    del per_year
    late = draw_late()
    score += _ranks(late)
    table = table.assign(late_share=late.mean(axis=0))
    del late
    place = len(known) + 1 - _ranks(score)
    rank_low, rank, rank_high = _quantiles(place, (ends[0], 0.5, ends[1]))
    return table.assign(
        rank=rank, rank_low=rank_low, rank_high=rank_high, top_probability=(place <= np.ceil(part * len(known))).mean(axis=0)
    )


def _ranks(values: NDArray[Any]) -> NDArray[np.int32]:
    """Rank within each draw, 1 the lowest. Shape as given."""
    ranks = np.empty(values.shape, dtype=np.int32)
    places = np.arange(1, values.shape[1] + 1, dtype=np.int32)
    for row, drawn in zip(ranks, values, strict=True):  # sorting all draws at once takes as much memory again
        row[drawn.argsort(kind="stable")] = places
    return ranks


def _quantiles(values: NDArray[Any], shares: Sequence[float]) -> FloatArray:
    """Return quantiles over the draws, some customers at a time: all at once takes as much memory again. Shape shares × customers."""
    starts = range(0, values.shape[1], CUSTOMERS_AT_A_TIME)
    return np.concatenate([np.quantile(values[:, start : start + CUSTOMERS_AT_A_TIME], shares, axis=0) for start in starts], axis=1)
