"""Currencies: from a column, from signs in cells, from the heading, else as the settings assume; and their conversion."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Any

import pandas as pd

from workbook.sources.convert import by_value, currency_code
from workbook.sources.numbers import USUAL_CURRENCIES

_SIGN = re.compile(rf"(?i)(€|US\$|R\$|\$|£|¥|₹|\b(?:{'|'.join(USUAL_CURRENCIES)})\b)")
_HEADER_SIGN = re.compile(
    r"(?i)(?:[(\[]|\bin\s+|\s-\s|[_\s])\s*[kKtTmM]?(?:Mio\.?\s*|Tsd\.?\s*)?(€|\$|£|EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|BRL|CAD|AUD)\s*[)\]]?\s*$"
)
_THOUSAND = re.compile(r"(?i)[(\[]?\b(?:in\s+)?(?:[tk]\s?(?:€|eur|usd|\$|chf|£|gbp)|tsd\.?\s*(?:€|eur)?|thousands?)[)\]]?\s*$")
_MILLION = re.compile(r"(?i)[(\[]?\b(?:in\s+)?(?:m\s?(?:€|eur|usd|\$)|mio\.?\s*(?:€|eur|usd|\$|chf)?|millions?)[)\]]?\s*$")

_MOST_CURRENCIES = 50


def are_currencies(values: Collection[str]) -> bool:
    """Tell whether distinct cells are all currencies, and one a usual one: ALL, TOP and TRY are words before they are currencies."""
    codes = {currency_code(value) for value in values} if len(values) <= _MOST_CURRENCIES else set()
    return not codes.isdisjoint(USUAL_CURRENCIES) and codes <= _codes()


@cache
def _codes() -> frozenset[str]:
    from babel import Locale

    return frozenset(Locale("en").currencies)


def currency_in(text: str) -> str | None:
    """Return the currency that a cell carries, or None."""
    match = _SIGN.search(text)
    if match is None:
        return None
    return "BRL" if match[1] == "R$" else currency_code(match[1])


def header_currency(header: str) -> str | None:
    """Return the currency that a heading carries: `Amount (USD)`, `Betrag in EUR`, `amount_eur`; or None."""
    match = _HEADER_SIGN.search(header)
    return currency_code(match[1]) if match else None


def header_factor(header: str) -> float:
    """Return what a heading multiplies its numbers by: `Umsatz (T€)`, `Revenue in thousands`, `Mio. €`."""
    return 1e3 if _THOUSAND.search(header) else 1e6 if _MILLION.search(header) else 1.0


def currency_column(amounts: pd.Series[Any], header: str, stated: str | None) -> pd.Series[Any]:
    """Return the currency beside each amount as far as cells, mapping or heading tell; missing where there is none."""
    in_cells = pd.Series(by_value(amounts, currency_in), index=amounts.index, dtype="str")
    general = stated or header_currency(header)
    if general is not None:
        in_cells = in_cells.where(in_cells.notna(), general)
    return in_cells.where(amounts.notna())
