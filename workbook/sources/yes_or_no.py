"""What Yes, No and an empty cell under “Won” say of a deal, where neither a stage nor another column tells lost from open.

A CRM writes No on open deals as well; a list that knows Yes, No and empty cells means lost by No.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbook.sources.ledger import Ledger
from workbook.text import Message, msg

TOLD_BY = ("is_closed", "is_lost", "lost_on")  # with one of these filled, No need not tell what is lost
Reading = Literal["lost", "lost if past", "open", "as others say"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How often each is there; No where nothing stronger is said. open_no, lost_no: No beside a stage that means open, or lost.

    is_told: another column tells what is lost. is_staged: there is a stage or a status. is_dated: a deal with No has a close date.
    """

    yes: int
    no: int
    empty: int
    open_no: int = 0
    lost_no: int = 0
    is_told: bool
    is_staged: bool
    is_dated: bool = False


def reading_of(marks: Marks) -> Reading:
    """Return how No is read."""
    if not marks.no or marks.is_told:
        return "as others say"
    if marks.empty and not (marks.open_no and marks.lost_no):
        return "lost"
    if marks.is_staged:
        return "as others say"
    return "lost if past" if marks.is_dated else "open"


def read_marks(marks: Marks, file: str, column: str, ledger: Ledger) -> Reading:
    """Return how No is read, and note what is assumed by it."""
    reading = reading_of(marks)
    message = _assumption(marks, reading, file, column)
    if message is not None:
        ledger.assume(message)
    return reading


def _assumption(marks: Marks, reading: Reading, file: str, column: str) -> Message | None:
    """Return what a reading assumes, or None where the file itself tells it."""
    if reading == "lost":
        return msg(
            "{file}, column {column}: No counts as lost, since other cells are empty; a deal with an empty cell counts as open unless its stage says otherwise",
            file=file, column=column,
        ) if marks.no > marks.lost_no else None  # fmt: skip
    if reading == "lost if past":
        return msg(
            "{file}, column {column}: No counts as lost where the close date has passed, and as open otherwise; nothing else tells lost deals from open ones",
            file=file, column=column,
        )  # fmt: skip
    if marks.is_told or marks.is_staged:
        return None
    return msg("{file}, column {column}: deals without a Yes count as open; nothing tells lost deals from open ones", file=file, column=column)
