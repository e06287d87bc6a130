"""The key numbers of the chapter and what follows from it, as tables."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.data.follow_up import FollowUpResult
from workbook.analyses.data.tables.some import some
from workbook.kpis import kpi_of
from workbook.results import Headline, Result
from workbook.show import Col, TableView, table
from workbook.text import msg, quantity, render, t

NAMES = {
    'win_rate.stale_deals="counted as lost"': msg("Win rate if stale open deals were lost"),
    'win_rate.period="last 12 months"': msg("Win rate, last twelve months"),
    'won_amount.period="last 12 months"': msg("Won amount, last twelve months"),
}


def key_numbers(*results: Result) -> TableView | None:
    """The chapter's headlines: name, value, range, cases, the year before, and why a number or its range is missing."""
    rows = [_number(h) for result in results for h in result.headlines if "." not in h.key or h.key in NAMES]
    if not rows:
        return None
    columns = (
        Col("name", t("Key number")),
        Col("shown", t("Value")),
        Col("range", t("Range")),
        Col("n", t("Cases"), "count"),
        Col("prior_shown", t("Year before")),
        Col("note", t("Note")),
    )
    return table("key_numbers", pd.DataFrame(rows), columns, t("Where sales stand"))


def _number(h: Headline) -> dict[str, object]:
    has_range = h.low is not None or h.high is not None
    return {
        "key": h.key, "name": render(NAMES.get(h.key, kpi_of(h.key).name)), "shown": h.quantity.text(),
        "range": h.interval.text() if has_range else "–", "n": h.n,
        "prior_shown": quantity(h.prior, h.unit, h.currency).text(), "note": render(h.reason), "value": h.value, "low": h.low,
        "high": h.high, "prior": h.prior, "unit": h.unit, "currency": h.currency,
    }  # fmt: skip


def plan(result: FollowUpResult) -> TableView | None:
    """What to do, who, by when, watched by which KPI."""
    data = result.plan.assign(kpi=[render(kpi_of(key).name) for key in result.plan["watch_kpi"]])
    columns = (
        Col("what", t("What to do")), Col("owner_role", t("Who")), Col("due_on", t("By"), "date"), Col("kpi", t("Watched by")),
    )  # fmt: skip
    return some("plan", data, columns, t("What follows from the data"))
