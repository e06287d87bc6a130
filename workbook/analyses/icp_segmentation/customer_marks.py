"""What marks the companies that are won, and the customers that are best?

For every value of every attribute of a company: its win rate with the interval by company and owner, the lift over the
common rate, the rate pulled towards the common one, and the difference to all other companies that state the attribute.
Beside it the share of its customers that are best (see `best_customers`) and their mean value. All comparisons are tested
under one false-discovery control; small groups are listed, not judged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.icp_segmentation import best_customers
from workbook.analyses.icp_segmentation.account_attributes import memberships
from workbook.analyses.icp_segmentation.account_table import (
    account_table,
    currencies,
    deals_per_account_and_owner,
    with_value,
)
from workbook.analyses.icp_segmentation.labels import label
from workbook.analyses.icp_segmentation.segment_profiles import clustered_rate
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.stats.mean import mean
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import proportion, two_proportion_difference
from workbook.stats.shrinkage import shrink_rates
from workbook.text import Message, msg, nmsg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I1"


class CustomerMarksParams(Params):
    """group_min_count: values with fewer decided deals (or customers) get no rate of their own. best_share: see `best_customers`."""

    confidence: Share = 0.95
    values_max: int = Field(default=30, ge=2)
    group_min_count: int = Field(default=10, ge=1)
    false_discovery_rate: Share = 0.05
    best_share: Share = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMarksResult(Result):
    """marks: one row per attribute × value: attribute, value, accounts_count, won_count, closed_count, rate, low, high, lift,
    difference, difference_low, difference_high (against the others that state the attribute), adjusted_p, differs, shrunken_rate,
    is_small, customers_count, best_count, best_share, best_low, best_high, best_adjusted_p, best_differs, value_mean, value_low,
    value_high. common_rate: of all deals with a company. best_common: share of customers that are best. basis: meaning of value.
    """

    marks: pd.DataFrame | None = None
    common_rate: float | None = None
    best_common: float | None = None
    basis: str | None = None
    currency: str | None = None


def aggregate(accounts: Table, opportunities: Table, invoices: Table, params: CustomerMarksParams, *, as_of: date) -> dict[str, Table]:
    """Return companies with their sums, and their deals per owner. Lazy."""
    return {
        "accounts": account_table(accounts, opportunities, invoices, as_of),
        "deals": deals_per_account_and_owner(opportunities),
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
    marks = pd.concat([_attribute(part, deals, customers, params) for _, part in shared.groupby("attribute", sort=True)], ignore_index=True)
    marks = _judged(marks, params)
    rate = clustered_rate(deals, params.confidence)
    best = float(customers["is_best"].mean()) if customers["is_best"].any() else None
    return CustomerMarksResult(
        headlines=tuple(_headline(row, params) for row in marks.to_dict("records")),
        checks=(_size_check(marks, params),),
        actions=_actions(marks, as_of),
        finding=_finding(marks, rate.value),
        limits=(msg("What successful companies have in common need not be why they buy; test it on the next deals before betting on it."),),
        certainty="likely",
        marks=marks.assign(lift=marks["rate"] / rate.value if rate.value > 0 else math.nan),
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


def _attribute(part: pd.DataFrame, deals: pd.DataFrame, customers: pd.DataFrame, params: CustomerMarksParams) -> pd.DataFrame:
    stating = set(part["account_id"])
    all_deals, all_buyers = (frame[frame["account_id"].isin(stating)] for frame in (deals, customers))
    rows = []
    for value, members in part.groupby("value", sort=True):
        ids = set(members["account_id"])
        inside, buys = all_deals["account_id"].isin(ids), all_buyers["account_id"].isin(ids)
        rows.append({
            "attribute": part["attribute"].iloc[0], "value": value, "accounts_count": len(ids),
            **_rates(all_deals[inside], all_deals[~inside], params), **_bests(all_buyers[buys], all_buyers[~buys], params),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    table["shrunken_rate"] = shrink_rates(table["won_count"], table["closed_count"], params.confidence).table["shrunken_share"].to_numpy(float)
    return table


def _rates(inside: pd.DataFrame, others: pd.DataFrame, params: CustomerMarksParams) -> dict[str, Any]:
    rate, rest = clustered_rate(inside, params.confidence), clustered_rate(others, params.confidence)
    least = params.group_min_count
    gap = two_proportion_difference(rate, rest) if min(rate.n, rest.n) >= least else None
    return {
        "won_count": int(rate.successes), "closed_count": int(rate.n), "rate": rate.value, "low": rate.low, "high": rate.high,
        "is_small": rate.n < least, "difference": gap.value if gap else math.nan, "difference_low": gap.low if gap else math.nan,
        "difference_high": gap.high if gap else math.nan, "p_value": gap.p_value if gap else math.nan,
    }  # fmt: skip


def _bests(inside: pd.DataFrame, others: pd.DataFrame, params: CustomerMarksParams) -> dict[str, Any]:
    share_in, share_out = (proportion(int(part["is_best"].sum()), len(part), params.confidence) for part in (inside, others))
    is_judged = min(share_in.n, share_out.n) >= params.group_min_count
    worth = mean(inside["value"], params.confidence)
    return {
        "customers_count": len(inside), "best_count": int(share_in.successes), "best_share": share_in.value, "best_low": share_in.low,
        "best_high": share_in.high, "best_p": two_proportion_difference(share_in, share_out).p_value if is_judged else math.nan,
        "value_mean": worth.value, "value_low": worth.low, "value_high": worth.high,
    }  # fmt: skip


def _judged(marks: pd.DataFrame, params: CustomerMarksParams) -> pd.DataFrame:
    """Judge win rates and best shares together: one false-discovery control over all comparisons."""
    adjusted = benjamini_hochberg([*marks.pop("p_value"), *marks.pop("best_p")])
    marks["adjusted_p"], marks["best_adjusted_p"] = adjusted[: len(marks)], adjusted[len(marks) :]
    marks["differs"] = marks["adjusted_p"] < params.false_discovery_rate
    marks["best_differs"] = marks["best_adjusted_p"] < params.false_discovery_rate
    return marks.sort_values(["adjusted_p", "attribute", "value"], ignore_index=True)


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


def _actions(marks: pd.DataFrame, as_of: date) -> tuple[Action, ...]:
    better = marks[marks["differs"] & (marks["difference"] > 0)].head(3)
    if better.empty:
        return ()
    what = msg(
        "Write the ideal customer profile around {values}, and let new leads that fit it be worked on first for one quarter.",
        values=tuple(msg("{attribute}: {value}", attribute=label(r["attribute"]), value=r["value"]) for r in better.to_dict("records")),
    )
    evidence = tuple(group_key("win_rate", **{f"account_{r['attribute']}": r["value"]}) for r in better.to_dict("records"))
    return (
        Action(key="work_on_fitting_companies_first", what=what, owner_role=msg("Heads of sales and marketing"),
               due_on=as_of + timedelta(days=90), watch_kpi="win_rate", evidence=evidence),
    )  # fmt: skip


def _finding(marks: pd.DataFrame, common: float) -> Message:
    found = marks[marks["differs"]]
    tested = int(marks["adjusted_p"].notna().sum())
    if found.empty:
        return nmsg(
            "The one value tested marks no reliably higher or lower win rate; the common rate is {rate}.",
            "None of the {n} values tested marks a reliably higher or lower win rate; the common rate is {rate}.", tested, rate=share(common),
        )  # fmt: skip
    better, worse = found[found["difference"] > 0].head(3), found[found["difference"] < 0].head(3)
    return msg(
        "{found} of {tested} values mark a reliably different win rate. Higher: {better}. Lower: {worse}. The common rate is {rate}.",
        found=len(found), tested=tested, better=_named(better), worse=_named(worse), rate=share(common),
    )  # fmt: skip


def _named(rows: pd.DataFrame) -> object:
    if rows.empty:
        return msg("none")
    return tuple(
        msg("{value} ({attribute}, {rate})", value=str(r["value"]), attribute=label(r["attribute"]), rate=share(r["rate"]))
        for r in rows.to_dict("records")
    )
