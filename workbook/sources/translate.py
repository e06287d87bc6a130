"""Text cells before they are read: words for not known, values in our words, ranges that Excel damaged, notes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.sources.competition import competition
from workbook.sources.damage import mend_ranges
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import ColumnMap, kind_of
from workbook.sources.names import normalise
from workbook.sources.presets import GENERIC, preset
from workbook.sources.recognise import Assignment
from workbook.sources.styles import MELTED
from workbook.sources.table import RawTable
from workbook.sources.vocabulary import closed_value, has_vocabulary
from workbook.text import msg


def tokens_of(assignment: Assignment) -> set[str]:
    """Return the cells that mean "not known" for an assignment, in lower case."""
    tokens = {*preset(GENERIC).missing, *assignment.mapping.missing}
    return {token.strip().lower() for token in tokens}


def is_id(frame: str, ours: str) -> bool:
    """Tell whether a column holds ids of rows: these are taken as they stand, whatever word they are."""
    return kind_of(frame, ours) == "id" and ours.endswith("_id") and ours != "owner_id"


def without_tokens(text: pd.DataFrame, assignment: Assignment, maps: dict[str, ColumnMap], ledger: Ledger) -> pd.DataFrame:
    general = tokens_of(assignment)
    for ours in text.columns:
        own = maps[ours].missing if ours in maps else ()
        tokens = general | {token.strip().lower() for token in own}
        if is_id(assignment.frame, ours):
            continue
        distinct = [value for value in text[ours].dropna().unique() if str(value).strip().lower() in tokens]
        if distinct and ours != MELTED:
            hit = text[ours].isin(distinct)
            text[ours] = text[ours].mask(hit)
            place = f"{assignment.frame}.{ours}"
            ledger.repair("words for not known", place, int(hit.sum()), example=(distinct[0], ""), file=assignment.table.file)
    return text


def translated(text: pd.DataFrame, assignment: Assignment, maps: dict[str, ColumnMap], ledger: Ledger) -> pd.DataFrame:
    """Apply the mapping's value maps and extractions, the vocabulary of closed categories, and mend Excel's damage."""
    frame, file = assignment.frame, assignment.table.file
    for ours in text.columns:
        column = maps.get(ours, ColumnMap())
        if column.values:
            table = {normalise(key) or key: value for key, value in column.values.items()}
            text[ours] = (
                text[ours].map(lambda cell, t=table: t.get(normalise(cell) or cell, cell), na_action="ignore").astype("str")
            )
        if column.extract:
            pattern = r"(?<!\d)((?:1[5-9]|20|21)\d{2})(?!\d)" if column.extract == "year" else r"(-?\d[\d.,]*)"
            found = text[ours].str.extract(pattern, expand=False)
            changed = int((found.notna() & (found != text[ours])).sum())
            example = (text[ours].dropna().iloc[0], found.dropna().iloc[0]) if changed else ("", "")
            ledger.repair("taken out of text", f"{frame}.{ours}", changed, example=example, file=file)
            text[ours] = found.where(found.notna(), text[ours])
        if (frame, ours) == ("opportunities", "competitor"):
            text[ours] = competition(text[ours], assignment.found.get(ours, ours), file, ledger)
        if has_vocabulary(frame, ours):
            text[ours] = text[ours].map(lambda cell, c=ours: closed_value(frame, c, cell) or cell, na_action="ignore").astype("str")
        if kind_in(frame, ours, maps) in ("category", "text") and ours not in ("name", MELTED):
            text[ours] = _undamaged(text[ours], f"{frame}.{ours}", assignment.table, ledger)
    return text


def noted(text: pd.DataFrame, assignment: Assignment) -> pd.DataFrame:
    """Set what the mapping knows of certain rows."""
    for note in assignment.block.notes:
        hit = pd.Series(True, index=text.index)
        for ours, value in note.rows.items():
            hit &= text[ours].eq(value).fillna(False)
        for ours, value in note.set.items():
            before = text[ours] if ours in text else pd.Series(None, index=text.index, dtype="str")
            text[ours] = before.mask(hit, value)
    return text


def _undamaged(column: pd.Series[Any], place: str, table: RawTable, ledger: Ledger) -> pd.Series[Any]:
    mended, damaged, is_mended = mend_ranges(column)
    if not damaged:
        return column
    hit = column.isin(list(damaged))
    first = next(iter(damaged))
    if is_mended:
        ledger.repair("ranges that Excel made dates", place, int(hit.sum()), example=(first, damaged[first]), file=table.file)
    elif len(hit) == len(table.lines):
        rows = [(table.file, int(line), "", str(value)) for line, value in zip(table.lines[hit], column[hit], strict=True)]
        message = msg("{n} cells such as {value} look like ranges that Excel turned into dates", n=len(rows), value=first)
        ledger.flag("ranges that Excel made dates", place, message, rows)
    return mended


def kind_in(frame: str, ours: str, maps: dict[str, ColumnMap]) -> str:
    column = maps.get(ours)
    return column.type if column is not None and column.type is not None else kind_of(frame, ours)
