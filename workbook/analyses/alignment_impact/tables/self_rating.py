"""Tables of the self-rating. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.alignment_impact.self_rating import SelfRatingResult
from workbook.show import Col, TableView, table
from workbook.text import t


def self_rating(result: SelfRatingResult) -> TableView | None:
    """Each statement with the mean of both functions and their gap."""
    if result.items is None:
        return None
    columns = (
        Col("item", t("Statement")), Col("sales", t("Sales"), "number", 1), Col("marketing", t("Marketing"), "number", 1),
        Col("gap", t("Gap"), "number", 1), Col("gap_low", t("from"), "number", 1), Col("gap_high", t("to"), "number", 1),
        Col("is_reliable", t("Reliable")),
    )  # fmt: skip
    note = t("Mean agreement from 1 (not at all) to 5 (fully); gap: sales minus marketing.")
    return table("self_rating", result.items, columns, t("How both functions rate their alignment"), note=note)


def rating_index(result: SelfRatingResult) -> TableView | None:
    """The index of each function."""
    if result.index is None:
        return None
    names = {"sales": t("Sales"), "marketing": t("Marketing")}
    data = result.index.assign(name=result.index["function"].map(names))
    columns = (Col("name", t("Function")), Col("value", t("Index"), "index"), Col("low", t("from"), "index"), Col("high", t("to"), "index"),
               Col("respondents_count", t("Respondents"), "count"))  # fmt: skip
    return table("rating_index", pd.DataFrame(data), columns, t("Alignment index, 0 to 100"))
