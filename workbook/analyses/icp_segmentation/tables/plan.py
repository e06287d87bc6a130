"""Tables of actions. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.results import Result
from workbook.show import Col, TableView, table
from workbook.text import render, t


def plan(*results: Result, key: str = "actions") -> TableView | None:
    """Actions of the chapter."""
    rows = [
        (render(a.what), render(a.owner_role), pd.Timestamp(a.due_on), a.watch_kpi) for result in results for a in result.actions
    ]
    if not rows:
        return None
    data = pd.DataFrame(rows, columns=["what", "owner_role", "due_on", "watch_kpi"]).sort_values(["due_on", "what"], ignore_index=True)
    columns = (
        Col("what", t("What to do")), Col("owner_role", t("Who")), Col("due_on", t("By"), "date"), Col("watch_kpi", t("KPI to watch")),
    )  # fmt: skip
    return table(key, data, columns, t("What follows"))
