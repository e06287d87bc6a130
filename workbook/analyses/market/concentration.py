"""Who holds the market, and how concentrated is it?

Herfindahl-Hirschman index: sum of the squared shares in per cent, in the latest year of the competitor data. The value
takes firms that nobody named as countless and tiny; the upper end takes them as few and as large as the smallest named
rival, for a larger one would have been named. The own firm's row counts like any other. Bands: EU merger guidelines 2004
(1,000 / 2,000), US merger guidelines 2023 (1,000 / 1,800).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.market_series import read_series, select_rows
from workbook.analyses.market_shares import WHOLE, Shares, read_shares, select_competitors, share_changes
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.concentration import HhiBounds, concentration_ratio, eu_band, hhi_bounds, us_band
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, index, msg, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M5"
BOUNDS = msg("the range covers what firms not named may hold; it is no sampling error")


class ConcentrationParams(Params):
    """largest: number of firms in the concentration ratio. false_discovery_rate: of the share changes stated."""

    largest: int = Field(default=4, ge=1)
    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcentrationResult(Result):
    """Concentration and shares.

    shares: one row per competitor in the latest year, largest first, "others" last: competitor, market_share, is_self.
    by_market: one row per segment and year (segment empty: the whole market): year, segment, hhi, hhi_high, cr4, cr4_high,
    others_share, named_count, reason. changes: see
    `market_shares.share_changes`, with is_reliable.
    """

    shares: pd.DataFrame | None = None
    by_market: pd.DataFrame | None = None
    changes: pd.DataFrame | None = None
    year: int | None = None


def aggregate(competitors: Table, market: Table, params: ConcentrationParams, *, as_of: date) -> dict[str, Table]:
    """Select the competitor rows, and the market rows that give segments their size. Lazy."""
    return {"competitors": select_competitors(competitors, as_of), "market": select_rows(market, as_of)}


def analyse(small: dict[str, pd.DataFrame], params: ConcentrationParams, *, as_of: date) -> ConcentrationResult:
    """Turn shares into indices with bounds. Pure."""
    shares = read_shares(small["competitors"], read_series(small["market"])[0], as_of)
    if shares.year is None:
        reason = msg("no competitor carries a market share, or a revenue with the size of the market")
        return ConcentrationResult(refused=reason, certainty="open")
    by_market = _by_market(shares, params)
    changes = share_changes(shares.overall, params.confidence)
    changes = changes.assign(is_reliable=benjamini_hochberg(changes["p_value"].astype(float)) <= params.false_discovery_rate)
    actions = _actions(changes, params, as_of)
    return ConcentrationResult(
        headlines=(*_headlines(by_market, shares), *_change_headlines(changes, params)),
        checks=(_sum_check(by_market), _others_check(by_market, shares.year)),
        finding=_finding(by_market, shares, changes),
        brief=_brief(by_market, shares, changes),
        actions=actions,
        no_action=None if actions else msg("no competitor gains share reliably; concentration alone asks for nothing"),
        limits=_limits(shares, changes),
        certainty="likely",
        shares=_shares_table(shares),
        by_market=by_market,
        changes=changes,
        year=shares.year,
    )


def _by_market(shares: Shares, params: ConcentrationParams) -> pd.DataFrame:
    rows = []
    for _, part in shares.overall.groupby("year", sort=True):
        rows.append(_row(WHOLE, part, params))
    segmented = shares.by_segment[shares.by_segment["segment"] != WHOLE]
    for _, part in segmented.groupby(["year", "segment"], sort=True):
        rows.append(_row(str(part["segment"].iloc[0]), part, params))
    return pd.DataFrame(rows)


def _row(segment: str, part: pd.DataFrame, params: ConcentrationParams) -> dict[str, object]:
    year, part = int(part["year"].iloc[0]), part[part["market_share"] > 0]
    percent = 100 * part["market_share"].to_numpy(float)
    row: dict[str, object] = {"year": year, "segment": segment, "named_count": len(part)}
    rivals = percent[~part["is_self"].to_numpy(bool)]
    try:
        bounds = hhi_bounds(percent, largest_possible=_cap(percent, rivals))
        cr4 = [value / 100 for value in _ratio_bounds(percent, bounds, params.largest)]
    except ValueError:
        told = msg("the shares add up to {total}, more than the whole market", total=share(float(percent.sum()) / 100))
        blank = dict.fromkeys(("hhi", "hhi_high", "cr4", "cr4_high", "others_share"), math.nan)
        return row | blank | {"reason": told}
    return row | {"hhi": bounds.low, "hhi_high": bounds.high, "cr4": cr4[0], "cr4_high": cr4[1], "others_share": bounds.others_share / 100, "reason": None}


def _cap(percent: np.ndarray, rivals: np.ndarray) -> float | None:
    """The largest share one of the others can have: the smallest named rival's; the own firm is named whatever its size."""
    rest = max(100.0 - float(percent.sum()), 0.0)
    if rest <= 0:
        return None
    return min(rest, float(rivals.min())) if len(rivals) else rest


def _ratio_bounds(percent: np.ndarray, bounds: HhiBounds, k: int) -> tuple[float, float]:
    """Concentration ratio with the others tiny, and with them as large as allowed."""
    low = concentration_ratio(percent, k)
    cap, rest = bounds.largest_possible, bounds.others_share
    full = int(rest // cap + 1e-9) if rest > 0 and cap > 0 else 0
    others = [cap] * min(full, k) + ([rest - full * cap] if rest > full * cap + 1e-9 else [])
    largest = sorted([*percent, *others], reverse=True)[:k]
    return low, max(low, min(float(sum(largest)), 100.0))


def _headlines(by_market: pd.DataFrame, shares: Shares) -> tuple[Headline, ...]:
    latest = by_market[by_market["year"] == shares.year]
    found: list[Headline] = []
    whole = latest[latest["segment"] == WHOLE]
    if whole.empty:
        found += [Headline(key=key, kpi=key, value=None, unit=unit, n=0, reason=shares.reason) for key, unit in (("hhi", "index"), ("cr4", "share"))]
    for _, row in latest.iterrows():
        prior = by_market[(by_market["year"] == shares.year - 1) & (by_market["segment"] == row["segment"])] if shares.year else latest[:0]
        found += _pair(row, prior)
    return tuple(found)


def _pair(row: pd.Series, prior: pd.DataFrame) -> list[Headline]:
    group = {} if row["segment"] == WHOLE else {"segment": row["segment"]}
    headlines = []
    for key, unit in (("hhi", "index"), ("cr4", "share")):
        before = float(prior[key].iloc[0]) if len(prior) else math.nan
        is_known = not math.isnan(float(row[key]))
        headlines.append(Headline(
            key=group_key(key, **group), kpi=key, value=float(row[key]) if is_known else None,
            low=float(row[key]) if is_known else None, high=float(row[f"{key}_high"]) if is_known else None, unit=unit,
            n=int(row["named_count"]), reason=BOUNDS if is_known else row["reason"], prior=None if math.isnan(before) else before,
        ))  # fmt: skip
    return headlines


def _shares_table(shares: Shares) -> pd.DataFrame:
    latest = shares.overall[shares.overall["year"] == shares.year]
    table = latest[["competitor", "market_share", "is_self"]].reset_index(drop=True)
    return table[table["market_share"] > 0].reset_index(drop=True)


def _sum_check(by_market: pd.DataFrame) -> Check:
    key = "shares_add_up_to_no_more_than_the_market"
    wrong = by_market[by_market["reason"].notna()]
    if wrong.empty:
        return Check(key=key, status="pass", reason=msg("In no year and segment do the shares exceed the whole market."))
    row = wrong.iloc[-1]
    return Check(key=key, status="fail", reason=msg("{year}: {reason}.", year=str(row["year"]), reason=row["reason"]))


def _others_check(by_market: pd.DataFrame, year: int) -> Check:
    key = "unnamed_firms_do_not_decide_the_verdict"
    rows = by_market[(by_market["year"] == year) & by_market["hhi"].notna()]
    wide = [row for _, row in rows.iterrows() if eu_band(float(row["hhi"])).level != eu_band(float(row["hhi_high"])).level]
    if not wide:
        return Check(key=key, status="pass", reason=msg("The verdict on concentration is the same whoever holds what is not named."))
    names = tuple(str(row["segment"]) or msg("whole market") for row in wide)
    return Check(key=key, status="review", reason=msg("How concentrated these are depends on firms that nobody named: {names}.", names=names))


EU_WORDS = {"low": msg("low"), "moderate": msg("moderate"), "high": msg("high")}


def band_words(low: float, high: float) -> Message:
    """Say on which side of the EU and US thresholds an index lies."""
    eu = [EU_WORDS[eu_band(value).level] for value in (low, high)]
    us = [EU_WORDS[us_band(value).level] for value in (low, high)]
    if eu[0] is eu[1] and us[0] is us[1]:
        return msg("concentration is {eu} on the EU scale and {us} on the US scale", eu=eu[0], us=us[0])
    return msg("concentration is {eu} to {eu_high} on the EU scale and {us} to {us_high} on the US scale", eu=eu[0], eu_high=eu[1], us=us[0], us_high=us[1])


def band_short(low: float, high: float) -> Message:
    """Say the same in a table's cell."""
    eu, us = ([EU_WORDS[band(value).level] for value in (low, high)] for band in (eu_band, us_band))
    return msg("EU {eu}, US {us}", eu=_between(eu), us=_between(us))


def _between(words: list[Message]) -> Message:
    return words[0] if words[0] is words[1] else msg("{low} to {high}", low=words[0], high=words[1])


def _finding(by_market: pd.DataFrame, shares: Shares, changes: pd.DataFrame) -> Message:
    latest = by_market[(by_market["year"] == shares.year) & by_market["hhi"].notna()]
    whole = latest[latest["segment"] == WHOLE]
    if whole.empty:
        return msg("Shares are known per segment only ({n} segments in {year}).", n=len(latest), year=str(shares.year))
    row = whole.iloc[0]
    low, high = float(row["hhi"]), float(row["hhi_high"])
    said = {
        "year": str(shares.year), "n": int(row["named_count"]), "cr4": share(float(row["cr4"])),
        "hhi": span(low, high, "index") if high - low > 0.5 else index(low), "band": band_words(low, high),
    }  # fmt: skip
    first = msg("In {year} the four largest of {n} named firms hold {cr4}; HHI {hhi}: {band}.", **said)
    moved = _moved(changes)
    return first if moved is None else msg("{first} {moved}", first=first, moved=moved)


def _moved(changes: pd.DataFrame) -> Message | None:
    """Who gained and who lost share, as far as the control lets it be said."""
    if changes.empty:
        return None
    since = str(int(changes["first_year"].iloc[0]))
    rows = changes[changes["is_reliable"]]
    if changes["p_value"].isna().all():
        return msg("Whether shares have changed since {since} cannot be tested: that needs four years.", since=since)
    if rows.empty:
        return msg("No share has changed reliably since {since}.", since=since)
    top = rows.iloc[rows["change"].abs().argmax()]
    said = {
        "name": str(top["competitor"]), "since": since, "change": points(100 * float(top["change"]), signed=True),
        "range": span(100 * float(top["low"]), 100 * float(top["high"]), "points"),
    }  # fmt: skip
    if float(top["change"]) > 0:
        return msg("{name} gained most since {since}: {change} percentage points (range {range}).", **said)
    return msg("{name} lost most since {since}: {change} percentage points (range {range}).", **said)


def _brief(by_market: pd.DataFrame, shares: Shares, changes: pd.DataFrame) -> Message | None:
    row = by_market[(by_market["year"] == shares.year) & (by_market["segment"] == WHOLE) & by_market["hhi"].notna()]
    if row.empty:
        return None
    low, high = float(row["hhi"].iloc[0]), float(row["hhi_high"].iloc[0])
    first = msg("The four largest firms hold {cr4} of the market (HHI {hhi}).", cr4=share(float(row["cr4"].iloc[0])), hhi=span(low, high, "index") if high - low > 0.5 else index(low))
    reliable = changes[changes["is_reliable"]] if len(changes) else changes
    if reliable.empty:
        return first
    top = reliable.iloc[reliable["change"].abs().argmax()]
    said = {"cr4": share(float(row["cr4"].iloc[0])), "name": str(top["competitor"]), "since": str(int(top["first_year"])), "change": points(100 * float(top["change"]), signed=True)}
    if float(top["change"]) > 0:
        return msg("The four largest firms hold {cr4} of the market; since {since}, {name} has gained most ({change} percentage points).", **said)
    return msg("The four largest firms hold {cr4} of the market; since {since}, {name} has lost most ({change} percentage points).", **said)


def _change_headlines(changes: pd.DataFrame, params: ConcentrationParams) -> tuple[Headline, ...]:
    """One per competitor: change of its share along the line through its years (unit: share of the market)."""
    return tuple(
        Headline(
            key=group_key("market_share_change", competitor=row["competitor"]), kpi="market_share_change", value=float(row["change"]),
            low=clean_float(min(row["low"], row["change"])), high=clean_float(max(row["high"], row["change"])), level=params.confidence, unit="share",
            n=int(row["years_count"]), reason=msg("a range needs four years") if math.isnan(float(row["low"])) else None,
        )
        for _, row in changes.iterrows()
    )  # fmt: skip


def _actions(changes: pd.DataFrame, params: ConcentrationParams, as_of: date) -> tuple[Action, ...]:
    """Watch the rival that gains reliably; the own share's loss is the risk question's."""
    gaining = changes[changes["is_reliable"] & (changes["change"] > 0) & ~changes["is_self"].astype(bool)] if len(changes) else changes
    if gaining.empty:
        return ()
    names = tuple(str(name) for name in gaining["competitor"].head(3))
    what = msg("Find out how {names} gain share: ask lost customers, compare offers and prices, and write down the answer.", names=names)
    evidence = tuple(group_key("market_share_change", competitor=name) for name in names)
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="study_gaining_competitors", what=what, owner_role=msg("product management"), due_on=due, watch_kpi="win_rate", evidence=evidence),)


def _limits(shares: Shares, changes: pd.DataFrame) -> tuple[Message, ...]:
    limits = [msg("The shares are taken as given; no source states how exact they are.")]
    if len(changes) and changes["low"].notna().any():
        limits.append(msg("The range of a change rests on how far the yearly shares scatter around a straight line, on nothing else."))
    if not shares.by_segment["is_self"].any():
        limits.append(msg("No row is marked as this firm; its own share is among the firms not named."))
    if shares.unshared:
        limits.append(msg("Without a share, and so not in the index: {names}.", names=shares.unshared))
    if shares.reason is not None:
        limits.append(msg("No figure for the whole market: {reason}.", reason=shares.reason))
    return tuple(limits)
