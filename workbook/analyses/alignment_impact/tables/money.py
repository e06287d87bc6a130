"""Tables on what the programme is worth. None where there is nothing to show."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.analyses.alignment_impact.money import MoneyResult
from workbook.show import Col, TableView, table
from workbook.text import Quantity, t


def money_steps(result: MoneyResult) -> TableView | None:
    """How the yearly gain is made up, factor by factor, and what stands against it."""
    if result.steps is None:
        return None
    names = {
        "effect": t("Effect on the win rate (percentage points)"), "decided": t("Deals decided in a year, in the units that adopted"),
        "amount": t("Mean won amount"), "margin": t("Gross margin"),
    }  # fmt: skip
    rows = [
        {"name": names[row["factor"]], "value": _cell(row, "value", result), "low": _cell(row, "low", result), "high": _cell(row, "high", result), "n": row["n"] or None}
        for row in result.steps.to_dict("records")
    ]
    rows.append(_money_row(t("Gain per year"), result.gain, result.low, result.high, result))
    if result.cost_year is not None:
        rows.append(_money_row(t("Cost of the last twelve months"), result.cost_year, None, None, result))
        rows.append(_money_row(t("Cost since the beginning"), result.cost_total, None, None, result))
    columns = (Col("name", t("Step")), Col("value", t("Value"), "written"), Col("low", t("from"), "written"), Col("high", t("to"), "written"), Col("n", t("Cases"), "count"))
    note = t("Gain = effect × deals × mean amount × margin. A dash in the range: a count or a recorded sum, not an estimate.")
    return table("programme_value", pd.DataFrame(rows), columns, t("From the effect to money"), note=note)


def _cell(row: dict[Any, Any], name: str, result: MoneyResult) -> str:
    if row["factor"] == "effect":
        return Quantity(100 * float(row[name]), "points", signed=True).text()
    return Quantity(float(row[name]), str(row["unit"]), result.currency).text()


def _money_row(name: str, value: float | None, low: float | None, high: float | None, result: MoneyResult) -> dict[str, object]:
    value_text, low_text, high_text = (Quantity(part, "money", result.currency).text() for part in (value, low, high))
    return {"name": name, "value": value_text, "low": low_text, "high": high_text, "n": None}
