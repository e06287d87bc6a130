"""The effect of the programme by each design: rates, means and totals, 6 to 20 units of uneven size, some alike over time."""

from __future__ import annotations

import numpy as np

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.stats.imputation import averaged, moved_back, trend_before
from workbook.stats.interrupted import interrupted_series
from workbook.stats.panel import CellPanel, Panel
from workbook.stats.synthetic_did import synthetic_did

LEVEL = 0.95


def starts(rng: Generator, is_staggered: bool) -> tuple[np.ndarray, int]:
    """Draw the first treated period of 6 to 20 units, at least three on a side, over 8 to 16 periods."""
    units, periods = int(rng.integers(6, 21)), int(rng.integers(8, 17))
    adopting = int(rng.integers(3, units - 2))
    first = np.full(units, np.inf)
    first[:adopting] = rng.integers(3, periods - 1, adopting) if is_staggered else rng.integers(3, periods - 2)
    return first, periods


def grid(first: np.ndarray, periods: int) -> tuple[np.ndarray, np.ndarray]:
    since = np.arange(periods)[None, :] - np.where(np.isfinite(first), first, periods)[:, None]
    return since >= 0, since


def shocks(rng: Generator, shape: tuple[int, int], spread: float) -> np.ndarray:
    """Draw what a unit's periods have of their own, alike from one to the next by up to one half."""
    alike, found = rng.uniform(0, 0.5), np.zeros(shape)
    found[:, 0] = rng.normal(0, spread, shape[0])
    for t in range(1, shape[1]):
        found[:, t] = alike * found[:, t - 1] + np.sqrt(1 - alike**2) * rng.normal(0, spread, shape[0])
    return found


def built(outcome: np.ndarray, weight: np.ndarray, first: np.ndarray) -> CellPanel:
    times = np.arange(outcome.shape[1]).astype(float)
    return CellPanel(outcome=outcome, weight=weight, exposure=np.ones_like(outcome), times=times, cohort=first, units=tuple(range(len(first))))


def rates(rng: Generator, is_staggered: bool, effect: float | None = None) -> tuple[CellPanel, float]:
    """Draw a rate with unit and period levels, own shocks, an effect that may build up and differ by unit; and the true average."""
    first, periods = starts(rng, is_staggered)
    treated, since = grid(first, periods)
    size = np.maximum(8, rng.lognormal(3.3, rng.uniform(0.1, 0.9), len(first)))
    cases = np.maximum(1, rng.poisson(size[:, None], treated.shape))
    full = rng.uniform(-0.1, 0.15) if effect is None else effect
    own = rng.normal(0, 0.0 if effect == 0 else rng.uniform(0, 0.03), len(first))[:, None]
    build = np.minimum((since + 1) / 4, 1) if rng.random() < 0.5 else 1.0
    before = np.clip(rng.normal(0.4, 0.08, len(first))[:, None] + rng.normal(0, 0.04, periods) + shocks(rng, treated.shape, rng.uniform(0, 0.06)), 0.03, 0.97)
    after = np.clip(before + treated * (full + own) * build, 0.01, 0.99)
    won = rng.binomial(cases, after)
    true = float(((after - before) * cases * treated).sum() / (cases * treated).sum())
    return built(won / cases, cases.astype(float), first), true


def totals(rng: Generator, is_staggered: bool, effect: float | None = None) -> tuple[CellPanel, float]:
    """Draw amounts: a Poisson number of deals of log-normal size; the effect multiplies."""
    first, periods = starts(rng, is_staggered)
    treated, _ = grid(first, periods)
    size = rng.lognormal(2.2, rng.uniform(0.1, 0.9), len(first))
    mean = size[:, None] * np.exp(rng.normal(0, 0.15, periods)) * np.exp(shocks(rng, treated.shape, rng.uniform(0, 0.2)))
    own = rng.normal(rng.uniform(-0.3, 0.5), rng.uniform(0, 0.1), len(first)) if effect is None else np.full(len(first), effect)
    times = np.exp(own[:, None] * treated)
    count, spread = rng.poisson(mean * times), rng.uniform(0.3, 1.2)
    amount = np.array([[rng.lognormal(0, spread, n).sum() for n in row] for row in count]) * 1000
    true = float(np.log((mean * times * treated).sum() / (mean * treated).sum()))
    return built(amount, np.ones_like(amount), first), true


def durations(rng: Generator, is_staggered: bool) -> tuple[CellPanel, float]:
    """Draw days to the end of a deal, cut at a horizon of 180 days; the true effect is that on the mean so cut."""
    first, periods = starts(rng, is_staggered)
    treated, _ = grid(first, periods)
    cases = np.maximum(1, rng.poisson(np.maximum(8, rng.lognormal(3, rng.uniform(0.1, 0.8), len(first)))[:, None], treated.shape))
    scale = np.exp(rng.normal(4.4, 0.2, len(first)))[:, None] + rng.normal(0, 5, periods) + 0 * treated
    shorter = np.where(treated, rng.uniform(0.7, 1.0), 1.0)
    mean = np.array([[np.minimum(rng.exponential(s * f, n), 180).mean() for s, f, n in zip(*row, strict=True)] for row in zip(scale, shorter, cases, strict=True)])

    def cut(s: np.ndarray) -> np.ndarray:
        return s * (1 - np.exp(-180 / s))

    change = cut(scale * shorter) - cut(scale)
    return built(mean, cases.astype(float), first), float((change * cases * treated).sum() / (cases * treated).sum())


def asked(panel: CellPanel, model: str = "mean") -> tuple[float, float]:
    """Ask the estimator of the chapter; its interval."""
    found = averaged(panel, panel.weight * ~panel.is_treated, panel.weight * panel.is_treated, model)  # type: ignore[arg-type]
    return found.span(LEVEL)


def _rates(is_staggered: bool):
    def draw(rng: Generator) -> tuple[float, float, float]:
        panel, true = rates(rng, is_staggered)
        return true, *asked(panel)

    return draw


def _totals(is_staggered: bool):
    def draw(rng: Generator) -> tuple[float, float, float]:
        panel, true = totals(rng, is_staggered)
        return true, *asked(panel, "ratio")

    return draw


def _durations(rng: Generator) -> tuple[float, float, float]:
    panel, true = durations(rng, bool(rng.random() < 0.5))
    return true, *asked(panel)


def _one_unit(rng: Generator) -> tuple[float, float, float]:
    units, periods = int(rng.integers(5, 21)), int(rng.integers(8, 17))
    first = np.full(units, np.inf)
    first[0] = rng.integers(4, periods - 2)
    treated, _ = grid(first, periods)
    cases = np.maximum(1, rng.poisson(np.maximum(8, rng.lognormal(3.3, rng.uniform(0.1, 0.9), units))[:, None], treated.shape))
    before = np.clip(rng.normal(0.4, 0.08, units)[:, None] + rng.normal(0, 0.04, periods) + rng.normal(0, rng.uniform(0, 0.06), treated.shape), 0.03, 0.97)
    after = np.clip(before + rng.uniform(-0.1, 0.15) * treated, 0.01, 0.99)
    square = Panel(outcome=rng.binomial(cases, after) / cases, times=np.arange(periods) * 1.0, cohort=first, unit_count=units, dropped={})
    fit = synthetic_did(square, cases.astype(float), LEVEL)
    return float((after - before)[treated].mean()), fit.low, fit.high


def _series(rng: Generator) -> tuple[float, float, float]:
    n = int(rng.integers(16, 61))
    start = int(rng.integers(n // 3, 2 * n // 3))
    time = np.arange(n)
    level, slope = rng.normal(0, 1), rng.normal(0, 0.02)
    after = time >= start
    noise = shocks(rng, (1, n), 1.0)[0]
    fit = interrupted_series(time, rng.normal(0, 0.05) * time + after * (level + slope * (time - start)) + noise, start, LEVEL)
    return float(level + slope * (time[after] - start).mean()), fit.average_change.low, fit.average_change.high


def _no_effect(rng: Generator) -> float:
    panel, _ = rates(rng, bool(rng.random() < 0.5), effect=0.0)
    return averaged(panel, panel.weight * ~panel.is_treated, panel.weight * panel.is_treated).p_value()


def _no_drift(rng: Generator) -> float | None:
    found = trend_before(rates(rng, bool(rng.random() < 0.5))[0])
    return found.p_value() if np.isfinite(found.standard_error) else None


def _no_placebo(rng: Generator) -> float | None:
    early = moved_back(rates(rng, bool(rng.random() < 0.5))[0], 2)
    found = averaged(early, early.weight * ~early.is_treated, early.weight * early.is_treated)
    return found.p_value() if np.isfinite(found.standard_error) else None


SIZES = "6 to 20 units of log-normal size, 8 to 16 periods, own shocks with autocorrelation 0 to 0.5"
TRIALS = (
    Coverage(name="alignment_impact.effect.rate.staggered", layout=f"{SIZES}; staggered adoption", draw=_rates(True)),
    Coverage(name="alignment_impact.effect.rate.two_groups", layout=f"{SIZES}; two groups", draw=_rates(False)),
    Coverage(name="alignment_impact.effect.total.staggered", layout=f"{SIZES}; amounts, staggered adoption", draw=_totals(True)),
    Coverage(name="alignment_impact.effect.total.two_groups", layout=f"{SIZES}; amounts, two groups", draw=_totals(False)),
    Coverage(name="alignment_impact.effect.duration", layout="6 to 20 units; days cut at a horizon; both designs", draw=_durations),
    Coverage(name="alignment_impact.effect.one_unit", layout="one of 5 to 20 units adopts; rates", draw=_one_unit),
    Coverage(name="alignment_impact.effect.interrupted", layout="16 to 60 points, autocorrelation 0 to 0.5", draw=_series),
    FalseAlarm(name="alignment_impact.effect.no_effect", layout=f"{SIZES}; nothing put in", draw=_no_effect),
    FalseAlarm(name="alignment_impact.battery.drift", layout=f"{SIZES}; no drift", draw=_no_drift),
    FalseAlarm(name="alignment_impact.battery.placebo_time", layout=f"{SIZES}; adoption moved back by two periods", draw=_no_placebo),
)
