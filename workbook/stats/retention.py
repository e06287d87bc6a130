"""How long customers under contract stay: shifted beta-geometric (sBG). Fader & Hardie 2007, J. Interactive
Mktg 21(1).

Every customer leaves with his own constant probability per period; these differ between customers as a beta
distribution, so that the retention rate of a cohort rises although nobody becomes more loyal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Sbg:
    """Fitted sBG.

    alpha, beta: of the beta distribution of the leaving probability. log_likelihood: of the counts given.
    log_likelihood_per_customer: divided by customers at the start. n: customers at the start (100 for per
    cent). periods: periods seen.
    """

    alpha: float
    beta: float
    log_likelihood: float
    log_likelihood_per_customer: float
    n: float
    periods: int

    def survival(self, periods: int) -> FloatArray:
        """Share still a customer after 0 ... `periods` periods; length periods + 1, starts at 1."""
        return np.concatenate([[1.0], np.cumprod(self.retention(periods))])

    def retention(self, periods: int) -> FloatArray:
        """Share of those left that stays in period 1 ... `periods`: (β + t − 1) / (α + β + t − 1)."""
        t = np.arange(1, periods + 1)
        return np.asarray((self.beta + t - 1) / (self.alpha + self.beta + t - 1), dtype=np.float64)


def fit_sbg(remaining: Any) -> Sbg:
    """Fit by maximum likelihood. `remaining`: customers (or per cent) left after 0, 1, 2 ... periods, one
    cohort.

    Raises `CannotEstimate`: too_few_observations (fewer than two periods after the start), no_events (nobody
    left), no_variation (all left at once), not_converged; `ValueError` if the numbers rise or are not
    positive at the start.
    """
    from scipy.optimize import minimize
    from scipy.special import betaln

    left = as_floats(remaining)
    if len(left) < 3:
        raise CannotEstimate("too_few_observations", f"{len(left)} points")
    if (
        not bool((np.isfinite(left) & (left >= 0)).all())
        or left[0] <= 0
        or bool((np.diff(left) > 1e-9 * left[0]).any())
    ):
        raise ValueError("remaining must start above 0 and never rise")
    lost, t = np.maximum(-np.diff(left), 0.0), np.arange(1, len(left))
    if lost.sum() == 0 or left[1] == 0:
        raise CannotEstimate("no_events" if lost.sum() == 0 else "no_variation")

    def loss(logs: FloatArray) -> float:
        a, b = np.exp(logs)
        leaving = betaln(a + 1, b + t - 1) - betaln(a, b)
        return -float(lost @ leaving + left[-1] * (betaln(a, b + t[-1]) - betaln(a, b)))

    fits = [
        minimize(
            loss, start, method="L-BFGS-B", bounds=[(-12, 14)] * 2, options={"ftol": 1e-14, "gtol": 1e-9}
        )
        for start in (np.zeros(2), np.array([-0.5, 1.5]), np.array([2.0, 4.0]))
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    if not math.isfinite(float(best.fun)):
        raise CannotEstimate("not_converged")
    alpha, beta = np.exp(best.x)
    return Sbg(alpha=float(alpha), beta=float(beta), log_likelihood=-float(best.fun), n=float(left[0]),
               log_likelihood_per_customer=-float(best.fun) / float(left[0]), periods=len(t))  # fmt: skip
