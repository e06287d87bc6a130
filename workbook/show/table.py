"""A table is one frozen value: small data, labels, units. Formatted only when it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from workbook.text import Quantity, day, render

NUMERIC_UNITS = ("share", "ratio", "points", "days", "count", "money", "money_per_day", "index", "number", "year")


@dataclass(frozen=True, slots=True)
class Col:
    """One column of a table: the data's name, the label shown, the unit that formats it (`text` for words)."""

    name: str
    label: str
    unit: str = "text"
    digits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A table ready to show. data keeps the numbers; `currency` is that of all money columns."""

    key: str
    title: str
    data: pd.DataFrame
    columns: tuple[Col, ...]
    currency: str | None = None
    note: str = ""
    max_rows: int = field(default=40)

    def texts(self) -> pd.DataFrame:
        """Return the cells as text in the current language, one column per label, at most `max_rows` rows."""
        head = self.data.head(self.max_rows)
        return pd.DataFrame({col.label: [self._cell(value, col) for value in head[col.name]] for col in self.columns}, dtype=object)

    def _cell(self, value: object, col: Col) -> str:
        if isinstance(value, str):
            return value
        if value is None or value is pd.NaT or (not isinstance(value, list | tuple | date) and pd.isna(value)):  # type: ignore[call-overload]
            return "–"
        if col.unit == "year":
            return str(int(value))  # type: ignore[call-overload]
        if isinstance(value, date):
            return day(value).text()
        if col.unit == "text":
            return render(value)
        return Quantity(float(value), col.unit, self.currency, col.digits).text()  # type: ignore[arg-type]

    def html(self) -> str:
        """Return the table as HTML; Great Tables escapes cells and labels (a test holds it to that)."""
        from great_tables import GT

        texts = self.texts()
        texts.columns = pd.Index([col.name for col in self.columns])
        right = [col.name for col in self.columns if col.unit in NUMERIC_UNITS]
        left = [col.name for col in self.columns if col.unit not in NUMERIC_UNITS]
        shown = GT(texts, id=f"table-{self.key}").cols_label({col.name: col.label for col in self.columns})
        shown = shown.cols_align("right", right) if right else shown
        shown = shown.cols_align("left", left) if left else shown
        return str(shown.as_raw_html())

    def text(self) -> str:
        """Return the table as plain text."""
        return str(self.texts().to_string(index=False))


def table(key: str, data: pd.DataFrame, columns: tuple[Col, ...], title: str, **more: object) -> TableView:
    """Return a table; `more` takes currency, note, max_rows."""
    return TableView(key=key, title=title, data=data, columns=columns, **more)  # type: ignore[arg-type]
