"""What is a customer worth? Discounted gross margin over the next years (CLV), by the model that fits how customers buy.

Customers under contract – with recurring invoice lines or, where lines do not say, invoices at even intervals – leave at a
renewal and can be seen to leave: margin per year × share still there (sBG). The others buy at irregular times and stop
unseen: purchases to expect (BG/NBD, cross-checked by Pareto/NBD) × margin per purchase (Gamma–Gamma). Both are held against
a last stretch of the data that they did not see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.icp_segmentation import value_contracts, value_purchases
from workbook.analyses.icp_segmentation.account_table import MARGIN_KNOWN, one_per_account
from workbook.analyses.icp_segmentation.labels import KIND_LABELS, label
from workbook.analyses.icp_segmentation.purchases import best_source, currency_of_totals, purchases
from workbook.analyses.icp_segmentation.value_estimate import YEAR, Estimate
from workbook.analyses.sampling import Sample, SampledParams, times
from workbook.params import Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.arrays import chi2_tail
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, money, msg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I3"
SAMPLE = Sample(unit="account_id", words=msg("companies"), tables=("orders", "accounts"))
KINDS = ("contract", "purchases")
EVEN = 0.25  # coefficient of variation up to which a customer's intervals are even
HELD_OUT_MAX = 0.1  # relative error in the held-out stretch up to which a model passes


class ValueParams(SampledParams):
    """horizon_years, discount_rate: of the value. value_draws: resamples of the customers. margin_share: gross margin as a share of
    revenue, taken where invoices carry no margin. group_by: attribute of companies. held_out_share: last part of the data, one year at
    least, that the models do not see when they are tested.
    """

    confidence: Share = 0.95
    value_draws: int = Field(default=200, ge=50)
    horizon_years: int = Field(default=5, ge=1, le=20)
    discount_rate: Share = 0.1
    margin_share: Share | None = None
    group_by: str = "segment"
    group_min_count: int = Field(default=40, ge=30)
    held_out_share: Share = 0.25
    acquisition_max_share: Share = 1 / 3
    false_discovery_rate: Share = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueResult(Result):
    """values: one row per kind of customer, and per kind × group: kind ("contract", "purchases"), group (null: all), n, value, low,
    high (money, null: refused), reason. by_year: kind, year, value, low, high, cumulated. held_out: kind, group (year of the contract,
    or repeat purchases so far), n, expected, actual (share renewed, or purchases per customer). main: the kind of the headline.
    basis: "margin" or "revenue". differ: kinds whose groups differ reliably.
    """

    values: pd.DataFrame | None = None
    by_year: pd.DataFrame | None = None
    held_out: pd.DataFrame | None = None
    main: str | None = None
    basis: str | None = None
    currency: str | None = None
    horizon_years: int = 5
    group_by: str = "segment"
    differ: tuple[str, ...] = ()


def aggregate(invoices: Table, opportunities: Table, accounts: Table, params: ValueParams, *, as_of: date) -> dict[str, Table]:
    """Add amounts per customer and day, and what is known of the companies. Lazy."""
    named = [name for name in dict.fromkeys(("account_id", "customer_since_on", params.group_by)) if name in accounts.columns]
    return {
        "orders": purchases(invoices, opportunities, as_of),
        "accounts": one_per_account(accounts.select(*named)),
    }


def analyse(small: dict[str, pd.DataFrame], params: ValueParams, *, as_of: date) -> ValueResult:
    """Value each kind of customer and each group, and test the models on what they did not see. Pure."""
    _, orders = best_source(small["orders"])
    currency = currency_of_totals(orders)
    if orders.empty or currency.refused is not None:
        refused = currency.refused or msg("no customer with a dated purchase is known; export invoices, or the customer, closing date and amount of won deals")
        return ValueResult(refused=refused, certainty="open")
    orders, basis = _with_money(orders, params)
    parts = _kinds(orders, small["accounts"], as_of)
    found = {kind: _value(kind, part, params) for kind, part in parts.items()}
    if all(one.refused is not None for one in found.values()):
        return ValueResult(refused=_why(found), certainty="open")
    main = max((k for k in KINDS if found[k].refused is None), key=lambda kind: found[kind].n)
    groups = {kind: _groups(kind, parts[kind], small["accounts"], params) for kind in KINDS if found[kind].refused is None}
    differ = _differ(groups, params)
    held_out = _held_out(orders, parts, as_of, params)
    values = _table(found, groups)
    return ValueResult(
        headlines=_headlines(values, main, basis, currency.code, params),
        checks=(*_held_out_checks(held_out, times(small)), *_model_checks(found["purchases"], parts["purchases"], params)),
        actions=_actions(found[main], main, basis, currency.code, params, as_of),
        no_action=None if basis == "margin" else msg("without the margin nobody can tell how much a new customer may cost"),
        finding=_finding(found, groups, main, differ, basis, currency.code, params),
        brief=_brief(found[main], basis, currency.code, params),
        limits=_limits(found, main, basis, params),
        certainty="likely",
        values=values, by_year=_by_year(found), held_out=held_out if len(held_out) else None, main=main, basis=basis,
        currency=currency.code, horizon_years=params.horizon_years, group_by=params.group_by, differ=differ,
    )  # fmt: skip


def _with_money(orders: pd.DataFrame, params: ValueParams) -> tuple[pd.DataFrame, str]:
    """Return one row per customer and day with its money: margin where nine tenths of the lines carry one, else revenue."""
    typed = orders.assign(
        **{name: orders[name].astype(float).fillna(0.0) for name in ("amount", "margin", "amount_count", "margin_count", "recurring_count")},
        bought_on=pd.to_datetime(orders["bought_on"]), account_id=orders["account_id"].astype(str),
    )  # fmt: skip
    sums = typed.groupby(["account_id", "bought_on"], as_index=False)[["amount", "margin", "amount_count", "margin_count", "recurring_count"]].sum()
    has_margin = sums["margin_count"].sum() >= MARGIN_KNOWN * sums["amount_count"].sum() > 0
    money_of = sums["margin"] if has_margin else sums["amount"] * (params.margin_share or 1.0)
    is_margin = has_margin or params.margin_share is not None
    return sums.assign(money=money_of, is_recurring=_recurring(sums)), "margin" if is_margin else "revenue"


def _recurring(sums: pd.DataFrame) -> pd.Series:
    """Tell which days carry a contract: as the lines say, else all days of the customers who pay at the firm's even interval.

    There is one where at least half of the customers with four or more intervals have even ones; the others belong to it if
    their median interval is like theirs.
    """
    stated = sums["recurring_count"] > 0
    if stated.any():
        return stated
    days = sums.sort_values(["account_id", "bought_on"]).groupby("account_id")["bought_on"].diff().dt.days
    own = days.groupby(sums["account_id"]).agg(["median", "mean", "std", "count"])
    known = own["count"] >= 4
    even = known & (own["std"] <= EVEN * own["mean"])
    if not even.any() or even.sum() < known.sum() / 2:
        return stated
    usual = float(own.loc[even, "median"].median())
    return sums["account_id"].map((own["median"] - usual).abs() <= EVEN * usual).fillna(False).astype(bool)


def _kinds(orders: pd.DataFrame, accounts: pd.DataFrame, as_of: date) -> dict[str, pd.DataFrame]:
    """Return the contracts, and the customers without one whose first purchase lies within the data."""
    under = orders.groupby("account_id")["is_recurring"].transform("any")
    return {"contract": value_contracts.contracts(orders[under], as_of), "purchases": value_purchases.buyers(_new_only(orders[~under], accounts), as_of)}


def _new_only(orders: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    begin = orders["bought_on"].min()
    since = pd.to_datetime(accounts["customer_since_on"]) if "customer_since_on" in accounts else pd.Series(pd.NaT, index=accounts.index)
    old = set(accounts.loc[since < begin, "account_id"].astype(str))
    return orders[~orders["account_id"].isin(old)]


def _value(kind: str, part: pd.DataFrame, params: ValueParams) -> Estimate:
    how = value_contracts.value_of if kind == "contract" else value_purchases.value_of
    return how(part, params.horizon_years, params.discount_rate, params.value_draws, params.seed, params.confidence)


def _groups(kind: str, part: pd.DataFrame, accounts: pd.DataFrame, params: ValueParams) -> dict[str, Estimate]:
    if params.group_by not in accounts:
        return {}
    named = part["account_id"].map(accounts.assign(account_id=accounts["account_id"].astype(str)).set_index("account_id")[params.group_by])
    counts = named.dropna().astype(str).value_counts()
    large = sorted(counts[counts >= params.group_min_count].index)
    return {name: _value(kind, part[named.astype(str) == name].reset_index(drop=True), params) for name in large} if 2 <= len(counts) <= 12 else {}


def _differ(groups: dict[str, dict[str, Estimate]], params: ValueParams) -> tuple[str, ...]:
    """Return the kinds whose groups differ: Cochran's Q of the logarithms, one false-discovery control over the kinds."""
    p_values = []
    for found in groups.values():
        logs = np.array([(math.log(one.value), one.spread) for one in found.values() if one.refused is None and one.spread > 0])
        if len(logs) < 2:
            p_values.append(math.nan)
            continue
        weight = 1 / logs[:, 1] ** 2
        centre = float((weight * logs[:, 0]).sum() / weight.sum())
        p_values.append(chi2_tail(float((weight * (logs[:, 0] - centre) ** 2).sum()), len(logs) - 1))
    adjusted = benjamini_hochberg(p_values)
    return tuple(kind for kind, p in zip(groups, adjusted, strict=True) if p < params.false_discovery_rate)


def _table(found: dict[str, Estimate], groups: dict[str, dict[str, Estimate]]) -> pd.DataFrame:
    rows = [(kind, None, found[kind]) for kind in KINDS] + [(kind, name, one) for kind in groups for name, one in groups[kind].items()]
    return pd.DataFrame([
        {"kind": kind, "group": name, "n": one.n, "value": one.value, "low": one.low, "high": one.high, "reason": one.refused} for kind, name, one in rows
    ])  # fmt: skip


def _by_year(found: dict[str, Estimate]) -> pd.DataFrame:
    return pd.concat([one.by_year.assign(kind=kind) for kind, one in found.items() if one.by_year is not None], ignore_index=True)


def _held_out(orders: pd.DataFrame, parts: dict[str, pd.DataFrame], as_of: date, params: ValueParams) -> pd.DataFrame:
    span_days = (pd.Timestamp(as_of) - orders["bought_on"].min()).days
    split = as_of - timedelta(days=int(max(params.held_out_share * span_days, min(YEAR, span_days / 2))))
    without = orders[orders["account_id"].isin(set(parts["purchases"]["account_id"]))]
    tables = {"contract": value_contracts.held_out(parts["contract"], split), "purchases": value_purchases.held_out(without, split, as_of)}
    return pd.concat([table.assign(kind=kind) for kind, table in tables.items() if len(table)] or [pd.DataFrame()], ignore_index=True)


def error_of(rows: pd.DataFrame) -> tuple[float, float]:
    """Return what was expected and what came, summed over the customers. rows: one kind of `held_out`."""
    return float((rows["n"] * rows["expected"]).sum()), float((rows["n"] * rows["actual"]).sum())


def _held_out_checks(held_out: pd.DataFrame, each: float) -> list[Check]:
    """Hold the models against what came; each customer stands for `each`."""
    checks = []
    for kind in KINDS if len(held_out) else ():
        rows = held_out[held_out["kind"] == kind]
        if rows.empty:
            continue
        expected, actual = error_of(rows)
        wrong = expected / actual - 1 if actual > 0 else math.inf
        what = {"contract": msg("renewals"), "purchases": msg("purchases")}[kind]
        reason = msg("Fitted on the earlier data, the model expects {expected} {what} in the held-out stretch; {actual} came ({kind}).",
                     expected=number(each * expected, 0), what=what, actual=number(each * actual, 0), kind=KIND_LABELS[kind])  # fmt: skip
        checks.append(Check(key=f"value_model_foretells_what_it_did_not_see_{kind}", status="pass" if abs(wrong) <= HELD_OUT_MAX else "review", reason=reason))
    return checks


def _model_checks(one: Estimate, customers: pd.DataFrame, params: ValueParams) -> list[Check]:
    if one.refused is not None or one.details is None:
        return []
    other, alike = value_purchases.cross_check(customers, params.horizon_years), one.details["alike"]
    ours = one.details["repeats"]
    checks = [Check(
        key="money_does_not_go_with_frequency", status="review" if abs(alike) > 0.3 else "pass",
        reason=msg("The money per purchase should not go with the number of purchases; their rank correlation is {value}.", value=number(alike, 2)),
    )]  # fmt: skip
    if other is not None:
        checks.append(Check(
            key="two_models_expect_alike", status="pass" if abs(other / max(ours, 1e-9) - 1) <= 0.15 else "review",
            reason=msg("BG/NBD expects {ours} repeat purchases of a new customer within {years} years, Pareto/NBD {other}.",
                       ours=number(ours, 2), years=params.horizon_years, other=number(other, 2)),
        ))  # fmt: skip
    return checks


def _headlines(values: pd.DataFrame, main: str, basis: str, currency: str | None, params: ValueParams) -> tuple[Headline, ...]:
    heads = []
    for row in values.to_dict("records"):
        if row["group"] is None or pd.isna(row["group"]):
            key = "clv" if row["kind"] == main else group_key("clv", customers=row["kind"])
        else:
            key = group_key("clv", **({} if row["kind"] == main else {"customers": row["kind"]}), **{params.group_by: row["group"]})
        reason, known = row["reason"], basis == "margin" and row["reason"] is None
        if reason is None and not known:
            reason = msg("the margin is not known; in revenue it is {value} (range {range})", value=money(row["value"], currency), range=span(row["low"], row["high"], "money", currency))
        if row["n"] == 0:
            continue
        value, low, high = (clean_float(row[name]) if known else None for name in ("value", "low", "high"))
        heads.append(Headline(key=key, kpi="clv", value=value, low=low, high=high, unit="money", currency=currency, n=int(row["n"]), level=params.confidence,
                              reason=reason))  # fmt: skip
    return tuple(heads)


def _why(found: dict[str, Estimate]) -> Message:
    return msg("customers under contract: {contract}; customers without: {purchases}", contract=found["contract"].refused, purchases=found["purchases"].refused)


def _said(one: Estimate, currency: str | None) -> dict[str, object]:
    return {"value": money(one.value, currency), "range": span(one.low, one.high, "money", currency)}


def _brief(one: Estimate, basis: str, currency: str | None, params: ValueParams) -> Message:
    said = _said(one, currency) | {"years": params.horizon_years, "n": one.n}
    if basis == "margin":
        return msg("A new customer is worth {value} of gross margin within {years} years (range {range}; n = {n}).", **said)
    return msg("A new customer brings {value} of revenue within {years} years (range {range}; n = {n}); the margin is not known.", **said)


def _finding(
    found: dict[str, Estimate], groups: dict[str, dict[str, Estimate]], main: str, differ: tuple[str, ...], basis: str, currency: str | None, params: ValueParams
) -> Message:
    first = _brief(found[main], basis, currency, params)
    details = found[main].details or {}
    if main == "contract":
        how = msg("These are customers under contract: {per_year} a year, {stays} renew after the first year, {left} are still there after {years} years (sBG).",
                  per_year=money(details["per_year"], currency), stays=share(details["stays_first"]), left=share(details["still_there"]), years=params.horizon_years)  # fmt: skip
    else:
        how = msg("These are customers without a contract, who buy at irregular times: {repeats} repeat purchases within {years} years, {each} each (BG/NBD and Gamma–Gamma).",
                  repeats=number(details["repeats"], 1), each=money(details["per_purchase"], currency), years=params.horizon_years)  # fmt: skip
    said = [first, how]
    other = next(kind for kind in KINDS if kind != main)
    if found[other].refused is None:
        said.append(msg("{kind}: {value} (range {range}; n = {n}).", kind=KIND_LABELS[other], n=found[other].n, **_said(found[other], currency)))
    if main in differ:
        answered = {name: one for name, one in groups[main].items() if one.refused is None}
        best, least = max(answered, key=lambda g: answered[g].value), min(answered, key=lambda g: answered[g].value)
        said.append(msg("By {attribute} it goes from {least} ({low}) to {best} ({high}), a reliable difference.", attribute=label(params.group_by), least=least,
                        low=money(answered[least].value, currency), best=best, high=money(answered[best].value, currency)))  # fmt: skip
    elif len(groups[main]) > 1:
        said.append(msg("By {attribute} it does not differ reliably.", attribute=label(params.group_by)))
    return _joined(said)


def _joined(said: list[Message]) -> Message:
    text = said[0]
    for one in said[1:]:
        text = msg("{first} {second}", first=text, second=one)
    return text


def _actions(one: Estimate, main: str, basis: str, currency: str | None, params: ValueParams, as_of: date) -> tuple[Action, ...]:
    if basis != "margin":
        return ()
    what = msg("Let winning a customer cost at most {most}, {part} of the lower end of that value, and compare it with the cost per new customer.",
               most=money(params.acquisition_max_share * one.low, currency), part=share(params.acquisition_max_share, 0))  # fmt: skip
    return (Action(key="cap_cost_per_new_customer", what=what, owner_role=msg("heads of sales and marketing"), due_on=as_of + timedelta(days=60),
                   watch_kpi="clv", evidence=("clv",)),)  # fmt: skip


def _limits(found: dict[str, Estimate], main: str, basis: str, params: ValueParams) -> tuple[Message, ...]:
    limits = [msg("Value within {years} years, discounted by {rate} a year; it takes the future to be like the years in the data.",
                  years=params.horizon_years, rate=share(params.discount_rate, 0))]  # fmt: skip
    if basis == "revenue":
        limits.append(msg("This is revenue, not margin: invoices carry no margin. Export it, or set margin_share."))
    elif params.margin_share is not None:
        limits.append(msg("Where invoices carry no margin, {part} of the revenue is taken for it, as set.", part=share(params.margin_share, 0)))
    limits.extend(msg("{kind}: no value, because {why}.", kind=KIND_LABELS[k], why=one.refused) for k, one in found.items() if one.refused is not None and one.n > 0)
    if main == "contract":
        limits.append(msg("Contracts that already ran when the data begin are left out, because their age is not known; a customer who left and came back counts as a new contract."))
    without = int((found["purchases"].details or {}).get("without_margin", 0))
    if without:
        limits.append(msg("Customers without a positive margin so far are left out of the money per purchase: {n}.", n=without))
    return tuple(limits)
