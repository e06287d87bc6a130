"""Table of the competitive position. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.competitors.porter import INDICATOR_NAMES, POSITION_NAMES, PorterResult, in_words
from workbook.show import Col, TableView, table
from workbook.text import render, t


def porter(result: PorterResult) -> TableView | None:
    """Each indicator with its interval and what it speaks for or against."""
    if result.indicators is None:
        return None
    rows = result.indicators.to_dict("records")
    names = {key: render(name) for key, name in POSITION_NAMES.items()} | {"": ""}
    data = result.indicators.assign(
        name=[render(INDICATOR_NAMES[str(row["indicator"])]) for row in rows], words=[render(in_words(row)) for row in rows],
        yes=[names[str(row["speaks_for"])] for row in rows], no=[names[str(row["speaks_against"])] for row in rows],
    )  # fmt: skip
    columns = (
        Col("name", t("Indicator")), Col("words", t("Value")), Col("n", t("n"), "count"), Col("yes", t("Speaks for")), Col("no", t("Speaks against")),
    )  # fmt: skip
    note = t("n: competitors, deals or respondents. An indicator speaks only where its interval lies beyond the threshold or its test survives the control.")
    return table("porter", data, columns, t("What speaks for which position"), note=note)
