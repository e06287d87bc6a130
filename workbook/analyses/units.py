"""What a unit of the market frame means: money or a count, the power of ten in front of it, the currency.

Read from words as sources write them: "m EUR", "Mio. €", "k EUR", "TEUR", "bn US$", "establishments", "Tsd. Stück".
A single letter scales money only ("m" may be metres).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORDS = {
    1e3: ("thousand", "thousands", "tsd", "tausend", "k", "t"),
    1e6: ("million", "millions", "millionen", "mio", "mill", "mn", "mln", "m"),
    1e9: ("billion", "billions", "bn", "mrd", "milliarde", "milliarden", "b"),
}
_SCALES = {word: scale for scale, words in _WORDS.items() for word in words}
_NAMES = {"€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "us$": "USD", "sfr": "CHF"}
_SHARED = {"$": "USD", "dollar": "USD", "dollars": "USD", "¥": "JPY", "fr": "CHF", "francs": "CHF", "franken": "CHF"}
_TOKENS = re.compile(r"us\$|[€$£¥]|[^\W\d_]+|\d[\d.,'\s]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit. scale: what one of it is worth in whole units. currency: ISO code where it is money. label: a count's name."""

    scale: float
    currency: str | None
    label: str

    @property
    def is_money(self) -> bool:
        """Tell whether the unit is money."""
        return self.currency is not None


def read_unit(unit: str | None, currency: str | None) -> Unit:
    """Return what a unit means. currency: of the row; it decides where the unit names nothing or shares its sign ("$")."""
    tokens = _TOKENS.findall(unit or "")
    scale, money, rest = 1.0, None, []
    for token in tokens:
        if (found := _currency(token)) is not None:
            money = currency if token.lower() in _SHARED and currency else found[1]
            scale *= found[0]
        elif (factor := _factor(token)) is not None:
            scale *= factor
        elif token.lower() not in ("in", "of", "per", "je"):
            rest.append(token)
    letters_only = all(len(t) > 1 or not t.isalpha() for t in tokens)
    if money is None and not rest and currency:
        return Unit(scale, currency, "")
    if money is not None:
        return Unit(scale, money, "")
    if not letters_only:
        return Unit(1.0, None, (unit or "").strip())
    return Unit(scale, None, " ".join(rest))


def _factor(token: str) -> float | None:
    """Return the power of ten that a word or a printed number (1,000) stands for."""
    digits = re.sub(r"[.,'\s]", "", token)
    if digits.isdigit():
        return float(digits) if re.fullmatch(r"1(000)*", digits) else None
    return _SCALES.get(token.lower())


def _currency(token: str) -> tuple[float, str] | None:
    """Return scale and code of a currency word; TEUR and MEUR carry their scale in front."""
    low = token.lower()
    if (code := _NAMES.get(low) or _SHARED.get(low)) is not None:
        return 1.0, code
    if token.upper() in _codes() and (token.isupper() or low in ("eur", "usd", "chf", "gbp")):
        return 1.0, token.upper()
    if len(token) == 4 and token[1:].upper() in ("EUR", "USD", "CHF", "GBP") and low[0] in "tkm":
        return _SCALES[low[0]], token[1:].upper()
    return None


@lru_cache
def _codes() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())
