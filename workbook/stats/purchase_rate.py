"""Rates of many customers, each pulled towards the common one the more the shorter he is known: gamma–Poisson empirical Bayes.

count ~ Poisson(rate · exposure), rate ~ Gamma(shape, scale); Greenwood & Yule 1920. The purchase half of BG/NBD.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate
from workbook.stats.resampled_fit import Terms, maximise


def fit_gamma_poisson(count: Any, exposure: Any) -> tuple[float, float]:
    """Fit by maximum likelihood; returns shape and rate of the gamma (rate in the unit of exposure). One element per case.

    Raises `CannotEstimate`: no_observations, no_events; `ValueError` unless counts are >= 0 and exposures > 0.
    """
    x, time = as_floats(count), as_floats(exposure)
    if x.shape != time.shape or not bool(((x >= 0) & (time > 0)).all()):
        raise ValueError("counts of zero or more and exposures above zero are needed, one of each per case")
    if len(x) == 0 or x.sum() == 0:
        raise CannotEstimate("no_observations" if len(x) == 0 else "no_events")
    unit = float(time.max())
    start = np.log(max(float(x.sum() / time.sum()) * unit, 1e-3))
    theta, _ = maximise(_terms(x, time / unit), (np.array([0.0, -start]), np.array([2.0, 2.0 - start])), np.ones(len(x)))
    return float(np.exp(theta[0])), float(np.exp(theta[1])) * unit


def _terms(x: FloatArray, time: FloatArray) -> Terms:
    from scipy.special import digamma, gammaln

    def terms(thetas: FloatArray) -> tuple[FloatArray, FloatArray]:
        shape, rate = (column[:, None] for column in np.exp(thetas).T)
        value = gammaln(shape + x) - gammaln(shape) + shape * np.log(rate) - (shape + x) * np.log(rate + time) + x * np.log(time)
        score = np.stack([
            shape * (digamma(shape + x) - digamma(shape) + np.log(rate) - np.log(rate + time)), shape - (shape + x) * rate / (rate + time),
        ], axis=-1)  # fmt: skip
        return value, score

    return terms
