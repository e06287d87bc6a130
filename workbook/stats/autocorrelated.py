"""Regression coefficients of a short series whose neighbouring errors are alike.

Newey-West errors need long series: of a trend through 8–30 points with an autocorrelation of 0.7 they cover 70 % instead
of 95. Here errors follow ρ^distance, and the answer is averaged over what the series itself says about ρ: for each ρ of a
grid generalised least squares, weighted with the likelihood of ρ after coefficients and variance are integrated out (the
REML likelihood; flat prior for the coefficients, 1/σ for the variance, √(1 − ρ) for ρ). The interval is that of the
weighted mixture of t distributions. Zellner & Tiao 1964; Harville 1974. With ρ known to be 0 it is the textbook interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbook.stats.arrays import FloatArray
from workbook.stats.errors import CannotEstimate

GRID = np.linspace(0.0, 0.95, 20)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mixture:
    """A t distribution per autocorrelation and its weight. centre, scale, weight: one element per ρ of `GRID`; dof: of all."""

    centre: FloatArray
    scale: FloatArray
    weight: FloatArray
    dof: float

    @property
    def mean(self) -> float:
        """The estimate: mean of the mixture."""
        return float(self.weight @ self.centre)

    def below(self, value: float) -> float:
        """Probability of lying below a value."""
        from scipy.special import stdtr

        if not float(self.scale.max()) > 0:
            return 0.5 if value == self.mean else float(value > self.mean)
        return float(self.weight @ stdtr(self.dof, (value - self.centre) / self.scale))

    def p_value(self, value: float = 0.0) -> float:
        """Two-sided: how surprising a true `value` would be."""
        part = self.below(value)
        return min(2 * min(part, 1 - part), 1.0)

    def interval(self, level: float) -> tuple[float, float]:
        """The limits that leave out the same probability on both sides."""
        return self._quantile((1 - level) / 2), self._quantile((1 + level) / 2)

    @property
    def standard_error(self) -> float:
        """Root of the mixture's mean squared scale: of the estimate, ρ unknown."""
        return math.sqrt(float(self.weight @ (self.scale**2 + (self.centre - self.mean) ** 2)))

    def _quantile(self, probability: float) -> float:
        from scipy.special import stdtrit

        if not float(self.scale.max()) > 0:
            return self.mean
        each = self.centre + self.scale * stdtrit(self.dof, probability)
        low, high = float(each.min()), float(each.max())
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < probability else (low, middle)
        return (low + high) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AutocorrelatedFit:
    """Least squares for each ρ of `GRID`.

    weight: of each ρ, adds up to 1. coefficients: ρ × k. variance: of one error, per ρ. inverse: ρ × k × k, covariance of the
    coefficients over the variance. dof: n − k.
    """

    weight: FloatArray
    coefficients: FloatArray
    variance: FloatArray
    inverse: FloatArray
    dof: float

    def coefficient(self, position: int) -> Mixture:
        """One coefficient."""
        scale = np.sqrt(self.variance * self.inverse[:, position, position])
        return Mixture(centre=self.coefficients[:, position], scale=scale, weight=self.weight, dof=self.dof)

    def difference(self, value: float, distance: float) -> Mixture:
        """What two points `distance` apart differ by, seen as `value`, each with its own error."""
        scale = np.sqrt(2 * self.variance * (1 - GRID**distance))
        return Mixture(centre=np.full(len(GRID), value), scale=scale, weight=self.weight, dof=self.dof)

    @property
    def autocorrelation(self) -> float:
        """The mean of ρ."""
        return float(self.weight @ GRID)


def autocorrelated_fit(times: FloatArray, design: FloatArray, y: FloatArray) -> AutocorrelatedFit:
    """Fit. times: of the rows, distances in any unit but read as periods; design: n × k. Raises `CannotEstimate` below k + 2."""
    n, k = design.shape
    if n < k + 2:
        raise CannotEstimate("too_few_observations", f"{n} points for {k} coefficients")
    root = np.linalg.cholesky(GRID[:, None, None] ** np.abs(times[:, None] - times[None, :]))
    rows = np.linalg.solve(root, np.broadcast_to(np.column_stack([design, y]), (len(GRID), n, k + 1)))
    x, target = rows[:, :, :k], rows[:, :, k]
    cross = np.swapaxes(x, 1, 2) @ x
    inverse = np.linalg.inv(cross)
    coefficients = (inverse @ np.swapaxes(x, 1, 2) @ target[:, :, None])[:, :, 0]
    squares = ((target - (x @ coefficients[:, :, None])[:, :, 0]) ** 2).sum(axis=1)
    if float(squares.max()) <= 1e-18 * max(float(y @ y), 1e-300):
        return AutocorrelatedFit(weight=np.eye(len(GRID))[0], coefficients=coefficients, variance=np.zeros(len(GRID)), inverse=inverse, dof=float(n - k))
    log = -np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1) - np.linalg.slogdet(cross)[1] / 2 - (n - k) / 2 * np.log(squares)
    log += np.log1p(-GRID) / 2
    weight = np.exp(log - log.max())
    return AutocorrelatedFit(
        weight=weight / weight.sum(), coefficients=coefficients, variance=squares / (n - k), inverse=inverse, dof=float(n - k)
    )
