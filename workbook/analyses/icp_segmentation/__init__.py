"""Ideal customer profile and segmentation: which leads and companies to win, who the best customers are, who is alike."""

from workbook.analyses.icp_segmentation import (
    best_customers,
    customer_marks,
    figures,
    lead_conversion,
    lead_conversion_by_attribute,
    rfm,
    segments,
    tables,
)

__all__ = [
    "best_customers",
    "customer_marks",
    "figures",
    "lead_conversion",
    "lead_conversion_by_attribute",
    "rfm",
    "segments",
    "tables",
]
