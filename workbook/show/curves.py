"""Curves that every topic draws alike: lines with a band, and survival steps; each line is named at its end.

Returns the number of groups drawn; the drawing says where that is not all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.show.labels import not_all_drawn, number_axis, short_name, spread, write_footer
from workbook.show.theme import SERIES
from workbook.text import Quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_GROUPS = len(SERIES)


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
    write_footer(ax, not_all_drawn(len(groups), drawn))
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
    write_footer(ax, not_all_drawn(len(groups), drawn))
    return drawn


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
