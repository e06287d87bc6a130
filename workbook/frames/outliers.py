"""Amounts that cannot be meant: far above everything else in their column, measured so that they do not hide themselves."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

LEAST_CASES = 20
LEAST_RATIO = 500.0
LEAST_LIMIT = 4.0


def implausible(values: pd.Series[Any]) -> pd.Series[Any]:
    """Tell which values are implausibly high. One flag per row.

    A positive value is implausible if it is more than 500 times the median and its logarithm lies further above the
    median's than 4 robust standard deviations (1.4826 × MAD, at least 0.25 decades), or than one beyond what the largest
    of n log-normal values reaches, √(2 ln n), whichever is more. Median and MAD are not moved by the outlier itself, as a
    percentile of few values is. Needs 20 positive values. Iglewicz & Hoaglin 1993.
    """
    none = pd.Series(False, index=values.index)
    positive = values[values > 0]
    if len(positive) < LEAST_CASES:
        return none
    logs: pd.Series[float] = positive.astype("float64").map(math.log10)
    middle = float(logs.median())
    spread = max(1.4826 * float((logs - middle).abs().median()), 0.25)
    limit = max(LEAST_LIMIT, math.sqrt(2 * math.log(len(positive))) + 1)
    high = (logs - middle > limit * spread) & (logs - middle > math.log10(LEAST_RATIO))
    none.loc[high.index[high]] = True
    return none
