"""A chart is a drawn figure with its words and the data it draws."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbook.errors import ChapterError
from workbook.show.theme import apply_theme
from workbook.text import count, msg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 5.7
COMPRESSION = 6  # 9 takes three times as long for files a few per cent smaller
MOST_PIXELS = 60_000_000  # ten times the tallest chart; 240 MB while it is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A figure ready to show. title: the finding, or that there is none to rely on. alt: what a blind reader is told.

    data: what is drawn, for tests and for the table beside it. note: n, period, definition, in small print.
    """

    key: str
    figure: Figure
    title: str
    alt: str
    data: pd.DataFrame
    note: str = ""


def canvas(height: float = 3.4, width: float = WIDTH) -> tuple[Figure, Axes]:
    """Return an empty figure in the house's look that no window manager knows of (nothing to close, nothing leaks)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as MplFigure

    apply_theme()
    figure = MplFigure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def png(figure: Figure) -> bytes:
    """Encode a figure as a small PNG: drawn once at twice the screen's resolution, 128 colours, no dithering.

    Raises `ChapterError` for one so large that drawing it would take the machine's memory: 400 megapixels are 1.6 GB.
    """
    import warnings

    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    dpi = figure.dpi if mpl.rcParams["savefig.dpi"] == "figure" else mpl.rcParams["savefig.dpi"]
    width, height = (round(inches * dpi) for inches in figure.get_size_inches())
    if width * height > MOST_PIXELS:
        raise ChapterError(
            msg("the figure would have {width} × {height} pixels, more than can be drawn", width=count(width), height=count(height)),
            mend=msg("Make the figure smaller: its size is in inches."),
        )
    figure.set_dpi(dpi)
    drawn = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # boxes are drawn; a notebook stays free of stderr
        drawn.draw()  # savefig would draw twice, the first time for the layout alone, and encode pixels that are encoded again below
    picture = Image.frombuffer("RGBA", drawn.get_width_height(), drawn.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
    picture = picture.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    picture.putpalette([255 if part >= 253 else part for part in picture.getpalette() or []])  # paper stays paper
    small = io.BytesIO()
    picture.save(small, format="PNG", compress_level=COMPRESSION)
    return small.getvalue()
