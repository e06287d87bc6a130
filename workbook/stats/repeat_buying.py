"""Who will order again, without contracts: BG/NBD. Fader, Hardie & Lee 2005, Marketing Science 24(2).

A customer orders at random at his own rate (gamma r, alpha) and after each order stops for good with his own
probability (beta a, b).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class BgNbd:
    """Fitted BG/NBD.

    r, alpha: gamma of the order rate (alpha in the unit of time). a, b: beta of the stopping probability.
    log_likelihood. n: customers.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    n: int

    def expected_orders(self, frequency: Any, recency: Any, age: Any, horizon: float) -> FloatArray:
        """Expected orders of each customer in the next `horizon` units of time; one element per customer."""
        from scipy.special import hyp2f1

        x, last, total = as_floats(frequency), as_floats(recency), as_floats(age)
        ratio = horizon / (self.alpha + total + horizon)
        gauss = hyp2f1(self.r + x, self.b + x, self.a + self.b + x - 1, ratio)
        growth = 1 - ((self.alpha + total) / (self.alpha + total + horizon)) ** (self.r + x) * gauss
        scale = (self.a + self.b + x - 1) / (self.a - 1)
        return np.asarray(scale * growth / (1 + self._odds_stopped(x, last, total)), dtype=np.float64)

    def probability_active(self, frequency: Any, recency: Any, age: Any) -> FloatArray:
        """Probability that each customer has not stopped, 0-1; one element per customer."""
        odds = self._odds_stopped(as_floats(frequency), as_floats(recency), as_floats(age))
        return np.asarray(1 / (1 + odds), dtype=np.float64)

    def _odds_stopped(self, x: FloatArray, last: FloatArray, total: FloatArray) -> FloatArray:
        base = (self.alpha + total) / (self.alpha + last)
        share = self.a / (self.b + np.maximum(x, 1) - 1)
        return np.asarray(np.where(x > 0, share * base ** (self.r + x), 0.0), dtype=np.float64)


def fit_bg_nbd(frequency: Any, recency: Any, age: Any) -> BgNbd:
    """Fit by maximum likelihood. One element per customer, any order.

    frequency: repeat orders (the first is not counted). recency: time from first to last order, 0 without
    repeats. age: time from the first order to the date of observation. Raises `CannotEstimate`:
    no_observations, no_events (nobody came back), missing_values, not_converged; `ValueError` unless 0 <=
    recency <= age and frequency >= 0.
    """
    from scipy.optimize import minimize

    x, last, total = as_floats(frequency), as_floats(recency), as_floats(age)
    _check(x, last, total)
    unit = float(total.max())  # time is scaled inside, so that its unit does not matter
    last, total = last / unit, total / unit

    def loss(logs: FloatArray) -> float:
        return -_log_likelihood(np.exp(logs), x, last, total) / len(x)

    bounds = [(-8.0, 8.0)] * 4
    starts = (np.zeros(4), np.array([-1.0, -1.0, 0.0, 1.0]))
    fits = [
        minimize(
            loss,
            start,
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000},
        )
        for start in starts
    ]
    with np.errstate(invalid="ignore", over="ignore"):
        best = minimize(loss, min(fits, key=lambda fit: float(fit.fun)).x, method="Nelder-Mead",
                    options={"xatol": 1e-7, "fatol": 1e-13, "maxiter": 4000})  # fmt: skip
    if not math.isfinite(float(best.fun)):
        raise CannotEstimate("not_converged")
    r, alpha, a, b = (float(value) for value in np.exp(best.x))
    # a time unit of `unit` multiplies the density of every repeat order
    likelihood = -float(best.fun) * len(x) - float(x.sum()) * math.log(unit)
    return BgNbd(r=r, alpha=alpha * unit, a=a, b=b, log_likelihood=likelihood, n=len(x))


def _check(x: FloatArray, last: FloatArray, total: FloatArray) -> None:
    if not x.shape == last.shape == total.shape:
        raise ValueError("frequency, recency and age differ in length")
    if len(x) == 0:
        raise CannotEstimate("no_observations")
    if not bool((np.isfinite(x) & np.isfinite(last) & np.isfinite(total)).all()):
        raise CannotEstimate("missing_values")
    if (
        bool((x < 0).any())
        or bool((last < 0).any())
        or bool((last > total * (1 + 1e-9)).any())
        or total.max() <= 0
    ):
        raise ValueError("0 <= recency <= age and frequency >= 0 are needed")
    if x.sum() == 0:
        raise CannotEstimate("no_events")


def _log_likelihood(parameters: FloatArray, x: FloatArray, last: FloatArray, total: FloatArray) -> float:
    from scipy.special import betaln, gammaln

    r, alpha, a, b = parameters
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    active = betaln(a, b + x) - (r + x) * np.log(alpha + total)
    stopped = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + last)
    return float((common + np.where(x > 0, np.logaddexp(active, stopped), active)).sum())
