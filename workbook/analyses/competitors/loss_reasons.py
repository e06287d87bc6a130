"""Why do we lose, and how much money goes with each reason?

Of the lost deals with a recorded reason, the share that was lost for each, with a cluster-aware interval; the amounts
lost beside it, and the share of the lost money. Deals lost without a recorded reason are counted, not spread over the
others. Per competitor: reasons named more often than on deals lost to other competitors, under one false-discovery
control over all pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.naming import labels_of, named_competitors, spellings
from workbook.analyses.deals import Currency, currency_of, deals_with, rate_of, with_known_amount
from workbook.params import Params, Share
from workbook.results import Action, Check, Result, group_key
from workbook.stats.arrays import two_sided_t
from workbook.stats.mean import ratio_of_sums
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import Proportion, wilson
from workbook.stats.slope import clustered_slope
from workbook.text import Message, money, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W2"
WHOLE = "\x1fall"  # all lost deals that name a competitor


class LossReasonsParams(Params):
    """missing_max_share: review where more lost deals carry no reason. lost_min_count: competitors on fewer lost deals with a
    reason are left out of the comparison.
    """

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    missing_max_share: Share = 0.2
    lost_min_count: int = Field(default=10, ge=2)
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReasonsResult(Result):
    """Lost deals by reason.

    by_reason: one row per reason, most frequent first: reason, lost_count, lost_share (of the deals with a reason), low,
    high, design_effect, lost_amount, lost_amount_count, amount_share, amount_low, amount_high. by_competitor: one row per
    competitor × reason: competitor, reason, lost_count, named_count (lost deals of the competitor with a reason), lost_share,
    low, high, others_share, p_adjusted, is_reliable. is_first_reliable: the first reason is reliably ahead of the second. lost_count, missing_count, missing_share, missing_amount: lost deals,
    those without a reason. Money in `currency`, NaN where it is mixed.
    """

    by_reason: pd.DataFrame | None = None
    by_competitor: pd.DataFrame | None = None
    is_first_reliable: bool = False
    lost_count: int = 0
    missing_count: int = 0
    missing_share: float | None = None
    missing_amount: float | None = None
    currency: str | None = None


def aggregate(opportunities: Table, params: LossReasonsParams, *, as_of: date) -> dict[str, Table]:
    """Count lost deals per reason, cluster and competitor; sums of money per reason and account. Lazy."""
    deals = with_known_amount(opportunities.filter(opportunities.status == "lost"))
    deals = deals.mutate(spelling=deals.loss_reason.strip()).mutate(reason=lambda t: t.spelling.lower().nullif(""))
    known = deals.filter(deals.reason.notnull())
    pairs = known.rename(asked="reason")
    account = known.account_id.fill_null("").concat("/", known.account_id.isnull().ifelse(known.opportunity_id, ""))
    return {
        "counts": deals.group_by(["reason", "currency"]).agg(
            lost_count=deals.count(), amount=deals.known_amount.sum(), amount_count=deals.known_amount.count()
        ),
        "clusters": deals_with(pairs, pairs, pairs.select("asked").distinct()),
        "amounts": known.mutate(cluster=account).group_by(["cluster", "reason"]).agg(amount=known.known_amount.sum()),
        "rivals": _rival_counts(known),
        "reason_spellings": known.group_by(["reason", "spelling"]).agg(deals_count=known.count()),
        "rival_spellings": spellings(named_competitors(deals)),
    }


def _rival_counts(known: Table) -> Table:
    """Count lost deals with a reason per competitor × reason × owner, and over all deals that name one (rival null)."""
    import ibis

    named = named_competitors(known.drop("spelling"), "reason")
    named = named.mutate(cluster=ibis.coalesce(named.owner_id, named.account_id, named.opportunity_id))
    each = named.group_by(["rival", "reason", "cluster"]).agg(lost_count=named.count())
    once = named.select("opportunity_id", "reason", "cluster").distinct()
    whole = once.group_by(["reason", "cluster"]).agg(lost_count=once.count()).mutate(rival=ibis.null("string"))
    columns = ("rival", "reason", "cluster", "lost_count")
    return ibis.union(each.select(*columns), whole.select(*columns))


def analyse(small: dict[str, pd.DataFrame], params: LossReasonsParams, *, as_of: date) -> LossReasonsResult:
    """Turn counts and sums into shares, money and comparisons. Pure."""
    counts = small["counts"].assign(amount=small["counts"]["amount"].astype(float).fillna(0.0))
    lost = int(counts["lost_count"].sum())
    missing = counts[counts["reason"].isna()]
    n_missing = int(missing["lost_count"].sum())
    if lost == n_missing:
        reason = msg("no deal has been lost yet") if not lost else nmsg("the lost deal carries no reason", "none of the {n} lost deals carries a reason", lost)
        return LossReasonsResult(refused=reason, certainty="open", lost_count=lost, missing_count=n_missing)
    currency = currency_of(counts, "amount_count")
    labels = labels_of(small["reason_spellings"], "reason")
    rates = {str(key): rate_of(part, params.confidence) for key, part in small["clusters"].groupby("asked", sort=True)}
    by_reason = _by_reason(rates, counts, _money_shares(small["amounts"], currency, params), (labels, currency))
    by_competitor = _by_competitor(small["rivals"], labels, labels_of(small["rival_spellings"]), params)
    by_competitor, is_first = _controlled(by_competitor, by_reason, params)
    actions = _actions((by_reason, by_competitor), is_first, (lost, n_missing), params, as_of)
    return LossReasonsResult(
        checks=(_missing_check(lost, n_missing, params),),
        actions=actions,
        no_action=None if actions else msg("no reason is reliably ahead of the others, so none is worth a programme of its own"),
        finding=_finding(by_reason, is_first, currency),
        brief=_brief(by_reason, is_first),
        limits=_limits(by_competitor, lost, n_missing, currency),
        certainty="likely" if is_first and n_missing <= params.missing_max_share * lost else "open",
        by_reason=by_reason,
        by_competitor=by_competitor,
        is_first_reliable=is_first,
        lost_count=lost,
        missing_count=n_missing,
        missing_share=n_missing / lost,
        missing_amount=float(missing["amount"].sum()) if currency.refused is None else None,
        currency=currency.code,
    )


def _by_reason(
    rates: dict[str, Proportion], counts: pd.DataFrame, money_shares: pd.DataFrame, words: tuple[dict[str, str], Currency]
) -> pd.DataFrame:
    labels, currency = words
    sums = counts.dropna(subset=["reason"]).groupby("reason")[["amount", "amount_count"]].sum()
    rows = [
        {
            "reason": labels[key], "lost_count": int(rate.successes), "lost_share": rate.value, "low": rate.low, "high": rate.high,
            "design_effect": rate.design_effect, "lost_amount_count": int(sums["amount_count"][key]),
            "lost_amount": float(sums["amount"][key]) if sums["amount_count"][key] and currency.refused is None else math.nan,
            **money_shares.loc[key].to_dict(),
        }
        for key, rate in rates.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).sort_values(["lost_count", "reason"], ascending=[False, True], ignore_index=True)


def _money_shares(amounts: pd.DataFrame, currency: Currency, params: LossReasonsParams) -> pd.DataFrame:
    """Share of the lost money per reason with an interval over accounts. Index: reason."""
    wide = amounts.assign(amount=amounts["amount"].astype(float)).pivot(index="cluster", columns="reason", values="amount").fillna(0.0)
    whole = wide.sum(axis=1)
    found = {}
    for reason in wide.columns:
        part = ratio_of_sums(wide[reason], whole, params.confidence, is_share=True)
        is_known = currency.refused is None and part.reason is None
        values = (part.value, part.low, part.high) if is_known else (math.nan,) * 3
        found[reason] = dict(zip(("amount_share", "amount_low", "amount_high"), values, strict=True))
    return pd.DataFrame.from_dict(found, orient="index")


def _by_competitor(counts: pd.DataFrame, labels: dict[str, str], rivals: dict[str, str], params: LossReasonsParams) -> pd.DataFrame:
    """Compare each competitor's reasons with those on deals that name others only. Pairs never seen together count as zero."""
    columns = ["competitor", "reason", "lost_count", "named_count", "lost_share", "low", "high", "others_share", "p_value"]
    keyed = counts.astype({"lost_count": float}).sort_values(["cluster", "reason"])
    wide = {
        str(rival): part.pivot(index="cluster", columns="reason", values="lost_count")
        for rival, part in keyed.assign(rival=keyed["rival"].astype(object).where(keyed["rival"].notna(), WHOLE)).groupby("rival", sort=True)
    }
    whole = wide.pop(WHOLE, pd.DataFrame()).fillna(0.0)
    enough = {rival: part.reindex_like(whole).fillna(0.0) for rival, part in wide.items() if part.sum().sum() >= params.lost_min_count}
    rows = [_pair_row((part, whole - part), (rival, reason), params.confidence) for rival, part in enough.items() for reason in whole.columns]
    table = pd.DataFrame(rows, columns=columns)
    table = table.assign(competitor=table["competitor"].map(rivals), reason=table["reason"].map(labels))
    ordered = table.sort_values(["competitor", "lost_count", "reason"], ascending=[True, False, True], ignore_index=True)
    return ordered.astype({"lost_count": int, "named_count": int})


def _pair_row(sides: tuple[pd.DataFrame, pd.DataFrame], pair: tuple[Any, Any], level: float) -> tuple[object, ...]:
    """Compare a reason's share on one competitor's deals with that on the others', over the people who record it."""
    rival, reason = pair
    hits, sizes = [side[reason].to_numpy() for side in sides], [side.sum(axis=1).to_numpy() for side in sides]
    own, n, rest, m = (float(part.sum()) for part in (hits[0], sizes[0], hits[1], sizes[1]))
    interval = wilson(own, n, level)
    people = np.arange(len(hits[0]))
    gap = clustered_slope(np.concatenate(hits), np.concatenate(sizes), np.repeat([1.0, 0.0], len(people)), np.tile(people, 2), level)
    return rival, reason, own, n, own / n, interval.low, interval.high, rest / m if m else math.nan, gap.p_value


def _controlled(by_competitor: pd.DataFrame, by_reason: pd.DataFrame, params: LossReasonsParams) -> tuple[pd.DataFrame, bool]:
    """One control over all pairs and over whether the first reason is ahead of the second."""
    adjusted = benjamini_hochberg([*by_competitor["p_value"], _first_p(by_reason)])
    told = np.nan_to_num(adjusted, nan=1.0) <= params.false_discovery_rate
    return by_competitor.assign(p_adjusted=adjusted[:-1], is_reliable=told[:-1]), len(by_reason) == 1 or bool(told[-1])


def _first_p(by_reason: pd.DataFrame) -> float:
    """P-value of the first reason being named as often as the second: its share of the two against one half.

    The sample size is divided by the larger design effect, as deals of one hand name reasons alike.
    """
    if len(by_reason) < 2:
        return math.nan
    first, second = by_reason["lost_count"].iloc[:2]
    effect = max(1.0, *(e for e in by_reason["design_effect"].iloc[:2] if not math.isnan(e)), 1.0)
    size = (first + second) / effect
    return two_sided_t((first / (first + second) - 0.5) / math.sqrt(0.25 / size), math.inf)


def _missing_check(lost: int, missing: int, params: LossReasonsParams) -> Check:
    reason = msg("{part} of {n} lost deals carry no reason.", part=share(missing / lost), n=lost)
    status = "pass" if missing <= params.missing_max_share * lost else "review"
    return Check(key="lost_deals_carry_a_reason", status=status, reason=reason)  # type: ignore[arg-type]


def _finding(by_reason: pd.DataFrame, is_first: bool, currency: Currency) -> Message:
    first = by_reason.iloc[0]
    n = int(by_reason["lost_count"].sum())
    worth: Message | str = ""
    if currency.refused is None and not math.isnan(float(first["lost_amount"])):
        worth = msg(", {amount} in money", amount=money(float(first["lost_amount"]), currency.code))
    said = {
        "reason": str(first["reason"]), "part": share(float(first["lost_share"])), "n": n, "worth": worth,
        "range": span(float(first["low"]), float(first["high"]), "share"),
    }  # fmt: skip
    if len(by_reason) == 1:
        return msg("All {n} lost deals with a reason name the same one: {reason}{worth}.", n=n, reason=said["reason"], worth=worth)
    if is_first:
        return msg("The reason named most is {reason}: {part} of {n} lost deals with a reason (range {range}){worth}.", **said)
    return msg(
        "{reason} comes first with {part} of {n} lost deals with a reason (range {range}){worth}, but not reliably ahead of {second}.",
        **said, second=str(by_reason["reason"].iloc[1]),
    )  # fmt: skip


def _limits(by_competitor: pd.DataFrame, lost: int, missing: int, currency: Currency) -> tuple[Message, ...]:
    limits = [msg("A reason is what the salesperson recorded, not what the buyer said.")]
    if missing:
        limits.append(nmsg("{n} lost deal without a reason is left out.", "{n} lost deals without a reason are left out.", missing))
    if currency.refused is not None:
        limits.append(msg("No sums of money: {reason}.", reason=currency.refused))
    if by_competitor.empty:
        limits.append(msg("Too few lost deals carry both a reason and a competitor to compare competitors."))
    return tuple(limits)


def _brief(by_reason: pd.DataFrame, is_first: bool) -> Message:
    first = by_reason.iloc[0]
    said = {
        "reason": str(first["reason"]), "part": share(float(first["lost_share"])), "range": span(float(first["low"]), float(first["high"]), "share"),
    }  # fmt: skip
    if not is_first:
        return msg("No single reason explains our losses; named most is {reason} ({part}, range {range}).", **said)
    if math.isnan(float(first["amount_share"])):
        return msg("We lose most often for {reason}: {part} of the lost deals (range {range}).", **said)
    return msg("We lose most often for {reason}: {part} of the lost deals (range {range}) and {money} of the lost money.", money=share(float(first["amount_share"])), **said)


def _actions(
    tables: tuple[pd.DataFrame, pd.DataFrame], is_first: bool, counts: tuple[int, int], params: LossReasonsParams, as_of: date
) -> tuple[Action, ...]:
    """Interview buyers about the first reason, answer a reason that one competitor has more of, and record what is missing."""
    by_reason, by_competitor = tables
    lost, missing = counts
    due = as_of + timedelta(days=params.action_days)
    actions = []
    if is_first:
        what = msg(
            "Interview the buyers of ten deals lost for “{reason}” and decide what to change in offer or argument.",
            reason=str(by_reason["reason"].iloc[0]),
        )
        actions.append(Action(key="work_on_first_loss_reason", what=what, owner_role=msg("product management"), due_on=due, watch_kpi="win_rate"))
    told = by_competitor[by_competitor["is_reliable"] & (by_competitor["lost_share"] > by_competitor["others_share"])]
    if len(told):
        row = told.assign(gap=(told["lost_share"] - told["others_share"]) * told["named_count"]).sort_values(["gap", "competitor", "reason"], ascending=[False, True, True]).iloc[0]
        what = msg(
            "Prepare an answer to “{reason}” for deals against {name}: named in {part} of the losses to it, in {others} of those to others.",
            reason=str(row["reason"]), name=str(row["competitor"]), part=share(float(row["lost_share"])), others=share(float(row["others_share"])),
        )  # fmt: skip
        key = group_key("answer_loss_reason", competitor=row["competitor"])
        actions.append(Action(key=key, what=what, owner_role=msg("product management"), due_on=due, watch_kpi="win_rate"))
    if missing > params.missing_max_share * lost:
        what = msg("Make the loss reason a required field when a deal is lost: {n} of {lost} lost deals have none.", n=missing, lost=lost)
        actions.append(Action(key="record_the_loss_reason", what=what, owner_role=msg("sales operations"), due_on=due, watch_kpi="win_rate"))
    return tuple(actions)
