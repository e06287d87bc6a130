"""Figures of Ansoff's fields."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbook.analyses.market.ansoff import AnsoffResult
from workbook.analyses.market.ansoff_fields import NAMES
from workbook.show import PALETTE, Chart, canvas
from workbook.text import Span, money, render, share, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def ansoff(result: AnsoffResult) -> Chart | None:
    """Four fields: known and new products across, known and new markets up; the darker, the more won amount."""
    if result.by_field is None:
        return None
    data = result.by_field[["field", "won_share", "win_rate", "low", "high", "closed_count", "pipeline_amount", "deals_count"]]
    weight = data["won_share"].fillna(data["deals_count"] / max(int(data["deals_count"].sum()), 1))
    figure, ax = canvas(height=3.4)
    places = {"penetration": (0, 0), "product development": (1, 0), "market development": (0, 1), "diversification": (1, 1)}
    for row, part in zip(data.to_dict("records"), weight, strict=True):
        _tile(ax, places[str(row["field"])], row, float(part), result.currency)
    ax.set_xlim(-0.02, 2.02)
    ax.set_ylim(-0.02, 2.02)
    ax.set_xticks([0.5, 1.5], [t("known products"), t("new products")])
    ax.set_yticks([0.5, 1.5], [t("known markets"), t("new markets")], rotation=90, va="center")
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    alt = t("Four fields of growth with share of the won amount, win rate and open pipeline.")
    return Chart(key="ansoff", figure=figure, title=_ansoff_title(result.by_field), alt=alt, data=data)


def _ansoff_title(by_field: pd.DataFrame) -> str:
    if by_field["won_share"].isna().all():
        top = by_field.sort_values("deals_count", ascending=False, kind="stable").iloc[0]
        return t("Most deals lie in one field: {field}.", field=NAMES[str(top["field"])])
    top = by_field.sort_values("won_share", ascending=False, kind="stable").iloc[0]
    return t("{field}: {part} of the won amount.", field=NAMES[str(top["field"])], part=share(float(top["won_share"])))


def _tile(ax: Axes, place: tuple[int, int], row: dict[Any, Any], part: float, currency: str | None) -> None:
    from matplotlib.patches import Rectangle

    x, y = place
    is_used = bool(row["deals_count"])
    color = PALETTE["soft"] if is_used else PALETTE["grid"]
    ax.add_patch(Rectangle((x + 0.02, y + 0.02), 0.96, 0.96, facecolor=color, alpha=0.25 + 0.65 * part if is_used else 0.6, linewidth=0))
    field = str(row["field"])
    ax.text(x + 0.07, y + 0.86, render(NAMES[field]), fontweight="bold", va="center")
    lines = _tile_lines(row, currency)
    for line, words in enumerate(lines):
        ax.text(x + 0.07, y + 0.68 - 0.15 * line, words, fontsize=_fitting(lines), va="center")


def _fitting(lines: list[str]) -> float:
    """Return the size in points at which the longest line stays inside its field: about 30 letters fit at 10 points."""
    return 10.0 * min(1.0, 30 / max(map(len, lines)))


def _tile_lines(row: dict[Any, Any], currency: str | None) -> list[str]:
    if not row["deals_count"]:
        return [t("no deals")]
    won, rate, low, high, pipeline = (float(row[name]) for name in ("won_share", "win_rate", "low", "high", "pipeline_amount"))
    lines = [] if math.isnan(won) else [t("{part} of what was won", part=share(won))]
    if not math.isnan(rate):
        wide = Span(share(low, 0), share(high, 0))
        lines.append(t("win rate {rate} ({range})", rate=share(rate, 0), range=wide))
        lines.append(t("from {n} decided deals", n=int(row["closed_count"])))
    if not math.isnan(pipeline):
        lines.append(t("open pipeline {amount}", amount=money(pipeline, currency)))
    return lines
