"""Figures on win rates against competitors. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.competitors.by_competitor import ByCompetitorResult
from workbook.analyses.competitors.by_competitor_adjusted import ByCompetitorAdjustedResult
from workbook.analyses.competitors.overall import OverallResult
from workbook.analyses.competitors.strengths import StrengthsResult
from workbook.analyses.competitors.tables import state_names
from workbook.analyses.competitors.trend import TrendResult
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
    dot_interval(ax, data, label="state", value="win_rate", low="low", high="high", n="closed_count", emphasis="is_known", quantity=t("Win rate"))
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
        reference_label=t("line: against all of them {rate}", rate=share(common)), emphasis="is_reliable", quantity=t("Win rate"),
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
        ax, data, label="competitor", value="adjusted_rate", low="low", high="high", n="closed_count", emphasis="is_reliable",
        quantity=t("Win rate for one common mix of deals"),
    )  # fmt: skip
    alt = t("Win rate with interval against each competitor for one common mix of deals; strong colour where it differs reliably.")
    title = _rivals_title(data, result.by_competitor["odds_ratio"] < 1)
    return Chart(key="by_competitor_adjusted", figure=figure, title=title, alt=alt, data=data)


def strengths(result: StrengthsResult) -> Chart | None:
    """Chance against each competitor alone, strongest first."""
    if result.competitors is None or result.pairs is None:
        return None
    told = result.pairs[result.pairs["is_reliable"]]
    data = result.competitors[["competitor", "win_share", "low", "high", "closed_count"]]
    data = data.assign(is_reliable=data["competitor"].isin({*told["stronger"], *told["weaker"]}))
    figure, ax = canvas()
    dot_interval(
        ax, data, label="competitor", value="win_share", low="low", high="high", n="closed_count", emphasis="is_reliable",
        quantity=t("Our chance to win if only this competitor is there"),
    )  # fmt: skip
    alt = t("Chance to win against each competitor if it is met alone, with interval; strong colour where it is told apart from another one.")
    stronger = result.competitors["competitor"].iloc[0]
    weaker = tuple(told.loc[told["stronger"] == stronger, "weaker"])
    title = t("No competitor is reliably stronger than another.")
    if weaker:
        title = t("{name} is reliably stronger than {weaker}.", name=str(stronger), weaker=weaker)
    elif len(told):
        title = t("{told} of {pairs} pairs of competitors are told apart.", told=len(told), pairs=len(result.pairs))
    return Chart(key="strengths", figure=figure, title=title, alt=alt, data=data)


def trend(result: TrendResult) -> Chart | None:
    """Change of the win rate per year with intervals, steepest fall first; the line is no change."""
    if result.by_competitor is None:
        return None
    rows = result.by_competitor
    data = rows[["competitor", "closed_count", "is_reliable"]].assign(**{name: 100 * rows[name] for name in ("slope", "low", "high")})
    figure, ax = canvas()
    dot_interval(
        ax, data, label="competitor", value="slope", low="low", high="high", n="closed_count", unit="points", reference=0.0,
        reference_label=t("line: no change"), emphasis="is_reliable", quantity=t("Change of the win rate, percentage points per year"),
    )  # fmt: skip
    alt = t("Change of the win rate per year against each competitor, with interval; strong colour where it is reliable.")
    told = rows[rows["is_reliable"]]
    harder, easier = tuple(told.loc[told["slope"] < 0, "competitor"]), tuple(told.loc[told["slope"] > 0, "competitor"])
    title = t("No competitor is reliably getting harder or easier to beat.")
    if harder and easier:
        title = t("Getting harder to beat: {harder}; easier: {easier}.", harder=harder, easier=easier)
    elif harder:
        title = t("Getting harder to beat: {harder}.", harder=harder)
    elif easier:
        title = t("Getting easier to beat: {easier}.", easier=easier)
    return Chart(key="competitor_trend", figure=figure, title=title, alt=alt, data=data)


def _overall_title(result: OverallResult) -> str:
    gap = result.difference
    if gap is None:
        return t("There is no other side to compare with.")
    if not result.is_reliable:
        return t("No reliable difference between deals with and without a competitor.")
    if gap.value < 0:
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
