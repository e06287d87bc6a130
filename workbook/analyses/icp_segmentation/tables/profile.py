"""Tables on pairs of marks, on marks in later deals and on how attributes are filled. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.icp_segmentation.customer_marks import CustomerMarksResult
from workbook.analyses.icp_segmentation.labels import label
from workbook.show import Col, TableView, table
from workbook.text import render, t


def mark_names(rows: pd.DataFrame) -> list[str]:
    """Return what a mark is called: one value, or two that come together."""
    first = [f"{render(label(a))}: {v}" for a, v in zip(rows["attribute"], rows["value"], strict=True)]
    second = [f"{render(label(a))}: {v}" if a else "" for a, v in zip(rows["second_attribute"].fillna(""), rows["second_value"], strict=True)]
    return [f"{one} + {other}" if other else one for one, other in zip(first, second, strict=True)]


def mark_pairs(result: CustomerMarksResult) -> TableView | None:
    """Pairs of values that differ reliably, clearest first."""
    if result.pairs is None or not result.pairs["differs"].any():
        return None
    data = result.pairs[result.pairs["differs"]].reset_index(drop=True)
    data = data.assign(name=mark_names(data))
    columns = (
        Col("name", t("Both together")), Col("closed_count", t("Decided deals"), "count"), Col("rate", t("Win rate"), "share"),
        Col("low", t("Range from"), "share"), Col("high", t("to"), "share"), Col("lift", t("Times the common rate"), "ratio"),
        Col("beyond", t("Times the better of the two alone"), "ratio"),
    )  # fmt: skip
    return table("customer_mark_pairs", data, columns, t("Pairs of marks with a reliably different win rate"), max_rows=12)


def later_marks(result: CustomerMarksResult) -> TableView | None:
    """Marks found in the earlier deals, and how they did in the later ones."""
    if result.later is None or result.later.empty:
        return None
    data = result.later.assign(name=mark_names(result.later))
    columns = (
        Col("name", t("Mark")), Col("lift", t("Times the common rate, earlier"), "ratio"), Col("later_count", t("Later deals"), "count"),
        Col("later_lift", t("Times the common rate, later"), "ratio"), Col("later_lift_low", t("Range from"), "ratio"),
        Col("later_lift_high", t("to"), "ratio"), Col("holds", t("Holds")),
    )  # fmt: skip
    return table("customer_marks_later", data, columns, t("Marks found in the earlier deals, seen again in the later ones"), max_rows=12)


def mark_fill(result: CustomerMarksResult) -> TableView | None:
    """How often each attribute is stated on won and on lost deals."""
    if result.fill is None:
        return None
    data = result.fill.assign(name=[render(label(a)) for a in result.fill["attribute"]])
    columns = (
        Col("name", t("Attribute")), Col("won_filled", t("Stated, won"), "share"), Col("lost_filled", t("Stated, lost"), "share"),
        Col("depends", t("Differs reliably")),
    )  # fmt: skip
    return table("customer_mark_fill", data, columns, t("Are the attributes stated alike on won and lost deals?"))
