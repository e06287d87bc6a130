"""Figures of forecast and saturation."""

from __future__ import annotations

import math

from workbook.analyses.market.outlook import OutlookResult
from workbook.analyses.market.saturation import SaturationResult
from workbook.show import PALETTE, Chart, canvas, line_band
from workbook.text import render, share, t


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


def saturation(result: SaturationResult) -> Chart | None:
    """The years known, and the range in which the ceiling lies; nothing where the data do not tell it."""
    if result.ceiling is None or result.years is None or result.main is None or result.verdict == "untold":
        return None
    figure, ax = canvas(height=3.2)
    data = result.years.assign(low=math.nan, high=math.nan)
    line_band(ax, data, x="year", value="volume", low="low", high="high", unit=result.main.unit, currency=result.main.currency)
    if result.verdict == "late":
        limits = result.ceiling.ceiling_interval
        ax.axhspan(limits.low, limits.high, color=PALETTE["soft"], alpha=0.5, linewidth=0)
    alt = t("Yearly size of the market and, where the data tell it, the range of its ceiling.")
    title = render(result.brief) if result.brief is not None else t("How near the market is to its ceiling.")
    return Chart(key="saturation", figure=figure, title=title, alt=alt, data=result.years)
