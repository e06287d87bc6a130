"""Do we win less often when a competitor is at the table?

Win rate by count (won ÷ won plus lost) of deals that name a competitor, of deals recorded as having none, and of deals
where nothing is recorded. Not recorded is not none. Where the field is filled more often on lost deals, the rates are
pulled apart by the filling alone: the bounds say what the difference could be if the unrecorded deals all belonged to
the one or the other side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.naming import FILL_P, STATES, one_outcome, with_competition
from workbook.analyses.deals import rate_of, won_per_cluster
from workbook.params import Params, Share
from workbook.results import Action, Certainty, Check, Headline, Result, clean_float, group_key
from workbook.stats.heterogeneity import association_2x2
from workbook.stats.proportion import Difference, Proportion, two_proportion_difference, wilson
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W2"


class OverallParams(Params):
    """confidence: level of the intervals. action_days: time given for the actions."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=30, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverallResult(Result):
    """Win rate with and without a competitor.

    by_state: one row per state (named, none, unknown): won_count, closed_count, win_rate, low, high, wilson_low,
    wilson_high, design_effect. fill: one row per status: deals_count, filled_count, filled_share, low, high.
    difference: named minus none, with interval and p-value; None where one side has no closed deal.
    bound_low, bound_high: that difference if every unrecorded deal fell where it makes it smallest or largest.
    fill_p_value: of equal filling on won and lost deals. is_reliable: the difference survives the control.
    """

    by_state: pd.DataFrame | None = None
    fill: pd.DataFrame | None = None
    difference: Difference | None = None
    bound_low: float | None = None
    bound_high: float | None = None
    fill_p_value: float | None = None
    is_reliable: bool = False


def aggregate(opportunities: Table, params: OverallParams, *, as_of: date) -> dict[str, Table]:
    """Count deals by state and status, and won and closed deals per state and cluster. Lazy."""
    deals = with_competition(opportunities)
    return {
        "clusters": won_per_cluster(deals, ("competition",)),
        "fill": deals.group_by(["status", "competition"]).agg(deals_count=deals.count()),
    }


def analyse(small: dict[str, pd.DataFrame], params: OverallParams, *, as_of: date) -> OverallResult:
    """Turn counts into rates, their difference and what the unrecorded deals could change. Pure."""
    counted = small["clusters"]
    rates = {state: rate_of(counted[counted["competition"] == state], params.confidence) for state in STATES}
    fill = _fill(small["fill"], params.confidence)
    refused = _refusal(rates, small["fill"])
    if refused is not None:
        return OverallResult(refused=refused, fill=fill, certainty="open")
    difference = two_proportion_difference(rates["named"], rates["none"]) if rates["none"].n and rates["named"].n else None
    bounds = _bounds(rates) if difference is not None else (None, None)
    p_value = _fill_p_value(small["fill"])
    actions = _actions(rates, params, as_of)
    is_told = _is_told(difference, params)
    return OverallResult(
        headlines=tuple(_headline(state, rate) for state, rate in rates.items() if rate.n),
        checks=(_fill_check(fill, p_value), _bounds_check(difference, bounds, rates)),
        actions=actions,
        no_action=None if actions else msg("the field is filled on every decided deal; what to do about single competitors is in their sections"),
        finding=_finding(rates, difference, is_told),
        brief=_brief(rates, difference, bounds, is_told),
        limits=_limits(rates),
        certainty=_certainty(difference, bounds, is_told),
        is_reliable=is_told,
        by_state=_by_state(rates),
        fill=fill,
        difference=difference,
        bound_low=bounds[0],
        bound_high=bounds[1],
        fill_p_value=p_value,
    )


Rates = dict[str, Proportion]
Bounds = tuple[float | None, float | None]


def _refusal(rates: Rates, fill: pd.DataFrame) -> Message | None:
    if not sum(rate.n for rate in rates.values()):
        return msg("no deal has been won or lost yet")
    if not (fill["competition"] != "unknown").any():
        return msg("no deal says whether a competitor was at the table")
    return one_outcome(fill)


def _headline(state: str, rate: Proportion) -> Headline:
    return Headline(
        key=group_key("win_rate", competition=state), kpi="win_rate", value=rate.value, low=rate.low, high=rate.high,
        level=rate.level, unit="share", n=int(rate.n),
    )  # fmt: skip


def _by_state(rates: Rates) -> pd.DataFrame:
    rows = [
        {
            "competition": state, "won_count": int(rate.successes), "closed_count": int(rate.n), "win_rate": rate.value,
            "low": rate.low, "high": rate.high, "wilson_low": rate.wilson_low, "wilson_high": rate.wilson_high,
            "design_effect": rate.design_effect,
        }
        for state, rate in rates.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _fill(counted: pd.DataFrame, level: float) -> pd.DataFrame:
    rows = []
    for status, part in counted.groupby("status", sort=True):
        n, filled = int(part["deals_count"].sum()), int(part.loc[part["competition"] != "unknown", "deals_count"].sum())
        interval = wilson(filled, n, level)
        rows.append({"status": str(status), "deals_count": n, "filled_count": filled, "filled_share": filled / n,
                     "low": interval.low, "high": interval.high})  # fmt: skip
    columns = ["status", "deals_count", "filled_count", "filled_share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _fill_p_value(counted: pd.DataFrame) -> float | None:
    def n(status: str, is_filled: bool) -> int:
        rows = (counted["status"] == status) & ((counted["competition"] != "unknown") == is_filled)
        return int(counted.loc[rows, "deals_count"].sum())

    return clean_float(association_2x2([[n(s, True), n(s, False)] for s in ("won", "lost")]).p_value)


def _bounds(rates: Rates) -> tuple[float, float]:
    """Smallest and largest difference of named minus none over all ways to place the unrecorded deals."""
    named, none, unknown = (rates[state] for state in STATES)
    won, lost = unknown.successes, unknown.n - unknown.successes
    low = named.successes / (named.n + lost) - (none.successes + won) / (none.n + won)
    high = (named.successes + won) / (named.n + won) - none.successes / (none.n + lost)
    return low, high


def _fill_check(fill: pd.DataFrame, p_value: float | None) -> Check:
    key = "competitor_is_recorded_alike_on_won_and_lost_deals"
    shares = dict(zip(fill["status"], fill["filled_share"], strict=True))
    if p_value is None or "won" not in shares or "lost" not in shares:
        reason = msg("Whether the competitor field is filled alike on won and lost deals cannot be tested here.")
        return Check(key=key, status="not_applicable", reason=reason)
    reason = msg(
        "The competitor field is filled on {won} of the won and {lost} of the lost deals.",
        won=share(shares["won"]),
        lost=share(shares["lost"]),
    )
    return Check(key=key, status="review" if p_value < FILL_P else "pass", reason=reason)


def _bounds_check(difference: Difference | None, bounds: Bounds, rates: Rates) -> Check:
    key = "difference_survives_unrecorded_deals"
    if difference is None or bounds[0] is None or bounds[1] is None:
        reason = msg("There is nothing to compare: no closed deal names a competitor, or none is recorded as without one.")
        return Check(key=key, status="not_applicable", reason=reason)
    reason = msg(
        "Depending on where the {n} unrecorded deals belong, the difference could be anything from {bounds} percentage points.",
        n=int(rates["unknown"].n),
        bounds=span(100 * bounds[0], 100 * bounds[1], "points"),
    )
    survives = bounds[0] > 0 or bounds[1] < 0
    return Check(key=key, status="pass" if survives else "review", reason=reason)


def _certainty(difference: Difference | None, bounds: Bounds, is_told: bool) -> Certainty:
    if difference is None or bounds[0] is None or bounds[1] is None or not is_told:
        return "open"
    return "firm" if bounds[1] < 0 or bounds[0] > 0 else "likely"


def _is_told(difference: Difference | None, params: OverallParams) -> bool:
    """The one test of this question, at the false-discovery rate."""
    return difference is not None and difference.p_value <= params.false_discovery_rate


def _brief(rates: Rates, difference: Difference | None, bounds: Bounds, is_told: bool) -> Message:
    if difference is None or not is_told or bounds[0] is None or bounds[1] is None:
        return _finding(rates, difference, is_told)
    said = {"named": share(rates["named"].value), "none": share(rates["none"].value), "n": int(rates["unknown"].n)}
    if bounds[0] <= 0 <= bounds[1]:
        return msg("With a competitor at the table we win {named}, without one {none}; the {n} deals without an entry could explain the difference.", **said)
    return msg(
        "With a competitor at the table we win {named}, without one {none} (difference {range} percentage points), wherever the {n} deals without an entry belong.",
        range=span(100 * difference.low, 100 * difference.high, "points"), **said,
    )  # fmt: skip


def _finding(rates: Rates, difference: Difference | None, is_told: bool) -> Message:
    named, none = rates["named"], rates["none"]
    if difference is None:
        alone = named if named.n else none
        words = msg("that name a competitor") if named.n else msg("recorded as without a competitor")
        return msg(
            "{rate} of the {n} decided deals {which} were won (range {range}); there is no other side to compare with.",
            rate=share(alone.value), n=int(alone.n), which=words, range=span(alone.low, alone.high, "share"),
        )  # fmt: skip
    said = {
        "named": share(named.value), "n": int(named.n), "none": share(none.value), "m": int(none.n),
        "range": span(100 * difference.low, 100 * difference.high, "points"),
    }  # fmt: skip
    if not is_told:
        return msg(
            "With a named competitor {named} of {n} decided deals were won, without one {none} of {m}: no reliable difference "
            "(range {range} percentage points).", **said,
        )  # fmt: skip
    return msg(
        "With a named competitor {named} of {n} decided deals were won, without one {none} of {m}; the difference: {range} percentage points.",
        **said,
    )


def _limits(rates: Rates) -> tuple[Message, ...]:
    unknown = rates["unknown"]
    closed = sum(rate.n for rate in rates.values())
    if not unknown.n:
        return ()
    return (
        msg(
            "For {part} of the decided deals nobody recorded whether a competitor was there; {rate} of these were won. "
            "They are on neither side.",
            part=share(unknown.n / closed),
            rate=share(unknown.value),
        ),
    )


def _actions(rates: Rates, params: OverallParams, as_of: date) -> tuple[Action, ...]:
    unknown = rates["unknown"]
    if not unknown.n:
        return ()
    what = msg(
        "Make the competitor a required field when a deal is closed, with “none” as an answer: on {n} decided deals it is empty.",
        n=int(unknown.n),
    )
    return (
        Action(
            key="record_the_competitor", what=what, owner_role=msg("sales operations"),
            due_on=as_of + timedelta(days=params.action_days), watch_kpi="win_rate",
            evidence=(group_key("win_rate", competition="unknown"),),
        ),
    )  # fmt: skip
