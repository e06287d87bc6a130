"""How large may the market become in the next years?

Naive, drift, damped exponential smoothing, Theta and the mean of methods are tried on the past of the same series
(rolling origin); the one with the smallest scaled error (MASE) is used. Its interval comes from the errors it made
there, and how often earlier intervals held the truth is shown. Refused under eight yearly points, with gaps in the
years, and where the definition changed too recently; only the years since the last change of definition are used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.backtest import PredictedPath, RollingOrigin, best_forecast
from workbook.stats.errors import CannotEstimate
from workbook.stats.forecast import MIN_POINTS
from workbook.text import Message, msg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M3"
METHODS = ("naive", "drift", "damped", "theta", "combination")
METHOD_NAMES = {
    "naive": msg("last value"),
    "drift": msg("last value plus mean change"),
    "damped": msg("damped trend (exponential smoothing)"),
    "theta": msg("Theta"),
    "combination": msg("mean of methods"),
}


class OutlookParams(Params):
    """horizon: years ahead. interval: level of the prediction interval. min_train: years known at the first trial."""

    measure: str = ""
    horizon: int = Field(default=3, ge=1, le=10)
    interval: Share = 0.8
    min_train: int = Field(default=5, ge=4)
    action_days: int = Field(default=120, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookResult(Result):
    """The forecast and how good it was.

    path: one row per year, known and forecast: year, volume, low, high, is_forecast. methods: one row per method, best first:
    method, mase, wape, coverage_share, coverage_count, error_count. method: the one used. level: of the interval.
    scenarios: one row per low, base, high: scenario, year, volume, rate (per year from the last known year).
    """

    path: pd.DataFrame | None = None
    methods: pd.DataFrame | None = None
    method: str | None = None
    level: float = 0.8
    scenarios: pd.DataFrame | None = None
    main: Series | None = None


def aggregate(market: Table, params: OutlookParams, *, as_of: date) -> Table:
    """Select the market's rows up to the reporting year. Lazy."""
    return select_rows(market, as_of)


def analyse(small: pd.DataFrame, params: OutlookParams, *, as_of: date) -> OutlookResult:
    """Try the methods on the past and forecast with the best. Pure."""
    main = main_series(read_series(small)[0], params.measure)
    if isinstance(main, Message):
        return OutlookResult(refused=main, certainty="open")
    points = _usable(main)
    refused = _refusal(points, main)
    if refused is not None:
        return OutlookResult(refused=refused, certainty="open", main=main)
    try:
        tried, predicted = best_forecast(points["volume"], METHODS, params.min_train, params.horizon, level=params.interval)
        best = predicted.method
    except CannotEstimate:
        return OutlookResult(refused=msg("no method could be tried on {n} years", n=len(points)), certainty="open", main=main)
    path = _path(points, predicted)
    scenarios = _scenarios(path)
    return OutlookResult(
        headlines=_headlines(path, predicted, main),
        checks=(_coverage_check(tried, best), _skill_check(tried)),
        finding=_finding(path, predicted, main),
        brief=_brief(path, predicted, main),
        actions=_actions(scenarios, params, as_of),
        no_action=None if len(scenarios) else msg("without a range there is nothing to prepare for"),
        scenarios=scenarios,
        limits=_limits(main, points, tried, best),
        certainty="likely" if predicted.coverage_share >= params.interval - 0.15 else "open",
        path=path,
        methods=tried.summary[["method", "mase", "wape", "coverage_share", "coverage_count", "error_count"]],
        method=best,
        level=params.interval,
        main=main,
    )


def _usable(main: Series) -> pd.DataFrame:
    """The comparable years since the last change of definition."""
    points = main.comparable
    inside = [b for b in main.breaks if b <= points["year"].max()]
    return points[points["year"] >= max(inside, default=0)].reset_index(drop=True)


def _refusal(points: pd.DataFrame, main: Series) -> Message | None:
    n = len(points)
    if n < MIN_POINTS:
        if len(main.comparable) > n:
            return msg("{n} years since the definition changed, {needed} needed", n=n, needed=MIN_POINTS)
        return msg("{n} years, {needed} needed", n=n, needed=MIN_POINTS)
    years = points["year"].tolist()
    missing = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    if missing:
        return msg("the years {years} are missing, and a forecast needs an unbroken row", years=tuple(str(year) for year in missing))
    return None


def _path(points: pd.DataFrame, predicted: PredictedPath) -> pd.DataFrame:
    known = points.assign(low=math.nan, high=math.nan, is_forecast=False)
    last = int(points["year"].iloc[-1])
    ahead = predicted.table.assign(year=last + predicted.table["step"], volume=predicted.table["mean"], is_forecast=True)
    return pd.concat([known, ahead[known.columns]], ignore_index=True).astype({"year": int})


def _scenarios(path: pd.DataFrame) -> pd.DataFrame:
    """Low and high end of the range and the forecast in the last year, with the yearly rate each assumes."""
    last, known = path.iloc[-1], path[~path["is_forecast"]].iloc[-1]
    years, start = int(last["year"]) - int(known["year"]), float(known["volume"])
    ends = {"low": float(last["low"]), "base": float(last["volume"]), "high": float(last["high"])}
    if any(math.isnan(value) for value in ends.values()) or start <= 0:
        return pd.DataFrame(columns=["scenario", "year", "volume", "rate"])
    rows = [
        {"scenario": name, "year": int(last["year"]), "volume": max(value, 0.0), "rate": (max(value, 0.0) / start) ** (1 / years) - 1}
        for name, value in ends.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _actions(scenarios: pd.DataFrame, params: OutlookParams, as_of: date) -> tuple[Action, ...]:
    if scenarios.empty:
        return ()
    rates = {str(row["scenario"]): share(float(row["rate"]), signed=True) for _, row in scenarios.iterrows()}
    what = msg("Plan for three markets, not one: {low}, {base} and {high} a year; write down at which figure costs or capacity change.", **rates)
    due = as_of + timedelta(days=params.action_days)
    evidence = (group_key("market_size", forecast=str(int(scenarios["year"].iloc[0]))),)
    return (Action(key="plan_for_three_markets", what=what, owner_role=msg("sales controlling"), due_on=due, watch_kpi="market_size", evidence=evidence),)


def _brief(path: pd.DataFrame, predicted: PredictedPath, main: Series) -> Message:
    last = path.iloc[-1]
    said = {"volume": main.amount(float(last["volume"])), "year": str(int(last["year"]))}
    if math.isnan(float(last["low"])):
        return msg("If it goes on as before, the market reaches {volume} in {year}.", **said)
    wide = span(float(last["low"]), float(last["high"]), main.unit, main.currency)
    return msg("If it goes on as before, the market reaches {volume} in {year} ({level} range {range}).", **said, level=share(predicted.level, 0), range=wide)


def _headlines(path: pd.DataFrame, predicted: PredictedPath, main: Series) -> tuple[Headline, ...]:
    ahead = path[path["is_forecast"]]
    reason = msg("too few past errors to measure a range")
    return tuple(
        Headline(
            key=group_key("market_size", forecast=str(int(row["year"]))), kpi="market_size", value=float(row["volume"]),
            low=clean_float(row["low"]), high=clean_float(row["high"]), level=predicted.level, unit=main.unit, currency=main.currency,
            n=int((~path["is_forecast"]).sum()), reason=reason if math.isnan(float(row["low"])) else None,
        )
        for _, row in ahead.iterrows()
    )  # fmt: skip


def _coverage_check(tried: RollingOrigin, best: str) -> Check:
    key = "forecast_intervals_held_on_the_past"
    row = tried.summary[tried.summary["method"] == best].iloc[0]
    if not row["coverage_count"]:
        return Check(key=key, status="not_applicable", reason=msg("The history is too short to try the intervals on it."))
    reason = msg(
        "Tried on the past, {held} of {n} earlier intervals held the true value; {level} were meant to.",
        held=share(float(row["coverage_share"]), 0), n=int(row["coverage_count"]), level=share(tried.level, 0),
    )  # fmt: skip
    return Check(key=key, status="pass" if float(row["coverage_share"]) >= tried.level - 0.15 else "review", reason=reason)


def _skill_check(tried: RollingOrigin) -> Check:
    summary = tried.summary.set_index("method")
    best, naive = float(summary["mase"].iloc[0]), float(summary["mase"].get("naive", math.nan))
    reason = msg(
        "Scaled error of the method used {best}, of simply repeating the last value {naive} (MASE; smaller is better).",
        best=number(best, 2), naive=number(naive, 2),
    )  # fmt: skip
    return Check(key="forecast_beats_repeating_the_last_value", status="pass" if best < naive else "review", reason=reason)


def _finding(path: pd.DataFrame, predicted: PredictedPath, main: Series) -> Message:
    last = path.iloc[-1]
    said = {
        "measure": main.name, "year": str(int(last["year"])), "volume": main.amount(float(last["volume"])),
        "method": METHOD_NAMES[predicted.method], "level": share(predicted.level, 0),
    }  # fmt: skip
    if math.isnan(float(last["low"])):
        return msg("If it goes on as before, the market ({measure}) reaches {volume} in {year} (method: {method}; no range measured).", **said)
    wide = span(float(last["low"]), float(last["high"]), main.unit, main.currency)
    return msg("If it goes on as before, the market ({measure}) reaches {volume} in {year} ({level} range {range}; method: {method}).", **said, range=wide)


def _limits(main: Series, points: pd.DataFrame, tried: RollingOrigin, best: str) -> tuple[Message, ...]:
    limits = [
        msg("The forecast continues the past; new technology, laws or crises are not in it."),
        msg("The method was chosen on the same past on which its error is shown; the range allows for that, the error shown does not."),
        msg("Scenarios: the ends of the range and the forecast itself; each assumes that no break comes."),
    ]
    if len(points) < len(main.comparable):
        limits.append(msg("Only the {n} years since the last change of definition are used.", n=len(points)))
    return tuple(limits)
