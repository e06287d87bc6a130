"""Who sits in the buying centre, who is missing, and are deals with a role won more often?

A role is seen where a contact of the deal carries it. Decided deals with the role are compared with those that name other roles
only. Contacts carry no date and are added as a deal goes on: a deal that lives longer shows more roles whatever its outcome, and
sellers note more people in deals that go well, so that every role seems to win. A single role is therefore said to go with
winning only if it does among deals of the same segment, open about equally long (fifths of the time from creation to close)
and with as many roles seen (Mantel–Haenszel). The number of roles is compared beside it. All of it stays a correlation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, Currency, currency_of
from workbook.analyses.icp_segmentation.deal_traits import compared, judged
from workbook.analyses.icp_segmentation.roles import by_role, lacking, role_facts, seen_roles
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.stats.mean import counted_mean
from workbook.stats.mean_difference import mean_difference
from workbook.text import Message, msg, nmsg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I5"
OUTCOMES = ("won", "lost")


class BuyingCentreParams(Params):
    """deals_min_count: roles on fewer decided deals (or missing on fewer) are counted, not judged."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    deals_min_count: int = Field(default=20, ge=2)
    action_days: int = Field(default=30, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyingCentreResult(Result):
    """roles: one row per role, most often seen first: the columns of `deal_traits.COLUMNS` without dimension, adjusted_p,
    is_reliable, direction, seen_share (of decided deals that name a role), open_without_count (open deals that name no one in it),
    open_without_amount. sizes: one row per outcome: outcome, deals_count, contacts_mean, contacts_low, contacts_high, roles_mean,
    roles_low, roles_high. more_roles: won and lost deals reliably differ in the number of roles, won ones naming more. open_count:
    open deals.
    """

    roles: pd.DataFrame | None = None
    sizes: pd.DataFrame | None = None
    more_roles: bool = False
    open_count: int = 0
    currency: str | None = None


def aggregate(opportunities: Table, contacts: Table, params: BuyingCentreParams, *, as_of: date) -> dict[str, Table]:
    """Count decided deals with and without each role, contacts per deal and open deals that lack a role. Lazy."""
    seen = seen_roles(contacts)
    per_deal = seen.group_by(seen.opportunity_id.name("seen_on")).agg(contacts_count=seen.contacts_count.sum(), roles_count=seen.value.count(), least=seen.value.min())
    closed = opportunities.filter(opportunities.status.isin(CLOSED))
    sized = closed.select("opportunity_id", "status", "owner_id").inner_join(per_deal, closed.opportunity_id == per_deal.seen_on)
    return {
        **by_role(opportunities, contacts, per_deal),
        "sizes": sized.group_by(["status", "owner_id", "contacts_count", "roles_count"]).agg(deals_count=sized.count()),
        "lacking": lacking(opportunities, contacts),
        "facts": role_facts(opportunities, contacts),
    }


def analyse(small: dict[str, pd.DataFrame], params: BuyingCentreParams, *, as_of: date) -> BuyingCentreResult:
    """Compare roles, sizes and what open deals lack. Pure."""
    table = compared(small, params.confidence, params.deals_min_count)
    refused = _refusal(table, small["facts"])
    if refused is not None:
        return BuyingCentreResult(refused=refused, certainty="open")
    currency = currency_of(small["lacking"], "amount_count")
    named, open_count = (int(small["facts"][c].fillna(0).iloc[0]) for c in ("named_count", "open_count"))
    sizes, size_p = _sizes(small["sizes"], params)
    roles, more = _judged(table, size_p, params)
    roles = _roles(roles, small["lacking"], currency, named)
    actions = _actions(roles, currency, params, as_of) or _more_roles(small["facts"], more, params, as_of)
    return BuyingCentreResult(
        headlines=tuple(_headline(row, params) for row in roles[~roles["is_small"]].to_dict("records")),
        checks=(_recorded(small["facts"]), _clusters_check(roles)),
        actions=actions,
        no_action=None if actions else _nothing(roles, more, open_count),
        finding=_finding(roles, sizes, more),
        brief=_brief(roles, sizes, more),
        limits=_limits(small["facts"]),
        certainty="likely" if more or roles["is_reliable"].any() else "open",
        roles=roles,
        sizes=sizes,
        more_roles=more,
        open_count=open_count,
        currency=currency.code,
    )


def _refusal(table: pd.DataFrame, facts: pd.DataFrame) -> Message | None:
    if int(facts["closed_count"].fillna(0).iloc[0]) == 0:
        return msg("no deal has been won or lost yet")
    if table.empty:
        return msg("no contact with a role is recorded on a decided deal; export the contact roles of the opportunities")
    return None


def _roles(table: pd.DataFrame, lacking: pd.DataFrame, currency: Currency, named: int) -> pd.DataFrame:
    gone = lacking.astype({"amount": float}).groupby("value")[["deals_count", "amount"]].sum() if len(lacking) else pd.DataFrame(columns=["deals_count", "amount"])
    found = table.drop(columns=["dimension", "shrunken"]).assign(
        seen_share=table["closed_count"] / named,
        open_without_count=table["value"].map(gone["deals_count"]).fillna(0).astype(int),
        open_without_amount=table["value"].map(gone["amount"]).astype(float) if currency.refused is None else math.nan,
    )
    return found.sort_values(["closed_count", "value"], ascending=[False, True], ignore_index=True)


def _judged(table: pd.DataFrame, size_p: float, params: BuyingCentreParams) -> tuple[pd.DataFrame, bool]:
    """Judge roles and the number of roles under one control; the latter: do won and lost deals differ reliably in it?"""
    size = {"dimension": "size", "value": "", "won_count": 0, "closed_count": 0, "p_value": size_p, "is_small": False, "few_clusters": False}
    found = judged(pd.concat([table, pd.DataFrame([size])], ignore_index=True), params.false_discovery_rate)
    is_role = found["dimension"] == "role"
    return found[is_role], bool((found.loc[~is_role, "adjusted_p"] <= params.false_discovery_rate).any())


def _sizes(counts: pd.DataFrame, params: BuyingCentreParams) -> tuple[pd.DataFrame, float]:
    """Mean number of contacts and of different roles on won and on lost deals, intervals by salesperson; p-value of equal roles.

    The p-value is NaN where won deals do not name more, or where deals of fewer than ten salespeople are compared.
    """
    rows, compared_means = [], []
    for outcome in OUTCOMES:
        part = counts[counts["status"] == outcome]
        owners = part["owner_id"] if part["owner_id"].notna().any() else None
        people, roles = (counted_mean(part[c], part["deals_count"], params.confidence, owners) for c in ("contacts_count", "roles_count"))
        compared_means.append(roles)
        rows.append({
            "outcome": outcome, "deals_count": people.n, "contacts_mean": people.value, "contacts_low": people.low,
            "contacts_high": people.high, "roles_mean": roles.value, "roles_low": roles.low, "roles_high": roles.high,
        })  # fmt: skip
    won, lost = compared_means
    is_fair = won.value > lost.value and not (won.few_clusters or lost.few_clusters) and min(won.n, lost.n) >= params.deals_min_count
    return pd.DataFrame(rows), mean_difference(won, lost).p_value if is_fair else math.nan


def role_key(role: object) -> str:
    """Return the headline key of the win rate of deals in which a role was seen."""
    return group_key("win_rate", role=role)


def _headline(row: dict[Any, Any], params: BuyingCentreParams) -> Headline:
    return Headline(
        key=role_key(row["value"]), kpi="win_rate", value=row["rate"], low=row["low"], high=row["high"], unit="share",
        n=row["closed_count"], level=params.confidence,
    )  # fmt: skip


def _recorded(facts: pd.DataFrame) -> Check:
    n, named = (int(facts[c].fillna(0).iloc[0]) for c in ("closed_count", "named_count"))
    reason = msg("{part} of {n} decided deals name a role; only these are compared.", part=share(named / n), n=n)
    return Check(key="roles_are_recorded", status="pass" if named >= 0.5 * n else "review", reason=reason)


def _clusters_check(roles: pd.DataFrame) -> Check:
    few = int(roles["few_clusters"].sum())
    reason = msg("{few} of {n} roles rest on deals of fewer than ten salespeople or companies and are not judged.", few=few, n=len(roles))
    return Check(key="roles_rest_on_enough_salespeople_and_companies", status="review" if few else "pass", reason=reason)


def _wanted(roles: pd.DataFrame) -> pd.DataFrame:
    """Roles with which deals are won reliably more often, largest difference within strata first."""
    return roles[roles["direction"] > 0].sort_values(["adjusted", "value"], ascending=[False, True], ignore_index=True)


def _brief(roles: pd.DataFrame, sizes: pd.DataFrame, more: bool) -> Message:
    wanted = _wanted(roles)
    if len(wanted):
        return msg("{told}.", told=_told(wanted.iloc[0]))
    if more:
        won, lost = (sizes.iloc[place] for place in (0, 1))
        return msg(
            "Won deals know more of the buying centre ({won} roles, range {range}; lost {lost}); no single role decides.",
            won=number(float(won["roles_mean"]), 1), range=span(float(won["roles_low"]), float(won["roles_high"]), "number"),
            lost=number(float(lost["roles_mean"]), 1),
        )  # fmt: skip
    return msg("No role in the buying centre goes reliably with winning ({k} compared).", k=int((~roles["is_small"]).sum()))


def _told(row: pd.Series) -> Message:
    return msg(
        "With the role “{role}” seen, {rate} of {n} deals were won (range {range}), without it {without} of {without_n}",
        role=str(row["value"]), rate=share(float(row["rate"])), n=int(row["closed_count"]), without=share(float(row["without_rate"])),
        without_n=int(row["without_closed_count"]), range=span(float(row["low"]), float(row["high"]), "share"),
    )  # fmt: skip


def _finding(roles: pd.DataFrame, sizes: pd.DataFrame, more: bool) -> Message:
    wanted, size = _wanted(roles), _size_words(sizes, more)
    if wanted.empty:
        return msg("{size} No single role goes reliably with winning among deals of one segment, open equally long, with as many roles.", size=size)
    row = wanted.iloc[0]
    return msg(
        "{told}; among deals of one segment, open equally long, with as many roles the difference is {gap} percentage points. {size}",
        told=_told(row), gap=span(100 * float(row["adjusted_low"]), 100 * float(row["adjusted_high"]), "points"), size=size,
    )  # fmt: skip


def _size_words(sizes: pd.DataFrame, more: bool) -> Message:
    if sizes["roles_mean"].isna().any():
        return msg("Deals of only one outcome name contacts.")
    won, lost = (sizes.iloc[place] for place in (0, 1))
    said = {
        "won": number(float(won["roles_mean"]), 1), "won_range": span(float(won["roles_low"]), float(won["roles_high"]), "number"),
        "lost": number(float(lost["roles_mean"]), 1), "lost_range": span(float(lost["roles_low"]), float(lost["roles_high"]), "number"),
        "n": int(won["deals_count"] + lost["deals_count"]),
    }  # fmt: skip
    if more:
        return msg("Won deals name more roles: {won} on average (range {won_range}), lost ones {lost} (range {lost_range}; {n} deals).", **said)
    return msg("Won deals name {won} roles on average (range {won_range}), lost ones {lost} (range {lost_range}; {n} deals): no reliable difference.", **said)


def _limits(facts: pd.DataFrame) -> tuple[Message, ...]:
    limits = [
        msg("Contacts carry no date: some were added late, and sellers find more people in deals that go well. The difference is a correlation, not what adding a contact would do."),
        msg("A role not recorded may still have been in the room."),
    ]
    n, timed = (int(facts[c].fillna(0).iloc[0]) for c in ("closed_count", "timed_count"))
    if timed < n:
        limits.append(nmsg("{n} decided deal lacks a date; it is compared with others like it.",
                           "{n} decided deals lack a date; they are compared with one another.", n - timed))  # fmt: skip
    return tuple(limits)


def _nothing(roles: pd.DataFrame, more: bool, open_count: int) -> Message:
    if more or len(_wanted(roles)):
        return nmsg("The open deal names the roles that go with winning.", "All {n} open deals name the roles that go with winning.", open_count)
    return msg("Neither a role nor their number goes reliably with winning, so none has to be found first; keep recording roles.")


def _more_roles(facts: pd.DataFrame, more: bool, params: BuyingCentreParams, as_of: date) -> tuple[Action, ...]:
    """Where the number of roles goes with winning: open deals that hang on one person. No money: how much is due to it is unknown."""
    thin = int(facts["thin_count"].fillna(0).iloc[0])
    if not more or not thin:
        return ()
    what = nmsg(
        "Get to know a second role in the {n} open deal that names none or only one, or decide to stop.",
        "Get to know a second role in the {n} open deals that name none or only one, the largest first, or decide to stop.", thin,
    )  # fmt: skip
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="find_a_second_role", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate"),)


def _actions(roles: pd.DataFrame, currency: Currency, params: BuyingCentreParams, as_of: date) -> tuple[Action, ...]:
    """One action: the role whose absence goes with the largest difference, on the open deals that lack it."""
    wanted = _wanted(roles)
    wanted = wanted[wanted["open_without_count"] > 0]
    return tuple(_action(row, currency, params, as_of) for _, row in wanted.head(2).iterrows())


def _action(row: pd.Series, currency: Currency, params: BuyingCentreParams, as_of: date) -> Action:
    """Worth: the difference within strata times the open amount without the role, if all of it were due to the role; low: nothing."""
    what = nmsg(
        "Find the role “{role}” in the {n} open deal that names nobody in it, or decide to stop.",
        "Find the role “{role}” in the {n} open deals that name nobody in it, the largest first, or decide to stop.",
        int(row["open_without_count"]), role=str(row["value"]),
    )  # fmt: skip
    amount = float(row["open_without_amount"])
    has_money = currency.refused is None and amount > 0
    value, high = (amount * float(row[c]) if has_money else None for c in ("adjusted", "adjusted_high"))
    return Action(
        key=group_key("find_role", role=row["value"]), what=what, owner_role=msg("head of sales"),
        due_on=as_of + timedelta(days=params.action_days), watch_kpi="win_rate", value=value, low=0.0 if has_money else None, high=high,
        currency=currency.code if has_money else None, evidence=(role_key(row["value"]),),
    )  # fmt: skip
