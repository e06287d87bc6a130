"""Figures on groups of companies. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.icp_segmentation.labels import BASIS_LABELS
from workbook.analyses.icp_segmentation.segments import SegmentsResult
from workbook.show import Chart, canvas, dot_interval
from workbook.text import t


def segments(result: SegmentsResult) -> Chart | None:
    """Win rate of each group."""
    if result.segments is None:
        return None
    data = result.segments[~result.segments["is_small"]].sort_values("rate", ascending=False, ignore_index=True)
    if data.empty:
        return None
    data = data.assign(judged=result.rates_differ)
    figure, ax = canvas()
    dot_interval(ax, data, label="name", value="rate", low="low", high="high", n="closed_count", emphasis="judged")
    title = t("The groups' win rates differ reliably") if result.rates_differ else t("The groups' win rates do not differ reliably")
    return Chart(
        key="segments", figure=figure, title=title, data=data[["name", "rate", "low", "high", "closed_count"]],
        alt=t("One point per group of companies with its range."), note=t("n: decided deals. The outcome of deals took no part in forming the groups."),
    )  # fmt: skip


def segment_values(result: SegmentsResult) -> Chart | None:
    """Value per customer of each group."""
    if result.segments is None or result.basis is None or result.segments["value"].isna().all():
        return None
    data = result.segments.sort_values("value", ascending=False, ignore_index=True)
    figure, ax = canvas()
    dot_interval(ax, data, label="name", value="value", low="value_low", high="value_high", n="customers_count", unit="money", currency=result.currency)
    return Chart(
        key="segment_values", figure=figure, title=t("Value per customer by group ({basis})", basis=BASIS_LABELS[result.basis]),
        data=data[["name", "value", "value_low", "value_high", "customers_count"]],
        alt=t("One point per group with the mean value of its customers and its range."), note=t("Mean over the time the data cover. n: customers."),
    )  # fmt: skip
