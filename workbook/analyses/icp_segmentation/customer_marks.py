"""What marks the companies that are won, and the customers that are best?

For every value of every attribute of a company: its win rate with the interval by company and owner, the lift over the
common rate, the rate pulled towards the common one, and the difference to all other companies that state the attribute.
Beside it the share of its customers that are best (see `best_customers`) and their mean value. Pairs of values are compared
in the same way. All comparisons are tested under one false-discovery control; small groups are listed, not judged. Marks found in
the earlier deals alone are looked at again in the later ones, and only those that hold lead to an action. Where an attribute is
stated more often on won deals than on lost ones (or less), its rates are bounded by the worst and best case and marked for review.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.icp_segmentation import best_customers
from workbook.analyses.icp_segmentation.account_attributes import memberships
from workbook.analyses.icp_segmentation.account_table import (
    account_table,
    currencies,
    deals_per_account_and_owner,
    deals_per_account_owner_month,
    with_value,
)
from workbook.analyses.icp_segmentation.labels import label
from workbook.analyses.icp_segmentation.mark_evidence import (
    evidence,
    fill_by_outcome,
    membership,
    shrunken,
    totals,
    validated,
)
from workbook.analyses.icp_segmentation.segment_profiles import Deals, clustered_rate
from workbook.analyses.sampling import Sample, SampledParams
from workbook.params import Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.stats.arrays import BoolArray, FloatArray, IntArray, normal_quantile
from workbook.stats.mean import mean
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import proportion, two_proportion_difference
from workbook.text import Message, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I1"
SAMPLE = Sample(unit="account_id", words=msg("companies"), tables=("accounts", "deals", "monthly"))


class CustomerMarksParams(SampledParams):
    """group_min_count: values with fewer decided deals (or customers) get no rate of their own. best_share: see `best_customers`.
    early_share: the part of the deals, by closing date, in which marks are looked for before the later ones judge them.
    """

    confidence: Share = 0.95
    values_max: int = Field(default=30, ge=2)
    group_min_count: int = Field(default=10, ge=1)
    false_discovery_rate: Share = 0.05
    best_share: Share = 0.2
    early_share: Share = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMarksResult(Result):
    """marks: one row per attribute × value: attribute, value, accounts_count, won_count, closed_count, rate, low, high, lift,
    difference, difference_low, difference_high (against the others that state the attribute), adjusted_p, differs, shrunken_rate, _low,
    _high, bound_low, bound_high (where the fill rate depends on the outcome), is_small, customers_count, best_count, best_share, best_low, best_high, best_adjusted_p, best_differs, value_mean, value_low,
    value_high. pairs: one row per pair that can be judged, see `mark_evidence.evidence`, with lift, adjusted_p, differs and beyond
    (times the higher rate of its two values). later: marks found early beside the later deals, see `mark_evidence.validated`, null
    where there are no dates. fill: one row per attribute: won_filled, lost_filled, adjusted_p, depends. common_rate: of all deals with a company. best_common: share of customers that are best. basis: meaning of value.
    """

    marks: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None
    later: pd.DataFrame | None = None
    fill: pd.DataFrame | None = None
    common_rate: float | None = None
    best_common: float | None = None
    basis: str | None = None
    currency: str | None = None


def aggregate(accounts: Table, opportunities: Table, invoices: Table, params: CustomerMarksParams, *, as_of: date) -> dict[str, Table]:
    """Return companies with their sums, and their deals per owner. Lazy."""
    return {
        "accounts": account_table(accounts, opportunities, invoices, as_of),
        "deals": deals_per_account_and_owner(opportunities),
        "monthly": deals_per_account_owner_month(opportunities),
        "currencies": currencies(opportunities, invoices),
    }


def analyse(small: dict[str, pd.DataFrame], params: CustomerMarksParams, *, as_of: date) -> CustomerMarksResult:
    """Compare every value of every attribute with the others. Pure."""
    rows, basis, currency = with_value(small["accounts"], small["currencies"])
    shared = memberships(rows, params.values_max)
    deals = small["deals"].astype({"won_count": float, "closed_count": float})
    refused = _refusal(shared, deals)
    if refused is not None:
        return CustomerMarksResult(refused=refused, certainty="open")
    customers = _customers(rows, currency.refused is not None, params)
    rate = clustered_rate(deals, params.confidence)
    marks = _marks(shared, deals, customers, params)
    of = membership(shared, pd.Index(sorted(deals["account_id"].unique())))
    pairs = evidence(of, deals, params.confidence, params.group_min_count)
    pairs = pairs[pairs["second_value"].notna()].reset_index(drop=True)
    fill = fill_by_outcome(of, *totals(of, deals))
    marks, pairs, fill = _judged(marks, pairs, fill, params)
    marks = _bounded(marks.assign(lift=marks["rate"] / rate.value), fill)
    pairs = _beyond(pairs.assign(lift=pairs["rate"] / rate.value), marks)
    later = validated(of, small["monthly"].astype({"won_count": float, "closed_count": float}), params.confidence, params.group_min_count,
                      params.false_discovery_rate, params.early_share)  # fmt: skip
    best = float(customers["is_best"].mean()) if customers["is_best"].any() else None
    return CustomerMarksResult(
        headlines=tuple(_headline(row, params) for row in marks.to_dict("records") if row["closed_count"] > 0),
        checks=(_size_check(marks, params), _fill_check(fill), _later_check(later)),
        actions=_actions(marks, later, as_of),
        no_action=_no_action(marks, later),
        finding=_finding(marks, pairs, later, rate.value),
        brief=_brief(marks, later, rate.value),
        limits=(msg("What successful companies have in common need not be why they buy; test it on the next deals before betting on it."),),
        certainty="likely",
        marks=marks,
        pairs=pairs,
        later=later,
        fill=fill,
        common_rate=rate.value,
        best_common=best,
        basis=basis,
        currency=currency.code,
    )


def _refusal(shared: pd.DataFrame, deals: pd.DataFrame) -> Message | None:
    if deals.empty:
        return msg("no won or lost deal names its company; add the account name to the export of the opportunities")
    if shared[shared["account_id"].isin(deals["account_id"])].empty:
        return msg("nothing but the name is known of the companies; add industry, country and number of employees to the export of the accounts")
    won, closed = float(deals["won_count"].sum()), float(deals["closed_count"].sum())
    if won in (0, closed):
        return msg("all {n} decided deals with a company ended alike; nothing can mark the ones that are won", n=int(closed))
    return None


def _customers(rows: pd.DataFrame, no_money: bool, params: CustomerMarksParams) -> pd.DataFrame:
    """Return account_id, value and is_best of every customer."""
    buyers = rows[rows["is_customer"]]
    asked = best_customers.BestCustomersParams(best_share=params.best_share)
    return best_customers.ranked(buyers.assign(value=math.nan) if no_money else buyers, asked)[["account_id", "value", "is_best"]]


@dataclass(frozen=True, slots=True, eq=False)
class _Buyers:
    """Customers, one element each: the company's number, whether it is one of the best, its value."""

    account: IntArray
    is_best: BoolArray
    value: FloatArray

    def where(self, chosen: BoolArray) -> _Buyers:
        return _Buyers(self.account[chosen], self.is_best[chosen], self.value[chosen])


def _marks(shared: pd.DataFrame, deals: pd.DataFrame, customers: pd.DataFrame, params: CustomerMarksParams) -> pd.DataFrame:
    """Compare the values of each attribute. Companies are numbers here: they are looked up once per value."""
    accounts = pd.Index(pd.concat([frame["account_id"] for frame in (shared, deals, customers)]).unique())
    number = accounts.get_indexer
    buyers = _Buyers(number(customers["account_id"]), customers["is_best"].to_numpy(bool), customers["value"].to_numpy(float))
    sold = Deals.of(deals, accounts)
    parts = shared.assign(account_id=number(shared["account_id"])).groupby("attribute", sort=True)
    return pd.concat([_attribute(part, sold, buyers, params) for _, part in parts], ignore_index=True)


def _attribute(part: pd.DataFrame, deals: Deals, buyers: _Buyers, params: CustomerMarksParams) -> pd.DataFrame:
    stating = part["account_id"].unique()
    all_deals, all_buyers = deals.where(np.isin(deals.account, stating)), buyers.where(np.isin(buyers.account, stating))
    rows = []
    for value, members in part.groupby("value", sort=True)["account_id"]:
        ids = members.unique()
        inside, buys = np.isin(all_deals.account, ids), np.isin(all_buyers.account, ids)
        rows.append({
            "attribute": part["attribute"].iloc[0], "value": value, "accounts_count": len(ids),
            **_rates(all_deals.where(inside), all_deals.where(~inside), params),
            **_bests(all_buyers.where(buys), all_buyers.where(~buys), params),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    quantile = normal_quantile(0.5 + params.confidence / 2)
    variance = ((table["high"] - table["low"]) / 2 / quantile).to_numpy(float) ** 2
    pulled = shrunken(table["won_count"].to_numpy(float), table["closed_count"].to_numpy(float), variance, params.confidence)
    return pd.concat([table, pulled], axis=1)


def _rates(inside: Deals, others: Deals, params: CustomerMarksParams) -> dict[str, Any]:
    rate, rest = inside.rate(params.confidence), others.rate(params.confidence)
    least = params.group_min_count
    gap = two_proportion_difference(rate, rest) if min(rate.n, rest.n) >= least else None
    return {
        "won_count": int(rate.successes), "closed_count": int(rate.n), "rate": rate.value, "low": rate.low, "high": rate.high,
        "is_small": rate.n < least, "difference": gap.value if gap else math.nan, "difference_low": gap.low if gap else math.nan,
        "difference_high": gap.high if gap else math.nan, "p_value": gap.p_value if gap else math.nan,
    }  # fmt: skip


def _bests(inside: _Buyers, others: _Buyers, params: CustomerMarksParams) -> dict[str, Any]:
    share_in, share_out = (proportion(int(part.is_best.sum()), len(part.is_best), params.confidence) for part in (inside, others))
    is_judged = min(share_in.n, share_out.n) >= params.group_min_count
    worth = mean(inside.value, params.confidence)
    return {
        "customers_count": len(inside.value), "best_count": int(share_in.successes), "best_share": share_in.value, "best_low": share_in.low,
        "best_high": share_in.high, "best_p": two_proportion_difference(share_in, share_out).p_value if is_judged else math.nan,
        "value_mean": worth.value, "value_low": worth.low, "value_high": worth.high,
    }  # fmt: skip


def _judged(
    marks: pd.DataFrame, pairs: pd.DataFrame, fill: pd.DataFrame, params: CustomerMarksParams
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Judge win rates, best shares, pairs and fill rates together: one false-discovery control over all comparisons."""
    given = [marks.pop("p_value"), marks.pop("best_p"), pairs.pop("p_value"), fill.pop("p_value")]
    adjusted = np.split(benjamini_hochberg(np.concatenate(given)), np.cumsum([len(one) for one in given])[:-1])
    rate = params.false_discovery_rate
    marks = marks.assign(adjusted_p=adjusted[0], best_adjusted_p=adjusted[1], differs=adjusted[0] < rate, best_differs=adjusted[1] < rate)
    pairs = pairs.assign(adjusted_p=adjusted[2], differs=adjusted[2] < rate)
    fill = fill.assign(adjusted_p=adjusted[3], depends=adjusted[3] < rate)
    keys = ["adjusted_p", "attribute", "value"]
    return marks.sort_values(keys, ignore_index=True), pairs.sort_values([*keys, "second_attribute", "second_value"], ignore_index=True), fill


def _bounded(marks: pd.DataFrame, fill: pd.DataFrame) -> pd.DataFrame:
    """Add what the rate would be if all deals without the attribute had that value and were lost (won), where fill depends on the outcome."""
    at = fill.set_index("attribute")
    depends = marks["attribute"].map(at["depends"]).fillna(False).astype(bool)
    lost, won = marks["attribute"].map(at["lost_missing"]), marks["attribute"].map(at["won_missing"])
    low, high = marks["won_count"] / (marks["closed_count"] + lost), (marks["won_count"] + won) / (marks["closed_count"] + won)
    return marks.assign(bound_low=low.where(depends), bound_high=high.where(depends))


def _beyond(pairs: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Add how many times the higher rate of its two values a pair reaches."""
    rates = {(row["attribute"], row["value"]): row["rate"] for row in marks.to_dict("records")}
    higher = [max(rates[a, v], rates[b, w]) for a, v, b, w in pairs[["attribute", "value", "second_attribute", "second_value"]].itertuples(index=False)]
    return pairs.assign(beyond=pairs["rate"] / pd.Series(higher, index=pairs.index, dtype=float))


def _headline(row: dict[Any, Any], params: CustomerMarksParams) -> Headline:
    key, n = group_key("win_rate", **{f"account_{row['attribute']}": row["value"]}), int(row["closed_count"])
    if row["is_small"]:
        reason = nmsg("only {n} decided deal in this group", "only {n} decided deals in this group", n)
        return Headline(key=key, kpi="win_rate", value=None, unit="share", n=n, level=params.confidence, reason=reason)
    return Headline(key=key, kpi="win_rate", value=row["rate"], low=row["low"], high=row["high"], level=params.confidence,
                    unit="share", n=n)  # fmt: skip


def _size_check(marks: pd.DataFrame, params: CustomerMarksParams) -> Check:
    small = int(marks["is_small"].sum())
    reason = nmsg("{n} value has fewer than {least} decided deals and gets no rate.",
                  "{n} values have fewer than {least} decided deals and get no rate.", small, least=params.group_min_count)  # fmt: skip
    return Check(key="account_groups_are_large_enough", status="review" if small else "pass", reason=reason)


def _fill_check(fill: pd.DataFrame) -> Check:
    uneven = fill[fill["depends"]]
    if uneven.empty:
        return Check(key="fields_are_filled_alike_for_won_and_lost", status="pass", reason=msg("No attribute is stated reliably more often on won than on lost deals."))
    reason = msg("Stated more often on won or on lost deals, so that their rates mislead (see the bounds): {names}.", names=tuple(label(a) for a in uneven["attribute"]))
    return Check(key="fields_are_filled_alike_for_won_and_lost", status="review", reason=reason)


def _later_check(later: pd.DataFrame | None) -> Check:
    key = "marks_hold_in_later_deals"
    if later is None or later.empty:
        why = msg("The deals lack dates or are too few to look for marks early and check them later.") if later is None else msg("No mark was found in the earlier deals.")
        return Check(key=key, status="not_applicable", reason=why)
    held = int(later["holds"].sum())
    reason = nmsg("Of {n} mark found in the earlier deals, {held} holds in the later ones.", "Of {n} marks found in the earlier deals, {held} hold in the later ones.",
                  len(later), held=held)  # fmt: skip
    return Check(key=key, status="pass" if 2 * held >= len(later) else "review", reason=reason)


def _to_act_on(marks: pd.DataFrame, later: pd.DataFrame | None) -> pd.DataFrame:
    """Return the single marks with a higher rate that differ over all deals and, where that could be checked, held later."""
    better = marks[marks["differs"] & (marks["difference"] > 0)]
    if later is None:
        return better.head(3)
    held = later[later["holds"] & (later["second_value"] == "")]
    keys = set(zip(held["attribute"], held["value"], strict=True))
    return better[[key in keys for key in zip(better["attribute"], better["value"], strict=True)]].head(3)


def _no_action(marks: pd.DataFrame, later: pd.DataFrame | None) -> Message:
    if not (marks["differs"] & (marks["difference"] > 0)).any():
        return msg("no mark goes with a reliably higher win rate")
    return msg("no mark with a higher win rate has held in the later deals")


def _actions(marks: pd.DataFrame, later: pd.DataFrame | None, as_of: date) -> tuple[Action, ...]:
    better = _to_act_on(marks, later)
    if better.empty:
        return ()
    rows = better.to_dict("records")
    what = msg(
        "Write the ideal customer profile around {values}, and let new leads that fit it be worked on first for one quarter.",
        values=tuple(msg("{attribute}: {value}", attribute=label(r["attribute"]), value=r["value"]) for r in rows),
    )
    evidence_keys = tuple(group_key("win_rate", **{f"account_{r['attribute']}": r["value"]}) for r in rows)
    return (
        Action(key="work_on_fitting_companies_first", what=what, owner_role=msg("heads of sales and marketing"),
               due_on=as_of + timedelta(days=90), watch_kpi="win_rate", evidence=evidence_keys),
    )  # fmt: skip


def _brief(marks: pd.DataFrame, later: pd.DataFrame | None, common: float) -> Message:
    better = _to_act_on(marks, later).head(1)
    if better.empty:
        return msg("No mark of a company goes with a reliably higher win rate that held in later deals; the common rate is {rate}.", rate=share(common))
    row = better.iloc[0]
    return msg("Companies with {attribute}: {value} are won in {rate} of the deals (range {range}), against {common} overall.", attribute=label(row["attribute"]),
               value=str(row["value"]), rate=share(row["rate"]), range=span(row["low"], row["high"], "share"), common=share(common))  # fmt: skip


def _finding(marks: pd.DataFrame, pairs: pd.DataFrame, later: pd.DataFrame | None, common: float) -> Message:
    found = marks[marks["differs"]]
    tested = int(marks["adjusted_p"].notna().sum())
    first = nmsg(
        "The one value tested marks no reliably higher or lower win rate; the common rate is {rate}.",
        "None of the {n} values tested marks a reliably higher or lower win rate; the common rate is {rate}.", tested, rate=share(common),
    )  # fmt: skip
    if len(found):
        better, worse = found[found["difference"] > 0].head(3), found[found["difference"] < 0].head(3)
        first = msg(
            "{found} of {tested} values mark a reliably different win rate. Higher: {better}. Lower: {worse}. The common rate is {rate}.",
            found=len(found), tested=tested, better=_named(better), worse=_named(worse), rate=share(common),
        )  # fmt: skip
    best = pairs[pairs["differs"] & (pairs["difference"] > 0)].sort_values(["rate", "attribute", "value"], ascending=[False, True, True]).head(1)
    if len(best):
        row = best.iloc[0]
        first = msg("{first} Highest pair: {one} with {other} ({rate}, n = {n}).", first=first, one=str(row["value"]), other=str(row["second_value"]),
                    rate=share(row["rate"]), n=int(row["closed_count"]))  # fmt: skip
    if later is None or later.empty:
        return first
    return msg("{first} Of {found} marks found in the earlier deals, pairs included, {held} hold in the later ones.", first=first, found=len(later), held=int(later["holds"].sum()))


def _named(rows: pd.DataFrame) -> object:
    if rows.empty:
        return msg("none")
    return tuple(
        msg("{value} ({attribute}, {rate})", value=str(r["value"]), attribute=label(r["attribute"]), rate=share(r["rate"]))
        for r in rows.to_dict("records")
    )
