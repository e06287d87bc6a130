"""References that resolve: by id, by name, by the same letters and digits; what stays open is counted per join."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.frames.column import Column
from workbook.frames.lookup import is_among
from workbook.sources.assemble import Frames, place_rows, renamed
from workbook.sources.ledger import Ledger
from workbook.sources.names import normalise
from workbook.sources.record import JoinRecord
from workbook.text import msg

_MOST_SUGGESTIONS = 20
LARGE_TARGET = 2000  # ids among which no nearest one is looked for


def mend_references(frames: Frames, ledger: Ledger) -> None:
    """Map references that are names, or spelled otherwise than their target, to the target's id."""
    for name, column, target, key in _references(frames):
        data = frames.data[name]
        ids = set(frames.data[target][key].dropna().astype(str))
        open_values = [str(v) for v in data[column.name].dropna().unique() if str(v) not in ids]
        if not open_values:
            continue
        by_name, by_letters = lookups(frames.data[target], key)
        exact = {value: by_name[value] for value in open_values if value in by_name}
        near = {v: by_letters[normalise(v)] for v in open_values if v not in exact and by_letters.get(normalise(v))}
        place = f"{name}.{column.name}"
        if near:
            counts = data.loc[data[column.name].isin(list(near)), column.name].value_counts()
            usual = str(counts.idxmax())
            ledger.repair("spelling of references", place, int(counts.sum()), example=(usual, near[usual]))
        data[column.name] = renamed(data[column.name], {**exact, **near})
        _suggest([v for v in open_values if v not in exact and v not in near], ids, (data, place), ledger)


def _references(frames: Frames) -> list[tuple[str, Column, str, str]]:
    """Return (frame, column, target frame, target column) of every reference whose target has rows."""
    found = []
    for name in frames.data:
        for column in FRAMES[name].columns:
            target, _, key = (column.references or "").partition(".")
            if target in frames and frames.has(name, column.name):
                found.append((name, column, target, key))
    return found


def lookups(target: pd.DataFrame, key: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return id by name, and id by letters and digits; what is not unique is left out."""
    by_name: dict[str, str] = {}
    letters: dict[str, set[str]] = {}
    names = target["name"] if "name" in target else pd.Series(None, index=target.index, dtype="str")
    for id_, name in zip(target[key].astype(str), names, strict=True):
        letters.setdefault(normalise(id_), set()).add(id_)
        if isinstance(name, str):
            by_name.setdefault(name, id_)
            letters.setdefault(normalise(name), set()).add(id_)
    return by_name, {text: next(iter(ids)) for text, ids in letters.items() if text and len(ids) == 1}


def _suggest(values: list[str], ids: set[str], where: tuple[pd.DataFrame, str], ledger: Ledger) -> None:
    """Name the nearest target of a value that looks like a slip of the pen; nothing is changed."""
    data, place = where
    for value, near in suggestions(values, ids):
        hit = data[data[place.partition(".")[2]] == value]
        rows = place_rows(hit, value=place.partition(".")[2])
        message = msg("{value} in {place} is perhaps {near}; it was left as it is", value=value, place=place, near=near)
        ledger.flag("possible misspellings", place, message, rows)


def suggestions(values: list[str], ids: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the first values that look like a slip of the pen, each with the id that is meant."""
    if len(ids) > LARGE_TARGET:
        return
    words = [id_ for id_ in ids if sum(letter.isalpha() for letter in id_) >= 4]
    for value in values[:_MOST_SUGGESTIONS]:
        near = difflib.get_close_matches(value, words, n=1, cutoff=0.85)
        if near and sum(letter.isalpha() for letter in value) >= 4:
            yield value, near[0]


def count_joins(frames: Frames, derived: set[str]) -> list[JoinRecord]:
    """Count per reference how many filled cells find their row; accounts derived here do not count as found.

    Where all accounts are derived there is no join to speak of, and none is listed.
    """
    joins = []
    all_derived = "accounts" in frames and set(frames.data["accounts"]["account_id"].astype(str)) <= derived
    for name, column, target, key in _references(frames):
        if target == "accounts" and all_derived:
            continue
        ids: Any = frames.data[target][key].astype(str)
        if target == "accounts":
            ids = ids[~is_among(ids, derived)]
        filled = frames.data[name][column.name].dropna().astype(str)
        matched = int(is_among(filled, ids).sum())
        joins.append(JoinRecord(frame=name, column=column.name, references=f"{target}.{key}", matched=matched, total=len(filled)))
    return joins


def apply_alias(frames: Frames, target: str, alias: dict[str, str]) -> None:
    """Replace ids that were merged into others wherever they are referred to."""
    if not alias:
        return
    for name, data in frames.data.items():
        for column in FRAMES[name].columns:
            if (column.references or "").partition(".")[0] == target:
                data[column.name] = renamed(data[column.name], alias)
