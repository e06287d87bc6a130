"""Rows that every topic draws alike: dots with intervals, and bars. (`curves` holds lines and survival steps.)

Each takes an axes of `canvas()` and a small frame, writes names, values and n directly beside the marks, and sets the
figure's height to what its rows need. Returns the number of rows drawn; the drawing says where that is not all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.show.labels import as_number, not_all_drawn, number_axis, short_name, write_footer
from workbook.show.theme import PALETTE
from workbook.text import Quantity, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_ROWS = 15
_WIDE_UNITS = ("money", "money_per_day", "days")
_FRAME_INCHES = 0.62
_LINE_INCHES = 0.2


def dot_interval(
    ax: Axes,
    data: pd.DataFrame,
    *,
    label: str,
    value: str,
    low: str,
    high: str,
    n: str | None = None,
    unit: str = "share",
    currency: str | None = None,
    reference: float | None = None,
    reference_label: str = "",
    emphasis: str | None = None,
    quantity: str = "",
    written: str | None = None,
) -> int:
    """Draw one row per case: name, dot with whisker, value and n in columns at the right; first row on top.

    data: one row per case; label, value, low, high, n name its columns. reference: a vertical line to compare with (the
    whole, or zero for effects). emphasis: column of flags; rows where it is false are drawn muted (no reliable difference).
    quantity: what the axis measures, written below it. written: column of texts for the column at the right, where the value itself
    is not what differs.
    """
    shown = data.head(MAX_ROWS).reset_index(drop=True)
    footers = (len(data) > MAX_ROWS or bool(reference_label)) + bool(quantity)
    places = _rows_axis(ax, shown[label], footers)
    muted = pd.Series(False, index=shown.index) if emphasis is None else ~shown[emphasis].fillna(False).astype(bool)
    colors = [PALETTE["muted"] if flag else PALETTE["main"] for flag in muted]
    ends = shown[[value, low, high]].map(as_number).to_numpy(dtype=float)
    for color in dict.fromkeys(colors):
        own = np.array(colors) == color
        _draw_intervals(ax, ends[own], np.array(places)[own], color)
    texts = _texts(shown[value], unit, currency) if written is None else [str(text) for text in shown[written]]
    _value_columns(ax, places, texts, None if n is None else list(shown[n]), colors)
    _value_limits(ax, shown[[value, low, high]].to_numpy(dtype=float), unit, reference)
    number_axis(ax.xaxis, unit, ticks=2 if unit in _WIDE_UNITS else 4)  # the column at the right names the currency
    if reference is not None:
        ax.axvline(reference, color=PALETTE["muted"], linewidth=1.1, linestyle=(0, (4, 3)), zorder=1)
    ax.set_xlabel(quantity)
    write_footer(ax, reference_label, not_all_drawn(len(data), len(shown)))
    return len(shown)


def bars(
    ax: Axes,
    data: pd.DataFrame,
    *,
    label: str,
    value: str,
    n: str | None = None,
    unit: str = "count",
    currency: str | None = None,
    emphasis: str | None = None,
) -> int:
    """Draw one horizontal bar per row with its value at the end (and n behind it); first row on top.

    emphasis: column of flags; rows where it is true take the accent colour.
    """
    shown = data.head(MAX_ROWS).reset_index(drop=True)
    places = _rows_axis(ax, shown[label], int(len(data) > MAX_ROWS))
    values = shown[value].astype(float)
    strong = pd.Series(False, index=shown.index) if emphasis is None else shown[emphasis].fillna(False).astype(bool)
    colors = [PALETTE["accent"] if flag else PALETTE["main"] for flag in strong]
    ax.barh(places, values.fillna(0.0), 0.2, color=colors, zorder=2)
    texts, counts = _texts(values, unit, currency), None if n is None else list(shown[n])
    if (values < 0).any():
        ax.axvline(0, color=PALETTE["muted"], linewidth=1)
        _value_columns(ax, places, texts, counts, [PALETTE["ink"]] * len(shown))
    else:
        _bar_ends(ax, (places, list(values), texts), counts)
        ax.set_xlim(left=0, right=None if values.max() > 0 else 1)
    ax.xaxis.set_visible(False)
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    write_footer(ax, not_all_drawn(len(data), len(shown)))
    return len(shown)


def _draw_intervals(ax: Axes, rows: np.ndarray, places: np.ndarray, color: str) -> None:
    """Draw the whiskers of one colour as one line with gaps, and the dots as one. rows: value, low, high; NaN where not known."""
    gap = np.full(len(rows), math.nan)
    across, along = np.column_stack([rows[:, 1:], gap]).ravel(), np.column_stack([places, places, gap]).ravel()
    ax.plot(across, along, color=color, linewidth=2.8, alpha=0.45, solid_capstyle="butt", zorder=2)
    ax.plot(rows[:, 0], places, "o", color=color, markersize=7.5, zorder=3)


def _rows_axis(ax: Axes, labels: pd.Series, footers: int) -> list[float]:
    """Put the names at the left, first on top; return each row's place. The figure gets the height they need.

    footers: lines of small print below the axis.
    """
    names = [short_name(name, lines=4) for name in labels]
    heights = np.array([_LINE_INCHES * (1 + name.count("\n")) + 0.15 for name in names] or [0.4])
    places = np.cumsum(heights) - heights / 2
    ax.figure.set_figheight(_FRAME_INCHES + 0.3 * footers + float(heights.sum()))  # type: ignore[union-attr]
    ax.set_yticks(places[: len(names)], names)
    ax.set_ylim(float(heights.sum()) + 0.06, -0.06)
    ax.grid(False, axis="y")
    ax.spines["left"].set_visible(False)
    return [float(place) for place in places[: len(names)]]


def _value_columns(ax: Axes, places: list[float], texts: list[str], counts: list[object] | None, colors: list[str]) -> None:
    """Write the values, and n behind them in small print, right of the plot, where no mark can be."""
    across = ax.get_yaxis_transform()
    shift = 10 + 7.4 * max((len(text) for text in texts), default=0)
    for row, place in enumerate(places):
        style: dict[str, Any] = {"xycoords": across, "textcoords": "offset points", "va": "center", "annotation_clip": False}
        ax.annotate(texts[row], (1.0, place), (9, 0), color=colors[row], fontweight="bold", **style)
        if counts is not None:
            ax.annotate(_n_text(counts[row]), (1.0, place), (shift + 9, 0), color=PALETTE["muted"], fontsize=9.5, **style)


def _bar_ends(ax: Axes, rows: tuple[list[float], list[float], list[str]], counts: list[object] | None) -> None:
    for row, (place, at, text) in enumerate(zip(*rows, strict=True)):
        words = text if counts is None else f"{text}   {_n_text(counts[row])}"
        start = 0.0 if math.isnan(at) else at
        ax.annotate(words, (start, place), (6, 0), textcoords="offset points", va="center", annotation_clip=False)


def _texts(values: pd.Series, unit: str, currency: str | None) -> list[str]:
    return [Quantity(as_number(value), unit, currency).text() for value in values]


def _n_text(n: object) -> str:
    return t("n = {n}", n=Quantity(as_number(n), "count"))


def _value_limits(ax: Axes, values: np.ndarray, unit: str, reference: float | None) -> None:
    known = values[np.isfinite(values)]
    if reference is not None:
        known = np.append(known, reference)
    if not len(known):
        ax.set_xlim(0, 1)
        return
    first, last = float(known.min()), float(known.max())
    room = max((last - first) * 0.06, abs(last) * 0.01, 1e-9)
    is_part = unit == "share" and first >= 0 and last <= 1
    left = max(first - room, -0.02) if is_part else first - room
    ax.set_xlim(left, min(last + room, 1.02) if is_part else last + room)
