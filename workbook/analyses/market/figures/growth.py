"""Figures of growth."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.market.growth import GrowthResult
from workbook.analyses.market.price_volume import PARTS, PriceVolumeResult, by_part
from workbook.show import Chart, canvas, dot_interval, line_band
from workbook.text import render, share, t


def market(growth: GrowthResult) -> Chart | None:
    """The market over the years with its trend as a band."""
    if growth.years is None or growth.main is None:
        return None
    data = growth.years[growth.years["is_comparable"]].reset_index(drop=True)
    unit = growth.main.unit
    figure, ax = canvas()
    line_band(ax, data, x="year", value="volume", low="low", high="high", unit=unit, currency=growth.main.currency)
    note = t("Band: range of the log-linear trend. Source: {source}.", source="; ".join(s for s in growth.main.sources["source"] if s) or "–")
    alt = t("Yearly size of the market ({measure}) with the range of its trend.", measure=growth.main.name)
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


def price_volume(result: PriceVolumeResult) -> Chart | None:
    """Yearly growth of value, volume and value per piece."""
    if result.parts is None:
        return None
    data = result.parts.assign(name=[render(PARTS[str(part)]) for part in result.parts["part"]])
    figure, ax = canvas(height=2.2)
    dot_interval(ax, data, label="name", value="rate", low="low", high="high", n="years_count", reference=0.0, reference_label=t("n: years"), emphasis="is_reliable")
    row = by_part(data)["per piece"]
    rising = bool(row["is_reliable"]) and float(row["rate"]) > 0
    title = t("The value per piece rises.") if rising else t("The value per piece does not rise reliably.")
    alt = t("Yearly growth with range of the market's value, its volume and the value per piece.")
    return Chart(key="price_volume", figure=figure, title=title, alt=alt, data=data[["name", "rate", "low", "high", "is_reliable"]])
