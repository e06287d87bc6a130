"""Who will order again, without contracts: Pareto/NBD, the cross-check of BG/NBD. Schmittlein, Morrison & Colombo 1987.

A customer orders at random at his own rate (gamma r, alpha) and stops for good at a random time at his own rate (gamma s,
beta), whether or not he has just ordered. Likelihood and expectations as in Fader & Hardie 2005, note 009.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
NODES, WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoNbd:
    """Fitted Pareto/NBD.

    r, alpha: gamma of the order rate. s, beta: gamma of the dropout rate; alpha and beta in the unit of time.
    log_likelihood. n: customers.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    n: int

    def probability_active(self, frequency: Any, recency: Any, age: Any) -> FloatArray:
        """Probability that each customer has not stopped, 0-1; one element per customer."""
        x, last, total = as_floats(frequency), as_floats(recency), as_floats(age)
        theta = np.log([self.r, self.alpha, self.s, self.beta])
        active, stopped = _log_parts(theta, x, last, total)
        return np.asarray(1 / (1 + np.exp(stopped - active)), dtype=np.float64)

    def expected_orders(self, frequency: Any, recency: Any, age: Any, horizon: float) -> FloatArray:
        """Expected orders of each customer in the next `horizon` units of time; one element per customer."""
        x, total = as_floats(frequency), as_floats(age)
        power = self.s - 1 if abs(self.s - 1) > 1e-6 else 1e-6
        reach = (1 - ((self.beta + total) / (self.beta + total + horizon)) ** power) / power
        rate = (self.r + x) * (self.beta + total) / (self.alpha + total)
        return np.asarray(rate * reach * self.probability_active(frequency, recency, age), dtype=np.float64)

    def orders_of_new(self, horizon: float) -> float:
        """Expected repeat orders of a new customer within `horizon` units of time."""
        power = self.s - 1 if abs(self.s - 1) > 1e-6 else 1e-6
        return float(self.r * self.beta / (self.alpha * power) * (1 - (self.beta / (self.beta + horizon)) ** power))


def fit_pareto_nbd(frequency: Any, recency: Any, age: Any) -> ParetoNbd:
    """Fit by maximum likelihood; arguments as in `repeat_buying.fit_bg_nbd`. One element per customer, any order.

    Raises `CannotEstimate`: no_observations, no_events (nobody came back), missing_values, not_converged.
    """
    from scipy.optimize import minimize

    x, last, total = as_floats(frequency), as_floats(recency), as_floats(age)
    if len(x) == 0:
        raise CannotEstimate("no_observations")
    if not bool((np.isfinite(x) & np.isfinite(last) & np.isfinite(total)).all()) or total.max() <= 0:
        raise CannotEstimate("missing_values")
    if x.sum() == 0:
        raise CannotEstimate("no_events")
    unit = float(total.max())  # time is scaled inside, so that its unit does not matter
    cells, times = np.unique(np.column_stack([x, last / unit, total / unit]), axis=0, return_counts=True)

    def loss(theta: FloatArray) -> float:
        value = -float(times @ np.logaddexp(*_log_parts(theta, *cells.T))) / len(x)
        return value if math.isfinite(value) else 1e9

    bounds = [(-8.0, 8.0)] * 4
    options = {"ftol": 1e-13, "gtol": 1e-8, "maxiter": 300}
    fits = [minimize(loss, start, method="L-BFGS-B", bounds=bounds, options=options) for start in (np.array([-0.5, -1.0, -0.5, -1.0]), np.zeros(4))]
    best = min(fits, key=lambda fit: float(fit.fun))
    if best.fun >= 1e9:
        raise CannotEstimate("not_converged")
    r, alpha, s, beta = (float(v) for v in np.exp(best.x))
    likelihood = -float(best.fun) * len(x) - float(x.sum()) * math.log(unit)
    return ParetoNbd(r=r, alpha=alpha * unit, s=s, beta=beta * unit, log_likelihood=likelihood, n=len(x))


def _log_parts(theta: FloatArray, x: FloatArray, last: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log-likelihood of each customer in two parts, still active and stopped, which add up on the plain scale."""
    from scipy.special import gammaln

    r, alpha, s, beta = (float(v) for v in np.exp(theta))
    common = gammaln(r + x) - gammaln(r) + r * math.log(alpha) + s * math.log(beta)
    active = common - (r + x) * np.log(alpha + total) - s * np.log(beta + total)
    stopped = common + math.log(s) + _log_a0((r, alpha, s, beta), x, last, total)
    return active, stopped


def _log_a0(parameters: tuple[float, float, float, float], x: FloatArray, last: FloatArray, total: FloatArray) -> FloatArray:
    """Logarithm of ∫ (alpha + u)^−(r + x) · (beta + u)^−(s + 1) du from the last order to the end of the observation.

    Note 009 writes it with hypergeometric functions, which overflow where customers differ little and are slow. Here time is
    taken on the logarithmic scale y = ln((m + u) / (m + last)), m = min(alpha, beta), with the nodes of Gauss–Legendre drawn
    towards its beginning, where the integrand may fall fast.
    """
    r, alpha, s, beta = parameters
    least = min(alpha, beta)
    start, reach = (least + last)[:, None], np.log((least + total) / (least + last))[:, None]
    grown = start * np.exp(reach * NODES**3)
    time = grown - least
    logs = np.log(grown) - (r + x)[:, None] * np.log(alpha + time) - (s + 1) * np.log(beta + time)
    largest = logs.max(axis=1)
    area = (np.exp(logs - largest[:, None]) * (WEIGHTS * 3 * NODES**2)).sum(axis=1) * reach[:, 0]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(area) + largest, dtype=np.float64)
