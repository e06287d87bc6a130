"""The lifetime value of a customer and its interval, with contracts (sBG) and without (BG/NBD and Gamma–Gamma)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.simulation.trial import Coverage, Generator
from workbook.analyses.icp_segmentation import value_contracts, value_purchases
from workbook.stats.repeat_buying import orders_of_new

HORIZON, DISCOUNT, DRAWS = 5, 0.1, 120


def _contracts(rng: Generator) -> tuple[float, float, float] | None:
    """Contracts of 100 to 800 customers begun over four years; leaving 5 to 30 % in the first year, mean of the beta; money differs."""
    n, spread = int(rng.integers(100, 801)), rng.uniform(0.05, 0.6)
    first = rng.uniform(0.05, 0.3)
    alpha, beta = first / spread, (1 - first) / spread
    leaving = rng.beta(alpha, beta, n)
    seen = rng.integers(0, 5, n)
    stays = rng.geometric(np.clip(leaving, 1e-9, 1))
    lost_in = np.where(stays <= seen, stays, 0)
    years = np.where(lost_in > 0, lost_in, seen + rng.uniform(0.05, 1, n))
    mean_money, sigma = rng.uniform(500, 50_000), rng.uniform(0.2, 1.0)
    rate = mean_money * rng.lognormal(-(sigma**2) / 2, sigma, n)
    table = pd.DataFrame({
        "account_id": np.arange(n).astype(str), "lost_in": lost_in, "stayed": np.where(lost_in > 0, lost_in - 1, seen), "years": years, "money": rate * years,
    })  # fmt: skip
    found = value_contracts.value_of(table, HORIZON, DISCOUNT, DRAWS, int(rng.integers(1 << 30)))
    if found.refused is not None:
        return None
    t = np.arange(HORIZON)
    alive = np.cumprod(np.concatenate([[1.0], (beta + t[1:] - 1) / (alpha + beta + t[1:] - 1)]))
    return float(mean_money * (alive / (1 + DISCOUNT) ** t).sum()), found.low, found.high


def _purchases(rng: Generator) -> tuple[float, float, float] | None:
    """100 to 400 customers who first bought within two of four years; one to eight orders a year while active."""
    n = int(rng.integers(100, 401))
    r, rate, a, b = rng.uniform(0.6, 3), rng.uniform(0.8, 6), rng.uniform(0.5, 2), rng.uniform(2, 6)
    p, q, mean_money = rng.uniform(2, 8), rng.uniform(3, 8), rng.uniform(300, 9000)
    alpha, v = r / rate, mean_money * (q - 1) / p
    age = rng.uniform(2, 4, n)
    own, stop = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    gaps = np.cumsum(rng.exponential(1, (n, 60)) / own[:, None], axis=1)
    allowed = rng.geometric(np.clip(stop, 1e-9, 1))[:, None]
    hit = (gaps <= age[:, None]) & (np.arange(60) < allowed)
    frequency = hit.sum(axis=1)
    recency = np.where(hit, gaps, 0.0).max(axis=1)
    count = frequency + 1
    money = rng.gamma(p * count, rng.gamma(q, 1 / v, n) ** -1) / count
    table = pd.DataFrame({"account_id": np.arange(n).astype(str), "frequency": frequency, "recency": recency, "age": age, "count": count, "money": money})
    found = value_purchases.value_of(table, HORIZON, DISCOUNT, DRAWS, int(rng.integers(1 << 30)))
    if found.refused is not None:
        return None
    times = np.arange(1, 4 * HORIZON + 1) / 4
    each = np.diff(orders_of_new(np.log([[r, alpha, a, b]]), times)[0], prepend=0.0)
    return float(mean_money * (1 + (each / (1 + DISCOUNT) ** (times - 0.125)).sum())), found.low, found.high


TRIALS = (
    Coverage(
        name="icp_segmentation.value.contracts",
        layout="100 to 800 contracts begun over four years, 5 to 30 % end in the first year, customers differ little to much",
        draw=_contracts,
    ),
    Coverage(
        name="icp_segmentation.value.purchases",
        layout="100 to 400 customers seen for two to four years, 0.8 to 6 orders a year while active, value per order gamma–gamma",
        draw=_purchases,
    ),
)
