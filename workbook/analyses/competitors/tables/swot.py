"""Tables on strengths and weaknesses. None where there is nothing to show."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from workbook.analyses.competitors import tows
from workbook.analyses.competitors.swot import NAMES, QUADRANTS, SwotResult
from workbook.kpis import KPIS
from workbook.show import Col, TableView, table
from workbook.text import day, render, t


def swot(result: SwotResult) -> TableView | None:
    """The four fields, one row per item, each with its number; an empty field says why."""
    if result.items is None or result.empty is None:
        return None
    rows: list[dict[str, object]] = []
    for quadrant in QUADRANTS:
        name, own = render(NAMES[quadrant]), result.items[result.items["quadrant"] == quadrant]
        rows += [_swot_row(name, row) for row in own.to_dict("records")]
        if quadrant in result.empty:
            why = t("nothing: {reason}", reason=result.empty[quadrant])
            rows.append({"field": name, "item": why, "number": "", "n": None, "date": "", "evidence": ""})
    columns = (Col("field", t("Field")), Col("item", t("What")), Col("number", t("Number")), Col("n", t("n"), "count"), Col("date", t("As of")))
    note = t("n: deals, years or firms behind the number. Only what a test or a stated number supports is listed.")
    return table("swot", pd.DataFrame(rows), columns, t("Strengths, weaknesses, opportunities, threats"), note=note, is_grouped=True)


def _swot_row(name: str, row: dict[Any, Any]) -> dict[str, object]:
    words = {key: render(row[key]) for key in ("item", "number", "evidence")}
    return {"field": name, "n": row["n"], "date": _when(render(row["date"])), **words}


def _when(text: str) -> str:
    """Write a day as the reader does; years stay years."""
    return render(day(date.fromisoformat(text))) if len(text) == 10 else text.replace("-", "–")


def tows_moves(result: SwotResult) -> TableView | None:
    """The moves, field by field, with the items behind them; an empty field says why."""
    if result.moves is None or result.missing is None:
        return None
    rows: list[dict[str, object]] = []
    for field, words in tows.FIELD_NAMES.items():
        own = result.moves[result.moves["field"] == field].to_dict("records")
        rows += [_move_row(render(words), row) for row in own]
        if field in result.missing:
            blank = dict.fromkeys(("inside", "outside", "owner_role", "due_on", "kpi"), "")
            rows.append({"name": render(words), "move": t("none: {reason}", reason=result.missing[field]), **blank})
    columns = (
        Col("name", t("Field")), Col("move", t("Move")), Col("inside", t("Inside")), Col("outside", t("Outside")), Col("owner_role", t("Who")),
        Col("due_on", t("By when")), Col("kpi", t("Watched by")),
    )  # fmt: skip
    return table("tows", pd.DataFrame(rows), columns, t("Moves that follow (TOWS)"), note=t("Each move follows by rule from the two items beside it."), is_grouped=True)


def _move_row(name: str, row: dict[Any, Any]) -> dict[str, object]:
    words: dict[str, object] = {key: render(row[key]) for key in ("move", "inside", "outside", "owner_role", "due_on")}
    return words | {"name": name, "kpi": render(KPIS[str(row["watch_kpi"])].name)}
