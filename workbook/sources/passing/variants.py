"""One spelling per category, as `workbook/sources/variants` chooses it, from words counted by the engine."""

from __future__ import annotations

from workbook.sources.passing.cells import MOST_CHANGED
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import PLACE, Frames, PassingFrame, switched
from workbook.sources.passing.unfit import Unfit
from workbook.sources.variants import MOST_SPELLINGS, Spelled, categories, respelled
from workbook.text import msg


def merge_variants(frames: Frames) -> None:
    """Give each category of all frames one spelling. Raises `Unfit` where too many differ."""
    columns = [
        Spelled(frame.name, column, _counts(frame, column))
        for frame in frames.held.values()
        for column in categories(frame.name, [own for own, kind in frame.attributes.items() if kind == "text"])
        if frame.filled[column]
    ]
    for (name, column), new in respelled(columns, frames.ledger).items():
        if len(new) > MOST_CHANGED:
            raise Unfit(msg("{n} different words are no canonical ones", n=len(new)), f"{name}, column {column}")
        frames[name].replace(column, switched(column, dict(new)))


def _counts(frame: PassingFrame, column: str) -> dict[str, int]:
    """Return how many cells hold each value, in the order in which they come; one value too many where there are too many."""
    found = frame.engine.rows(
        f"SELECT {quoted(column)}, count(*), min({PLACE}) FROM {frame.view} WHERE {quoted(column)} IS NOT NULL GROUP BY {quoted(column)} LIMIT {MOST_SPELLINGS + 1}"
    )
    return {value: n for value, n, _ in sorted(found, key=lambda row: int(row[2]))}
