"""How near is the market to its ceiling?

The logistic curve asks the main measure what part of its ceiling it has reached. The Bass curve needs a measure of first
purchases per year from a product's first year on: one the settings name, else a count whose name says so (units sold,
installations, new customers …). While the peak of its sales lies outside the data, least squares takes any size of market
for possible; then published values of earlier products (p 0.03, q 0.38) lean on the fit and the result says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.stats.ceiling import MIN_POINTS, Ceiling, logistic_ceiling
from workbook.stats.diffusion_prior import BassPosterior, bass_with_analogies
from workbook.stats.errors import CannotEstimate
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M4"
FIRST_PURCHASES = re.compile(
    r"\b(units? (sold|shipped)|shipments?|installations?|new (customers|users|subscribers|registrations)|adopt\w*|first purchases|"
    r"verkaufte stück\w*|absatz|installationen|neukunden|neuzulassungen|erstkäufe)\b", re.IGNORECASE,
)  # fmt: skip
START_MAX_SHARE = 0.3  # of the best year: a first year above it is not the product's first


class SaturationParams(Params):
    """measure: whose ceiling is asked for (empty: the main one). adoption_measure: first purchases per year (empty: a count
    whose name says so).
    """

    measure: str = ""
    adoption_measure: str = ""
    confidence: Share = 0.95
    draws: int = Field(default=2000, ge=100)
    seed: int = 7
    action_days: int = Field(default=180, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaturationResult(Result):
    """ceiling: of the main measure; why_none: why there is none. adoption: the Bass curve; adoption_why: why there is none.

    verdict: growing (less than half reached), late (more than half), untold. years: year, volume of the main measure.
    """

    ceiling: Ceiling | None = None
    why_none: Message | None = None
    adoption: BassPosterior | None = None
    adoption_why: Message | None = None
    adoption_series: Series | None = None
    verdict: str = "untold"
    years: pd.DataFrame | None = None
    main: Series | None = None


def aggregate(market: Table, params: SaturationParams, *, as_of: date) -> Table:
    """Select the market's rows up to the reporting year. Lazy."""
    return select_rows(market, as_of)


def analyse(small: pd.DataFrame, params: SaturationParams, *, as_of: date) -> SaturationResult:
    """Fit both curves where their measures are there. Pure."""
    found = read_series(small)[0]
    main = main_series(found, params.measure)
    if isinstance(main, Message):
        return SaturationResult(refused=main, certainty="open")
    points = _since_break(main)
    ceiling, why = _ceiling(points, params)
    series = _adoption_series(found, params)
    adoption, adoption_why = _adoption(series, params)
    if ceiling is None and adoption is None:
        return SaturationResult(refused=why, why_none=why, adoption_why=adoption_why, certainty="open", main=main, years=points)
    verdict = _verdict(ceiling)
    checks = (_told_check(ceiling, verdict), *_peak_checks(series, adoption))
    return SaturationResult(
        headlines=_headlines(ceiling, adoption, main, series),
        checks=checks, finding=_finding(ceiling, adoption, main, series), brief=_brief(ceiling, verdict, main),
        actions=_actions(verdict, params, as_of), no_action=_no_action(verdict), limits=_limits(main, adoption, adoption_why),
        certainty="likely" if verdict != "untold" else "open", ceiling=ceiling, why_none=why, adoption=adoption,
        adoption_why=adoption_why, adoption_series=series, verdict=verdict, years=points, main=main,
    )  # fmt: skip


def _since_break(main: Series) -> pd.DataFrame:
    points = main.comparable
    return points[points["year"] >= max((b for b in main.breaks if b <= main.year), default=0)].reset_index(drop=True)


def _ceiling(points: pd.DataFrame, params: SaturationParams) -> tuple[Ceiling | None, Message | None]:
    if len(points) < MIN_POINTS:
        return None, msg("a curve with a ceiling needs {needed} years of one definition, there are {n}", needed=MIN_POINTS, n=len(points))
    try:
        return logistic_ceiling(points["year"], points["volume"], params.confidence), None
    except CannotEstimate as error:
        constant = msg("the market does not change at all")
        return None, constant if error.reason_key == "no_variation" else msg("a value is zero or negative, and growth rates need positive ones")


def _adoption_series(found: list[Series], params: SaturationParams) -> Series | None:
    if params.adoption_measure:
        named = main_series(found, params.adoption_measure)
        return named if isinstance(named, Series) else None
    return next((series for series in found if not series.currency and FIRST_PURCHASES.search(series.measure)), None)


def _adoption(series: Series | None, params: SaturationParams) -> tuple[BassPosterior | None, Message | None]:
    if series is None:
        return None, msg("no measure counts first purchases of a new product; a spread from buyer to buyer cannot be followed")
    points = _since_break(series)
    if len(points) < len(series.comparable):
        return None, msg("the definition of {measure} changes after the product’s start", measure=series.name)
    years = points["year"].tolist()
    if years and years != list(range(years[0], years[-1] + 1)):
        return None, msg("years are missing in {measure}", measure=series.name)
    try:
        return bass_with_analogies(points["volume"], params.confidence, params.draws, params.seed), None
    except (CannotEstimate, ValueError):
        return None, msg("{measure} has too few years, or none with a purchase", measure=series.name)


def _verdict(ceiling: Ceiling | None) -> str:
    if ceiling is None:
        return "untold"
    low, high = ceiling.reached_interval.low, ceiling.reached_interval.high
    return "growing" if high < 0.5 else "late" if low > 0.5 else "untold"


def _told_check(ceiling: Ceiling | None, verdict: str) -> Check:
    key = "the_markets_ceiling_can_be_told"
    if ceiling is None:
        return Check(key=key, status="not_applicable", reason=msg("No curve with a ceiling could be fitted."))
    if verdict == "late":
        return Check(key=key, status="pass", reason=msg("The fastest growth lies in the data, so they bound the ceiling."))
    reason = msg("The fastest growth does not lie clearly in the data: the height of the ceiling is hardly more than a guess.")
    return Check(key=key, status="review", reason=reason)


def _peak_checks(series: Series | None, adoption: BassPosterior | None) -> tuple[Check, ...]:
    if adoption is None or series is None:
        return ()
    status = "pass" if adoption.peak_seen > 0.95 else "review"
    told = msg("That the peak of {measure} lies in the data has a probability of {chance}.", measure=series.name, chance=share(adoption.peak_seen, 0))
    points = series.comparable["volume"]
    early = float(points.iloc[0]) <= START_MAX_SHARE * float(points.max())
    start = msg("The first year holds {part} of the best one.", part=share(float(points.iloc[0]) / float(points.max()), 0))
    return (
        Check(key="the_peak_of_adoption_is_in_the_data", status=status, reason=told),  # type: ignore[arg-type]
        Check(key="the_series_begins_with_the_product", status="pass" if early else "review", reason=start),
    )


def _headlines(ceiling: Ceiling | None, adoption: BassPosterior | None, main: Series, series: Series | None) -> tuple[Headline, ...]:
    found = []
    if ceiling is not None:
        span_ = ceiling.reached_interval
        found.append(Headline(key="market_saturation", kpi="market_saturation", value=ceiling.reached, low=span_.low, high=span_.high, level=span_.level, unit="share", n=ceiling.n))
    if adoption is not None and series is not None:
        span_ = adoption.market_interval
        key = group_key("market_size", ceiling=series.measure)
        found.append(Headline(key=key, kpi="market_size", value=adoption.market, low=span_.low, high=span_.high, level=span_.level, unit=series.unit, currency=series.currency, n=adoption.n))
    return tuple(found)


def _brief(ceiling: Ceiling | None, verdict: str, main: Series) -> Message | None:
    if ceiling is None:
        return None
    wide = {"range": span(ceiling.reached_interval.low, ceiling.reached_interval.high, "share"), "measure": main.name}
    if verdict == "growing":
        return msg("The market ({measure}) is far from its ceiling: {part} reached (range {range}).", part=share(ceiling.reached, 0), **wide)
    if verdict == "late":
        return msg("The market ({measure}) has passed half of its ceiling: {part} reached (range {range}).", part=share(ceiling.reached, 0), **wide)
    return msg("How near the market ({measure}) is to its ceiling cannot be told: anything in the range {range} fits.", **wide)


def _finding(ceiling: Ceiling | None, adoption: BassPosterior | None, main: Series, series: Series | None) -> Message:
    first = _brief(ceiling, _verdict(ceiling), main)
    if ceiling is not None and first is not None and _verdict(ceiling) == "late":
        limits = ceiling.ceiling_interval
        first = msg("{first} The ceiling lies at about {value} a year (range {range}).", first=first, value=main.amount(ceiling.ceiling),
                    range=span(limits.low, limits.high, main.unit, main.currency))  # fmt: skip
    if adoption is None or series is None:
        assert first is not None
        return first
    start = int(series.comparable["year"].min()) - 1
    peak = [f"{start + time:.0f}" for time in (adoption.peak_time, adoption.peak_interval.low, adoption.peak_interval.high)]
    second = msg(
        "{measure}: in all {market} buyers or units (range {range}), peak about {peak} (range {early} to {late}).",
        measure=series.name, market=series.amount(adoption.market),
        range=span(adoption.market_interval.low, adoption.market_interval.high, series.unit, series.currency), peak=peak[0], early=peak[1], late=peak[2],
    )  # fmt: skip
    return second if first is None else msg("{first} {second}", first=first, second=second)


def _actions(verdict: str, params: SaturationParams, as_of: date) -> tuple[Action, ...]:
    if verdict != "late":
        return ()
    what = msg("Plan for a market that slows down: growth must come from competitors’ shares, replacement and new products; decide which.")
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="plan_for_a_slower_market", what=what, owner_role=msg("managing director"), due_on=due, watch_kpi="market_saturation", evidence=("market_saturation",)),)


def _no_action(verdict: str) -> Message | None:
    if verdict == "late":
        return None
    if verdict == "growing":
        return msg("the market has room; its growth sets the pace, not its ceiling")
    return msg("the data do not tell the ceiling, and a plan should not rest on one")


def _limits(main: Series, adoption: BassPosterior | None, why: Message | None) -> tuple[Message, ...]:
    limits = [msg("The curve assumes one ceiling that does not move; new uses raise it, substitutes lower it.")]
    if main.currency:
        limits.append(msg("In money of the day: price increases look like room to grow."))
    if adoption is None and why is not None:
        limits.append(msg("No curve of adoption: {why}.", why=why))
    elif adoption is not None and adoption.peak_seen <= 0.95:
        limits.append(msg("The peak is not surely in the data; published values of earlier products (p 0.03, q 0.38) carry much of the result."))
    return tuple(limits)
