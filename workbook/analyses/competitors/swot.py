"""Strengths, weaknesses, opportunities, threats – each with the number behind it.

Inside: win rates against competitors that differ reliably from those against the others, and a loss reason that is
reliably ahead, attributes that buyers rate reliably better or worse than the competitors'. Outside: the market's trend,
segments whose share of the market moves reliably, concentration, and shares won or lost. An item enters only where a test or
a stated number supports it; an empty field says why. The tests made here share one false-discovery control; the two questions
on deals, whose answers are taken over, bring their own. A strength is what buyers show, not what the firm believes of itself. The moves (TOWS) follow from
the items by rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors import tows
from workbook.analyses.competitors.by_competitor import ByCompetitorResult, competitor_key
from workbook.analyses.competitors.loss_reasons import LossReasonsResult
from workbook.analyses.competitors.rated import rating_gaps, rating_pairs
from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.analyses.market_shares import Shares, read_shares, select_competitors, share_changes
from workbook.analyses.market_trend import part_trends, trend_of
from workbook.params import Params, Share
from workbook.results import Action, Check, Result, group_key
from workbook.stats.concentration import eu_band, hhi_bounds
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, index, msg, nmsg, number, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W5"
QUADRANTS = ("strength", "weakness", "opportunity", "threat")
NAMES = {"strength": msg("Strengths"), "weakness": msg("Weaknesses"), "opportunity": msg("Opportunities"), "threat": msg("Threats")}


class SwotParams(Params):
    """change_min_points: a share must move by this many percentage points to count. action_days: time given for the moves."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    change_min_points: float = Field(default=1.0, ge=0)
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwotResult(Result):
    """The items.

    items: one row per item: quadrant, item (message), number (message), n, date (text), evidence (headline key, may be empty),
    support (`test` or `stated`), kind and subject (what it speaks of). empty: quadrant → why nothing is in it. moves: see
    `tows.moves`; missing: field → why it has no move.
    """

    items: pd.DataFrame | None = None
    empty: dict[str, Message] | None = None
    moves: pd.DataFrame | None = None
    missing: dict[str, Message] | None = None


def aggregate(market: Table, competitors: Table, ratings: Table, params: SwotParams, *, as_of: date) -> dict[str, Table]:
    """Select market and competitor rows and sum rating differences. Lazy."""
    return {
        "market": select_rows(market, as_of),
        "competitors": select_competitors(competitors, as_of),
        "ratings": rating_pairs(ratings, competitors, together=True),
    }


def analyse(
    small: dict[str, pd.DataFrame], rivals: ByCompetitorResult, reasons: LossReasonsResult, params: SwotParams, *, as_of: date
) -> SwotResult:
    """Sort what is supported into the four fields. rivals, reasons: what the deals say. Pure."""
    found = read_series(small["market"])[0]
    series = main_series(found, "")
    main = series if isinstance(series, Series) else None
    shares = read_shares(small["competitors"], found, as_of)
    gaps = rating_gaps(small["ratings"], params.confidence)
    if rivals.refused is not None and reasons.refused is not None and main is None and shares.year is None and gaps.empty:
        reason = msg("neither competitors or loss reasons on deals nor market or competitor data are there")
        return SwotResult(refused=reason, certainty="open")
    day = as_of.isoformat()
    tested = _survivors(_market_items(main, params) + _rating_items(gaps, day), params)
    rows = [*_from_rivals(rivals, day), *_from_reasons(reasons, day), *tested, *_from_shares(shares, params)]
    items = pd.DataFrame(rows, columns=COLUMNS)
    empty = _empty(items, rivals, main, shares)
    moves = tows.moves(items, as_of + timedelta(days=params.action_days))
    actions = _actions(moves)
    return SwotResult(
        checks=(_customer_check(rivals),),
        actions=actions,
        no_action=None if actions else msg("a move needs an item inside and one outside that the data support"),
        finding=_finding(items),
        brief=_brief(items, moves),
        limits=(msg("What no number supports is not listed: a SWOT from a workshop will hold more, and more of it will be opinion."),),
        certainty="likely" if len(items) else "open",
        items=items,
        empty=empty,
        moves=moves,
        missing=tows.missing(items),
    )


COLUMNS = ["quadrant", "item", "number", "n", "date", "evidence", "support", "kind", "subject"]
Item = tuple[str, Message, Message, int, str, str, str, str, str]


def _survivors(tested: list[tuple[float, Item]], params: SwotParams) -> list[Item]:
    """Keep the items whose p-value survives one control over all tests made here."""
    adjusted = benjamini_hochberg(np.array([p for p, _ in tested], dtype=float))
    return [item for p, (_, item) in zip(adjusted, tested, strict=True) if p <= params.false_discovery_rate]


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
        return "strength", msg("Against {name} we win more often than against the others.", name=name), number, n, day, competitor_key(name), "test", "rival", name
    return "weakness", msg("Against {name} we win less often than against the others.", name=name), number, n, day, competitor_key(name), "test", "rival", name


def _from_reasons(reasons: LossReasonsResult, day: str) -> list[Item]:
    if reasons.by_reason is None or reasons.certainty == "open" or len(reasons.by_reason) < 2:
        return []
    row = reasons.by_reason.iloc[0]
    number = msg("{part} of the lost deals with a reason ({range})", part=share(float(row["lost_share"])), range=span(float(row["low"]), float(row["high"]), "share"))
    item = msg("We lose most often for “{reason}”.", reason=str(row["reason"]))
    return [("weakness", item, number, int(reasons.by_reason["lost_count"].sum()), day, "", "test", "reason", str(row["reason"]))]


def _market_items(main: Series | None, params: SwotParams) -> list[tuple[float, Item]]:
    """The market's trend and its segments' shares, each with the p-value of no movement."""
    if main is None:
        return []
    found: list[tuple[float, Item]] = []
    trend, _ = trend_of(main, params.confidence)
    if trend is not None:
        item = msg("The market grows.") if trend.value > 0 else msg("The market shrinks.")
        said = msg("{rate} a year ({range})", rate=share(trend.value, signed=True), range=span(trend.low, trend.high, "share"))
        quadrant = "opportunity" if trend.value > 0 else "threat"
        found.append((trend.p_value, (quadrant, item, said, trend.n, str(main.year), "market_growth", "test", "market", "")))
    parts = part_trends(main, params.confidence)
    segments = parts[parts["dimension"] == "segment"]
    return found + [(float(row["p_value"]), _segment_item(row, main.year)) for _, row in segments.iterrows()]


def _rating_items(gaps: pd.DataFrame, day: str) -> list[tuple[float, Item]]:
    """Attributes on which buyers rate us against the mean of the competitors they rated."""
    return [(float(row["p_value"]), _rating_item(row, day)) for _, row in gaps.iterrows()]


def _rating_item(row: pd.Series, day: str) -> Item:
    said = msg(
        "{own} against {their} (difference {range})", own=number(float(row["own_score"]), 1), their=number(float(row["their_score"]), 1),
        range=span(float(row["low"]), float(row["high"]), "number"),
    )  # fmt: skip
    name, is_better = str(row["attribute"]), float(row["difference"]) > 0
    better, worse = msg("Buyers rate us better than the competitors on “{name}”.", name=name), msg("Buyers rate us worse than the competitors on “{name}”.", name=name)
    return ("strength" if is_better else "weakness"), better if is_better else worse, said, int(row["n"]), day, "", "test", "attribute", name


def _segment_item(row: pd.Series, year: int) -> Item:
    name, n, key = str(row["name"]), int(row["years_count"]), group_key("market_growth", segment=row["name"])
    number = msg(
        "{rate} a year ({range})", rate=share(float(row["rate"]), signed=True), range=span(float(row["low"]), float(row["high"]), "share")
    )
    if float(row["share_rate"]) > 0:
        return "opportunity", msg("{name} grows faster than the market.", name=name), number, n, str(year), key, "test", "segment", name
    return "threat", msg("{name} falls behind the market.", name=name), number, n, str(year), key, "test", "segment", name


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
        return "strength" if gains else "weakness", item, number, 2, years, "", "stated", "own" if bool(row["is_self"]) else "rival", name
    item = msg("{name} gains market share.", name=name) if gains else msg("{name} loses market share: its customers are moving.", name=name)
    return "threat" if gains else "opportunity", item, number, 2, years, "", "stated", "own" if bool(row["is_self"]) else "rival", name


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
    about = (number, len(latest), str(shares.year), "hhi", "stated", "market", "")
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


def _brief(items: pd.DataFrame, moves: pd.DataFrame) -> Message:
    tested = int((items["support"] == "test").sum())
    if not len(items):
        return msg("No strength, weakness, opportunity or threat is supported by a number.")
    return nmsg(
        "{n} item of the SWOT is supported by a number, {tested} of them by a test, and {moves} moves follow.",
        "{n} items of the SWOT are supported by a number, {tested} of them by a test, and {moves} moves follow.",
        len(items), tested=tested, moves=len(moves),
    )  # fmt: skip


def _actions(moves: pd.DataFrame) -> tuple[Action, ...]:
    """The first move of each field; the table holds the others."""
    first = moves.drop_duplicates("field").to_dict("records")
    return tuple(
        Action(key=f"tows.{row['field']}", what=row["move"], owner_role=row["owner_role"], due_on=row["due_on"], watch_kpi=str(row["watch_kpi"]))
        for row in first
    )
