"""Tables of the chapter on the ideal customer profile. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.icp_segmentation.best_customers import BestCustomersResult
from workbook.analyses.icp_segmentation.customer_marks import CustomerMarksResult
from workbook.analyses.icp_segmentation.labels import BASIS_LABELS, RFM_GROUPS, label
from workbook.analyses.icp_segmentation.lead_conversion_by_attribute import LeadConversionByAttributeResult
from workbook.analyses.icp_segmentation.rfm import RfmResult
from workbook.analyses.icp_segmentation.segments import SegmentsResult
from workbook.results import Result
from workbook.show import Col, TableView, table
from workbook.text import render, t


def lead_groups(result: LeadConversionByAttributeResult) -> TableView | None:
    """Conversion of leads by value of each attribute."""
    if result.groups is None:
        return None
    data = result.groups.assign(
        attribute_name=[render(label(name)) for name in result.groups["attribute"]],
        shown=[t("not recorded") if pd.isna(value) else render(value) for value in result.groups["value"]],
    )
    columns = (
        Col("attribute_name", t("Attribute")), Col("shown", t("Value")), Col("leads_count", t("Leads"), "count"),
        Col("customers_count", t("Became customers"), "count"), Col("rate", t("Share"), "share"), Col("low", t("Range from"), "share"),
        Col("high", t("to"), "share"), Col("is_reliable", t("Differs reliably")),
    )  # fmt: skip
    return table("lead_groups", data, columns, t("Leads that became customers, by attribute"))


def best_customers(result: BestCustomersResult) -> TableView | None:
    """The customers with the highest value."""
    if result.customers is None or result.basis is None:
        return None
    columns = (
        Col("name", t("Customer")), Col("value", t("Value"), "money"), Col("value_share", t("Share"), "share"),
        Col("cumulated_share", t("Added up"), "share"), Col("purchases_count", t("Purchases"), "count"), Col("is_best", t("Best")),
    )  # fmt: skip
    title = t("The most valuable customers, by {basis}", basis=BASIS_LABELS[result.basis])
    return table("best_customers", result.customers, columns, title, currency=result.currency, max_rows=15)


def known(result: BestCustomersResult) -> TableView | None:
    """Win rate of deals with existing and with new customers."""
    if result.known is None:
        return None
    names = {"existing": t("Bought before"), "new": t("New")}
    data = result.known.assign(name=result.known["kind"].map(names))
    columns = (
        Col("name", t("Company")), Col("closed_count", t("Decided deals"), "count"), Col("won_count", t("Won"), "count"),
        Col("rate", t("Win rate"), "share"), Col("low", t("Range from"), "share"), Col("high", t("to"), "share"),
    )  # fmt: skip
    return table("existing_and_new", data, columns, t("Existing and new customers"))


def marks(result: CustomerMarksResult) -> TableView | None:
    """Win rate, lift and best customers by value of each attribute, clearest difference first."""
    if result.marks is None:
        return None
    data = result.marks.assign(
        name=[f"{render(label(a))}: {v}" for a, v in zip(result.marks["attribute"], result.marks["value"], strict=True)]
    )
    columns = (
        Col("name", t("Mark")), Col("closed_count", t("Decided deals"), "count"), Col("rate", t("Win rate"), "share"),
        Col("low", t("Range from"), "share"), Col("high", t("to"), "share"), Col("lift", t("Times the common rate"), "ratio"),
        Col("shrunken_rate", t("Pulled to the mean"), "share"), Col("differs", t("Differs reliably")),
        Col("customers_count", t("Customers"), "count"), Col("best_share", t("Best among them"), "share"),
        Col("best_differs", t("Differs reliably")), Col("value_mean", t("Value per customer"), "money"),
    )  # fmt: skip
    return table("customer_marks", data, columns, t("What marks the companies that buy"), currency=result.currency)


def rfm_groups(result: RfmResult) -> TableView | None:
    """Groups by recency, frequency and money."""
    if result.groups is None:
        return None
    data = result.groups.assign(name=[render(RFM_GROUPS[group]) for group in result.groups["group"]])
    columns = (
        Col("name", t("Group")), Col("customers_count", t("Customers"), "count"), Col("customers_share", t("Share"), "share"),
        Col("amount", t("Money"), "money"), Col("amount_share", t("Share of money"), "share"),
        Col("recency_days", t("Days since the last purchase (median)"), "days"), Col("order_count", t("Purchases (median)"), "number"),
    )  # fmt: skip
    return table("rfm_groups", data, columns, t("Customers by recency, frequency and money"), currency=result.currency)


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


def plan(*results: Result, key: str = "actions") -> TableView | None:
    """Actions of the chapter."""
    rows = [
        (render(a.what), render(a.owner_role), pd.Timestamp(a.due_on), a.watch_kpi) for result in results for a in result.actions
    ]
    if not rows:
        return None
    data = pd.DataFrame(rows, columns=["what", "owner_role", "due_on", "watch_kpi"]).sort_values(["due_on", "what"], ignore_index=True)
    columns = (
        Col("what", t("What to do")), Col("owner_role", t("Who")), Col("due_on", t("By"), "date"), Col("watch_kpi", t("KPI to watch")),
    )  # fmt: skip
    return table(key, data, columns, t("What follows"))
