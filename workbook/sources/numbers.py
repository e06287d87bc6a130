"""Numbers as people write them: the decimal style is found from whole columns, then from the file, then from its delimiter."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

Decimal = Literal["comma", "dot"]

USUAL_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "BRL", "CAD", "AUD")
_SIGNS = re.compile(rf"(?i)\b({'|'.join(USUAL_CURRENCIES)})\b|[€$£¥₹]|R\$|\bTsd\.?|\bMio\.?")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’`´_]")
_BARE = re.compile(r"-?\d+(?:[.,]\d+)?$")  # nothing to strip: most numbers of most files
_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}$")
LEAST_GROUPED = 20
_CORE = re.compile(r"^\d[\d.,]*$|^[.,]\d+$")
_FACTORS = ((re.compile(r"(?i)\bmrd\.?"), 1e9), (re.compile(r"(?i)\bmio\.?"), 1e6), (re.compile(r"(?i)\btsd\.?"), 1e3))


@lru_cache(maxsize=1 << 16)  # a value is asked for its style, then for its number, and stands in several columns
def core(text: str) -> str | None:
    """Return the digits and separators of a number without sign, currency, per cent and spaces; None if it is none."""
    if _BARE.match(text):
        return text.removeprefix("-")
    bare = _SPACES.sub("", _SIGNS.sub("", text)).replace("−", "-").replace("–", "-")
    bare = bare.removesuffix(".-").removesuffix(",-").removesuffix("%").strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1]
    bare = bare.removeprefix("+").removeprefix("-").removesuffix("-")
    return bare if _CORE.match(bare) else None


def style_of(text: str) -> Decimal | None:
    """Return the decimal style that a number proves, or None where it reads both ways (`1.234`) or has no separator."""
    digits = core(text)
    if digits is None:
        return None
    commas, dots = digits.count(","), digits.count(".")
    if commas and dots:
        return "comma" if digits.rfind(",") > digits.rfind(".") else "dot"
    if not commas and not dots:
        return None
    mark, other = (",", "dot") if commas else (".", "comma")
    own: Decimal = "comma" if commas else "dot"
    if (commas or dots) > 1:
        return other  # type: ignore[return-value]
    whole, _, rest = digits.partition(mark)
    reads_both_ways = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return None if reads_both_ways else own


def is_ambiguous(text: str) -> bool:
    """Tell whether a number has one separator and reads both ways."""
    digits = core(text)
    return digits is not None and ("," in digits or "." in digits) and style_of(text) is None


def column_style(values: Iterable[str]) -> Decimal | None:
    """Return the style that most values of a column prove, or None."""
    votes = {"comma": 0, "dot": 0}
    for value in values:
        if (style := style_of(value)) is not None:
            votes[style] += 1
    if not any(votes.values()):
        return None
    return "comma" if votes["comma"] > votes["dot"] else "dot"


def grouped_style(values: Iterable[str]) -> Decimal | None:
    """Return the style of whole numbers in groups of three (`1.234`, `950`), of which there are too many for a chance; or None.

    values: the distinct cells of a column that is hardly written to three decimals, such as amounts.
    """
    found = [digits for value in values if (digits := core(value)) is not None]
    grouped = [digits for digits in found if not digits.isdigit()]
    marks = {mark for digits in grouped for mark in ".," if mark in digits}
    is_grouped = len(marks) == 1 and all(_GROUPED.match(digits) for digits in grouped) and all(len(digits) < 4 for digits in found if digits.isdigit())
    if not is_grouped or len(grouped) < LEAST_GROUPED:
        return None
    return "comma" if marks == {"."} else "dot"


def parse_number(text: str, style: Decimal) -> float | None:
    """Return the number, or None where the text is none. A per-cent sign is left to the caller.

    A value that proves its own style is read by it, whatever the column's.
    """
    digits = core(text)
    if digits is None:
        return _scientific(text)
    own = style_of(text) or style
    plain = digits.replace(".", "").replace(",", ".") if own == "comma" else digits.replace(",", "")
    if plain.count(".") > 1:
        return None
    value = float(plain) if any(letter.isdigit() for letter in plain) else math.nan
    if math.isnan(value):
        return None
    if _BARE.match(text):
        return -value if text.startswith("-") else value
    bare = _SPACES.sub("", _SIGNS.sub("", text)).replace("−", "-").replace("–", "-")
    is_negative = bare.startswith(("-", "(-")) or (bare.startswith("(") and bare.endswith(")"))
    is_negative = is_negative or (bare.endswith("-") and not bare.endswith((".-", ",-")))
    factor = next((size for mark, size in _FACTORS if mark.search(text)), 1.0)
    return (-value if is_negative else value) * factor


def _scientific(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_number(text: str) -> bool:
    """Tell whether the text is a number in any style."""
    return core(text) is not None
