"""How fast does the market grow, and do we keep pace?

Yearly rate of the log-linear trend over the comparable years, and beside it the compound rate between the first and the
last year of the longest stretch without a change of definition. A change counts only for the measure it concerns: there
the trend gets a level shift. Own growth is the won amount by year of closing, complete years only: a year is complete
when it begins at least one longest cycle after the first deal was created and has ended by the reporting date.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, currency_of, with_known_amount
from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.analyses.market_trend import Trend, breaks_inside, part_trends, trend_of
from workbook.params import Params, Share
from workbook.results import Action, Certainty, Check, Headline, Result, Status, clean_float, group_key
from workbook.stats.errors import CannotEstimate
from workbook.stats.growth import Growth, cagr
from workbook.stats.mean import Mean, combine_on_log_scale
from workbook.text import Message, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M2"


class GrowthParams(Params):
    """measure: which one is the market (empty: as for its size). confidence: level of the intervals. action_days:
    time given for the actions.
    """

    measure: str = ""
    confidence: Share = 0.95
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthResult(Result):
    """Growth of the market and the firm's own.

    by_measure: one row per measure, the main one first: measure, rate, low, high, years_count, first_year, last_year, breaks,
    cagr, cagr_low, cagr_high, cagr_first_year, cagr_last_year, reason. by_part: see
    `market_trend.part_trends`. years: one row per year of the main measure: year, volume, trend, low, high, is_comparable,
    is_break. own: one row per year: year, amount, deals_count, is_complete, market_volume, market_share. own_growth,
    market_growth: yearly rates between own_years. trend_finding: the part of the finding that speaks of the market alone.
    """

    by_measure: pd.DataFrame | None = None
    by_part: pd.DataFrame | None = None
    years: pd.DataFrame | None = None
    own: pd.DataFrame | None = None
    own_years: tuple[int, int] | None = None
    own_growth: Mean | None = None
    market_growth: float | None = None
    trend_finding: Message | None = None
    main: Series | None = None


def aggregate(market: Table, opportunities: Table, params: GrowthParams, *, as_of: date) -> dict[str, Table]:
    """Select the market's rows; add won amounts per year and currency, with the squares of the customers' sums. Lazy."""
    import ibis

    deals = with_known_amount(opportunities)
    ended = deals.filter(deals.status.isin(CLOSED) & (deals.closed_on <= ibis.date(as_of)))
    won = ended.filter((ended.status == "won") & ended.known_amount.notnull()).mutate(
        year=lambda t: t.closed_on.year(), customer=lambda t: ibis.coalesce(t.account_id, t.opportunity_id)
    )
    each = won.group_by(["year", "currency", "customer"]).agg(amount=won.known_amount.cast("float64").sum(), deals_count=won.count())
    in_order = ended.closed_on >= ended.created_on
    cycle = ibis.ifelse(in_order, ended.closed_on.delta(ended.created_on, unit="day"), ibis.null("int64"))
    return {
        "market": select_rows(market, as_of),
        "own": each.group_by(["year", "currency"]).agg(
            amount=each.amount.sum(), squares=(each.amount * each.amount).sum(), deals_count=each.deals_count.sum()
        ),
        "coverage": ended.mutate(cycle_days=cycle).agg(
            first_created_on=ended.created_on.min(), first_closed_on=ended.closed_on.min(), longest_days=lambda t: t.cycle_days.max()
        ),
    }


def analyse(small: dict[str, pd.DataFrame], params: GrowthParams, *, as_of: date) -> GrowthResult:
    """Turn the series into rates and compare them with the firm's own. Pure."""
    found, _ = read_series(small["market"])
    main = main_series(found, params.measure)
    if isinstance(main, Message):
        return GrowthResult(refused=main, certainty="open")
    ordered = [main, *(series for series in found if series is not main)]
    trends = [trend_of(series, params.confidence) for series in ordered]
    rates = [_compound(series, params) for series in ordered]
    told = _market_words(main, trends[0][0], rates[0])
    own = _own(small["own"], small["coverage"], main, as_of)
    own_years, own_growth, market_growth = _compared(own, small["own"], main, params)
    parts = part_trends(main, params.confidence)
    headlines = (*_headlines(ordered, trends, rates, params), *_part_headlines(parts, params))
    return GrowthResult(
        refused=None if trends[0][0] is not None or rates[0] is not None else trends[0][1],
        headlines=headlines,
        checks=(*_break_checks(ordered), _pace_check(own_years, own_growth, market_growth)),
        finding=_finding(told, (own_years, own_growth, market_growth)),
        actions=_actions(parts, (own_years, own_growth, market_growth), params, as_of),
        trend_finding=told,
        limits=_limits(main, trends[0], own, own_years),
        certainty=_certainty(trends[0][0]),
        by_measure=pd.DataFrame([_measure_row(s, t, r) for s, t, r in zip(ordered, trends, rates, strict=True)]),
        by_part=parts,
        years=_years(main, trends[0][0]),
        own=own,
        own_years=own_years,
        own_growth=own_growth,
        market_growth=market_growth,
        main=main,
    )


def _compound(series: Series, params: GrowthParams) -> Growth | None:
    """Compound rate over the longest stretch without a break (the later of two equally long ones)."""
    points = series.comparable
    piece = points["year"].map(lambda year: sum(year >= b for b in series.breaks))
    sizes = points.groupby(piece)["year"].agg(["count", "max"]).sort_values(["count", "max"])
    longest = points[piece == sizes.index[-1]]
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


def _own(won: pd.DataFrame, coverage: pd.DataFrame, main: Series, as_of: date) -> pd.DataFrame:
    """Won amount by year beside the market. Empty where amounts are in other money than the market, or in several."""
    columns = ["year", "amount", "deals_count", "is_complete", "market_volume", "market_share"]
    currency = currency_of(won, "deals_count")
    if won.empty or currency.refused is not None or (currency.code or main.currency) != main.currency or main.currency is None:
        return pd.DataFrame(columns=columns)
    years = won.dropna(subset=["year"]).groupby("year")[["amount", "deals_count"]].sum().reset_index().astype({"year": int})
    start = _complete_from(coverage)
    years["is_complete"] = [
        start is not None and pd.Timestamp(year, 1, 1) >= start and date(year, 12, 31) <= as_of for year in years["year"]
    ]
    volume = main.comparable.set_index("year")["volume"]
    years["market_volume"] = [float(volume.get(year, math.nan)) for year in years["year"]]
    years["market_share"] = years["amount"] / years["market_volume"]
    return years[columns]


def _complete_from(coverage: pd.DataFrame) -> pd.Timestamp | None:
    """The day from which closings are complete: one longest cycle after the first creation."""
    if coverage.empty or pd.isna(coverage["first_closed_on"].iloc[0]):
        return None
    row = coverage.iloc[0]
    if pd.isna(row["first_created_on"]) or pd.isna(row["longest_days"]):
        return pd.Timestamp(row["first_closed_on"])
    return pd.Timestamp(row["first_created_on"]) + pd.Timedelta(days=float(row["longest_days"]))


Compared = tuple[tuple[int, int] | None, Mean | None, float | None]


def _compared(own: pd.DataFrame, won: pd.DataFrame, main: Series, params: GrowthParams) -> Compared:
    """Own and market growth per year between the first and last complete year that the market covers without a break.

    A year's won amount is a random sum: its error is the root of the squared sums of its customers.
    """
    both = own[own["is_complete"].astype(bool) & own["market_volume"].notna() & (own["amount"] > 0)] if len(own) else own
    both = both[both["year"] >= max((b for b in main.breaks if b <= main.year), default=0)]
    if len(both) < 2:
        return None, None, None
    first, last = both.iloc[0], both.iloc[-1]
    span_years = float(last["year"] - first["year"])
    squares = won.groupby("year")["squares"].sum()
    errors = [math.sqrt(float(squares[row["year"]])) for row in (last, first)]
    ratio = combine_on_log_scale(
        [float(last["amount"]), float(first["amount"])], errors, [1 / span_years, -1 / span_years], params.confidence
    )
    market = (float(last["market_volume"]) / float(first["market_volume"])) ** (1 / span_years) - 1
    return (int(first["year"]), int(last["year"])), ratio, market


def _break_checks(ordered: list[Series]) -> tuple[Check, ...]:
    return tuple(_break_check(series) for series in ordered)


def _break_check(series: Series) -> Check:
    key = group_key("definition_is_stable", measure=series.measure)
    inside = breaks_inside(series)
    if not inside:
        return Check(key=key, status="pass", reason=msg("No change of definition is noted for {measure}.", measure=series.measure))
    years = tuple(f"{year:.0f}" for year in inside)
    reason = msg("The definition of {measure} changes in {years}; the trend allows a jump there and no rate spans it.", measure=series.measure, years=years)
    return Check(key=key, status="review", reason=reason)


def _actions(parts: pd.DataFrame, compared: Compared, params: GrowthParams, as_of: date) -> tuple[Action, ...]:
    """Only what a test supports: segments that gain on the market, and own growth reliably behind it. No value: not testable."""
    due = as_of + timedelta(days=params.action_days)
    ahead = parts[parts["is_reliable"] & (parts["share_rate"] > 0) & (parts["low"] > 0) & (parts["dimension"] == "segment")]
    actions = []
    if len(ahead):
        what = msg("Check for {names}, which grow faster than the market, whether leads, people and offers follow.", names=tuple(ahead["name"]))
        evidence = tuple(group_key("market_growth", segment=name) for name in ahead["name"])
        actions.append(Action(key="follow_growing_segments", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="won_amount", evidence=evidence))
    _, own, market = compared
    if own is not None and market is not None and own.high - 1 < market:
        what = msg("Find out where the market grows without us: by region, segment and competitor.")
        actions.append(Action(key="catch_up_with_the_market", what=what, owner_role=msg("managing director"), due_on=due, watch_kpi="won_amount", evidence=("market_growth",)))
    return tuple(actions)


def _pace_check(years: tuple[int, int] | None, own: Mean | None, market: float | None) -> Check:
    key = "we_grow_at_least_as_fast_as_the_market"
    if years is None or own is None or market is None:
        reason = msg("Own growth cannot be set beside the market: two complete years of won amounts in the market's money are needed.")
        return Check(key=key, status="not_applicable", reason=reason)
    status: Status = "fail" if own.high - 1 < market else "pass" if own.low - 1 > market else "review"
    return Check(key=key, status=status, reason=_pace(years, own, market))


def _pace(years: tuple[int, int], own: Mean, market: float) -> Message:
    said = {
        "first": str(years[0]), "last": str(years[1]), "own": share(own.value - 1, signed=True),
        "range": span(own.low - 1, own.high - 1, "share"), "market": share(market, signed=True),
    }  # fmt: skip
    if own.low - 1 > market:
        return msg("From {first} to {last} our won amount grew faster than the market: {own} a year (range {range}) against {market}.", **said)
    if own.high - 1 < market:
        return msg("From {first} to {last} our won amount grew more slowly than the market: {own} a year (range {range}) against {market}.", **said)
    return msg("From {first} to {last} our won amount changed by {own} a year (range {range}), the market by {market}: no reliable difference.", **said)


def _certainty(trend: Growth | None) -> Certainty:
    if trend is None:
        return "open"
    return "likely" if trend.low > 0 or trend.high < 0 else "open"


def _finding(first: Message | None, compared: Compared) -> Message | None:
    years, own, market = compared
    if first is None or years is None or own is None or market is None:
        return first
    return msg("{first} {second}", first=first, second=_pace(years, own, market))


def _market_words(main: Series, trend: Growth | None, rate: Growth | None) -> Message | None:
    if trend is None:
        if rate is None:
            return None
        said = {"measure": main.measure, "rate": share(rate.value, signed=True), "first": f"{rate.start:.0f}", "last": f"{rate.end:.0f}"}
        return msg("The market ({measure}) changed by {rate} a year from {first} to {last}; too few years for a range.", **said)
    said = {
        "measure": main.measure, "rate": share(trend.value), "range": span(trend.low, trend.high, "share"),
        "first": f"{trend.start:.0f}", "last": f"{trend.end:.0f}", "n": trend.n,
    }  # fmt: skip
    if trend.low > 0:
        return msg("The market ({measure}) grows by {rate} a year (range {range}; {n} years, {first} to {last}).", **said)
    if trend.high < 0:
        return msg("The market ({measure}) shrinks: {rate} a year (range {range}; {n} years, {first} to {last}).", **said)
    return msg("The market ({measure}) shows no reliable trend: {rate} a year (range {range}; {n} years, {first} to {last}).", **said)


def _limits(main: Series, told: Trend, own: pd.DataFrame, years: tuple[int, int] | None) -> tuple[Message, ...]:
    limits = []
    trend, why = told
    if trend is None and why is not None:
        limits.append(msg("No trend: {why}.", why=why))
    if main.unit == "money":
        limits.append(msg("The rates are in money of the day: price increases are in them."))
    for _, row in main.other_breaks.iterrows():
        said = {"year": str(int(row["year"])), "other": str(row["break_measure"]), "measure": main.measure}
        limits.append(msg("The source notes a change of definition in {year}; it concerns {other}, so {measure} is not broken there.", **said))
    partial = int((~own["is_complete"].astype(bool)).sum()) if len(own) else 0
    if years is not None and partial:
        limits.append(nmsg("{n} year of won amounts is incomplete and left out of the comparison.", "{n} years of won amounts are incomplete and left out of the comparison.", partial))
    return tuple(limits)
