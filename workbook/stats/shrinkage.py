"""Rates of many groups, each pulled towards the common rate the more the fewer cases it has.

Beta-binomial empirical Bayes (Efron & Morris 1975; Kleinman 1973): rate_g ~ Beta(a, b), successes_g ~
Binomial(n_g, rate_g), a and b by maximum likelihood. With few groups a and b are guesses, and intervals that take them for known
hold the truth too seldom (88 % instead of 95); so the intervals are those of the posterior over common rate and strength as well,
under the uniform shrinkage prior (Daniels 1999; Christiansen & Morris 1997).
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
STRENGTHS, RATES, FAR = 24, 13, 4.0  # grid of the posterior: strengths, common rates, and how many standard errors these reach
HALVINGS = 30
NEGLIGIBLE = 1e-6  # share of a strength below which it says nothing about an end of 95 %


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShrunkenRates:
    """Shrunken rates.

    table: one row per group in the order given: successes, n, raw_share (NaN for n = 0), shrunken_share, low,
    high. prior_a, prior_b: fitted beta parameters, NaN if pooled. pooled_share: all successes / all cases.
    intraclass: 1 / (a + b + 1), how alike cases of one group are; 0 if pooled. level: confidence. method:
    "beta_binomial" or "pooled" (no variance between groups beyond chance: every group gets the pooled rate,
    with its Wilson interval where `reason` is given). p_value: likelihood-ratio test of no difference between groups. reason: key of
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

    The interval is the equal-tailed posterior one. Under two groups with cases or where all outcomes are the same: the pooled rate
    and its interval. Raises `ValueError` unless 0 <= successes <= n.
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
    if reason:
        span = wilson(float(won.sum()), total, level)
        table = table.assign(shrunken_share=pooled, low=span.low, high=span.high)
        return ShrunkenRates(table=table, prior_a=math.nan, prior_b=math.nan, pooled_share=pooled, intraclass=0.0, level=level,
                             method="pooled", p_value=math.nan, reason=reason)  # fmt: skip
    mean, intraclass, p_value = _fit(won[filled], size[filled])
    is_pooled = intraclass <= 1 / MAX_PRIOR
    prior = math.nan if is_pooled else (1 - intraclass) / intraclass
    shrunken = np.full_like(size, pooled) if is_pooled else (won + prior * mean) / (size + prior)
    low, high = _interval(won, size, level)
    table = table.assign(shrunken_share=shrunken, low=np.minimum(low, shrunken), high=np.maximum(high, shrunken))
    return ShrunkenRates(table=table, prior_a=mean * prior, prior_b=(1 - mean) * prior, pooled_share=pooled,
                         intraclass=0.0 if is_pooled else intraclass, level=level, method="pooled" if is_pooled else "beta_binomial",
                         p_value=p_value)  # fmt: skip


def _fit(won: FloatArray, size: FloatArray) -> tuple[float, float, float]:
    """Maximum likelihood of (mean, intraclass correlation) and the p-value of no difference (half
    chi-square).
    """
    from scipy.optimize import minimize
    from scipy.special import betaln, digamma, expit, logit

    pooled = float(won.sum() / size.sum())

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        mean, strength = float(expit(parameters[0])), math.exp(float(parameters[1]))
        a, b = mean * strength, (1 - mean) * strength
        value = -float((betaln(won + a, size - won + b) - betaln(a, b)).sum())
        common = digamma(strength) - digamma(size + strength)
        by_a, by_b = (-float((digamma(part + x) - digamma(x) + common).sum()) for part, x in ((won, a), (size - won, b)))
        return value, np.array([mean * (1 - mean) * strength * (by_a - by_b), a * by_a + b * by_b])

    null = -float((won * math.log(pooled) + (size - won) * math.log(1 - pooled)).sum())
    bounds = [(-12.0, 12.0), (math.log(1e-2), math.log(MAX_PRIOR))]
    starts = [np.array([float(logit(pooled)), math.log(s)]) for s in (1.0, 20.0, 500.0)]
    best = min(
        (minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500}) for start in starts),
        key=lambda f: float(f.fun),
    )
    gain = 2 * (null - float(best.fun))
    if gain <= 1e-6 or best.x[1] >= bounds[1][1] - 1e-3:
        return pooled, 0.0, 1.0
    from workbook.stats.arrays import chi2_tail

    return float(expit(best.x[0])), 1 / (1 + math.exp(float(best.x[1]))), chi2_tail(gain, 1.0) / 2


def _interval(won: FloatArray, size: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the ends of each group's posterior: a mixture over strengths, each a beta with the moments over its common rates.

    Groups with equal counts are computed once: thousands of customers have few different ones.
    """
    pairs, place, times = np.unique(np.column_stack([won, size]), axis=0, return_inverse=True, return_counts=True)
    low, high = _ends(pairs[:, 0], pairs[:, 1], times.astype(float), level)
    return low[place.ravel()], high[place.ravel()]


def _ends(won: FloatArray, size: FloatArray, times: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    from scipy.special import betainc, betaln, expit, logit

    sizes = np.repeat(size, times.astype(int))
    typical = float(np.median(sizes[sizes > 0]))
    shrinkage = (np.arange(STRENGTHS) + 0.5) / STRENGTHS
    strength = typical * shrinkage / (1 - shrinkage)
    information = times * size * (strength[:, None] + 1) / (strength[:, None] + size)  # on the common rate, strengths × counts
    raw = np.divide(won, size, out=np.zeros_like(size), where=size > 0)
    centre = np.clip((information * raw).sum(axis=1) / information.sum(axis=1), 0.5 / (times * size).sum(), 1 - 0.5 / (times * size).sum())
    error = 1 / np.sqrt(information.sum(axis=1) * centre * (1 - centre))
    mean = expit(logit(centre)[:, None] + np.linspace(-FAR, FAR, RATES) * error[:, None])
    a, b = (mean * strength[:, None])[..., None], ((1 - mean) * strength[:, None])[..., None]
    likelihood = (times * (betaln(won + a, size - won + b) - betaln(a, b))).sum(axis=-1) + np.log(error)[:, None]
    weight = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))  # by strength first: with many groups most strengths vanish
    total = np.log(weight.sum(axis=1)) + likelihood.max(axis=1)
    of_strength = np.exp(total - total.max())
    of_strength, within = of_strength / of_strength.sum(), weight / weight.sum(axis=1, keepdims=True)
    kept = of_strength > NEGLIGIBLE
    of_strength, within, a, b = of_strength[kept][:, None], within[kept], a[kept], b[kept]
    rate = (won + a) / (size + a + b)
    first = (within[..., None] * rate).sum(axis=1)
    second = (within[..., None] * (rate * (1 - rate) / (size + a + b + 1) + rate**2)).sum(axis=1)
    cases = first * (1 - first) / (second - first**2) - 1

    def quantile(share: float) -> FloatArray:
        low, high = np.zeros_like(size), np.ones_like(size)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            is_below = (of_strength * betainc(first * cases, (1 - first) * cases, middle)).sum(axis=0) < share
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return (low + high) / 2

    return quantile(0.5 - level / 2), quantile(0.5 + level / 2)
