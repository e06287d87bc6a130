"""Rates of many groups, each pulled towards the common rate the more the fewer cases it has.

Beta-binomial empirical Bayes (Efron & Morris 1975; Kleinman 1973): rate_g ~ Beta(a, b), successes_g ~
Binomial(n_g, rate_g), a and b by maximum likelihood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.interval import check_level
from workbook.stats.proportion import wilson

MAX_PRIOR = 1e4  # a prior worth more cases than this is the same as no difference between groups


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShrunkenRates:
    """Shrunken rates.

    table: one row per group in the order given: successes, n, raw_share (NaN for n = 0), shrunken_share, low,
    high. prior_a, prior_b: fitted beta parameters, NaN if pooled. pooled_share: all successes / all cases.
    intraclass: 1 / (a + b + 1), how alike cases of one group are; 0 if pooled. level: confidence. method:
    "beta_binomial" or "pooled" (no variance between groups beyond chance: every group gets the pooled rate
    and its Wilson interval). p_value: likelihood-ratio test of no difference between groups. reason: key of
    `errors.REASONS` or None.
    """

    table: pd.DataFrame
    prior_a: float
    prior_b: float
    pooled_share: float
    intraclass: float
    level: float
    method: str
    p_value: float
    reason: str | None = None


def shrink_rates(successes: Any, n: Any, level: float = 0.95) -> ShrunkenRates:
    """Shrink group rates towards the common rate. Arrays: one element per group, any order.

    The interval is the equal-tailed posterior one, widened for the uncertainty of the fitted mean (delta
    method). Under two groups with cases, all outcomes the same or no variance between groups beyond chance:
    pooled rate. Raises `ValueError` unless 0 <= successes <= n.
    """
    check_level(level)
    won, size = as_floats(successes), as_floats(n)
    if won.shape != size.shape or not bool((np.isfinite(size) & (won >= 0) & (won <= size)).all()):
        raise ValueError("counts must satisfy 0 <= successes <= n, one of each per group")
    filled, total = size > 0, float(size.sum())
    pooled = float(won.sum()) / total if total else math.nan
    reason = "no_observations" if not total else "one_group" if filled.sum() < 2 else None
    reason = reason or (None if 0 < pooled < 1 else "no_variation")
    raw = np.divide(won, size, out=np.full_like(size, np.nan), where=filled)
    table = pd.DataFrame({"successes": won, "n": size, "raw_share": raw})
    fitted = (pooled, 0.0, math.nan) if reason else _fit(won[filled], size[filled])
    if fitted[1] <= 1 / MAX_PRIOR:
        span = wilson(float(won.sum()), total, level)
        table = table.assign(shrunken_share=pooled, low=span.low, high=span.high)
        return ShrunkenRates(
            table=table,
            prior_a=math.nan,
            prior_b=math.nan,
            pooled_share=pooled,
            intraclass=0.0,
            level=level,
            method="pooled",
            p_value=fitted[2],
            reason=reason,
        )
    prior = (1 - fitted[1]) / fitted[1]
    shrunken, low, high = _posterior(won, size, (fitted[0], prior), level)
    return ShrunkenRates(
        table=table.assign(shrunken_share=shrunken, low=low, high=high),
        prior_a=fitted[0] * prior,
        prior_b=(1 - fitted[0]) * prior,
        pooled_share=pooled,
        intraclass=fitted[1],
        level=level,
        method="beta_binomial",
        p_value=fitted[2],
    )


def _fit(won: FloatArray, size: FloatArray) -> tuple[float, float, float]:
    """Maximum likelihood of (mean, intraclass correlation) and the p-value of no difference (half
    chi-square).
    """
    from scipy.optimize import minimize
    from scipy.special import betaln, expit, logit

    pooled = float(won.sum() / size.sum())

    def loss(parameters: FloatArray) -> float:
        mean, strength = float(expit(parameters[0])), math.exp(float(parameters[1]))
        a, b = mean * strength, (1 - mean) * strength
        return -float((betaln(won + a, size - won + b) - betaln(a, b)).sum())

    null = -float((won * math.log(pooled) + (size - won) * math.log(1 - pooled)).sum())
    bounds = [(-12.0, 12.0), (math.log(1e-2), math.log(MAX_PRIOR))]
    starts = [np.array([float(logit(pooled)), math.log(s)]) for s in (1.0, 20.0, 500.0)]
    best = min(
        (minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts),
        key=lambda f: float(f.fun),
    )
    gain = 2 * (null - float(best.fun))
    if gain <= 1e-6 or best.x[1] >= bounds[1][1] - 1e-3:
        return pooled, 0.0, 1.0
    from workbook.stats.arrays import chi2_tail

    return float(expit(best.x[0])), 1 / (1 + math.exp(float(best.x[1]))), chi2_tail(gain, 1.0) / 2


def _posterior(
    won: FloatArray, size: FloatArray, prior: tuple[float, float], level: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Posterior mean and interval; the prior mean's own error enters by the share of the prior in the
    estimate.
    """
    from scipy.special import betaincinv

    mean, strength = prior
    weight = strength / (strength + size)
    shrunken = weight * mean + (1 - weight) * np.divide(won, size, out=np.zeros_like(size), where=size > 0)
    posterior = shrunken * (1 - shrunken) / (strength + size + 1)
    information = (size * (strength + 1) / (strength + size)).sum()
    variance = posterior + weight**2 * mean * (1 - mean) / information
    total = shrunken * (1 - shrunken) / variance - 1
    low = betaincinv(shrunken * total, (1 - shrunken) * total, 0.5 - level / 2)
    high = betaincinv(shrunken * total, (1 - shrunken) * total, 0.5 + level / 2)
    return shrunken, np.asarray(low), np.asarray(high)
