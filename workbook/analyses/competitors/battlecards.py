"""Where do we win against each competitor, where do we lose, and what can we say that the data support?

Per competitor: win rate by kind of deal against the same competitor in the other kinds, with the design effect of the
difference; shrunken rates beside it; paired ratings of buyers who rated both; the reasons of lost deals. One
Benjamini-Hochberg over all these differences and all competitors: only what survives is stated, the rest is listed as not
settled. Money: amount decided per year in that kind of deal times the difference. Competitors on fewer than
`closed_min_count` decided deals are listed without a card.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.card import Battlecard, card_of, place_name
from workbook.analyses.competitors.cells import DIMENSIONS, KEYS, cells, closed_against, contrasts, moments, name_of, summed_moments
from workbook.analyses.competitors.naming import labels_of
from workbook.analyses.competitors.rated import rating_gaps, rating_pairs
from workbook.analyses.deals import Currency, currency_of, hits_per_cluster, one_sided, rate_of
from workbook.params import Params, Share
from workbook.results import Action, Check, Result, group_key
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.shrinkage import shrink_rates
from workbook.text import Message, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W4"


class BattlecardsParams(Params):
    """closed_min_count: competitors on fewer decided deals get no card. group_min_count: decided deals on either side of a
    comparison. respondents_min_count: buyers who rated both brands. action_days: time given for the actions.
    """

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    closed_min_count: int = Field(default=30, ge=5)
    group_min_count: int = Field(default=10, ge=5)
    respondents_min_count: int = Field(default=10, ge=2)
    actions_max_count: int = Field(default=3, ge=1)
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BattlecardsResult(Result):
    """The cards.

    cards: one per competitor with enough decided deals, most deals first. groups: one row per competitor × dimension × value:
    competitor, dimension, value, won_count, closed_count, rate, low, high, rest_rate, difference (to the other values, same
    competitor), difference_low, difference_high, p_value, p_adjusted, is_reliable, shrunken_share (ranks the kinds; no interval is
    claimed for it), design_effect, clusters, recent_amount (decided in twelve months), at_stake, at_stake_low, at_stake_high. ratings: one row
    per competitor × attribute, see `rated.rating_gaps`, with p_adjusted, is_reliable. without_card: competitor, won_count,
    closed_count.
    """

    cards: tuple[Battlecard, ...] = ()
    groups: pd.DataFrame | None = None
    ratings: pd.DataFrame | None = None
    without_card: pd.DataFrame | None = None
    currency: str | None = None


def aggregate(
    opportunities: Table, accounts: Table, products: Table, ratings: Table, competitors: Table, params: BattlecardsParams, *, as_of: date
) -> dict[str, Table]:
    """Count decided deals per competitor and kind of deal, lost ones per reason; sum amounts and rating differences. Lazy."""
    import ibis

    named = closed_against(opportunities, accounts, products)
    recent = cells(named.filter((named.closed_on > ibis.date(as_of) - ibis.interval(years=1)) & (named.closed_on <= ibis.date(as_of))), DIMENSIONS, "currency", "known_amount")
    money = recent.group_by(["rival", "place", "value", "currency"]).agg(amount=recent.known_amount.sum(), amount_count=recent.known_amount.count())
    lost = named.filter((named.status == "lost") & (named.loss_reason.strip() != "")).mutate(reason=named.loss_reason.strip())
    return {
        "counts": named.group_by(["rival", "spelling"]).agg(
            won_count=(named.status == "won").sum(), deals_count=named.count(), first_on=named.closed_on.min(), last_on=named.closed_on.max()
        ),
        "rates": hits_per_cluster(named, named.status == "won", ("rival",)),
        **moments(named, min_count=params.group_min_count),
        "money": money.mutate(dimension=name_of(money.place, DIMENSIONS)).select(*KEYS, "currency", "amount", "amount_count"),
        "reasons": lost.group_by(["rival", lost.reason.lower().name("reason_key"), "reason"]).agg(lost_count=lost.count()),
        "ratings": rating_pairs(ratings, competitors),
    }


def analyse(small: dict[str, pd.DataFrame], params: BattlecardsParams, *, as_of: date) -> BattlecardsResult:
    """Compare, control, and write the cards. Pure."""
    counts, labels = _counts(small["counts"]), labels_of(small["counts"])
    carded = counts[counts["closed_count"] >= params.closed_min_count]
    without = _without_card(counts, labels, params)
    if (refused := _refusal(counts, params)) is not None:
        return BattlecardsResult(refused=refused, certainty="open", without_card=without)
    groups, ratings = _controlled(small, carded, params)
    currency = currency_of(small["money"], "amount_count")
    groups = _with_money(groups.assign(competitor=groups["rival"].map(labels)), small["money"], currency)
    reasons = small["reasons"].groupby(["rival", "reason_key"], as_index=False).agg(reason=("reason", "min"), lost_count=("lost_count", "sum"))
    about = {"reasons": reasons, "rates": _rates(small["rates"], params), "currency": currency.code, "level": params.confidence}
    cards = tuple(
        card_of(labels[str(row["rival"])], row, groups[groups["rival"] == row["rival"]], ratings[ratings["rival"] == row["rival"]], about)
        for row in carded.to_dict("records")
    )
    actions = _actions(groups, ratings, labels, currency, params, as_of)
    return BattlecardsResult(
        checks=(_clusters_check(groups), _size_check(without)),
        actions=actions,
        finding=_finding(groups, ratings, len(cards)),
        brief=_brief(groups, len(cards)),
        no_action=None if actions else msg("no kind of deal and no rating differs reliably for any competitor"),
        limits=_limits(without, ratings, currency),
        certainty="likely" if groups["is_reliable"].any() or ratings["is_reliable"].any() else "open",
        cards=cards,
        groups=groups,
        ratings=ratings,
        without_card=without,
        currency=currency.code,
    )


def _counts(spelled: pd.DataFrame) -> pd.DataFrame:
    """Add the spellings of a competitor up: rival, won_count, closed_count, first_on, last_on; most deals first."""
    counted = spelled.groupby("rival").agg(
        won_count=("won_count", "sum"), closed_count=("deals_count", "sum"), first_on=("first_on", "min"), last_on=("last_on", "max")
    )
    return counted.reset_index().sort_values(["closed_count", "rival"], ascending=[False, True], ignore_index=True)


def _refusal(counts: pd.DataFrame, params: BattlecardsParams) -> Message | None:
    if counts.empty:
        return msg("no decided deal names a competitor")
    if int(counts["closed_count"].max()) < params.closed_min_count:
        return msg(
            "no competitor is named on {needed} or more decided deals; the one met most is named on {n}",
            needed=params.closed_min_count, n=int(counts["closed_count"].max()),
        )  # fmt: skip
    if one_sided(int(counts["won_count"].sum()), int(counts["closed_count"].sum())) is not None:
        return msg("all decided deals that name a competitor ended alike; cards need won and lost ones")
    return None


def _without_card(counts: pd.DataFrame, labels: dict[str, str], params: BattlecardsParams) -> pd.DataFrame:
    few = counts[counts["closed_count"] < params.closed_min_count]
    return few.assign(competitor=few["rival"].map(labels))[["competitor", "won_count", "closed_count"]].reset_index(drop=True)


def _rates(counted: pd.DataFrame, params: BattlecardsParams) -> dict[str, Any]:
    return {str(rival): rate_of(part, params.confidence) for rival, part in counted.groupby("rival", sort=True)}


def _controlled(small: dict[str, pd.DataFrame], carded: pd.DataFrame, params: BattlecardsParams) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All differences under one false-discovery control: kinds of deal and ratings, over all competitors with a card."""
    summed = summed_moments(small)
    groups = _with_shrunken(contrasts(summed[summed["rival"].isin(carded["rival"])], params.confidence, params.group_min_count), params)
    ratings = rating_gaps(small["ratings"], params.confidence, params.respondents_min_count)
    ratings = ratings[ratings["rival"].isin(carded["rival"])].reset_index(drop=True)
    p_values = np.concatenate([groups["p_value"].to_numpy(float), ratings["p_value"].to_numpy(float)])
    adjusted = benjamini_hochberg(p_values)
    reliable = np.nan_to_num(adjusted, nan=1.0) <= params.false_discovery_rate
    first = len(groups)
    groups = groups.assign(p_adjusted=adjusted[:first], is_reliable=reliable[:first])
    return groups, ratings.assign(p_adjusted=adjusted[first:], is_reliable=reliable[first:])


def _with_shrunken(groups: pd.DataFrame, params: BattlecardsParams) -> pd.DataFrame:
    """Shrink a competitor's kinds of deal towards its common rate, on effective sample sizes."""
    parts = []
    for _, part in groups.groupby("rival", sort=True):
        size = part["closed_count"].to_numpy(float) / part["design_effect"].to_numpy(float)
        shrunk = shrink_rates(part["rate"].to_numpy(float) * size, size, params.confidence).table
        parts.append(part.assign(shrunken_share=shrunk["shrunken_share"].to_numpy()))
    return pd.concat(parts, ignore_index=True) if parts else groups.assign(shrunken_share=math.nan)


def _with_money(groups: pd.DataFrame, money: pd.DataFrame, currency: Currency) -> pd.DataFrame:
    """Add the amount decided in twelve months and what the difference is worth on it; NaN where it cannot be added."""
    sums = money.assign(amount=money["amount"].astype(float)).groupby(KEYS)["amount"].sum()
    found = [sums.get(key, math.nan) for key in groups[KEYS].itertuples(index=False, name=None)]
    amount = pd.Series(found, index=groups.index, dtype=float) if currency.refused is None else pd.Series(math.nan, index=groups.index)
    amount = amount.where(amount > 0)
    ends = {"at_stake": "difference", "at_stake_low": "difference_low", "at_stake_high": "difference_high"}
    return groups.assign(recent_amount=amount, **{name: amount * groups[source].astype(float) for name, source in ends.items()})


def _clusters_check(groups: pd.DataFrame) -> Check:
    key = "battlecard_differences_rest_on_enough_owners_and_accounts"
    few = int((groups["is_reliable"] & (groups["clusters"] < 10)).sum()) if len(groups) else 0
    if not few:
        return Check(key=key, status="pass", reason=msg("No stated difference rests on fewer than ten owners or accounts."))
    reason = nmsg("{n} stated difference rests on fewer than ten owners or accounts.", "{n} stated differences rest on fewer than ten owners or accounts.", few)
    return Check(key=key, status="review", reason=reason)


def _size_check(without: pd.DataFrame) -> Check:
    key = "competitors_have_enough_deals_for_a_card"
    if without.empty:
        return Check(key=key, status="pass", reason=msg("Every competitor named is on enough decided deals for a card."))
    reason = nmsg("{n} competitor has too few decided deals for a card.", "{n} competitors have too few decided deals for a card.", len(without))
    return Check(key=key, status="pass", reason=reason)


def _finding(groups: pd.DataFrame, ratings: pd.DataFrame, cards: int) -> Message:
    wins, losses = (int((groups["is_reliable"] & (sign * groups["difference"].astype(float) > 0)).sum()) for sign in (1, -1))
    better, worse = (int((ratings["is_reliable"] & (sign * ratings["difference"] > 0)).sum()) for sign in (1, -1))
    first = nmsg("{n} competitor has enough decided deals for a card.", "{n} competitors have enough decided deals for a card each.", cards)
    if not wins + losses + better + worse:
        return msg("{first} No kind of deal and no rating differs reliably for any of them.", first=first)
    return msg(
        "{first} Of {tested} differences tested these survive the control: kinds of deal in which we win more often than elsewhere "
        "against the same competitor {wins}, less often {losses}; attributes rated better than the competitor's {better}, worse {worse}.",
        first=first, tested=len(groups) + len(ratings), wins=wins, losses=losses, better=better, worse=worse,
    )  # fmt: skip


def _brief(groups: pd.DataFrame, cards: int) -> Message:
    reliable = groups[groups["is_reliable"]]
    if reliable.empty:
        return msg("By kind of deal, no win rate against a competitor differs reliably from the others ({n} competitors compared).", n=cards)
    row = reliable.assign(size=reliable["difference"].abs()).sort_values(["size", *KEYS], ascending=[False, True, True, True]).iloc[0]
    return msg(
        "The sharpest difference within a competitor: against {name} we win {rate} in {place}, {rest} elsewhere ({gap} percentage points, n = {n}).",
        name=str(row["competitor"]), rate=share(float(row["rate"])), place=place_name(row), rest=share(float(row["rest_rate"])),
        gap=span(100 * float(row["difference_low"]), 100 * float(row["difference_high"]), "points"), n=int(row["closed_count"]),
    )  # fmt: skip


def _limits(without: pd.DataFrame, ratings: pd.DataFrame, currency: Currency) -> tuple[Message, ...]:
    limits = [msg("The kinds of deal overlap: a region may be weak because of the customers in it. What a card says is where, not why.")]
    if len(without):
        limits.append(msg("Without a card for want of deals: {names}.", names=tuple(without["competitor"].head(12))))
    if ratings.empty:
        limits.append(msg("No buyers' ratings of us and a competitor: the cards say less about arguments."))
    if currency.refused is not None:
        limits.append(msg("No sums of money: {reason}.", reason=currency.refused))
    return tuple(limits)


def _actions(
    groups: pd.DataFrame, ratings: pd.DataFrame, labels: dict[str, str], currency: Currency, params: BattlecardsParams, as_of: date
) -> tuple[Action, ...]:
    """The weak kinds of deal with most at stake, and the arguments that ratings support."""
    due = as_of + timedelta(days=params.action_days)
    weak = groups[groups["is_reliable"] & (groups["difference"].astype(float) < 0)]
    weak = weak.sort_values(["at_stake", "difference", *KEYS], na_position="last").head(params.actions_max_count)
    found = [_weak_action(row, currency, due) for _, row in weak.iterrows()]
    better = ratings[ratings["is_reliable"] & (ratings["difference"] > 0)].sort_values(["difference", "rival", "attribute"], ascending=[False, True, True])
    if len(better):
        row = better.iloc[0]
        what = msg(
            "Train the arguments that buyers' ratings support ({n} on the cards), first {attribute} against {name}.",
            n=len(better), attribute=str(row["attribute"]), name=labels[str(row["rival"])],
        )  # fmt: skip
        found.append(Action(key="train_supported_arguments", what=what, owner_role=msg("sales enablement"), due_on=due, watch_kpi="win_rate"))
    return tuple(found)


def _weak_action(row: pd.Series, currency: Currency, due: date) -> Action:
    is_known = not math.isnan(float(row["at_stake"]))
    value, low, high = (-float(row[name]) if is_known else None for name in ("at_stake", "at_stake_high", "at_stake_low"))
    what = msg(
        "Go through the lost deals against {name} in {place} and decide: change the approach there, or qualify such deals harder.",
        name=str(row["competitor"]), place=place_name(row),
    )  # fmt: skip
    return Action(
        key=group_key("battlecard_gap", competitor=row["competitor"], **{str(row["dimension"]): row["value"]}), what=what, owner_role=msg("head of sales"),
        due_on=due, watch_kpi="win_rate", value=value, low=low, high=high, currency=currency.code if is_known else None,
    )  # fmt: skip
