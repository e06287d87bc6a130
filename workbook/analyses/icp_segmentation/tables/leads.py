"""Tables on leads. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.icp_segmentation.labels import label
from workbook.analyses.icp_segmentation.lead_conversion_by_attribute import LeadConversionByAttributeResult
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
    return table("lead_groups", data, columns, t("Leads that became customers, by attribute"), is_grouped=True)
