"""How many of the decided deals are won, and what stands beside that number.

Won ÷ (won + lost), by count, over all closed deals. Deals without a decision stay out and are shown. Stale means open
for longer than any deal needed to be won or lost; the rate if all of these were lost is the cautious twin. A deal
without a creation date has no age and is never stale. The interval allows for deals of one owner or one account being
alike (Kish 1965; see `stats.proportion`); the plain Wilson interval stands beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.data.timing import with_durations, with_longest_cycle
from workbook.analyses.deals import clusters_of, one_sided, totals_of, won_per_cluster
from workbook.params import Params, Share
from workbook.results import Check, Headline, Result, Status, clean_float, group_key
from workbook.stats.proportion import (
    Proportion,
    clustered_proportion,
    proportion,
    with_design_effect,
)
from workbook.text import Message, msg, nmsg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D1"


class WinRateParams(Params):
    """confidence: level of the intervals. closed_min_count: fewer closed deals are marked for review."""

    confidence: Share = 0.95
    closed_min_count: int = Field(default=30, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRateResult(Result):
    """What the win rate rests on.

    by_status: status, deals_count. intervals: one row per clustering, plain first: clustering, clusters_count,
    design_effect, low, high, is_used. engaged_count: open deals with an age. stale_count: those older than longest_days;
    None where no age or no cycle is known. rate_if_lost: win rate if the stale deals were lost.
    """

    by_status: pd.DataFrame | None = None
    intervals: pd.DataFrame | None = None
    engaged_count: int = 0
    stale_count: int | None = None
    longest_days: float | None = None
    rate_if_lost: float | None = None


def aggregate(opportunities: Table, params: WinRateParams, *, as_of: date) -> dict[str, Table]:
    """Count deals by status and age, and won and closed deals per cluster. Lazy."""
    timed = with_longest_cycle(with_durations(opportunities, as_of))
    statuses = timed.group_by("status").agg(
        deals_count=timed.count(),
        engaged_count=timed.age_days.count(),
        stale_count=(timed.age_days > timed.longest_days).sum(),
        longest_days=timed.longest_days.max(),
    )
    return {"statuses": statuses, "clusters": won_per_cluster(opportunities)}


def analyse(small: dict[str, pd.DataFrame], params: WinRateParams, *, as_of: date) -> WinRateResult:
    """Turn counts into the win rate with its interval and its cautious twin. Pure."""
    won, closed = totals_of(small["clusters"])
    clusters = clusters_of(small["clusters"])
    rate = proportion(won, closed, params.confidence, clusters)
    by_status = small["statuses"][["status", "deals_count"]].sort_values("status", ignore_index=True)
    refused = msg("no deal has been won or lost yet") if closed == 0 else one_sided(won, closed)
    if refused is not None:
        blank = Headline(
            key="win_rate",
            kpi="win_rate",
            value=None,
            unit="share",
            n=closed,
            level=params.confidence,
            reason=refused,
        )
        return WinRateResult(refused=refused, headlines=(blank,), by_status=by_status, certainty="open")
    engaged, stale, longest = _stale(small["statuses"])
    cautious = _cautious(rate, stale)
    return WinRateResult(
        headlines=(
            _headline("win_rate", rate),
            *(() if cautious is None else (_headline(_CAUTIOUS, cautious),)),
        ),
        checks=(_enough(rate, params), _cluster_check(rate), _stale_check(rate, cautious, stale, engaged)),
        finding=_finding(rate, cautious, stale),
        brief=_brief(rate, cautious),
        no_action=msg("one rate over all deals names no place to start; the sections by group, by quarter and on open deals do"),
        limits=_limits(rate, by_status),
        certainty="firm" if closed >= 10 * params.closed_min_count and not rate.few_clusters else "likely",
        by_status=by_status,
        intervals=_intervals(rate, clusters),
        engaged_count=engaged,
        stale_count=stale,
        longest_days=longest,
        rate_if_lost=None if cautious is None else cautious.value,
    )


_CAUTIOUS = group_key("win_rate", stale_deals="counted as lost")


def _stale(statuses: pd.DataFrame) -> tuple[int, int | None, float | None]:
    """Open deals with an age, those of them that are stale (None: cannot be told), and the longest cycle."""
    is_open = statuses[statuses["status"] == "open"]
    engaged = int(is_open["engaged_count"].sum())
    longest = clean_float(statuses["longest_days"].astype(float).max()) if len(statuses) else None
    if longest is None or (not is_open.empty and engaged == 0):
        return engaged, None, longest
    return engaged, int(is_open["stale_count"].fillna(0).sum()), longest


def _cautious(rate: Proportion, stale: int | None) -> Proportion | None:
    if not stale:
        return None
    plain = proportion(rate.successes, rate.n + stale, rate.level)
    return with_design_effect(plain, rate.design_effect, rate.clusters) if rate.method != "wilson" else plain


def _headline(key: str, rate: Proportion) -> Headline:
    return Headline(
        key=key,
        kpi="win_rate",
        value=rate.value,
        low=rate.low,
        high=rate.high,
        level=rate.level,
        unit="share",
        n=int(rate.n),
    )


def _enough(rate: Proportion, params: WinRateParams) -> Check:
    status: Status = "pass" if rate.n >= params.closed_min_count else "review"
    reason = nmsg("The win rate rests on {n} closed deal.", "The win rate rests on {n} closed deals.", int(rate.n))
    return Check(key="closed_deals_are_enough", status=status, reason=reason)


def _cluster_check(rate: Proportion) -> Check:
    """Say how alike deals of one owner or account are, and whether the interval can bear it."""
    key = "win_rate_interval_respects_clusters"
    if rate.clusters is None:
        reason = msg("Neither owner nor account is recorded; whether deals of one hand resemble each other cannot be seen.")
        return Check(key=key, status="not_applicable", reason=reason)
    values = {name: number(effect, 1) for name, effect in sorted(rate.design_effects.items())}
    effects = msg(
        "Design effect by owner {owner}, by account {account} (1 = deals are independent).",
        owner=values.get("owner", number(None)),
        account=values.get("account", number(None)),
    )
    if rate.few_clusters:
        few = msg(
            "{effects} There are fewer than ten owners or accounts: the interval is a rough guide.",
            effects=effects,
        )
        return Check(key=key, status="review", reason=few)
    return Check(key=key, status="pass", reason=effects)


def _stale_check(rate: Proportion, cautious: Proportion | None, stale: int | None, engaged: int) -> Check:
    key = "win_rate_is_not_flattered_by_stale_deals"
    if stale is None:
        reason = msg("Without creation and closing dates nobody can see which open deals are dead.")
        return Check(key=key, status="not_applicable", reason=reason)
    if cautious is None:
        return Check(
            key=key,
            status="pass",
            reason=msg("No open deal is older than the longest time a deal needed to close."),
        )
    reason = msg(
        "{stale} of the {engaged} open deals with a creation date are older than any deal needed to close; "
        "if all of them were lost, the win rate would be {rate}.",
        stale=stale,
        engaged=engaged,
        rate=share(cautious.value),
    )
    return Check(key=key, status="review" if cautious.value < rate.low else "pass", reason=reason)


def _finding(rate: Proportion, cautious: Proportion | None, stale: int | None) -> Message:
    said = {"rate": share(rate.value), "range": span(rate.low, rate.high, "share"), "n": int(rate.n)}
    if cautious is None:
        return msg("{rate} of {n} decided deals were won (range {range}).", **said)
    return msg(
        "{rate} of {n} decided deals were won (range {range}); if the {stale} stale open deals were lost, it would be {cautious}.",
        **said,
        stale=stale,
        cautious=share(cautious.value),
    )


def _brief(rate: Proportion, cautious: Proportion | None) -> Message:
    said = {"rate": share(rate.value), "range": span(rate.low, rate.high, "share"), "n": int(rate.n)}
    if cautious is None or cautious.value >= rate.low:
        return msg("Sales win {rate} of the deals that are decided (range {range}, {n} deals).", **said)
    return msg(
        "Sales win {rate} of the deals that are decided (range {range}, {n} deals), but only {cautious} if the stale open ones are lost.",
        **said,
        cautious=share(cautious.value),
    )


def _limits(rate: Proportion, by_status: pd.DataFrame) -> tuple[Message, ...]:
    counts = dict(zip(by_status["status"], by_status["deals_count"], strict=True))
    if undecided := int(counts.get("no_decision", 0)):
        first = nmsg(
            "{n} deal that ended without a decision is not in the rate.",
            "{n} deals that ended without a decision are not in the rate.",
            undecided,
        )
    else:
        first = msg("The data know no deal that ended without a decision; such deals may hide among the lost or the open ones.")
    limits = [first]
    if rate.method == "clustered_wilson":
        clusters = msg("owners") if rate.cluster_name == "owner" else msg("accounts")
        wider = msg(
            "The range is wider than the textbook one ({plain}) because deals of the same {clusters} end alike.",
            plain=span(rate.wilson_low, rate.wilson_high, "share"),
            clusters=clusters,
        )
        limits.append(wider)
    return tuple(limits)


def _intervals(rate: Proportion, clusters: dict[str, tuple[object, object]]) -> pd.DataFrame:
    rows = [_interval_row("none", proportion(rate.successes, rate.n, rate.level), rate.method == "wilson")]
    for name, (won, closed) in clusters.items():
        used = rate.method != "wilson" and rate.cluster_name == name
        rows.append(_interval_row(name, clustered_proportion(won, closed, rate.level), used))
    return pd.DataFrame(rows)


def _interval_row(name: str, rate: Proportion, is_used: bool) -> dict[str, object]:
    return {
        "clustering": name,
        "clusters_count": rate.clusters,
        "design_effect": None if math.isnan(rate.design_effect) else rate.design_effect,
        "low": rate.low,
        "high": rate.high,
        "is_used": is_used,
    }
