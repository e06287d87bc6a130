"""The win rate and its interval when deals of one seller, and of one account, are alike."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from tests.simulation.sellers import counts, crossed, logit_rate, own_rates, team
from tests.simulation.trial import Coverage, Generator
from workbook.stats.proportion import proportion


def _of_team(rng: Generator, sizes: np.ndarray) -> tuple[float, float, float]:
    rate, alike = rng.uniform(0.15, 0.7), rng.uniform(0.0, 0.1)
    won = rng.binomial(sizes, own_rates(rng, rate, alike, len(sizes)))
    found = proportion(won.sum(), sizes.sum(), clusters={"owner": (won, sizes)})
    return float(rate), found.low, found.high


def _crossed(rng: Generator) -> tuple[float, float, float]:
    deals = int(rng.integers(200, 2000))
    owner, account = crossed(rng, deals, int(rng.integers(12, 50)), int(rng.integers(40, 400)))
    base, by_owner, by_account = rng.normal(-0.5, 0.6), rng.uniform(0, 0.6), rng.uniform(0, 0.9)
    odds = base + by_owner * rng.normal(size=owner.max() + 1)[owner] + by_account * rng.normal(size=account.max() + 1)[account]
    won = (rng.random(deals) < expit(odds)).astype(float)
    found = proportion(won.sum(), deals, clusters={"owner": counts(owner, won), "account": counts(account, won)})
    return logit_rate(base, float(np.hypot(by_owner, by_account))), found.low, found.high


TRIALS = (
    Coverage(
        name="data.win_rate.clustered",
        layout="12 to 60 sellers of log-normal size, rate 15 to 70 %, intraclass correlation 0 to 0.1",
        draw=lambda rng: _of_team(rng, team(rng)),
    ),
    Coverage(
        name="data.win_rate.few_sellers",
        layout="3 to 9 sellers of log-normal size, rate 15 to 70 %, intraclass correlation 0 to 0.1",
        draw=lambda rng: _of_team(rng, team(rng, 3, 9, 4.0)),
    ),
    Coverage(
        name="data.win_rate.crossed",
        layout="200 to 2,000 deals of 12 to 50 sellers and 40 to 400 accounts, both with lasting log-odds of their own",
        draw=_crossed,
    ),
)
