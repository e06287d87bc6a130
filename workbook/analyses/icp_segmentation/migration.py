"""How do customers move from one year to the next: bought again, more, less, no longer?

What companies are hardly changes in a CRM, which keeps no history of it; what they buy does. Customers of the year before last
year's reporting date are put into thirds by what they bought then; the same limits class what they bought in the last twelve
months, so growth shows. Shares have Wilson intervals (a customer counts once). With groups of companies (see `segments`) the
share that bought again is compared between them, under one control with the test of as many up as down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.deals import Currency
from workbook.analyses.icp_segmentation.purchases import best_source, currency_of_totals, purchases
from workbook.analyses.sampling import Sample, SampledParams, carried, times
from workbook.params import Share
from workbook.results import Action, Check, Result
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import Proportion, proportion, two_proportion_difference
from workbook.text import Message, money, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I2"
SAMPLE = Sample(unit="account_id", words=msg("companies"), tables=("totals",))
NONE = "none"
CLASSES = ("high", "middle", "low", NONE)
YEARS = 2
SLACK_DAYS = 31


class MigrationParams(SampledParams):
    """customers_min: fewer customers in the first year have no thirds. group_min_count: smaller groups are counted, not compared."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    customers_min: int = Field(default=20, ge=6)
    group_min_count: int = Field(default=10, ge=1)
    lost_max_share: Share = 0.3
    action_days: int = Field(default=45, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationResult(Result):
    """moves: one row per class before × class now that has customers: from_class, to_class ("high", "middle", "low": thirds of the
    first year; "none": bought nothing), customers_count, from_count, share (of the class before; NaN from "none"), low, high, amount
    (of the year before; for new customers of the last year). groups: one row per group of companies: name, customers_count,
    again_count, rate (bought again), low, high, up_count, down_count, differs. again: share that bought again. basis: "invoices" or
    "deals". up_differs: reliably more moved up than down, or the reverse.
    """

    moves: pd.DataFrame | None = None
    groups: pd.DataFrame | None = None
    again: Proportion | None = None
    up_differs: bool = False
    basis: str | None = None
    currency: str | None = None


def aggregate(
    invoices: Table, opportunities: Table, members: pd.DataFrame | None, params: MigrationParams, *, as_of: date
) -> dict[str, Table]:
    """Add amounts per customer and year before the reporting date. members: account_id and name of its group, or None. Lazy."""
    import ibis

    bought = purchases(invoices, opportunities, as_of)
    this = bought.bought_on > ibis.date(as_of) - ibis.interval(years=1)
    last = ~this & (bought.bought_on > ibis.date(as_of) - ibis.interval(years=YEARS))
    known = pd.DataFrame({"account_id": pd.Series(dtype=str), "name": pd.Series(dtype=str)}) if members is None else members
    return {
        "totals": bought.group_by(["source", "account_id", "currency"]).agg(
            before=bought.amount.sum(where=last), now=bought.amount.sum(where=this), amount_count=bought.amount_count.sum(where=this | last),
            first_on=bought.bought_on.min(),
        ),
        "members": ibis.memtable(known[["account_id", "name"]].astype("str"), schema={"account_id": "string", "name": "string"}),
    }  # fmt: skip


def analyse(small: dict[str, pd.DataFrame], params: MigrationParams, *, as_of: date) -> MigrationResult:
    """Class customers in both years and count the moves. Pure."""
    basis, totals = best_source(small["totals"])
    currency = currency_of_totals(totals)
    customers = _classed(totals)
    refused = currency.refused or _refusal(totals, customers, params, as_of)
    if refused is not None:
        return MigrationResult(refused=refused, certainty="open")
    old = customers[customers["from_class"] != NONE]
    again = proportion(float((old["to_class"] != NONE).sum()), float(len(old)), params.confidence)
    groups, up_differs = _judged(old, _groups(old, small["members"], params), params)
    actions = _actions(customers, times(small), currency, params, as_of)
    return MigrationResult(
        checks=(_lost_check(old, times(small), params),),
        actions=actions,
        no_action=None if actions else msg("No customer of the upper third stopped buying; there is nobody to win back."),
        finding=_finding(old, times(small), again, groups, up_differs),
        brief=msg("Of {n} customers of the year before, {rate} bought again in the last twelve months (range {range}).",
                  n=carried(len(old), small), rate=share(again.value), range=span(again.low, again.high, "share")),
        limits=(
            msg("Who was in the upper third in one year falls by chance alone more often than he rises; compare rises and falls over all classes."),
            msg("Whether a company's own attributes changed cannot be told: the export holds them as of today only."),
        ),
        certainty="firm",
        moves=_moves(customers, times(small), params.confidence),
        groups=groups,
        again=again,
        up_differs=up_differs,
        basis=basis,
        currency=currency.code,
    )  # fmt: skip


def _classed(totals: pd.DataFrame) -> pd.DataFrame:
    """One row per customer of either year: account_id, before, now, from_class, to_class. Limits: thirds of the first year."""
    sums = totals.astype({"before": float, "now": float}).fillna({"before": 0.0, "now": 0.0}).groupby("account_id")[["before", "now"]].sum()
    sums = sums[(sums["before"] > 0) | (sums["now"] > 0)].reset_index()
    first = sums.loc[sums["before"] > 0, "before"]
    limits = np.quantile(first, [1 / 3, 2 / 3]) if len(first) else np.array([math.inf, math.inf])
    names = np.array(["low", "middle", "high"])
    for column, name in (("before", "from_class"), ("now", "to_class")):
        amounts = sums[column].to_numpy(float)
        sums[name] = np.where(amounts > 0, names[np.searchsorted(limits, amounts, side="left")], NONE)
    return sums


def _refusal(totals: pd.DataFrame, customers: pd.DataFrame, params: MigrationParams, as_of: date) -> Message | None:
    if totals.empty or customers.empty:
        return msg("no customer with a dated purchase is known; export the customer, closing date and amount of won deals, or invoices")
    first = pd.Timestamp(totals["first_on"].min())
    if first > pd.Timestamp(as_of) - pd.DateOffset(years=YEARS) + pd.Timedelta(days=SLACK_DAYS):
        return msg("two full years of purchases are needed; the first one known is of {day}", day=first.date())
    old = int((customers["from_class"] != NONE).sum())
    if old < params.customers_min:
        return nmsg("only {n} customer bought in the year before, at least {least} are needed",
                    "only {n} customers bought in the year before, at least {least} are needed", old, least=params.customers_min)  # fmt: skip
    return None


def _moves(customers: pd.DataFrame, each: float, level: float) -> pd.DataFrame:
    """Count the moves; each customer stands for `each`, shares have the intervals of those that were read."""
    sizes = customers["from_class"].value_counts()
    rows = []
    for before in CLASSES:
        for now in CLASSES:
            part = customers[(customers["from_class"] == before) & (customers["to_class"] == now)]
            if part.empty:
                continue
            rate = proportion(float(len(part)), float(sizes[before]), level)
            known = before != NONE
            rows.append({
                "from_class": before, "to_class": now, "customers_count": round(each * len(part)), "from_count": round(each * (int(sizes[before]) if known else len(part))),
                "share": rate.value if known else math.nan, "low": rate.low if known else math.nan, "high": rate.high if known else math.nan,
                "amount": each * float(part["before" if known else "now"].sum()),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _direction(old: pd.DataFrame) -> tuple[int, int]:
    """Customers who bought again and moved up, and down."""
    rank = {name: place for place, name in enumerate(reversed(CLASSES))}
    again = old[old["to_class"] != NONE]
    step = again["to_class"].map(rank).astype(int) - again["from_class"].map(rank).astype(int)
    return int((step > 0).sum()), int((step < 0).sum())


def _groups(old: pd.DataFrame, members: pd.DataFrame, params: MigrationParams) -> pd.DataFrame:
    keyed = old.merge(members.drop_duplicates("account_id"), on="account_id")
    rows = []
    for name, part in keyed.groupby("name", sort=True):
        rate, others = (_again(rows_of, params.confidence) for rows_of in (part, keyed[keyed["name"] != name]))
        is_small = min(rate.n, others.n) < params.group_min_count
        up, down = _direction(part)
        rows.append({
            "name": name, "customers_count": len(part), "again_count": int(rate.successes), "rate": rate.value, "low": rate.low,
            "high": rate.high, "up_count": up, "down_count": down,
            "p_value": math.nan if is_small else two_proportion_difference(rate, others).p_value,
        })  # fmt: skip
    columns = ["name", "customers_count", "again_count", "rate", "low", "high", "up_count", "down_count", "p_value"]
    return pd.DataFrame(rows, columns=columns).sort_values(["rate", "name"], ascending=[False, True], ignore_index=True)


def _again(old: pd.DataFrame, level: float) -> Proportion:
    return proportion(float((old["to_class"] != NONE).sum()), float(len(old)), level)


def _judged(old: pd.DataFrame, groups: pd.DataFrame, params: MigrationParams) -> tuple[pd.DataFrame, bool]:
    from scipy.stats import binomtest

    up, down = _direction(old)
    even = float(binomtest(up, up + down).pvalue) if up + down else math.nan
    adjusted = benjamini_hochberg([even, *groups["p_value"]])
    return groups.assign(differs=adjusted[1:] <= params.false_discovery_rate), bool(adjusted[0] <= params.false_discovery_rate)


def _finding(old: pd.DataFrame, each: float, again: Proportion, groups: pd.DataFrame, up_differs: bool) -> Message:
    up, down = (round(each * count) for count in _direction(old))
    moved = (
        msg("more of them fell than rose: {down} against {up}", up=up, down=down) if up_differs and down > up
        else msg("more of them rose than fell: {up} against {down}", up=up, down=down) if up_differs
        else msg("as many rose as fell, within chance: {up} and {down}", up=up, down=down)
    )  # fmt: skip
    first = msg("Of {n} customers of the year before, {rate} bought again (range {range}); {moved}.", n=round(each * len(old)), rate=share(again.value),
                range=span(again.low, again.high, "share"), moved=moved)  # fmt: skip
    apart = groups[groups["differs"]]
    if apart.empty:
        return first
    row = apart.sort_values(["rate", "name"]).iloc[0 if float(apart["rate"].min()) < again.value else -1]
    return msg("{first} “{name}” differs from the other groups: {rate} of {n} bought again (range {range}).", first=first, name=str(row["name"]),
               rate=share(float(row["rate"])), n=int(row["customers_count"]), range=span(float(row["low"]), float(row["high"]), "share"))  # fmt: skip


def _lost_check(old: pd.DataFrame, each: float, params: MigrationParams) -> Check:
    best = old[old["from_class"] == "high"]
    gone = int((best["to_class"] == NONE).sum())
    reason = msg("{gone} of {n} customers of the upper third bought nothing in the last twelve months.", gone=round(each * gone), n=round(each * len(best)))
    is_much = len(best) > 0 and gone > params.lost_max_share * len(best)
    return Check(key="upper_third_keeps_buying", status="review" if is_much else "pass", reason=reason)


def _actions(customers: pd.DataFrame, each: float, currency: Currency, params: MigrationParams, as_of: date) -> tuple[Action, ...]:
    """Win back the upper third that stopped. What they bought is told; no value: how many come back nobody knows, and not all of them will."""
    gone = customers[(customers["from_class"] == "high") & (customers["to_class"] == NONE)]
    if gone.empty:
        return ()
    what = nmsg(
        "Visit the {n} customer of the upper third who bought nothing in the last twelve months, and note why; in the year before it was {amount}.",
        "Visit the {n} customers of the upper third who bought nothing in the last twelve months, and note why; in the year before it was {amount}.",
        round(each * len(gone)), amount=money(each * float(gone["before"].sum()), currency.code),
    )  # fmt: skip
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="win_back_the_upper_third", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="repeat_purchase"),)
