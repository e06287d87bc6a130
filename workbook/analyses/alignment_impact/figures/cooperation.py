"""Figures on what both functions say of their alignment and what the records show. None where there is nothing to draw."""

from __future__ import annotations

from workbook.analyses.alignment_impact.observed import MEASURES, ObservedResult
from workbook.analyses.alignment_impact.self_rating import SelfRatingResult
from workbook.frames.statements import AREAS, statement_name
from workbook.show import Chart, canvas, dot_interval
from workbook.text import render, share, t


def perception_gap(result: SelfRatingResult) -> Chart | None:
    """Gaps between sales and marketing by statement, with ranges."""
    if result.items is None:
        return None
    data = result.items.assign(statement=[render(statement_name(str(item))) for item in result.items["item"]], n=result.items["sales_count"] + result.items["marketing_count"])
    figure, axes = canvas()
    dot_interval(axes, data, label="statement", value="gap", low="gap_low", high="gap_high", n="n", unit="number", reference=0.0, emphasis="is_reliable",
                 reference_label=t("Right of the line sales agrees more, left of it marketing. Blue: a reliable gap."))  # fmt: skip
    apart = int(data["is_reliable"].sum())
    title = t("Sales and marketing see {apart} of {n} statements differently", apart=apart, n=len(data))
    if not apart:
        title = t("No reliable gap between sales and marketing on any statement")
    return Chart(key="perception_gap", figure=figure, title=title, data=data, alt=t("One dot with its range per statement: the gap between both functions."))


def area_index(result: SelfRatingResult) -> Chart | None:
    """The index of both functions by area."""
    if result.areas is None or result.areas.empty:
        return None
    names = {"sales": t("Sales"), "marketing": t("Marketing")}
    data = result.areas.assign(
        name=[f"{render(AREAS[area])}: {names[side]}" for area, side in zip(result.areas["area"], result.areas["function"], strict=True)],
        is_sales=result.areas["function"] == "sales",
    )
    figure, axes = canvas()
    dot_interval(axes, data, label="name", value="value", low="low", high="high", n="respondents_count", unit="index", emphasis="is_sales",
                 reference=60.0, reference_label=t("line: from 60 on “aligned”; n: people asked; blue: sales"))  # fmt: skip
    return Chart(key="area_index", figure=figure, title=t("Alignment as both functions see it, by area"), data=data[["area", "function", "value", "low", "high", "respondents_count"]],
                 alt=t("One dot with its range per area and function, on a scale from 20 to 100."))  # fmt: skip


def observed(result: ObservedResult) -> Chart | None:
    """What the records show of working together."""
    if result.measures is None:
        return None
    data = result.measures.assign(name=[render(MEASURES[name]) for name in result.measures["measure"]])
    data = data.fillna({"low": data["value"], "high": data["value"]})
    figure, axes = canvas()
    dot_interval(axes, data, label="name", value="value", low="low", high="high", n="cases_count")
    first = data.iloc[0]
    title = t("{measure}: {value}", measure=first["name"], value=share(float(first["value"])))
    return Chart(key="observed_alignment", figure=figure, title=title, data=data[["measure", "value", "low", "high", "cases_count"]],
                 alt=t("One dot with its range per measure of how both functions work together."), note=t("n: leads of the last twelve months, or figures named in goals."))  # fmt: skip

