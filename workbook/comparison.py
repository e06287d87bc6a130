"""Parts of a firm side by side: each KPI of each part, pulled towards the whole, and which differences are more than chance.

A part with few cases is far from the others by chance alone. So its estimate is pulled towards the mean of all parts, the more
the less is known of it (`stats.partial_pooling`); shares on the scale of log odds, positive amounts and times on that of logarithms.
Whether a part differs is asked of its own estimate against the rest of the firm, all parts and KPIs under one control of false
discoveries. Parts that share salespeople or customers are alike for that reason too, which nothing here takes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

import numpy as np

from workbook.kpis import KPIS
from workbook.results import HeadlineRecord, ResultsFile
from workbook.stats.arrays import FloatArray
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.partial_pooling import pool

FEWEST = 3  # parts with an interval: with fewer, how much parts differ cannot be told

EDGE = 1e-9  # a share this near to none or all counts as this far from it: its odds are finite

Direction = Literal["above", "below", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A KPI of one part, in the KPI's unit. part: position among the parts; n: cases.

    low, high: interval of the part's own value; pulled, pulled_low, pulled_high: of the value pulled towards the whole. rest: the others
    together. q: adjusted p-value of a difference from the rest. differs: `above` or `below` the rest where that is reliable. All
    but value and n are None where they cannot be had.
    """

    part: int
    n: int
    value: float
    low: float | None = None
    high: float | None = None
    pulled: float | None = None
    pulled_low: float | None = None
    pulled_high: float | None = None
    rest: float | None = None
    q: float | None = None
    differs: Direction = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A KPI over the parts that have it. whole: the parts' mean by cases, of a total their sum; is_compared: tested and pulled."""

    key: str
    unit: str
    currency: str | None
    whole: float
    figures: tuple[Figure, ...]
    is_compared: bool


def compare(parts: Sequence[Sequence[ResultsFile]], *, level: float, false_discovery_rate: float) -> tuple[Measure, ...]:
    """Return the KPIs that at least two parts have, in the order of the KPI contract. parts: the results of each part's chapters."""
    measures = [measure for key in KPIS if (measure := _measure(key, [_headline(key, files) for files in parts], level)) is not None]
    return _judged(measures, false_discovery_rate)


def _headline(key: str, files: Sequence[ResultsFile]) -> HeadlineRecord | None:
    found = (headline for file in files for headline in file.headlines if headline.key == key and headline.value is not None)
    return next(found, None)


def _measure(key: str, headlines: Sequence[HeadlineRecord | None], level: float) -> Measure | None:
    """Return one KPI over the parts; None where it is no matter for parts, or parts keep it in different currencies."""
    there = [(part, headline) for part, headline in enumerate(headlines) if headline is not None]
    kind = KPIS[key].in_parts
    if kind is None or len(there) < 2 or len({headline.currency for _, headline in there}) > 1:
        return None
    figures = [Figure(part=part, n=h.n, value=float(h.value or 0.0), low=h.low, high=h.high) for part, h in there]
    values, cases = np.array([f.value for f in figures]), np.array([max(f.n, 1) for f in figures], dtype=float)
    whole = float(values.sum() if kind == "added" else np.average(values, weights=cases))
    unit, currency = there[0][1].unit, there[0][1].currency
    is_compared = kind == "compared" and sum(f.low is not None and f.high is not None for f in figures) >= FEWEST
    measure = Measure(key=key, unit=unit, currency=currency, whole=whole, figures=tuple(figures), is_compared=is_compared)
    return _pulled(measure, level) if is_compared else measure


def _pulled(measure: Measure, level: float) -> Measure:
    """Return the KPI with every figure pulled towards the whole and tested against the rest (q: still the p-value)."""
    figures = measure.figures
    scale = _Scale.of(measure)
    y, v = scale.estimates(figures, level)
    pulled, low, high = (scale.back(ends) for ends in pool(y, v, level))
    rest, p = _against_rest(figures, y, v, scale, level)
    told = zip(figures, pulled, low, high, rest, p, v, strict=True)
    return replace(
        measure,
        figures=tuple(
            replace(f, pulled=float(m), pulled_low=float(a), pulled_high=float(b), rest=float(r), q=float(q)) if np.isfinite(own) else f
            for f, m, a, b, r, q, own in told
        ),
    )


def _against_rest(figures: Sequence[Figure], y: FloatArray, v: FloatArray, scale: _Scale, level: float) -> tuple[FloatArray, FloatArray]:
    """Return for each part the mean of the others by cases, and the p-value of no difference from it."""
    known = np.isfinite(v)
    values, weight = np.array([f.value for f in figures]), np.where(known, [max(f.n, 1) for f in figures], 0.0)
    error = np.array([scale.error(f, level) for f in figures])
    rest, p = np.full(len(figures), np.nan), np.full(len(figures), np.nan)
    for at in np.flatnonzero(known):
        others = weight.copy()
        others[at] = 0.0
        others /= others.sum()
        rest[at] = (others[known] * values[known]).sum()
        spread = np.sqrt((others[known] ** 2 * error[known] ** 2).sum())
        gap = y[at] - scale.there(rest[at])
        reach = np.sqrt(v[at] + (spread * scale.slope(rest[at])) ** 2)
        p[at] = 2 * NormalDist().cdf(-abs(gap / reach)) if reach > 0 else np.nan
    return rest, p


def _judged(measures: Sequence[Measure], rate: float) -> tuple[Measure, ...]:
    """Put adjusted p-values in place of the plain ones, over all parts and KPIs at once, and say what differs."""
    p = [np.nan if f.q is None else f.q for measure in measures for f in measure.figures]
    adjusted = iter(benjamini_hochberg(p))
    return tuple(replace(m, figures=tuple(_with_verdict(f, float(next(adjusted)), rate) for f in m.figures)) for m in measures)


def _with_verdict(figure: Figure, q: float, rate: float) -> Figure:
    if figure.rest is None or not np.isfinite(q):
        return replace(figure, q=None)
    side: Direction = "" if q > rate else "above" if figure.value > figure.rest else "below"
    return replace(figure, q=q, differs=side)


@dataclass(frozen=True, slots=True)
class _Scale:
    """The scale on which a KPI's estimates are nearly normal: log odds of shares, logarithms of positive numbers, else their own."""

    kind: Literal["logit", "log", "plain"]

    @classmethod
    def of(cls, measure: Measure) -> _Scale:
        """Return the scale of a KPI."""
        if measure.unit == "share":
            return cls("logit")
        numbers = [number for f in measure.figures for number in (f.value, f.low, f.high) if number is not None]
        return cls("log" if measure.unit in ("money", "days", "money_per_day") and min(numbers) > 0 else "plain")

    def there(self, value: float | FloatArray) -> FloatArray:
        """From the unit to the scale."""
        x = np.asarray(value, dtype=np.float64)
        if self.kind == "logit":
            x = np.clip(x, EDGE, 1 - EDGE)
            return np.asarray(np.log(x / (1 - x)))
        return np.asarray(np.log(x)) if self.kind == "log" else x

    def back(self, value: FloatArray) -> FloatArray:
        """From the scale to the unit."""
        if self.kind == "logit":
            return np.asarray(1 / (1 + np.exp(-value)))
        return np.asarray(np.exp(value)) if self.kind == "log" else value

    def slope(self, value: float) -> float:
        """How far the scale moves with the unit, at a value."""
        if self.kind == "logit":
            inside = min(max(value, EDGE), 1 - EDGE)
            return 1 / (inside * (1 - inside))
        return 1 / value if self.kind == "log" else 1.0

    def estimates(self, figures: Sequence[Figure], level: float) -> tuple[FloatArray, FloatArray]:
        """Return estimates and variances on the scale; infinite variance where there is no interval.

        A share of none or all is counted as half a case more on both sides, as its odds have no logarithm.
        """
        found = [self._estimate(figure, level) for figure in figures]
        return np.array([y for y, _ in found]), np.array([v for _, v in found])

    def _estimate(self, figure: Figure, level: float) -> tuple[float, float]:
        if figure.low is None or figure.high is None:
            return 0.0, np.inf
        if self.kind == "logit" and not 0 < figure.low <= figure.value <= figure.high < 1:
            hits = figure.value * figure.n + 0.5
            misses = (1 - figure.value) * figure.n + 0.5
            return float(np.log(hits / misses)), 1 / hits + 1 / misses
        low, high = self.there(figure.low), self.there(figure.high)
        error = float(high - low) / (2 * NormalDist().inv_cdf(0.5 + level / 2))
        return float(self.there(figure.value)), error**2 if error > 0 else np.inf

    def error(self, figure: Figure, level: float) -> float:
        """Return the standard error in the unit, 0 where there is no interval."""
        if figure.low is None or figure.high is None:
            return 0.0
        return (figure.high - figure.low) / (2 * NormalDist().inv_cdf(0.5 + level / 2))
