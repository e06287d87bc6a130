"""Figures on win rates against competitors. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.competitors.by_competitor import ByCompetitorResult
from workbook.analyses.competitors.by_competitor_adjusted import ByCompetitorAdjustedResult
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
