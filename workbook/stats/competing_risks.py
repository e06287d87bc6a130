"""Which end comes first: share of cases won, lost, ... by each duration, some still open.

Aalen & Johansen 1978; variance by the delta method (Marubini & Valsecchi 1995).
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, normal_quantile
from workbook.stats.durations import DurationCounts
from workbook.stats.interval import check_level
from workbook.stats.survival import loglog_bounds, survival_shares, widen_edges


def aalen_johansen(counts: DurationCounts, level: float = 0.95) -> pd.DataFrame:
    """Share of cases that had each kind of event by each duration, the kinds competing.

    One row per kind x duration: kind (as text), duration, at_risk_count, event_count, incidence_share,
    standard_error, incidence_low, incidence_high. The shares of all kinds and the Kaplan-Meier share of any
    event add up to 1. Variance: delta method (Marubini & Valsecchi 1995); interval on the log-log scale.
    """
    check_level(level)
    total, at_risk = counts.of(None), counts.at_risk
    before = (
        np.concatenate([[1.0], survival_shares(total, total + counts.censored)[:-1]]) if len(total) else total
    )
    frames = [
        _incidence(counts, kind, before, level).assign(kind=str(kind), at_risk_count=at_risk)
        for kind in counts.kinds
    ]
    columns = ["kind", "duration", "at_risk_count", "event_count", "incidence_share", "standard_error",
               "incidence_low", "incidence_high"]  # fmt: skip
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _incidence(counts: DurationCounts, kind: Hashable, before: FloatArray, level: float) -> pd.DataFrame:
    """Incidence of one kind; `before` is the survival just before each duration."""
    total, at_risk, events = counts.of(None), counts.at_risk, counts.of(kind)
    share = (before * events / at_risk).cumsum()
    survivors = at_risk - total
    a = np.divide(total, at_risk * survivors, out=np.zeros_like(total), where=survivors > 0)
    b = before**2 * (at_risk - events) * events / at_risk**3
    c = before * events / at_risk**2
    variance = share**2 * a.cumsum() - 2 * share * (a * share).cumsum() + (a * share**2).cumsum()
    variance += b.cumsum() - 2 * share * c.cumsum() + 2 * (c * share).cumsum()
    error = np.sqrt(np.maximum(variance, 0.0))
    low, high = loglog_bounds(1.0 - share, error, normal_quantile(0.5 + level / 2))
    low, high = widen_edges(1.0 - share, low, high, (at_risk, level))
    return pd.DataFrame(
        {
            "duration": counts.duration,
            "event_count": events,
            "incidence_share": share,
            "standard_error": error,
            "incidence_low": 1.0 - high,
            "incidence_high": 1.0 - low,
        }
    )
