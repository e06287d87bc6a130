"""A table is one frozen value: small data, labels, units. Formatted only when it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from workbook.show.theme import PALETTE
from workbook.text import Quantity, day, render, t

if TYPE_CHECKING:
    from jinja2 import Template

NUMERIC_UNITS = ("share", "ratio", "points", "days", "count", "money", "money_per_day", "index", "number", "year", "written")
NOT_KNOWN = "–"


@dataclass(frozen=True, slots=True)
class Col:
    """One column of a table: the data's name, the label shown, the unit that formats it (`text` for words, `written`
    for numbers of different units that stand there as text already, set right like other numbers)."""

    name: str
    label: str
    unit: str = "text"
    digits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A table ready to show. data keeps the numbers; `currency` is that of all money columns.

    is_grouped: rows that follow one another with the same first cell stand under it as their heading.
    """

    key: str
    title: str
    data: pd.DataFrame
    columns: tuple[Col, ...]
    currency: str | None = None
    note: str = ""
    max_rows: int = field(default=40)
    is_grouped: bool = False

    def texts(self) -> pd.DataFrame:
        """Return the cells as text in the current language, one column per label, at most `max_rows` rows."""
        return pd.DataFrame(self._rows(), columns=[col.label for col in self.columns], dtype=object)

    def _rows(self) -> list[tuple[str, ...]]:
        """Return the cells as text, row by row."""
        head = self.data.head(self.max_rows)
        return list(zip(*([self._cell(value, col) for value in head[col.name]] for col in self.columns), strict=True))

    def _cell(self, value: object, col: Col) -> str:
        if isinstance(value, str):
            return value.strip() or NOT_KNOWN
        if value is None or value is pd.NaT or (not isinstance(value, list | tuple | date) and _is_missing(value)):
            return NOT_KNOWN
        if col.unit == "year":
            return str(int(value))  # type: ignore[call-overload]
        if isinstance(value, date):
            return Quantity(value, col.unit).text() if col.unit in ("month", "quarter") else day(value).text()
        if col.unit == "text":
            return render(bool(value) if str(value) in ("True", "False") else value)
        return Quantity(float(value), col.unit, self.currency, col.digits).text()  # type: ignore[arg-type]

    def html(self) -> str:
        """Return the table as HTML. The first column (the second, under headings) names the row where it is no quantity."""
        first = int(self.is_grouped and len(self.columns) > 2)
        groups: dict[str, list[tuple[str, ...]]] = {}
        for row in self._rows():
            groups.setdefault(row[0] if first else "", []).append(row[first:])
        is_named = len(self.columns) > 1 and self.columns[first].unit not in set(NUMERIC_UNITS) - {"year"}
        has_gaps = any(NOT_KNOWN in row for rows in groups.values() for row in rows)
        numeric = [col.unit in NUMERIC_UNITS and (place > 0 or not is_named) for place, col in enumerate(self.columns[first:])]
        return _template().render(
            columns=[(col.label, is_numeric) for col, is_numeric in zip(self.columns[first:], numeric, strict=True)],
            groups=groups,
            is_grouped=bool(first),
            is_named=is_named,
            footer=t("– : not known or not applicable") if has_gaps else "",
            palette=PALETTE,
        )

    def text(self) -> str:
        """Return the table as plain text."""
        return str(self.texts().to_string(index=False))


def table(key: str, data: pd.DataFrame, columns: tuple[Col, ...], title: str, **more: object) -> TableView:
    """Return a table; `more` takes currency, note, max_rows, is_grouped."""
    return TableView(key=key, title=title, data=data, columns=columns, **more)  # type: ignore[arg-type]


@lru_cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    house = Environment(loader=PackageLoader("workbook.show"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return house.get_template("table.html")


def _is_missing(value: object) -> bool:
    return bool(pd.isna(value))  # type: ignore[call-overload]
