"""Tables on price, value and discount. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.competitors.discount import DiscountResult
from workbook.analyses.competitors.value_map import ValueMapResult
from workbook.show import Col, TableView, table
from workbook.text import t


def value_map(result: ValueMapResult) -> TableView | None:
    """Price and rated value of each brand, and the price that would go with the rating."""
    if result.brands is None:
        return None
    verdict = {-1: t("cheap for it"), 1: t("dear for it"), 0: t("no reliable difference")}
    rows = result.brands
    signs = [int(told) * (1 if gap > 0 else -1) for told, gap in zip(rows["is_reliable"], rows["gap"], strict=True)]
    data = rows.assign(verdict=[verdict[sign] for sign in signs])
    columns = (
        Col("brand", t("Brand")), Col("rater_count", t("Buyers"), "count"), Col("value", t("Rated value"), "number", 2), Col("price", t("Price index"), "index"),
        Col("fair_price", t("by its rating"), "index"), Col("gap", t("Difference"), "points"), Col("gap_low", t("from"), "points"), Col("gap_high", t("to"), "points"),
        Col("verdict", t("Price for what buyers rate")),
    )  # fmt: skip
    return table("value_map", data, columns, t("Price and rated value"))


def discount(result: DiscountResult) -> TableView | None:
    """Win rate at round levels of discount, in deals of equal kind."""
    if result.curve is None:
        return None
    columns = (Col("discount", t("Discount"), "share", 0), Col("win_rate", t("Win rate"), "share"), Col("low", t("from"), "share"), Col("high", t("to"), "share"))
    return table("discount", result.curve, columns, t("Win rate by discount, in deals of equal kind"))


def discount_by_competitor(result: DiscountResult) -> TableView | None:
    """What five points of discount go with, by competitor."""
    if result.by_competitor is None or result.by_competitor.empty:
        return None
    verdict = {-1: t("fewer wins"), 1: t("more wins"), 0: t("no reliable effect")}
    rows = result.by_competitor
    signs = [int(told) * (1 if odds > 1 else -1) for told, odds in zip(rows["is_reliable"], rows["odds_ratio"], strict=True)]
    columns = (
        Col("competitor", t("Competitor")), Col("closed_count", t("Decided deals"), "count"), Col("odds_ratio", t("Odds ratio"), "ratio"),
        Col("odds_low", t("from"), "ratio"), Col("odds_high", t("to"), "ratio"), Col("verdict", t("Five points of discount go with")),
    )  # fmt: skip
    data = rows.assign(verdict=[verdict[sign] for sign in signs])
    note = t("Odds ratio: odds of winning with five points more discount over those without, in deals of equal kind.")
    return table("discount_by_competitor", data, columns, t("Discount and winning by competitor"), note=note)
