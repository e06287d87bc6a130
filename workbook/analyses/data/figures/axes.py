"""Axes and labels that the figures of the chapter share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbook.text import share

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def share_axis(axes: Axes, name: str) -> None:
    """Label the x axis in per cent and call it so."""
    from matplotlib.ticker import FuncFormatter

    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: share(value, 0).text()))
    axes.set_xlabel(name)
    axes.grid(axis="y", visible=False)


def shorten(text: str, length: int = 28) -> str:
    """Cut a name to length; a dollar sign stays a dollar sign and starts no formula."""
    cut = text if len(text) <= length else text[: length - 1] + "…"
    return cut.replace("$", r"\$")
