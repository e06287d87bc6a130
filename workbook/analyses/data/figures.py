"""Figures of the data chapter. Titles state the finding; None where there is nothing to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.analyses.data.cycle import CycleResult
from workbook.analyses.data.fill_rates import ONE_SIDED, FillRatesResult
from workbook.analyses.data.labels import STATUS_LABELS, label
from workbook.analyses.data.pipeline import PipelineResult
from workbook.analyses.data.win_rate import WinRateResult
from workbook.analyses.data.win_rate_by_group import WinRateByGroupResult
from workbook.analyses.data.win_rate_by_quarter import WinRateByQuarterResult
from workbook.show import PALETTE, Chart, canvas
from workbook.text import count, days, quarter, render, share, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FULL = 0.995  # a field filled in more often than this has no gap that an eye could see
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


def cycle(result: CycleResult) -> Chart | None:
    """Share of deals won, lost, without decision by age (Aalen–Johansen), with intervals."""
    if result.curves is None or result.curves.empty:
        return None
    figure, axes = canvas(3.6)
    ends = []
    longest = _settled(result.curves)
    for kind, rows in result.curves.groupby("kind", sort=False):
        if rows["event_count"].sum() == 0:
            continue
        colour = OUTCOME_COLOURS[str(kind)]
        time = np.concatenate([[0.0], rows["duration"].to_numpy(float)])
        path, low, high = (
            np.concatenate([[0.0], rows[c].to_numpy(float)]) for c in ("incidence_share", "incidence_low", "incidence_high")
        )
        shown = time <= longest
        time, path, low, high = time[shown], path[shown], low[shown], high[shown]
        axes.step(time, path, where="post", color=colour)
        axes.fill_between(time, low, high, step="post", color=colour, alpha=0.18, lw=0)
        ends.append((path[-1], f"{render(STATUS_LABELS[str(kind)])} {share(path[-1], 0).text()}", colour))
    for y, (_, text, colour) in zip(_apart([end[0] for end in ends]), ends, strict=True):
        axes.text(longest * 1.015, y, text, color=colour, va="center", fontsize=9.5)
    _cycle_axis(axes, longest, result.median_days)
    return Chart(
        key="cycle_curves", figure=figure, title=_cycle_title(result), data=result.curves,
        alt=t("Curves of the share of deals won, lost and without decision by age in days."),
        note=t("Deals still open count until their age today. The outcomes compete: what is won can no longer be lost."),
    )  # fmt: skip


def _settled(curves: pd.DataFrame) -> float:
    """The age after which hardly anything happens: by then 99.5 % of all ends seen have come; drawing more is idle."""
    total = curves.groupby("duration")["incidence_share"].sum()
    reached = total[total >= 0.995 * total.max()]
    return max(float(reached.index[0]), 1.0)


def _cycle_title(result: CycleResult) -> str:
    if result.median_days is None:
        return t("Less than half of the deals have ended so far")
    return t("Half of the deals have ended after {median}", median=days(result.median_days))


def _cycle_axis(axes: Axes, longest: float, median: float | None) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.set_xlim(0, longest * 1.2)
    axes.set_ylim(0, None)
    axes.set_xlabel(t("days since creation"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: share(value, 0).text()))
    if median is not None:
        axes.axvline(median, color=PALETTE["muted"], lw=1, ls=(0, (3, 3)))
        axes.text(
            median,
            axes.get_ylim()[1],
            f" {t('half have ended')}",
            fontsize=8.5,
            color=PALETTE["muted"],
            va="top",
        )


def _apart(heights: list[float], gap: float = 0.045) -> list[float]:
    """Move label heights apart so that they can be read, keeping their order."""
    placed: dict[int, float] = {}
    last = -1.0
    for i in sorted(range(len(heights)), key=lambda j: heights[j]):
        last = max(heights[i], last + gap)
        placed[i] = last
    return [placed[i] for i in range(len(heights))]


def pipeline(result: PipelineResult) -> Chart | None:
    """Open deals by stage: alive, overdue, stale."""
    data = result.by_stage
    if data is None or data.empty:
        return None
    from matplotlib.ticker import FuncFormatter

    data = data.head(12)
    alive = data["deals_count"] - data["stale_count"] - data["overdue_only_count"]
    parts = (
        (alive, PALETTE["main"], t("on time or undated"), PALETTE["paper"]),
        (data["overdue_only_count"], PALETTE["soft"], t("overdue"), PALETTE["ink"]),
        (data["stale_count"], PALETTE["none"], t("stale"), PALETTE["ink"]),
    )
    figure, axes = canvas(1.2 + 0.45 * len(data))
    y, left, widest = np.arange(len(data))[::-1], np.zeros(len(data)), float(data["deals_count"].max())
    for values, colour, name, ink in parts:
        if values.sum() == 0:
            continue
        axes.barh(y, values, left=left, color=colour, height=0.62, edgecolor=PALETTE["paper"], label=name)
        for row, value in enumerate(values):
            if value > 0.05 * widest:
                axes.text(
                    left[row] + value / 2,
                    y[row],
                    count(int(value)).text(),
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color=ink,
                )
        left += values.to_numpy(float)
    axes.set_yticks(y, [t("not stated") if stage is None else _short(stage) for stage in data["stage"]])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, handlelength=1, borderaxespad=0.2)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(t("open deals"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value).text()))
    return Chart(
        key="pipeline_stages", figure=figure, title=_pipeline_title(result), data=data,
        alt=t("One bar per stage with open deals, divided into overdue, stale and the rest."),
    )  # fmt: skip


def _pipeline_title(result: PipelineResult) -> str:
    n = result.open_count
    if result.stale_count:
        return t("{stale} of {n} open deals are older than any deal needed to close", stale=result.stale_count, n=n)
    if result.overdue_count:
        return t("{overdue} of {n} open deals should have closed already", overdue=result.overdue_count, n=n)
    return t("{n} open deals by stage", n=n)


def fill_rates(result: FillRatesResult, rows_max: int = 14) -> Chart | None:
    """Fill rates on won and on lost deals, one line per field with gaps; reliable differences coloured."""
    if result.fields is None:
        return None
    data = result.fields[result.fields["is_recorded"] & ~result.fields["column"].isin(ONE_SIDED)].dropna(subset=["won", "lost"])
    data = data[data[["won", "lost"]].min(axis=1) < FULL].assign(gap=lambda d: (d["won"] - d["lost"]).abs())
    data = data.sort_values(["differs", "gap"], ascending=False, ignore_index=True).head(rows_max)
    if data.empty:
        return None
    figure, axes = canvas(1.1 + 0.36 * len(data))
    y = np.arange(len(data))[::-1]
    colours = [PALETTE["accent"] if differs else PALETTE["none"] for differs in data["differs"]]
    axes.hlines(y, data[["won", "lost"]].min(axis=1), data[["won", "lost"]].max(axis=1), color=colours, lw=3)
    axes.plot(data["won"], y, "o", color=OUTCOME_COLOURS["won"], ms=7, label=render(STATUS_LABELS["won"]))
    axes.plot(
        data["lost"],
        y,
        "o",
        color=OUTCOME_COLOURS["lost"],
        mfc=PALETTE["paper"],
        ms=7,
        mew=1.8,
        label=render(STATUS_LABELS["lost"]),
    )
    axes.set_yticks(y, [_short(render(label(name))) for name in data["column"]])
    axes.set_ylim(-0.6, len(data) - 0.4)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
    _share_axis(axes, t("share of deals with a value"))
    axes.set_xlim(-0.03, 1.03)
    return Chart(
        key="fill_rates", figure=figure, title=_fill_title(result.fields), data=data[["column", "won", "lost", "adjusted_p", "differs"]],
        alt=t("One line per field between its fill rate on won and on lost deals."),
        note=t("Coloured lines: the difference is reliable. Fields without gaps, and those of one outcome only, are left out."),
    )  # fmt: skip


def _fill_title(fields: pd.DataFrame) -> str:
    differing = [render(label(name)) for name in fields.loc[fields["differs"], "column"]]
    if not differing:
        return t("No field is filled in reliably more often for one outcome")
    return t(
        "Filled in more often for one outcome: {fields}",
        fields=", ".join(differing[:4]) + (" …" if len(differing) > 4 else ""),
    )


def groups(result: WinRateByGroupResult, rows_max: int = 16) -> Chart | None:
    """Win rates of the attribute with the clearest difference, with intervals and cases; the shrunken rate as a tick."""
    if result.groups is None or result.tests is None:
        return None
    first = result.tests.iloc[0]
    data = result.groups[
        (result.groups["attribute"] == first["attribute"]) & result.groups["value"].notna() & ~result.groups["is_small"]
    ]
    data = data.sort_values("closed_count", ascending=False).head(rows_max).sort_values("rate", ascending=False, ignore_index=True)
    if data.empty:
        return None
    figure, axes = canvas(1.0 + 0.36 * len(data))
    y = np.arange(len(data))[::-1]
    spread = np.vstack([data["rate"] - data["low"], data["high"] - data["rate"]])
    axes.errorbar(data["rate"], y, xerr=spread, fmt="o", color=PALETTE["main"], ms=6, elinewidth=1.4)
    axes.plot(data["shrunken_rate"], y, "|", color=PALETTE["accent"], ms=12, mew=2)
    right = float(data["high"].max()) + 0.015
    for row, n in zip(y, data["closed_count"], strict=True):
        axes.text(right, row, t("{n} deals", n=int(n)), va="center", fontsize=8.5, color=PALETTE["muted"])
    axes.set_yticks(y, [_short(str(value)) for value in data["value"]])
    axes.set_ylim(-0.6, len(data) - 0.4)
    _share_axis(axes, t("win rate"))
    axes.set_xlim(max(float(data["low"].min()) - 0.03, -0.02), right + 0.14)
    name = render(label(str(first["attribute"])))
    title = t("The win rate differs reliably by {attribute}", attribute=name)
    if not first["differs"]:
        title = t("No reliable difference in win rate by {attribute}, nor by any other attribute", attribute=name)
    return Chart(
        key="win_rate_groups", figure=figure, title=title, data=data,
        alt=t("One point per group with its interval; a tick marks the rate pulled towards the mean."),
        note=t("Bars are intervals that allow for deals of one owner or customer being alike. Tick: the rate pulled towards the mean."),
    )  # fmt: skip


def _share_axis(axes: Axes, name: str) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: share(value, 0).text()))
    axes.set_xlabel(name)
    axes.grid(axis="y", visible=False)


def _short(text: str, length: int = 28) -> str:
    """Cut a name to length; a dollar sign stays a dollar sign and starts no formula."""
    cut = text if len(text) <= length else text[: length - 1] + "…"
    return cut.replace("$", r"\$")
