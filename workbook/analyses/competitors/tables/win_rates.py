"""Tables on win rates against competitors. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.competitors.by_competitor import ByCompetitorResult
from workbook.analyses.competitors.by_competitor_adjusted import ByCompetitorAdjustedResult
from workbook.analyses.competitors.overall import OverallResult
from workbook.analyses.competitors.strengths import StrengthsResult
from workbook.analyses.competitors.trend import TrendResult
from workbook.show import Col, TableView, table
from workbook.text import render, t


def state_names() -> dict[str, str]:
    """Name the states of the competitor field."""
    return {"named": t("competitor named"), "none": t("recorded: no competitor"), "unknown": t("not recorded")}


def _status_names() -> dict[str, str]:
    return {"won": t("won"), "lost": t("lost"), "open": t("open"), "no_decision": t("no decision")}


def overall(result: OverallResult) -> TableView | None:
    """Win rate with, without and with unknown competition."""
    if result.refused is not None or result.by_state is None:
        return None
    data = result.by_state.assign(state=result.by_state["competition"].map(state_names()))
    columns = (
        Col("state", t("Competition")), Col("closed_count", t("Decided deals"), "count"), Col("win_rate", t("Win rate"), "share"),
        Col("low", t("from"), "share"), Col("high", t("to"), "share"), Col("design_effect", t("Design effect"), "number", 1),
    )  # fmt: skip
    return table("overall", data, columns, t("Win rate with and without a competitor"))


def fill(result: OverallResult) -> TableView | None:
    """How often the competitor field is filled, by outcome."""
    if result.fill is None or result.fill.empty:
        return None
    names = _status_names()
    data = result.fill.assign(outcome=[names.get(status, status) for status in result.fill["status"]])
    columns = (
        Col("outcome", t("Outcome")), Col("deals_count", t("Deals"), "count"), Col("filled_share", t("Field filled"), "share"),
        Col("low", t("from"), "share"), Col("high", t("to"), "share"),
    )  # fmt: skip
    return table("fill", data, columns, t("How often the competitor field is filled, by outcome"))


def by_competitor(result: ByCompetitorResult) -> TableView | None:
    """Win rate against each competitor, raw, shrunken and against the others."""
    if result.by_competitor is None or result.by_competitor.empty:
        return None
    rows = result.by_competitor
    verdict = {-1: t("harder"), 1: t("easier"), 0: t("no reliable difference")}
    signs = [int(reliable) * (1 if gap > 0 else -1) for reliable, gap in zip(rows["is_reliable"], rows["difference"], strict=True)]
    columns = (
        Col("competitor", t("Competitor")), Col("closed_count", t("Decided deals"), "count"), Col("win_rate", t("Win rate"), "share"),
        Col("low", t("from"), "share"), Col("high", t("to"), "share"), Col("shrunken_share", t("Shrunken"), "share"),
        Col("verdict", t("Against the others")), Col("lost_amount", t("Amount lost"), "money"),
    )  # fmt: skip
    data = rows.assign(verdict=[verdict[sign] for sign in signs])
    note = t(
        "Shrunken: for the average salesperson, pulled towards the common rate the more the fewer deals it rests on. A difference is stated only if it "
        "survives the control for many comparisons."
    )
    return table("by_competitor", data, columns, t("Win rate by competitor"), currency=result.currency, note=note)


def adjusted(result: ByCompetitorAdjustedResult) -> TableView | None:
    """Raw and adjusted win rate by competitor."""
    if result.by_competitor is None:
        return None
    rows = result.by_competitor
    verdict = {-1: t("harder"), 1: t("easier"), 0: t("no reliable difference")}
    signs = [int(reliable) * (1 if odds > 1 else -1) for reliable, odds in zip(rows["is_reliable"], rows["odds_ratio"], strict=True)]
    data = rows.assign(verdict=[verdict[sign] for sign in signs])
    columns = (
        Col("competitor", t("Competitor")), Col("closed_count", t("Decided deals"), "count"), Col("win_rate", t("Raw"), "share"),
        Col("adjusted_rate", t("Adjusted"), "share"), Col("low", t("from"), "share"), Col("high", t("to"), "share"),
        Col("odds_ratio", t("Odds ratio"), "ratio"), Col("verdict", t("Against the others")),
    )  # fmt: skip
    note = t("Odds ratio: odds of winning against this competitor over the mean of the others, in deals of equal kind.")
    return table("by_competitor_adjusted", data, columns, t("Win rate by competitor for one common mix of deals"), note=note)


def strengths(result: StrengthsResult) -> TableView | None:
    """Chance against each competitor if it is met alone."""
    if result.competitors is None:
        return None
    columns = (
        Col("competitor", t("Competitor")), Col("closed_count", t("Decided deals"), "count"), Col("alone_count", t("Met alone"), "count"),
        Col("win_share", t("We win alone against it"), "share"), Col("low", t("from"), "share"), Col("high", t("to"), "share"),
        Col("weaker", t("Reliably stronger than")),
    )  # fmt: skip
    told = result.pairs[result.pairs["is_reliable"]] if result.pairs is not None else None
    weaker = [tuple(told.loc[told["stronger"] == name, "weaker"]) if told is not None else () for name in result.competitors["competitor"]]
    data = result.competitors.assign(weaker=[render(names) if names else t("none") for names in weaker])
    return table("strengths", data, columns, t("Strength of each competitor, met alone"))


def trend(result: TrendResult) -> TableView | None:
    """Change of the win rate per year against each competitor."""
    if result.by_competitor is None:
        return None
    verdict = {-1: t("getting harder"), 1: t("getting easier"), 0: t("no reliable change")}
    rows = result.by_competitor
    signs = [int(told) * (1 if slope > 0 else -1) for told, slope in zip(rows["is_reliable"], rows["slope"], strict=True)]
    data = rows.assign(verdict=[verdict[sign] for sign in signs], **{name: 100 * rows[name] for name in ("slope", "low", "high")})
    columns = (
        Col("competitor", t("Competitor")), Col("closed_count", t("Decided deals"), "count"), Col("quarters_count", t("Quarters"), "count"),
        Col("slope", t("Percentage points per year"), "points"), Col("low", t("from"), "points"), Col("high", t("to"), "points"), Col("verdict", t("Trend")),
    )  # fmt: skip
    return table("competitor_trend", data, columns, t("Change of the win rate by competitor"))
