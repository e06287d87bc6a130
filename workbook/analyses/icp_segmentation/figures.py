"""Figures of the chapter on the ideal customer profile. None where there is nothing to draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.best_customers import BestCustomersResult
from workbook.analyses.icp_segmentation.customer_marks import CustomerMarksResult
from workbook.analyses.icp_segmentation.labels import BASIS_LABELS, RFM_GROUPS, label
from workbook.analyses.icp_segmentation.lead_conversion import LeadConversionResult
from workbook.analyses.icp_segmentation.lead_conversion_by_attribute import LeadConversionByAttributeResult
from workbook.analyses.icp_segmentation.rfm import RfmResult
from workbook.analyses.icp_segmentation.segments import SegmentsResult
from workbook.show import PALETTE, Chart, bars, canvas, dot_interval, number_axis
from workbook.text import days, render, share, t


def lead_curve(result: LeadConversionResult) -> Chart | None:
    """Share of leads that have become customers by age, with its range; H is marked."""
    if result.curve is None or result.horizon_days is None:
        return None
    data = result.curve[result.curve["duration"] <= 2 * result.horizon_days]
    if data.empty:
        return None
    figure, ax = canvas(3.2)
    time, path, low, high = (np.concatenate([[0.0], data[c].to_numpy(float)]) for c in ("duration", "customer_share", "low", "high"))
    ax.fill_between(time, low, high, step="post", color=PALETTE["main"], alpha=0.15, lw=0)
    ax.step(time, path, where="post", color=PALETTE["main"])
    ax.annotate(share(float(path[-1])).text(), (time[-1], path[-1]), (6, 0), textcoords="offset points", va="center",
                color=PALETTE["main"], fontweight="bold", annotation_clip=False)  # fmt: skip
    ax.axvline(result.horizon_days, color=PALETTE["muted"], lw=1, ls=(0, (3, 3)))
    ax.annotate(t("H = {days}", days=days(result.horizon_days, 0)), (result.horizon_days, 0), (5, 6), textcoords="offset points", color=PALETTE["muted"], fontsize=9)
    ax.set_ylim(0, float(high.max()) * 1.1)
    ax.set_xlim(0, float(time[-1]) or 1.0)
    number_axis(ax.yaxis, "share")
    number_axis(ax.xaxis, "days")
    ax.grid(False, axis="x")
    title = t("{share} of leads have become customers {days} after the first contact", share=share(float(np.interp(result.horizon_days, time, path))),
              days=days(result.horizon_days, 0))  # fmt: skip
    return Chart(
        key="lead_curve", figure=figure, title=title, data=data, alt=t("Rising curve of the share of leads that became customers, by age in days."),
        note=t("Band: range. Leads that are no customers yet count until their age today. Dashed: the window within which conversion is counted."),
    )  # fmt: skip


def lead_groups(result: LeadConversionByAttributeResult) -> Chart | None:
    """Conversion by value of the attribute with the clearest difference."""
    if result.groups is None or result.attributes is None or result.attributes.empty:
        return None
    first = result.attributes.iloc[0]
    data = result.groups[(result.groups["attribute"] == first["attribute"]) & result.groups["value"].notna()]
    data = data.sort_values("rate", ascending=False, ignore_index=True)
    if data.empty:
        return None
    data = data.assign(name=[render(value) for value in data["value"]])
    figure, ax = canvas()
    dot_interval(ax, data, label="name", value="rate", low="low", high="high", n="leads_count", emphasis="is_reliable")
    name = render(label(str(first["attribute"])))
    if first["differs"]:
        title = t("The share of leads that become customers differs reliably by {attribute}", attribute=name)
    else:
        title = t("No reliable difference in conversion by {attribute}, nor by any other attribute", attribute=name)
    return Chart(
        key="lead_groups", figure=figure, title=title, data=data[["name", "rate", "low", "high", "leads_count", "is_reliable"]],
        alt=t("One point per value with its range."),
        note=t("Strong colour: differs reliably from all other leads. n: leads old enough to be judged."),
    )  # fmt: skip


def concentration(result: BestCustomersResult) -> Chart | None:
    """Share of the value held by the most valuable customers, from one to all."""
    if result.customers is None or result.basis is None:
        return None
    data = result.customers.dropna(subset=["cumulated_share"])
    part = (np.arange(len(data)) + 1) / len(data)
    at = int(np.searchsorted(part, 0.2 - 1e-9))
    held = float(data["cumulated_share"].iloc[at])
    figure, ax = canvas(3.2)
    ax.plot(np.concatenate([[0.0], part]), np.concatenate([[0.0], data["cumulated_share"].to_numpy(float)]), color=PALETTE["main"])
    ax.plot([0, 1], [0, 1], color=PALETTE["muted"], lw=1, ls=(0, (3, 3)))
    ax.plot([part[at]], [held], "o", color=PALETTE["accent"], ms=7)
    ax.annotate(t("{part} of customers: {held}", part=share(float(part[at]), 0), held=share(held, 0)), (0.98, 0.08), ha="right",
                color=PALETTE["accent"], fontweight="bold")  # fmt: skip
    ax.annotate(t("if all were alike"), (0.64, 0.53), color=PALETTE["muted"], fontsize=9)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.03)
    number_axis(ax.xaxis, "share")
    number_axis(ax.yaxis, "share")
    ax.set_xlabel(t("customers, the most valuable first"))
    basis = BASIS_LABELS[result.basis]
    return Chart(
        key="concentration", figure=figure, title=t("{part} of the customers bring {held} of the {basis}", part=share(float(part[at]), 0), held=share(held, 0), basis=basis),
        data=pd.DataFrame({"customers_share": part, "value_share": data["cumulated_share"].to_numpy(float)}).iloc[:: max(len(data) // 20, 1)],
        alt=t("Curve of the share of value held by the most valuable customers, above the diagonal of equal customers."),
        note=t("n = {n} customers", n=len(data)),
    )  # fmt: skip


def marks(result: CustomerMarksResult) -> Chart | None:
    """Win rates of the values that mark a reliable difference, highest first; where there are none, of the largest values."""
    if result.marks is None or result.common_rate is None:
        return None
    judged = result.marks[~result.marks["is_small"]]
    found = judged[judged["differs"]]
    data = (found.head(12) if len(found) else judged.nlargest(12, "closed_count")).sort_values("rate", ascending=False, ignore_index=True)
    if data.empty:
        return None
    data = data.assign(name=[f"{render(label(a))}: {v}" for a, v in zip(data["attribute"], data["value"], strict=True)])
    figure, ax = canvas()
    reference = t("line: all deals {rate}; n: decided deals", rate=share(result.common_rate))
    dot_interval(ax, data, label="name", value="rate", low="low", high="high", n="closed_count", reference=result.common_rate,
                 reference_label=reference, emphasis="differs")  # fmt: skip
    title = t("{n} marks of a company go with a reliably different win rate", n=len(found))
    if found.empty:
        title = t("No mark of a company goes with a reliably different win rate")
    return Chart(
        key="customer_marks", figure=figure, title=title, data=data[["name", "rate", "low", "high", "closed_count", "adjusted_p", "differs"]],
        alt=t("One point per mark with its range; a line at the common win rate."),
        note=t("Ranges allow for deals of one company or one owner being alike. Drawn are the twelve clearest."),
    )  # fmt: skip


def rfm_groups(result: RfmResult) -> Chart | None:
    """Share of the money by group."""
    if result.groups is None:
        return None
    data = result.groups.assign(name=[render(RFM_GROUPS[group]) for group in result.groups["group"]], is_risk=result.groups["group"] == "at_risk")
    figure, ax = canvas()
    bars(ax, data, label="name", value="amount_share", n="customers_count", unit="share", emphasis="is_risk")
    best = data.iloc[int(data["amount_share"].to_numpy().argmax())]
    title = t("“{group}” bring {share} of the money", group=best["name"], share=share(float(best["amount_share"]), 0))
    return Chart(
        key="rfm_groups", figure=figure, title=title, data=data[["name", "customers_count", "amount_share"]],
        alt=t("One bar per group with its share of the money."), note=t("n: customers. Marked: good customers who have not bought for long."),
    )  # fmt: skip


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
