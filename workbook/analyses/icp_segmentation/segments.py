"""Do the companies fall into groups, how many, and what are the groups worth?

Companies are grouped by what they are (see `segment_features`, `segment_grouping`), three ways side by side. A number of groups is
accepted only if each group comes back in resampled data and if the groups are tighter than those the same method finds in data
without groups (see `stats.segmentation`) and in the same companies with their attributes shuffled; otherwise the answer is "do
not segment". What a group buys and how often it is won took no part in forming it, so both can be compared afterwards: each
group with all others, in win rate and in value per customer, under one false-discovery control.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, with_known_amount
from workbook.analyses.icp_segmentation.account_table import (
    account_table,
    currencies,
    deals_per_account_and_owner,
    with_value,
)
from workbook.analyses.icp_segmentation.segment_features import Features, features
from workbook.analyses.icp_segmentation.segment_grouping import Grouping, group
from workbook.analyses.icp_segmentation.segment_profiles import judged, names, profiles, segment_rates, segment_values
from workbook.analyses.sampling import Sample, SampledParams, carried, times
from workbook.params import Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.segmentation import Segmentation
from workbook.text import Message, msg, nmsg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I2"
SAMPLE = Sample(unit="account_id", words=msg("companies"), tables=("accounts", "deals", "recent"))
AGREE = 0.65  # adjusted Rand: recovery is moderate from 0.65 and good from 0.80 (Steinley 2004)
MORE = 0.1  # what a group is worth to pursue: a tenth more decided deals than in the last twelve months


class SegmentsParams(SampledParams):
    """segments_max: largest number of groups tried. sample_max: the number of groups is chosen on a seeded sample of that many
    companies; the others join the nearest group. filled_min_share: attributes stated by fewer companies are left out.
    """

    confidence: Share = 0.95
    segments_max: int = Field(default=7, ge=2, le=12)
    accounts_min: int = Field(default=50, ge=20)
    sample_max: int = Field(default=400, ge=50, le=5000)
    resamples: int = Field(default=25, ge=5)
    filled_min_share: Share = 0.6
    values_max: int = Field(default=40, ge=2)
    group_min_count: int = Field(default=10, ge=1)
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsResult(Result):
    """The groups found.

    segments: one row per group, largest first: segment (1, 2, …), name, accounts_count, accounts_share, stability (mean Jaccard),
    won_count, closed_count, rate, low, high, is_small, difference (of the win rate to all others), difference_low,
    difference_high, rate_differs, customers_count, value (mean per customer), value_low, value_high, value_sum, value_share,
    value_differs, recent_closed_count, recent_amount (mean won deal; both of the last twelve months), stance (see
    `segment_profiles.judged`). profiles: segment, attribute, value, in_segment, elsewhere (shares 0–1, or medians of numbers),
    is_number. candidates: see `stats.segmentation.Segmentation`. methods: see `segment_grouping.Grouping`. members: account_id,
    segment, name. segment_count: 1 for "do not segment". basis: what value means ("margin", "invoiced", "won"). rates_differ: win rates
    of the groups differ reliably.
    """

    segments: pd.DataFrame | None = None
    profiles: pd.DataFrame | None = None
    candidates: pd.DataFrame | None = None
    methods: pd.DataFrame | None = None
    members: pd.DataFrame | None = None
    segment_count: int = 1
    basis: str | None = None
    currency: str | None = None
    rates_differ: bool = False


def aggregate(accounts: Table, opportunities: Table, invoices: Table, params: SegmentsParams, *, as_of: date) -> dict[str, Table]:
    """Return companies with their sums, their deals per owner, and what was decided in the last twelve months. Lazy."""
    import ibis

    deals = with_known_amount(opportunities.filter(opportunities.account_id.notnull() & opportunities.status.isin(CLOSED)))
    recent = deals.filter((deals.closed_on > ibis.date(as_of) - ibis.interval(years=1)) & (deals.closed_on <= ibis.date(as_of)))
    won = recent.status == "won"
    return {
        "accounts": account_table(accounts, opportunities, invoices, as_of),
        "deals": deals_per_account_and_owner(opportunities),
        "currencies": currencies(opportunities, invoices),
        "recent": recent.group_by("account_id").agg(
            closed_count=recent.count(), won_amount=recent.known_amount.sum(where=won), won_amount_count=recent.known_amount.count(where=won)
        ),
    }


def analyse(small: dict[str, pd.DataFrame], params: SegmentsParams, *, as_of: date) -> SegmentsResult:
    """Group companies and compare the groups. Pure."""
    rows, basis, currency = with_value(small["accounts"], small["currencies"])
    table = features(rows, params.filled_min_share, params.values_max)
    refused = _refusal(rows, table, params)
    if refused is not None:
        return SegmentsResult(refused=refused, certainty="open")
    grouping = group(
        table, range(2, params.segments_max + 1), seed=params.seed, sample_max=params.sample_max, resamples=params.resamples
    )
    found, limits = grouping.found, _limits(table, grouping.sampled, len(rows), params)
    n = carried(len(rows), small)
    if not found.is_segmented:
        return SegmentsResult(
            finding=_no_segments(found, n), brief=_no_segments(found, n), limits=limits, checks=_checks(grouping),
            candidates=found.candidates, methods=grouping.methods,
            no_action=msg("One message for all companies: groups that are not there cannot be treated differently."),
        )  # fmt: skip
    members = pd.DataFrame({"account_id": rows["account_id"], "segment": grouping.labels + 1})
    profile = profiles(table, rows, grouping.labels)
    shown, differ = _compared(small, rows.assign(value=rows["value"] if currency.refused is None else math.nan), members, profile, params)
    shown["stability"] = [math.nan] * found.k if found.stability is None else list(found.stability)
    members = members.merge(shown[["segment", "name"]], on="segment")
    actions = _actions(shown, None if currency.refused else currency.code, params, as_of)
    return SegmentsResult(
        headlines=tuple(_headline(row, params) for row in shown.to_dict("records")),
        checks=_checks(grouping),
        actions=actions,
        no_action=None if actions else msg("The groups differ in what they are, not reliably in win rate or value: none deserves other treatment by sales."),
        finding=_finding(found, shown, differ, n),
        brief=_brief(found, shown, differ, n),
        limits=(*limits, *(() if currency.refused is None else (msg("Value per customer is left out: {why}.", why=currency.refused),))),
        certainty="likely" if _agreement(grouping, "latent_classes") >= AGREE else "open",
        segments=shown,
        profiles=profile,
        candidates=found.candidates,
        methods=grouping.methods,
        members=members,
        segment_count=found.k,
        basis=basis,
        currency=currency.code,
        rates_differ=differ,
    )


def _compared(
    small: dict[str, pd.DataFrame], rows: pd.DataFrame, members: pd.DataFrame, profile: pd.DataFrame, params: SegmentsParams
) -> tuple[pd.DataFrame, bool]:
    """One row per group with win rate, value, last year's business and stance; and whether the win rates differ at all."""
    each = times(small)
    rates, equal = segment_rates(small["deals"], members, params.confidence, params.group_min_count)
    values = segment_values(rows, members["segment"].to_numpy() - 1, params.confidence, bool(rows["value"].notna().any()))
    recent = members.merge(small["recent"].astype({"won_amount": float, "won_amount_count": float, "closed_count": float}), on="account_id")
    sums = recent.groupby("segment")[["closed_count", "won_amount", "won_amount_count"]].sum().reindex(rates["segment"], fill_value=0.0)
    for name in ("accounts_count", "customers_count"):
        values[name] = (each * values[name]).round().astype(int)
    shown = rates.merge(values.assign(value_sum=each * values["value_sum"]), on="segment").assign(
        recent_closed_count=each * sums["closed_count"].to_numpy(),
        recent_amount=(sums["won_amount"] / sums["won_amount_count"].where(sums["won_amount_count"] > 0)).to_numpy(),
    )
    shown.insert(1, "name", shown["segment"].map(names(profile)))
    return judged(shown, equal, params.false_discovery_rate)


def _refusal(rows: pd.DataFrame, table: Features, params: SegmentsParams) -> Message | None:
    if len(rows) < params.accounts_min:
        return nmsg("{n} company is known; groups need at least {least}", "{n} companies are known; groups need at least {least}",
                    len(rows), least=params.accounts_min)  # fmt: skip
    if table.rows.shape[1] < 2:
        return msg("the companies carry fewer than two usable attributes; add industry and number of employees to the export of the accounts")
    return None


def segment_key(segment: object) -> str:
    """Return the headline key of a group's win rate."""
    return group_key("win_rate", segment_found=segment)


def _headline(row: dict[Any, Any], params: SegmentsParams) -> Headline:
    key, n = segment_key(row["segment"]), int(str(row["closed_count"]))
    rate, low, high = (float(str(row[name])) for name in ("rate", "low", "high"))
    if row["is_small"] or math.isnan(rate):
        reason = nmsg("only {n} decided deal in this group", "only {n} decided deals in this group", n)
        return Headline(key=key, kpi="win_rate", value=None, unit="share", n=n, level=params.confidence, reason=reason)
    return Headline(
        key=key, kpi="win_rate", value=rate, low=clean_float(low), high=clean_float(high), unit="share", n=n, level=params.confidence
    )


def _agreement(grouping: Grouping, method: str) -> float:
    """Adjusted Rand index of a method's groups with those accepted; NaN where none were."""
    rows = grouping.methods
    same = rows[(rows["method"] == method) & (rows["k"] == grouping.found.k)]["agreement"]
    return float(same.iloc[0]) if len(same) else math.nan


def _checks(grouping: Grouping) -> tuple[Check, Check]:
    found, key, other = grouping.found, "groups_come_back_in_resampled_data", "another_method_finds_the_same_groups"
    if not found.is_segmented:
        reason = msg("No grouping was accepted.")
        return Check(key=key, status="not_applicable", reason=reason), Check(key=other, status="not_applicable", reason=reason)
    row = found.candidates[found.candidates["k"] == found.k].iloc[0]
    stable = msg(
        "The least stable of the {k} groups overlaps with its match in resampled data by {jaccard} (at least 0.75 is stable); the "
        "smallest holds {smallest} of the companies.",
        k=found.k, jaccard=number(float(row["jaccard_lowest"]), 2), smallest=share(float(row["smallest_share"])),
    )  # fmt: skip
    same = _agreement(grouping, "latent_classes")
    agree = msg(
        "Latent classes, a model, sort the companies into {k} groups that agree with these by {agreement} (adjusted Rand; 1 is the same, "
        "0 chance, from 0.65 moderate); Gower distances with medoids, which weigh every attribute alike, by {gower}.",
        k=found.k, agreement=number(same, 2), gower=number(_agreement(grouping, "gower_medoids"), 2),
    )  # fmt: skip
    return (
        Check(key=key, status="pass", reason=stable),
        Check(key=other, status="pass" if same >= AGREE else "review", reason=agree),
    )


def _no_segments(found: Segmentation, n: int) -> Message:
    if found.reason == "not_stable":
        return msg("Do not segment: no grouping of the {n} companies comes back when the data are resampled.", n=n)
    return msg("Do not segment: the {n} companies form no groups tighter than chance would.", n=n)


def _ends(shown: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    known = shown[~shown["is_small"] & shown["rate"].notna()]
    return known.nlargest(1, "rate").iloc[0], known.nsmallest(1, "rate").iloc[0]


def _brief(found: Segmentation, shown: pd.DataFrame, differ: bool, n: int) -> Message:
    if not differ:
        return msg("The {n} companies fall into {k} groups that are won about equally often.", n=n, k=found.k)
    top, bottom = _ends(shown)
    return msg(
        "The {n} companies fall into {k} groups: “{top}” is won most often ({high}, range {high_range}), “{bottom}” least ({low}).",
        n=n, k=found.k, top=str(top["name"]), high=share(float(top["rate"])), bottom=str(bottom["name"]),
        high_range=span(float(top["low"]), float(top["high"]), "share"), low=share(float(bottom["rate"])),
    )  # fmt: skip


def _finding(found: Segmentation, shown: pd.DataFrame, differ: bool, n: int) -> Message:
    first = msg("The {n} companies fall into {k} groups.", n=n, k=found.k)
    if not differ:
        return msg("{first} Their win rates do not differ reliably.", first=first)
    top, bottom = _ends(shown)
    return msg(
        "{first} Their win rates differ reliably, from {low} of {low_n} decided deals (“{bottom}”, range {low_range}) to {high} of "
        "{high_n} (“{top}”, range {high_range}).",
        first=first, low=share(float(bottom["rate"])), bottom=str(bottom["name"]), high=share(float(top["rate"])), top=str(top["name"]),
        low_n=int(bottom["closed_count"]), high_n=int(top["closed_count"]), low_range=span(float(bottom["low"]), float(bottom["high"]), "share"),
        high_range=span(float(top["low"]), float(top["high"]), "share"),
    )  # fmt: skip


def _limits(table: Features, sampled: int, n: int, params: SegmentsParams) -> tuple[Message, ...]:
    limits = [
        msg("Companies of one group are alike in the attributes recorded; attributes that nobody records cannot group them."),
        msg("Why a group is won more often does not follow from its being won more often: it may also be met by other salespeople or rivals."),
    ]
    if sampled < n:
        limits.append(msg("The number of groups was chosen on a random sample of {sampled} of {n} companies (seed {seed}).",
                          sampled=sampled, n=n, seed=params.seed))  # fmt: skip
    if table.left_out:
        limits.append(msg("Left out because too few companies state them: {names}.", names=table.left_out))
    return tuple(limits)


def _actions(shown: pd.DataFrame, currency: str | None, params: SegmentsParams, as_of: date) -> tuple[Action, ...]:
    """One action per group with a stance; most valuable groups first."""
    rows = shown[shown["stance"] != "hold"].sort_values(["value_sum", "segment"], ascending=[False, True])
    return tuple(_action(row, currency, params, as_of) for _, row in rows.iterrows())


def _action(row: pd.Series, currency: str | None, params: SegmentsParams, as_of: date) -> Action:
    """Worth of a group to pursue: a tenth more decided deals than last year, at its own win rate and mean won deal."""
    name, stance = str(row["name"]), str(row["stance"])
    more = MORE * float(row["recent_closed_count"]) * float(row["recent_amount"])
    worth = [more * float(row[c]) if stance == "invest" and currency and more > 0 else None for c in ("rate", "low", "high")]
    return Action(
        key=group_key(f"{stance}_segment", segment=row["segment"]), what=stance_words(stance, name), owner_role=msg("head of sales"),
        due_on=as_of + timedelta(days=params.action_days), watch_kpi="win_rate", value=worth[0], low=worth[1], high=worth[2],
        currency=currency if worth[0] is not None else None, evidence=(segment_key(row["segment"]),),
    )  # fmt: skip


def stance_words(stance: str, name: str) -> Message:
    """Say what to do about a group."""
    if stance == "invest":
        return msg("Give “{name}” an offer and a prospect list of its own and bring a tenth more of its deals to a decision.", name=name)
    if stance == "improve":
        return msg("Ask the last customers lost in “{name}” why: the group is worth more than the others but is won less often.", name=name)
    if stance == "select":
        return msg("Check the fit of deals in “{name}” before an offer is written, and give the time saved to the better groups.", name=name)
    return msg("Treat “{name}” like all others: neither win rate nor value differs reliably.", name=name)
