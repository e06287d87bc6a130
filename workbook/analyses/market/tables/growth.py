"""Tables of growth."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.market.growth import GrowthResult
from workbook.analyses.market.pace import PaceResult
from workbook.show import Col, TableView, table
from workbook.text import t


def part_growth(growth: GrowthResult) -> TableView | None:
    """Growth of regions and segments."""
    if growth.by_part is None:
        return None
    title = t("Growth by region and segment")
    if growth.by_part.empty:
        why = t("The market data name no region or segment with enough years; no part can be set beside the whole.")
        return table("part_growth", pd.DataFrame({"why": [why]}), (Col("why", t("Not compared")),), title)
    rows, names = growth.by_part, {"region": t("Region"), "segment": t("Segment")}
    verdict = [_pace(bool(reliable), float(rate)) for reliable, rate in zip(rows["is_reliable"], rows["share_rate"], strict=True)]
    data = rows.assign(kind=rows["dimension"].map(names), verdict=verdict)
    columns = (
        Col("kind", t("Split by")), Col("name", t("Part")), Col("rate", t("Growth a year"), "share"), Col("low", t("from"), "share"),
        Col("high", t("to"), "share"), Col("verdict", t("Against the market")),
    )  # fmt: skip
    return table("part_growth", data, columns, title)


def _pace(is_reliable: bool, rate: float) -> str:
    if not is_reliable:
        return t("no reliable difference")
    return t("faster") if rate > 0 else t("slower")


def own(pace: PaceResult) -> TableView | None:
    """Own won amount beside the market."""
    if pace.own is None or pace.own.empty or pace.main is None:
        return None
    data = pace.own.assign(complete=[t("yes") if flag else t("no") for flag in pace.own["is_complete"]])
    columns = (
        Col("year", t("Year"), "year"), Col("deals_count", t("Won deals"), "count"), Col("amount", t("Won amount"), "money"),
        Col("complete", t("Complete year")), Col("market_volume", t("Market"), "money"), Col("market_share", t("Own share"), "share"),
    )  # fmt: skip
    note = t("Won amounts are orders, the market is turnover: the share is a guide. Incomplete years are left out of the comparison.")
    return table("own", data, columns, t("Our won amount beside the market"), currency=pace.main.currency, note=note)
