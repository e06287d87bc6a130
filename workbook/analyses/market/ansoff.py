"""Where does our growth come from: old or new markets, old or new products (Ansoff)?

Share of the won amount, open pipeline and win rate per field; see `ansoff_fields` for which field a deal lies in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import Currency, currency_of, rate_of
from workbook.analyses.market.ansoff_fields import (
    FIELDS,
    MEANING,
    NAMES,
    FieldParams,
    count_by_field,
    market_level,
    refusal,
    with_field,
)
from workbook.analyses.market.ansoff_value import expected
from workbook.params import Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.heterogeneity import equal_rates
from workbook.stats.mean import Mean, ratio_of_sums
from workbook.stats.proportion import Proportion
from workbook.text import Message, money, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M6"


class AnsoffParams(FieldParams):
    """false_discovery_rate: of the one test, whether win rates differ between the fields."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=120, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsoffResult(Result):
    """The four fields.

    by_field: one row per field in order of risk: field, deals_count, won_count, closed_count, win_rate, low, high, won_amount,
    won_share (of the won amount), won_low, won_high, pipeline_amount, pipeline_count, pipeline_share. options: see
    `ansoff_value.expected`. unknown_count: deals whose field cannot be told. market_level: country or region. is_by_launch: products are told by launch date. p_equal: of
    one common win rate. Money in `currency`, NaN where it is mixed.
    """

    by_field: pd.DataFrame | None = None
    options: pd.DataFrame | None = None
    unknown_count: int = 0
    market_level: str | None = None
    is_by_launch: bool = False
    p_equal: float | None = None
    currency: str | None = None


def aggregate(opportunities: Table, accounts: Table, products: Table, params: AnsoffParams, *, as_of: date) -> dict[str, Table]:
    """Mark each deal's market and product as new or old, then count and add up. Lazy."""
    return count_by_field(opportunities, accounts, products, params)


def analyse(small: dict[str, pd.DataFrame], params: AnsoffParams, *, as_of: date) -> AnsoffResult:
    """Turn counts and sums into the four fields. Pure."""
    level = market_level(small["counts"], params)
    tables = with_field(small, level)
    counts = tables["counts"].assign(amount=tables["counts"]["amount"].astype(float).fillna(0.0))
    unknown = int(counts.loc[counts["field"] == "", "deals_count"].sum())
    refused = refusal(counts, level, params)
    if refused is not None:
        return AnsoffResult(refused=refused, unknown_count=unknown, certainty="open")
    currency = currency_of(counts, "amount_count")
    rates = {field: rate_of(tables["clusters"][tables["clusters"]["field"] == field], params.confidence) for field in FIELDS}
    by_field = _by_field(counts, rates, _won_shares(tables["customers"], params), currency)
    is_open = counts[counts["status"] == "open"]
    squares = is_open.groupby("field")["squares"].sum() if currency.refused is None else pd.Series(dtype=float)
    options = expected(by_field, rates, {str(field): float(value) for field, value in squares.items()}, params.confidence)
    p_equal = _p_equal(rates)
    by_launch = bool(counts["launch_count"].sum())
    return AnsoffResult(
        headlines=(*_headlines(by_field, rates, currency), *_option_headlines(options, currency, by_field)),
        checks=(_known_check(unknown, int(counts["deals_count"].sum()), params), _variety_check(by_field)),
        finding=_finding(by_field, options, p_equal, (params, currency)),
        brief=_largest(by_field),
        actions=_actions(by_field, params, as_of),
        no_action=None if len(_unused(by_field)) else msg("every field is tried; which one to feed is the next question"),
        limits=_limits(level, by_launch, params),
        certainty="likely",
        by_field=by_field,
        options=options,
        unknown_count=unknown,
        market_level=level,
        is_by_launch=by_launch,
        p_equal=p_equal,
        currency=currency.code,
    )


def _won_shares(customers: pd.DataFrame, params: AnsoffParams) -> dict[str, Mean]:
    """Share of the won amount per field, with an interval over customers; deals of no known field stay out."""
    known = customers[customers["field"] != ""]
    wide = known.groupby(["customer", "field"])["amount"].sum().unstack().fillna(0.0)
    whole = wide.sum(axis=1)
    return {field: ratio_of_sums(wide[field], whole, params.confidence, is_share=True) for field in FIELDS if field in wide}


def _by_field(counts: pd.DataFrame, rates: dict[str, Proportion], shares: dict[str, Mean], currency: Currency) -> pd.DataFrame:
    rows = [_row(field, counts, rates[field], shares.get(field)) for field in FIELDS]
    table = pd.DataFrame(rows)
    money = ["won_amount", "won_share", "won_low", "won_high", "pipeline_amount"]
    if currency.refused is not None:
        table[money] = math.nan
    table["pipeline_share"] = table["pipeline_amount"] / table["pipeline_amount"].sum()
    return table


def _row(field: str, counts: pd.DataFrame, rate: Proportion, part: Mean | None) -> dict[str, object]:
    own = counts[counts["field"] == field]
    won, is_open = own[own["status"] == "won"], own[own["status"] == "open"]
    has_won = int(counts.loc[(counts["status"] == "won") & (counts["field"] != ""), "amount_count"].sum()) > 0
    return {
        "field": field, "deals_count": int(own["deals_count"].sum()), "won_count": int(rate.successes), "closed_count": int(rate.n),
        "win_rate": rate.value, "low": rate.low, "high": rate.high, "won_amount_count": int(won["amount_count"].sum()),
        "won_amount": float(won["amount"].sum()), "won_share": part.value if part else 0.0 if has_won else math.nan,
        "won_low": part.low if part else math.nan, "won_high": part.high if part else math.nan,
        "pipeline_count": int(is_open["amount_count"].sum()), "pipeline_amount": float(is_open["amount"].sum()),
    }  # fmt: skip


def _p_equal(rates: dict[str, Proportion]) -> float | None:
    filled = [rate for rate in rates.values() if rate.n]
    if len(filled) < 2:
        return None
    effects = [rate.n / rate.effective_n for rate in filled]
    return clean_float(equal_rates([r.successes for r in filled], [r.n for r in filled], effects).p_value)


TOTAL = msg("a total, not an estimate")


def _headlines(by_field: pd.DataFrame, rates: dict[str, Proportion], currency: Currency) -> tuple[Headline, ...]:
    found = []
    for _, row in by_field.iterrows():
        group = {"ansoff": row["field"]}
        rate = rates[str(row["field"])]
        if rate.n:
            found.append(Headline(key=group_key("win_rate", **group), kpi="win_rate", value=rate.value, low=rate.low, high=rate.high, level=rate.level, unit="share", n=int(rate.n)))
        for kpi, value, n in (("won_amount", row["won_amount"], row["won_amount_count"]), ("open_pipeline", row["pipeline_amount"], row["pipeline_count"])):
            found.append(Headline(
                key=group_key(kpi, **group), kpi=kpi, value=clean_float(float(value)), unit="money", n=int(n), currency=currency.code,
                reason=currency.refused or TOTAL,
            ))  # fmt: skip
    return tuple(found)


def _known_check(unknown: int, total: int, params: AnsoffParams) -> Check:
    reason = msg("{part} of the deals cannot be placed, because market, product or date is missing.", part=share(unknown / total))
    return Check(key="deals_can_be_placed_in_the_ansoff_fields", status="pass" if unknown <= 0.2 * total else "review", reason=reason)


def _variety_check(by_field: pd.DataFrame) -> Check:
    """A firm whose deals all lie in one field has no portfolio of growth options to compare."""
    used = by_field[by_field["deals_count"] > 0]
    reason = msg("Deals lie in {n} of the four fields.", n=len(used))
    return Check(key="growth_rests_on_more_than_one_field", status="pass" if len(used) > 1 else "review", reason=reason)


def _option_headlines(options: pd.DataFrame, currency: Currency, by_field: pd.DataFrame) -> tuple[Headline, ...]:
    """Expected value of the open pipeline per field."""
    counts = by_field.set_index("field")["pipeline_count"]
    return tuple(
        Headline(
            key=group_key("pipeline_expected", ansoff=row["field"]), kpi="pipeline_expected", value=float(row["expected_amount"]),
            low=float(row["expected_low"]), high=float(row["expected_high"]), unit="money", currency=currency.code, n=int(counts[row["field"]]),
        )
        for _, row in options.iterrows()
    )  # fmt: skip


def _finding(by_field: pd.DataFrame, options: pd.DataFrame, p_equal: float | None, about: tuple[AnsoffParams, Currency]) -> Message:
    params, currency = about
    first = _largest(by_field)
    if len(options):
        best = options.iloc[0]
        first = msg(
            "{first} Of the open pipeline {field} promises most: {value} (range {range}).",
            first=first, field=NAMES[str(best["field"])], value=money(float(best["expected_amount"]), currency.code),
            range=span(float(best["expected_low"]), float(best["expected_high"]), "money", currency.code),
        )  # fmt: skip
    if p_equal is None:
        return first
    if p_equal > params.false_discovery_rate:
        return msg("{first} Win rates do not differ reliably between the fields.", first=first)
    return msg("{first} Win rates differ between the fields.", first=first)


def _largest(by_field: pd.DataFrame) -> Message:
    row = by_field.sort_values(["won_amount", "deals_count"], ascending=False, kind="stable").iloc[0]
    if math.isnan(float(row["won_share"])) or math.isnan(float(row["won_low"])):
        return msg("Most deals lie in {field}: {n} of {total}.", field=NAMES[row["field"]], n=int(row["deals_count"]), total=int(by_field["deals_count"].sum()))
    return msg(
        "{part} of the won amount (range {range}) comes from {field}: {meaning}.",
        part=share(float(row["won_share"])), range=span(float(row["won_low"]), float(row["won_high"]), "share"),
        field=NAMES[row["field"]], meaning=MEANING[row["field"]],
    )  # fmt: skip


def _unused(by_field: pd.DataFrame) -> list[str]:
    """Fields beside penetration in which no deal is open."""
    return [str(row["field"]) for _, row in by_field.iterrows() if row["field"] != "penetration" and not row["pipeline_count"]]


def _actions(by_field: pd.DataFrame, params: AnsoffParams, as_of: date) -> tuple[Action, ...]:
    unused = _unused(by_field)
    if not unused:
        return ()
    what = msg("Decide whether to try {fields}: no deal is open there; name one market or product to start with, or rule it out.", fields=tuple(NAMES[field] for field in unused))
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="decide_on_unused_fields", what=what, owner_role=msg("managing director"), due_on=due, watch_kpi="open_pipeline"),)


def _limits(level: str, by_launch: bool, params: AnsoffParams) -> tuple[Message, ...]:
    market = msg("country") if level == "country" else msg("region")
    how = msg("its launch date") if by_launch else msg("the first sale of its family")
    return (
        msg("A market is a {market}; it and a product count as new for {months} months, a product from {how}.", market=market, months=params.new_months, how=how),
        msg("Whether a diversification is horizontal, vertical or lateral cannot be told from deals."),
    )
