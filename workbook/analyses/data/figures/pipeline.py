"""The open deals, as a chart."""

from __future__ import annotations

import numpy as np

from workbook.analyses.data.figures.axes import shorten
from workbook.analyses.data.pipeline import PipelineResult
from workbook.show import PALETTE, Chart, canvas
from workbook.text import count, t


def pipeline(result: PipelineResult) -> Chart | None:
    """Open deals by stage: alive, overdue, stale."""
    data = result.by_stage
    if data is None or data.empty:
        return None
    from matplotlib.ticker import FuncFormatter

    data = data.head(12)
    alive = data["deals_count"] - data["stale_count"] - data["overdue_only_count"]
    parts = (
        (alive, PALETTE["main"], t("on time or undated"), PALETTE["paper"]),
        (data["overdue_only_count"], PALETTE["soft"], t("overdue"), PALETTE["ink"]),
        (data["stale_count"], PALETTE["none"], t("stale"), PALETTE["ink"]),
    )
    figure, axes = canvas(1.2 + 0.45 * len(data))
    y, left, widest = np.arange(len(data))[::-1], np.zeros(len(data)), float(data["deals_count"].max())
    for values, colour, name, ink in parts:
        if values.sum() == 0:
            continue
        axes.barh(y, values, left=left, color=colour, height=0.62, edgecolor=PALETTE["paper"], label=name)
        for row, value in enumerate(values):
            if value > 0.05 * widest:
                axes.text(
                    left[row] + value / 2,
                    y[row],
                    count(int(value)).text(),
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color=ink,
                )
        left += values.to_numpy(float)
    axes.set_yticks(y, [t("not stated") if stage is None else shorten(stage) for stage in data["stage"]])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, handlelength=1, borderaxespad=0.2)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(t("open deals"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value).text()))
    return Chart(
        key="pipeline_stages", figure=figure, title=_pipeline_title(result), data=data,
        alt=t("One bar per stage with open deals, divided into overdue, stale and the rest."),
    )  # fmt: skip


def _pipeline_title(result: PipelineResult) -> str:
    n = result.open_count
    if result.stale_count:
        return t("{stale} of {n} open deals are older than any deal needed to close", stale=result.stale_count, n=n)
    if result.overdue_count:
        return t("{overdue} of {n} open deals should have closed already", overdue=result.overdue_count, n=n)
    return t("{n} open deals by stage", n=n)
