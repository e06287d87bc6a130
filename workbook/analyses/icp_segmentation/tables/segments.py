"""Tables on groups of companies. None where there is nothing to show."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from workbook.analyses.icp_segmentation.labels import CLASS_NAMES, METHODS, label
from workbook.analyses.icp_segmentation.migration import MigrationResult
from workbook.analyses.icp_segmentation.segments import SegmentsResult, stance_words
from workbook.show import Col, TableView, table
from workbook.text import number, quantity, render, share, span, t


def cards(result: SegmentsResult, marks_max: int = 4) -> TableView | None:
    """One card per group: what marks it, how large it is, how often it is won, what a customer is worth, what to do."""
    if result.segments is None or result.profiles is None:
        return None
    data = result.segments.assign(
        marks=[_marks(result.profiles, int(segment), marks_max) for segment in result.segments["segment"]],
        won=[_ranged(r, ("rate", "low", "high"), "share") for r in result.segments.to_dict("records")],
        worth=[_ranged(r, ("value", "value_low", "value_high"), "money", result.currency) for r in result.segments.to_dict("records")],
        advice=[render(stance_words(str(r["stance"]), str(r["name"]))) for r in result.segments.to_dict("records")],
    )
    columns = (
        Col("name", t("Group, named after what tells it apart")), Col("marks", t("Mark")), Col("accounts_count", t("Companies"), "count"),
        Col("won", t("Win rate")),
        Col("worth", t("Value per customer")), Col("value_share", t("Share of value"), "share"),
        Col("advice", t("What to do")),
    )  # fmt: skip
    note = t("Strictly by the rule: pursued are groups won reliably more often or worth reliably more, checked ones won or worth reliably less.")
    return table("segments", data, columns, t("Groups of companies"), currency=result.currency, note=note)


def _ranged(row: dict[Hashable, Any], columns: tuple[str, str, str], unit: str, currency: str | None = None) -> str:
    """Write a value with its range behind it; nothing where it is not known."""
    at, low, high = (float(row[name]) for name in columns)
    return "" if pd.isna(at) else t("{value} ({range})", value=quantity(at, unit, currency), range=span(low, high, unit, currency))


def _marks(profiles: pd.DataFrame, segment: int, marks_max: int) -> str:
    """Name the values that tell a group apart, with their share in the group and elsewhere; numbers by their median."""
    own = profiles[(profiles["segment"] == segment) & ((profiles["telling"] > 0) | profiles["is_number"].astype(bool))]
    return "; ".join(_mark(row) for row in own.head(marks_max).to_dict("records"))


def _mark(row: dict[Hashable, Any]) -> str:
    name = label(str(row["attribute"]))
    inside, outside = float(row["in_segment"]), float(row["elsewhere"])
    if row["is_number"]:
        return t("{attribute} {inside} (elsewhere {outside})", attribute=name, inside=number(inside, 0), outside=number(outside, 0))
    return t("{value} {inside} (elsewhere {outside})", value=str(row["value"]), inside=share(inside, 0), outside=share(outside, 0))


def segment_profiles(result: SegmentsResult, rows_max: int = 5) -> TableView | None:
    """What tells each group from the others."""
    if result.profiles is None or result.segments is None:
        return None
    shares = result.profiles[~result.profiles["is_number"].astype(bool) & (result.profiles["telling"] > 0)]
    data = shares.groupby("segment").head(rows_max).merge(result.segments[["segment", "name"]], on="segment")
    data = data.assign(mark=[f"{render(label(a))}: {v}" for a, v in zip(data["attribute"], data["value"], strict=True)])
    columns = (
        Col("name", t("Group")), Col("mark", t("Mark")), Col("in_segment", t("In the group"), "share"),
        Col("elsewhere", t("Elsewhere"), "share"),
    )  # fmt: skip
    return table("segment_profiles", data, columns, t("What tells the groups apart"), is_grouped=True)


def candidates(result: SegmentsResult) -> TableView | None:
    """Numbers of groups tried and why they were taken or not."""
    if result.candidates is None or result.candidates.empty:
        return None
    data = result.candidates.assign(is_chosen=result.candidates["k"] == result.segment_count)
    columns = (
        Col("k", t("Groups"), "count"), Col("silhouette", t("Tightness"), "number", 2),
        Col("reference_silhouette", t("Tightness without groups"), "number", 2), Col("gain", t("Gain"), "number", 2),
        Col("jaccard_lowest", t("Stability of the weakest group"), "number", 2), Col("smallest_share", t("Smallest group"), "share"),
        Col("is_chosen", t("Chosen")),
    )  # fmt: skip
    data = data.assign(is_chosen=[t("yes") if flag else "" for flag in data["is_chosen"]])
    return table("segment_candidates", data, columns, t("How many groups?"))


def methods(result: SegmentsResult) -> TableView | None:
    """The methods side by side, and how far they agree."""
    if result.methods is None or result.methods.empty:
        return None
    data = result.methods.assign(name=[render(METHODS[m]) for m in result.methods["method"]])
    columns = (
        Col("name", t("Method")), Col("k", t("Groups"), "count"), Col("silhouette", t("Tightness"), "number", 2),
        Col("bic", t("BIC (smaller is better)"), "number", 0), Col("agreement", t("Agreement with the first (adjusted Rand)"), "number", 2),
    )  # fmt: skip
    return table("segment_methods", data, columns, t("Do other methods find the same groups?"))


def moves(result: MigrationResult) -> TableView | None:
    """Where the customers of each class of the year before are now."""
    if result.moves is None:
        return None
    data = result.moves.assign(
        before=[render(CLASS_NAMES[c]) for c in result.moves["from_class"]], after=[render(CLASS_NAMES[c]) for c in result.moves["to_class"]]
    )
    columns = (
        Col("before", t("Year before")), Col("after", t("Last twelve months")), Col("customers_count", t("Customers"), "count"),
        Col("share", t("Share"), "share"), Col("low", t("Range from"), "share"), Col("high", t("to"), "share"), Col("amount", t("Amount"), "money"),
    )  # fmt: skip
    note = t("Thirds of the customers of the year before by what they bought then; the same limits in both years. Amount: of the year before, for new customers of the last twelve months.")
    return table("moves", data, columns, t("How customers moved"), currency=result.currency, note=note, is_grouped=True)


def moves_by_group(result: MigrationResult) -> TableView | None:
    """Which groups of companies keep buying."""
    if result.groups is None or result.groups.empty:
        return None
    columns = (
        Col("name", t("Group")), Col("customers_count", t("Customers of the year before"), "count"), Col("rate", t("Bought again"), "share"),
        Col("low", t("Range from"), "share"), Col("high", t("to"), "share"), Col("up_count", t("Rose"), "count"), Col("down_count", t("Fell"), "count"),
    )  # fmt: skip
    return table("moves_by_group", result.groups, columns, t("Which groups keep buying?"))
