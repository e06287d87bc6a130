"""Do the companies fall into groups, how many, and what are the groups worth?

Companies are grouped by what they are (see `segment_features`) with factor analysis of mixed data and k-means. A number of
groups is accepted only if each group comes back in resampled data and if the groups are tighter than those the same method
finds in data without groups (see `stats.segmentation`) and in the same companies with their attributes shuffled; otherwise the answer is "do not segment". What a group buys and how
often it is won took no part in forming it, so both can be compared afterwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.icp_segmentation.account_table import (
    account_table,
    currencies,
    deals_per_account_and_owner,
    with_value,
)
from workbook.analyses.icp_segmentation.segment_features import Features, features, shuffled
from workbook.analyses.icp_segmentation.segment_profiles import (
    SegmentRates,
    names,
    profiles,
    segment_rates,
    segment_values,
)
from workbook.params import Params, Share
from workbook.results import Check, Headline, Result, clean_float, group_key
from workbook.stats.arrays import FloatArray, IntArray
from workbook.stats.clustering import Clusters, k_means
from workbook.stats.mixed_clustering import famd_scores
from workbook.stats.segmentation import Segmentation, choose_segments
from workbook.text import Message, msg, nmsg, number, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I2"
AXES = 5
SHUFFLES = 20


class SegmentsParams(Params):
    """segments_max: largest number of groups tried. sample_max: the number of groups is chosen on a seeded sample of that many
    companies; the others join the nearest group. filled_min_share: attributes stated by fewer companies are left out.
    """

    confidence: Share = 0.95
    seed: int = 7
    segments_max: int = Field(default=7, ge=2, le=12)
    accounts_min: int = Field(default=50, ge=20)
    sample_max: int = Field(default=500, ge=50)
    resamples: int = Field(default=20, ge=5)
    filled_min_share: Share = 0.6
    values_max: int = Field(default=40, ge=2)
    group_min_count: int = Field(default=10, ge=1)
    false_discovery_rate: Share = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsResult(Result):
    """The groups found.

    segments: one row per group, largest first: segment (1, 2, …), name, accounts_count, accounts_share, won_count,
    closed_count, rate, low, high, is_small, customers_count, value (mean per customer), value_low, value_high, value_sum,
    value_share. profiles: segment, attribute, value, in_segment, elsewhere (shares 0–1, or medians of numbers), is_number.
    candidates: see `stats.segmentation.Segmentation`. members: account_id, segment. segment_count: 1 for "do not segment".
    basis: what value means ("margin", "invoiced", "won"). rates_differ: win rates of the groups differ reliably.
    """

    segments: pd.DataFrame | None = None
    profiles: pd.DataFrame | None = None
    candidates: pd.DataFrame | None = None
    members: pd.DataFrame | None = None
    segment_count: int = 1
    basis: str | None = None
    currency: str | None = None
    rates_differ: bool = False


def aggregate(accounts: Table, opportunities: Table, invoices: Table, params: SegmentsParams, *, as_of: date) -> dict[str, Table]:
    """Return companies with their sums, and their deals per owner. Lazy."""
    return {
        "accounts": account_table(accounts, opportunities, invoices, as_of),
        "deals": deals_per_account_and_owner(opportunities),
        "currencies": currencies(opportunities, invoices),
    }


def analyse(small: dict[str, pd.DataFrame], params: SegmentsParams, *, as_of: date) -> SegmentsResult:
    """Group companies and compare the groups. Pure."""
    rows, basis, currency = with_value(small["accounts"], small["currencies"])
    table = features(rows, params.filled_min_share, params.values_max)
    refused = _refusal(rows, table, params)
    if refused is not None:
        return SegmentsResult(refused=refused, certainty="open")
    found, labels, sampled = _segment(table, params)
    limits = _limits(table, sampled, len(rows), params)
    if not found.is_segmented:
        return SegmentsResult(finding=_no_segments(found, len(rows)), limits=limits, checks=(_stability(found),), candidates=found.candidates)
    members = pd.DataFrame({"account_id": rows["account_id"], "segment": labels + 1})
    profile = profiles(table, rows, labels)
    rates = segment_rates(small["deals"], members, params)
    shown = rates.table.merge(segment_values(rows, labels, params.confidence, currency.refused is None), on="segment")
    shown.insert(1, "name", shown["segment"].map(names(profile)))
    return SegmentsResult(
        headlines=tuple(_headline(row, params) for row in shown.to_dict("records")),
        checks=(_stability(found),),
        finding=_finding(found, shown, rates, len(rows)),
        limits=(*limits, *(() if currency.refused is None else (msg("Value per customer is left out: {why}.", why=currency.refused),))),
        certainty="likely",
        segments=shown,
        profiles=profile,
        candidates=found.candidates,
        members=members,
        segment_count=found.k,
        basis=basis,
        currency=currency.code,
        rates_differ=rates.differ,
    )


def _refusal(rows: pd.DataFrame, table: Features, params: SegmentsParams) -> Message | None:
    if len(rows) < params.accounts_min:
        return nmsg("{n} company is known; groups need at least {least}", "{n} companies are known; groups need at least {least}",
                    len(rows), least=params.accounts_min)  # fmt: skip
    if table.rows.shape[1] < 2:
        return msg("the companies carry fewer than two usable attributes; add industry and number of employees to the export of the accounts")
    return None


def _segment(features_of: Features, params: SegmentsParams) -> tuple[Segmentation, IntArray, int]:
    """Choose the groups on a sample of companies and let the others join the nearest one. Order of rows does not matter."""
    import sklearn.cluster  # noqa: F401  the limit below reaches only libraries already loaded
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    table = features_of.rows
    order = np.lexsort([pd.factorize(table[name], sort=True)[0] for name in reversed(table.columns)])
    ordered = replace(features_of, rows=table.iloc[order].reset_index(drop=True))
    rng = np.random.default_rng(params.seed)
    drawn = np.arange(len(table))
    if len(table) > params.sample_max:
        drawn = np.sort(rng.choice(len(table), params.sample_max, replace=False))
    with threadpool_limits(1):  # threads cost more than they bring on small tables, and sums would depend on their number
        scores = famd_scores(ordered.rows, AXES)
        ks = range(2, params.segments_max + 1)
        found = choose_segments(scores[drawn], ks, params.seed, _k_means, resamples=params.resamples)
        if found.is_segmented and not _holds_together(found, replace(ordered, rows=ordered.rows.iloc[drawn]), rng):
            found = replace(found, k=1, is_segmented=False, reason="no_structure")
    labels = np.zeros(len(table), dtype=np.int64)
    if found.is_segmented:
        labels[order] = _nearest(scores, scores[drawn], found.clusters)
    return found, labels, len(drawn)


def _holds_together(found: Segmentation, sample: Features, rng: np.random.Generator) -> bool:
    """Tell whether the groups are tighter than those of the same companies with every attribute shuffled on its own.

    Few values per attribute look like groups to a comparison with smooth data; groups must come from what goes together.
    """
    tightness = [_k_means(famd_scores(shuffled(sample, rng), AXES), found.k, i).silhouette for i in range(SHUFFLES)]
    return found.clusters.silhouette > float(np.quantile(tightness, 0.95))


def _k_means(table: FloatArray, k: int, seed: int) -> Clusters:
    return k_means(table, k, seed, 3, standardise=False)


def _nearest(scores: FloatArray, sample: FloatArray, clusters: Clusters) -> IntArray:
    """Group of each company: the nearest mean; numbered anew by size, since the sample's order may differ."""
    means = np.vstack([sample[clusters.labels == group].mean(axis=0) for group in range(clusters.k)])
    labels = ((scores[:, None, :] - means[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    rank = np.argsort(np.argsort(-np.bincount(labels, minlength=clusters.k), kind="stable"), kind="stable")
    return np.asarray(rank[labels], dtype=np.int64)


def _headline(row: dict[Any, Any], params: SegmentsParams) -> Headline:
    key, n = group_key("win_rate", segment_found=row["segment"]), int(str(row["closed_count"]))
    rate, low, high = (float(str(row[name])) for name in ("rate", "low", "high"))
    if row["is_small"] or math.isnan(rate):
        reason = nmsg("only {n} decided deal in this group", "only {n} decided deals in this group", n)
        return Headline(key=key, kpi="win_rate", value=None, unit="share", n=n, level=params.confidence, reason=reason)
    return Headline(
        key=key, kpi="win_rate", value=rate, low=clean_float(low), high=clean_float(high), unit="share", n=n, level=params.confidence
    )


def _stability(found: Segmentation) -> Check:
    key = "groups_come_back_in_resampled_data"
    if not found.is_segmented:
        return Check(key=key, status="not_applicable", reason=msg("No grouping was accepted."))
    row = found.candidates[found.candidates["k"] == found.k].iloc[0]
    reason = msg(
        "The least stable of the {k} groups overlaps with its match in resampled data by {jaccard} (at least 0.75 is stable); the "
        "smallest holds {smallest} of the companies.",
        k=found.k, jaccard=number(float(row["jaccard_lowest"]), 2), smallest=share(float(row["smallest_share"])),
    )  # fmt: skip
    return Check(key=key, status="pass", reason=reason)


def _no_segments(found: Segmentation, n: int) -> Message:
    if found.reason == "not_stable":
        return msg("Do not segment: no grouping of the {n} companies comes back when the data are resampled.", n=n)
    return msg("Do not segment: the {n} companies form no groups tighter than chance would.", n=n)


def _finding(found: Segmentation, shown: pd.DataFrame, rates: SegmentRates, n: int) -> Message:
    first = msg("The {n} companies fall into {k} groups.", n=n, k=found.k)
    judged = shown[~shown["is_small"] & shown["rate"].notna()]
    if not rates.differ:
        return msg("{first} Their win rates do not differ reliably.", first=first)
    top, bottom = judged.nlargest(1, "rate").iloc[0], judged.nsmallest(1, "rate").iloc[0]
    return msg(
        "{first} Their win rates differ reliably, from {low} (“{bottom}”) to {high} (“{top}”).",
        first=first, low=share(float(bottom["rate"])), bottom=str(bottom["name"]), high=share(float(top["rate"])), top=str(top["name"]),
    )  # fmt: skip


def _limits(table: Features, sampled: int, n: int, params: SegmentsParams) -> tuple[Message, ...]:
    limits = [msg("Companies of one group are alike in the attributes recorded; attributes that nobody records cannot group them.")]
    if sampled < n:
        limits.append(msg("The number of groups was chosen on a random sample of {sampled} of {n} companies (seed {seed}).",
                          sampled=sampled, n=n, seed=params.seed))  # fmt: skip
    if table.left_out:
        limits.append(msg("Left out because too few companies state them: {names}.", names=table.left_out))
    return tuple(limits)
