"""How big is the market?

The latest complete year of the market data, per measure, with source and grade. Where a total is stated it counts, and
the sum of the segments is compared with it. The main measure is money if there is one, else the one with the longest
history; the setting `measure` names another. A published value has no interval unless its source states one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.frames.names import measure_name
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, Status, group_key
from workbook.text import Message, msg, nmsg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M1"
NO_INTERVAL = msg("a published value; its source states no range")


class SizeParams(Params):
    """measure: which one is the market (empty: money, else the longest history). gap_max_share: stated totals and sums of
    segments may differ by this share (rounding). stale_years: older data are marked for review.
    """

    measure: str = ""
    gap_max_share: Share = 0.005
    stale_years: int = Field(default=2, ge=0)
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeResult(Result):
    """The market's size.

    by_measure: one row per measure, the main one first: measure, unit (money or count), currency, year, volume, prior,
    first_year, years_count, source, grade. by_part: one row per region and segment of the main measure in its year:
    dimension (region or segment), name, volume, part_share. gaps: one row per measure × year × region whose stated total is
    not the sum of its segments: stated, summed, gap, gap_share. Volumes in whole units.
    """

    by_measure: pd.DataFrame | None = None
    by_part: pd.DataFrame | None = None
    gaps: pd.DataFrame | None = None
    main: Series | None = None


def aggregate(market: Table, params: SizeParams, *, as_of: date) -> Table:
    """Select the market's rows up to the reporting year. Lazy."""
    return select_rows(market, as_of)


def analyse(small: pd.DataFrame, params: SizeParams, *, as_of: date) -> SizeResult:
    """Turn the rows into sizes and the comparison of totals with sums. Pure."""
    found, twice = read_series(small)
    main = main_series(found, params.measure)
    if isinstance(main, Message):
        return SizeResult(refused=main, certainty="open")
    ordered = [main, *(series for series in found if series is not main)]
    gaps = _gaps(ordered, params)
    return SizeResult(
        headlines=tuple(_headline(series, None if series is main else series.measure, ordered) for series in ordered),
        checks=(*(_gap_check(series, gaps, params) for series in ordered), _age_check(main, params, as_of), _twice_check(twice),
                _complete_check(main)),
        actions=_actions(gaps, params, as_of),
        no_action=msg("every total stated is the sum of its segments; the figure can be used as it is") if gaps.empty else None,
        finding=_finding(main),
        brief=_brief(main),
        limits=_limits(main, gaps),
        certainty="firm" if _grade(main) in ("A", "B") else "likely",
        by_measure=pd.DataFrame([_measure_row(series) for series in ordered]),
        by_part=_by_part(main),
        gaps=gaps,
        main=main,
    )  # fmt: skip


def _headline(series: Series, group: str | None, ordered: list[Series]) -> Headline:
    years = series.years.set_index("year")
    prior = _prior(series)
    named = [other for other in ordered if other.measure == series.measure]
    groups = {"measure": group} if len(named) == 1 else {"measure": group, "unit": series.currency or series.label}
    return Headline(
        key="market_size" if group is None else group_key("market_size", **groups), kpi="market_size",
        value=float(years["volume"][series.year]), unit=series.unit, currency=series.currency,
        n=int(years["cells_count"][series.year]), reason=NO_INTERVAL, prior=prior,
    )  # fmt: skip


def _prior(series: Series) -> float | None:
    """The year before the reference year; None where it is missing or the definition changed in between."""
    before = series.comparable[series.comparable["year"] == series.year - 1]["volume"]
    return float(before.iloc[0]) if len(before) and series.year not in series.breaks else None


def _grade(series: Series) -> str:
    """The worst grade behind the reference year; empty where none is given."""
    grades = [str(grade) for grade in series.sources["grade"]]
    return "" if "" in grades or not grades else max(grades)


def _measure_row(series: Series) -> dict[str, object]:
    comparable = series.comparable
    return {
        "measure": series.measure, "unit": series.unit, "currency": series.currency, "year": series.year,
        "volume": float(comparable["volume"].iloc[-1]), "prior": _prior(series),
        "first_year": int(comparable["year"].iloc[0]), "years_count": len(comparable),
        "source": "; ".join(s for s in series.sources["source"] if s), "grade": _grade(series),
    }  # fmt: skip


def _by_part(series: Series) -> pd.DataFrame:
    tables = []
    for dimension, rows in (("region", series.regions), ("segment", series.parts)):
        parts = rows[rows["year"] == series.year]
        sums = parts.groupby(dimension, sort=True)["volume"].sum().reset_index().rename(columns={dimension: "name"})
        if len(sums) > 1:
            tables.append(sums.assign(dimension=dimension, part_share=sums["volume"] / sums["volume"].sum()))
    columns = ["dimension", "name", "volume", "part_share"]
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables)[columns].sort_values(["dimension", "volume", "name"], ascending=[True, False, True], ignore_index=True)


def _gaps(ordered: list[Series], params: SizeParams) -> pd.DataFrame:
    tables = [series.gaps.assign(measure=series.measure, currency=series.currency) for series in ordered]
    gaps = pd.concat(tables, ignore_index=True)
    gaps["gap"] = gaps["summed"].astype(float) - gaps["stated"].astype(float)
    gaps["gap_share"] = gaps["gap"].abs() / gaps["stated"].abs().astype(float).where(gaps["stated"] != 0)
    wide = gaps[(gaps["gap_share"] > params.gap_max_share) | (gaps["gap_share"].isna() & (gaps["gap"] != 0))]
    return wide.sort_values(["measure", "year", "region"], ascending=[True, False, True], ignore_index=True)


def _gap_check(series: Series, gaps: pd.DataFrame, params: SizeParams) -> Check:
    key = group_key("stated_total_equals_the_sum_of_its_segments", measure=series.measure)
    own = gaps[(gaps["measure"] == series.measure) & (gaps["currency"].fillna("") == (series.currency or ""))]
    if series.gaps.empty:
        reason = msg("No year states both a total and its segments.")
        return Check(key=key, status="not_applicable", reason=reason)
    if own.empty:
        years = series.gaps["year"].nunique()
        equal = nmsg("The segments add up to the stated total in the {n} year that gives both.", "The segments add up to the stated total in all {n} years that give both.", years)
        return Check(key=key, status="pass", reason=equal)
    last = own.iloc[0]
    said = {
        "measure": series.name, "year": str(int(last["year"])), "summed": series.amount(float(last["summed"])),
        "stated": series.amount(float(last["stated"])), "n": len(own),
    }  # fmt: skip
    if last["region"]:
        reason = msg("{measure}, {region} {year}: the segments add up to {summed} beside a stated total of {stated}; the stated one counts.", **said, region=str(last["region"]))
    else:
        reason = msg("{measure}, {year}: the segments add up to {summed} beside a stated total of {stated}; the stated one counts.", **said)
    return Check(key=key, status="review", reason=reason)


def _age_check(main: Series, params: SizeParams, as_of: date) -> Check:
    age = as_of.year - main.year
    status: Status = "pass" if age <= params.stale_years else "review"
    reason = nmsg("The market data are {n} year old on the reporting date.", "The market data are {n} years old on the reporting date.", age)
    return Check(key="market_data_are_recent", status=status, reason=reason)


def _twice_check(twice: int) -> Check:
    key = "each_market_value_is_given_once"
    if not twice:
        return Check(key=key, status="pass", reason=msg("Each year, region, segment and measure has one value."))
    reason = nmsg(
        "{n} row repeats a year, region, segment and measure; the better graded source counts.",
        "{n} rows repeat a year, region, segment and measure; the better graded source counts.",
        twice,
    )
    return Check(key=key, status="review", reason=reason)


def _complete_check(main: Series) -> Check:
    left_out = [str(int(year)) for year in main.years.loc[~main.years["is_comparable"], "year"]]
    key = "market_years_are_made_of_the_same_parts"
    if not left_out:
        return Check(key=key, status="pass", reason=msg("Every year is made of the same regions and segments."))
    reason = msg("Years made of other regions or segments than {year} are not compared with it: {years}.", year=str(main.year), years=tuple(left_out))
    return Check(key=key, status="review", reason=reason)


def _actions(gaps: pd.DataFrame, params: SizeParams, as_of: date) -> tuple[Action, ...]:
    if gaps.empty:
        return ()
    what = msg("Ask the source which holds, the stated total or the sum of the segments, and note the answer in the market data.")
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="settle_market_totals", what=what, owner_role=msg("sales controlling"), due_on=due, watch_kpi="market_size", evidence=("market_size",)),)


def _brief(main: Series) -> Message:
    volume = main.amount(float(main.comparable["volume"].iloc[-1]))
    return msg("The market ({measure}) is {volume} in {year}.", measure=main.name, volume=volume, year=str(main.year))


def _finding(main: Series) -> Message:
    said = {
        "measure": main.name, "year": str(main.year), "volume": main.amount(float(main.comparable["volume"].iloc[-1])),
        "source": "; ".join(s for s in main.sources["source"] if s) or msg("source not given"),
        "grade": _grade(main) or msg("not graded"),
    }  # fmt: skip
    prior = _prior(main)
    if not prior:
        return msg("The market ({measure}) is {volume} in {year} (source: {source}; grade: {grade}).", **said)
    change = float(main.comparable["volume"].iloc[-1]) / prior - 1
    return msg(
        "The market ({measure}) is {volume} in {year}, {change} on the year before (source: {source}; grade: {grade}).",
        **said, change=share(change, signed=True),
    )  # fmt: skip


def _limits(main: Series, gaps: pd.DataFrame) -> tuple[Message, ...]:
    limits = [msg("What the source counts need not be what this firm can serve; the next section asks for that part.")]
    if len(gaps):
        limits.append(
            nmsg("In {n} case the stated total is not the sum of its segments; see the table.",
                 "In {n} cases the stated total is not the sum of its segments; see the table.", len(gaps)),
        )  # fmt: skip
    notes = main.other_breaks
    if len(notes):
        limits.append(_noted(notes.iloc[-1]))
    return tuple(limits)


def _noted(row: pd.Series) -> Message:
    return msg("The source notes a change of definition in {year} for {measure}, not for this measure.", year=str(int(row["year"])), measure=measure_name(str(row["break_measure"])))
