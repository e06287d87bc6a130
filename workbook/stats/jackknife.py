"""Standard error, degrees of freedom and interval of a linear comparison of few units, by leaving out one unit at a time.

The spread of the leave-one-out estimates is corrected to be unbiased under a working covariance (variance inverse to weight), and
gets the Satterthwaite degrees of freedom that it has there: the idea of Bell & McCaffrey 2002, carried over to estimators that
are linear in the outcome but not a coefficient of one regression. MacKinnon, Nielsen & Webb 2023 on the jackknife.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbook.stats.arrays import FloatArray, t_quantile, two_sided_t

ALIKE = 1e-9  # a standard error below this part of the outcome is rounding: all units moved alike to the last digit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Jackknifed:
    """One estimate. without: length units, the estimate without each. influence: units x periods, the cells' weights. variance: the
    same shape, of the working covariance. shifts: units x cells, how leaving a unit out changes the influence, in working errors.
    factor: standard error / root of the sum of squared shifts of the estimate.
    """

    estimate: float
    standard_error: float
    dof: float
    without: FloatArray
    influence: FloatArray
    variance: FloatArray
    shifts: FloatArray
    factor: float

    def span(self, level: float) -> tuple[float, float]:
        """Return the interval at `level`."""
        half = t_quantile(0.5 + level / 2, self.dof) * self.standard_error
        return self.estimate - half, self.estimate + half

    def p_value(self) -> float:
        """Return the two-sided p-value of no effect; NaN without spread."""
        return two_sided_t(self.estimate / self.standard_error if self.standard_error > 0 else math.nan, self.dof)


def jackknife(values: FloatArray, influence: FloatArray, variance: FloatArray, scale: float) -> Jackknifed:
    """Judge an estimate. values: estimate, then without each unit (NaN: nothing left). influence: the same by cells: 1 + units
    x units x periods. variance: units x periods, of the working covariance. scale: size of the outcome, below whose rounding there is no
    spread.
    """
    units = len(values) - 1
    if not np.isfinite(values[0]):
        nothing = np.full_like(variance, math.nan)
        return Jackknifed(estimate=math.nan, standard_error=math.nan, dof=math.nan, without=values[1:], influence=nothing,
                          variance=variance, shifts=np.empty((units, 0)), factor=math.nan)  # fmt: skip
    change = values[1:] - values[0]
    shifts = ((influence[1:] - influence[0]) * np.sqrt(variance)).reshape(units, -1)
    cross = shifts @ shifts.T
    expected, square = float(np.trace(cross)), float((cross**2).sum())
    true = float((influence[0] ** 2 * variance).sum())
    factor = math.sqrt(true / expected) if expected > 0 else math.nan
    error = factor * math.sqrt(float((change**2).sum()))
    if not error > ALIKE * max(scale, ALIKE):
        error = math.nan
    return Jackknifed(
        estimate=float(values[0]), standard_error=error, dof=expected**2 / square if square > 0 else math.nan, without=values[1:],
        influence=influence[0], variance=variance, shifts=shifts, factor=factor,
    )  # fmt: skip


def leave_one_out(cells: FloatArray) -> FloatArray:
    """Return the cells, then the cells without each unit: 1 + units x units x periods."""
    kept = 1.0 - np.eye(len(cells))[:, :, None]
    return np.concatenate([cells[None], cells[None] * kept])


def detectable_by_simulation(found: Jackknifed, blocks: FloatArray, draws: int, seed: int, level: float, power: float = 0.8) -> float:
    """Return the smallest effect that the estimate's test at `level` finds with probability `power` on this very panel.

    blocks: units x periods, residuals in working errors. In each draw whole units' residuals are dealt out anew among the
    units, with a random sign, so that what hangs together over time stays together; the effect is added and the test made. NaN
    without spread.
    """
    if not (math.isfinite(found.standard_error) and found.dof > 0):
        return math.nan
    rng, units = np.random.default_rng(seed), len(blocks)
    order = rng.permuted(np.tile(np.arange(units), (draws, 1)), axis=1)
    worlds = (blocks[order] * rng.choice([-1.0, 1.0], (draws, units, 1))).reshape(draws, -1)
    estimates = worlds @ (found.influence * np.sqrt(found.variance)).ravel()
    errors = found.factor * np.sqrt(((worlds @ found.shifts.T) ** 2).sum(axis=1))
    return float(np.quantile(t_quantile(0.5 + level / 2, found.dof) * errors - estimates, power))
