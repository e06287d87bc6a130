"""Columns that name persons: told by their heading, else by their cells. No answer is given by person, so none is kept.

A heading tells by its head: “Owner of account” and “Account-Inhaber” name persons, “Owner region” and “Anzahl Mitarbeiter” do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from workbook.sources import dates, numbers
from workbook.sources.convert import flag
from workbook.sources.names import normalise, snake_case
from workbook.sources.person_words import (
    ABOUT,
    ADDRESS,
    BY,
    COUNTED,
    ENDS_BY,
    FIRST_NAMES,
    NEUTRAL,
    NO_PERSON_BY,
    NUMBER,
    PERSON,
    PERSON_LAST,
    PREPOSITION,
)

_EMAIL = re.compile(r"(mailto:)?[^@\s]+@[^@\s]+\.[^@\s.]+", re.I)
_PHONE = re.compile(r"\+\d{1,3}[ (/-][\d ()/-]{6,}|(\+|00)[1-9]\d{8,13}|\(?0\d{1,5}\)?[ /-]+[\d /-]{4,}")
_ACCOUNT = re.compile(r"00[53][A-Za-z0-9]{12}([A-Za-z0-9]{3})?|https?://\S*(linkedin\.com/in|xing\.com/profile)/\S*", re.I)
_SALUTED = re.compile(r"(Herrn?|Frau|Hr\.|Fr\.|Mr\.?|Mrs\.?|Ms\.?|Dr\.|Prof\.)\s+\S.*", re.I)
_LAST = r"[^\W\d_][^\W\d_'’-]+"
_NAMED = re.compile(rf"(?:(\w[\w-]*) (?:\w\.? )?{_LAST}|{_LAST}, (\w[\w-]*))")
_SHORT = re.compile(rf"(?:([^\W\d_])\. ?{_LAST}|{_LAST},? ([^\W\d_])\.)")
_FEW_DIGITS = 5
_SAYING_LITTLE = ("name", "names", "namen", "id", "email", "e_mail", "kuerzel", "alias")  # “Name des Inhabers”


def heading_names_persons(heading: str, values: Collection[str]) -> bool:
    """Tell whether a heading says that its column names persons, or how they are reached. values: distinct cells; yes and no name nobody."""
    bare = re.sub(r"[(\[].*?[)\]]", " ", heading)
    name = snake_case(bare if normalise(bare) else heading)
    if not name or (values and all(flag(value) is not None for value in values)):
        return False
    whole = re.sub(NEUTRAL, "", name)
    if re.search(BY, name) or (re.search(ENDS_BY, whole) and not re.search(NO_PERSON_BY, name)):
        return not re.search(ABOUT, name)
    if re.match(COUNTED, name):
        return False
    parts = re.split(PREPOSITION, name)
    return _is_person(next((part for part in parts if part not in _SAYING_LITTLE), parts[0]), values)


def _is_person(name: str, values: Collection[str]) -> bool:
    """Tell whether the part of a heading that says what it is about names persons."""
    found = [match for pattern in (PERSON, ADDRESS, NUMBER) if (match := re.search(pattern, name))]
    if found and re.search(ABOUT, name[found[0].start() + 1 :]):
        return False
    if re.search(PERSON, name) or re.search(ADDRESS, name):
        return True
    if re.search(NUMBER, name):
        return _mostly(values, lambda value: sum(letter.isdigit() for letter in value) >= _FEW_DIGITS or "://" in value)
    has_id = bool(re.search(r"_(id|nr|nummer|number|code)$", name))
    return bool(re.search(PERSON_LAST, re.sub(NEUTRAL, "", name))) and (has_id or not all(map(numbers.is_number, values)))


def cells_name_persons(values: Collection[str], known: Collection[str]) -> bool:
    """Tell whether most distinct cells are addresses, telephone numbers or names of persons. known: normalised names of persons."""
    if known and _mostly(values, lambda value: normalise(value) in known):
        return True
    for pattern in (_EMAIL, _ACCOUNT, _SALUTED):
        if _mostly(values, lambda value, p=pattern: p.fullmatch(value) is not None):  # type: ignore[misc]
            return True
    return _mostly(values, _is_phone) or _are_names(values) or _are_short_names(values)


def _mostly(values: Collection[str], tells: Callable[[str], bool]) -> bool:
    return 2 * sum(map(tells, values)) > len(values)


def _is_phone(value: str) -> bool:
    return _PHONE.fullmatch(value) is not None and dates.style_of(value) is None


def _are_names(values: Collection[str]) -> bool:
    """Tell whether most cells are a first name and a last one; “Max Pro”, “Max Plus” are none, for all their Max."""
    found = [(match[1] or match[2]).casefold().partition("-")[0] for value in values if (match := _NAMED.fullmatch(value))]
    first = [name for name in found if name in FIRST_NAMES]
    return 2 * len(first) > len(values) and len(set(first)) > 1


def _are_short_names(values: Collection[str]) -> bool:
    """Tell whether cells are names such as “E. Blum”; “A. Low”, “B. High” number something."""
    initials = [(found[1] or found[2]).upper() for value in values if (found := _SHORT.fullmatch(value))]
    is_numbering = sorted(initials) == [chr(ord("A") + at) for at in range(len(initials))]
    return 2 * len(initials) > len(values) and not is_numbering
