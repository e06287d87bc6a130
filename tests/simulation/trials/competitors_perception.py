"""Price against rated value, and positions on the perceptual map, over respondents who rate some of the brands."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.stats.errors import CannotEstimate
from workbook.stats.fair_value import fair_value
from workbook.stats.positions import positions

DRAWS = 250
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def _ratings(rng: Generator, slope: float):
    """Respondents with a mood of their own rate two to all brands; prices follow the true values with scatter."""
    brands, people = int(rng.integers(4, 9)), int(rng.integers(50, 301))
    value = rng.normal(4.5, rng.uniform(0.3, 0.9), brands)
    price = 100 + slope * (value - value.mean()) + rng.normal(0, 8, brands)
    rated = rng.random((people, brands)) < rng.uniform(0.4, 1.0)
    rated[rated.sum(axis=1) < 2, :2] = True
    scores = value + rng.normal(0, 0.5, (people, 1)) + rng.normal(0, 0.8, (people, brands))
    return value, price, np.where(rated, scores, np.nan)


def _fit(rng: Generator, slope: float):
    value, price, scores = _ratings(rng, slope)
    found = fair_value(scores, price, seed=1, draws=DRAWS)
    centred = value - value.mean()
    true = float(centred @ price / (centred @ centred))
    return None if found.reason else (found, true, price - price.mean() - true * centred)


def _slope(rng: Generator):
    fit = _fit(rng, rng.uniform(-20, 40))
    return None if fit is None else (fit[1], fit[0].slope_low, fit[0].slope_high)


def _gap(rng: Generator):
    fit = _fit(rng, rng.uniform(-20, 40))
    return None if fit is None else (fit[2], fit[0].brands["gap_low"].to_numpy(), fit[0].brands["gap_high"].to_numpy())


def _no_gap(rng: Generator):
    """Every brand on the line: the first one's gap is nothing."""
    value, _, scores = _ratings(rng, 0.0)
    found = fair_value(scores, 100 + 20 * (value - value.mean()), seed=1, draws=DRAWS)
    return None if found.reason else float(found.brands["p_value"][0])


def _named(rng: Generator, twins: bool = False):
    """Respondents say which attributes fit which brands they know; the table one would get from all respondents there are."""
    brands, attributes, people = int(rng.integers(4, 9)), int(rng.integers(4, 11)), int(rng.integers(80, 401))
    axes = [rng.normal(0, 1, (brands, 2)), rng.normal(0, 1, (attributes, 2)) * [rng.uniform(0.5, 0.9), rng.uniform(0.3, 0.5)]]
    score = rng.normal(-0.5, 0.4, attributes) + axes[0] @ axes[1].T
    if twins:
        score[1] = score[0]
    known, mood = rng.uniform(0.4, 1.0, brands), rng.uniform(0.2, 0.8)
    if twins:
        known[1] = known[0]
    whole = known[:, None] * (expit(score[:, :, None] + mood * NODES) @ WEIGHTS)
    rates = expit(score + mood * rng.normal(0, 1, (people, 1, 1)))
    return (rng.random(rates.shape) < rates) * (rng.random((people, brands)) < known)[:, :, None].astype(float), whole


def _map(counts):
    try:
        return positions(counts, list(range(counts.shape[1])), list(range(counts.shape[2])), seed=1, draws=DRAWS)
    except CannotEstimate:
        return None


def _ellipse(rng: Generator):
    """Squared distance of the true place to the drawn one in units of the ellipse, which must stay below one."""
    counts, whole = _named(rng)
    found = _map(counts)
    if found is None:
        return None
    truth = positions(np.repeat(whole[None] / 10, 10, axis=0), list(range(whole.shape[0])), list(range(whole.shape[1])), seed=1, draws=2)
    both = [np.vstack([part.rows[["axis_1", "axis_2"]], part.columns[["axis_1", "axis_2"]]]) for part in (truth, found)]
    u, _, v = np.linalg.svd(both[0].T @ both[1])
    gap = (both[0] @ u @ v - both[1])[: len(whole)]
    spread = found.rows
    scatter = np.array([[spread["variance_1"], spread["covariance"]], [spread["covariance"], spread["variance_2"]]]).transpose(2, 0, 1)
    squared = np.einsum("ra,rab,rb->r", gap, np.linalg.pinv(scatter), gap) / found.radius**2
    return squared, np.zeros(len(squared)), np.ones(len(squared))


def _twins(rng: Generator):
    found = _map(_named(rng, twins=True)[0])
    return None if found is None else float(found.pairs["p_value"][0])


RATED = "4 to 8 brands, 50 to 300 respondents with moods who rate two to all of them"
MAPPED = "4 to 8 brands, 4 to 10 attributes, 80 to 400 respondents with moods who know some brands, two true axes"
TRIALS = (
    Coverage(name="competitors.value_map.slope", layout=f"{RATED}; prices with scatter about a line", quick=25, draw=_slope),
    Coverage(name="competitors.value_map.gap", layout=f"{RATED}; on average over brands", quick=25, draw=_gap),
    FalseAlarm(name="competitors.value_map.no_gap", layout=f"{RATED}; all prices on the line", quick=25, draw=_no_gap),
    Coverage(name="competitors.perceptual_map.ellipse", layout=f"{MAPPED}; on average over brands", quick=15, draw=_ellipse),
    FalseAlarm(name="competitors.perceptual_map.twins", layout=f"{MAPPED}; two brands with one profile", quick=15, draw=_twins),
)
