"""How completely fields are filled in, as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.analyses.data.figures.axes import share_axis, shorten
from workbook.analyses.data.fill_rates import ONE_SIDED, FillRatesResult
from workbook.analyses.data.labels import STATUS_LABELS, label
from workbook.show import PALETTE, Chart, canvas
from workbook.text import render, t

if TYPE_CHECKING:
    pass
FULL = 0.995  # a field filled in more often than this has no gap that an eye could see
OUTCOME_COLOURS = {
    "won": PALETTE["main"],
    "lost": PALETTE["accent"],
    "no_decision": PALETTE["third"],
    "open": PALETTE["none"],
}


def fill_rates(result: FillRatesResult, rows_max: int = 14) -> Chart | None:
    """Fill rates on won and on lost deals, one line per field with gaps; reliable differences coloured."""
    if result.fields is None:
        return None
    data = result.fields[result.fields["is_recorded"] & ~result.fields["column"].isin(ONE_SIDED)].dropna(subset=["won", "lost"])
    data = data[data[["won", "lost"]].min(axis=1) < FULL].assign(gap=lambda d: (d["won"] - d["lost"]).abs())
    data = data.sort_values(["differs", "gap"], ascending=False, ignore_index=True).head(rows_max)
    if data.empty:
        return None
    figure, axes = canvas(1.1 + 0.36 * len(data))
    y = np.arange(len(data))[::-1]
    colours = [PALETTE["accent"] if differs else PALETTE["none"] for differs in data["differs"]]
    axes.hlines(y, data[["won", "lost"]].min(axis=1), data[["won", "lost"]].max(axis=1), color=colours, lw=3)
    axes.plot(data["won"], y, "o", color=OUTCOME_COLOURS["won"], ms=7, label=render(STATUS_LABELS["won"]))
    axes.plot(
        data["lost"],
        y,
        "o",
        color=OUTCOME_COLOURS["lost"],
        mfc=PALETTE["paper"],
        ms=7,
        mew=1.8,
        label=render(STATUS_LABELS["lost"]),
    )
    axes.set_yticks(y, [shorten(render(label(name))) for name in data["column"]])
    axes.set_ylim(-0.6, len(data) - 0.4)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
    share_axis(axes, t("share of deals with a value"))
    axes.set_xlim(-0.03, 1.03)
    return Chart(
        key="fill_rates", figure=figure, title=_fill_title(result.fields), data=data[["column", "won", "lost", "adjusted_p", "differs"]],
        alt=t("One line per field between its fill rate on won and on lost deals."),
        note=t("Coloured lines: the difference is reliable. Fields without gaps, and those of one outcome only, are left out."),
    )  # fmt: skip


def _fill_title(fields: pd.DataFrame) -> str:
    differing = [render(label(name)) for name in fields.loc[fields["differs"], "column"]]
    if not differing:
        return t("No field is filled in reliably more often for one outcome")
    return t(
        "Filled in more often for one outcome: {fields}",
        fields=", ".join(differing[:4]) + (" …" if len(differing) > 4 else ""),
    )
