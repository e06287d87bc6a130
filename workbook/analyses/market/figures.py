"""Figures of the market chapter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbook.analyses.market.ansoff import AnsoffResult
from workbook.analyses.market.ansoff_fields import MEANING, NAMES
from workbook.analyses.market.concentration import ConcentrationResult
from workbook.analyses.market.growth import GrowthResult
from workbook.analyses.market.outlook import OutlookResult
from workbook.show import PALETTE, Chart, bars, canvas, dot_interval, line_band
from workbook.text import Span, money, render, share, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def market(growth: GrowthResult) -> Chart | None:
    """The market over the years with its trend as a band."""
    if growth.years is None or growth.main is None:
        return None
    data = growth.years[growth.years["is_comparable"]].reset_index(drop=True)
    unit = growth.main.unit
    figure, ax = canvas()
    line_band(ax, data, x="year", value="volume", low="low", high="high", unit=unit, currency=growth.main.currency)
    note = t("Band: range of the log-linear trend. Source: {source}.", source="; ".join(s for s in growth.main.sources["source"] if s) or "–")
    alt = t("Yearly size of the market ({measure}) with the range of its trend.", measure=growth.main.measure)
    return Chart(key="market", figure=figure, title=_market_title(growth), alt=alt, data=data[["year", "volume", "low", "high"]], note=note)


def part_growth(growth: GrowthResult) -> Chart | None:
    """Growth of the segments (regions where there are none) against the market's."""
    if growth.by_part is None or growth.by_part.empty or growth.by_measure is None:
        return None
    dimension = "segment" if (growth.by_part["dimension"] == "segment").any() else "region"
    data = growth.by_part[growth.by_part["dimension"] == dimension].reset_index(drop=True)
    rate = growth.by_measure["rate"].iloc[0]
    reference = None if rate is None or pd.isna(rate) else float(rate)
    figure, ax = canvas()
    dot_interval(
        ax, data, label="name", value="rate", low="low", high="high", n="years_count", reference=reference,
        reference_label="" if reference is None else t("line: whole market {rate}; n: years", rate=share(reference)), emphasis="is_reliable",
    )  # fmt: skip
    alt = t("Yearly growth with range for each part of the market; strong colour where it differs reliably from the market.")
    return Chart(key="part_growth", figure=figure, title=_part_title(data), alt=alt, data=data[["name", "rate", "low", "high", "years_count", "is_reliable"]])


def _market_title(growth: GrowthResult) -> str:
    row = None if growth.by_measure is None else growth.by_measure.iloc[0]
    if row is None or row["rate"] is None or pd.isna(row["rate"]):
        return t("The market, year by year: too few years for a trend.")
    rate, low, high = (float(row[name]) for name in ("rate", "low", "high"))
    if low > 0:
        return t("The market grows by {rate} a year.", rate=share(rate))
    if high < 0:
        return t("The market shrinks by {rate} a year.", rate=share(-rate))
    return t("The market shows no reliable trend.")


def _part_title(data: pd.DataFrame) -> str:
    ahead = tuple(data.loc[data["is_reliable"] & (data["share_rate"] > 0), "name"])
    behind = tuple(data.loc[data["is_reliable"] & (data["share_rate"] < 0), "name"])
    if ahead and behind:
        return t("Faster than the market: {ahead}; slower: {behind}.", ahead=ahead, behind=behind)
    if ahead:
        return t("Faster than the market: {ahead}.", ahead=ahead)
    if behind:
        return t("Slower than the market: {behind}.", behind=behind)
    return t("No part of the market grows reliably faster or more slowly than the whole.")


def outlook(result: OutlookResult) -> Chart | None:
    """What is known and the forecast as a fan."""
    if result.path is None or result.main is None:
        return None
    data = result.path.copy()
    last_known = int(data.loc[~data["is_forecast"], "year"].max())
    is_last = data["year"] == last_known
    data.loc[is_last, ["low", "high"]] = float(data.loc[is_last, "volume"].iloc[0])
    figure, ax = canvas()
    line_band(ax, data, x="year", value="volume", low="low", high="high", unit=result.main.unit, currency=result.main.currency, projected="is_forecast")
    note = t("Dashed: forecast; band: {level} range from errors made on the past.", level=share(result.level, 0))
    alt = t("Yearly size of the market and its forecast with a range that widens.")
    return Chart(key="outlook", figure=figure, title=_outlook_title(result), alt=alt, data=result.path, note=note)


def _outlook_title(result: OutlookResult) -> str:
    assert result.path is not None and result.main is not None
    last = result.path.iloc[-1]
    return t("{volume} expected in {year} if it goes on as before.", volume=result.main.amount(float(last["volume"])), year=str(int(last["year"])))


def shares(result: ConcentrationResult) -> Chart | None:
    """Market shares of the latest year; the own firm in the accent colour, what is not named last."""
    if result.shares is None or result.shares.empty:
        return None
    rest = 1 - float(result.shares["market_share"].sum())
    unnamed = pd.DataFrame([{"competitor": t("firms not named"), "market_share": rest, "is_self": False}])
    data = pd.concat([result.shares, unnamed], ignore_index=True) if rest > 0.0005 else result.shares
    data = data.assign(is_self=data["is_self"].astype(bool))
    figure, ax = canvas()
    bars(ax, data, label="competitor", value="market_share", unit="share", emphasis="is_self")
    alt = t("Market share of each firm in {year}.", year=str(result.year))
    return Chart(key="shares", figure=figure, title=_shares_title(result), alt=alt, data=data)


def _shares_title(result: ConcentrationResult) -> str:
    assert result.shares is not None
    largest = float(result.shares["market_share"].head(4).sum())
    if len(result.shares) > 4:
        return t("The four largest of {n} named firms hold {part} of the market.", n=len(result.shares), part=share(largest))
    return t("The {n} named firms hold {part} of the market.", n=len(result.shares), part=share(largest))


def ansoff(result: AnsoffResult) -> Chart | None:
    """Four fields: known and new products across, known and new markets up; the darker, the more won amount."""
    if result.by_field is None:
        return None
    data = result.by_field[["field", "won_share", "win_rate", "low", "high", "closed_count", "pipeline_amount", "deals_count"]]
    weight = data["won_share"].fillna(data["deals_count"] / max(int(data["deals_count"].sum()), 1))
    figure, ax = canvas(height=3.7)
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
    ax.text(x + 0.07, y + 0.72, render(MEANING[field]), fontsize=8.5, color=PALETTE["muted"], va="center")
    for line, words in enumerate(_tile_lines(row, currency)):
        ax.text(x + 0.07, y + 0.56 - 0.14 * line, words, fontsize=9, va="center")


def _tile_lines(row: dict[Any, Any], currency: str | None) -> list[str]:
    if not row["deals_count"]:
        return [t("no deals")]
    won, rate, low, high, pipeline = (float(row[name]) for name in ("won_share", "win_rate", "low", "high", "pipeline_amount"))
    lines = [] if math.isnan(won) else [t("{part} of the won amount", part=share(won))]
    if not math.isnan(rate):
        wide = Span(share(low, 0), share(high, 0))
        lines.append(t("win rate {rate} ({range})", rate=share(rate, 0), range=wide))
        lines.append(t("from {n} decided deals", n=int(row["closed_count"])))
    if not math.isnan(pipeline):
        lines.append(t("open pipeline {amount}", amount=money(pipeline, currency)))
    return lines
