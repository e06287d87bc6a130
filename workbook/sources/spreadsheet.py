"""Sheets of a workbook (XLSX, XLS) to records."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from workbook.errors import DataError
from workbook.sources.numbers import is_ambiguous
from workbook.sources.table import Records
from workbook.text import msg


def sheets(path: Path) -> dict[str, Records]:
    """Return the records of every sheet that holds anything, by the sheet's name. Raises `DataError`."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
    except (python_calamine.CalamineError, OSError, ValueError):
        raise DataError(
            msg("this file cannot be read as a spreadsheet"),
            where=str(path),
            mend=msg("Open it in Excel and save it as XLSX or CSV; a password must be removed first."),
        ) from None
    found = {}
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        records = [(line, [_text(cell) for cell in row]) for line, row in enumerate(rows, 1)]
        if any(any(cells) for _, cells in records):
            found[name] = Records(records)
    return found


def _text(cell: Any) -> str:
    """Write a cell as a CSV would hold it: numbers with a dot, dates in ISO."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        text = str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        return f"{text}0" if is_ambiguous(text) else text  # 1.234 is no text that somebody wrote, and never 1,234
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != time(0) else cell.date().isoformat()
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell)
