"""The competitor of a deal: a name, `none` where there was none, `unnamed` where the file only says that there was one.

A column whose cells are all yes or no (in either language) holds no names: taken as they stand, “No” would become a
competitor that is met more often than any real one.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.frames import NO_COMPETITOR, UNNAMED_COMPETITOR
from workbook.sources.convert import flag
from workbook.sources.ledger import Ledger
from workbook.sources.names import normalise
from workbook.sources.vocabulary import NO_COMPETITOR_WORDS
from workbook.text import msg

RULE = "competitor only yes or no"


def competition(column: pd.Series[Any], heading: str, file: str, ledger: Ledger) -> pd.Series[Any]:
    """Return a competitor column in our words. column: text cells, missing ones included; heading: the file's name of it."""
    distinct = [str(value) for value in column.dropna().unique()]
    is_there = {value: False if normalise(value) in NO_COMPETITOR_WORDS else flag(value) for value in distinct}
    says_only_whether = None not in is_there.values() and any(flag(value) is not None for value in distinct)
    if not says_only_whether:
        is_there = {value: False for value in distinct if normalise(value) in NO_COMPETITOR_WORDS}
    words = {value: UNNAMED_COMPETITOR if there else NO_COMPETITOR for value, there in is_there.items()}
    found = column.map(lambda cell: words.get(str(cell), cell), na_action="ignore").astype("str")
    if says_only_whether:
        _say(found, heading, file, ledger)
    return found


def _say(found: pd.Series[Any], heading: str, file: str, ledger: Ledger) -> None:
    there, not_there = int((found == UNNAMED_COMPETITOR).sum()), int((found == NO_COMPETITOR).sum())
    message = msg(
        "{column} in {file} says only whether there was a competitor ({there} × yes, {none} × no), not who it was: no competitor can be named",
        column=heading, file=file, there=there, none=not_there,
    )  # fmt: skip
    ledger.flag(RULE, "opportunities.competitor", message, count=there + not_there)
