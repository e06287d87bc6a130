"""One spelling per category: “SÜD”, “süd ” and “Süd” are one region, written as most cells write it.

Compared by case, blanks, hyphens and underscores between letters; ids, names and free texts are left alone. A column of one name is one thing in every
frame: the region of deals and of companies, the stage of deals and of their history.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from workbook.frames import FRAMES
from workbook.sources.assemble import Frames, renamed
from workbook.sources.ledger import Ledger

RULE = "spelling of categories"
MOST_SPELLINGS = 20_000  # a column with more distinct values holds no categories
_BETWEEN = re.compile(r"(?<=\w)[\s_\-‐-―]+(?=\w)")
_SAME = {("units", "unit"): "region"}  # columns that hold what another one holds


@dataclass(frozen=True, slots=True)
class Spelled:
    """A column of categories. counts: its distinct values in the order in which they come, and how many cells hold each."""

    frame: str
    column: str
    counts: Mapping[str, int]


def categories(frame: str, own_texts: Iterable[str]) -> list[str]:
    """Return the columns of a frame that hold categories of free spelling. own_texts: the firm's own columns of text."""
    return [column.name for column in FRAMES[frame].columns if column.kind == "category" and not column.values] + list(own_texts)


def alike(value: str) -> str:
    """Return what is equal where two spellings are one category."""
    return _BETWEEN.sub(" ", " ".join(value.casefold().split()))


def respelled(columns: Iterable[Spelled], ledger: Ledger) -> dict[tuple[str, str], dict[str, str]]:
    """Return which values of which frame and column get another spelling, and write down how many cells that are."""
    found = [column for column in columns if len(column.counts) <= MOST_SPELLINGS]
    pooled: dict[str, dict[str, int]] = {}
    for column in found:
        counts = pooled.setdefault(_pool(column), {})
        for value, n in column.counts.items():
            counts[value] = counts.get(value, 0) + n
    usual = {pool: _usual(counts) for pool, counts in pooled.items()}
    changes: dict[tuple[str, str], dict[str, str]] = {}
    for column in found:
        new = {value: after for value in column.counts if (after := usual[_pool(column)].get(value)) is not None}
        if new:
            changes[column.frame, column.column] = new
            first = next(iter(new.items()))
            ledger.repair(RULE, f"{column.frame}.{column.column}", sum(column.counts[value] for value in new), example=first)
    return changes


def _pool(column: Spelled) -> str:
    return _SAME.get((column.frame, column.column), column.column)


def _usual(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the spellings that give way to another one. The commonest stays; of equally common ones the first that is not all capitals or all small."""
    spellings: dict[str, list[str]] = {}
    for value in counts:
        spellings.setdefault(alike(value), []).append(value)
    best = {key: max(values, key=lambda value: (counts[value], not value.isupper() and not value.islower())) for key, values in spellings.items()}
    return {value: best[key] for key, values in spellings.items() for value in values if value != best[key]}


def merge_variants(frames: Frames, ledger: Ledger) -> None:
    """Give each category of all frames one spelling."""
    columns = [
        Spelled(name, column, _counts(data[column]))
        for name, data in frames.data.items()
        for column in categories(name, [own for own in frames.attributes[name] if not pd.api.types.is_float_dtype(data[own])])
    ]
    for (name, column), new in respelled(columns, ledger).items():
        frames.data[name][column] = renamed(frames.data[name][column], new)


def _counts(column: pd.Series) -> dict[str, int]:  # type: ignore[type-arg]
    counts = column.dropna().groupby(column, sort=False).size()
    return {str(value): int(n) for value, n in counts.items()}
