"""Figures on leads. None where there is nothing to show."""

from __future__ import annotations

import numpy as np

from workbook.analyses.icp_segmentation.labels import label
from workbook.analyses.icp_segmentation.lead_conversion import LeadConversionResult
from workbook.analyses.icp_segmentation.lead_conversion_by_attribute import LeadConversionByAttributeResult
from workbook.show import PALETTE, Chart, canvas, dot_interval, number_axis
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
    dot_interval(ax, data, label="name", value="rate", low="low", high="high", n="leads_count", emphasis="is_reliable", quantity=t("Share that became customers"))
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
