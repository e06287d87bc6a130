"""How near a market is to its ceiling, and how large a young product's market becomes."""

from __future__ import annotations

import numpy as np

from tests.simulation.trial import Coverage, Generator
from workbook.stats.ceiling import logistic_ceiling
from workbook.stats.diffusion import bass_density
from workbook.stats.diffusion_prior import IMITATION, INNOVATION, SPREAD, bass_with_analogies


def _reached(rng: Generator) -> tuple[float, float, float]:
    n, reached, rate = int(rng.integers(10, 31)), rng.uniform(0.1, 0.95), rng.uniform(3.0, 10.0)
    t = np.arange(float(n))
    log = -np.logaddexp(0.0, -(np.log(reached / (1 - reached)) + rate / (n - 1) * (t - t[-1])))
    noise, alike = np.zeros(n), rng.uniform(0.0, 0.5)
    noise[0] = rng.normal()
    for i in range(1, n):
        noise[i] = alike * noise[i - 1] + np.sqrt(1 - alike**2) * rng.normal()
    found = logistic_ceiling(2000 + t, 10 ** rng.uniform(0, 9) * np.exp(log + rng.uniform(0.01, 0.08) * noise))
    return reached, found.reached_interval.low, found.reached_interval.high


def _young(rng: Generator) -> tuple[float, float, float]:
    n, m = int(rng.integers(4, 16)), 10 ** rng.uniform(2, 8)
    p, q = INNOVATION * np.exp(SPREAD[0] * rng.normal()), IMITATION * np.exp(SPREAD[1] * rng.normal())
    sales = bass_density(np.arange(1.0, n + 1), m, p, q)
    seen = np.maximum(sales + rng.uniform(0.02, 0.15) * sales.mean() * rng.normal(size=n), 0.0)
    found = bass_with_analogies(seen, draws=1000, seed=int(rng.integers(2**31)))
    return float(m), found.market_interval.low, found.market_interval.high


TRIALS = (
    Coverage(
        name="market.saturation.reached",
        layout="logistic, 10 to 30 years, 10 to 95 % of the ceiling reached, errors of 1 to 8 % with autocorrelation 0 to 0.5", draw=_reached,
    ),
    Coverage(
        name="market.saturation.young_product",
        layout="Bass, 4 to 15 years, p and q spread as published, errors of 2 to 15 % of mean sales", draw=_young,
    ),
)  # fmt: skip
