"""Named points in a plane, with names that keep clear of one another, and ellipses about them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.show.labels import short_name
from workbook.show.theme import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Box = tuple[float, float, float, float]
_DISTANCES = (9.0, 17.0, 27.0, 40.0, 56.0)
_ANGLES = (0, 180, 90, 270, 45, 135, 315, 225, 22, 158, 202, 338)


def name_points(
    ax: Axes, data: pd.DataFrame, *, x: str, y: str, label: str, color: str, bold: str | None = None,
    italic: str | None = None, avoid: pd.DataFrame | None = None,
) -> None:
    """Write each point's name beside it, where it covers no other name and no point; a thin line leads to one further away.

    data: one row per point. color: column of colours; bold, italic: columns of flags. avoid: boxes in the units of the data that
    names keep clear of: x0, x1, y0, y1. Set the limits of the axes before.
    """
    figure = ax.figure
    figure.draw_without_rendering()  # type: ignore[union-attr]
    places = ax.transData.transform(data[[x, y]].to_numpy(dtype=float))
    marks = [(float(px), float(py)) for px, py in places]
    taken: list[Box] = [(px - 6, py - 6, px + 6, py + 6) for px, py in marks]
    taken += [] if avoid is None else [_box(ax, row) for row in avoid[["x0", "y0", "x1", "y1"]].to_numpy(float)]
    frame = ax.get_window_extent()
    order = sorted(range(len(marks)), key=lambda i: (-marks[i][1], marks[i][0]))
    for place in order:
        row = data.iloc[place]
        text = ax.annotate(
            short_name(row[label], 18, 2), marks[place], xycoords="figure pixels", color=row[color], fontsize=9.5, ha="center", va="center",
            fontweight="bold" if bold and row[bold] else "normal", fontstyle="italic" if italic and row[italic] else "normal", zorder=5,
        )  # fmt: skip
        size = text.get_window_extent()
        centre, box, distance = _best(marks[place], (size.width, size.height), taken, (frame.x0, frame.y0, frame.x1, frame.y1))
        text.remove()
        offset = ((centre[0] - marks[place][0]) * 72 / figure.dpi, (centre[1] - marks[place][1]) * 72 / figure.dpi)
        ax.annotate(
            text.get_text(), (row[x], row[y]), offset, textcoords="offset points", color=row[color], fontsize=9.5, ha="center", va="center",
            fontweight="bold" if bold and row[bold] else "normal", fontstyle="italic" if italic and row[italic] else "normal", zorder=5,
            arrowprops={"arrowstyle": "-", "color": PALETTE["none"], "linewidth": 0.8, "shrinkA": 0, "shrinkB": 3} if distance > _DISTANCES[1] else None,
        )  # fmt: skip
        taken.append(box)


def _box(ax: Axes, row: np.ndarray) -> Box:
    (x0, y0), (x1, y1) = ax.transData.transform(row.reshape(2, 2))
    return float(x0) - 1, float(y0) - 3, float(x1) + 1, float(y1) + 3


def equal_scale(ax: Axes) -> None:
    """Widen the shorter axis about its middle, so that a step is as long across as up and distances can be read."""
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    frame = ax.get_window_extent()
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    step = max((right - left) / frame.width, (top - bottom) / frame.height)
    for setter, low, high, size in ((ax.set_xlim, left, right, frame.width), (ax.set_ylim, bottom, top, frame.height)):
        setter((low + high - step * size) / 2, (low + high + step * size) / 2)


def _best(mark: tuple[float, float], size: tuple[float, float], taken: list[Box], frame: Box) -> tuple[tuple[float, float], Box, float]:
    """Try places around the mark, nearest first; the first free one, else the one that covers least."""
    best: tuple[float, tuple[float, float], Box, float] | None = None
    for distance in _DISTANCES:
        for angle in _ANGLES:
            across, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            centre = (mark[0] + across * (distance + size[0] / 2), mark[1] + up * (distance + size[1] / 2))
            box = (centre[0] - size[0] / 2 - 2, centre[1] - size[1] / 2 - 1, centre[0] + size[0] / 2 + 2, centre[1] + size[1] / 2 + 1)
            outside = sum(max(0.0, gap) for gap in (frame[0] - box[0], frame[1] - box[1], box[2] - frame[2], box[3] - frame[3]))
            cost = sum(_overlap(box, other) for other in taken) + 40 * outside
            if best is None or cost < best[0] - 1e-9:
                best = (cost, centre, box, distance)
        if best is not None and best[0] == 0:
            break
    assert best is not None
    return best[1], best[2], best[3]


def _overlap(first: Box, second: Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return width * height if width > 0 and height > 0 else 0.0


def draw_ellipse(ax: Axes, centre: tuple[float, float], scatter: np.ndarray, radius: float, color: str) -> None:
    """Draw the ellipse with half-axes `radius` × the square roots of the scatter's eigenvalues. scatter: 2 × 2."""
    from matplotlib.patches import Ellipse

    values, vectors = np.linalg.eigh(scatter)
    half = radius * np.sqrt(np.maximum(values, 0.0))
    angle = math.degrees(math.atan2(float(vectors[1, 1]), float(vectors[0, 1])))
    ax.add_patch(Ellipse(centre, 2 * half[1], 2 * half[0], angle=angle, facecolor=color, edgecolor=color, alpha=0.16, linewidth=1, zorder=2))
