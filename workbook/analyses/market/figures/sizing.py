"""Figures of the market we can serve and win."""

from __future__ import annotations

import re

from workbook.analyses.market.sizing import LEVEL_NAMES, WAYS, SizingResult
from workbook.show import Chart, canvas, dot_interval
from workbook.text import money, ratio, render, t


def sizing(result: SizingResult) -> Chart | None:
    """The market, the part served and the part we can win, by each way."""
    if result.estimates is None:
        return None
    rows = result.estimates
    names = [f"{render(LEVEL_NAMES[str(level)])}, {render(WAYS[str(way)])}" for level, way in zip(rows["level"], rows["way"], strict=True)]
    data = rows.assign(name=names)
    figure, ax = canvas(height=1.1 + 0.42 * len(data))
    dot_interval(ax, data, label="name", value="value", low="low", high="high", unit="money", currency=result.currency)
    alt = t("Size of the whole market, the part served and the part we can win, with ranges, top-down and bottom-up.")
    return Chart(key="sizing", figure=figure, title=_sizing_title(result), alt=alt, data=data[["name", "value", "low", "high"]])


def _sizing_title(result: SizingResult) -> str:
    assert result.estimates is not None
    if result.ratios is not None and len(result.ratios) and not result.ratios["agrees"].all():
        wide = result.ratios[~result.ratios["agrees"].astype(bool)].iloc[0]
        return t("Top-down the {level} is {ratio} times what our deals suggest.", level=LEVEL_NAMES[str(wide["level"])], ratio=ratio(float(wide["ratio"]), 1))
    if result.ratios is not None and len(result.ratios):
        return t("Top-down and bottom-up agree within their ranges.")
    return t("How large the market is, and what of it is ours to win.")


def _ends(low: float, high: float, currency: str | None) -> str:
    """Write both ends short enough for a figure: what stands before or behind both numbers stands once."""
    first, last = money(low, currency).text(), money(high, currency).text()
    parts = [re.fullmatch(r"(\D*)(.*\d)(\D*)", text) for text in (first, last)]
    if parts[0] is None or parts[1] is None or parts[0][1] != parts[1][1] or parts[0][3] != parts[1][3]:
        return f"{first}–{last}"
    return f"{parts[0][1]}{parts[0][2]}–{parts[1][2]}{parts[0][3]}"


def drivers(result: SizingResult) -> Chart | None:
    """What each assumption alone does to the obtainable market (tornado)."""
    if result.drivers is None or len(result.drivers) < 2:
        return None
    data = result.drivers.assign(name=[render(name) for name in result.drivers["name"]])
    figure, ax = canvas(height=1.1 + 0.42 * len(data))
    reference = float(data["mode_value"].iloc[0])
    data = data.assign(ends=[_ends(low, high, result.currency) for low, high in zip(data["low_value"], data["high_value"], strict=True)])
    dot_interval(
        ax, data, label="name", value="mode_value", low="low_value", high="high_value", unit="money", currency=result.currency, reference=reference,
        reference_label=t("line: {value}, with every assumption at its most likely value", value=money(reference, result.currency)), written="ends",
    )  # fmt: skip
    title = t("What moves the result most: {name}.", name=str(data["name"].iloc[0]))
    alt = t("Range of the result when one assumption goes from its lowest to its highest value and the others stay.")
    return Chart(key="drivers", figure=figure, title=title, alt=alt, data=data[["name", "mode_value", "low_value", "high_value"]])
