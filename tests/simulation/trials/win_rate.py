"""The win rate and its interval when deals of one seller are alike."""

from __future__ import annotations

import numpy as np

from tests.simulation.trial import Coverage, Generator
from workbook.stats.proportion import proportion


def _win_rate(rng: Generator) -> tuple[float, float, float]:
    """Between 12 and 60 sellers, sizes spread log-normally, an intraclass correlation of up to 0.1."""
    sellers = int(rng.integers(12, 61))
    sizes = np.maximum(1, rng.lognormal(3, rng.uniform(0.2, 0.9), sellers)).astype(int)
    rate, alike = rng.uniform(0.15, 0.7), rng.uniform(0.0, 0.1)
    own = rng.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1), sellers) if alike > 1e-3 else np.full(sellers, rate)
    won = rng.binomial(sizes, own)
    found = proportion(won.sum(), sizes.sum(), clusters={"owner": (won, sizes)})
    return float(rate), found.low, found.high


TRIALS = (
    Coverage(
        name="data.win_rate.clustered",
        layout="12 to 60 sellers of log-normal size, rate 15 to 70 %, intraclass correlation 0 to 0.1",
        draw=_win_rate,
    ),
)
