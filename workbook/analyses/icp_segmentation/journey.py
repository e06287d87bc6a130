"""Which touches do won deals have early on that lost ones lack?

Won deals live longer and are touched more because they go well; touches of the whole life therefore say nothing. Only touches
of the first `landmark_days` after creation count, on deals still undecided that day (landmark, Anderson et al. 1983): number,
kinds, the first one and how soon it came, and the order of the first three. Each is compared with the other deals under one
control and within segment and kind of business (see `deal_traits`). It stays a correlation: sellers choose whom to call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, CLUSTERINGS, each_place
from workbook.analyses.icp_segmentation.deal_traits import (
    ALIKE,
    DEAL,
    TRAIT,
    alike,
    compared,
    counted,
    decided,
    judged,
    per_stratum,
)
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.mean import counted_mean
from workbook.text import Message, days, msg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

SECTION = "I5"
SOON_DAYS = 7
STEPS = 3
ARROW = " → "
MANY = "3+"
SINGLE = ("touches", "first", "soon", "path")  # dimensions of which a deal has one value at most
DIMENSIONS = (*SINGLE, "kind")


class JourneyParams(Params):
    """landmark_days: touches up to then count, on deals undecided then. deals_min_count: rarer traits are counted, not judged."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    landmark_days: int = Field(default=30, ge=1)
    deals_min_count: int = Field(default=20, ge=2)
    values_max: int = Field(default=12, ge=2)
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyResult(Result):
    """traits: one row per dimension × value: the columns of `deal_traits.COLUMNS`, adjusted_p, is_reliable, direction. dimension:
    "touches" (number: 0, 1, 2, 3+), "kind" (of any touch), "first" (kind of the first), "soon" (first touch in the first week:
    yes, no), "path" (kinds of the first three, in order). lives: one row per outcome: outcome, deals_count, early_mean (touches up to
    the landmark), early_low, early_high, life_mean, life_low, life_high (of the whole life). landmark_days as asked.
    """

    traits: pd.DataFrame | None = None
    lives: pd.DataFrame | None = None
    landmark_days: int | None = None


def aggregate(activities: Table, opportunities: Table, params: JourneyParams, *, as_of: date) -> dict[str, Table]:
    """Count won and decided deals with and without each trait of their first days. Lazy."""
    deals = decided(opportunities)
    alive = deals.filter(_is_alive(deals, params)).select(*DEAL, "status")
    touched = activities.filter(activities.opportunity_id.notnull())
    touches = _touches(touched, opportunities, params)
    is_early = touches.day.between(0, params.landmark_days)
    number_of = touches.group_by(touches.opportunity_id.name("touched_id")).agg(early_count=touches.count(where=is_early), life_count=touches.count())
    lives = alive.left_join(number_of, alive.opportunity_id == number_of.touched_id)
    lives = lives.mutate(early_count=lives.early_count.fill_null(0), life_count=lives.life_count.fill_null(0)).drop("touched_id")
    return {
        **_counted(lives, alive, touches.filter(is_early), params.values_max),
        "lives": lives.group_by(["status", "owner_id", "early_count", "life_count"]).agg(deals_count=lives.count()),
        "facts": deals.agg(
            closed_count=deals.count(), dated_count=(deals.closed_on.notnull() & deals.created_on.notnull()).sum(),
            touched_count=deals.opportunity_id.isin(touched.opportunity_id).sum(), alive_count=_is_alive(deals, params).fill_null(False).sum(),
        ),
    }  # fmt: skip


def _is_alive(deals: Table, params: JourneyParams) -> BooleanValue:
    return deals.closed_on.delta(deals.created_on, unit="day") > params.landmark_days


def _touches(touched: Table, opportunities: Table, params: JourneyParams) -> Table:
    """Return the touches of deals undecided at the landmark: activity_id, opportunity_id, occurred_at, kind, day after creation. Lazy.

    The deals are read anew, with their days alone: whole ones would have to be held for the join.
    """
    dated = opportunities.select("opportunity_id", "status", "created_on", "closed_on")
    dated = dated.filter(dated.status.isin(CLOSED) & _is_alive(dated, params)).select("opportunity_id", "created_on")
    of_deals = touched.select("activity_id", "opportunity_id", "occurred_at", kind=touched.kind.strip().nullif(""))
    touches = of_deals.inner_join(dated, "opportunity_id")
    return touches.mutate(day=touches.occurred_at.date().delta(touches.created_on, unit="day")).drop("created_on")


def _counted(lives: Table, alive: Table, early: Table, values_max: int) -> dict[str, Table]:
    """Count deals with and without each trait; see `deal_traits.counted`. Lazy."""
    import ibis

    order = ibis.window(group_by="opportunity_id", order_by=[early.occurred_at, early.activity_id])
    placed = early.filter(early.kind.notnull()).select("opportunity_id", "kind", "day", place=ibis.row_number().over(order))
    kinds = placed.group_by(["opportunity_id", "kind"]).agg(first_place=placed.place.min()).inner_join(alive, "opportunity_id")
    kinds = kinds.mutate(place=ibis.literal(len(SINGLE), "int8"), value=kinds.kind, is_first=kinds.first_place == 0)
    each = _each(lives, _ways(placed))
    columns = (*CLUSTERINGS.values(), "is_hit", *TRAIT, "is_first")
    there = ibis.union(*(rows.select(columns) for rows in (_unpivoted(each), kinds)), distinct=False)
    profile = each.group_by(["stratum", "is_hit", *SINGLE]).agg(deals_count=each.count())
    grouped = (_unpivoted(profile).select(*ALIKE, "deals_count"), alike(kinds).select(*ALIKE, "deals_count"))
    return counted(there, there.filter(there.is_first), per_stratum(ibis.union(*grouped, distinct=False)), DIMENSIONS, values_max)


def _each(lives: Table, ways: Table) -> Table:
    """One row per deal: its columns and its value of every dimension of which it has one alone. Lazy."""
    import ibis

    each = lives.left_join(ways, lives.opportunity_id == ways.way_id)
    soon = ibis.ifelse(each.first_day <= SOON_DAYS, "yes", ibis.ifelse(each.first_day.notnull(), "no", ibis.null("string")))
    touches = ibis.ifelse(each.early_count >= 3, MANY, each.early_count.cast("string"))
    return each.select("stratum", "is_hit", *CLUSTERINGS.values(), touches=touches, first=each.kind_0, soon=soon, path=each.path)


def _unpivoted(each: Table) -> Table:
    """Repeat each row for every dimension of which it has a value: place (of the dimension), value, is_first. Lazy."""
    import ibis

    rows = each.mutate(place=each_place(range(len(SINGLE))))
    value = ibis.cases(*((rows.place == place, rows[name]) for place, name in enumerate(SINGLE)), else_=ibis.null("string"))
    rows = rows.mutate(value=value, is_first=ibis.literal(True))
    return rows.filter(rows.value.notnull())


def _ways(placed: Table) -> Table:
    """One row per deal with a touch: way_id, kind_0 (the first), first_day, path (its first kinds in order). Lazy.

    The path is put together by place: not every engine joins texts in order.
    """
    import ibis

    kinds = {f"kind_{place}": placed.kind.max(where=placed.place == place) for place in range(STEPS)}
    wide = placed.group_by(placed.opportunity_id.name("way_id")).agg(**kinds, first_day=placed.day.max(where=placed.place == 0))
    later = [ibis.ifelse(wide[name].notnull(), ibis.literal(ARROW) + wide[name], "") for name in list(kinds)[1:]]
    return wide.select("way_id", "kind_0", "first_day", path=wide["kind_0"].concat(*later))


def analyse(small: dict[str, pd.DataFrame], params: JourneyParams, *, as_of: date) -> JourneyResult:
    """Compare early touches of won and lost deals. Pure."""
    facts = {name: int(small["facts"][name].fillna(0).iloc[0]) for name in small["facts"].columns}
    refused = _refusal(facts, params)
    if refused is not None:
        return JourneyResult(refused=refused, certainty="open")
    traits = judged(compared(small, params.confidence, params.deals_min_count), params.false_discovery_rate).drop(columns="shrunken")
    lives = _lives(small["lives"], params.confidence)
    actions = _actions(traits, params, as_of)
    return JourneyResult(
        checks=(_recorded(facts),),
        actions=actions,
        no_action=None if actions else msg("No early touch goes reliably with winning; there is nothing to try more of."),
        finding=_finding(traits, lives, params),
        brief=_brief(traits, params),
        limits=_limits(facts, params),
        certainty="open",
        traits=traits,
        lives=lives,
        landmark_days=params.landmark_days,
    )


def _refusal(facts: dict[str, int], params: JourneyParams) -> Message | None:
    if facts["closed_count"] == 0:
        return msg("no deal has been won or lost yet")
    if facts["touched_count"] == 0:
        return msg("no activity is linked to a decided deal; export activities with the opportunity's identifier")
    if facts["alive_count"] < 2 * params.deals_min_count:
        return msg("only {n} decided deals have dates and lived longer than {limit}; {least} are needed",
                   n=facts["alive_count"], limit=days(params.landmark_days, 0), least=2 * params.deals_min_count)  # fmt: skip
    return None


def _lives(counts: pd.DataFrame, level: float) -> pd.DataFrame:
    """Mean number of touches early and over the whole life, by outcome, intervals by salesperson."""
    rows = []
    for outcome in ("won", "lost"):
        part = counts[counts["status"] == outcome]
        owners = part["owner_id"] if part["owner_id"].notna().any() else None
        early, life = (counted_mean(part[c], part["deals_count"], level, owners) for c in ("early_count", "life_count"))
        rows.append({
            "outcome": outcome, "deals_count": early.n, "early_mean": early.value, "early_low": early.low, "early_high": early.high,
            "life_mean": life.value, "life_low": life.low, "life_high": life.high,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _clearest(traits: pd.DataFrame) -> pd.DataFrame:
    """Traits that go reliably with winning, largest difference within strata first."""
    rows = traits[traits["direction"] > 0]
    return rows.sort_values(["adjusted", "dimension", "value"], ascending=[False, True, True], ignore_index=True)


def trait_words(dimension: str, value: str) -> Message:
    """Name a trait of a deal's first days."""
    if dimension == "touches":
        return msg("number of touches: {n}", n=value)
    if dimension == "soon":
        return msg("first touch in the first week") if value == "yes" else msg("first touch after the first week")
    if dimension == "first":
        return msg("first touch: {kind}", kind=value)
    return msg("path: {path}", path=value) if dimension == "path" else msg("touch: {kind}", kind=value)


def _told(row: pd.Series, params: JourneyParams) -> Message:
    return msg(
        "Early on ({limit}), {trait}: {rate} of {n} deals won later (range {range}), {other} of the others",
        limit=days(params.landmark_days, 0), trait=trait_words(str(row["dimension"]), str(row["value"])), rate=share(float(row["rate"])),
        n=int(row["closed_count"]), range=span(float(row["low"]), float(row["high"]), "share"), other=share(float(row["without_rate"])),
    )  # fmt: skip


def _brief(traits: pd.DataFrame, params: JourneyParams) -> Message:
    best = _clearest(traits)
    if best.empty:
        return msg("No early touch goes reliably with winning ({k} compared).", k=int((~traits["is_small"].astype(bool)).sum()))
    return msg("{told}.", told=_told(best.iloc[0], params))


def _finding(traits: pd.DataFrame, lives: pd.DataFrame, params: JourneyParams) -> Message:
    best, bias = _clearest(traits), _bias(lives, params)
    if best.empty:
        return msg("Nothing in the first {limit} goes reliably with winning. {bias}", limit=days(params.landmark_days, 0), bias=bias)
    return msg("{told}. {bias}", told=_told(best.iloc[0], params), bias=bias)


def _bias(lives: pd.DataFrame, params: JourneyParams) -> Message:
    if lives["early_mean"].isna().any():
        return msg("All of these deals ended alike.")
    won, lost = (lives.iloc[place] for place in (0, 1))
    return msg(
        "Touches per won and lost deal: {early_won} and {early_lost} in the first {limit}, {life_won} and {life_lost} over the whole life.",
        early_won=number(float(won["early_mean"]), 1), early_lost=number(float(lost["early_mean"]), 1), limit=days(params.landmark_days, 0),
        life_won=number(float(won["life_mean"]), 1), life_lost=number(float(lost["life_mean"]), 1),
    )  # fmt: skip


def _recorded(facts: dict[str, int]) -> Check:
    part = facts["touched_count"] / facts["closed_count"]
    reason = msg("{part} of {n} decided deals have an activity; a deal without one may have been worked outside the CRM.",
                 part=share(part), n=facts["closed_count"])  # fmt: skip
    return Check(key="activities_are_recorded", status="pass" if part >= 0.7 else "review", reason=reason)


def _limits(facts: dict[str, int], params: JourneyParams) -> tuple[Message, ...]:
    return (
        msg("A correlation with other explanations: sellers call first where they see a chance, and buyers who mean it answer. A test on new deals can tell."),
        msg("{n} deals decided within {limit} or without dates are left out, since they had no equal time to be touched.",
            n=facts["closed_count"] - facts["alive_count"], limit=days(params.landmark_days, 0)),
    )  # fmt: skip


def _actions(traits: pd.DataFrame, params: JourneyParams, as_of: date) -> tuple[Action, ...]:
    """Try what goes most clearly with winning on half of the new deals; no money, since the effect is what the test finds out."""
    best = _clearest(traits)
    if best.empty:
        return ()
    row = best.iloc[0]
    what = msg(
        "Try it on half of the new deals, drawn by lot, for a quarter ({trait} in the first {limit}), and compare the win rates.",
        trait=trait_words(str(row["dimension"]), str(row["value"])), limit=days(params.landmark_days, 0),
    )  # fmt: skip
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="test_early_touches", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate"),)
