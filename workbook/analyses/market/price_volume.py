"""Does the market grow in value or in volume?

Value = volume × value per piece, so the growth rates (on the log scale) add up. Volume is a count measure of the market data:
the one the settings name, else one whose name says so (pieces, firms, customers …), with most years beside the value. What grows per piece is price and mix together;
only a measure of pieces sold makes it a price. Years in which either measure is missing stay out; a noted change of either
definition gets a level shift.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.analyses.market_trend import Trend, fit_trend
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.stats.growth import Growth
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M2"
PARTS = {"value": msg("value of the market"), "volume": msg("volume"), "per piece": msg("value per piece")}
VOLUMES = re.compile(
    r"\b(units?|pieces?|volumes?|tons?|tonnes?|orders?|establishments?|firms?|compan(y|ies)|customers?|buyers?|users?|"
    r"stück\w*|tonnen|menge\w*|absatz|aufträge|betriebe|unternehmen|firmen|kunden|käufer|nutzer)\b", re.IGNORECASE,
)  # fmt: skip


class PriceVolumeParams(Params):
    """measure: value, in money (empty: the main one). volume_measure: a count (empty: the one with most common years)."""

    measure: str = ""
    volume_measure: str = ""
    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceVolumeResult(Result):
    """parts: one row per value, volume, per piece: part, rate, low, high, p_value, is_reliable, years_count. years: year,
    value, volume, per_piece. volume: the count measure.
    """

    parts: pd.DataFrame | None = None
    years: pd.DataFrame | None = None
    value: Series | None = None
    volume: Series | None = None


def aggregate(market: Table, params: PriceVolumeParams, *, as_of: date) -> Table:
    """Select the market's rows up to the reporting year. Lazy."""
    return select_rows(market, as_of)


def analyse(small: pd.DataFrame, params: PriceVolumeParams, *, as_of: date) -> PriceVolumeResult:
    """Fit the three trends. Pure."""
    found = read_series(small)[0]
    value = main_series(found, params.measure)
    if isinstance(value, Message):
        return PriceVolumeResult(refused=value, certainty="open")
    volume = _volume(found, value, params)
    if isinstance(volume, Message) or not value.currency:
        why = volume if isinstance(volume, Message) else msg("the market's measure {measure} is no money", measure=value.name)
        return PriceVolumeResult(refused=why, certainty="open", value=value)
    years = _common(value, volume)
    trends = _trends(years, value, volume, params)
    refused = next((why for _, why in trends.values() if why is not None), None)
    if refused is not None:
        return PriceVolumeResult(refused=refused, certainty="open", value=value, volume=volume, years=years)
    parts = _parts(trends, params)
    told, actions = _finding(parts, value, volume), _actions(parts, params, as_of)
    return PriceVolumeResult(
        headlines=_headlines(parts, volume, params),
        checks=(_check(parts, volume),), finding=told, brief=told, actions=actions,
        no_action=None if actions else msg("growth does not rest on the value per piece alone"),
        limits=(msg("The value per piece ({measure}) moves with prices and with what is bought; the two cannot be told apart here.", measure=volume.name),),
        certainty="likely", parts=parts, years=years, value=value, volume=volume,
    )  # fmt: skip


def _volume(found: list[Series], value: Series, params: PriceVolumeParams) -> Series | Message:
    if params.volume_measure:
        return main_series(found, params.volume_measure)
    counts = [series for series in found if not series.currency and VOLUMES.search(f"{series.measure} {series.label}")]
    if not counts:
        return msg("the market data hold no volume beside the money (pieces, firms, customers …), or one that must be named in the settings")
    return max(counts, key=lambda series: (len(_common(value, series)), series.measure))


def _common(value: Series, volume: Series) -> pd.DataFrame:
    both = value.comparable.rename(columns={"volume": "value"}).merge(volume.comparable, on="year")
    return both.assign(per_piece=both["value"] / both["volume"].where(both["volume"] > 0))


def _trends(years: pd.DataFrame, value: Series, volume: Series, params: PriceVolumeParams) -> dict[str, Trend]:
    """Fit all three with the shifts of both measures, so that the rates add up."""
    shifts = sorted({float(b) for s in (value, volume) for b in s.breaks if len(years) and years["year"].min() < b <= years["year"].max()})
    columns = {"value": "value", "volume": "volume", "per piece": "per_piece"}
    filled = years[years["per_piece"].notna()]
    return {name: fit_trend(filled["year"], filled[column], tuple(shifts), params.confidence) for name, column in columns.items()}


def _parts(trends: dict[str, Trend], params: PriceVolumeParams) -> pd.DataFrame:
    fitted: dict[str, Growth] = {name: growth for name, (growth, _) in trends.items() if growth is not None}
    rows = [
        {"part": name, "rate": g.value, "low": g.low, "high": g.high, "p_value": g.p_value, "years_count": g.n} for name, g in fitted.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    return table.assign(is_reliable=benjamini_hochberg(table["p_value"]) <= params.false_discovery_rate)


def by_part(parts: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of `parts` by name."""
    return {str(row["part"]): {str(name): value for name, value in row.items()} for row in parts.to_dict("records")}


def _headlines(parts: pd.DataFrame, volume: Series, params: PriceVolumeParams) -> tuple[Headline, ...]:
    row = by_part(parts)["per piece"]
    key = group_key("market_growth", per=volume.measure)
    return (
        Headline(key=key, kpi="market_growth", value=float(row["rate"]), low=float(row["low"]), high=float(row["high"]),
                 level=params.confidence, unit="ratio", n=int(row["years_count"])),
    )  # fmt: skip


def _check(parts: pd.DataFrame, volume: Series) -> Check:
    row = by_part(parts)["volume"]
    said = {"measure": volume.name, "rate": share(float(row["rate"]), signed=True), "range": span(float(row["low"]), float(row["high"]), "share")}
    status = "pass" if row["is_reliable"] and row["rate"] > 0 else "review"
    reason = msg("The market's volume ({measure}) changes by {rate} a year (range {range}).", **said)
    return Check(key="the_market_grows_in_volume", status=status, reason=reason)  # type: ignore[arg-type]


def _finding(parts: pd.DataFrame, value: Series, volume: Series) -> Message:
    rows = by_part(parts)
    said = {"volume": volume.name, "measure": value.name} | {
        f"{name}_{end}": span(float(rows[part]["low"]), float(rows[part]["high"]), "share") if end == "range" else share(float(rows[part]["rate"]), signed=True)
        for name, part in (("count", "volume"), ("piece", "per piece")) for end in ("rate", "range")
    }  # fmt: skip
    rising, grown = (bool(rows[p]["is_reliable"]) and float(rows[p]["rate"]) > 0 for p in ("per piece", "volume"))
    if rising and not grown:
        return msg("The market grows in value, not in volume: {measure} divided by {volume} {piece_rate} a year (range {piece_range}), {volume} {count_rate} (range {count_range}).", **said)
    if rising:
        return msg("The market grows in volume and in value per piece: {volume} {count_rate} a year (range {count_range}), {measure} divided by {volume} {piece_rate} (range {piece_range}).", **said)
    if grown:
        return msg("The market grows in volume: {volume} {count_rate} a year (range {count_range}); {measure} divided by {volume} does not rise reliably ({piece_rate}, range {piece_range}).", **said)
    return msg("Neither volume nor value per piece rises reliably: {volume} {count_rate} a year (range {count_range}), {measure} divided by {volume} {piece_rate} (range {piece_range}).", **said)


def _actions(parts: pd.DataFrame, params: PriceVolumeParams, as_of: date) -> tuple[Action, ...]:
    rows = by_part(parts)
    if not (bool(rows["per piece"]["is_reliable"]) and float(rows["per piece"]["rate"]) > 0 and float(rows["volume"]["low"]) < float(rows["per piece"]["low"])):
        return ()
    what = msg("Check whether our own prices and our mix rose with the market’s value per piece; set list prices and discount limits accordingly.")
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="keep_pace_with_value_per_piece", what=what, owner_role=msg("sales controlling"), due_on=due, watch_kpi="won_amount", evidence=("market_growth",)),)
