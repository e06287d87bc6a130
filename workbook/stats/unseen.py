"""How many kinds (here: customers) exist beside those seen? A lower bound from those seen once and twice. Chao 1984, 1987."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbook.stats.arrays import normal_quantile
from workbook.stats.interval import Interval, check_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """seen: kinds observed. total: seen plus estimated unseen ones. interval: of the total, log-normal, never below seen."""

    seen: int
    total: float
    interval: Interval


def chao(seen: int, once: int, twice: int, level: float = 0.95) -> Unseen:
    """Estimate the number of kinds, bias-corrected form: seen + f1(f1 − 1) / (2(f2 + 1)); a lower bound if kinds differ.

    Nobody seen once: nobody is unseen. Raises `ValueError` unless 0 ≤ once + twice ≤ seen.
    """
    check_level(level)
    if min(seen, once, twice) < 0 or once + twice > seen:
        raise ValueError("counts must satisfy 0 <= once + twice <= seen")
    missing = once * (once - 1) / (2 * (twice + 1))
    if missing <= 0:
        return Unseen(seen=seen, total=float(seen), interval=Interval(low=float(seen), high=float(seen), level=level))
    ratio = once / (twice + 1)
    variance = missing + ratio * (2 * once - 1) ** 2 / (4 * (twice + 1)) + ratio**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 2)
    spread = math.exp(normal_quantile(0.5 + level / 2) * math.sqrt(math.log1p(variance / missing**2)))
    return Unseen(seen=seen, total=seen + missing, interval=Interval(low=seen + missing / spread, high=seen + missing * spread, level=level))
