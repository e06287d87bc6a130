"""What buyers get for the price: a straight line of price on rated value, and how far each brand lies above or below it.

Respondents differ in how kindly they rate and know different brands, so a brand's value is its effect beside one of each
respondent (least squares). Values are estimates; their error flattens the line. It is taken out by the variance that
resampling shows (Fuller 1987), in the estimate and in every resample of respondents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, t_quantile, two_sided_t
from workbook.stats.errors import CannotEstimate
from workbook.stats.interval import check_level

MIN_BRANDS = 4
MIN_RELIABILITY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FairValue:
    """The line and the brands.

    brands: one row per brand in the order given: value, value_low, value_high, price, fair_price, gap (price minus fair price),
    gap_low, gap_high, p_value (of no gap). slope: price per unit of value, slope_low, slope_high, slope_p_value; intercept.
    line: value, low, price, high along the line. reliability: share of the spread of values that is not sampling error.
    is_within: brands were compared by the same respondents; else by plain means. respondents: number. Everything is NaN for the
    line where it cannot be drawn; reason says why: key of `errors.REASONS`.
    """

    brands: pd.DataFrame
    slope: float
    slope_low: float
    slope_high: float
    slope_p_value: float
    intercept: float
    line: pd.DataFrame
    reliability: float
    is_within: bool
    respondents: int
    level: float
    reason: str | None = None


def fair_value(values: FloatArray, prices: FloatArray, seed: int, draws: int = 1000, level: float = 0.95) -> FairValue:
    """Fit. values: respondent × brand, NaN where not rated; prices: one per brand, positive.

    Raises `CannotEstimate` too_few_observations (under ten respondents or three brands, a brand rated by fewer than two).
    """
    check_level(level)
    rated = np.isfinite(values)
    if values.shape[0] < 10 or values.shape[1] < 3 or bool((rated.sum(axis=0) < 2).any()):
        raise CannotEstimate("too_few_observations", f"{values.shape[0]} respondents, {values.shape[1]} brands")
    people = len(values)
    weights = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=draws).astype(float)
    is_within = _is_connected(rated)
    solve = _within if is_within else _between
    own, drawn = solve(values, rated, np.ones((1, people)))[0], solve(values, rated, weights)
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    if len(drawn) < 0.9 * draws:
        raise CannotEstimate("too_few_observations", "many resamples lack a brand")
    centred = drawn - drawn.mean(axis=1, keepdims=True)
    noise = float(centred.var(axis=0, ddof=1).sum()) / (len(own) - 1)
    spread = float(own.var(ddof=1))
    reliability = max(0.0, 1 - noise / spread) if spread > 0 else 0.0
    reason = "too_few_observations" if len(own) < MIN_BRANDS else "no_variation" if reliability < MIN_RELIABILITY else None
    return _described(own, drawn, prices, (noise, reliability, reason), (is_within, people, level))


def _is_connected(rated: np.ndarray) -> bool:
    from scipy.sparse.csgraph import connected_components

    together = rated.T.astype(float) @ rated.astype(float)
    return int(connected_components(together > 0, directed=False)[0]) == 1


def _within(values: FloatArray, rated: np.ndarray, weights: FloatArray) -> FloatArray:
    """Brand effects beside respondent effects, on the scale of the scores. One row per set of weights."""
    seen, known = rated.astype(float), np.where(rated, values, 0.0)
    count = np.maximum(seen.sum(axis=1), 1.0)
    brands = values.shape[1]
    pull = known - seen * (known.sum(axis=1) / count)[:, None]
    shape = np.einsum("rb,bc->rbc", seen, np.eye(brands)) - np.einsum("rb,rc->rbc", seen, seen) / count[:, None, None]
    matrix = np.tensordot(weights, shape, axes=(1, 0)) + np.trace(shape.sum(axis=0)) / brands**2
    matrix = matrix + 1e-9 * np.eye(brands) * np.trace(shape.sum(axis=0))
    effect = np.linalg.solve(matrix, (weights @ pull)[:, :, None])[:, :, 0]
    return np.asarray(effect - effect.mean(axis=1, keepdims=True) + _level(known, seen))


def _level(known: FloatArray, seen: FloatArray) -> float:
    return float((known.sum(axis=0) / seen.sum(axis=0)).mean())


def _between(values: FloatArray, rated: np.ndarray, weights: FloatArray) -> FloatArray:
    seen, known = rated.astype(float), np.where(rated, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights @ known) / (weights @ seen))


def _line(values: FloatArray, prices: FloatArray, noise: float) -> tuple[FloatArray, FloatArray]:
    """Slope and intercept per row of `values`, its spread freed of `noise`; a floor keeps a stray resample finite."""
    centred, price = values - values.mean(axis=-1, keepdims=True), prices - prices.mean()
    spread = (centred**2).sum(axis=-1)
    freed = np.maximum(spread - noise * (values.shape[-1] - 1), 0.25 * spread)
    slope = np.divide(centred @ price, freed, out=np.full_like(freed, np.nan), where=freed > 0)
    return slope, prices.mean() - slope * values.mean(axis=-1)


def _described(
    own: FloatArray, drawn: FloatArray, prices: FloatArray, judged: tuple[float, float, str | None], about: tuple[bool, int, float]
) -> FairValue:
    noise, reliability, reason = judged
    is_within, people, level = about
    slope, intercept = (float(part[0]) for part in _line(own[None, :], prices, noise))
    slopes, intercepts = _line(drawn, prices, 2 * noise)
    gap, gaps = prices - intercept - slope * own, prices - intercepts[:, None] - slopes[:, None] * drawn
    critical = t_quantile(0.5 + level / 2, people - 1)
    value_error, gap_error, slope_error = drawn.std(axis=0, ddof=1), gaps.std(axis=0, ddof=1), float(slopes.std(ddof=1))
    brands = pd.DataFrame({
        "value": own, "value_low": own - critical * value_error, "value_high": own + critical * value_error, "price": prices,
        "fair_price": prices - gap, "gap": gap, "gap_low": gap - critical * gap_error, "gap_high": gap + critical * gap_error,
        "p_value": [two_sided_t(float(g / e) if e > 0 else np.nan, people - 1) for g, e in zip(gap, gap_error, strict=True)],
    })  # fmt: skip
    along = np.linspace(float(own.min()), float(own.max()), 25)
    error = (intercepts[:, None] + slopes[:, None] * along).std(axis=0, ddof=1)
    at = intercept + slope * along
    line = pd.DataFrame({"value": along, "low": at - critical * error, "price": at, "high": at + critical * error})
    ends = (slope - critical * slope_error, slope + critical * slope_error)
    p_value = two_sided_t(slope / slope_error if slope_error > 0 else np.nan, people - 1)
    if reason is not None:
        brands[["fair_price", "gap", "gap_low", "gap_high", "p_value"]] = np.nan
        slope, intercept, ends, p_value, line = np.nan, np.nan, (np.nan, np.nan), np.nan, line.iloc[:0]
    return FairValue(
        brands=brands, slope=slope, slope_low=ends[0], slope_high=ends[1], slope_p_value=p_value, intercept=intercept, line=line,
        reliability=reliability, is_within=is_within, respondents=people, level=level, reason=reason,
    )  # fmt: skip
