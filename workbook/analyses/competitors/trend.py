"""Is a competitor getting harder to beat?

Win rate against each competitor over quarters of closing, as a straight line with errors over salespeople. Quarters that begin
within one longest cycle of the first creation date are left out, because deals that began before the data are missing from
them, and so is the quarter still running. The lines of all competitors are tested together (Benjamini-Hochberg).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.naming import labels_of, named_competitors, spellings
from workbook.analyses.deals import CLOSED
from workbook.params import Params, Share
from workbook.results import Action, Check, Result, group_key
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import wilson
from workbook.stats.slope import clustered_slope
from workbook.text import Message, msg, number, quarter, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W2"


class TrendParams(Params):
    """quarters_min_count: full quarters with deals that a trend needs. closed_min_count: decided deals in them, per competitor."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    quarters_min_count: int = Field(default=4, ge=3)
    closed_min_count: int = Field(default=40, ge=10)
    action_days: int = Field(default=45, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendResult(Result):
    """Trends.

    by_competitor: one row per competitor, steepest fall first: competitor, closed_count, quarters_count, slope (change of the rate
    per year), low, high, p_adjusted, is_reliable. by_year: one row per competitor × year of closing: competitor, year, won_count,
    closed_count, win_rate, low, high (Wilson), full quarters only. first_on, last_on: first day of the first and of the last quarter used.
    """

    by_competitor: pd.DataFrame | None = None
    by_year: pd.DataFrame | None = None
    first_on: date | None = None
    last_on: date | None = None


def aggregate(opportunities: Table, params: TrendParams, *, as_of: date) -> dict[str, Table]:
    """Count decided deals and wins per competitor, quarter of closing and cluster; the start and the longest cycle. Lazy."""
    import ibis

    today = ibis.date(as_of)
    dated = opportunities.filter(opportunities.status.isin(CLOSED) & (opportunities.closed_on <= today))
    cycle = dated.filter(dated.created_on.notnull() & (dated.closed_on >= dated.created_on))
    named = named_competitors(dated, "closed_on")
    named = named.mutate(quarter_on=named.closed_on.truncate("Q"), cluster=ibis.coalesce(named.owner_id, named.account_id, named.opportunity_id))
    created = opportunities.filter(opportunities.created_on <= today)
    return {
        "counts": named.group_by(["rival", "quarter_on", "cluster"]).agg(won_count=(named.status == "won").sum(), closed_count=named.count()),
        "start": created.agg(first_created_on=created.created_on.min()),
        "cycle": cycle.agg(longest_days=cycle.closed_on.delta(cycle.created_on, unit="day").max()),
        "spellings": spellings(named),
    }


def analyse(small: dict[str, pd.DataFrame], params: TrendParams, *, as_of: date) -> TrendResult:
    """Fit a line per competitor. Pure."""
    counts = small["counts"].assign(quarter_on=pd.to_datetime(small["counts"]["quarter_on"]))
    complete_from = _complete_from(small)
    if counts.empty:
        return TrendResult(refused=msg("no decided deal with a closing day names a competitor"), certainty="open")
    if complete_from is None:
        return TrendResult(refused=msg("without creation and closing dates nobody can tell from when on the data are complete"), certainty="open")
    used = counts[(counts["quarter_on"] >= complete_from) & (counts["quarter_on"] + pd.offsets.QuarterEnd(0) <= pd.Timestamp(as_of))]
    table = _table(used, labels_of(small["spellings"]), params)
    if table.empty:
        reason = msg(
            "no competitor is named on {needed} decided deals in {quarters} full quarters from {day} on", needed=params.closed_min_count,
            quarters=params.quarters_min_count, day=complete_from.date(),
        )  # fmt: skip
        return TrendResult(refused=reason, certainty="open")
    shown = used[used["rival"].isin(table["rival"])]
    actions = _actions(table, params, as_of)
    ends = shown["quarter_on"].min().date(), shown["quarter_on"].max().date()
    return TrendResult(
        checks=(_owners_check(table),), actions=actions, no_action=None if actions else msg("no competitor is reliably getting harder to beat"),
        finding=_finding(table, ends), brief=_finding(table, ends), limits=_limits(complete_from), certainty="likely" if table["is_reliable"].any() else "open",
        by_competitor=table.drop(columns=["rival", "clusters"]), by_year=_by_year(shown, table, params), first_on=ends[0], last_on=ends[1],
    )  # fmt: skip


def _complete_from(small: dict[str, pd.DataFrame]) -> pd.Timestamp | None:
    first, longest = small["start"]["first_created_on"].iloc[0], small["cycle"]["longest_days"].iloc[0]
    return None if pd.isna(first) or pd.isna(longest) else pd.Timestamp(first) + pd.Timedelta(days=float(longest))


def _table(used: pd.DataFrame, names: dict[str, str], params: TrendParams) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for rival, part in used.sort_values(["rival", "quarter_on", "cluster"]).groupby("rival", sort=True):
        quarters = part["quarter_on"].nunique()
        if int(part["closed_count"].sum()) < params.closed_min_count or quarters < params.quarters_min_count:
            continue
        at = part["quarter_on"].dt.year + (part["quarter_on"].dt.quarter - 1) / 4
        line = clustered_slope(part["won_count"], part["closed_count"], at, part["cluster"], params.confidence)
        rows.append({
            "rival": str(rival), "competitor": names[str(rival)], "closed_count": line.n, "quarters_count": quarters, "slope": line.value,
            "low": line.low, "high": line.high, "p_value": line.p_value, "clusters": line.clusters,
        })  # fmt: skip
    table = pd.DataFrame(rows, columns=["rival", "competitor", "closed_count", "quarters_count", "slope", "low", "high", "p_value", "clusters"])
    table["p_adjusted"] = benjamini_hochberg(table["p_value"])
    table["is_reliable"] = table["p_adjusted"] <= params.false_discovery_rate
    return table.sort_values(["slope", "competitor"], ignore_index=True)


def _by_year(shown: pd.DataFrame, table: pd.DataFrame, params: TrendParams) -> pd.DataFrame:
    names = dict(zip(table["rival"], table["competitor"], strict=True))
    sums = shown.assign(year=shown["quarter_on"].dt.year).groupby(["rival", "year"])[["won_count", "closed_count"]].sum().reset_index()
    spans = [wilson(float(won), float(n), params.confidence) for won, n in zip(sums["won_count"], sums["closed_count"], strict=True)]
    sums = sums.assign(
        competitor=sums["rival"].map(names), win_rate=sums["won_count"] / sums["closed_count"], low=[s.low for s in spans], high=[s.high for s in spans]
    )
    return sums.drop(columns="rival").sort_values(["competitor", "year"], ignore_index=True)


def _owners_check(table: pd.DataFrame) -> Check:
    fewest = int(table["clusters"].min())
    reason = msg("Every trend rests on the deals of {n} or more salespeople.", n=fewest)
    return Check(key="trends_rest_on_enough_owners", status="pass" if fewest >= 10 else "review", reason=reason)


def _told(row: pd.Series) -> Message:
    return msg(
        "{name} ({slope} percentage points a year, range {range}, {n} deals)", name=str(row["competitor"]), n=int(row["closed_count"]),
        slope=number(100 * float(row["slope"]), 1, signed=True), range=span(100 * float(row["low"]), 100 * float(row["high"]), "points"),
    )  # fmt: skip


def _finding(table: pd.DataFrame, ends: tuple[date, date]) -> Message:
    told = table[table["is_reliable"]]
    harder, easier = (tuple(_told(row) for _, row in part.iterrows()) for part in (told[told["slope"] < 0], told[told["slope"] > 0].iloc[::-1]))
    period = {"first": quarter(ends[0]), "last": quarter(ends[1])}
    if harder and easier:
        return msg("From {first} to {last}, getting harder to beat: {harder}; getting easier: {easier}.", harder=harder, easier=easier, **period)
    if harder:
        return msg("From {first} to {last}, getting harder to beat: {harder}.", harder=harder, **period)
    if easier:
        return msg("From {first} to {last}, getting easier to beat: {easier}.", easier=easier, **period)
    wide = float((table["high"] - table["low"]).median()) / 2
    if math.isnan(wide):
        return msg("From {first} to {last} the win rate against none of {k} competitors rises or falls.", k=len(table), **period)
    return msg(
        "From {first} to {last} the win rate against none of {k} competitors rises or falls reliably; changes below about {wide} percentage points a year would be missed.",
        k=len(table), wide=number(100 * wide, 0), **period,
    )  # fmt: skip


def _limits(complete_from: pd.Timestamp) -> tuple[Message, ...]:
    return (
        msg("Quarters that begin before {day} and the one still running are left out.", day=complete_from.date()),
        msg("A change in how often the competitor field is filled on lost deals looks like a change of the win rate."),
    )


def _actions(table: pd.DataFrame, params: TrendParams, as_of: date) -> tuple[Action, ...]:
    harder = table[table["is_reliable"] & (table["slope"] < 0)]
    return tuple(
        Action(
            key=group_key("stop_the_slide", competitor=row["competitor"]), owner_role=msg("head of sales"), watch_kpi="win_rate",
            what=msg("Find out from five lost deals of the last two quarters what {name} now does differently.", name=str(row["competitor"])),
            due_on=as_of + timedelta(days=params.action_days), evidence=(group_key("win_rate", competitor=row["competitor"]),),
        )
        for _, row in harder.iterrows()
    )  # fmt: skip
