"""Tables on how buyers see the brands. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.competitors.perceptual_map import PerceptualMapResult
from workbook.show import Col, TableView, table
from workbook.text import render, t


def perceptual_map(result: PerceptualMapResult) -> TableView | None:
    """What each brand stands for, reliably, and how well the map shows it."""
    if result.brands is None or result.marks is None:
        return None
    told = result.marks[result.marks["is_reliable"]]

    def named(brand: str, sign: int) -> str:
        rows = told[(told["brand"] == brand) & (sign * told["difference"] > 0)]
        ordered = rows.assign(size=rows["difference"].abs()).sort_values(["size", "attribute"], ascending=[False, True])
        return render(tuple(ordered["attribute"].head(3))) if len(ordered) else t("none")

    data = result.brands.assign(
        good=[named(brand, 1) for brand in result.brands["brand"]], bad=[named(brand, -1) for brand in result.brands["brand"]]
    ).sort_values("brand")
    columns = (
        Col("brand", t("Brand")), Col("rater_count", t("Buyers"), "count"), Col("good", t("Found good at, more than others")),
        Col("bad", t("Found good at, less than others")), Col("quality", t("Shown by the map"), "share"),
    )  # fmt: skip
    note = t("Found good at: the buyer's score lies above the mean of all that buyer's scores. Only what survives the control for many comparisons.")
    return table("perceptual_map", data, columns, t("What buyers find each brand good at"), note=note)


def positions_told_apart(result: PerceptualMapResult) -> TableView | None:
    """Pairs of brands that buyers do not tell apart."""
    if result.pairs is None or result.pairs["is_apart"].all():
        return None
    data = result.pairs[~result.pairs["is_apart"]].sort_values(["distance", "first", "second"])
    columns = (Col("first", t("Brand")), Col("second", t("not told apart from")), Col("distance", t("Distance on the map"), "number", 2))
    return table("positions_told_apart", data, columns, t("Brands whose places could be one"))
