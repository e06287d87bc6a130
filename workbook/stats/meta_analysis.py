"""Effects of several studies or units put together, allowing that they differ: random-effects meta-analysis.

Heterogeneity by restricted maximum likelihood (Viechtbauer 2005), interval by Hartung & Knapp 2001, whose t quantile and
variance hold with few studies; prediction interval for the next study (Higgins, Thompson & Spiegelhalter 2009).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbook.stats.arrays import FloatArray, as_floats, t_quantile, two_sided_t
from workbook.stats.errors import CannotEstimate

_STEPS, _TOLERANCE = 200, 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEffects:
    """The common effect and how much single effects differ, in the effects' unit.

    value: mean effect. low, high, p_value: Hartung–Knapp, n − 1 degrees of freedom. standard_error: that of the model, without
    that correction. tau2: variance between studies. q: Cochran's. i2: share of the spread that is not chance, 0–1.
    next_low, next_high: where the effect of one more study would lie; NaN under three studies. n: studies.
    """

    value: float
    low: float
    high: float
    level: float
    p_value: float
    standard_error: float
    tau2: float
    q: float
    i2: float
    next_low: float
    next_high: float
    n: int


def random_effects(effects: Any, variances: Any, level: float = 0.95) -> RandomEffects:
    """Pool effects with their sampling variances. Raises `CannotEstimate` under two studies, `ValueError` on a variance ≤ 0."""
    effect, variance = as_floats(effects), as_floats(variances)
    if effect.shape != variance.shape or (variance <= 0).any():
        raise ValueError("each effect needs a positive variance")
    n = len(effect)
    if n < 2:
        raise CannotEstimate("too_few_observations")
    tau2 = _reml(effect, variance)
    weight = 1.0 / (variance + tau2)
    value = float((weight * effect).sum() / weight.sum())
    model_error = math.sqrt(1.0 / weight.sum())
    spread = float((weight * (effect - value) ** 2).sum()) / (n - 1)
    error = model_error * math.sqrt(max(spread, 0.0))
    half = t_quantile(0.5 + level / 2, n - 1) * error
    ahead = t_quantile(0.5 + level / 2, n - 2) * math.sqrt(tau2 + error**2) if n > 2 else math.nan
    fixed = 1.0 / variance
    mean = float((fixed * effect).sum() / fixed.sum())
    return RandomEffects(
        value=value, low=value - half, high=value + half, level=level, p_value=two_sided_t(value / error, n - 1) if error > 0 else math.nan,
        standard_error=model_error, tau2=tau2, q=float((fixed * (effect - mean) ** 2).sum()), i2=_i2(tau2, fixed),
        next_low=value - ahead, next_high=value + ahead, n=n,
    )  # fmt: skip


def _reml(effect: FloatArray, variance: FloatArray) -> float:
    """Fisher scoring from the effects' own variance, kept at zero or above; halved where a step overshoots."""
    tau2 = max(float(effect.var(ddof=1) - variance.mean()), 0.0)
    for _ in range(_STEPS):
        weight = 1.0 / (variance + tau2)
        mean = (weight * effect).sum() / weight.sum()
        squared = weight**2
        # The projection P = W − W11'W / Σw: y'PPy, tr P and tr PP in closed form.
        lack = (squared * (effect - mean) ** 2).sum()
        trace = weight.sum() - squared.sum() / weight.sum()
        trace2 = squared.sum() - 2 * (weight**3).sum() / weight.sum() + (squared.sum() / weight.sum()) ** 2
        step = float((lack - trace) / trace2)
        new = tau2 + step
        if new < 0:
            new = tau2 / 2 if tau2 > _TOLERANCE else 0.0
        if abs(new - tau2) < _TOLERANCE * (1.0 + tau2):
            return new
        tau2 = new
    return tau2


def _i2(tau2: float, fixed: FloatArray) -> float:
    """Higgins & Thompson 2002, with the typical sampling variance."""
    n = len(fixed)
    typical = (n - 1) * float(fixed.sum()) / float(fixed.sum() ** 2 - (fixed**2).sum())
    return tau2 / (tau2 + typical) if tau2 + typical > 0 else math.nan

