"""Models of winning: the rate for one mix of deals, strengths, discount; and the shares of loss reasons and of lost money."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.special import expit

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.stats.errors import CannotEstimate
from workbook.stats.logit import logit
from workbook.stats.mean import ratio_of_sums
from workbook.stats.paired_comparison import contests
from workbook.stats.proportion import proportion
from workbook.stats.standardise import contrast, standardised_change, standardised_rates


def _deals(rng: Generator, slope: float = 0.0, rival_sd: float = 0.6):
    """Deals with a competitor each, three segments, a discount that hangs on the competitor, and salespeople who differ."""
    n, rivals, sellers = int(rng.integers(400, 2001)), int(rng.integers(3, 8)), int(rng.integers(15, 46))
    rival = rng.choice(rivals, n, p=rng.dirichlet(np.full(rivals, 5.0)))
    seller = rng.choice(sellers, n, p=rng.dirichlet(np.full(sellers, 3.0)))
    segment = (rng.random(n) + 0.1 * rival > rng.uniform(0.4, 0.8)).astype(int) + (rng.random(n) < 0.3)
    discount = np.clip(rng.normal(0.06 + 0.01 * rival, 0.05, n), 0, 0.4)
    strength, own = rng.normal(0, rival_sd, rivals), rng.normal(0, rng.uniform(0, 0.5), sellers)
    fixed = -0.3 + np.array([0.0, 0.4, -0.5])[segment] + slope * discount
    score = fixed + strength[rival] + own[seller]
    won = (rng.random(n) < expit(score)).astype(float)
    columns = {f"rival {k}": (rival == k).astype(float) for k in range(1, rivals)}
    columns |= {f"segment {k}": (segment == k).astype(float) for k in (1, 2)} | {"discount": discount}
    return won, pd.DataFrame(columns), seller, (fixed, strength, own[seller])


def _adjusted(rng: Generator):
    won, columns, seller, (fixed, strength, own) = _deals(rng)
    try:
        fit = logit(won, columns, seller)
    except CannotEstimate:
        return None
    rivals = [name for name in columns if name.startswith("rival")]
    found = standardised_rates(fit, columns, {"first": dict.fromkeys(rivals, 0.0)}).iloc[0]
    return float(expit(fixed + strength[0] + own).mean()), float(found["low"]), float(found["high"])


def _adjusted_difference(rng: Generator):
    won, columns, seller, _ = _deals(rng, rival_sd=0.0)
    rivals = [name for name in columns if name.startswith("rival")]
    try:
        return contrast(logit(won, columns, seller), {rivals[0]: 1.0} | {name: -1 / len(rivals) for name in rivals[1:]})[3]
    except CannotEstimate:
        return None


def _discount(rng: Generator):
    won, columns, seller, (fixed, strength, own) = _deals(rng, slope := rng.uniform(-4, 4))
    try:
        change = standardised_change(logit(won, columns, seller), columns, "discount", 0.05)
    except CannotEstimate:
        return None
    rival = columns[[name for name in columns if name.startswith("rival")]].to_numpy()
    score = fixed + np.where(rival.sum(axis=1) == 0, strength[0], rival @ strength[1:]) + own
    return float((expit(score + 0.05 * slope) - expit(score)).mean()), change.difference_low, change.difference_high


def _no_discount(rng: Generator):
    won, columns, seller, _ = _deals(rng)
    try:
        return standardised_change(logit(won, columns, seller), columns, "discount", 0.05).p_value
    except CannotEstimate:
        return None


def _strengths(rng: Generator, rival_sd: float):
    n, rivals, sellers = int(rng.integers(200, 2001)), int(rng.integers(3, 9)), int(rng.integers(12, 46))
    present = np.zeros((n, rivals))
    present[np.arange(n), rng.choice(rivals, n, p=rng.dirichlet(np.full(rivals, 5.0)))] = 1
    more = rng.random(n) < rng.uniform(0, 0.4)
    present[np.flatnonzero(more), rng.integers(rivals, size=int(more.sum()))] = 1
    strength = rng.uniform(-0.5, 1.0) + rng.normal(0, rival_sd, rivals)
    won = rng.random(n) < 1 / (1 + present @ np.exp(strength))
    try:
        return contests(won, pd.DataFrame(present), rng.integers(sellers, size=n)), strength
    except CannotEstimate:
        return None


def _strength(rng: Generator):
    fit = _strengths(rng, 0.6)
    return None if fit is None else (fit[1], fit[0].rivals["low"].to_numpy(), fit[0].rivals["high"].to_numpy())


def _equal_strengths(rng: Generator):
    fit = _strengths(rng, 0.0)
    return None if fit is None else fit[0].difference(0, 1)[3]


def _reason_share(rng: Generator):
    """Salespeople lean to reasons of their own."""
    n, sellers = int(rng.integers(150, 1501)), int(rng.integers(12, 46))
    sizes = rng.multinomial(n, rng.dirichlet(np.full(sellers, 3.0)))
    rate, alike = rng.uniform(0.05, 0.5), rng.uniform(0.01, 0.1)
    hits = rng.binomial(sizes, rng.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1), sellers))
    found = proportion(hits.sum(), sizes.sum(), clusters={"owner": (hits[sizes > 0], sizes[sizes > 0])})
    return float(rate), found.low, found.high


def _money_share(rng: Generator):
    """Amounts lean on the account only, reasons are drawn alike for all."""
    n, accounts = int(rng.integers(150, 1501)), int(rng.integers(80, 501))
    account, rate, lean = rng.integers(accounts, size=n), rng.uniform(0.05, 0.5), rng.normal(0, 0.3)
    is_first = rng.random(n) < rate
    amount = np.exp(rng.normal(0, 0.4, accounts)[account] + rng.normal(0, 0.9, n) + lean * is_first)
    sums, whole = np.bincount(account, amount * is_first, accounts), np.bincount(account, amount, accounts)
    found = ratio_of_sums(sums[whole > 0], whole[whole > 0], is_share=True)
    return rate * math.exp(lean) / (rate * math.exp(lean) + 1 - rate), found.low, found.high


MIXED = "3 to 7 competitors, 15 to 45 salespeople, 400 to 2,000 deals, segments met unevenly"
TABLE = "3 to 8 competitors, 200 to 2,000 deals, up to 40 % of them with two"
LOST = "150 to 1,500 lost deals, 12 to 45 salespeople who lean to reasons of their own"
TRIALS = (
    Coverage(name="competitors.by_competitor_adjusted.rate", layout=MIXED, quick=20, draw=_adjusted),
    FalseAlarm(name="competitors.by_competitor_adjusted.no_difference", layout=f"{MIXED}; competitors equally strong", quick=20, draw=_adjusted_difference),
    Coverage(name="competitors.discount.change", layout=f"{MIXED}; more discount against some", quick=20, draw=_discount),
    FalseAlarm(name="competitors.discount.no_effect", layout=f"{MIXED}; discount without effect", quick=20, draw=_no_discount),
    Coverage(name="competitors.strengths.ability", layout=f"{TABLE}; on average over competitors", draw=_strength),
    FalseAlarm(name="competitors.strengths.equal", layout=f"{TABLE}; equally strong", draw=_equal_strengths),
    Coverage(name="competitors.loss_reasons.share", layout=LOST, draw=_reason_share),
    Coverage(name="competitors.loss_reasons.money_share", layout="150 to 1,500 lost deals of 80 to 500 accounts, log-normal amounts", draw=_money_share),
)
