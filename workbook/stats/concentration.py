"""How concentrated a market is. Shares are per cent (0-100), as the competition authorities print them.

Herfindahl-Hirschman index: sum of squared shares, 0 to 10 000. Bands: EU horizontal merger guidelines (2004,
par. 19-20): 1000 / 2000 with increase 250 / 150; US merger guidelines (2023): above 1800 with an increase
above 100.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats

ROUNDING = 0.5  # per cent points by which printed shares may exceed 100


@dataclass(frozen=True, slots=True, kw_only=True)
class HhiBounds:
    """Index when part of the market is "others".

    low: others are countless tiny firms. high: others are as few and large as allowed. named: index of the
    named firms alone (equals low). others_share: per cent. largest_possible: largest share assumed for one of
    the others. reason: key of `errors.REASONS` or None.
    """

    low: float
    high: float
    named: float
    others_share: float
    largest_possible: float
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Judgement by one authority's thresholds.

    regime: "eu_2004" or "us_2023". level: "low", "moderate" or "high" (concentration). is_critical_increase:
    whether the increase reaches the threshold that applies at this level; None without an increase.
    """

    regime: str
    level: str
    is_critical_increase: bool | None


def shares_in_percent(values: Any) -> FloatArray:
    """Shares in per cent from volumes or money per firm; NaN for all if the total is zero. `ValueError` below
    0.
    """
    amounts = as_floats(values)
    if not bool((np.isfinite(amounts) & (amounts >= 0)).all()):
        raise ValueError("values must be finite and not negative")
    total = amounts.sum()
    return 100.0 * amounts / total if total > 0 else np.full_like(amounts, np.nan)


def hhi(shares_percent: Any) -> float:
    """Sum of squared shares in per cent, 0-10 000; NaN for no firm.

    Shares are taken as they are: if they add up to less than 100, this is the contribution of the named
    firms, and `hhi_bounds` bounds the rest. Raises `ValueError` on negative shares or a sum above 100.
    """
    shares = _checked(shares_percent)
    return float(shares @ shares) if len(shares) else math.nan


def hhi_bounds(
    named_percent: Any, others_percent: float | None = None, largest_possible: float | None = None
) -> HhiBounds:
    """Lower and upper index when "others" are not one firm.

    `others_percent` defaults to what is missing to 100. `largest_possible` is the largest share one of the
    others can have, by default the smallest named share (they would be named otherwise). No named firm: the
    upper bound is that of one firm holding everything up to `largest_possible`.
    """
    named = _checked(named_percent)
    rest = 100.0 - float(named.sum()) if others_percent is None else float(others_percent)
    rest = max(rest, 0.0)
    if float(named.sum()) + rest > 100.0 + ROUNDING:
        raise ValueError(f"named {named.sum():g} % and others {rest:g} % exceed 100 %")
    cap = (
        min(rest, float(named.min()) if len(named) else rest)
        if largest_possible is None
        else float(largest_possible)
    )
    if rest > 0 and not cap > 0:
        raise ValueError("largest_possible must be above 0 while there are others")
    base = float(named @ named)
    full = math.floor(rest / cap + 1e-9) if rest > 0 else 0
    remainder = max(rest - full * cap, 0.0)
    return HhiBounds(low=base, high=base + full * cap**2 + remainder**2, named=base, others_share=rest,
                     largest_possible=cap, reason=None if len(named) else "no_observations")  # fmt: skip


def concentration_ratio(shares_percent: Any, k: int = 4) -> float:
    """Sum of the k largest shares, in the unit given (per cent); NaN for no firm. `ValueError` for k < 1."""
    if k < 1:
        raise ValueError("k must be at least 1")
    shares = _checked(shares_percent)
    return float(np.sort(shares)[::-1][:k].sum()) if len(shares) else math.nan


def merger_delta(first_percent: float, second_percent: float) -> float:
    """Increase of the index by a merger of two firms: 2ab, shares in per cent."""
    _checked([first_percent, second_percent])
    return 2.0 * first_percent * second_percent


def eu_band(index: float, delta: float | None = None) -> Band:
    """EU 2004: below 1000 low; 1000-2000 moderate, critical from an increase of 250; above 2000 high, from
    150.
    """
    level = "low" if index < 1000 else "moderate" if index <= 2000 else "high"
    threshold = {"low": math.inf, "moderate": 250.0, "high": 150.0}[level]
    return Band(
        regime="eu_2004", level=level, is_critical_increase=None if delta is None else delta >= threshold
    )


def us_band(index: float, delta: float | None = None) -> Band:
    """US 2023: up to 1000 low; up to 1800 moderate; above 1800 high, critical with an increase above 100."""
    level = "low" if index < 1000 else "moderate" if index <= 1800 else "high"
    critical = None if delta is None else level == "high" and delta > 100.0
    return Band(regime="us_2023", level=level, is_critical_increase=critical)


def _checked(shares_percent: Any) -> FloatArray:
    shares = as_floats(shares_percent)
    if not bool((np.isfinite(shares) & (shares >= 0)).all()):
        raise ValueError("shares must be finite and not negative")
    if shares.sum() > 100.0 + ROUNDING:
        raise ValueError(f"shares add up to {shares.sum():g} %, more than 100 %")
    return shares
