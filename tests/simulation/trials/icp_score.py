"""Scores of leads and deals: AUC, slope, bands on later cases, and tests where nothing is to be found."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.special import ndtr

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.analyses.icp_segmentation.lead_conversion_by_attribute import _attribute
from workbook.analyses.icp_segmentation.score_validation import card_of, rate_of_rows
from workbook.stats.calibration import calibration
from workbook.stats.discrimination import auc, auc_difference
from workbook.stats.errors import CannotEstimate


def _accounts(rng: Generator, n: int) -> np.ndarray:
    """Accounts of unequal size, from one case each to eight on average."""
    weight = rng.lognormal(0, rng.uniform(0, 0.8), max(int(n / rng.uniform(1, 8)), 25))
    return rng.choice(len(weight), n, p=weight / weight.sum())


def _auc(rng: Generator) -> tuple[float, float, float] | None:
    n = int(rng.integers(120, 1500))
    account = _accounts(rng, n)
    won, alike = rng.random(n) < rng.uniform(0.08, 0.6), rng.uniform(0, 0.3)
    if won.sum() < 15:
        return None
    distance = rng.uniform(0, 1.6)
    score = distance * won + math.sqrt(alike) * rng.normal(size=account.max() + 1)[account] + math.sqrt(1 - alike) * rng.normal(size=n)
    found = auc(won, score, {"account": account})
    return float(ndtr(distance / math.sqrt(2))), found.low, found.high


def _slope(rng: Generator) -> tuple[float, float, float] | None:
    n = int(rng.integers(300, 2500))
    log_odds, slope = rng.normal(rng.uniform(-2.5, 0), rng.uniform(0.5, 1.2), n), rng.uniform(0.4, 1.4)
    account = _accounts(rng, n)
    p = 1 / (1 + np.exp(-(rng.uniform(-0.5, 0.5) + slope * log_odds)))
    won = rng.random(n) < p
    if min(won.sum(), n - won.sum()) < 15:
        return None
    found = calibration(won, 1 / (1 + np.exp(-log_odds)), 0.5, {"account": account}).slope_interval
    return slope, found.low, found.high


def _companies(rng: Generator) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Leads with two fields that matter more or less, from accounts that buy alike."""
    n = int(rng.integers(800, 2500))
    values = pd.DataFrame({name: pd.Categorical(rng.choice(list("abcdef")[: int(rng.integers(3, 7))], n)) for name in ("source", "region")})
    worth = sum(rng.normal(0, rng.uniform(0, 0.8), 6)[values[name].cat.codes] for name in values)
    account = _accounts(rng, n)
    p = 1 / (1 + np.exp(-(rng.uniform(-2.2, 0) + worth)))
    alike = rng.uniform(0.005, 0.1)
    own = rng.beta(0.5 * (1 / alike - 1), 0.5 * (1 / alike - 1), account.max() + 1)[account]
    chance = np.clip(p + (own - 0.5) * 2 * np.minimum(p, 1 - p), 0, 1)
    rows = pd.DataFrame({"is_hit": rng.random(n) < chance, "account": account.astype(str), "owner": None})
    return rows, values, p


def _band(rng: Generator) -> tuple[float, float, float] | None:
    """The best fifth of later leads, by a card fitted on the earlier ones."""
    rows, values, p = _companies(rng)
    earlier = pd.Series(np.arange(len(rows)) < 0.7 * len(rows))
    try:
        card = card_of(rows, values, earlier)
    except CannotEstimate:
        return None
    points = card.score(values)
    best = (~earlier).to_numpy() & (points >= np.quantile(points[earlier], 0.8))
    if best.sum() < 30:
        return None
    found = rate_of_rows(rows[best], 0.95)
    return float(p[best].mean()), found.low, found.high


def _paired(rng: Generator) -> float | None:
    n = int(rng.integers(150, 1500))
    account = _accounts(rng, n)
    won = rng.random(n) < rng.uniform(0.08, 0.6)
    if won.sum() < 15:
        return None
    common = rng.uniform(0, 1.2) * won + rng.normal(size=n)
    own = math.sqrt(rng.uniform(0.1, 1.0))
    scores = [common + own * (0.5 * rng.normal(size=account.max() + 1)[account] + rng.normal(size=n)) for _ in range(2)]
    return auc_difference(won, *scores, {"account": account}).p_value


def _chance(rng: Generator) -> float | None:
    n = int(rng.integers(100, 1500))
    account = _accounts(rng, n)
    won = rng.random(n) < rng.uniform(0.08, 0.6)
    if won.sum() < 15:
        return None
    return auc(won, rng.normal(size=account.max() + 1)[account] + rng.normal(size=n), {"account": account}).p_value


def _sources(rng: Generator) -> float | None:
    """Three to eight sources of unequal size that convert alike; companies with several leads are alike."""
    k, n = int(rng.integers(3, 9)), int(rng.integers(400, 4000))
    weight, rate, alike = rng.dirichlet(np.full(k, 3.0)), rng.uniform(0.04, 0.4), rng.uniform(0.001, 0.1)
    account = _accounts(rng, n)
    chance = rng.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1), account.max() + 1)[account]
    rows = pd.DataFrame({"source": rng.choice(k, n, p=weight), "is_hit": rng.random(n) < chance, "account": account, "owner": None})
    groups = []
    for source, part in rows.groupby("source"):
        found = rate_of_rows(part, 0.95)
        groups.append({"attribute": "source", "value": str(source), "customers_count": int(found.successes), "leads_count": int(found.n),
                       "effective_n": found.effective_n, "is_shown": found.n >= 30})  # fmt: skip
    return float(_attribute("source", pd.DataFrame(groups))["p_value"])


TRIALS = (
    Coverage(name="icp_segmentation.score.auc", layout="120 to 1,500 cases in accounts of 1 to 8, successes 8 to 60 %, AUC 0.5 to 0.87, intraclass correlation of the score 0 to 0.3", draw=_auc),
    Coverage(name="icp_segmentation.score.calibration_slope", layout="300 to 2,500 cases, true slope 0.4 to 1.4, base rate 5 to 50 %", draw=_slope),
    Coverage(name="icp_segmentation.score.band_rate", layout="card of two fields fitted on 70 % of 800 to 2,500 leads; best band of the rest; accounts alike by 0 to 0.1", draw=_band),
    FalseAlarm(name="icp_segmentation.score.paired_delong", layout="two scores equally good, partly the same, on 150 to 1,500 cases in accounts", draw=_paired),
    FalseAlarm(name="icp_segmentation.score.better_than_chance", layout="a score of noise on 100 to 1,500 cases, alike within accounts", draw=_chance),
    FalseAlarm(name="icp_segmentation.lead_conversion_by_attribute.equal_sources", layout="3 to 8 sources that convert alike, 400 to 4,000 leads in accounts of 1 to 8", draw=_sources),
)
