"""A table is one frozen value: small data, labels, units. Formatted only when it is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from workbook.show.escape import escape_html
from workbook.show.theme import PALETTE
from workbook.text import Quantity, day, render, t

NUMERIC_UNITS = ("share", "ratio", "points", "days", "count", "money", "money_per_day", "index", "number", "year", "written")
NOT_KNOWN = "–"

_STYLE = (
    "<style>#{id} table{{border-collapse:collapse;font-size:14px}}"
    "#{id} th,#{id} td{{padding:4px 12px;border:0;border-bottom:1px solid {grid};background:none;vertical-align:top}}"
    "#{id} .gt_group_heading{{font-weight:600;padding-top:12px}}#{id} thead th{{border-bottom:2px solid {ink};font-weight:600}}#{id} tbody th{{font-weight:400}}"
    "#{id} .gt_left{{text-align:left}}#{id} .gt_right{{text-align:right;font-variant-numeric:tabular-nums}}"
    "#{id} .gt_sourcenote{{text-align:left;color:{muted};font-size:12px;border:0}}</style>"
)


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
        cells = self._cells()
        cells.columns = pd.Index([col.label for col in self.columns])
        return cells

    def _cells(self) -> pd.DataFrame:
        """Return the cells as text, columns named by place: neither labels nor the data's names need be unique or tame."""
        head = self.data.head(self.max_rows)
        columns = {f"c{place}": [self._cell(value, col) for value in head[col.name]] for place, col in enumerate(self.columns)}
        return pd.DataFrame(columns, dtype=object)

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
        """Return the table as HTML; Great Tables escapes cells and labels (a test holds it to that).

        The first column (the second, under headings) names the row where it is no quantity. Its own sheet of 8 kB is
        replaced by a short one.
        """
        from great_tables import GT

        name = "table-" + re.sub(r"[^A-Za-z0-9_-]+", "-", self.key)
        cells = self._cells()
        labels = {f"c{place}": col.label for place, col in enumerate(self.columns)}
        first = int(self.is_grouped and len(self.columns) > 2)
        is_named = len(self.columns) > 1 and self.columns[first].unit not in set(NUMERIC_UNITS) - {"year"}
        headings = self._headings(cells) if first else {}
        shown = GT(cells, rowname_col=f"c{first}" if is_named else None, groupname_col="c0" if first else None, id=name)
        shown = shown.cols_label({place: label for place, label in labels.items() if place != "c0" or not first})
        shown = shown.tab_stubhead(self.columns[first].label) if is_named else shown
        for side, numeric in (("right", True), ("left", False)):
            places = [f"c{place}" for place, col in enumerate(self.columns) if (col.unit in NUMERIC_UNITS) == numeric]
            shown = shown.cols_align(side, places) if places else shown  # type: ignore[arg-type]
        if (cells.iloc[:, first:] == NOT_KNOWN).to_numpy().any():
            shown = shown.tab_source_note(t("– : not known or not applicable"))
        style = _STYLE.format(id=name, grid=PALETTE["grid"], ink=PALETTE["ink"], muted=PALETTE["muted"])
        html = re.sub(r"<style>.*?</style>", lambda _: style, str(shown.as_raw_html()), count=1, flags=re.DOTALL)
        return re.sub(r">(group-\d+)</th>", lambda found: f">{escape_html(headings[found[1]])}</th>", html) if first else html

    @staticmethod
    def _headings(cells: pd.DataFrame) -> dict[str, str]:
        """Put a plain key in place of each first cell, since Great Tables makes ids of them; return the text of each key."""
        keys = {text: f"group-{place}" for place, text in enumerate(dict.fromkeys(cells["c0"]))}
        cells["c0"] = cells["c0"].map(keys)
        return {key: text for text, key in keys.items()}

    def text(self) -> str:
        """Return the table as plain text."""
        return str(self.texts().to_string(index=False))


def table(key: str, data: pd.DataFrame, columns: tuple[Col, ...], title: str, **more: object) -> TableView:
    """Return a table; `more` takes currency, note, max_rows, is_grouped."""
    return TableView(key=key, title=title, data=data, columns=columns, **more)  # type: ignore[arg-type]


def _is_missing(value: object) -> bool:
    return bool(pd.isna(value))  # type: ignore[call-overload]
