"""Maximum likelihood with analytic scores, and the same estimate on many resamples of the customers at once.

The resampled estimates are k-step ones: Newton steps from the full estimate with the full information (Davidson &
MacKinnon 1999; Andrews 2002, Econometrica 70(1)). A few steps cost a fraction of a fresh search and agree with it to higher
order.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from workbook.stats.arrays import FloatArray
from workbook.stats.errors import CannotEstimate

Terms = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Parameters (draws × k) → log-likelihood (draws × cases) and score (draws × cases × k)."""
LONGEST_STEP = 0.7
BOUND = 9.0


def maximise(terms: Terms, starts: tuple[FloatArray, ...], weights: FloatArray) -> tuple[FloatArray, float]:
    """Return the parameters of the highest weighted log-likelihood, and that likelihood.

    Parameters are logarithms, held within ±9. Raises `CannotEstimate`: not_converged.
    """
    from scipy.optimize import minimize

    total = float(weights.sum())

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        value, score = terms(theta[None, :])
        return -float(weights @ value[0]) / total, -(weights @ score[0]) / total

    bounds = [(-BOUND, BOUND)] * len(starts[0])
    rough = [minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-7, "maxiter": 60}) for start in starts]
    start = min(rough, key=lambda fit: float(fit.fun)).x
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 300})
    if not math.isfinite(float(best.fun)):
        raise CannotEstimate("not_converged")
    return np.asarray(best.x, dtype=np.float64), -float(best.fun) * total


def resample(terms: Terms, theta: FloatArray, weights: FloatArray, steps: int = 6) -> FloatArray:
    """Return the parameters on each resample. weights: draws × cases, how often a case is drawn. Shape draws × k.

    A step that lowers a resample's likelihood is taken back and tried at a quarter. A direction in which the likelihood is all
    but flat gets no step: it moves no prediction either.
    """
    inverse = _inverse_information(terms, theta)
    current = np.tile(theta, (len(weights), 1))
    value, gradient = _weighted(terms, current, weights)
    length = np.ones((len(weights), 1))
    for _ in range(steps):
        move = gradient @ inverse
        move *= np.minimum(1.0, LONGEST_STEP / np.maximum(np.abs(move).max(axis=1, keepdims=True), 1e-300))
        tried = np.clip(current + length * move, -BOUND, BOUND)
        new_value, new_gradient = _weighted(terms, tried, weights)
        better = (new_value >= value)[:, None]
        current, value = np.where(better, tried, current), np.where(better[:, 0], new_value, value)
        gradient, length = np.where(better, new_gradient, gradient), np.where(better, np.minimum(1.0, 2 * length), length / 4)
    return current


def _weighted(terms: Terms, thetas: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    value, score = terms(thetas)
    return (weights * value).sum(axis=1), np.einsum("bn,bnk->bk", weights, score)


def _inverse_information(terms: Terms, theta: FloatArray) -> FloatArray:
    width, step = len(theta), 1e-4
    moved = np.concatenate([theta + step * np.eye(width), theta - step * np.eye(width)])
    _, score = terms(moved)
    gradient = score.sum(axis=1)
    information = -(gradient[:width] - gradient[width:]) / (2 * step)
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    least = max(float(values.max()), 1e-12) * 1e-7
    kept = np.where(values > least, 1 / np.maximum(values, least), 0.0)
    return np.asarray((vectors * kept) @ vectors.T, dtype=np.float64)
