"""Text cells to typed columns. Each distinct value is read once, so that long columns cost little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from workbook.frames.column import Kind
from workbook.sources.dates import parse_date, written_day
from workbook.sources.names import normalise
from workbook.sources.numbers import Decimal, parse_number

TEXT_KINDS = ("id", "text", "category", "currency")
NUMBER_KINDS = ("whole", "year", "number", "share", "money")
DATE_KINDS = ("date", "instant")

_YES = {"yes", "y", "true", "1", "ja", "j", "wahr", "x", "t", "10", "on", "✓", "checked", "aktiv"}
_NO = {"no", "n", "false", "0", "nein", "falsch", "f", "00", "off", "unchecked"}
_CURRENCIES = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "eur": "EUR", "$": "USD", "us$": "USD", "usdollar": "USD", "dollar": "USD",
    "£": "GBP", "pfund": "GBP", "sfr": "CHF", "fr": "CHF", "franken": "CHF", "schweizerfranken": "CHF", "¥": "JPY", "₹": "INR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column's text is read."""

    decimal: Decimal = "dot"
    date_style: str = "dmy"
    is_percent: bool = False


def by_value(column: pd.Series[Any], read: Callable[[str], Any]) -> list[Any]:
    """Return `read(cell)` for every cell, None for missing ones; each distinct value is read once."""
    codes, distinct = pd.factorize(column)
    found = [read(str(value)) for value in distinct]
    found.append(None)
    return [found[code] for code in codes]


def convert(column: pd.Series[Any], kind: Kind, reading: Reading) -> pd.Series[Any]:
    """Return a typed column; cells that do not fit the kind are missing (the caller compares)."""
    if kind in TEXT_KINDS:
        text = column.astype("str")
        return text.map(currency_code, na_action="ignore").astype("str") if kind == "currency" else text
    if kind in DATE_KINDS:
        return _dates(column, kind, reading)
    if kind == "flag":
        return pd.Series(by_value(column, flag), index=column.index, dtype="boolean")
    numbers = pd.Series(by_value(column, lambda text: _number(text, kind, reading)), index=column.index, dtype="float64")
    return numbers.round().astype("Int64") if kind in ("whole", "year") else numbers


def _dates(column: pd.Series[Any], kind: Kind, reading: Reading) -> pd.Series[Any]:
    read: Callable[[str, str], datetime | None] = written_day if kind == "date" else parse_date

    def bounded(text: str) -> np.datetime64 | None:
        found = read(text, reading.date_style)
        return np.datetime64(found, "us") if found is not None and 1900 <= found.year <= 2200 else None

    values = [np.datetime64("NaT", "us") if found is None else found for found in by_value(column, bounded)]
    return pd.Series(np.array(values, dtype="datetime64[us]"), index=column.index)


def _number(text: str, kind: Kind, reading: Reading) -> float | None:
    value = parse_number(text, reading.decimal)
    if value is None:
        return None
    if kind == "share" and (reading.is_percent or text.rstrip().endswith("%")):
        return value / 100
    if kind in ("whole", "year") and value != round(value):
        return None
    return value


def flag(text: str) -> bool | None:
    """Return yes or no as people write them, or None."""
    key = normalise(text) or text.strip()
    return True if key in _YES else False if key in _NO else None


def currency_code(text: str) -> str:
    """Return the ISO code of a currency: `€`, `Euro`, `EUR - Euro` → EUR."""
    stripped = text.strip()
    head = stripped[:3].upper()
    if len(head) == 3 and head.isalpha() and head.isascii() and not stripped[3:4].isalpha():
        return head
    return _CURRENCIES.get(stripped.lower(), _CURRENCIES.get(normalise(stripped), stripped))
