"""Tables on what both functions say of their alignment and what the records show. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.alignment_impact.observed import MEASURES, ObservedResult
from workbook.analyses.alignment_impact.self_rating import STATES, SelfRatingResult
from workbook.frames.statements import AREAS, STATEMENTS, statement_name
from workbook.show import Col, TableView, table
from workbook.text import render, t


def self_rating(result: SelfRatingResult) -> TableView | None:
    """Each statement with the mean of both functions and their gap."""
    if result.items is None:
        return None
    columns = (
        Col("statement", t("Statement")), Col("sales", t("Sales"), "number", 1), Col("marketing", t("Marketing"), "number", 1),
        Col("gap", t("Gap"), "number", 1), Col("gap_low", t("from"), "number", 1), Col("gap_high", t("to"), "number", 1),
        Col("is_reliable", t("Reliable")),
    )  # fmt: skip
    note = t("Mean agreement from 1 (not at all) to 5 (fully); gap: sales minus marketing.")
    data = result.items.assign(statement=[render(statement_name(str(item))) for item in result.items["item"]])
    return table("self_rating", data, columns, t("How both functions rate their alignment"), note=note)


def rating_index(result: SelfRatingResult) -> TableView | None:
    """The index of each function, in all and by area."""
    if result.index is None:
        return None
    names = {"sales": t("Sales"), "marketing": t("Marketing")}
    data = result.index.assign(
        area=t("All statements"),
        state=[render(STATES[state][1]) + ("" if sure else " " + t("(not sure)")) for state, sure in zip(result.index["state"], result.index["is_sure"], strict=True)],
    )
    if result.areas is not None and len(result.areas):
        data = pd.concat([data, result.areas.assign(area=[render(AREAS[area]) for area in result.areas["area"]])], ignore_index=True)
    data = data.assign(name=data["function"].map(names))
    columns = (Col("area", t("Area")), Col("name", t("Function")), Col("value", t("Index"), "index"), Col("low", t("from"), "index"),
               Col("high", t("to"), "index"), Col("state", t("State")), Col("respondents_count", t("Respondents"), "count"))  # fmt: skip
    note = t("Index: mean agreement × 20, from 20 to 100. States by their bands: undefined below 40, defined below 60, aligned below 80, integrated above. Not sure: the range reaches into another state.")
    return table("rating_index", data, columns, t("Alignment index"), note=note)


def observed(result: ObservedResult) -> TableView | None:
    """What the records show, beside what both functions say about it."""
    if result.measures is None:
        return None
    statements = {statement.key: render(statement.text) for statement in STATEMENTS}
    data = result.measures.assign(
        name=[render(MEASURES[name]) for name in result.measures["measure"]], said=result.measures["statement"].map(statements)
    )
    columns = (
        Col("name", t("What the records show, last twelve months")), Col("value", t("Share"), "share"), Col("low", t("from"), "share"), Col("high", t("to"), "share"),
        Col("cases_count", t("Cases"), "count"), Col("design_effect", t("Design effect"), "number", 1), Col("said", t("What people were asked")),
        Col("sales", t("Sales"), "number", 1), Col("marketing", t("Marketing"), "number", 1),
    )  # fmt: skip
    note = t("Sales, Marketing: mean agreement with the statement, 1 to 5. Design effect: how much alike the leads of one salesperson are, 1 for not at all.")
    return table("observed_alignment", data, columns, t("What people say and what they do"), note=note)
