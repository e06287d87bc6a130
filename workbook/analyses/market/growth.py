"""How fast does the market grow?

Yearly rate of the log-linear trend over the comparable years, and beside it the compound rate between the first and the
last year of the longest stretch without a change of definition. A noted change counts only for the measure it concerns:
there the trend gets a level shift. A change that nobody noted is tested for (largest F over all years). Every p-value of
the question – trends, parts, unnoted breaks – goes into one false-discovery control.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.analyses.market_trend import Trend, break_tests, breaks_inside, longest_stretch, part_trends, trend_of
from workbook.frames.names import measure_name
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.errors import CannotEstimate
from workbook.stats.growth import Growth, cagr
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M2"


class GrowthParams(Params):
    """measure: which one is the market (empty: as for its size). false_discovery_rate: of all trends, parts and breaks stated,
    the share that may be chance. action_days: time given for the actions.
    """

    measure: str = ""
    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    draws: int = Field(default=2000, ge=100)
    seed: int = 7
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthResult(Result):
    """Growth of the market.

    by_measure: one row per measure, the main one first: measure, rate, low, high, years_count, first_year, last_year, breaks,
    cagr, cagr_low, cagr_high, cagr_first_year, cagr_last_year, reason, p_value, is_reliable. by_part: see
    `market_trend.part_trends`, with is_reliable. breaks: see `market_trend.break_tests`, with is_reliable. years: one row per
    year of the main measure: year, volume, trend, low, high, is_comparable, is_break.
    """

    by_measure: pd.DataFrame | None = None
    by_part: pd.DataFrame | None = None
    breaks: pd.DataFrame | None = None
    years: pd.DataFrame | None = None
    main: Series | None = None


def aggregate(market: Table, params: GrowthParams, *, as_of: date) -> Table:
    """Select the market's rows up to the reporting year. Lazy."""
    return select_rows(market, as_of)


def analyse(small: pd.DataFrame, params: GrowthParams, *, as_of: date) -> GrowthResult:
    """Turn the series into rates. Pure."""
    found, _ = read_series(small)
    main = main_series(found, params.measure)
    if isinstance(main, Message):
        return GrowthResult(refused=main, certainty="open")
    ordered = [main, *(series for series in found if series is not main)]
    trends = [trend_of(series, params.confidence) for series in ordered]
    rates = [_compound(series, params) for series in ordered]
    rows = [_measure_row(s, t, r) for s, t, r in zip(ordered, trends, rates, strict=True)]
    tables = (pd.DataFrame(rows), part_trends(main, params.confidence), break_tests(ordered, params.draws, params.seed))
    by_measure, parts, breaks = _controlled(tables, params.false_discovery_rate)
    is_reliable = bool(by_measure["is_reliable"].iloc[0])
    told = _market_words(main, (trends[0][0], rates[0]), is_reliable)
    actions = _actions(parts, breaks, params, as_of)
    return GrowthResult(
        refused=None if trends[0][0] is not None or rates[0] is not None else trends[0][1],
        headlines=(*_headlines(ordered, trends, rates, params), *_part_headlines(parts, params)),
        checks=(*_break_checks(ordered), _unnoted_check(breaks)),
        finding=told,
        brief=told if trends[0][0] is None else _brief(main, trends[0][0], is_reliable),
        actions=actions,
        no_action=None if actions else msg("no part of the market gains on the others reliably, and no break is left unexplained"),
        limits=_limits(main, trends[0]),
        certainty="open" if trends[0][0] is None or not is_reliable else "likely",
        by_measure=by_measure, by_part=parts, breaks=breaks, years=_years(main, trends[0][0]), main=main,
    )  # fmt: skip


def _controlled(tables: tuple[pd.DataFrame, ...], rate: float) -> list[pd.DataFrame]:
    """Add is_reliable to every table: one Benjamini-Hochberg over the p-values of all of them."""
    p_values = [value for table in tables for value in table["p_value"].astype(float)]
    reliable = iter(benjamini_hochberg(p_values) <= rate)
    return [table.assign(is_reliable=[bool(next(reliable)) for _ in range(len(table))]) for table in tables]


def _compound(series: Series, params: GrowthParams) -> Growth | None:
    """Compound rate over the longest stretch without a break (the later of two equally long ones)."""
    longest = longest_stretch(series)
    if len(longest) < 2:
        return None
    first, last = int(longest["year"].min()), int(longest["year"].max())
    try:
        return cagr(longest["year"], longest["volume"], first, last, params.confidence)
    except CannotEstimate:
        return None


def _headlines(
    ordered: list[Series], trends: list[Trend], rates: list[Growth | None], params: GrowthParams
) -> tuple[Headline, ...]:
    found = []
    for position, (series, (trend, why), rate) in enumerate(zip(ordered, trends, rates, strict=True)):
        group = {} if position == 0 else {"measure": series.measure}
        if position and sum(other.measure == series.measure for other in ordered) > 1:
            group["unit"] = series.currency or series.label
        found.append(_headline(group, trend, (why, len(series.comparable)), params))
        if rate is not None:
            found.append(_headline(group | {"cagr": f"{rate.start:.0f}-{rate.end:.0f}"}, rate, (None, rate.n), params))
    return tuple(found)


def _headline(group: dict[str, str], growth: Growth | None, about: tuple[Message | None, int], params: GrowthParams) -> Headline:
    why, n = about
    low, high = (clean_float(growth.low), clean_float(growth.high)) if growth else (None, None)
    if growth is not None and low is None:
        why = msg("too few years between to tell how far the two end points scatter")
    return Headline(
        key=group_key("market_growth", **group), kpi="market_growth", value=growth.value if growth else None, low=low, high=high,
        level=params.confidence, unit="ratio", n=growth.n if growth else n, reason=why,
    )  # fmt: skip


def _part_headlines(parts: pd.DataFrame, params: GrowthParams) -> tuple[Headline, ...]:
    return tuple(
        Headline(
            key=group_key("market_growth", **{str(row["dimension"]): row["name"]}), kpi="market_growth", value=float(row["rate"]),
            low=float(row["low"]), high=float(row["high"]), level=params.confidence, unit="ratio", n=int(row["years_count"]),
        )
        for _, row in parts.iterrows()
    )  # fmt: skip


def _measure_row(series: Series, told: Trend, rate: Growth | None) -> dict[str, object]:
    trend, why = told
    points = series.comparable
    return {
        "measure": series.measure, "rate": trend.value if trend else None, "low": trend.low if trend else None,
        "high": trend.high if trend else None, "years_count": len(points), "first_year": int(points["year"].min()),
        "last_year": int(points["year"].max()), "breaks": ", ".join(f"{b:.0f}" for b in breaks_inside(series)),
        "cagr": rate.value if rate else None, "cagr_low": clean_float(rate.low) if rate else None,
        "cagr_high": clean_float(rate.high) if rate else None, "cagr_first_year": int(rate.start) if rate else None,
        "cagr_last_year": int(rate.end) if rate else None, "reason": why,
        "p_value": trend.p_value if trend else math.nan,
    }  # fmt: skip


def _years(main: Series, trend: Growth | None) -> pd.DataFrame:
    """The series with its trend and the band of the trend's line; none where a change of definition bends it.

    The line's error at a year follows from the slope's: se² · (var(years) + distance from their mean²).
    """
    years = main.years[["year", "volume", "is_comparable"]].assign(is_break=main.years["year"].isin(main.breaks))
    if trend is None or trend.breaks:
        return years.assign(trend=math.nan, low=math.nan, high=math.nan)
    points = main.comparable["year"].astype(float)
    logs = main.comparable["volume"].map(math.log)
    away = years["year"] - points.mean()
    line = logs.mean() + away * math.log1p(trend.value)
    half = (math.log1p(trend.high) - math.log1p(trend.low)) / 2 * (points.var(ddof=0) + away**2).map(math.sqrt)
    return years.assign(trend=line.map(math.exp), low=(line - half).map(math.exp), high=(line + half).map(math.exp))


def _break_checks(ordered: list[Series]) -> tuple[Check, ...]:
    return tuple(_break_check(series) for series in ordered)


def _break_check(series: Series) -> Check:
    key = group_key("definition_is_stable", measure=series.measure)
    inside = breaks_inside(series)
    if not inside:
        return Check(key=key, status="pass", reason=msg("No change of definition is noted for {measure}.", measure=series.name))
    years = tuple(f"{year:.0f}" for year in inside)
    reason = msg("The definition of {measure} changes in {years}; the trend allows a jump there and no rate spans it.", measure=series.name, years=years)
    return Check(key=key, status="review", reason=reason)


def _unnoted_check(breaks: pd.DataFrame) -> Check:
    key = "no_break_went_unnoted"
    if breaks.empty:
        return Check(key=key, status="not_applicable", reason=msg("No series is long enough to look for breaks that nobody noted (12 years of one definition)."))
    found = breaks[breaks["is_reliable"]]
    if found.empty:
        return Check(key=key, status="pass", reason=msg("No series shows a break that nobody noted."))
    named = tuple(msg("{measure} about {year}", measure=measure_name(str(row["measure"])), year=str(int(row["year"]))) for _, row in found.iterrows())
    reason = msg("Level or pace change although no change of definition is noted: {named}. One rate over all years describes neither side.", named=named)
    return Check(key=key, status="review", reason=reason)


def _actions(parts: pd.DataFrame, breaks: pd.DataFrame, params: GrowthParams, as_of: date) -> tuple[Action, ...]:
    """Only what the control supports: segments that gain on the market, breaks to be explained. No value: not testable."""
    due = as_of + timedelta(days=params.action_days)
    ahead = parts[parts["is_reliable"] & (parts["share_rate"] > 0) & (parts["low"] > 0) & (parts["dimension"] == "segment")]
    actions = []
    if len(ahead):
        what = msg("Check for {names}, which grow faster than the market, whether leads, people and offers follow.", names=tuple(ahead["name"]))
        evidence = tuple(group_key("market_growth", segment=name) for name in ahead["name"])
        actions.append(Action(key="follow_growing_segments", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="won_amount", evidence=evidence))
    unexplained = tuple(measure_name(str(name)) for name in breaks.loc[breaks["is_reliable"], "measure"])
    if unexplained:
        what = msg("Ask the source what happened to {names} in the year of the break and note it in the market data.", names=unexplained)
        actions.append(Action(key="explain_market_breaks", what=what, owner_role=msg("sales controlling"), due_on=due, watch_kpi="market_growth", evidence=("market_growth",)))
    return tuple(actions)


def _brief(main: Series, trend: Growth, is_reliable: bool) -> Message:
    said = {"measure": main.name, "rate": share(trend.value), "range": span(trend.low, trend.high, "share")}
    if not is_reliable:
        return msg("The market ({measure}) shows no reliable trend: {rate} a year (range {range}).", **said)
    if trend.value > 0:
        return msg("The market ({measure}) grows by {rate} a year (range {range}).", **said)
    return msg("The market ({measure}) shrinks by {rate} a year (range {range}).", **(said | {"rate": share(-trend.value)}))


def _market_words(main: Series, told: tuple[Growth | None, Growth | None], is_reliable: bool) -> Message | None:
    trend, rate = told
    if trend is None:
        if rate is None:
            return None
        said: dict[str, object] = {"measure": main.name, "rate": share(rate.value, signed=True), "first": f"{rate.start:.0f}", "last": f"{rate.end:.0f}"}
        return msg("The market ({measure}) changed by {rate} a year from {first} to {last}; too few years for a range.", **said)
    said = {
        "measure": main.name, "rate": share(trend.value), "range": span(trend.low, trend.high, "share"),
        "first": f"{trend.start:.0f}", "last": f"{trend.end:.0f}", "n": trend.n,
    }  # fmt: skip
    if not is_reliable:
        return msg("The market ({measure}) shows no reliable trend: {rate} a year (range {range}; {n} years, {first} to {last}).", **said)
    if trend.value > 0:
        return msg("The market ({measure}) grows by {rate} a year (range {range}; {n} years, {first} to {last}).", **said)
    return msg("The market ({measure}) shrinks: {rate} a year (range {range}; {n} years, {first} to {last}).", **said)


def _limits(main: Series, told: Trend) -> tuple[Message, ...]:
    limits = []
    trend, why = told
    if trend is None and why is not None:
        limits.append(msg("No trend: {why}.", why=why))
    if main.unit == "money":
        limits.append(msg("The rates are in money of the day: price increases are in them."))
    for _, row in main.other_breaks.iterrows():
        said = {"year": str(int(row["year"])), "other": measure_name(str(row["break_measure"])), "measure": main.name}
        limits.append(msg("The source notes a change of definition in {year}; it concerns {other}, so {measure} is not broken there.", **said))
    return tuple(limits)
