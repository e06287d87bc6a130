"""Figures of the competitors chapter."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.competitors.by_competitor import ByCompetitorResult
from workbook.analyses.competitors.encounters import EncountersResult
from workbook.analyses.competitors.loss_reasons import LossReasonsResult
from workbook.analyses.competitors.overall import OverallResult
from workbook.analyses.competitors.tables import state_names
from workbook.show import Chart, canvas, dot_interval
from workbook.text import render, share, t


def overall(result: OverallResult) -> Chart | None:
    """Dots with intervals: with, without and with unknown competition."""
    if result.refused is not None or result.by_state is None:
        return None
    rows = result.by_state[result.by_state["closed_count"] > 0]
    data = rows.assign(state=rows["competition"].map(state_names()))[["state", "win_rate", "low", "high", "closed_count"]]
    data["is_known"] = rows["competition"] != "unknown"
    figure, ax = canvas()
    dot_interval(ax, data, label="state", value="win_rate", low="low", high="high", n="closed_count", emphasis="is_known")
    alt = t("Win rate with interval for deals with, without and with unknown competition.")
    return Chart(key="overall", figure=figure, title=_finding(result), alt=alt, data=data)


def by_competitor(result: ByCompetitorResult) -> Chart | None:
    """Dots with intervals, hardest first; the line is the rate over the competitors shown."""
    if result.by_competitor is None or result.by_competitor.empty:
        return None
    data = result.by_competitor[["competitor", "win_rate", "low", "high", "closed_count", "is_reliable"]]
    common = float(result.by_competitor["won_count"].sum() / result.by_competitor["closed_count"].sum())
    figure, ax = canvas()
    dot_interval(
        ax, data, label="competitor", value="win_rate", low="low", high="high", n="closed_count", reference=common,
        reference_label=t("line: against all of them {rate}", rate=share(common)), emphasis="is_reliable",
    )  # fmt: skip
    alt = t("Win rate with interval against each competitor; strong colour where it differs reliably from the others.")
    return Chart(key="by_competitor", figure=figure, title=_finding(result), alt=alt, data=data)


def loss_reasons(result: LossReasonsResult) -> Chart | None:
    """Share of the lost deals per reason, with intervals."""
    if result.by_reason is None:
        return None
    data = result.by_reason[["reason", "lost_share", "low", "high", "lost_count"]]
    figure, ax = canvas()
    dot_interval(ax, data, label="reason", value="lost_share", low="low", high="high", n="lost_count")
    alt = t("Share of the lost deals with a recorded reason, per reason, with interval.")
    return Chart(key="loss_reasons", figure=figure, title=_finding(result), alt=alt, data=data)


def encounters(result: EncountersResult) -> Chart | None:
    """Share of the recorded deals in which each competitor was met."""
    if result.by_competitor is None or result.by_competitor.empty:
        return None
    data: pd.DataFrame = result.by_competitor
    figure, ax = canvas()
    dot_interval(ax, data, label="competitor", value="encounter_share", low="low", high="high", n="deals_count")
    alt = t("Share of the deals with a filled competitor field that name each competitor, with interval.")
    return Chart(key="encounters", figure=figure, title=_finding(result), alt=alt, data=data)


def _finding(result: OverallResult | ByCompetitorResult | LossReasonsResult | EncountersResult) -> str:
    return "" if result.finding is None else render(result.finding)
