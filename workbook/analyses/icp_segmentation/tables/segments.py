"""Tables on groups of companies. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.icp_segmentation.labels import label
from workbook.analyses.icp_segmentation.segments import SegmentsResult
from workbook.show import Col, TableView, table
from workbook.text import render, t


def segments(result: SegmentsResult) -> TableView | None:
    """The groups found, with win rate and value."""
    if result.segments is None:
        return None
    columns = (
        Col("name", t("Group, named after what tells it apart")), Col("accounts_count", t("Companies"), "count"),
        Col("closed_count", t("Decided deals"), "count"), Col("rate", t("Win rate"), "share"), Col("low", t("Range from"), "share"),
        Col("high", t("to"), "share"), Col("customers_count", t("Customers"), "count"), Col("value", t("Value per customer"), "money"),
        Col("value_low", t("Range from"), "money"), Col("value_high", t("to"), "money"), Col("value_share", t("Share of value"), "share"),
    )  # fmt: skip
    return table("segments", result.segments, columns, t("Groups of companies"), currency=result.currency)


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
    return table("segment_profiles", data, columns, t("What tells the groups apart"))


def candidates(result: SegmentsResult) -> TableView | None:
    """Numbers of groups tried and why they were taken or not."""
    if result.candidates is None or result.candidates.empty:
        return None
    data = result.candidates.assign(is_chosen=result.candidates["k"] == result.segment_count)
    columns = (
        Col("k", t("Groups"), "count"), Col("silhouette", t("Tightness"), "number", 2),
        Col("reference_silhouette", t("Tightness without groups"), "number", 2),
        Col("jaccard_lowest", t("Stability of the weakest group"), "number", 2), Col("smallest_share", t("Smallest group"), "share"),
        Col("is_chosen", t("Chosen")),
    )  # fmt: skip
    return table("segment_candidates", data, columns, t("How many groups?"))
