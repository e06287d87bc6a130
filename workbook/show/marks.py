"""The four drawings that every topic uses, so that charts read alike: dots with intervals, bars, lines, survival steps.

Each takes an axes of `canvas()` and a small frame, writes names, values and n directly beside the marks, and sets the
figure's height to what its rows need. Returns the number of rows (or groups) drawn; the drawing says where that is not all.
"""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.show.labels import number_axis, short_name, spread
from workbook.show.theme import PALETTE, SERIES
from workbook.text import Quantity, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_ROWS = 15
MAX_GROUPS = len(SERIES)
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
) -> int:
    """Draw one row per case: name, dot with whisker, value and n in columns at the right; first row on top.

    data: one row per case; label, value, low, high, n name its columns. reference: a vertical line to compare with (the
    whole, or zero for effects). emphasis: column of flags; rows where it is false are drawn muted (no reliable difference).
    """
    shown = data.head(MAX_ROWS).reset_index(drop=True)
    places = _rows_axis(ax, shown[label], has_footer=len(data) > MAX_ROWS or bool(reference_label))
    muted = pd.Series(False, index=shown.index) if emphasis is None else ~shown[emphasis].fillna(False).astype(bool)
    colors = [PALETTE["muted"] if flag else PALETTE["main"] for flag in muted]
    for row, place in enumerate(places):
        at, start, end = (_float(shown[column][row]) for column in (value, low, high))
        if not math.isnan(start + end):
            ax.plot([start, end], [place, place], color=colors[row], linewidth=2.8, alpha=0.45, solid_capstyle="butt", zorder=2)
        if not math.isnan(at):
            ax.plot([at], [place], "o", color=colors[row], markersize=7.5, zorder=3)
    _value_columns(ax, places, _texts(shown[value], unit, currency), None if n is None else list(shown[n]), colors)
    _value_limits(ax, shown[[value, low, high]].to_numpy(dtype=float), unit, reference)
    number_axis(ax.xaxis, unit, ticks=2 if unit in _WIDE_UNITS else 4)  # the column at the right names the currency
    if reference is not None:
        ax.axvline(reference, color=PALETTE["muted"], linewidth=1.1, linestyle=(0, (4, 3)), zorder=1)
    _footer(ax, reference_label, _rest(len(data), len(shown)))
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
    places = _rows_axis(ax, shown[label], has_footer=len(data) > MAX_ROWS)
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
    _footer(ax, _rest(len(data), len(shown)))
    return len(shown)


def line_band(
    ax: Axes,
    data: pd.DataFrame,
    *,
    x: str,
    value: str,
    low: str | None = None,
    high: str | None = None,
    group: str | None = None,
    unit: str = "number",
    currency: str | None = None,
    projected: str | None = None,
) -> int:
    """Draw a line with its interval as a band; several lines by `group`, each named at its end.

    x: years (whole numbers) or dates. projected: column of flags; that part is dashed (a forecast, an incomplete period).
    """
    groups = _groups(data, group)
    ends: list[tuple[float, str, str]] = []
    last: object = None
    for color, (name, part) in zip(SERIES, groups, strict=False):
        part = part.sort_values(x)
        if low is not None and high is not None:
            ax.fill_between(part[x], part[low].astype(float), part[high].astype(float), color=color, alpha=0.16, linewidth=0)
        _line(ax, part, (x, value, projected), color)
        known = part[part[value].notna()]
        if len(known):
            at = float(known[value].iloc[-1])
            text = Quantity(at, unit, currency).text()
            ends.append((at, text if group is None else f"{short_name(name, 18, 1)}  {text}", color))
            last = known[x].iloc[-1]
    _end_labels(ax, ends, last)
    number_axis(ax.yaxis, unit, currency)
    _time_axis(ax, data[x])
    ax.grid(False, axis="x")
    ax.margins(x=0.02)
    drawn = min(len(groups), MAX_GROUPS)
    _footer(ax, _rest(len(groups), drawn))
    return drawn


def survival_steps(
    ax: Axes,
    data: pd.DataFrame,
    *,
    time: str,
    value: str,
    low: str | None = None,
    high: str | None = None,
    group: str | None = None,
    start: float = 1.0,
    unit: str = "days",
) -> int:
    """Draw a step function of time with its band: the share that has not happened (start=1) or has happened (start=0).

    data: one row per time (and group); a point at time 0 is added where none is. Several curves by `group`, named at the end.
    """
    groups = _groups(data, group)
    ends: list[tuple[float, str, str]] = []
    for color, (name, part) in zip(SERIES, groups, strict=False):
        part = _from_zero(part.sort_values(time), time, [c for c in (value, low, high) if c], start)
        if low is not None and high is not None:
            ax.fill_between(part[time], part[low], part[high], step="post", color=color, alpha=0.15, linewidth=0)
        ax.step(part[time], part[value], where="post", color=color)
        at = float(part[value].dropna().iloc[-1]) if part[value].notna().any() else float("nan")
        text = Quantity(at, "share", digits=0).text()
        ends.append((at, text if group is None else f"{short_name(name, 18, 1)}  {text}", color))
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, max(float(data[time].max()), 1.0) if len(data) else 1.0)
    _end_labels(ax, ends, float(data[time].max()) if len(data) else 0.0)
    number_axis(ax.yaxis, "share")
    number_axis(ax.xaxis, unit)
    ax.grid(False, axis="x")
    ax.margins(x=0.02)
    drawn = min(len(groups), MAX_GROUPS)
    _footer(ax, _rest(len(groups), drawn))
    return drawn


def _rows_axis(ax: Axes, labels: pd.Series, has_footer: bool) -> list[float]:
    """Put the names at the left, first on top; return each row's place. The figure gets the height they need."""
    names = [short_name(name) for name in labels]
    heights = np.array([_LINE_INCHES * (1 + name.count("\n")) + 0.15 for name in names] or [0.4])
    places = np.cumsum(heights) - heights / 2
    ax.figure.set_figheight(_FRAME_INCHES + (0.3 if has_footer else 0.0) + float(heights.sum()))  # type: ignore[union-attr]
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
    return [Quantity(_float(value), unit, currency).text() for value in values]


def _n_text(n: object) -> str:
    return t("n = {n}", n=Quantity(_float(n), "count"))


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


def _rest(total: int, drawn: int) -> str:
    if total <= drawn:
        return ""
    return t("The first {drawn} of {total} are drawn; the table has them all.", drawn=drawn, total=total)


def _footer(ax: Axes, *parts: str) -> None:
    """Write small print below the plot over the figure's whole width."""
    words = "\n".join(line for part in parts if part for line in textwrap.wrap(part, 78))
    if words:
        ax.figure.supxlabel(words, x=0.01, ha="left", fontsize=9.5, color=PALETTE["muted"])


def _groups(data: pd.DataFrame, group: str | None) -> list[tuple[object, pd.DataFrame]]:
    if group is None:
        return [("", data)]
    return list(data.groupby(group, sort=False, dropna=False))


def _line(ax: Axes, part: pd.DataFrame, columns: tuple[str, str, str | None], color: str) -> None:
    """Draw what is known solid with points, what is projected dashed and joined to it."""
    x, value, projected = columns
    flags = np.zeros(len(part), dtype=bool) if projected is None else part[projected].fillna(False).to_numpy(dtype=bool)
    marker = "o" if len(part) <= 40 else ""
    ax.plot(part[x][~flags], part[value][~flags].astype(float), marker=marker, markersize=4.5, color=color)
    if flags.any():
        joined = flags | np.append(flags[1:], False)
        ax.plot(part[x][joined], part[value][joined].astype(float), linestyle=(0, (3, 2)), color=color, zorder=1.9)
        ax.plot(part[x][flags], part[value][flags].astype(float), "o", markersize=4.5, markerfacecolor="white", color=color)


def _end_labels(ax: Axes, ends: list[tuple[float, str, str]], last: object) -> None:
    """Name each line at its end, right of the plot, moved apart where they would meet."""
    ends = [end for end in ends if not math.isnan(end[0])]
    if not ends or last is None:
        return
    bottom, top = ax.get_ylim()
    points_high = float(ax.figure.get_figheight()) * 72 * 0.78  # type: ignore[union-attr]
    places = spread([end[0] for end in ends], 14 / points_high * (top - bottom), bottom, top)
    for place, (_, text, color) in zip(places, ends, strict=True):
        ax.annotate(
            text,
            (1.0, place),
            (6, 0),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            color=color,
            fontweight="bold",
            annotation_clip=False,
        )


def _time_axis(ax: Axes, values: pd.Series) -> None:
    if pd.api.types.is_integer_dtype(values):
        number_axis(ax.xaxis, "year")
        return
    from matplotlib import dates
    from matplotlib.ticker import FuncFormatter

    days = pd.to_datetime(values.dropna())
    is_long = len(days) > 0 and (days.max() - days.min()).days > 900
    locator: Any = dates.YearLocator() if is_long else dates.AutoDateLocator(minticks=3, maxticks=6)
    ax.xaxis.set_major_locator(locator)

    def write(at: float, _: int | None) -> str:
        when = dates.num2date(at).date()
        return str(when.year) if is_long else Quantity(when, "month").text()

    ax.xaxis.set_major_formatter(FuncFormatter(write))


def _from_zero(part: pd.DataFrame, time: str, columns: list[str], start: float) -> pd.DataFrame:
    part = part[[time, *columns]].astype(float)
    if len(part) and float(part[time].iloc[0]) <= 0:
        return part
    return pd.concat([pd.DataFrame([{time: 0.0, **dict.fromkeys(columns, start)}]), part], ignore_index=True)


def _float(value: object) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
