"""Control of false discoveries when many hypotheses are tested at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats


def benjamini_hochberg(p_values: Any) -> FloatArray:
    """Adjusted p-values, in the order given: the smallest false discovery rate at which each would be a
    finding.

    A missing p-value stays NaN and does not count as a test. Raises `ValueError` outside 0-1. Benjamini &
    Hochberg 1995; valid for independent or positively dependent tests.
    """
    p = as_floats(p_values)
    tested = np.flatnonzero(~np.isnan(p))
    if bool(((p[tested] < 0) | (p[tested] > 1)).any()):
        raise ValueError("p-values must lie between 0 and 1")
    adjusted = np.full_like(p, np.nan)
    order = tested[np.argsort(p[tested], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
