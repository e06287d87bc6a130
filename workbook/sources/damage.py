"""What Excel does to ranges: `5-20` becomes May-20, `1-5` becomes 01-May. Mended where the column holds other ranges."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

_RANGE = re.compile(
    r"^\s*[<>]?\s*\d[\d.,]*\s*([-–—]|bis|to)\s*\d[\d.,]*\s*\+?\s*\w*$|^\s*([<>]|ab|über|ueber|>=|<=)\s*\d[\d.,]*|^\s*\d[\d.,]*\s*\+$"
)
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "mär": 3, "mrz": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
    "okt": 10, "nov": 11, "dec": 12, "dez": 12,
}  # fmt: skip
_MONTH_FIRST = re.compile(r"^([A-Za-zÄä]{3})\.?[- ](\d{1,2})$")
_DAY_FIRST = re.compile(r"^(\d{1,2})\.?[- ]([A-Za-zÄä]{3})\.?$")


def undamaged(text: str) -> str | None:
    """Return the range that Excel turned into a date, or None: `May-20` → 5-20, `01-May` and `01. Mai` → 1-5."""
    if match := _MONTH_FIRST.match(text):
        month = _MONTHS.get(match[1].lower())
        return f"{month}-{int(match[2])}" if month and int(match[2]) > month else None
    if match := _DAY_FIRST.match(text):
        month = _MONTHS.get(match[2].lower())
        return f"{int(match[1])}-{month}" if month and int(match[1]) < month else None
    return None


def mend_ranges(column: pd.Series[Any]) -> tuple[pd.Series[Any], dict[str, str], bool]:
    """Return the column mended, damaged text → range, and whether it could be mended (other ranges stand beside it)."""
    distinct = [str(value) for value in column.dropna().unique()]
    damaged = {value: fixed for value in distinct if (fixed := undamaged(value)) is not None}
    if not damaged:
        return column, {}, True
    others = [value for value in distinct if value not in damaged]
    ranges = [value for value in others if _RANGE.match(value)]
    if not ranges or 2 * len(ranges) < len(others):
        return column, damaged, False
    return column.replace(damaged), damaged, True
