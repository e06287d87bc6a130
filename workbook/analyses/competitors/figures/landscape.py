"""Figures on whom we meet. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.competitors.encounters import EncountersResult
from workbook.analyses.competitors.landscape import LandscapeResult
from workbook.show import Chart, bars, canvas, dot_interval
from workbook.text import t


def encounters(result: EncountersResult) -> Chart | None:
    """Share of the recorded deals in which each competitor was met."""
    if result.by_competitor is None or result.by_competitor.empty:
        return None
    data: pd.DataFrame = result.by_competitor
    figure, ax = canvas()
    dot_interval(ax, data, label="competitor", value="encounter_share", low="low", high="high", n="deals_count", quantity=t("Share of the deals with the field filled"))
    alt = t("Share of the deals with a filled competitor field that name each competitor, with interval.")
    return Chart(key="encounters", figure=figure, title=t("Met most often: {name}.", name=str(data["competitor"].iloc[0])), alt=alt, data=data)


def landscape(result: LandscapeResult) -> Chart | None:
    """Market shares of the latest year, the own firm in the accent colour."""
    if result.competitors is None:
        return None
    data = result.competitors.loc[result.competitors["market_share"] > 0, ["competitor", "market_share", "is_self"]].reset_index(drop=True)
    if data.empty:
        return None
    figure, ax = canvas()
    bars(ax, data, label="competitor", value="market_share", unit="share", emphasis="is_self")
    first = data.iloc[0]
    title = t("We hold the largest share.") if first["is_self"] else t("The largest share is that of {name}.", name=str(first["competitor"]))
    alt = t("Market share of each competitor in the latest year; the own firm in the accent colour.")
    return Chart(key="landscape", figure=figure, title=title, alt=alt, data=data, note=t("Shares of {year}.", year=str(result.year or "–")))
