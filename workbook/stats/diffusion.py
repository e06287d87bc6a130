"""How a new product spreads: Bass 1969. Sales per period = m · density, fitted by non-linear least squares.

Srinivasan & Mason 1986 would use differences of the cumulative curve; the textbook form here takes the
density at t = 1, 2, ... (Cowpertwait & Metcalfe 2009, 3.3.4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats, t_quantile
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import Interval, check_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Bass:
    """Fitted diffusion curve.

    market: m, all sales there will ever be, unit of sales. innovation: p. imitation: q. market_interval,
    innovation_interval, imitation_interval: t intervals by linearisation, too narrow before the peak is seen.
    n: periods. peak_time: period of the highest sales, counted from 1 (not above 0: sales only fall).
    """

    market: float
    innovation: float
    imitation: float
    market_interval: Interval
    innovation_interval: Interval
    imitation_interval: Interval
    n: int
    peak_time: float

    def sales(self, times: Any) -> FloatArray:
        """Sales at the given times, 1 = first period of the fit."""
        return bass_density(as_floats(times), self.market, self.innovation, self.imitation)


def fit_bass(sales: Any, level: float = 0.95) -> Bass:
    """Fit sales per period, in time order without gaps, first period = first of the product.

    Raises `CannotEstimate`: too_few_observations (under 5 periods), missing_values, not_positive (no sales at
    all), not_converged (e.g. sales still grow exponentially); `ValueError` for negative sales.
    """
    from scipy.optimize import OptimizeWarning, curve_fit

    check_level(level)
    y = as_floats(sales)
    if len(y) < 5:
        raise CannotEstimate("too_few_observations", f"{len(y)} periods")
    if not bool(np.isfinite(y).all()):
        raise CannotEstimate("missing_values")
    if bool((y < 0).any()):
        raise ValueError("sales must not be negative")
    if y.sum() == 0:
        raise CannotEstimate("not_positive")
    t, unit = np.arange(1.0, len(y) + 1), float(y.sum())
    best: tuple[float, FloatArray, FloatArray] | None = None
    import warnings

    for start in ((1.5, 0.01, 0.4), (3.0, 0.003, 0.3), (1.0, 0.05, 0.6)):
        with warnings.catch_warnings():
            warnings.simplefilter("error", OptimizeWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                found, covariance = curve_fit(
                    bass_density,
                    t,
                    y / unit,
                    start,
                    bounds=(1e-9, [1e3, 1.0, 5.0]),
                    x_scale=[1.0, 0.01, 0.1],
                    xtol=1e-13,
                    ftol=1e-13,
                    gtol=1e-13,
                )
            except (RuntimeError, OptimizeWarning):
                continue
        error = float(((bass_density(t, *found) - y / unit) ** 2).sum())
        if best is None or error < best[0]:
            best = (error, found, covariance)
    if best is None or best[1][0] > 999:
        raise CannotEstimate("not_converged")
    return _result(best[1], best[2], (unit, len(y), level))


def _result(found: FloatArray, covariance: FloatArray, basis: tuple[float, int, float]) -> Bass:
    unit, n, level = basis
    scale = np.array([unit, 1.0, 1.0])
    value, half = found * scale, t_quantile(0.5 + level / 2, n - 3) * np.sqrt(np.diag(covariance)) * scale
    spans = [
        Interval(low=float(v - h), high=float(v + h), level=level) for v, h in zip(value, half, strict=True)
    ]
    m, p, q = (float(v) for v in value)
    return Bass(
        market=m,
        innovation=p,
        imitation=q,
        market_interval=spans[0],
        innovation_interval=spans[1],
        imitation_interval=spans[2],
        n=n,
        peak_time=math.log(q / p) / (p + q),
    )


def bass_density(t: FloatArray, m: Any, p: Any, q: Any) -> FloatArray:
    """Sales per period at the times t; arguments broadcast."""
    fading = np.exp(-(p + q) * t)
    return np.asarray(m * (p + q) ** 2 / p * fading / (1 + q / p * fading) ** 2, dtype=np.float64)
