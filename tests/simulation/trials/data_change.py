"""Change over time: last twelve months against the twelve before, and the trend from quarter to quarter, same sellers throughout."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.simulation.sellers import own_rates, team
from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.analyses.data import win_rate_by_quarter, win_rate_last_year
from workbook.stats.trend import RateTrend


def _two_years(rng: Generator, change: float) -> tuple[pd.DataFrame, float]:
    sizes = team(rng)
    rate, alike = rng.uniform(0.2, 0.5), rng.uniform(0, 0.05)
    own = own_rates(rng, rate, alike, len(sizes))
    last, before = (rng.poisson(sizes * rng.uniform(0.5, 1.5)) for _ in range(2))
    rows = {"won_last": rng.binomial(last, np.minimum(own * change, 1.0)), "closed_last": last, "won_before": rng.binomial(before, own), "closed_before": before}
    return pd.DataFrame(rows | {"clustering": "owner"}), change


def _change(rng: Generator) -> tuple[float, float, float] | None:
    clusters, change = _two_years(rng, rng.uniform(0.7, 1.25))
    found = win_rate_last_year._change(clusters, 0.95)
    return change, found.low, found.high


def _same(rng: Generator) -> float:
    clusters, _ = _two_years(rng, 1.0)
    return 0.0 if win_rate_last_year._differs(clusters, win_rate_last_year.WinRateLastYearParams(false_discovery_rate=0.05)) else 1.0


def _quarters(rng: Generator, slope: float) -> RateTrend | None:
    """Sellers who stay for all quarters, with rates of their own, in quarters of unequal size."""
    sizes, quarters = team(rng), int(rng.integers(5, 17))
    own = own_rates(rng, rng.uniform(0.3, 0.6), rng.uniform(0, 0.05), len(sizes))
    at = np.arange(quarters) - quarters
    closed = rng.poisson(sizes[:, None] / quarters * rng.uniform(0.5, 1.6, quarters))
    won = rng.binomial(closed, np.clip(own[:, None] + slope * (at - at.mean()), 0, 1))
    first = pd.period_range("2022Q1", periods=quarters, freq="Q").start_time
    table = pd.DataFrame({"quarter_on": first, "won_count": won.sum(axis=0), "closed_count": closed.sum(axis=0)})
    sums = pd.DataFrame({
        "clustering": "owner", "cases": closed.sum(axis=1), "place": closed @ at, "squares": closed @ at**2, "won": won.sum(axis=1), "won_place": won @ at,
    })  # fmt: skip
    return win_rate_by_quarter._trend(table, sums, win_rate_by_quarter.WinRateByQuarterParams())


def _slope(rng: Generator) -> tuple[float, float, float] | None:
    slope = rng.uniform(-0.01, 0.01)
    found = _quarters(rng, slope)
    return None if found is None else (slope, found.low, found.high)


def _flat(rng: Generator) -> float | None:
    found = _quarters(rng, 0.0)
    return None if found is None else found.p_value


TRIALS = (
    Coverage(
        name="data.win_rate_last_year.change",
        layout="12 to 60 sellers in both years, each year's deals drawn afresh, ratio of the rates 0.7 to 1.25",
        draw=_change,
    ),
    FalseAlarm(
        name="data.win_rate_last_year.differs",
        layout="as for the change, both years at the same rates",
        draw=_same,
    ),
    Coverage(
        name="data.win_rate_by_quarter.slope",
        layout="5 to 16 quarters of unequal size, 12 to 60 sellers who are alike, change of up to a point per quarter",
        draw=_slope,
    ),
    FalseAlarm(
        name="data.win_rate_by_quarter.trend",
        layout="as for the slope, without any change",
        draw=_flat,
    ),
)
