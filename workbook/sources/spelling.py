"""Categories that look like a slip of the pen: `technolgy`, `Philipines`. Suggested, never changed."""

from __future__ import annotations

import difflib
from functools import cache

import pandas as pd

from workbook.sources.assemble import Frames, place_rows
from workbook.sources.ledger import Ledger
from workbook.sources.names import normalise
from workbook.text import msg

_INDUSTRIES = (
    "technology", "telecommunications", "telecommunication", "manufacturing", "automotive", "healthcare", "medical", "pharmaceuticals", "finance",
    "financial services", "insurance", "education", "government", "retail", "logistics", "transportation", "construction", "agriculture", "chemicals",
    "electronics", "software", "consulting", "entertainment", "employment", "marketing", "services", "hospitality", "utilities", "maschinenbau",
    "anlagenbau", "automobil", "versicherung", "gesundheitswesen", "logistik", "handel", "chemie", "elektronik", "pharma", "lebensmittel", "energie",
)  # fmt: skip
SPELLED = tuple((name, column) for name in ("accounts", "leads", "market") for column in ("country", "industry"))
MOST_WORDS = 200


def suggest_spellings(frames: Frames, ledger: Ledger) -> None:
    """Flag countries and industries that are one slip away from a word of the language."""
    for name, column in SPELLED:
        if name in frames and column in frames.data[name] and frames.has(name, column):
            _suggest(frames.data[name], name, column, ledger)


def _suggest(data: pd.DataFrame, name: str, column: str, ledger: Ledger) -> None:
    for value in data[column].dropna().unique()[:MOST_WORDS]:
        if near := likely_word(str(value), column):
            rows = place_rows(data[data[column] == value], value=column)
            message = msg(
                "{value} in {place} is perhaps {near}; it was left as it is",
                value=str(value),
                place=f"{name}.{column}",
                near=near,
            )
            ledger.flag("possible misspellings", f"{name}.{column}", message, rows)


def likely_word(value: str, column: str) -> str | None:
    """Return the word of the language that a country or an industry is one slip away from, or None."""
    known, key = _words(column), normalise(value)
    if len(key) < 5 or key in known:
        return None
    near = difflib.get_close_matches(key, list(known), n=1, cutoff=0.9)
    return known[near[0]] if near else None


@cache
def _words(column: str) -> dict[str, str]:
    """Return known words by their normalised spelling."""
    if column == "industry":
        return {normalise(word): word for word in _INDUSTRIES}
    from babel import Locale

    names = [str(name) for language in ("en", "de") for code, name in Locale(language).territories.items() if code.isalpha()]
    return {normalise(name): name for name in names}
