"""Names compared the way a person reads them: case, umlauts, spaces and punctuation do not matter."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


@lru_cache(maxsize=200_000)
def normalise(text: str) -> str:
    """Return the letters and digits of a name in lower case: `GTX Pro` and `GTXPro` are one, `Müller` and `MUELLER`."""
    plain = unicodedata.normalize("NFC", text).translate(_UMLAUTS)
    plain = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def composed(text: str) -> str:
    """Return a text with composed letters (NFC): “ü” is one letter, whichever machine wrote it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


_UNIT = re.compile(
    r"(?i)\s*[(\[]\s*(?:in\s+)?(?:%|[tkm]?\s?(?:€|\$|£|eur|usd|gbp|chf|sek|nok|dkk|pln|czk|huf|brl|cad|aud)|(?:mio|tsd)\.?\s*(?:€|\$|eur|usd|chf)?"
    r"|teur|netto|net|brutto|thousands?|millions?)\s*[)\]]\s*$|\s+in\s+(?:%|[tkm]?\s?(?:€|\$|£|eur|usd|gbp|chf)|teur|(?:mio|tsd)\.?\s*(?:€|eur)?|euro)\s*$"
    r"|\s+(?:[tkm]?(?:€|eur|usd|gbp|chf)|(?:mio|tsd)\.?\s*(?:€|eur|usd|chf))\s*$"
)


def without_unit(heading: str) -> str:
    """Return a heading without the unit behind it: `Amount (USD)`, `Betrag in T€`, `Volumen TEUR`, `Discount [%]`."""
    return _UNIT.sub("", heading) or heading


def snake_case(text: str) -> str:
    """Return a column name: `Main Competitor(s)` → `main_competitor_s`; empty where nothing readable is left."""
    plain = unicodedata.normalize("NFC", text).translate(_UMLAUTS)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    plain = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", plain)
    words = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_").lower()
    return f"column_{words}" if words[:1].isdigit() else words


def nearest(name: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """Return the known name most like this one, or None."""
    by_key = {normalise(item): item for item in known}
    found = difflib.get_close_matches(normalise(name), list(by_key), n=1, cutoff=cutoff)
    return by_key[found[0]] if found else None
