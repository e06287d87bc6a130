"""Words inside charts: names that fit, axes that write numbers as the reader does, labels that keep apart."""

from __future__ import annotations

import textwrap
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from workbook.show.theme import PALETTE
from workbook.text import render, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

NAME_WIDTH = 25


def short_name(name: object, width: int = NAME_WIDTH, lines: int = 2) -> str:
    """Return a name wrapped at `width` characters on at most `lines` lines, the rest elided; a missing one in words.

    Characters that the charts' font lacks are dropped (pictures) or drawn as a box (letters).
    """
    missing = name is None or str(name) in ("", "nan", "<NA>", "NaT")
    text = t("not recorded") if missing else drawable(render(name))
    wrapped = textwrap.wrap(text, width) or [text]
    if len(wrapped) > lines:
        wrapped = [*wrapped[: lines - 1], _cut(wrapped[lines - 1], width)]
    return "\n".join(wrapped)


def _cut(line: str, width: int) -> str:
    """Cut a line at a word where one ends in its second half, and mark the cut."""
    kept = line[: width - 1]
    space = kept.rfind(" ")
    return (kept[:space] if len(line) >= width and space > width // 2 else kept).rstrip(" -&,") + "…"


def drawable(text: str) -> str:
    """Return text without what the font cannot draw."""
    known = _characters()
    kept = [c if ord(c) in known else _stand_in(c) for c in " ".join(text.split())]
    return "".join(kept).strip() or "□"


def _stand_in(character: str) -> str:
    return "□" if unicodedata.category(character)[0] in "LN" else ""


@lru_cache
def _characters() -> frozenset[int]:
    from matplotlib import font_manager

    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return frozenset(font.get_charmap())


def number_axis(axis: Axis, unit: str, currency: str | None = None, ticks: int = 5) -> None:
    """Write an axis' numbers in the current language, with as few digits as keep its ticks apart; about `ticks` of them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    from workbook.show.ticks import QuantityFormatter

    if unit == "year":
        axis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        axis.set_major_formatter(FuncFormatter(lambda value, _: str(round(value))))
        return
    axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10], integer=unit == "count"))
    axis.set_major_formatter(QuantityFormatter(unit, currency))


def spread(positions: list[float], distance: float, low: float, high: float) -> list[float]:
    """Return positions moved as little as needed to lie at least `distance` apart, in the same order, inside low–high."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    moved = list(positions)
    for before, this in pairwise(order):
        moved[this] = max(moved[this], moved[before] + distance)
    over = max(0.0, moved[order[-1]] - high) if order else 0.0
    ceiling = high
    for this in reversed(order):
        if over:
            moved[this] = min(moved[this], ceiling)
            ceiling = moved[this] - distance
    return [max(low, value) if len(positions) == 1 else value for value in moved]


def not_all_drawn(total: int, drawn: int) -> str:
    """Say that a chart shows only the first rows, empty where it shows all."""
    if total <= drawn:
        return ""
    return t("The first {drawn} of {total} are drawn; the table has them all.", drawn=drawn, total=total)


def write_footer(ax: Axes, *parts: str) -> None:
    """Write small print below the plot over the figure's whole width."""
    words = "\n".join(line for part in parts if part for line in textwrap.wrap(part, 78))
    if words:
        ax.figure.supxlabel(words, x=0.01, ha="left", fontsize=9.5, color=PALETTE["muted"])


def as_number(value: object) -> float:
    """Return a float, NaN for anything missing."""
    return float("nan") if value is None or pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
