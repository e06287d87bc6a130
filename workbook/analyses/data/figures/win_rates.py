"""How many decided deals are won, in all and by quarter, as charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.analyses.data.labels import STATUS_LABELS
from workbook.analyses.data.win_rate import WinRateResult
from workbook.analyses.data.win_rate_by_quarter import WinRateByQuarterResult
from workbook.show import PALETTE, Chart, canvas
from workbook.text import count, quarter, render, share, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OUTCOME_COLOURS = {
    "won": PALETTE["main"],
    "lost": PALETTE["accent"],
    "no_decision": PALETTE["third"],
    "open": PALETTE["none"],
}


def standing(result: WinRateResult) -> Chart | None:
    """Where all deals stand: won, lost, without decision, open, stale. One bar."""
    if result.by_status is None or result.by_status.empty:
        return None
    counts = result.by_status.set_index("status")["deals_count"].reindex(["won", "lost", "no_decision", "open"], fill_value=0)
    stale = result.stale_count or 0
    parts = {
        "won": counts["won"],
        "lost": counts["lost"],
        "no_decision": counts["no_decision"],
        "open": counts["open"] - stale,
    }
    data = pd.DataFrame(
        [(key, int(n)) for key, n in [*parts.items(), ("stale", stale)] if n],
        columns=["state", "deals_count"],
    )
    figure, axes = canvas(2.0)
    colours = {**OUTCOME_COLOURS, "open": PALETTE["soft"], "stale": PALETTE["none"]}
    names = {key: render(name) for key, name in STATUS_LABELS.items()} | {"stale": t("Open, stale")}
    total, left = int(data["deals_count"].sum()), 0
    narrow: list[float] = []
    for state, n in zip(data["state"], data["deals_count"], strict=True):
        axes.barh(0, n, left=left, color=colours[state], height=0.5, edgecolor=PALETTE["paper"])
        text = f"{names[state]}\n{count(n).text()} · {share(n / total, 0).text()}"
        ink = PALETTE["ink" if state in ("open", "stale") else "paper"]
        _bar_label(axes, (left + n / 2, n / total), text, narrow, ink)
        left += n
    axes.set(xlim=(0, total), ylim=(-0.95, 1.8 if len(narrow) > 2 else 0.8))
    axes.axis("off")
    won = int(counts["won"])
    title = t(
        "Of {n} deals {won} are won, {lost} lost and {open} open",
        n=total,
        won=won,
        lost=int(counts["lost"]),
        open=int(counts["open"]),
    )
    return Chart(
        key="standing",
        figure=figure,
        title=title,
        alt=t("One bar with all deals by outcome; stale open deals apart."),
        data=data,
    )


def _bar_label(axes: Axes, place: tuple[float, float], text: str, narrow: list[float], ink: str) -> None:
    """Label a part inside where it is wide enough, else around the bar: above, below, further up, so that none overlap."""
    x, part = place
    if part > 0.12:
        axes.text(x, 0, text, ha="center", va="center", color=ink, fontsize=9.5)
        return
    y = (0.36, -0.36, 1.1)[len(narrow) % 3]
    narrow.append(x)
    axes.text(x, y, text, ha="right" if y > 1 else "center", va="top" if y < 0 else "bottom", color=PALETTE["ink"], fontsize=9)
    if y > 1:
        axes.plot([x, x], [0.27, y], color=PALETTE["muted"], lw=0.8)


def quarters(result: WinRateByQuarterResult) -> Chart | None:
    """Win rate by closing quarter with intervals; quarters that are in no trend are grey and hollow."""
    data = result.by_quarter
    if data is None or data.empty:
        return None
    figure, axes = canvas(3.6)
    x = np.arange(len(data))
    aside = (data["is_truncated"] | data["is_running"]).to_numpy(bool)
    for mask, colour, face in (
        (~aside, PALETTE["main"], PALETTE["main"]),
        (aside, PALETTE["muted"], PALETTE["paper"]),
    ):
        rows = data[mask]
        spread = np.vstack([rows["rate"] - rows["low"], rows["high"] - rows["rate"]])
        axes.errorbar(
            x[mask],
            rows["rate"],
            yerr=spread,
            fmt="o",
            color=colour,
            mfc=face,
            ms=6,
            elinewidth=1.4,
            capsize=0,
        )
    _quarter_axis(axes, data, x)
    _mark_beginning(axes, data)
    return Chart(
        key="win_rate_quarters",
        figure=figure,
        title=_quarters_title(result),
        alt=t("One point per closing quarter with its interval; quarters at the beginning of the data are hollow."),
        data=data,
        note=t("Bars are intervals; the figures at the foot are decided deals. Hollow points take no part in the trend."),
    )


def _quarters_title(result: WinRateByQuarterResult) -> str:
    if result.slope is None:
        return t("Too few full quarters for a statement on the win rate's trend")
    if not result.has_trend:
        return t("No reliable trend in the win rate by quarter")
    return t("The win rate rises over the full quarters") if result.slope > 0 else t("The win rate falls over the full quarters")


def _quarter_axis(axes: Axes, data: pd.DataFrame, x: Any) -> None:
    from matplotlib.ticker import FuncFormatter

    step = max(1, round(len(data) / 10))
    names = [quarter(day.date()).text().replace(" ", "\n") for day in data["quarter_on"]]
    axes.set_xticks(x[::step], names[::step])
    low, high = float(data["low"].min()), float(data["high"].max())
    foot = low - 0.12 * max(high - low, 0.1)
    for i in range(0, len(data), 1 if len(data) <= 24 else step):
        axes.text(
            x[i],
            foot,
            count(int(data["closed_count"].iloc[i])).text(),
            ha="center",
            va="center",
            fontsize=8,
            color=PALETTE["muted"],
        )
    axes.set_ylim(foot - 0.06 * max(high - low, 0.1), min(high + 0.08, 1.02))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: share(value, 0).text()))
    axes.set_xlim(-0.6, len(data) - 0.4)
    axes.grid(axis="x", visible=False)


def _mark_beginning(axes: Axes, data: pd.DataFrame) -> None:
    n = int(data["is_truncated"].sum())
    if n == 0:
        return
    axes.axvspan(-0.6, n - 0.5, color=PALETTE["grid"], alpha=0.6, lw=0)
    top = axes.get_ylim()[1]
    axes.text(
        -0.5,
        top,
        t("beginning of the data: long deals are missing"),
        ha="left",
        va="bottom",
        fontsize=8.5,
        color=PALETTE["muted"],
    )
