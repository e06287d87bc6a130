"""Win rates against competitors: raw, shrunken, difference to the others, trend – deals of one salesperson being alike."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.stats.crossed_effects import crossed_rates
from workbook.stats.proportion import proportion
from workbook.stats.slope import clustered_slope

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(31)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def _average(score, sd):
    """Rate at a score, averaged over the salespeople one could have."""
    return expit(np.asarray(score, float)[..., None] + sd * NODES) @ WEIGHTS


def _deals(rng: Generator, rival_sd: float | None = None):
    """Deals per competitor × salesperson and the wins among them. Returns counts, wins, the true rate per competitor."""
    rivals, sellers = int(rng.integers(3, 13)), int(rng.integers(10, 46))
    rival_sd = abs(rng.normal(0, 1)) if rival_sd is None else rival_sd
    seller_sd = min(abs(rng.normal(0, 1)), 1.0)
    met, busy = rng.dirichlet(np.full(rivals, 2.0)), rng.dirichlet(np.full(sellers, 3.0))
    size = rng.poisson(rng.integers(150, 1500) * np.outer(met, busy))
    score = rng.normal(-0.3, 0.5) + rng.normal(0, rival_sd, rivals)
    won = rng.binomial(size, expit(score[:, None] + rng.normal(0, seller_sd, sellers)))
    return size, won, _average(score, seller_sd)


def _raw(rng: Generator):
    size, won, truth = _deals(rng)
    kept = [i for i in range(len(size)) if size[i].sum() >= 10 and (size[i] > 0).sum() >= 5]
    found = [proportion(won[i].sum(), size[i].sum(), clusters={"owner": (won[i], size[i])}) for i in kept]
    return (truth[kept], np.array([f.low for f in found]), np.array([f.high for f in found])) if kept else None


def _shrunken(rng: Generator):
    size, won, truth = _deals(rng)
    rows, columns = np.nonzero(size)
    if not 0 < won.sum() < size.sum():
        return None
    table = crossed_rates(won[rows, columns], size[rows, columns], rows, columns).table
    return truth[table["group"].to_numpy(int)], table["low"].to_numpy(), table["high"].to_numpy()


def _against_others(size, won, rival=0):
    sellers = np.arange(size.shape[1])
    there, rest = (won[rival], size[rival]), (np.delete(won, rival, 0).sum(0), np.delete(size, rival, 0).sum(0))
    return clustered_slope(np.concatenate([there[0], rest[0]]), np.concatenate([there[1], rest[1]]), np.repeat([1.0, 0.0], len(sellers)), np.tile(sellers, 2))


def _difference(rng: Generator):
    size, won, truth = _deals(rng)
    if size[0].sum() < 10:
        return None
    others = size[1:].sum(axis=1)
    found = _against_others(size, won)
    return float(truth[0] - truth[1:] @ others / others.sum()), found.low, found.high


def _no_difference(rng: Generator):
    size, won, _ = _deals(rng, rival_sd=0.0)
    return _against_others(size, won).p_value if size[0].sum() >= 10 else None


def _quarters(rng: Generator, slope: float):
    """One competitor's deals by salesperson × quarter; salespeople come and go."""
    sellers, quarters = int(rng.integers(10, 46)), int(rng.integers(6, 17))
    busy, at = rng.dirichlet(np.full(sellers, 3.0)), np.arange(quarters)
    starts = rng.integers(-quarters, quarters - 2, sellers)
    size = rng.poisson(rng.integers(100, 700) / quarters * 1.5 * busy[:, None] * (at >= starts[:, None]))
    own = rng.normal(0, rng.uniform(0, 0.6), sellers)
    rate = np.clip(0.45 + 0.12 * own[:, None] + slope * (at - at.mean()), 0.03, 0.97)
    won = rng.binomial(size, np.broadcast_to(rate, size.shape))
    rows, columns = np.nonzero(size)
    return clustered_slope(won[rows, columns], size[rows, columns], columns, rows)


def _no_trend(rng: Generator):
    return _quarters(rng, 0.0).p_value


def _trend(rng: Generator):
    slope = rng.uniform(-0.02, 0.02)
    found = _quarters(rng, slope)
    return float(slope), found.low, found.high


LAYOUT = "3 to 12 competitors, 10 to 45 salespeople, 150 to 1,500 deals spread unevenly, both effects normal on the log odds"
TRIALS = (
    Coverage(name="competitors.by_competitor.win_rate", layout=LAYOUT, draw=_raw),
    Coverage(name="competitors.by_competitor.shrunken", layout=f"{LAYOUT}; on average over competitors", quick=20, draw=_shrunken),
    Coverage(name="competitors.by_competitor.difference", layout=LAYOUT, draw=_difference),
    FalseAlarm(name="competitors.by_competitor.no_difference", layout=f"{LAYOUT}; competitors equally strong", draw=_no_difference),
    Coverage(name="competitors.trend.slope", layout="10 to 45 salespeople who come and go, 6 to 16 quarters, 100 to 700 deals", draw=_trend),
    FalseAlarm(name="competitors.trend.no_trend", layout="as the trend, rate constant", draw=_no_trend),
)
