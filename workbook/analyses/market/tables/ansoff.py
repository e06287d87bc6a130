"""Tables of Ansoff's fields."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.market.ansoff import AnsoffResult
from workbook.analyses.market.ansoff_fields import ASKS, MEANING, NAMES
from workbook.show import Col, TableView, table
from workbook.text import render, t


def ansoff(result: AnsoffResult) -> TableView | None:
    """The four fields in numbers, in order of rising risk."""
    if result.by_field is None:
        return None
    rows = result.by_field
    data = rows.assign(name=[render(NAMES[field]) for field in rows["field"]], meaning=[render(MEANING[field]) for field in rows["field"]])
    columns = (
        Col("name", t("Field")), Col("meaning", t("Meaning")), Col("closed_count", t("Decided deals"), "count"),
        Col("win_rate", t("Win rate"), "share"), Col("low", t("from"), "share"), Col("high", t("to"), "share"),
        Col("won_amount", t("Won amount"), "money"), Col("pipeline_amount", t("Open pipeline"), "money"),
    )  # fmt: skip
    note = t("In order of rising risk.")
    return table("ansoff", data, columns, t("Where won amount and pipeline come from"), currency=result.currency, note=note)


def ansoff_asks(result: AnsoffResult) -> TableView | None:
    """What each used field asks of sales."""
    if result.by_field is None:
        return None
    used = result.by_field[result.by_field["deals_count"] > 0]
    rows = [{"name": render(NAMES[field]), "asks": render(ASKS[field])} for field in used["field"]]
    return table("ansoff_asks", pd.DataFrame(rows), (Col("name", t("Field")), Col("asks", t("What it asks of sales"))), t("What each field asks of sales"))


def ansoff_options(result: AnsoffResult) -> TableView | None:
    """Fields ranked by what their open pipeline promises, with their risk."""
    if result.options is None or result.options.empty:
        return None
    data = result.options.assign(name=[render(NAMES[str(field)]) for field in result.options["field"]])
    columns = (
        Col("rank", t("Rank"), "count"), Col("name", t("Field")), Col("pipeline_amount", t("Open pipeline"), "money"),
        Col("expected_amount", t("Expected value"), "money"), Col("expected_low", t("from"), "money"), Col("expected_high", t("to"), "money"),
        Col("risk", t("Risk"), "share", 0),
    )  # fmt: skip
    note = t("Expected value: pipeline times win rate, with the range of the rate. Risk: how far the outcome strays, as a share of it.")
    return table("ansoff_options", data, columns, t("What each field's pipeline promises"), currency=result.currency, note=note)
