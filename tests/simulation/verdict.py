"""What replications say of an estimator: the rate of hits, how sure it is, and whether it is good enough.

Good enough: the 99 % Monte Carlo interval of the rate must not lie wholly outside the nominal error give or take two fifths –
93 to 97 % for intervals of 95 %, 3 to 7 % for tests at 5 %.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats

from tests.simulation.trial import Coverage, FalseAlarm, Trial

MONTE_CARLO_LEVEL = 0.99
TOLERANCE = 0.4  # of the nominal error
ANSWERED = 0.5  # a method that refuses more than half of the draws of its own trial proves nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One line of the proof. rate, low, high: share of hits with its Monte Carlo interval, None where all were refused."""

    name: str
    kind: str
    layout: str
    nominal: float
    replications: int
    refused: int
    rate: float | None
    low: float | None
    high: float | None
    verdict: str

    @property
    def holds(self) -> bool:
        """Is it good enough?"""
        return self.verdict in ("holds", "cautious")

    def record(self) -> dict[str, object]:
        """Return it as it is written to the machine-readable twin."""
        return asdict(self)


def band(nominal: float) -> tuple[float, float]:
    """Return between which rates an interval or test of that level may lie."""
    room = TOLERANCE * min(nominal, 1 - nominal)
    return nominal - room, nominal + room


def monte_carlo(hits: np.ndarray) -> tuple[float, float]:
    """Return the interval of the rate: Clopper–Pearson for yes and no; t of the replications' means for shares of groups."""
    n, total, tail = len(hits), float(hits.sum()), (1 - MONTE_CARLO_LEVEL) / 2
    if not np.isin(hits, (0.0, 1.0)).all():
        half = float(stats.t.ppf(1 - tail, n - 1) * hits.std(ddof=1) / np.sqrt(n))
        return max(hits.mean() - half, 0.0), min(hits.mean() + half, 1.0)
    low = stats.beta.ppf(tail, total, n - total + 1) if total > 0 else 0.0
    high = stats.beta.ppf(1 - tail, total + 1, n - total) if total < n else 1.0
    return float(low), float(high)


def judge(trial: Trial, hits: np.ndarray) -> Measured:
    """Return what the hits say, one per replication; NaN where the method refused."""
    answered = hits[np.isfinite(hits)]
    low, high = monte_carlo(answered) if len(answered) > 1 else (0.0, 1.0)
    return Measured(
        name=trial.name, kind="coverage" if isinstance(trial, Coverage) else "false alarms", layout=trial.layout, nominal=trial.nominal,
        replications=len(hits), refused=len(hits) - len(answered),
        rate=round(float(answered.mean()), 4) if len(answered) else None, low=round(low, 4) if len(answered) else None,
        high=round(high, 4) if len(answered) else None, verdict=_verdict(trial, len(answered) / max(len(hits), 1), low, high),
    )  # fmt: skip


def _verdict(trial: Trial, answered: float, low: float, high: float) -> str:
    least, most = band(trial.nominal)
    if answered < ANSWERED:
        return "refuses too often"
    if high < least:
        return "cautious" if isinstance(trial, FalseAlarm) and trial.cautious else "too low"
    return "too high" if low > most else "holds"
