"""How strong is each competitor, if met alone, and who is stronger than whom?

Deals that name several competitors tell about all of them, but if lost nobody knows to which. The model of Luce (1959) uses
them all the same: the chance to win is one over one plus the strengths of everybody at the table. With one competitor per deal
it is the model of Bradley and Terry (1952), in which each competitor is compared with the others through us. A strength above
one half wins more often than not. Deals without a competitor take no part. If the field is filled more often on lost deals, all
strengths are too high by the same factor; their order stays. Pairs are told apart under Benjamini-Hochberg.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.mix import labels, names_on
from workbook.analyses.deals import CLOSED
from workbook.params import Params, Share
from workbook.results import Check, Result
from workbook.stats.errors import CannotEstimate
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.paired_comparison import Contests, contests
from workbook.text import Message, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W2"


class StrengthsParams(Params):
    """closed_min_count: competitors on fewer decided deals are left out, with the deals that name them."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    closed_min_count: int = Field(default=20, ge=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthsResult(Result):
    """Strengths.

    competitors: one row per competitor, strongest first: competitor, closed_count, alone_count (deals that name nobody else),
    win_share (our chance against it alone), low, high. pairs: one row per pair: stronger, weaker, odds_ratio (odds to lose to the one
    over the other), odds_low, odds_high, p_adjusted, is_reliable. several_count: deals that name several. n: deals used.
    """

    competitors: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None
    several_count: int = 0
    n: int = 0


def aggregate(opportunities: Table, params: StrengthsParams, *, as_of: date) -> Table:
    """Count decided deals per competitors named, owner and outcome. Lazy. Without owner a deal stands for its account, or alone."""
    import ibis

    closed = opportunities.filter(opportunities.status.isin(CLOSED) & opportunities.competitor.notnull())
    marked = closed.mutate(is_won=closed.status == "won", cluster=ibis.coalesce(closed.owner_id, closed.account_id, closed.opportunity_id))
    return marked.group_by(["competitor", "cluster", "is_won"]).agg(deals_count=marked.count())


def analyse(small: pd.DataFrame, params: StrengthsParams, *, as_of: date) -> StrengthsResult:
    """Fit the model and compare all pairs. Pure."""
    deals = small.sort_values(["competitor", "cluster", "is_won"], ignore_index=True)
    deals = deals.assign(rivals=deals["competitor"].astype(str).map(names_on), won_count=deals["deals_count"] * deals["is_won"])
    deals, left_out = _comparable(deals[deals["rivals"].map(len) > 0], params)
    n, names = int(deals["deals_count"].sum()), sorted({name for rivals in deals["rivals"] for name in rivals})
    if len(names) < 2:
        return StrengthsResult(refused=_reason(left_out, params), certainty="open", n=n)
    present = pd.DataFrame({name: [float(name in rivals) for rivals in deals["rivals"]] for name in names})
    try:
        fit = contests(deals["is_won"].astype(float), present, deals["cluster"], params.confidence, deals["deals_count"])
    except CannotEstimate:
        reason = msg("the competitors are named in combinations that do not tell their strengths apart")
        return StrengthsResult(refused=reason, certainty="open", n=n)
    spelled = labels(small)
    table = _table(fit, deals, spelled)
    pairs = _pairs(fit, [spelled[name] for name in names], params)
    return StrengthsResult(
        checks=(_owners_check(fit),), no_action=msg("the order of strength says whom to study first; what to do is in the sections on each competitor"),
        finding=_finding(table, pairs), brief=_brief(table, pairs), limits=_limits(left_out, spelled), certainty="likely" if pairs["is_reliable"].any() else "open",
        competitors=table, pairs=pairs, several_count=int(deals.loc[deals["rivals"].map(len) > 1, "deals_count"].sum()), n=n,
    )  # fmt: skip


def _comparable(deals: pd.DataFrame, params: StrengthsParams) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out competitors with few deals, or against whom all are won or all lost, with their deals, until nobody is left to drop."""
    dropped: list[str] = []
    while True:
        each = deals.explode("rivals").groupby("rivals")[["won_count", "deals_count"]].sum()
        won, closed = each["won_count"], each["deals_count"]
        weak = each[(closed < params.closed_min_count) | (won == 0) | (won == closed)]
        if weak.empty:
            return deals.reset_index(drop=True), tuple(sorted(dropped))
        gone = {str(name) for name in weak.index}
        dropped += sorted(gone)
        deals = deals[[not gone & set(rivals) for rivals in deals["rivals"]]]


def _reason(left_out: tuple[str, ...], params: StrengthsParams) -> Message:
    if not left_out:
        return msg("no decided deal names a competitor")
    return msg("fewer than two competitors are named on {needed} decided deals of which some are won and some lost", needed=params.closed_min_count)


def _table(fit: Contests, deals: pd.DataFrame, spelled: dict[str, str]) -> pd.DataFrame:
    single = deals[deals["rivals"].map(len) == 1]
    alone = single.groupby(single["rivals"].map(lambda rivals: rivals[0]))["deals_count"].sum()
    chance = {column: 1 / (1 + np.exp(fit.rivals[source].to_numpy())) for column, source in (("win_share", "ability"), ("low", "high"), ("high", "low"))}
    table = pd.DataFrame({
        "competitor": [spelled[name] for name in fit.rivals["name"]], "closed_count": fit.rivals["contest_count"],
        "alone_count": [int(alone.get(name, 0)) for name in fit.rivals["name"]], **chance,
    })  # fmt: skip
    return table.sort_values(["win_share", "competitor"], ignore_index=True)


def _pairs(fit: Contests, names: list[str], params: StrengthsParams) -> pd.DataFrame:
    rows = []
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            first, second = (i, j) if fit.rivals["ability"][i] >= fit.rivals["ability"][j] else (j, i)
            gap = fit.difference(first, second)
            rows.append((names[first], names[second], *np.exp(gap[:3]), gap[3]))
    table = pd.DataFrame(rows, columns=["stronger", "weaker", "odds_ratio", "odds_low", "odds_high", "p_value"])
    table["p_adjusted"] = benjamini_hochberg(table["p_value"])
    table["is_reliable"] = table["p_adjusted"] <= params.false_discovery_rate
    return table.sort_values(["odds_ratio", "stronger", "weaker"], ascending=[False, True, True], ignore_index=True)


def _owners_check(fit: Contests) -> Check:
    reason = msg("The errors rest on {n} groups of deals of one owner.", n=fit.clusters or 0)
    return Check(key="strengths_rest_on_enough_owners", status="review" if fit.few_clusters else "pass", reason=reason)


def _finding(table: pd.DataFrame, pairs: pd.DataFrame) -> Message:
    first, told = table.iloc[0], pairs[pairs["is_reliable"]]
    said = {
        "name": str(first["competitor"]), "rate": share(float(first["win_share"])), "range": span(float(first["low"]), float(first["high"]), "share"),
        "n": int(first["closed_count"]), "told": len(told), "pairs": len(pairs),
    }  # fmt: skip
    if told.empty:
        return msg("Met alone, the strongest would be {name}: we would win {rate} (range {range}, {n} deals); but no competitor is reliably stronger than another.", **said)
    weaker = tuple(told.loc[told["stronger"] == first["competitor"], "weaker"])
    if not weaker:
        return msg("Met alone, the strongest would be {name}: we would win {rate} (range {range}, {n} deals); {told} of {pairs} pairs are told apart.", **said)
    return msg("Met alone, the strongest is {name}: we would win {rate} (range {range}, {n} deals); reliably stronger than {weaker}.", weaker=weaker, **said)


def _brief(table: pd.DataFrame, pairs: pd.DataFrame) -> Message:
    return _finding(table, pairs)


def _limits(left_out: tuple[str, ...], spelled: dict[str, str]) -> tuple[Message, ...]:
    limits = [
        msg("Competitors are compared through us, on the deals where each was met; they are not seen against one another."),
        msg("Where the competitor field is filled more often on lost deals, all competitors look too strong by the same factor; the order stays."),
    ]
    if left_out:
        names = tuple(sorted(spelled.get(name, name) for name in left_out))[:12]
        limits.append(nmsg("Left out, as deals are too few or all ended alike: {names}.", "Left out, as deals are too few or all ended alike: {names}.", len(left_out), names=names))
    return tuple(limits)
