"""Figures of the competitors chapter."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.competitors.by_competitor import ByCompetitorResult
from workbook.analyses.competitors.by_competitor_adjusted import ByCompetitorAdjustedResult
from workbook.analyses.competitors.encounters import EncountersResult
from workbook.analyses.competitors.loss_reasons import LossReasonsResult
from workbook.analyses.competitors.overall import OverallResult
from workbook.analyses.competitors.tables import state_names
from workbook.show import Chart, canvas, dot_interval
from workbook.text import share, t


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
    return Chart(key="overall", figure=figure, title=_overall_title(result), alt=alt, data=data)


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
    title = _rivals_title(data, result.by_competitor["difference"] < 0)
    return Chart(key="by_competitor", figure=figure, title=title, alt=alt, data=data)


def adjusted(result: ByCompetitorAdjustedResult) -> Chart | None:
    """Adjusted rates as dots with intervals, hardest first."""
    if result.by_competitor is None:
        return None
    data = result.by_competitor[["competitor", "adjusted_rate", "low", "high", "closed_count", "is_reliable"]]
    figure, ax = canvas()
    dot_interval(
        ax, data, label="competitor", value="adjusted_rate", low="low", high="high", n="closed_count", emphasis="is_reliable"
    )
    alt = t("Win rate with interval against each competitor for one common mix of deals; strong colour where it differs reliably.")
    title = _rivals_title(data, result.by_competitor["odds_ratio"] < 1)
    return Chart(key="by_competitor_adjusted", figure=figure, title=title, alt=alt, data=data)


def loss_reasons(result: LossReasonsResult) -> Chart | None:
    """Share of the lost deals per reason, with intervals."""
    if result.by_reason is None:
        return None
    data = result.by_reason[["reason", "lost_share", "low", "high", "lost_count"]]
    figure, ax = canvas()
    dot_interval(ax, data, label="reason", value="lost_share", low="low", high="high", n="lost_count")
    alt = t("Share of the lost deals with a recorded reason, per reason, with interval.")
    return Chart(key="loss_reasons", figure=figure, title=_reasons_title(result), alt=alt, data=data)


def encounters(result: EncountersResult) -> Chart | None:
    """Share of the recorded deals in which each competitor was met."""
    if result.by_competitor is None or result.by_competitor.empty:
        return None
    data: pd.DataFrame = result.by_competitor
    figure, ax = canvas()
    dot_interval(ax, data, label="competitor", value="encounter_share", low="low", high="high", n="deals_count")
    alt = t("Share of the deals with a filled competitor field that name each competitor, with interval.")
    return Chart(key="encounters", figure=figure, title=t("Met most often: {name}.", name=str(data["competitor"].iloc[0])), alt=alt, data=data)


def _overall_title(result: OverallResult) -> str:
    gap = result.difference
    if gap is None:
        return t("There is no other side to compare with.")
    if gap.low <= 0 <= gap.high:
        return t("No reliable difference between deals with and without a competitor.")
    if gap.high < 0:
        return t("With a competitor at the table we win less often.")
    return t("With a competitor at the table we win more often.")


def _rivals_title(data: pd.DataFrame, is_harder: pd.Series) -> str:
    """data: competitor, is_reliable; is_harder: one flag per row."""
    reliable = data["is_reliable"].astype(bool)
    harder = tuple(data.loc[reliable & is_harder, "competitor"])
    easier = tuple(data.loc[reliable & ~is_harder, "competitor"])
    if harder and easier:
        return t("Harder than the others: {harder}; easier: {easier}.", harder=harder, easier=easier)
    if harder:
        return t("Harder than the others: {harder}.", harder=harder)
    return t("Easier than the others: {easier}.", easier=easier) if easier else t("No competitor differs reliably from the others.")


def _reasons_title(result: LossReasonsResult) -> str:
    assert result.by_reason is not None
    first = str(result.by_reason["reason"].iloc[0])
    if result.is_first_reliable:
        return t("Named most as the reason of a loss: {reason}.", reason=first)
    return t("No reason of a loss is reliably ahead of the others.")
