"""Numbers with their unit, written the way the reader's language writes them. The only place that formats numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from workbook.text.catalogue import current_language, translations

NOT_KNOWN = "–"
_SHORT = {1e9: ("bn", "\N{NO-BREAK SPACE}Mrd."), 1e6: ("m", "\N{NO-BREAK SPACE}Mio.")}  # in English, in German


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit.

    unit: `share` (0–1, shown in per cent), `ratio`, `points`, `days`, `count`, `money`, `money_per_day`, `index`,
    `number`, `date`, `month`, `quarter`. digits: decimal places, None for the unit's own habit. signed: show a plus.
    """

    value: float | int | date | None
    unit: str
    currency: str | None = None
    digits: int | None = None
    signed: bool = False

    def text(self) -> str:
        """Write the quantity in the current language; an unknown one is a dash."""
        value = self.value
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return NOT_KNOWN
        if isinstance(value, date):
            return _write_date(value, self.unit)
        text = _write_number(float(value), self.unit, self.currency, self.digits)
        return f"+{text}" if self.signed and value > 0 else text


@dataclass(frozen=True, slots=True)
class Span:
    """An interval from low to high, both in the same unit."""

    low: Quantity
    high: Quantity

    def text(self) -> str:
        """Write "low to high" in the current language."""
        pattern = translations(current_language()).gettext("{low} to {high}")
        return pattern.format(low=self.low.text(), high=self.high.text())


def _write_date(value: date, unit: str) -> str:
    from babel.dates import format_date, format_datetime

    language = current_language()
    if unit == "quarter":
        return f"Q{(value.month - 1) // 3 + 1} {value.year}"
    if unit == "month":
        return str(format_date(value, "MMM yyyy", locale=language))
    if unit == "instant" and isinstance(value, datetime):
        return str(format_datetime(value, "medium", locale=language))
    pattern = "dd.MM.yyyy" if language == "de" else "d MMM yyyy"
    return str(format_date(value, pattern, locale=language))


def _write_number(value: float, unit: str, currency: str | None, digits: int | None) -> str:
    if unit == "share":
        return _percent(value, 1 if digits is None else digits)
    if unit in ("money", "money_per_day"):
        text = _money(value, currency, digits)
        return text + translations(current_language()).gettext(" per day") if unit == "money_per_day" else text
    if unit == "days":
        text = _decimal(value, (0 if abs(value) >= 10 else 1) if digits is None else digits)
        return translations(current_language()).ngettext("{n} day", "{n} days", 1 if text == "1" else 2).format(n=text)
    habit = {"count": 0, "points": 1, "index": 0, "ratio": 2}.get(unit)
    if habit is None:
        habit = 0 if float(value).is_integer() else 2
    return _decimal(value, habit if digits is None else digits)


def _decimal(value: float, digits: int) -> str:
    return _write_decimal(round(value, digits) + 0.0, digits, current_language())  # never "-0"


@lru_cache(maxsize=4096)  # a table is written twice, and an axis measures its ticks more often than that
def _write_decimal(value: float, digits: int, language: str) -> str:
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, pattern, locale=language))


def _percent(value: float, digits: int) -> str:
    text = _decimal(value * 100, digits)
    return f"{text}\N{NO-BREAK SPACE}%" if current_language() == "de" else f"{text}%"


def _money(value: float, currency: str | None, digits: int | None) -> str:
    """Write money short enough for a sentence: €10.0m from a million on, €1.5bn from a thousand millions on, whole units below, cents under ten."""
    size = abs(value)
    german = current_language() == "de"
    if digits is None and (unit := short_unit(size)) > 1:
        number = _decimal(size / unit, 1 if size < 100 * unit else 0) + _SHORT[unit][german]
    else:
        number = _decimal(size, (2 if 0 < size < 10 else 0) if digits is None else digits)
    sign = "-" if value < 0 and any(c in "123456789" for c in number) else ""
    if not currency:
        return sign + number
    from babel.numbers import get_currency_symbol

    symbol = get_currency_symbol(currency, locale=current_language())
    if german:
        return f"{sign}{number}\N{NO-BREAK SPACE}{symbol}"
    return f"{sign}{symbol}{number}" if not symbol[-1].isalpha() else f"{symbol}\N{NO-BREAK SPACE}{sign}{number}"


def short_unit(size: float) -> float:
    """Return what an amount is written in: 1, a million, or a thousand millions; what would be rounded up to one of these is written in it."""
    return 1e9 if size >= 999_500_000 else 1e6 if size >= 999_950 else 1.0


def share(value: float | None, digits: int | None = None, *, signed: bool = False) -> Quantity:
    """A share 0–1, shown in per cent."""
    return Quantity(value, "share", digits=digits, signed=signed)


def money(value: float | None, currency: str | None, digits: int | None = None, *, signed: bool = False) -> Quantity:
    """An amount of money with its ISO currency code."""
    return Quantity(value, "money", currency, digits, signed)


def estimated(value: float | None, currency: str | None, unit: str = "money") -> Quantity:
    """An estimated amount of money, to three significant digits: more would promise what no estimate holds."""
    if value and math.isfinite(value):
        value = round(value, 2 - math.floor(math.log10(abs(value))))
    return Quantity(value, unit, currency)


def money_per_day(value: float | None, currency: str | None) -> Quantity:
    """Money per day, the unit of sales velocity."""
    return Quantity(value, "money_per_day", currency)


def days(value: float | None, digits: int | None = None) -> Quantity:
    """A duration in days."""
    return Quantity(value, "days", digits=digits)


def count(value: float | None) -> Quantity:
    """A whole number."""
    return Quantity(value, "count")


def number(value: float | None, digits: int | None = None, *, signed: bool = False) -> Quantity:
    """A number without unit."""
    return Quantity(value, "number", digits=digits, signed=signed)


def points(value: float | None, digits: int | None = None, *, signed: bool = False) -> Quantity:
    """Points of a score such as NPS."""
    return Quantity(value, "points", digits=digits, signed=signed)


def index(value: float | None, digits: int | None = None) -> Quantity:
    """An index such as HHI."""
    return Quantity(value, "index", digits=digits)


def ratio(value: float | None, digits: int | None = None) -> Quantity:
    """A ratio that may exceed 1."""
    return Quantity(value, "ratio", digits=digits)


def day(value: date | None) -> Quantity:
    """A calendar day."""
    return Quantity(value, "date")


def month(value: date | None) -> Quantity:
    """A month, from any day in it."""
    return Quantity(value, "month")


def quarter(value: date | None) -> Quantity:
    """A quarter, from any day in it."""
    return Quantity(value, "quarter")


def quantity(value: float | None, unit: str, currency: str | None = None) -> Quantity:
    """A number in the unit of a KPI."""
    return Quantity(value, unit, currency)


def span(low: float | None, high: float | None, unit: str, currency: str | None = None) -> Span:
    """An interval in the unit of a KPI."""
    return Span(Quantity(low, unit, currency), Quantity(high, unit, currency))
