"""Turn array-likes into checked numpy arrays, and quantiles of the usual distributions (scipy loaded on
use).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def as_floats(values: Any) -> FloatArray:
    """Return a one-dimensional float copy; None, NA and NaN become NaN. Raises `ValueError` on other
    shapes.
    """
    to_numpy = getattr(values, "to_numpy", None)
    if to_numpy is not None:
        array = np.array(to_numpy(dtype="float64", na_value=np.nan), dtype="float64")
    else:
        items = values if isinstance(values, np.ndarray) else list(values)
        array = np.array(items, dtype="float64")
    if array.ndim != 1:
        raise ValueError(f"one dimension is needed, got {array.ndim}")
    return array


def as_codes(labels: Any) -> tuple[IntArray, int]:
    """Number labels 0 ... k-1; returns codes and k. A missing label becomes a label of its own per row.

    Why: rows without an owner are not known to be alike, so each counts as its own cluster.
    """
    import pandas as pd

    codes, uniques = pd.factorize(np.asarray(labels, dtype=object), use_na_sentinel=True)
    codes = np.asarray(codes, dtype=np.int64)
    missing = codes < 0
    codes[missing] = len(uniques) + np.arange(int(missing.sum()))
    return codes, int(len(uniques) + missing.sum())


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal."""
    from scipy.special import ndtri

    return float(ndtri(probability))


def t_quantile(probability: float, dof: float) -> float:
    """Quantile of Student's t; the normal one for infinite `dof`, NaN for dof <= 0."""
    from scipy.special import stdtrit

    if math.isinf(dof):
        return normal_quantile(probability)
    return float(stdtrit(dof, probability)) if dof > 0 else math.nan


def two_sided_t(statistic: float, dof: float) -> float:
    """Two-sided p-value of a t statistic; normal for infinite `dof`, NaN where not defined."""
    from scipy.special import ndtr, stdtr

    if math.isnan(statistic) or not dof > 0:
        return math.nan
    tail = ndtr(-abs(statistic)) if math.isinf(dof) else stdtr(dof, -abs(statistic))
    return float(2.0 * tail)


def chi2_tail(statistic: float, dof: float) -> float:
    """Upper tail of chi-square; NaN where not defined."""
    from scipy.special import chdtrc

    if math.isnan(statistic) or not dof > 0:
        return math.nan
    return float(chdtrc(dof, max(statistic, 0.0)))


def f_tail(statistic: float, dof: tuple[float, float]) -> float:
    """Upper tail of Fisher's F with (numerator, denominator) degrees of freedom; NaN where not defined."""
    from scipy.special import fdtrc

    if math.isnan(statistic) or not min(dof) > 0:
        return math.nan
    return float(fdtrc(dof[0], dof[1], max(statistic, 0.0)))


def two_sided_normal(statistic: float) -> float:
    """Two-sided p-value of a normal statistic; NaN stays NaN."""
    return math.erfc(abs(statistic) / math.sqrt(2))
