"""Tables of the market chapter."""

from __future__ import annotations

import math

import pandas as pd

from workbook.analyses.market.ansoff import AnsoffResult
from workbook.analyses.market.ansoff_fields import ASKS, MEANING, NAMES
from workbook.analyses.market.concentration import ConcentrationResult, band_words
from workbook.analyses.market.growth import GrowthResult
from workbook.analyses.market.outlook import METHOD_NAMES, OutlookResult
from workbook.analyses.market.risk import RiskResult
from workbook.analyses.market.size import SizeResult
from workbook.show import Col, TableView, table
from workbook.text import quantity, render, share, span, t


def answer(size: SizeResult, growth: GrowthResult) -> TableView | None:
    """The chapter's answer: size and growth of every measure."""
    if size.by_measure is None:
        return None
    rows = size.by_measure.merge(growth.by_measure, on="measure") if growth.by_measure is not None else size.by_measure.assign(rate=math.nan, low=math.nan, high=math.nan)
    data = rows.assign(
        value=[render(quantity(v, u, c if isinstance(c, str) else None)) for v, u, c in zip(rows["volume"], rows["unit"], rows["currency"], strict=True)]
    )
    columns = (
        Col("measure", t("Measure")), Col("year", t("Year"), "year"), Col("value", t("Size")), Col("rate", t("Growth a year"), "share"),
        Col("low", t("from"), "share"), Col("high", t("to"), "share"), Col("source", t("Source")), Col("grade", t("Grade")),
    )  # fmt: skip
    return table("answer", data, columns, t("Size and growth of the market"), note=t("Growth: yearly rate of the log-linear trend. Grade: A best to E worst."))


def parts(size: SizeResult) -> TableView | None:
    """The market by region and segment."""
    if size.by_part is None or size.by_part.empty or size.main is None:
        return None
    names = {"region": t("Region"), "segment": t("Segment")}
    data = size.by_part.assign(kind=size.by_part["dimension"].map(names))
    unit = "money" if size.main.currency else "count"
    columns = (Col("kind", t("Split by")), Col("name", t("Part")), Col("volume", t("Size"), unit), Col("part_share", t("Share"), "share"))
    title = t("What the market consists of in {year}", year=str(size.main.year))
    return table("parts", data, columns, title, currency=size.main.currency)


def gaps(size: SizeResult) -> TableView | None:
    """Stated totals that are not the sum of their segments."""
    if size.gaps is None or size.gaps.empty:
        return None
    rows = size.gaps
    words = [c if isinstance(c, str) else None for c in rows["currency"]]
    data = rows.assign(**{
        name: [render(quantity(v, "money" if c else "count", c)) for v, c in zip(rows[name], words, strict=True)] for name in ("stated", "summed")
    })  # fmt: skip
    columns = (
        Col("measure", t("Measure")), Col("year", t("Year"), "year"), Col("region", t("Region")), Col("stated", t("Stated total")),
        Col("summed", t("Sum of the segments")), Col("gap_share", t("Difference"), "share"),
    )  # fmt: skip
    return table("gaps", data, columns, t("Stated totals that are not the sum of their segments"))


def part_growth(growth: GrowthResult) -> TableView | None:
    """Growth of regions and segments."""
    if growth.by_part is None or growth.by_part.empty:
        return None
    rows, names = growth.by_part, {"region": t("Region"), "segment": t("Segment")}
    verdict = [_pace(bool(reliable), float(rate)) for reliable, rate in zip(rows["is_reliable"], rows["share_rate"], strict=True)]
    data = rows.assign(kind=rows["dimension"].map(names), verdict=verdict)
    columns = (
        Col("kind", t("Split by")), Col("name", t("Part")), Col("rate", t("Growth a year"), "share"), Col("low", t("from"), "share"),
        Col("high", t("to"), "share"), Col("verdict", t("Against the market")),
    )  # fmt: skip
    return table("part_growth", data, columns, t("Growth by region and segment"))


def _pace(is_reliable: bool, rate: float) -> str:
    if not is_reliable:
        return t("no reliable difference")
    return t("faster") if rate > 0 else t("slower")


def own(growth: GrowthResult) -> TableView | None:
    """Own won amount beside the market."""
    if growth.own is None or growth.own.empty or growth.main is None:
        return None
    data = growth.own.assign(complete=[t("yes") if flag else t("no") for flag in growth.own["is_complete"]])
    columns = (
        Col("year", t("Year"), "year"), Col("deals_count", t("Won deals"), "count"), Col("amount", t("Won amount"), "money"),
        Col("complete", t("Complete year")), Col("market_volume", t("Market"), "money"), Col("market_share", t("Own share"), "share"),
    )  # fmt: skip
    note = t("Won amounts are orders, the market is turnover: the share is a guide. Incomplete years are left out of the comparison.")
    return table("own", data, columns, t("Our won amount beside the market"), currency=growth.main.currency, note=note)


def methods(outlook: OutlookResult) -> TableView | None:
    """How good each forecast method was on the past."""
    if outlook.methods is None:
        return None
    data = outlook.methods.assign(name=[render(METHOD_NAMES[method]) for method in outlook.methods["method"]])
    columns = (
        Col("name", t("Method")), Col("mase", t("Scaled error (MASE)"), "number", 2), Col("wape", t("Error in per cent (WAPE)"), "share"),
        Col("coverage_share", t("Range held"), "share", 0), Col("error_count", t("Forecasts tried"), "count"),
    )  # fmt: skip
    note = t("Range held: how often the {level} range contained the true value, tried on the past.", level=share(outlook.level, 0))
    return table("methods", data, columns, t("How well each method forecast the past"), note=note)


def concentration(result: ConcentrationResult) -> TableView | None:
    """Concentration of the whole market and of each segment in the latest year."""
    if result.by_market is None:
        return None
    rows = result.by_market[(result.by_market["year"] == result.year) & result.by_market["hhi"].notna()]
    bounds = list(zip(rows["hhi"], rows["hhi_high"], strict=True))
    data = rows.assign(
        name=[segment or t("whole market") for segment in rows["segment"]],
        index_range=[render(span(low, high, "index")) for low, high in bounds],
        verdict=[render(band_words(low, high)) for low, high in bounds],
    )
    columns = (
        Col("name", t("Market")), Col("named_count", t("Firms named"), "count"), Col("others_share", t("Not named"), "share"),
        Col("cr4", t("Four largest"), "share"), Col("index_range", t("HHI")), Col("verdict", t("Verdict")),
    )  # fmt: skip
    return table("concentration", data, columns, t("How concentrated the market is"))


def share_changes(result: ConcentrationResult) -> TableView | None:
    """Shares in the first and the last year."""
    if result.changes is None or result.changes.empty:
        return None
    data = result.changes.assign(points=result.changes["change"] * 100)
    first, last = int(data["first_year"].iloc[0]), int(data["last_year"].iloc[0])
    columns = (
        Col("competitor", t("Competitor")), Col("first_share", str(first), "share"), Col("last_share", str(last), "share"),
        Col("points", t("Change (points)"), "points"),
    )  # fmt: skip
    return table("share_changes", data, columns, t("Market shares, {first} and {last}", first=str(first), last=str(last)))


def ansoff(result: AnsoffResult) -> TableView | None:
    """The four fields in numbers, in order of rising risk."""
    if result.by_field is None:
        return None
    rows = result.by_field
    data = rows.assign(name=[render(NAMES[field]) for field in rows["field"]], meaning=[render(MEANING[field]) for field in rows["field"]])
    columns = (
        Col("name", t("Field")), Col("meaning", t("Meaning")), Col("closed_count", t("Decided deals"), "count"),
        Col("win_rate", t("Win rate"), "share"), Col("low", t("from"), "share"), Col("high", t("to"), "share"),
        Col("won_amount", t("Won amount"), "money"), Col("pipeline_amount", t("Open pipeline"), "money"),
    )  # fmt: skip
    note = t("In order of rising risk.")
    return table("ansoff", data, columns, t("Where won amount and pipeline come from"), currency=result.currency, note=note)


def ansoff_asks(result: AnsoffResult) -> TableView | None:
    """What each used field asks of sales."""
    if result.by_field is None:
        return None
    used = result.by_field[result.by_field["deals_count"] > 0]
    rows = [{"name": render(NAMES[field]), "asks": render(ASKS[field])} for field in used["field"]]
    return table("ansoff_asks", pd.DataFrame(rows), (Col("name", t("Field")), Col("asks", t("What it asks of sales"))), t("What each field asks of sales"))


def customers(result: RiskResult) -> TableView | None:
    """How much the largest customers hold."""
    if result.customers is None:
        return None
    data = result.customers.assign(name=[t("largest {n}", n=int(k)) for k in result.customers["top_count"]])
    columns = (
        Col("name", t("Customers")), Col("amount", t("Won amount"), "money"), Col("amount_share", t("Share"), "share"),
        Col("limit", t("Review above"), "share", 0),
    )  # fmt: skip
    return table("customers", data, columns, t("How much the largest customers hold"), currency=result.currency)
