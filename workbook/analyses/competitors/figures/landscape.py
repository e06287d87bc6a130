"""Figures on whom we meet. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.competitors.encounters import EncountersResult
from workbook.show import Chart, canvas, dot_interval
from workbook.text import t


def encounters(result: EncountersResult) -> Chart | None:
    """Share of the recorded deals in which each competitor was met."""
    if result.by_competitor is None or result.by_competitor.empty:
        return None
    data: pd.DataFrame = result.by_competitor
    figure, ax = canvas()
    dot_interval(ax, data, label="competitor", value="encounter_share", low="low", high="high", n="deals_count")
    alt = t("Share of the deals with a filled competitor field that name each competitor, with interval.")
    return Chart(key="encounters", figure=figure, title=t("Met most often: {name}.", name=str(data["competitor"].iloc[0])), alt=alt, data=data)
