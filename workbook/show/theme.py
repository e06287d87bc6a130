"""One look: type, lines, and a palette that colour-blind readers can tell apart (after Okabe and Ito)."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

PALETTE = MappingProxyType(
    {
        "ink": "#1b2733",
        "muted": "#66727f",
        "grid": "#e3e7eb",
        "paper": "#ffffff",
        "main": "#0b5c8a",
        "accent": "#d55e00",
        "good": "#009e73",
        "warn": "#b58900",
        "soft": "#9cc3dc",
        "third": "#7b5ea7",
        "none": "#c4ccd4",
    }
)
SERIES = (PALETTE["main"], PALETTE["accent"], PALETTE["good"], PALETTE["third"], PALETTE["warn"], PALETTE["muted"])


def apply_theme() -> None:
    """Set matplotlib's defaults for the process; called by every canvas."""
    import matplotlib as mpl
    from cycler import cycler

    _forget_own_file()
    mpl.rcParams.update(
        {
            "figure.dpi": 100,
            "savefig.dpi": 200,
            "figure.facecolor": PALETTE["paper"],
            "font.family": "DejaVu Sans",
            "font.size": 11,
            "text.parse_math": False,  # a name like "A$B$" is no formula
            "text.color": PALETTE["ink"],
            "axes.edgecolor": PALETTE["muted"],
            "axes.labelcolor": PALETTE["muted"],
            "axes.labelsize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(color=SERIES),
            "grid.color": PALETTE["grid"],
            "grid.linewidth": 0.8,
            "xtick.color": PALETTE["muted"],
            "ytick.color": PALETTE["ink"],
            "xtick.labelsize": 10,
            "ytick.labelsize": 10.5,
            "xtick.major.size": 0,
            "xtick.major.pad": 7,
            "ytick.major.size": 0,
            "legend.frameon": False,
            "legend.fontsize": 10,
            "lines.linewidth": 2,
        }
    )


@cache
def _forget_own_file() -> None:
    """Start from matplotlib's own defaults, not from the `matplotlibrc` of whoever runs this: no chapter's key knows that file."""
    import matplotlib as mpl

    mpl.rcdefaults()
