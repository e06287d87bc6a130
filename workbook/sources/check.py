"""Frames against their schemas and rules: what cannot be is taken out of the cell and flagged, what is odd is flagged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.frames.column import Column
from workbook.frames.rules import broken_rules
from workbook.frames.schemas import Broken, Violation, violations
from workbook.sources.assemble import Frames
from workbook.sources.ledger import Ledger
from workbook.sources.spelling import suggest_spellings
from workbook.text import Message, msg


def check_frames(frames: Frames, as_of: date, ledger: Ledger) -> None:
    """Check every frame, then the rules between them. All violations at once."""
    for name, data in frames.data.items():
        for violation in violations(data, FRAMES[name]):
            _settle(data, name, violation, ledger)
    suggest_spellings(frames, ledger)
    for finding in broken_rules(frames.data, as_of, frames.attributes):
        rows = located(frames.data[finding.frame], finding.frame, finding.column, finding.rows)
        ledger.flag(finding.rule, f"{finding.frame}.{finding.column}", finding.message, rows)


def located(data: pd.DataFrame, frame: str, column: str, rows: Iterable[Any]) -> list[tuple[str, int, str, str]]:
    """Return (file, line, id, value) of rows."""
    some = data.loc[list(rows)]
    ids = some[FRAMES[frame].key[0]].astype("str")
    values = some[column].map(
        lambda v: str(v.date()) if isinstance(v, pd.Timestamp) else f"{v:g}" if isinstance(v, float) else str(v)
    )
    return [
        (str(file), int(line), str(id_), str(value))
        for file, line, id_, value in zip(some["source_file"], some["source_line"], ids, values, strict=True)
    ]


def _settle(data: pd.DataFrame, name: str, violation: Violation, ledger: Ledger) -> None:
    """Flag a violation; a cell that is not allowed or out of range becomes missing, unless the row needs it."""
    column = violation.column
    rows = located(data, name, column, violation.rows)
    place = f"{name}.{column}"
    message = violation_message(violation.broken, name, FRAMES[name].column(column), len(rows), rows[0][3] if rows else "")
    ledger.flag(violation.broken, place, message, rows)
    if violation.broken in ("not allowed", "out of range") and not FRAMES[name].column(column).is_required:
        data.loc[list(violation.rows), column] = None


def violation_message(broken: Broken, name: str, declared: Column, n: int, value: str) -> Message:
    """Say that n values of a frame's column break a rule of it. value: the first of them."""
    place = f"{name}.{declared.name}"
    if broken == "not allowed":
        return msg(
            "{n} values of {place} are none of {values}, such as {value}; they count as missing",
            n=n, place=place, values=declared.values, value=value,
        )  # fmt: skip
    if broken == "out of range":
        low = "" if declared.low is None else f"{declared.low:g}"
        high = "" if declared.high is None else f"{declared.high:g}"
        return msg(
            "{n} values of {place} lie outside {low} to {high}, such as {value}; they count as missing",
            n=n, place=place, low=low, high=high, value=value,
        )  # fmt: skip
    return msg("{n} values of {place} are {broken}, such as {value}", n=n, place=place, broken=broken, value=value)
