"""Draw sales teams: how many deals each seller has, how alike they are, how deals spread over sellers and accounts."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from tests.simulation.trial import Generator

QUANTILES = norm.ppf((np.arange(400) + 0.5) / 400)  # of the standard normal, for means over a lasting difference


def team(rng: Generator, least: int = 12, most: int = 60, mean_log: float = 3.0) -> np.ndarray:
    """Return deals per seller, spread log-normally, up to one to some thirty."""
    sellers = int(rng.integers(least, most + 1))
    return np.maximum(1, rng.lognormal(mean_log, rng.uniform(0.2, 0.9), sellers)).astype(int)


def own_rates(rng: Generator, rate: float, alike: float, size: int | tuple[int, ...]) -> np.ndarray:
    """Return rates of sellers around a common one; alike: intraclass correlation."""
    if alike < 1e-3:
        return np.full(size, rate)
    return rng.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1), size)


def crossed(rng: Generator, deals: int, owners: int, accounts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return owner and account of each deal; both unequally busy, an account's deals go to two of the owners."""
    account = rng.choice(accounts, deals, p=rng.dirichlet(np.full(accounts, 2.0)))
    known = rng.choice(owners, (accounts, 2), p=rng.dirichlet(np.full(owners, 2.0)))
    return known[account, rng.integers(2, size=deals)], account


def logit_rate(base: float, spread: float) -> float:
    """Return the mean chance where the log-odds vary normally about `base`."""
    return float(expit(base + spread * QUANTILES).mean())


def counts(label: np.ndarray, flag: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return hits and cases per label."""
    return np.bincount(label, weights=flag), np.bincount(label)
