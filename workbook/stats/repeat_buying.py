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
from workbook.stats.resampled_fit import Terms, maximise, resample


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
    x, last, total = as_floats(frequency), as_floats(recency), as_floats(age)
    _check(x, last, total)
    unit = float(total.max())  # time is scaled inside, so that its unit does not matter
    starts = (np.zeros(4), np.array([-1.0, -1.0, 0.0, 1.0]), np.array([0.0, -1.0, -1.0, 2.0]))
    theta, value = maximise(_terms(x, last / unit, total / unit), starts, np.ones(len(x)))
    r, alpha, a, b = (float(v) for v in np.exp(theta))
    # a time unit of `unit` multiplies the density of every repeat order
    return BgNbd(r=r, alpha=alpha * unit, a=a, b=b, log_likelihood=value - float(x.sum()) * math.log(unit), n=len(x))


def resampled_bg_nbd(fit: BgNbd, customers: tuple[Any, Any, Any], weights: FloatArray) -> FloatArray:
    """Return log r, log alpha, log a, log b on each resample of the customers. Shape draws × 4.

    customers: frequency, recency, age as fitted. weights: draws × customers, how often each is drawn.
    """
    x, last, total = (as_floats(part) for part in customers)
    unit = float(total.max())
    theta = np.log([fit.r, fit.alpha / unit, fit.a, fit.b])
    thetas = resample(_terms(x, last / unit, total / unit), theta, weights)
    thetas[:, 1] += math.log(unit)
    return thetas


def orders_of_new(thetas: FloatArray, times: Any) -> FloatArray:
    """Expected repeat orders of a new customer up to each time. thetas: rows of log r, log alpha, log a, log b.

    Shape rows × times. Equation 9 of the paper.
    """
    from scipy.special import hyp2f1

    r, alpha, a, b = (column[:, None] for column in np.exp(thetas).T)
    a = np.where(np.abs(a - 1) < 1e-6, 1 + 1e-6, a)
    t = as_floats(times)[None, :]
    gauss = hyp2f1(r, b, a + b - 1, t / (alpha + t))
    return np.asarray((a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * gauss), dtype=np.float64)


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


def _terms(x: FloatArray, last: FloatArray, total: FloatArray) -> Terms:
    from scipy.special import betaln, digamma, gammaln

    counts, place = np.unique(x, return_inverse=True)
    came_back = x > 0
    before = np.maximum(counts, 1) - 1

    def terms(thetas: FloatArray) -> tuple[FloatArray, FloatArray]:
        r, alpha, a, b = (column[:, None] for column in np.exp(thetas).T)
        until, since = np.log(alpha + total), np.log(alpha + last)
        power = r + x
        active = betaln(a, b + counts)[:, place] - power * until
        stopped = np.where(came_back, betaln(a + 1, b + before)[:, place] - power * since, -np.inf)
        both = np.logaddexp(active, stopped)
        alive = np.exp(active - both)
        gone = 1 - alive
        common = gammaln(r + counts) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
        sums = digamma(a + b + counts)[:, place]
        score = np.stack([
            r * ((digamma(r + counts) - digamma(r))[:, place] + np.log(alpha) - alive * until - gone * since),
            r - power * alpha * (alive / (alpha + total) + gone / (alpha + last)),
            a * (digamma(a + b) - sums + gone / a),
            b * (digamma(a + b) - digamma(b) - sums + alive * digamma(b + counts)[:, place] + gone * digamma(b + before)[:, place]),
        ], axis=-1)  # fmt: skip
        return common[:, place] + both, score

    return terms
