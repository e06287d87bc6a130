"""Templates as CSV and as XLSX with a column guide. What is there already is never written over."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.frames.column import Column
from workbook.sources.templates.declare import TEMPLATES, Template
from workbook.sources.templates.prefill import Known, prefilled
from workbook.sources.write import spreadsheet_safe
from workbook.text import current_language, render, t

TEMPLATE_FOLDER = "templates"


def write_templates(known: Known, frames: Sequence[str], to: Path) -> list[Path]:
    """Write `<to>/<frame>.csv` and `.xlsx` for each frame that has a template; return the files written."""
    written: list[Path] = []
    to.mkdir(parents=True, exist_ok=True)
    for name in frames:
        template = TEMPLATES[name]
        if (to / f"{name}.csv").exists() or (to / f"{name}.xlsx").exists():
            continue
        rows = prefilled(name, tuple(template.guide), known)
        _write_csv(rows, to / f"{name}.csv")
        _write_xlsx(template, rows, to / f"{name}.xlsx")
        written += [to / f"{name}.csv", to / f"{name}.xlsx"]
    return written


def _write_csv(rows: pd.DataFrame, path: Path) -> None:
    """Write with a byte-order mark and, for German, semicolons: so that Excel opens it with umlauts and columns."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";" if current_language() == "de" else ",", lineterminator="\n")
        writer.writerow(rows.columns)
        writer.writerows([spreadsheet_safe(cell) for cell in row] for row in rows.to_numpy().tolist())


def _write_xlsx(template: Template, rows: pd.DataFrame, path: Path) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        to_fill = book.add_format({"bold": True, "bottom": 1, "bg_color": "#FFF2CC", "text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet(template.frame)
        for place, name in enumerate(rows.columns):
            sheet.write(0, place, name, to_fill if name in template.to_fill else bold)
            _write_column(sheet, place, rows[name].tolist(), day)
            sheet.set_column(place, place, max(12, min(44, rows[name].astype(str).str.len().max() + 2)))
            _offer_values(sheet, place, FRAMES[template.frame].column(name))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows), len(rows.columns) - 1)
        _write_guide(book, template, bold)


def _write_column(sheet: Any, place: int, cells: Sequence[Any], day: Any) -> None:
    for row, cell in enumerate(cells, 1):
        if isinstance(cell, date):
            sheet.write_datetime(row, place, pd.Timestamp(cell).to_pydatetime(), day)
        elif cell != "":
            sheet.write(row, place, cell)


def _offer_values(sheet: Any, place: int, column: Column) -> None:
    """Let Excel offer the allowed values of a closed column, for a thousand rows beyond those written."""
    values = list(column.values) or (["sales", "marketing"] if column.name == "function" else [])
    if values:
        sheet.data_validation(1, place, 10_000, place, {"validate": "list", "source": values, "error_type": "warning"})


def _write_guide(book: Any, template: Template, bold: Any) -> None:
    """Explain each column on a sheet of its own; its first line is a sentence, so that nobody takes it for data."""
    sheet = book.add_worksheet(t("Guide"))
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 80)
    sheet.set_column(2, 2, 30)
    sheet.write(0, 0, render(template.purpose))
    sheet.write(1, 0, t("Fill in the yellow columns; delete the rows that you do not need, add rows as you like, keep the headings."))
    for place, heading in enumerate((t("Column"), t("What to write"), t("Allowed values"))):
        sheet.write(3, place, heading, bold)
    for row, (name, words) in enumerate(template.guide.items(), 4):
        sheet.write(row, 0, name, wrap)
        sheet.write(row, 1, render(words), wrap)
        sheet.write(row, 2, ", ".join(FRAMES[template.frame].column(name).values), wrap)
