"""What battlecards and features state as differences: contrasts within a competitor, paired ratings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.analyses.competitors.rated import rating_gaps
from workbook.stats.contrast import cluster_moments, group_contrasts
from workbook.stats.multiplicity import benjamini_hochberg


def _sellers(rng: Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Deals per seller and each seller's own rate: 12 to 60 sellers of log-normal size, intraclass correlation up to 0.1."""
    sellers = int(rng.integers(12, 61))
    sizes = np.maximum(2, rng.lognormal(2.5, rng.uniform(0.2, 0.9), sellers)).astype(int)
    rate, alike = rng.uniform(0.2, 0.6), rng.uniform(0.005, 0.1)
    return sizes, rng.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1), sellers), float(rate)


def _contrast(rng: Generator, ratio: float) -> tuple[pd.Series, float] | None:
    """One kind of deal: its share differs from seller to seller; the rate in it is `ratio` times the seller's own."""
    sizes, own, rate = _sellers(rng)
    mean, spread = rng.uniform(0.15, 0.6), rng.uniform(3, 30)
    inside = rng.binomial(sizes, rng.beta(mean * spread, (1 - mean) * spread, len(sizes)))
    if min(inside.sum(), (sizes - inside).sum()) < 20:
        return None
    won, rest = rng.binomial(inside, ratio * own), rng.binomial(sizes - inside, own)
    moments = pd.DataFrame([cluster_moments((won, inside), (won + rest, sizes))])
    return group_contrasts([moments]).iloc[0], (ratio - 1) * rate


def _difference(rng: Generator) -> tuple[float, float, float] | None:
    found = _contrast(rng, rng.uniform(0.5, 1.0))
    return None if found is None else (found[1], float(found[0]["difference_low"]), float(found[0]["difference_high"]))


def _nothing(rng: Generator) -> float | None:
    found = _contrast(rng, 1.0)
    return None if found is None else float(found[0]["p_value"])


def _no_card(rng: Generator) -> float:
    """All kinds of deal of one competitor, nothing to find: the smallest adjusted p-value of two dimensions."""
    sizes, own, _ = _sellers(rng)
    rows = []
    for values in (int(rng.integers(2, 5)), int(rng.integers(4, 10))):
        parts = np.array([rng.multinomial(size, rng.dirichlet(np.full(values, 3.0))) for size in sizes])
        won = rng.binomial(parts, own[:, None])
        rows += [cluster_moments((won[:, k], parts[:, k]), (won.sum(axis=1), sizes)) for k in range(values) if parts[:, k].sum() >= 10]
    return float(np.nanmin(benjamini_hochberg(group_contrasts([pd.DataFrame(rows)])["p_value"]), initial=1.0))


def _ratings(rng: Generator) -> tuple[float, float, float]:
    """Scores 1 to 7 by 15 to 120 buyers of different mildness, who rate both brands."""
    n, mild = int(rng.integers(15, 121)), rng.uniform(0, 1.5)
    shift = rng.uniform(0.0, 1.5)
    grid = rng.normal(0, mild, 4000)
    base, noise = rng.uniform(3, 5), rng.uniform(0.6, 1.4)

    def score(person: np.ndarray, level: float) -> np.ndarray:
        return np.clip(np.rint(base + level + person + rng.normal(0, noise, len(person))), 1, 7)

    truth = float(np.mean([score(grid, shift).mean() - score(grid, 0.0).mean() for _ in range(40)]))
    person = rng.normal(0, mild, n)
    own, their = score(person, shift), score(person, 0.0)
    gap = own - their
    pairs = pd.DataFrame([{"brand_key": "x", "brand": "X", "attribute": "a", "n": n, "own_sum": own.sum(), "their_sum": their.sum(), "gap_sum": gap.sum(), "gap_squares": (gap**2).sum()}])
    row = rating_gaps(pairs, 0.95).iloc[0]
    return truth, float(row["low"]), float(row["high"])


_LAYOUT = "12 to 60 sellers of log-normal size, rate 20 to 60 %, intraclass correlation up to 0.1, the kind's share differs by seller"
TRIALS = (
    Coverage(name="competitors.battlecards.difference", layout=f"{_LAYOUT}; inside 50 to 100 % of the seller's rate", draw=_difference),
    FalseAlarm(name="competitors.battlecards.difference.none", layout=f"{_LAYOUT}; no difference", draw=_nothing),
    FalseAlarm(name="competitors.battlecards.card.none", layout="two dimensions of 2 to 9 values, no difference, after the control", draw=_no_card),
    Coverage(name="competitors.battlecards.rating", layout="15 to 120 buyers, scores 1 to 7, mild and strict ones", draw=_ratings),
)
