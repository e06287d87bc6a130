"""Tables of the forecast."""

from __future__ import annotations

from workbook.analyses.market.outlook import METHOD_NAMES, OutlookResult
from workbook.show import Col, TableView, table
from workbook.text import render, share, t


def methods(outlook: OutlookResult) -> TableView | None:
    """How good each forecast method was on the past."""
    if outlook.methods is None:
        return None
    data = outlook.methods.assign(name=[render(METHOD_NAMES[method]) for method in outlook.methods["method"]])
    columns = (
        Col("name", t("Method")), Col("mase", t("Scaled error (MASE)"), "number", 2), Col("wape", t("Error in per cent (WAPE)"), "share"),
        Col("coverage_share", t("Range held"), "share", 0), Col("error_count", t("Forecasts tried"), "count"),
    )  # fmt: skip
    note = t("Range held: how often the {level} range contained the true value, tried on the past.", level=share(outlook.level, 0))
    return table("methods", data, columns, t("How well each method forecast the past"), note=note)


def scenarios(outlook: OutlookResult) -> TableView | None:
    """Three markets to plan for, and what each assumes."""
    if outlook.scenarios is None or outlook.scenarios.empty or outlook.main is None:
        return None
    level = share(outlook.level, 0)
    assumed = {
        "low": t("low end of the {level} range: what went wrong in the past goes wrong again", level=level), "base": t("the past goes on as before"),
        "high": t("high end of the {level} range: the past's best luck again", level=level),
    }  # fmt: skip
    names = {"low": t("low"), "base": t("base"), "high": t("high")}
    rows = outlook.scenarios
    data = rows.assign(name=rows["scenario"].map(names), assumes=rows["scenario"].map(assumed))
    unit = "money" if outlook.main.currency else "count"
    columns = (
        Col("name", t("Scenario")), Col("volume", t("Market in {year}", year=str(int(rows["year"].iloc[0]))), unit), Col("rate", t("Growth a year"), "share"),
        Col("assumes", t("What it assumes")),
    )  # fmt: skip
    return table("scenarios", data, columns, t("Three markets to plan for"), currency=outlook.main.currency)
