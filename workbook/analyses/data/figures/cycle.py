"""Time to the end of a deal, as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.analyses.data.cycle import CycleResult
from workbook.analyses.data.labels import STATUS_LABELS
from workbook.show import PALETTE, Chart, canvas
from workbook.text import days, render, share, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OUTCOME_COLOURS = {
    "won": PALETTE["main"],
    "lost": PALETTE["accent"],
    "no_decision": PALETTE["third"],
    "open": PALETTE["none"],
}


def cycle(result: CycleResult) -> Chart | None:
    """Share of deals won, lost, without decision by age (Aalen–Johansen), with intervals."""
    if result.curves is None or result.curves.empty:
        return None
    figure, axes = canvas(3.6)
    ends = []
    longest = _settled(result.curves)
    for kind, rows in result.curves.groupby("kind", sort=False):
        if rows["event_count"].sum() == 0:
            continue
        colour = OUTCOME_COLOURS[str(kind)]
        time = np.concatenate([[0.0], rows["duration"].to_numpy(float)])
        path, low, high = (
            np.concatenate([[0.0], rows[c].to_numpy(float)]) for c in ("incidence_share", "incidence_low", "incidence_high")
        )
        shown = time <= longest
        time, path, low, high = time[shown], path[shown], low[shown], high[shown]
        axes.step(time, path, where="post", color=colour)
        axes.fill_between(time, low, high, step="post", color=colour, alpha=0.18, lw=0)
        ends.append((path[-1], f"{render(STATUS_LABELS[str(kind)])} {share(path[-1], 0).text()}", colour))
    for y, (_, text, colour) in zip(_apart([end[0] for end in ends]), ends, strict=True):
        axes.text(longest * 1.015, y, text, color=colour, va="center", fontsize=9.5)
    _cycle_axis(axes, longest, result.median_days)
    return Chart(
        key="cycle_curves", figure=figure, title=_cycle_title(result), data=result.curves,
        alt=t("Curves of the share of deals won, lost and without decision by age in days."),
        note=t("Deals still open count until their age today. The outcomes compete: what is won can no longer be lost."),
    )  # fmt: skip


def _settled(curves: pd.DataFrame) -> float:
    """The age after which hardly anything happens: by then 99.5 % of all ends seen have come; drawing more is idle."""
    total = curves.groupby("duration")["incidence_share"].sum()
    reached = total[total >= 0.995 * total.max()]
    return max(float(reached.index[0]), 1.0)


def _cycle_title(result: CycleResult) -> str:
    if result.median_days is None:
        return t("Less than half of the deals have ended so far")
    return t("Half of the deals have ended after {median}", median=days(result.median_days))


def _cycle_axis(axes: Axes, longest: float, median: float | None) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.set_xlim(0, longest * 1.2)
    axes.set_ylim(0, None)
    axes.set_xlabel(t("days since creation"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: share(value, 0).text()))
    if median is not None:
        axes.axvline(median, color=PALETTE["muted"], lw=1, ls=(0, (3, 3)))
        axes.text(
            median,
            axes.get_ylim()[1],
            f" {t('half have ended')}",
            fontsize=8.5,
            color=PALETTE["muted"],
            va="top",
        )


def _apart(heights: list[float], gap: float = 0.045) -> list[float]:
    """Move label heights apart so that they can be read, keeping their order."""
    placed: dict[int, float] = {}
    last = -1.0
    for i in sorted(range(len(heights)), key=lambda j: heights[j]):
        last = max(heights[i], last + gap)
        placed[i] = last
    return [placed[i] for i in range(len(heights))]
