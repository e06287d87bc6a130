"""Tables of the market's size and parts."""

from __future__ import annotations

import math

import pandas as pd

from workbook.analyses.market.assumptions import Assumed
from workbook.analyses.market.growth import GrowthResult
from workbook.analyses.market.size import SizeResult
from workbook.analyses.market.sizing import LEVEL_NAMES, WAYS, SizingResult
from workbook.frames.names import measure_name
from workbook.show import Col, TableView, table
from workbook.text import Message, quantity, render, t


def answer(size: SizeResult, growth: GrowthResult) -> TableView | None:
    """The chapter's answer: size and growth of every measure."""
    if size.by_measure is None:
        return None
    rows = size.by_measure.merge(growth.by_measure, on="measure") if growth.by_measure is not None else size.by_measure.assign(rate=math.nan, low=math.nan, high=math.nan)
    data = rows.assign(
        measure_shown=[render(measure_name(str(name))) for name in rows["measure"]],
        value=[render(quantity(v, u, c if isinstance(c, str) else None)) for v, u, c in zip(rows["volume"], rows["unit"], rows["currency"], strict=True)]
    )
    columns = (
        Col("measure_shown", t("Measure")), Col("year", t("Year"), "year"), Col("value", t("Size"), "written"), Col("rate", t("Growth a year"), "share"),
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
    data = rows.assign(measure_shown=[render(measure_name(str(name))) for name in rows["measure"]], **{
        name: [render(quantity(v, "money" if c else "count", c)) for v, c in zip(rows[name], words, strict=True)] for name in ("stated", "summed")
    })  # fmt: skip
    columns = (
        Col("measure_shown", t("Measure")), Col("year", t("Year"), "year"), Col("region", t("Region")), Col("stated", t("Stated total"), "written"),
        Col("summed", t("Sum of the segments"), "written"), Col("gap_share", t("Difference"), "share"),
    )  # fmt: skip
    return table("gaps", data, columns, t("Stated totals that are not the sum of their segments"))


def sizing(result: SizingResult) -> TableView | None:
    """Both ways side by side."""
    if result.estimates is None:
        return None
    rows = result.estimates
    data = rows.assign(name=[render(LEVEL_NAMES[str(level)]) for level in rows["level"]], how=[render(WAYS[str(way)]) for way in rows["way"]])
    columns = (Col("name", t("What")), Col("how", t("Way")), Col("value", t("Size a year"), "money"), Col("low", t("from"), "money"), Col("high", t("to"), "money"))
    return table("sizing", data, columns, t("Whole market, part served, part we can win"), currency=result.currency)


def assumptions(result: SizingResult) -> TableView | None:
    """Every assumption with its range, source and grade."""
    if not result.assumptions:
        return None
    seen: dict[str, Assumed] = {assumed.key: assumed for _, assumed in result.assumptions}
    rows = [
        {"name": render(a.name), "source": render(a.source) if isinstance(a.source, Message) else a.source, "grade": a.grade}
        | {end: render(quantity(float(getattr(a, end)), a.unit, result.currency)) for end in ("low", "mode", "high")}
        for a in seen.values()
    ]  # fmt: skip
    columns = (
        Col("name", t("Assumption")), Col("low", t("lowest"), "written"), Col("mode", t("most likely"), "written"), Col("high", t("highest"), "written"),
        Col("source", t("Source")), Col("grade", t("Grade")),
    )  # fmt: skip
    note = t("Each can be set in the run's settings (analyses, market, sizing). Grade: A best to E worst.")
    return table("assumptions", pd.DataFrame(rows), columns, t("What the sizes rest on"), note=note)
