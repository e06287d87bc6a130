"""Figures on price, value and discount. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.competitors.discount import DiscountResult
from workbook.analyses.competitors.value_map import ValueMapResult
from workbook.show import PALETTE, Chart, canvas, name_points, number_axis
from workbook.text import t


def value_map(result: ValueMapResult) -> Chart | None:
    """Brands by rated value and price, with the line of fair value and its band."""
    if result.brands is None:
        return None
    data = result.brands.assign(color=[PALETTE["accent"] if own else PALETTE["main"] for own in result.brands["is_own"]])
    figure, ax = canvas(height=4.4)
    if result.line is not None:
        ax.fill_between(result.line["value"], result.line["low"], result.line["high"], color=PALETTE["muted"], alpha=0.13, linewidth=0)
        ax.plot(result.line["value"], result.line["price"], color=PALETTE["muted"], linewidth=1.3, linestyle=(0, (5, 3)))
    for row in data.to_dict("records"):
        ax.plot([row["value_low"], row["value_high"]], [row["price"]] * 2, color=row["color"], linewidth=2.6, alpha=0.4, zorder=2)
    ax.scatter(data["value"], data["price"], c=list(data["color"]), s=52, zorder=3)
    ax.margins(x=0.16, y=0.16)
    ax.set_xlabel(t("Value as buyers rate it (mean score without price)"))
    ax.set_ylabel(t("Price index (own = 100)"))
    number_axis(ax.xaxis, "number")
    number_axis(ax.yaxis, "index")
    name_points(ax, data, x="value", y="price", label="brand", color="color", bold="is_reliable", avoid=_bars(data, result.line))
    alt = t("Brands by rated value and price index, with the line of the price that goes with a rating; above it a brand is dear for what buyers rate.")
    note = t("Bold: reliably off the line. Bars and band: uncertainty from who was asked.") if result.line is not None else ""
    shown = data[["brand", "value", "value_low", "value_high", "price", "is_reliable"]]
    return Chart(key="value_map", figure=figure, title=_value_title(result), alt=alt, data=shown, note=note)


def _bars(data: pd.DataFrame, line: pd.DataFrame | None) -> pd.DataFrame:
    """Return what names keep clear of: the bars, and the line in short pieces."""
    bars = pd.DataFrame({"x0": data["value_low"], "x1": data["value_high"], "y0": data["price"], "y1": data["price"]})
    if line is None:
        return bars
    ends = pd.DataFrame({"x0": line["value"], "x1": line["value"].shift(-1), "y0": line["price"], "y1": line["price"].shift(-1)}).dropna()
    return pd.concat([bars, ends.assign(y0=ends[["y0", "y1"]].min(axis=1), y1=ends[["y0", "y1"]].max(axis=1))], ignore_index=True)


def _value_title(result: ValueMapResult) -> str:
    assert result.brands is not None
    if result.line is None:
        return t("Price and rated value side by side; no line can be drawn.")
    told = result.brands[result.brands["is_reliable"]]
    dear, cheap = tuple(told.loc[told["gap"] > 0, "brand"]), tuple(told.loc[told["gap"] < 0, "brand"])
    if dear and cheap:
        return t("Dearer than buyers' ratings bear: {dear}; cheaper: {cheap}.", dear=dear, cheap=cheap)
    if dear:
        return t("Dearer than buyers' ratings bear: {dear}.", dear=dear)
    return t("Cheaper than buyers' ratings bear: {cheap}.", cheap=cheap) if cheap else t("No brand is reliably dearer or cheaper than buyers' ratings bear.")


def discount(result: DiscountResult) -> Chart | None:
    """Win rate by discount in deals of equal kind, with its band."""
    if result.curve is None:
        return None
    data = result.curve.assign(is_reliable=result.is_reliable)
    figure, ax = canvas(height=3.4)
    color = PALETTE["main"] if result.is_reliable else PALETTE["muted"]
    ax.fill_between(data["discount"], data["low"], data["high"], color=color, alpha=0.16, linewidth=0)
    ax.plot(data["discount"], data["win_rate"], color=color, marker="o", markersize=5)
    ax.set_ylim(max(0.0, float(data["low"].min()) - 0.08), min(1.0, float(data["high"].max()) + 0.08))
    ax.set_xlabel(t("Discount on the list price"))
    ax.set_ylabel(t("Win rate"))
    number_axis(ax.xaxis, "share")
    number_axis(ax.yaxis, "share")
    alt = t("Win rate in deals of equal kind by discount given, with interval.")
    title = t("More discount does not reliably go with more wins.")
    if result.is_reliable and result.change is not None:
        title = t("More discount goes with more wins.") if result.change > 0 else t("More discount goes with fewer wins: it is given where deals are in danger.")
    return Chart(key="discount", figure=figure, title=title, alt=alt, data=data)
