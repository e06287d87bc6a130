"""Tables on customers. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.icp_segmentation.best_customers import BestCustomersResult
from workbook.analyses.icp_segmentation.customer_marks import CustomerMarksResult
from workbook.analyses.icp_segmentation.labels import BASIS_LABELS, RFM_GROUPS, label
from workbook.analyses.icp_segmentation.rfm import RfmResult
from workbook.show import Col, TableView, table
from workbook.text import render, t


def best_customers(result: BestCustomersResult) -> TableView | None:
    """The customers with the highest value."""
    if result.customers is None or result.basis is None:
        return None
    data = result.customers
    if data["top_probability"].notna().any():
        data = data.sort_values(["top_probability", "value"], ascending=False, ignore_index=True)
    columns = (
        Col("name", t("Customer")), Col("value", t("Value so far"), "money"), Col("purchases_count", t("Purchases"), "count"),
        Col("money_per_year", t("A year, cautiously estimated"), "money"), Col("rank", t("Rank"), "count"), Col("rank_low", t("Range from"), "count"),
        Col("rank_high", t("to"), "count"), Col("top_probability", t("Among the best fifth"), "share"), Col("is_best", t("Best")),
    )  # fmt: skip
    title = t("The best customers by profit, loyalty and growth ({basis})", basis=BASIS_LABELS[result.basis])
    return table("best_customers", data, columns, title, currency=result.currency, max_rows=15)


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
        Col("low", t("Range from"), "share"), Col("high", t("to"), "share"), Col("shrunken_rate", t("Cautious estimate"), "share"), Col("differs", t("Differs reliably")),
        Col("customers_count", t("Customers"), "count"), Col("best_share", t("Best among them"), "share"),
        Col("value_mean", t("Value per customer"), "money"),
    )  # fmt: skip
    note = t("Cautious estimate: the fewer deals it rests on, the closer to the rate of all.")
    return table("customer_marks", data, columns, t("What marks the companies that buy"), currency=result.currency, note=note, max_rows=20)


def rfm_groups(result: RfmResult) -> TableView | None:
    """Groups by recency, frequency and money."""
    if result.groups is None:
        return None
    data = result.groups.assign(name=[render(RFM_GROUPS[group]) for group in result.groups["group"]])
    columns = (
        Col("name", t("Group")), Col("customers_count", t("Customers"), "count"), Col("customers_share", t("Share"), "share"),
        Col("amount", t("Money"), "money"), Col("amount_share", t("Share of money"), "share"),
        Col("recency_days", t("Days since the last purchase (median)"), "days"), Col("quiet", t("Silence ÷ usual gap between purchases"), "ratio"),
        Col("order_count", t("Purchases (median)"), "number"),
    )  # fmt: skip
    return table("rfm_groups", data, columns, t("Customers by recency, frequency and money"), currency=result.currency)
