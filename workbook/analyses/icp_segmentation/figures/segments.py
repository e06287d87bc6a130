"""Figures on groups of companies. None where there is nothing to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbook.analyses.icp_segmentation.labels import BASIS_LABELS, CLASS_NAMES
from workbook.analyses.icp_segmentation.migration import CLASSES, MigrationResult
from workbook.analyses.icp_segmentation.segments import SegmentsResult
from workbook.show import PALETTE, Chart, canvas, dot_interval
from workbook.text import render, share, t

if TYPE_CHECKING:
    from matplotlib.colors import Colormap


def segments(result: SegmentsResult) -> Chart | None:
    """Win rate of each group."""
    if result.segments is None:
        return None
    data = result.segments[~result.segments["is_small"]].sort_values("rate", ascending=False, ignore_index=True)
    if data.empty:
        return None
    data = data.assign(judged=data["rate_differs"])
    figure, ax = canvas()
    dot_interval(ax, data, label="name", value="rate", low="low", high="high", n="closed_count", emphasis="judged", quantity=t("Win rate"))
    title = t("The groups' win rates differ reliably") if result.rates_differ else t("The groups' win rates do not differ reliably")
    return Chart(
        key="segments", figure=figure, title=title, data=data[["name", "rate", "low", "high", "closed_count"]],
        alt=t("One point per group of companies with its range."), note=t("Strong colour: differs reliably from all other groups. n: decided deals; their outcome took no part in forming the groups."),
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


def moves(result: MigrationResult) -> Chart | None:
    """Where the customers of each third of the year before are now: one row per third, shares in cells."""
    if result.moves is None or result.again is None:
        return None
    known = result.moves[result.moves["from_class"] != "none"]
    before = [name for name in CLASSES if name in set(known["from_class"])]
    wide = known.pivot(index="from_class", columns="to_class", values="share").reindex(index=before, columns=list(CLASSES)).fillna(0.0)
    figure, ax = canvas(0.9 + 0.55 * len(before))
    values = wide.to_numpy(float)
    ax.imshow(values, cmap=_shades(), vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        ax.annotate(share(float(value), 0).text(), (column, row), ha="center", va="center", color="white" if value > 0.6 else PALETTE["ink"])
    sizes = known.drop_duplicates("from_class").set_index("from_class")["from_count"]
    ax.set_yticks(range(len(before)), [f"{render(CLASS_NAMES[name])}\n{t('n = {n}', n=int(sizes[name]))}" for name in before])
    ax.set_xticks(range(len(CLASSES)), [render(CLASS_NAMES[name]).replace(" ", "\n", 1) for name in CLASSES])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return Chart(
        key="moves", figure=figure, data=known[["from_class", "to_class", "customers_count", "share", "low", "high"]],
        title=t("{rate} of last year's customers bought again", rate=share(result.again.value)),
        alt=t("Grid: rows are the thirds of the year before, columns where these customers are in the last twelve months, with shares."),
        note=t("Rows: year before; columns: last twelve months, by the same limits. The ranges are in the table."),
    )  # fmt: skip


def _shades() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shades", ["#ffffff", PALETTE["main"]])
