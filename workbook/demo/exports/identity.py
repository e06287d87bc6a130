"""Ids and names as the CRMs give them, the same on every run."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.demo.names import FAMILY_NAMES

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_GIVEN = (
    "Anna",
    "Björn",
    "Clara",
    "David",
    "Eva",
    "Felix",
    "Greta",
    "Henrik",
    "Inès",
    "Jonas",
    "Katrin",
    "Lars",
)


def salesforce_id(prefix: str, number: int) -> str:
    """Return an 18-character id: object prefix, instance, number in base 62, check letters."""
    digits = ""
    number += 238_328
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    short = f"{prefix}5J00000{digits.rjust(5, '0')}"
    return short + check_letters(short)


def check_letters(short: str) -> str:
    """Return Salesforce's three check letters: each tells which of five characters are capitals.

    They keep ids apart in tools that ignore case.
    """
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(_CHECK[sum(1 << i for i, c in enumerate(group) if c.isupper())] for group in groups)


def salesforce_ids(prefix: str, ids: Any) -> list[str]:
    """Return Salesforce ids for canonical ids such as O00017; empty for missing ones."""
    return ["" if pd.isna(i) else salesforce_id(prefix, int(str(i)[1:]) * 7) for i in ids]


def hubspot_ids(base: int, ids: Any) -> list[str]:
    """Return HubSpot's numeric record ids; empty for missing ones."""
    return ["" if pd.isna(i) else str(base + int(str(i)[1:]) * 13) for i in ids]


def person_names(ids: Any) -> list[str]:
    """Return an invented name per person; empty for missing ones."""
    return ["" if pd.isna(i) else person_name(int(str(i)[1:])) for i in ids]


def person_name(number: int) -> str:
    """Return the invented name of person number n."""
    return f"{_GIVEN[number % len(_GIVEN)]} {FAMILY_NAMES[(number * 7) % len(FAMILY_NAMES)].split('-')[0]}"


def lead_mail(lead_id: str) -> str:
    """Return the address that a lead left; it is the same in every CRM."""
    return f"{lead_id.lower()}@example.com"
