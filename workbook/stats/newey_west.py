"""Standard errors of least squares when neighbouring residuals are alike. Newey & West 1987."""

from __future__ import annotations

import math

import numpy as np

from workbook.stats.arrays import FloatArray


def default_lags(n: int) -> int:
    """Lags for n points: ⌊4(n/100)^(2/9)⌋, at least 1 (Newey & West 1994)."""
    return max(1, math.floor(4.0 * math.pow(n / 100, 2 / 9)))


def newey_west_covariance(design: FloatArray, residual: FloatArray, bread: FloatArray, lags: int) -> FloatArray:
    """Covariance of the coefficients; rows in time order. Bartlett weights, small-sample factor n / (n − k).

    design: n x k. residual: n. bread: inverse of design' design, k x k.
    """
    n, k = design.shape
    score = design * residual[:, None]
    meat = score.T @ score
    for lag in range(1, min(lags, n - 1) + 1):
        cross = score[lag:].T @ score[:-lag]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    return np.asarray(bread @ meat @ bread * n / (n - k), dtype=np.float64)


def newey_west_errors(design: FloatArray, residual: FloatArray, bread: FloatArray, lags: int) -> FloatArray:
    """Error per coefficient; see `newey_west_covariance`."""
    variances = np.diag(newey_west_covariance(design, residual, bread, lags))
    return np.asarray(np.sqrt(np.maximum(variances, 0.0)), dtype=np.float64)
