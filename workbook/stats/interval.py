"""An interval with its level."""

from __future__ import annotations

import math
from dataclasses import dataclass


def check_level(level: float) -> float:
    """Return `level` if it lies strictly between 0 and 1, else raise `ValueError`."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must lie between 0 and 1 (e.g. 0.95), not {level!r}")
    return float(level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Low and high end in the unit of the estimate; NaN where an end is unknown or not reached.

    low: lower end. high: upper end, not below `low`. level: confidence, between 0 and 1.
    """

    low: float
    high: float
    level: float

    def __post_init__(self) -> None:
        check_level(self.level)
        if self.low > self.high:
            raise ValueError(f"low {self.low!r} exceeds high {self.high!r}")

    @property
    def width(self) -> float:
        """Distance between the ends; NaN if one is unknown."""
        return self.high - self.low

    def contains(self, value: float) -> bool:
        """Tell whether `value` lies inside, ends included; an unknown end counts as open."""
        above = math.isnan(self.low) or self.low <= value
        return above and (math.isnan(self.high) or value <= self.high)
