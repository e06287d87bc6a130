"""What the two ways to value a customer share: the estimate, its interval from resampled customers, discounting. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, t_quantile
from workbook.text import Message

YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """Lifetime value of one customer within the horizon.

    value, low, high: money; spread: standard error of the logarithm. n: customers. by_year: cumulated value after 1, 2, …
    years: year, value, low, high. details: what the value is made of, by name. refused: why there is none; then all are NaN.
    """

    n: int
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    spread: float = math.nan
    by_year: pd.DataFrame | None = None
    details: dict[str, float] | None = None
    refused: Message | None = None


def resamples(customers: int, draws: int, seed: int) -> FloatArray:
    """Return how often each customer is drawn. Shape draws × customers."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(customers, np.full(customers, 1 / customers), draws).astype(np.float64)


def estimate(curve: FloatArray, drawn: FloatArray, n: int, level: float, details: dict[str, float]) -> Estimate:
    """Return the estimate with its interval. curve: cumulated value after each year; drawn: draws × years.

    The interval is normal on the logarithm: values are positive and skewed, and ends from percentiles would need many more
    draws. Draws further than four robust standard errors off are held there, so that single wild resamples do not decide.
    """
    logs = np.log(np.where(drawn > 0, drawn, np.nan))
    low, middle, high = np.nanquantile(logs, [0.1587, 0.5, 0.8413], axis=0)
    spread = np.nanstd(np.clip(logs, middle - 2 * (high - low), middle + 2 * (high - low)), axis=0, ddof=1)
    factor = np.exp(t_quantile(0.5 + level / 2, len(drawn) - 1) * spread)
    by_year = pd.DataFrame({"year": np.arange(1, len(curve) + 1), "value": curve, "low": curve / factor, "high": curve * factor})
    last = by_year.iloc[-1]
    return Estimate(n=n, value=float(last["value"]), low=float(last["low"]), high=float(last["high"]), spread=float(spread[-1]),
                    by_year=by_year, details=details)  # fmt: skip
