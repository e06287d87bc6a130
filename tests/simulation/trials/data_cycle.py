"""Time to the end of a deal with open deals and alike sellers: median, shares ended by an age, mean of ended deals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from tests.simulation.sellers import QUANTILES, team
from tests.simulation.trial import Coverage, Generator
from workbook.analyses.data import cycle

AS_OF = date(2026, 9, 30)
AGES = np.arange(1, 6000)
SHARES = {"won": 0.4, "lost": 0.45, "no_decision": 0.15}


def _deals(rng: Generator, *, is_open: bool) -> tuple[pd.DataFrame, np.ndarray]:
    """Return counted durations per owner and outcome, and the share of deals ended by each whole day of age."""
    sizes = team(rng)
    shape, scale, by_owner = rng.uniform(1.0, 2.2), rng.uniform(40, 200), rng.uniform(0, 0.35)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    days = scale * np.exp(by_owner * rng.normal(size=len(sizes))[owner]) * rng.weibull(shape, len(owner))
    whole = np.ceil(days)
    age = rng.integers(1, int(8 * scale), len(owner)) if is_open else np.full(len(owner), 10**6)
    status = rng.choice(list(SHARES), len(owner), p=list(SHARES.values()))
    rows = pd.DataFrame({
        "owner_id": [f"P{i}" for i in owner], "status": np.where(whole <= age, status, "open"), "duration_days": np.minimum(whole, age),
    })  # fmt: skip
    counted = rows.groupby(["owner_id", "status", "duration_days"]).size().rename("deals_count").reset_index()
    ended = (1 - np.exp(-((AGES[:, None] / (scale * np.exp(by_owner * QUANTILES[None, ::8]))) ** shape))).mean(axis=1)
    return counted, ended


def _median(rng: Generator) -> tuple[float, float, float]:
    small, ended = _deals(rng, is_open=True)
    found = cycle._curve(small, cycle._counts(small), 0.95).median()
    return float(AGES[np.argmax(ended >= 0.5)]), found.low, np.inf if np.isnan(found.high) else found.high


def _won_by(rng: Generator) -> tuple[float, float, float] | None:
    small, ended = _deals(rng, is_open=True)
    age = int(rng.integers(30, 180))
    curves = cycle.aalen_johansen(cycle._counts(small), 0.95)
    known = curves[(curves["kind"] == "won") & (curves["duration"] <= age)]
    if known.empty:
        return None
    return SHARES["won"] * ended[age - 1], float(known["incidence_low"].iloc[-1]), float(known["incidence_high"].iloc[-1])


def _mean_won(rng: Generator) -> tuple[float, float, float]:
    small, ended = _deals(rng, is_open=False)
    found = cycle._by_outcome(small, 0.95).set_index("status").loc["won"]
    return float(1 + (1 - ended).sum()), found["low"], found["high"]


TRIALS = (
    Coverage(
        name="data.cycle.median",
        layout="12 to 60 sellers with lasting speeds of their own, Weibull durations in whole days, an eighth or more still open",
        draw=_median, quick=25,
    ),
    Coverage(
        name="data.cycle.won_by_an_age",
        layout="as for the median; share won by an age of 30 to 180 days while losing and no decision compete",
        draw=_won_by, quick=25,
    ),
    Coverage(
        name="data.cycle.mean_of_won_deals",
        layout="as for the median, all deals ended",
        draw=_mean_won,
    ),
)  # fmt: skip
