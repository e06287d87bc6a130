"""Tables of the competitors chapter."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.analyses.competitors.by_competitor import ByCompetitorResult
from workbook.analyses.competitors.by_competitor_adjusted import ByCompetitorAdjustedResult
from workbook.analyses.competitors.encounters import EncountersResult
from workbook.analyses.competitors.landscape import LandscapeResult
from workbook.analyses.competitors.loss_reasons import LossReasonsResult
from workbook.analyses.competitors.overall import OverallResult
from workbook.analyses.competitors.swot import NAMES, QUADRANTS, SwotResult
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
    note = t("Shrunken: pulled towards the common rate the more the fewer deals it rests on. A difference is stated only if it survives the control for many comparisons.")
    return table("by_competitor", data, columns, t("Win rate by competitor"), currency=result.currency, note=note)


def loss_reasons(result: LossReasonsResult) -> TableView | None:
    """Lost deals and lost money by reason."""
    if result.by_reason is None:
        return None
    columns = (
        Col("reason", t("Reason")), Col("lost_count", t("Lost deals"), "count"), Col("lost_share", t("Share"), "share"),
        Col("low", t("from"), "share"), Col("high", t("to"), "share"), Col("lost_amount", t("Amount lost"), "money"),
        Col("amount_share", t("Share of the money"), "share"), Col("amount_low", t("money from"), "share"), Col("amount_high", t("money to"), "share"),
    )  # fmt: skip
    return table("loss_reasons", result.by_reason, columns, t("Why deals are lost"), currency=result.currency)


def reasons_by_competitor(result: LossReasonsResult) -> TableView | None:
    """Reasons named more often against one competitor than against the others: only what survives."""
    if result.by_competitor is None:
        return None
    rows = result.by_competitor
    data = rows[rows["is_reliable"] & (rows["lost_share"] > rows["others_share"])].reset_index(drop=True)
    if data.empty:
        return None
    columns = (
        Col("competitor", t("Competitor")), Col("reason", t("Reason")), Col("lost_count", t("Lost deals"), "count"),
        Col("lost_share", t("Share"), "share"), Col("low", t("from"), "share"), Col("high", t("to"), "share"),
        Col("others_share", t("Against the others"), "share"),
    )  # fmt: skip
    return table("reasons_by_competitor", data, columns, t("Reasons named reliably more often against a competitor"))


def encounters(result: EncountersResult) -> TableView | None:
    """How often each competitor is met."""
    if result.by_competitor is None or result.by_competitor.empty:
        return None
    columns = (
        Col("competitor", t("Competitor")), Col("deals_count", t("Deals"), "count"), Col("encounter_share", t("Met in"), "share"),
        Col("low", t("from"), "share"), Col("high", t("to"), "share"),
    )  # fmt: skip
    return table("encounters", result.by_competitor, columns, t("How often we meet each competitor"))


def landscape(result: LandscapeResult) -> TableView | None:
    """The competitors side by side."""
    if result.competitors is None:
        return None
    kinds = {"direct": t("direct"), "indirect": t("indirect")}
    reach = {"local": t("local"), "international": t("international")}
    data = result.competitors.assign(
        kind_name=result.competitors["kind"].map(kinds), reach_name=result.competitors["reach"].map(reach),
        change=result.competitors["share_change"].astype(float) * 100,
    )  # fmt: skip
    columns = (
        Col("competitor", t("Competitor")), Col("kind_name", t("Kind")), Col("reach_name", t("Reach")),
        Col("market_share", t("Market share"), "share"), Col("change", t("Change (points)"), "points"),
        Col("price_index", t("Price level"), "index"), Col("channels", t("Channels")), Col("products", t("Products")),
        Col("deals_count", t("Met in deals"), "count"),
    )  # fmt: skip
    years = {"first": str(result.first_year or "–"), "last": str(result.year or "–")}
    note = t("Price level: own = 100. Change of the share in percentage points, {first} to {last}.", **years)
    return table("landscape", data, columns, t("The competitors side by side"), note=note)


def swot(result: SwotResult) -> TableView | None:
    """The four fields, one row per item, each with its number; an empty field says why."""
    if result.items is None or result.empty is None:
        return None
    rows: list[dict[str, object]] = []
    for quadrant in QUADRANTS:
        name, own = render(NAMES[quadrant]), result.items[result.items["quadrant"] == quadrant]
        rows += [_swot_row(name, row) for row in own.to_dict("records")]
        if quadrant in result.empty:
            why = t("nothing: {reason}", reason=result.empty[quadrant])
            rows.append({"field": name, "item": why, "number": "", "n": None, "date": "", "evidence": ""})
    columns = (Col("field", t("Field")), Col("item", t("What")), Col("number", t("Number")), Col("n", t("n"), "count"), Col("date", t("As of")))
    note = t("n: deals, years or firms behind the number. Only what a test or a stated number supports is listed.")
    return table("swot", pd.DataFrame(rows), columns, t("Strengths, weaknesses, opportunities, threats"), note=note)


def _swot_row(name: str, row: dict[Any, Any]) -> dict[str, object]:
    words = {key: render(row[key]) for key in ("item", "number", "date", "evidence")}
    return {"field": name, "n": row["n"], **words}


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
