"""Strengths, weaknesses, opportunities, threats – each with the number behind it.

Inside: win rates against competitors that differ reliably from those against the others, and a loss reason that is
reliably ahead. Outside: the market's trend, segments whose share of the market moves reliably, concentration, and
shares won or lost. An item enters only where a test or a stated number supports it; an empty field says why. A strength
is what buyers' decisions show, not what the firm believes of itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.competitors import by_competitor, loss_reasons
from workbook.analyses.competitors.by_competitor import ByCompetitorParams, ByCompetitorResult, competitor_key
from workbook.analyses.competitors.loss_reasons import LossReasonsParams, LossReasonsResult
from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.analyses.market_shares import Shares, read_shares, select_competitors, share_changes
from workbook.analyses.market_trend import part_trends, trend_of
from workbook.params import Params, Share
from workbook.results import Check, Result, group_key
from workbook.stats.concentration import eu_band, hhi_bounds
from workbook.text import Message, index, msg, nmsg, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W5"
QUADRANTS = ("strength", "weakness", "opportunity", "threat")
NAMES = {"strength": msg("Strengths"), "weakness": msg("Weaknesses"), "opportunity": msg("Opportunities"), "threat": msg("Threats")}


class SwotParams(Params):
    """change_min_points: a share must move by this many percentage points to count."""

    confidence: Share = 0.95
    change_min_points: float = Field(default=1.0, ge=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwotResult(Result):
    """The items.

    items: one row per item: quadrant, item (message), number (message), n, date (text), evidence (headline key, may be empty),
    support (`test` or `stated`). empty: quadrant → why nothing is in it.
    """

    items: pd.DataFrame | None = None
    empty: dict[str, Message] | None = None


def aggregate(opportunities: Table, market: Table, competitors: Table, params: SwotParams, *, as_of: date) -> dict[str, Table]:
    """Ask the two questions on deals again and select market and competitor rows. Lazy."""
    rivals = by_competitor.aggregate(opportunities, ByCompetitorParams(confidence=params.confidence), as_of=as_of)
    reasons = loss_reasons.aggregate(opportunities, LossReasonsParams(confidence=params.confidence), as_of=as_of)
    return {
        **{f"rivals.{name}": table for name, table in rivals.items()},
        **{f"reasons.{name}": table for name, table in reasons.items()},
        "market": select_rows(market, as_of),
        "competitors": select_competitors(competitors, as_of),
    }


def analyse(small: dict[str, pd.DataFrame], params: SwotParams, *, as_of: date) -> SwotResult:
    """Sort what is supported into the four fields. Pure."""
    rivals = by_competitor.analyse(_part(small, "rivals"), ByCompetitorParams(confidence=params.confidence), as_of=as_of)
    reasons = loss_reasons.analyse(_part(small, "reasons"), LossReasonsParams(confidence=params.confidence), as_of=as_of)
    series = main_series(read_series(small["market"])[0], "")
    main = series if isinstance(series, Series) else None
    shares = read_shares(small["competitors"], small["market"], as_of)
    if rivals.refused is not None and reasons.refused is not None and main is None and shares.year is None:
        reason = msg("neither competitors or loss reasons on deals nor market or competitor data are there")
        return SwotResult(refused=reason, certainty="open")
    day = as_of.isoformat()
    rows = [*_from_rivals(rivals, day), *_from_reasons(reasons, day), *_from_market(main, params), *_from_shares(shares, params)]
    items = pd.DataFrame(rows, columns=["quadrant", "item", "number", "n", "date", "evidence", "support"])
    empty = _empty(items, rivals, main, shares)
    return SwotResult(
        checks=(_customer_check(rivals),),
        finding=_finding(items),
        limits=(msg("What no number supports is not listed: a SWOT from a workshop will hold more, and more of it will be opinion."),),
        certainty="likely" if len(items) else "open",
        items=items,
        empty=empty,
    )


Item = tuple[str, Message, Message, int, str, str, str]


def _part(small: dict[str, pd.DataFrame], name: str) -> dict[str, pd.DataFrame]:
    return {key.split(".", 1)[1]: table for key, table in small.items() if key.startswith(f"{name}.")}


def _from_rivals(rivals: ByCompetitorResult, day: str) -> list[Item]:
    if rivals.by_competitor is None:
        return []
    table = rivals.by_competitor
    reliable = table[table["is_reliable"]].sort_values(["difference", "competitor"])
    return [_rival_item(row, day) for _, row in reliable.iterrows()]


def _rival_item(row: pd.Series, day: str) -> Item:
    name, n = str(row["competitor"]), int(row["closed_count"])
    number = msg(
        "{rate} won, {gap} percentage points against the others",
        rate=share(float(row["win_rate"])), gap=span(100 * float(row["difference_low"]), 100 * float(row["difference_high"]), "points"),
    )  # fmt: skip
    if float(row["difference"]) > 0:
        return "strength", msg("Against {name} we win more often than against the others.", name=name), number, n, day, competitor_key(name), "test"
    return "weakness", msg("Against {name} we win less often than against the others.", name=name), number, n, day, competitor_key(name), "test"


def _from_reasons(reasons: LossReasonsResult, day: str) -> list[Item]:
    if reasons.by_reason is None or reasons.certainty == "open" or len(reasons.by_reason) < 2:
        return []
    row = reasons.by_reason.iloc[0]
    number = msg("{part} of the lost deals with a reason ({range})", part=share(float(row["lost_share"])), range=span(float(row["low"]), float(row["high"]), "share"))
    item = msg("We lose most often for “{reason}”.", reason=str(row["reason"]))
    return [("weakness", item, number, int(reasons.by_reason["lost_count"].sum()), day, "", "test")]


def _from_market(main: Series | None, params: SwotParams) -> list[Item]:
    if main is None:
        return []
    found: list[Item] = []
    trend, _ = trend_of(main, params.confidence)
    if trend is not None and (trend.low > 0 or trend.high < 0):
        item = msg("The market grows.") if trend.low > 0 else msg("The market shrinks.")
        number = msg("{rate} a year ({range})", rate=share(trend.value, signed=True), range=span(trend.low, trend.high, "share"))
        found.append(("opportunity" if trend.low > 0 else "threat", item, number, trend.n, str(main.year), "market_growth", "test"))
    parts = part_trends(main, params.confidence)
    moving = parts[parts["is_reliable"] & (parts["dimension"] == "segment")]
    return found + [_segment_item(row, main.year) for _, row in moving.iterrows()]


def _segment_item(row: pd.Series, year: int) -> Item:
    name, n, key = str(row["name"]), int(row["years_count"]), group_key("market_growth", segment=row["name"])
    number = msg(
        "{rate} a year ({range})", rate=share(float(row["rate"]), signed=True), range=span(float(row["low"]), float(row["high"]), "share")
    )
    if float(row["share_rate"]) > 0:
        return "opportunity", msg("{name} grows faster than the market.", name=name), number, n, str(year), key, "test"
    return "threat", msg("{name} falls behind the market.", name=name), number, n, str(year), key, "test"


def _from_shares(shares: Shares, params: SwotParams) -> list[Item]:
    if shares.year is None:
        return []
    changes = share_changes(shares.overall)
    moved = changes[changes["change"].abs() * 100 >= params.change_min_points]
    return [_change_item(row) for _, row in moved.iterrows()] + _concentration(shares)


def _change_item(row: pd.Series) -> Item:
    name, years = str(row["competitor"]), f"{int(row['first_year'])}-{int(row['last_year'])}"
    number = msg(
        "{before} to {after} ({change} percentage points)", before=share(float(row["first_share"])), after=share(float(row["last_share"])),
        change=points(100 * float(row["change"]), signed=True),
    )  # fmt: skip
    gains = float(row["change"]) > 0
    if bool(row["is_self"]):
        item = msg("We gain market share.") if gains else msg("We lose market share.")
        return "strength" if gains else "weakness", item, number, 2, years, "", "stated"
    item = msg("{name} gains market share.", name=name) if gains else msg("{name} loses market share: its customers are moving.", name=name)
    return "threat" if gains else "opportunity", item, number, 2, years, "", "stated"


def _concentration(shares: Shares) -> list[Item]:
    latest = shares.overall[(shares.overall["year"] == shares.year) & (shares.overall["market_share"] > 0)]
    percent = 100 * latest["market_share"].to_numpy(float)
    rivals = 100 * latest.loc[~latest["is_self"].astype(bool), "market_share"].to_numpy(float)
    if not len(rivals) or percent.sum() > 100:
        return []
    rest = max(100 - float(percent.sum()), 0.0)
    bounds = hhi_bounds(percent, largest_possible=min(rest, float(rivals.min())) if rest else None)
    levels = {eu_band(bounds.low).level, eu_band(bounds.high).level}
    number = msg("HHI {range}", range=span(bounds.low, bounds.high, "index") if bounds.high > bounds.low else index(bounds.low))
    about = (number, len(latest), str(shares.year), "hhi", "stated")
    if levels == {"low"}:
        return [("opportunity", msg("No firm dominates the market."), *about)]
    return [("threat", msg("Few firms hold the market."), *about)] if levels == {"high"} else []


def _empty(items: pd.DataFrame, rivals: ByCompetitorResult, main: Series | None, shares: Shares) -> dict[str, Message]:
    inside = msg("the deals name no competitor") if rivals.by_competitor is None else msg("no difference between competitors is reliable")
    outside = msg("there are no market data") if main is None and shares.year is None else msg("nothing in the market data moves reliably that way")
    reasons = {"strength": inside, "weakness": inside, "opportunity": outside, "threat": outside}
    filled = set(items["quadrant"])
    return {quadrant: reason for quadrant, reason in reasons.items() if quadrant not in filled}


def _customer_check(rivals: ByCompetitorResult) -> Check:
    key = "strengths_rest_on_buyers_decisions"
    if rivals.by_competitor is None:
        return Check(key=key, status="review", reason=msg("No deal names a competitor: strengths cannot be read from buyers' decisions."))
    return Check(key=key, status="pass", reason=msg("Strengths and weaknesses against competitors come from won and lost deals."))


def _finding(items: pd.DataFrame) -> Message:
    counts = {quadrant: int((items["quadrant"] == quadrant).sum()) for quadrant in QUADRANTS}
    if not len(items):
        return msg("No strength, weakness, opportunity or threat is supported by a number in these data.")
    parts = (
        nmsg("{n} strength", "{n} strengths", counts["strength"]), nmsg("{n} weakness", "{n} weaknesses", counts["weakness"]),
        nmsg("{n} opportunity", "{n} opportunities", counts["opportunity"]), nmsg("{n} threat", "{n} threats", counts["threat"]),
    )  # fmt: skip
    return msg("The numbers support {parts}.", parts=parts)
