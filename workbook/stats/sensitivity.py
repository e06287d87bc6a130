"""How wrong may the assumption of parallel trends be before an average effect vanishes? Rambachan & Roth 2023.

Relative magnitudes: after adoption, the adopting units' own trend may move against the others' by at most M times the largest
move seen before, per period. The average effect is linear in the event-time path of that drift, so its largest bias is M x the
largest move x the sum of the absolute tail sums of its weights, without any search.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """breakdown: M at which the interval reaches zero (0: it includes zero already; NaN: no move before can be seen). largest_move: per
    period, before adoption. reach: largest bias of the average for a move of 1 per period. The interval at any M is
    low − M·largest_move·reach to high + M·largest_move·reach.
    """

    breakdown: float
    largest_move: float
    reach: float


def sensitivity(influence: FloatArray, since: FloatArray, moves: FloatArray, span: tuple[float, float]) -> Sensitivity:
    """Return the breakdown value of an average effect.

    influence: units x periods, weights of the cells. since: the same shape, periods since adoption, infinite for units that never
    adopt. moves: changes per period of the drift between stretches before adoption. span: interval of the average.
    """
    reach = reach_of(influence, since)
    seen = moves[np.isfinite(moves)]
    largest = float(np.abs(seen).max()) if len(seen) else math.nan
    distance = max(span[0], -span[1], 0.0)
    if math.isnan(distance) or not largest > 0 or not reach > 0:
        return Sensitivity(breakdown=math.nan, largest_move=largest, reach=reach)
    return Sensitivity(breakdown=distance / (largest * reach), largest_move=largest, reach=reach)


def reach_of(influence: FloatArray, since: FloatArray) -> float:
    """Return the largest bias of an average when the adopting units drift by at most 1 per period."""
    adopting = np.isfinite(since)
    weights = pd.Series(influence[adopting]).groupby(since[adopting]).sum()
    whole = weights.reindex(np.arange(weights.index.min(), weights.index.max() + 1)).fillna(0.0).to_numpy()
    tails = whole[::-1].cumsum()[::-1][1:]
    return float(np.abs(tails).sum())


def moves_before(event_study: pd.DataFrame, stretch: int) -> FloatArray:
    """Return the drift's changes per period between stretches before adoption.

    event_study: event_time, estimate, cells_count; stretch: periods averaged (by cells), so that noise is not taken for drift.
    """
    before = event_study[(event_study["event_time"] < 0) & event_study["estimate"].notna()]
    if before.empty:
        return np.empty(0)
    at = np.floor(before["event_time"] / stretch)
    weight = before["cells_count"].astype(float)
    mean = (before["estimate"] * weight).groupby(at).sum() / weight.groupby(at).sum()
    centre = (before["event_time"] * weight).groupby(at).sum() / weight.groupby(at).sum()
    return np.asarray(np.diff(mean) / np.diff(centre), dtype=np.float64)
