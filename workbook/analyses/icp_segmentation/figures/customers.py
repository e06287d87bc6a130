"""Figures on customers. None where there is nothing to show."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.best_customers import BestCustomersResult
from workbook.analyses.icp_segmentation.customer_marks import CustomerMarksResult
from workbook.analyses.icp_segmentation.labels import BASIS_LABELS, RFM_GROUPS, label
from workbook.analyses.icp_segmentation.rfm import RfmResult
from workbook.show import PALETTE, Chart, bars, canvas, dot_interval, number_axis
from workbook.text import nmsg, render, share, t


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
    ax.plot([part[at], part[at]], [0.0, held], color=PALETTE["accent"], lw=1, ls=(0, (1, 2)))
    ax.annotate(t("{part} of customers: {held}", part=share(float(part[at]), 0), held=share(held, 0)), (part[at], 0.0), (6, 5),
                textcoords="offset points", va="bottom", color=PALETTE["accent"], fontweight="bold")  # fmt: skip
    ax.annotate(t("if all were alike"), (0.66, 0.56), color=PALETTE["muted"], fontsize=9)
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
                 reference_label=reference, emphasis="differs", quantity=t("Win rate"))  # fmt: skip
    title = render(nmsg("One mark of a company goes with a reliably different win rate", "{n} marks of a company go with a reliably different win rate", len(found)))
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
