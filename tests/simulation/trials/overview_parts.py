"""Parts of a firm side by side: 5 to 40 regions of uneven size whose rates and cycles vary little or much."""

from __future__ import annotations

from datetime import date

import numpy as np

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.comparison import Measure, compare
from workbook.results import HeadlineRecord, ResultsFile
from workbook.stats.mean import mean
from workbook.stats.proportion import wilson


def _file(headline: HeadlineRecord) -> list[ResultsFile]:
    return [ResultsFile(topic="data", as_of=date(2026, 9, 30), headlines=[headline])]


def _headline(key: str, unit: str, n: int, value: float, low: float, high: float) -> HeadlineRecord:
    return HeadlineRecord(key=key, kpi=key, value=value, low=low, high=high, level=0.95, unit=unit, currency=None, n=n, section="")


def _sizes(rng: Generator) -> np.ndarray:
    return np.maximum(8, rng.lognormal(rng.uniform(3.2, 5.0), rng.uniform(0.2, 1.0), int(rng.integers(5, 41)))).astype(int)


def _rates(rng: Generator, spread: float) -> tuple[np.ndarray, Measure]:
    """Draw regions around a common rate; each region's deals are won independently."""
    sizes = _sizes(rng)
    log_odds = rng.uniform(-1.4, 0.6) + spread * rng.standard_normal(len(sizes))
    truth = 1 / (1 + np.exp(-log_odds))
    won = rng.binomial(sizes, truth)
    spans = [wilson(float(k), float(n), 0.95) for k, n in zip(won, sizes, strict=True)]
    files = [_file(_headline("win_rate", "share", int(n), k / n, s.low, s.high)) for k, n, s in zip(won, sizes, spans, strict=True)]
    return truth, compare(files, level=0.95, false_discovery_rate=0.05)[0]


def _means(rng: Generator) -> tuple[np.ndarray, Measure]:
    """Draw regions whose mean customer value varies by up to a third; values within a region are log-normal."""
    sizes, spread = np.maximum(25, _sizes(rng)), rng.uniform(0.3, 0.7)
    level = 10 + rng.uniform(0.05, 0.3) * rng.standard_normal(len(sizes))
    drawn = [rng.lognormal(centre, spread, n) for centre, n in zip(level, sizes, strict=True)]
    spans = [mean(values) for values in drawn]
    files = [_file(_headline("clv", "money", len(v), float(v.mean()), s.low, s.high)) for v, s in zip(drawn, spans, strict=True)]
    return np.exp(level + spread**2 / 2), compare(files, level=0.95, false_discovery_rate=0.05)[0]


def _pulled(truth: np.ndarray, measure: Measure) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low, high = (np.array([getattr(f, end) for f in measure.figures], dtype=float) for end in ("pulled_low", "pulled_high"))
    return truth, low, high


def _rate(rng: Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _pulled(*_rates(rng, rng.uniform(0.05, 0.8)))


def _mean(rng: Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _pulled(*_means(rng))


def _differs(rng: Generator) -> float:
    """Return the smallest adjusted p-value of regions that are all alike."""
    _, measure = _rates(rng, 0.0)
    return min(f.q for f in measure.figures if f.q is not None)


_LAYOUT = "5 to 40 regions of 8 to some 1,000 deals"
TRIALS = (
    Coverage(name="overview.parts.shrunken_rate", layout=f"{_LAYOUT}, log odds spread by 0.05 to 0.8; on average over the regions", draw=_rate),
    Coverage(name="overview.parts.shrunken_mean", layout="5 to 40 regions of 25 and more customers, means spread by 5 to 30 %; on average over the regions", draw=_mean),
    FalseAlarm(name="overview.parts.differs", layout=f"{_LAYOUT}, all of one rate; any region after the control", draw=_differs),
)
