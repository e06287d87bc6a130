"""The win rate by group, as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbook.analyses.data.figures.axes import share_axis, shorten
from workbook.analyses.data.labels import label
from workbook.analyses.data.win_rate_by_group import WinRateByGroupResult
from workbook.frames.names import value_name
from workbook.show import PALETTE, Chart, canvas
from workbook.text import render, t

if TYPE_CHECKING:
    pass


def groups(result: WinRateByGroupResult, rows_max: int = 16) -> Chart | None:
    """Win rates of the attribute with the clearest difference, with intervals and cases; the shrunken rate as a tick."""
    if result.groups is None or result.tests is None:
        return None
    first = result.tests.iloc[0]
    data = result.groups[
        (result.groups["attribute"] == first["attribute"]) & result.groups["value"].notna() & ~result.groups["is_small"]
    ]
    data = data.sort_values("closed_count", ascending=False).head(rows_max).sort_values("rate", ascending=False, ignore_index=True)
    if data.empty:
        return None
    figure, axes = canvas(1.0 + 0.36 * len(data))
    y = np.arange(len(data))[::-1]
    spread = np.vstack([data["rate"] - data["low"], data["high"] - data["rate"]])
    axes.errorbar(data["rate"], y, xerr=spread, fmt="o", color=PALETTE["main"], ms=6, elinewidth=1.4)
    axes.plot(data["shrunken_rate"], y, "|", color=PALETTE["accent"], ms=12, mew=2)
    right = float(data["high"].max()) + 0.015
    for row, n in zip(y, data["closed_count"], strict=True):
        axes.text(right, row, t("{n} deals", n=int(n)), va="center", fontsize=8.5, color=PALETTE["muted"])
    axes.set_yticks(y, [shorten(render(value_name(str(first["attribute"]), str(value)))) for value in data["value"]])
    axes.set_ylim(-0.6, len(data) - 0.4)
    share_axis(axes, t("win rate"))
    axes.set_xlim(max(float(data["low"].min()) - 0.03, -0.02), right + 0.14)
    name = render(label(str(first["attribute"])))
    title = t("The win rate differs reliably by {attribute}", attribute=name)
    if not first["differs"]:
        title = t("No reliable difference in win rate by {attribute}, nor by any other attribute", attribute=name)
    return Chart(
        key="win_rate_groups", figure=figure, title=title, data=data,
        alt=t("One point per group with its interval; a tick marks the rate pulled towards the mean."),
        note=t("Bars are intervals that allow for deals of one owner or customer being alike. Tick: the rate pulled towards the mean."),
    )  # fmt: skip
