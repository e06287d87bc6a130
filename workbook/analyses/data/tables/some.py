"""A table of a frame that may be empty."""

from __future__ import annotations

import pandas as pd

from workbook.show import Col, TableView, table


def some(key: str, data: pd.DataFrame, columns: tuple[Col, ...], title: str, currency: str | None = None) -> TableView | None:
    """Return the table, or None where the frame has no rows."""
    return None if data.empty else table(key, data, columns, title, currency=currency)
