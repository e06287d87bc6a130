"""Figures on the value of customers. None where there is nothing to draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.labels import KIND_LABELS
from workbook.analyses.icp_segmentation.tables.value import names
from workbook.analyses.icp_segmentation.value import ValueResult, error_of
from workbook.show import PALETTE, Chart, canvas, dot_interval, number_axis
from workbook.text import money, number, render, share, t


def value(result: ValueResult) -> Chart | None:
    """Lifetime value with its range, by kind of customer and group."""
    if result.values is None:
        return None
    data = result.values.dropna(subset=["value"])
    data = data.assign(name=names(data), is_whole=data["group"].isna())
    figure, ax = canvas()
    dot_interval(ax, data, label="name", value="value", low="low", high="high", n="n", unit="money", currency=result.currency, emphasis="is_whole")
    main = data[(data["kind"] == result.main) & data["is_whole"]].iloc[0]
    said = {"value": money(main["value"], result.currency), "years": result.horizon_years}
    title = t("A new customer is worth {value} of gross margin within {years} years", **said)
    if result.basis == "revenue":
        title = t("A new customer brings {value} of revenue within {years} years; the margin is not known", **said)
    return Chart(
        key="customer_value", figure=figure, title=title, data=data[["name", "value", "low", "high", "n"]],
        alt=t("One point per kind of customer and group with its range."), note=t("n: customers, under contract: contracts. Groups are drawn muted."),
    )  # fmt: skip


def held_out(result: ValueResult) -> Chart | None:
    """What was expected of the held-out stretch beside what came, for the kind of customer of the headline."""
    if result.held_out is None:
        return None
    kind = result.main if (result.held_out["kind"] == result.main).any() else result.held_out["kind"].iloc[0]
    data = result.held_out[result.held_out["kind"] == kind].reset_index(drop=True)
    unit = "share" if kind == "contract" else "number"
    figure, ax = canvas(3.2)
    at = np.arange(len(data))
    ax.bar(at - 0.19, data["actual"], width=0.36, color=PALETTE["main"], label=t("came"))
    ax.bar(at + 0.19, data["expected"], width=0.36, color=PALETTE["accent"], alpha=0.7, label=t("expected"))
    ax.set_xticks(at, [t("{group}\nn = {n}", group=_group(data, i), n=int(data["n"][i])) for i in range(len(data))])
    number_axis(ax.yaxis, unit)
    ax.set_ylim(0, float(data[["actual", "expected"]].to_numpy().max()) * 1.25)
    ax.legend(loc="upper left", ncols=2, frameon=False)
    ax.set_xlabel(t("year of the contract") if kind == "contract" else t("repeat purchases before"))
    expected, came = error_of(data)
    if kind == "contract":
        total = float(data["n"].sum())
        title = t("Tried on data the model had not seen: {expected} renewals expected, {came} came", expected=share(expected / total), came=share(came / total))
    else:
        title = t("Tried on data the model had not seen: {expected} purchases expected, {came} came", expected=number(expected, 0), came=number(came, 0))
    return Chart(
        key="customer_value_held_out", figure=figure, title=title, data=data[["group", "n", "expected", "actual"]],
        alt=t("Pairs of bars: what came and what the model expected."), note=t("{kind}. The model was fitted on the earlier data only.", kind=render(KIND_LABELS[str(kind)])),
    )  # fmt: skip


def _group(data: pd.DataFrame, i: int) -> str:
    groups = list(data["group"].astype(int))
    nxt = groups[i + 1] if i + 1 < len(groups) else None
    if nxt is not None and nxt - groups[i] > 1:
        return f"{groups[i]}–{nxt - 1}"
    return str(groups[i]) + ("+" if nxt is None and groups[i] >= 5 else "")
