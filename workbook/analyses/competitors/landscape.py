"""Who shares the market with us: direct or indirect, local or international, how large, how dear, through which channels?

From the competitor data: the latest year per competitor. Share of the whole market as in the market chapter; price level
with our own at 100 (mean over segments, weighted by revenue where it is known). How a share moves: log trend over its years
where there are four, under one false-discovery control over all competitors. A name that also occurs in deals gets the number
of deals it was met in and the win rate there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.naming import named_competitors, spellings
from workbook.analyses.deals import CLOSED, hits_per_cluster, rate_of
from workbook.analyses.market_series import read_series, select_rows
from workbook.analyses.market_shares import read_shares, select_competitors, share_changes
from workbook.analyses.market_trend import fit_trend
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W1"


class LandscapeParams(Params):
    """same_price: price levels within this many points of our own count as the same."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    same_price: float = 3.0
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandscapeResult(Result):
    """The competitors.

    competitors: one row per competitor, largest share first, the own firm included: competitor, is_self, kind, reach,
    market_share, share_change (percentage points as 0–1 since first_year), share_rate (yearly growth of the share,
    0–1), share_rate_low, share_rate_high, share_years, p_adjusted, is_moving, price_index, channels, products, deals_count (None: not
    met), closed_count, win_rate, win_low, win_high. year, first_year: of the shares. unlisted: names in deals that the competitor data do not list.
    """

    competitors: pd.DataFrame | None = None
    year: int | None = None
    first_year: int | None = None
    unlisted: tuple[str, ...] = ()


def aggregate(
    competitors: Table, market: Table, opportunities: Table, params: LandscapeParams, *, as_of: date
) -> dict[str, Table]:
    """Select competitor and market rows; count the deals that name each competitor. Lazy."""
    named = named_competitors(opportunities)
    closed = named.filter(named.status.isin(CLOSED))
    return {
        "competitors": select_competitors(competitors, as_of),
        "market": select_rows(market, as_of),
        "deals": spellings(named),
        "won": hits_per_cluster(closed, closed.status == "won", ("rival",)),
    }


def analyse(small: dict[str, pd.DataFrame], params: LandscapeParams, *, as_of: date) -> LandscapeResult:
    """Put the competitors side by side. Pure."""
    rows = small["competitors"]
    if rows.empty:
        return LandscapeResult(refused=msg("the competitor data list nobody"), certainty="open")
    shares = read_shares(rows, read_series(small["market"])[0], as_of)
    changes = share_changes(shares.overall)
    met = small["deals"].groupby("rival", as_index=False).agg(deals_count=("deals_count", "sum"), spelling=("spelling", "min"))
    deals = {str(k): int(n) for k, n in met[["rival", "deals_count"]].itertuples(index=False)}
    table = _table(rows, as_of)
    latest = shares.overall[shares.overall["year"] == shares.year].set_index("competitor")["market_share"]
    table["market_share"] = table["competitor"].map(latest)
    table["share_change"] = table["competitor"].map(changes.set_index("competitor")["change"])
    table = table.merge(_share_trends(shares.overall, params), on="competitor", how="left")
    table["is_moving"] = table["is_moving"].eq(True)
    table = _with_win_rates(table, small["won"], params)
    table["deals_count"] = [deals.get(name.lower()) for name in table["competitor"]]
    table = table.sort_values(["market_share", "competitor"], ascending=[False, True], na_position="last", ignore_index=True)
    unlisted = _unlisted(met, table)
    actions = _actions(table, unlisted, params, as_of)
    return LandscapeResult(
        checks=(_own_check(table), _listed_check(unlisted, bool(deals))),
        actions=actions,
        no_action=None if actions else msg("no competitor gains share reliably, and every name met in deals is listed"),
        finding=_finding(table, params),
        brief=_brief(table),
        limits=_limits(shares.reason),
        certainty="likely",
        competitors=table,
        year=shares.year,
        first_year=int(changes["first_year"].iloc[0]) if len(changes) else None,
        unlisted=unlisted,
    )


def _table(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    named = rows.assign(
        competitor=rows["competitor"].map(lambda name: str(name).strip()), year=rows["year"].fillna(as_of.year).astype(int)
    )
    return pd.DataFrame([_row(str(name), part[part["year"] == part["year"].max()]) for name, part in named.groupby("competitor", sort=True)])


def _row(name: str, rows: pd.DataFrame) -> dict[str, object]:
    return {
        "competitor": name, "is_self": bool(rows["is_self"].fillna(False).astype(bool).any()), "kind": _common(rows["kind"]),
        "reach": _common(rows["reach"]), "price_index": _price(rows), "channels": _listed(rows["channels"]),
        "products": _listed(rows["products"]),
    }  # fmt: skip


def _common(values: pd.Series) -> str | None:
    """The most frequent value; among equals the first in the alphabet."""
    counted = values.dropna().value_counts()
    return None if counted.empty else str(min(counted[counted == counted.max()].index))


def _listed(values: pd.Series) -> str:
    words = {word.strip() for value in values.dropna() for word in str(value).split(";")}
    return "; ".join(sorted(word for word in words if word))


def _price(rows: pd.DataFrame) -> float:
    known = rows[rows["price_index"].notna()]
    if known.empty:
        return math.nan
    weight = known["revenue"].astype(float)
    if weight.isna().any() or float(weight.sum()) <= 0:
        return float(known["price_index"].astype(float).mean())
    return float((known["price_index"].astype(float) * weight).sum() / weight.sum())


def _unlisted(deals: pd.DataFrame, table: pd.DataFrame) -> tuple[str, ...]:
    known = {name.lower() for name in table["competitor"]}
    ordered = deals.sort_values(["deals_count", "rival"], ascending=[False, True])
    return tuple(str(row["spelling"]) for _, row in ordered.iterrows() if row["rival"] not in known)


def _own_check(table: pd.DataFrame) -> Check:
    if table["is_self"].any():
        return Check(key="own_firm_is_among_the_competitors", status="pass", reason=msg("The own firm is on the list, so levels can be compared."))
    reason = msg("No row is marked as this firm: its share and price level cannot be set beside the others.")
    return Check(key="own_firm_is_among_the_competitors", status="review", reason=reason)


def _listed_check(unlisted: tuple[str, ...], has_deals: bool) -> Check:
    key = "competitors_met_in_deals_are_listed"
    if not has_deals:
        return Check(key=key, status="not_applicable", reason=msg("No deal names a competitor."))
    if not unlisted:
        return Check(key=key, status="pass", reason=msg("Every competitor named on a deal is in the competitor data."))
    reason = nmsg("{n} name from deals is missing from the competitor data: {names}.", "{n} names from deals are missing from the competitor data: {names}.", len(unlisted), names=unlisted[:10])
    return Check(key=key, status="review", reason=reason)


def _finding(table: pd.DataFrame, params: LandscapeParams) -> Message:
    rivals = table[~table["is_self"]]
    counts: dict[str, Any] = {"n": len(rivals), "direct": int((rivals["kind"] == "direct").sum()), "indirect": int((rivals["kind"] == "indirect").sum())}
    first = msg("{n} competitors are listed, {direct} direct and {indirect} indirect.", **counts)
    shared = rivals[rivals["market_share"].notna()]
    if len(shared):
        top = shared.iloc[0]
        first = msg("{first} The largest is {name} with {part} of the market.", first=first, name=str(top["competitor"]), part=share(float(top["market_share"])))
    priced = rivals["price_index"].dropna()
    if priced.empty:
        return first
    dearer, cheaper = int((priced > 100 + params.same_price).sum()), int((priced < 100 - params.same_price).sum())
    return msg("{first} {dearer} are dearer than we are, {cheaper} cheaper.", first=first, dearer=dearer, cheaper=cheaper)


def _limits(reason: Message | None) -> tuple[Message, ...]:
    limits = [msg("Price levels and shares are what the list says; nobody measured how exact they are.")]
    if reason is not None:
        limits.append(msg("No shares of the whole market: {reason}.", reason=reason))
    return tuple(limits)


def _share_trends(overall: pd.DataFrame, params: LandscapeParams) -> pd.DataFrame:
    """Yearly growth of each share with interval. One row per competitor with a share in four or more years."""
    columns = ["competitor", "share_rate", "share_rate_low", "share_rate_high", "share_years", "p_value"]
    rows = []
    for name, part in overall[overall["market_share"] > 0].groupby("competitor", sort=True):
        years = part.sort_values("year")
        trend, _ = fit_trend(years["year"], years["market_share"], (), params.confidence)
        if trend is not None:
            rows.append((name, trend.value, trend.low, trend.high, trend.n, trend.p_value))
    table = pd.DataFrame(rows, columns=columns)
    table["p_adjusted"] = benjamini_hochberg(table["p_value"].astype(float))
    table["is_moving"] = np.nan_to_num(table["p_adjusted"].astype(float), nan=1.0) <= params.false_discovery_rate
    return table.drop(columns="p_value")


def _with_win_rates(table: pd.DataFrame, counted: pd.DataFrame, params: LandscapeParams) -> pd.DataFrame:
    rates = {str(rival): rate_of(part, params.confidence) for rival, part in counted.groupby("rival", sort=True)}
    found = [rates.get(name.lower()) for name in table["competitor"]]
    return table.assign(
        closed_count=pd.Series([None if rate is None else int(rate.n) for rate in found], index=table.index, dtype="Int64"),
        **{name: [math.nan if rate is None else getattr(rate, field) for rate in found] for name, field in (("win_rate", "value"), ("win_low", "low"), ("win_high", "high"))},
    )  # fmt: skip


def _actions(table: pd.DataFrame, unlisted: tuple[str, ...], params: LandscapeParams, as_of: date) -> tuple[Action, ...]:
    due, found = as_of + timedelta(days=params.action_days), []
    gaining = table[table["is_moving"] & ~table["is_self"] & (table["share_rate"].astype(float) > 0)].sort_values(["share_rate", "competitor"], ascending=[False, True])
    if len(gaining):
        names = tuple(gaining["competitor"].head(3))
        what = msg("Find out from customers and lost deals with what {names} gain share, and decide how to answer.", names=names)
        found.append(Action(key="answer_share_gains", what=what, owner_role=msg("marketing"), due_on=due, watch_kpi="win_rate"))
    if unlisted:
        what = nmsg("Add {n} competitor met in deals to the competitor list: {names}.", "Add {n} competitors met in deals to the competitor list: {names}.", len(unlisted), names=unlisted[:5])
        found.append(Action(key="complete_the_competitor_list", what=what, owner_role=msg("sales operations"), due_on=due, watch_kpi="win_rate"))
    return tuple(found)


def _brief(table: pd.DataFrame) -> Message:
    rivals = table[~table["is_self"]]
    moving = rivals[rivals["is_moving"]].sort_values(["share_rate", "competitor"], ascending=[False, True])
    if len(moving):
        row = moving.iloc[0]
        said = span(float(row["share_rate_low"]), float(row["share_rate_high"]), "share")
        words = {"name": str(row["competitor"]), "range": said, "n": int(row["share_years"])}
        if float(row["share_rate"]) > 0:
            return msg("{name} gains market share: {range} a year relative to its share ({n} years).", **words)
        return msg("{name} loses market share: {range} a year relative to its share ({n} years).", **words)
    return nmsg("{n} competitor is listed; no share moves reliably.", "{n} competitors are listed; no share moves reliably.", len(rivals))
