"""Tables on the value of customers. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.icp_segmentation.labels import KIND_LABELS
from workbook.analyses.icp_segmentation.value import ValueResult
from workbook.show import Col, TableView, table
from workbook.text import number, render, share, t


def names(values: pd.DataFrame) -> list[str]:
    """Return what each row of `ValueResult.values` is called."""
    return [_name(str(kind), group) for kind, group in zip(values["kind"], values["group"].astype(object), strict=True)]


def _name(kind: str, group: object) -> str:
    if not isinstance(group, str):
        return render(KIND_LABELS[kind])
    return t("{group} (contract)", group=str(group)) if kind == "contract" else t("{group} (no contract)", group=str(group))


def value(result: ValueResult) -> TableView | None:
    """Lifetime value by kind of customer and by group."""
    if result.values is None:
        return None
    data = result.values[result.values["n"] > 0]
    data = data.assign(name=names(data), why=["" if r is None or pd.isna(r) else render(r) for r in data["reason"].astype(object)])
    columns = (
        Col("name", t("Customers")), Col("n", t("Number"), "count"), Col("value", t("Value per new customer"), "money"),
        Col("low", t("Range from"), "money"), Col("high", t("to"), "money"), Col("why", t("Why there is none")),
    )  # fmt: skip
    title = t("What a new customer brings within {years} years: gross margin, discounted", years=result.horizon_years)
    if result.basis == "revenue":
        title = t("What a new customer brings within {years} years: revenue, discounted", years=result.horizon_years)
    return table("customer_value", data.drop(columns="reason"), columns, title, currency=result.currency)


def held_out(result: ValueResult) -> TableView | None:
    """What the models expected of the held-out stretch, and what came."""
    if result.held_out is None:
        return None
    rows = result.held_out
    following = rows.groupby("kind", sort=False)["group"].shift(-1)
    data = rows.assign(
        name=[_foretold(str(kind), int(group), after) for kind, group, after in zip(rows["kind"], rows["group"], following, strict=True)],
        expected_text=_in_words(rows, "expected"), actual_text=_in_words(rows, "actual"),
    )  # fmt: skip
    columns = (
        Col("name", t("What is foretold")), Col("n", t("Customers"), "count"), Col("expected_text", t("Expected per customer"), "written"),
        Col("actual_text", t("Came"), "written"),
    )  # fmt: skip
    return table("customer_value_held_out", data, columns, t("The models, fitted on earlier data only, against what came"))


def _in_words(rows: pd.DataFrame, column: str) -> list[str]:
    """Write shares of contracts in per cent, purchases as numbers."""
    return [render(share(float(v)) if kind == "contract" else number(float(v), 2)) for kind, v in zip(rows["kind"], rows[column], strict=True)]


def _foretold(kind: str, group: int, after: float) -> str:
    """after: where the next group of the same kind begins, NaN for the last one."""
    if kind == "contract":
        return t("Share renewed at the end of year {year}", year=str(group))
    if pd.isna(after):
        return t("Purchases of customers with {n} repeats or more before", n=str(group)) if group != 1 else t("Purchases of customers with any repeat before")
    if group == 1 and after - group <= 1:
        return t("Purchases of customers with one repeat before")
    return t("Purchases of customers with {n} repeats before", n=str(group) if after - group <= 1 else f"{group}–{int(after) - 1}")
