"""Tables on whom we meet. None where there is nothing to show."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.analyses.competitors.encounters import EncountersResult
from workbook.analyses.competitors.landscape import LandscapeResult
from workbook.show import Col, TableView, table
from workbook.text import span, t


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
    reached = {"local": t("local"), "international": t("international")}
    data = result.competitors.assign(
        kind_name=[_kind(kinds.get(kind), reached.get(reach)) for kind, reach in zip(result.competitors["kind"], result.competitors["reach"], strict=True)],
        change=result.competitors["share_change"].astype(float) * 100,
    )  # fmt: skip
    columns = (
        Col("competitor", t("Competitor")), Col("kind_name", t("Kind and reach")),
        Col("market_share", t("Market share"), "share"), Col("change", t("Change (points)"), "points"), Col("trend", t("Trend of the share a year")),
        Col("price_index", t("Price level"), "index"), Col("deals_count", t("Met in deals"), "count"), Col("win_rate", t("Win rate"), "share"),
        Col("win_low", t("from"), "share"), Col("win_high", t("to"), "share"),
    )  # fmt: skip
    data = data.assign(trend=[_trend(row) for row in data.to_dict("records")])
    years = {"first": str(result.first_year or "–"), "last": str(result.year or "–")}
    note = t("Price level: own = 100. Change of the share in percentage points, {first} to {last}; its trend is relative to the share, with interval, “settled” where it survives the control.", **years)
    return table("landscape", data, columns, t("The competitors side by side"), note=note)


def _kind(*words: str | None) -> str:
    return ", ".join(word for word in words if word)


def _trend(row: dict[Any, Any]) -> str:
    if pd.isna(row["share_rate"]):
        return ""
    between = span(float(row["share_rate_low"]), float(row["share_rate_high"]), "share")
    return t("{range}, settled", range=between) if row["is_moving"] else between.text()


def reach(result: LandscapeResult) -> TableView | None:
    """Through which channels and with which products each competitor sells."""
    if result.competitors is None or result.competitors[["channels", "products"]].replace("", None).isna().all(axis=None):
        return None
    columns = (Col("competitor", t("Competitor")), Col("channels", t("Channels")), Col("products", t("Products")))
    return table("reach", result.competitors, columns, t("Channels and products"))
