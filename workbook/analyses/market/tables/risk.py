"""Tables of risk."""

from __future__ import annotations

from workbook.analyses.market.risk import RiskResult
from workbook.show import Col, TableView, table
from workbook.text import nmsg, render, t


def customers(result: RiskResult) -> TableView | None:
    """How much the largest customers hold."""
    if result.customers is None:
        return None
    data = result.customers.assign(name=[render(nmsg("the largest", "the {n} largest", int(k))) for k in result.customers["top_count"]])
    columns = (
        Col("name", t("Customers")), Col("amount", t("Won amount"), "money"), Col("amount_share", t("Share"), "share"),
        Col("limit", t("Review above"), "share", 0),
    )  # fmt: skip
    return table("customers", data, columns, t("How much the largest customers hold"), currency=result.currency)
