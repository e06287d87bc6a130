"""Dates as people write them: the style is found from whole columns, then from the file's other date columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

DateStyle = Literal["iso", "dmy", "mdy", "serial", "words"]
STYLES = ("dmy", "mdy")

_TIME = (
    r"(?:[T ,]+(?:um\s+)?(?P<h>\d{1,2})[:.](?P<mi>\d{2})(?:[:.](?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<ap>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?:Uhr)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[A-Z]{3,4})?)?$"
)
_ISO = re.compile(r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _TIME)
_COMPACT = re.compile(r"^(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)$")
_PARTS = re.compile(r"^(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})" + _TIME)
_WORDS_DMY = re.compile(
    r"^(?:[A-Za-z]{2,10}\.?,?\s+)?(?P<d>\d{1,2})\.?[\s-]+(?P<mon>[A-Za-zäÄ]{3,9})\.?[\s-]+(?P<y>\d{4}|\d{2})" + _TIME
)
_WORDS_MDY = re.compile(
    r"^(?:[A-Za-z]{2,10}\.?,?\s+)?(?P<mon>[A-Za-zäÄ]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})" + _TIME
)
_MONTH_ONLY = re.compile(r"^(?:(?P<mon>[A-Za-zäÄ]{3,9})\.?[\s-]+(?P<y>\d{4})|(?P<y2>\d{4})-(?P<m2>\d{2}))$")
_SERIAL = re.compile(r"^(?P<n>\d{5})(?:[.,](?P<frac>\d+))?$")
_MILLIS = re.compile(r"^1\d{12}$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar mär mrz mae", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), 1
    )
    for name in names.split()
}


def style_of(text: str) -> set[str] | None:
    """Return the styles under which a text is a date: one of them proves it, two are both possible; None: no date."""
    if _ISO.match(text) or _COMPACT.match(text) or _MILLIS.match(text) or _MONTH_ONLY.match(text):
        return {"iso"} if parse_date(text, "iso") else None
    if match := _PARTS.match(text):
        a, b = int(match["a"]), int(match["b"])
        if match["sep"] == ".":
            return {"dmy"} if 1 <= a <= 31 and 1 <= b <= 12 else None
        found = {style for style, day, month in (("dmy", a, b), ("mdy", b, a)) if 1 <= day <= 31 and 1 <= month <= 12}
        return found or None
    if _SERIAL.match(text):
        return {"serial"}
    return {"words"} if parse_date(text, "dmy") else None


def is_dotted(text: str) -> bool:
    """Tell whether a text is a day written with dots, `31.12.2026`."""
    match = _PARTS.match(text)
    return match is not None and match["sep"] == "."


def votes_of(values: Iterable[str]) -> dict[str, int]:
    """Count what a column's distinct values prove: `dmy`, `mdy`, `both` (unsettled), `other` (needs no style), `none`."""
    votes = {"dmy": 0, "mdy": 0, "both": 0, "other": 0, "none": 0}
    for value in values:
        styles = style_of(value)
        if styles is None:
            votes["none"] += 1
        elif len(styles) == 2:
            match = _PARTS.match(value)
            votes["other" if match and int(match["a"]) == int(match["b"]) else "both"] += 1
        elif styles <= {"dmy", "mdy"}:
            votes[styles.pop()] += 1
        else:
            votes["other"] += 1
    return votes


@lru_cache(maxsize=1 << 16)  # the same days stand in many columns, and are asked for their style before
def parse_date(text: str, style: str) -> datetime | None:
    """Return the instant as written (with a zone: in UTC), or None where the text is no date under the style."""
    try:
        return _parse(text, style)
    except (ValueError, OverflowError):
        return None


def _parse(text: str, style: str) -> datetime | None:
    if match := _ISO.match(text):
        return _with_time(match, int(match["y"]), int(match["m"]), int(match["d"]))
    if match := _PARTS.match(text):
        a, b = int(match["a"]), int(match["b"])
        day, month = (b, a) if style == "mdy" and match["sep"] != "." else (a, b)
        return _with_time(match, _year(match["y"]), month, day)
    if match := _COMPACT.match(text):
        return datetime(int(match["y"]), int(match["m"]), int(match["d"]))
    if match := _SERIAL.match(text):
        seconds = float("0." + (match["frac"] or "0")) * 86_400
        return datetime(1899, 12, 30) + timedelta(days=int(match["n"]), seconds=round(seconds))
    if _MILLIS.match(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC).replace(tzinfo=None)
    for pattern in (_WORDS_DMY, _WORDS_MDY):
        if (match := pattern.match(text)) and (found := _MONTHS.get(match["mon"][:3].lower())):
            return _with_time(match, _year(match["y"]), found, int(match["d"]))
    if match := _MONTH_ONLY.match(text):
        number = int(match["m2"]) if match["m2"] else _MONTHS.get(match["mon"][:3].lower())
        return datetime(int(match["y"] or match["y2"]), number, 1) if number else None
    return None


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _with_time(match: re.Match[str], year: int, month: int, day: int) -> datetime:
    if match["h"] is None:
        return datetime(year, month, day)
    hour = int(match["h"])
    half = (match["ap"] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int((match["f"] or "0").ljust(6, "0")[:6])
    found = datetime(year, month, day, hour % 24, int(match["mi"]), int(match["s"] or 0), micro)
    zone = match["z"] or ""
    if zone[:1] in "+-" and zone:
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        found = found - offset if zone[0] == "+" else found + offset
    return found


def written_day(text: str, style: str) -> datetime | None:
    """Return the calendar day as written, whatever its zone."""
    bare = re.sub(r"(?:Z|[+-]\d{2}:?\d{2})$", "", text) if "T" in text and _ISO.match(text) else text
    found = parse_date(bare, style)
    return found.replace(hour=0, minute=0, second=0, microsecond=0) if found else None
