"""Change over time: last twelve months against the twelve before, and the trend from quarter to quarter, same sellers throughout."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.simulation.sellers import own_rates, team
from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.analyses.data import win_rate_last_year
from workbook.stats.trend import rate_trend
from workbook.stats.proportion import proportion


def _two_years(rng: Generator, change: float) -> tuple[pd.DataFrame, float]:
    sizes = team(rng)
    rate, alike = rng.uniform(0.2, 0.5), rng.uniform(0, 0.08)
    own = own_rates(rng, rate, alike, len(sizes))
    last, before = (rng.poisson(sizes * rng.uniform(0.5, 1.5)) for _ in range(2))
    rows = {"won_last": rng.binomial(last, own * change), "closed_last": last, "won_before": rng.binomial(before, own), "closed_before": before}
    return pd.DataFrame(rows | {"clustering": "owner"}), change


def _change(rng: Generator) -> tuple[float, float, float] | None:
    clusters, change = _two_years(rng, rng.uniform(0.7, 1.25))
    found = win_rate_last_year._change(clusters, 0.95)
    return change, found.low, found.high


TRIALS = (
    Coverage(
        name="data.win_rate_last_year.change",
        layout="12 to 60 sellers in both years, each year's deals drawn afresh, ratio of the rates 0.7 to 1.25",
        draw=_change,
    ),
)
