"""Expert ranges as distributions: PERT (Malcolm, Roseboom, Clark & Fazar 1959), a beta between low and high around the mode.

Mean (low + 4·mode + high) / 6; low and high are never left, so they should be what is thought possible at all.
"""

from __future__ import annotations

import numpy as np

from workbook.stats.arrays import FloatArray


def pert_mean(low: float, mode: float, high: float) -> float:
    """Mean of the distribution."""
    return (low + 4 * mode + high) / 6


def pert_draws(low: float, mode: float, high: float, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draw from the distribution. Low = high gives a constant. Raises `ValueError` unless low ≤ mode ≤ high."""
    if not low <= mode <= high:
        raise ValueError(f"low {low:g} ≤ mode {mode:g} ≤ high {high:g} does not hold")
    if high <= low:
        return np.full(draws, low)
    width = high - low
    first, second = 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width
    return np.asarray(low + width * rng.beta(first, second, draws), dtype=np.float64)
