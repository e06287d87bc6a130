"""What a customer spends per purchase: Gamma–Gamma. Fader & Hardie 2013, note 025; Fader, Hardie & Lee 2005, JMR 42(4).

Each purchase of a customer varies around his own mean (gamma p, ν), and ν varies between customers (gamma q, v). A
customer's expected spend is his own mean pulled towards the common one, the more the fewer purchases he made. It assumes
that how much is spent does not go with how often.
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
class GammaGamma:
    """Fitted Gamma–Gamma.

    p: shape of one customer's purchases. q, v: gamma of the customers' rates; v in the unit of money. log_likelihood. n:
    customers.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    n: int

    @property
    def mean(self) -> float:
        """Expected spend per purchase of a customer not yet seen; NaN unless q > 1."""
        return float(mean_spend(np.log([[self.p, self.q, self.v]]))[0])

    def expected(self, count: Any, mean: Any) -> FloatArray:
        """Expected spend per purchase of each customer given his purchases and their mean; one element per customer."""
        x, m = as_floats(count), as_floats(mean)
        return np.asarray(self.p * (self.v + x * m) / (self.p * x + self.q - 1), dtype=np.float64)


def fit_gamma_gamma(count: Any, mean: Any) -> GammaGamma:
    """Fit by maximum likelihood. One element per customer: number of purchases and their mean, any order.

    Raises `CannotEstimate`: no_observations, missing_values, not_positive (a mean of zero or less), no_variation (all means
    the same), no_events (nobody bought twice: own and common spread cannot be told apart), not_converged.
    """
    x, m = _checked(count, mean)
    unit = float(np.median(m))  # money is scaled inside, so that its unit does not matter
    starts = (np.log([2.0, 3.0, 2.0]), np.log([6.0, 4.0, 1.0]), np.log([1.0, 10.0, 9.0]))
    theta, value = maximise(_terms(x, m / unit), starts, np.ones(len(x)))
    p, q, v = np.exp(theta)
    return GammaGamma(p=float(p), q=float(q), v=float(v) * unit, log_likelihood=value - len(x) * math.log(unit), n=len(x))


def resampled_gamma_gamma(fit: GammaGamma, count: Any, mean: Any, weights: FloatArray) -> FloatArray:
    """Return log p, log q, log v on each resample of the customers. weights: draws × customers. Shape draws × 3."""
    x, m = _checked(count, mean)
    unit = float(np.median(m))
    thetas = resample(_terms(x, m / unit), np.log([fit.p, fit.q, fit.v / unit]), weights)
    thetas[:, 2] += math.log(unit)
    return thetas


def mean_spend(thetas: FloatArray) -> FloatArray:
    """Return the expected spend per purchase of a new customer for each row of log p, log q, log v; NaN where q <= 1."""
    p, q, v = np.exp(thetas).T
    return np.where(q > 1, p * v / np.where(q > 1, q - 1, 1.0), np.nan)


def _checked(count: Any, mean: Any) -> tuple[FloatArray, FloatArray]:
    x, m = as_floats(count), as_floats(mean)
    if x.shape != m.shape or bool((x < 1).any()):
        raise ValueError("count and mean differ in length, or a count is below 1")
    if len(x) == 0:
        raise CannotEstimate("no_observations")
    if not bool((np.isfinite(x) & np.isfinite(m)).all()):
        raise CannotEstimate("missing_values")
    if bool((m <= 0).any()):
        raise CannotEstimate("not_positive")
    if float(np.ptp(m)) <= 1e-12 * float(m.max()):
        raise CannotEstimate("no_variation")
    if x.max() < 2:
        raise CannotEstimate("no_events")
    return x, m


def _terms(x: FloatArray, m: FloatArray) -> Terms:
    from scipy.special import digamma, gammaln

    money, log_total = x * m, np.log(x * m)

    def terms(thetas: FloatArray) -> tuple[FloatArray, FloatArray]:
        p, q, v = (column[:, None] for column in np.exp(thetas).T)
        shape = p * x
        log_sum = np.log(v + money)
        value = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v) + shape * log_total - np.log(m) - (shape + q) * log_sum
        both = digamma(shape + q)
        score = np.stack([
            shape * (both - digamma(shape) + log_total - log_sum),
            q * (both - digamma(q) + np.log(v) - log_sum),
            q - v * (shape + q) / (v + money),
        ], axis=-1)  # fmt: skip
        return value, score

    return terms
