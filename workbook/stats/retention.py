"""How long customers under contract stay: shifted beta-geometric (sBG). Fader & Hardie 2007, J. Interactive
Mktg 21(1).

Every customer leaves with his own constant probability per period; these differ between customers as a beta
distribution, so that the retention rate of a cohort rises although nobody becomes more loyal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate

SPREADS = (1e-4, 1e2)


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
    left), no_variation (all left at once); `ValueError` if the numbers rise or are not positive at the start.
    """
    left = as_floats(remaining)
    if len(left) < 3:
        raise CannotEstimate("too_few_observations", f"{len(left)} points")
    if (
        not bool((np.isfinite(left) & (left >= 0)).all())
        or left[0] <= 0
        or bool((np.diff(left) > 1e-9 * left[0]).any())
    ):
        raise ValueError("remaining must start above 0 and never rise")
    return fit_sbg_counts(np.maximum(-np.diff(left), 0.0), left[1:], float(left[0]))


def fit_sbg_counts(lost: Any, stayed: Any, n: float) -> Sbg:
    """Fit by maximum likelihood to customers of any start: how many left and how many stayed in their period 1, 2, ….

    Who is not observed to the end of a period is in neither count of it. n: customers at the start. Raises
    `CannotEstimate`: too_few_observations (fewer than two periods), no_events, no_variation (all left at once).
    """
    gone, kept = as_floats(lost), as_floats(stayed)
    if len(gone) < 2:
        raise CannotEstimate("too_few_observations", f"{len(gone)} periods")
    if gone.sum() == 0 or kept.sum() == 0:
        raise CannotEstimate("no_events" if gone.sum() == 0 else "no_variation")
    mean, spread = fit_hazards(gone[None, :], kept[None, :])
    hazard = mean[0] / (1 + spread[0] * np.arange(len(gone)))
    with np.errstate(divide="ignore"):
        value = float(gone @ np.log(hazard) + kept @ np.log1p(-hazard))
    return Sbg(alpha=float(mean[0] / spread[0]), beta=float((1 - mean[0]) / spread[0]), log_likelihood=value, n=n,
               log_likelihood_per_customer=value / n, periods=len(gone))  # fmt: skip


def fit_hazards(lost: FloatArray, stayed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fit many sBG at once: leaving probability in the first period, and how much customers differ. Shapes: draws × periods.

    The share leaving in period t is mean / (1 + spread·(t − 1)), with mean = α / (α + β) and spread = 1 / (α + β): the
    likelihood needs no beta function. Given the spread, the mean is found by bisection; the spread on ever finer grids. A
    spread of 0.0001 stands for none (all customers alike). Nobody lost: mean 0.
    """
    grid = np.log(np.geomspace(*SPREADS, 33))[None, :].repeat(len(lost), axis=0)
    for _ in range(5):
        value, mean = _profile(lost, stayed, np.exp(grid))
        best = value.argmax(axis=1)
        rows = np.arange(len(lost))
        found, spread = mean[rows, best], np.exp(grid[rows, best])
        low, high = (grid[rows, np.clip(best + side, 0, grid.shape[1] - 1)] for side in (-1, 1))
        grid = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 11)
    return found, spread


def _profile(lost: FloatArray, stayed: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Highest log-likelihood and its mean for each spread. spread: draws × grid; both results have that shape."""
    share = 1 / (1 + spread[:, :, None] * np.arange(lost.shape[1]))
    gone, kept = lost[:, None, :], stayed[:, None, :]
    total = lost.sum(axis=1)[:, None]
    low, high = np.zeros_like(spread), np.ones_like(spread)
    for _ in range(34):
        middle = (low + high) / 2
        rising = total > (kept * share * middle[:, :, None] / (1 - share * middle[:, :, None])).sum(axis=2)
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    mean = np.where(total > 0, (low + high) / 2, 0.0)
    hazard = np.clip(share * mean[:, :, None], 1e-300, 1 - 1e-12)
    return (gone * np.log(hazard) + kept * np.log1p(-hazard)).sum(axis=2), mean


def survival_of(mean: FloatArray, spread: FloatArray, periods: int) -> FloatArray:
    """Share still a customer after 0 … `periods` periods for each fit. Shape draws × (periods + 1), starts at 1."""
    stays = 1 - mean[:, None] / (1 + spread[:, None] * np.arange(periods))
    return np.concatenate([np.ones((len(mean), 1)), np.cumprod(stays, axis=1)], axis=1)
