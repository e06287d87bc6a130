"""Rows that are there twice: equal ones become one; of different ones the newest wins, and the conflict is flagged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.sources.assemble import Frames, place_rows
from workbook.sources.ledger import Ledger, Merged
from workbook.sources.mapping import HELPERS
from workbook.text import Message, msg

_OTHER_VALUES = {
    True: msg("the same id with other values; the newest line stays"),
    False: msg("the same id with other values; the last line stays, as nothing says which is newer"),
}


def merge_duplicates(frames: Frames, newness: dict[str, Any], ledger: Ledger) -> None:
    """Merge the rows of each frame that share its key. newness: file → anything that sorts older files first."""
    for name in frames.data:
        frames.data[name] = _merge(frames.data[name], name, (newness, frames.attributes[name]), ledger)
    if "opportunities" in frames:
        frames.data["opportunities"] = _merge_overlap(frames.data["opportunities"], frames.attributes["opportunities"], ledger)


def _merge_overlap(deals: pd.DataFrame, attributes: list[str], ledger: Ledger) -> pd.DataFrame:
    """Merge deals without an id that two exports tell cell for cell, title included; those that one tells twice are flagged and stay."""
    made = deals[deals["is_made"].astype(bool) & deals["name"].notna()]
    cells = content(made.assign(opportunity_id=""), "opportunities", attributes)
    again = made.groupby([cells, made["source_file"]]).cumcount()
    first = made.index.to_series().groupby([cells, again]).transform("first")
    gone = made.index[first != made.index]
    if again.any():
        message = msg("{n} lines without an id tell a deal of their file once more, cell for cell; each counts", n=int((again > 0).sum()))
        ledger.flag("lines alike", "opportunities.name", message, place_rows(made[again > 0], "opportunity_id", "name"))
    pairs = [(index, first[index]) for index in gone]
    if pairs:
        note_merged(deals, pairs, ("opportunities", "opportunity_id", msg("the same line in another file")), ledger)
    return deals.drop(index=gone).reset_index(drop=True)


def _key(data: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series[Any]:
    parts = [data[column].astype("str").fillna("") for column in columns]
    key = parts[0]
    for part in parts[1:]:
        key = key + "\x1f" + part
    return key


def content(data: pd.DataFrame, name: str, attributes: list[str]) -> pd.Series[Any]:
    """Return one number per row that is equal where all cells are."""
    cells = data[[*FRAMES[name].names, *attributes, *HELPERS.get(name, {})]].drop(columns=["modified_on"], errors="ignore")
    return pd.util.hash_pandas_object(cells.astype("str").fillna("\x00"), index=False)


def _merge(data: pd.DataFrame, name: str, how: tuple[dict[str, Any], list[str]], ledger: Ledger) -> pd.DataFrame:
    newness, attributes = how
    key = _key(data, FRAMES[name].key)
    twice = key.duplicated(keep=False) & ~data["is_made"].astype(bool)
    if not twice.any():
        return data
    some = data[twice].copy()
    some["_key"], some["_content"] = key[twice], content(data[twice], name, attributes)
    some["_newness"] = some["source_file"].map(newness)
    if "modified_on" in some:
        some["_modified"] = some["modified_on"].fillna(pd.Timestamp(1900, 1, 1))
    order = [column for column in ("_modified", "_newness") if column in some]
    drop: list[Any] = []
    conflicts: list[tuple[str, int, str, str]] = []
    are_dated = True
    for value, group in some.groupby("_key", sort=False):
        is_same = group["_content"].nunique() == 1
        kept = group.index[0] if is_same else group.sort_values(order, kind="stable").index[-1]
        others = [index for index in group.index if index != kept]
        drop.extend(others)
        shown = str(value).replace("\x1f", " · ")
        is_dated = is_same or any(group[column].nunique() > 1 for column in order)
        are_dated = are_dated and is_dated
        reason = msg("the same line again") if is_same else _OTHER_VALUES[is_dated]
        pairs = [(index, kept) for index in others]
        note_merged(data, pairs, (name, FRAMES[name].key[0], reason), ledger)
        if group["crm"].nunique() > 1:
            fill_from(data, pairs, [*FRAMES[name].names, *attributes])
        if not is_same:
            conflicts.extend(place_rows(group.assign(_key=shown), "_key"))
    if conflicts:
        place = f"{name}.{FRAMES[name].key[0]}"
        ids = len({row[2] for row in conflicts})
        message = (
            msg("{n} ids of {frame} stand in several lines that differ; the newest line was taken", n=ids, frame=name)
            if are_dated
            else msg("{n} ids of {frame} stand in several lines that differ; the last line was taken where nothing says which is newer", n=ids, frame=name)
        )
        ledger.flag("duplicate ids", place, message, conflicts, count=ids)
    return data.drop(index=drop).reset_index(drop=True)


def note_merged(data: pd.DataFrame, pairs: Sequence[tuple[Any, Any]], what: tuple[str, str, Message], ledger: Ledger) -> None:
    """Write down which rows went into which. pairs: (index that goes, index that stays); what: (frame, key column, reason)."""
    frame, key, reason = what
    gone, stays = data.loc[[pair[0] for pair in pairs]], data.loc[[pair[1] for pair in pairs]]
    columns = (gone["source_file"], gone["source_line"], gone[key], stays["source_file"], stays["source_line"])
    for file, line, shown, kept_file, kept_line in zip(*columns, strict=True):
        ledger.merged.append(Merged(str(file), int(line), frame, str(shown), str(kept_file), int(kept_line), reason))


def fill_from(data: pd.DataFrame, pairs: Sequence[tuple[Any, Any]], columns: Sequence[str]) -> None:
    """Fill what the rows that stay lack from the rows that go."""
    lost, stay = [gone for gone, _ in pairs], [kept for _, kept in pairs]
    for column in columns:
        before = data.loc[stay, column]
        data.loc[stay, column] = before.where(before.notna(), data.loc[lost, column].set_axis(stay))


def number_lines(frames: Frames, ledger: Ledger) -> None:
    """Number the lines of an invoice where the file gives the invoice's number on each of its lines."""
    if "invoices" not in frames:
        return
    invoices = frames.data["invoices"]
    ids = invoices["invoice_id"]
    position = invoices.groupby(["source_file", "invoice_id"], sort=False, dropna=False).cumcount()
    several = position > 0
    if not are_many(int(several.sum()), len(invoices)):
        return
    numbered = ids.where(~several, ids + "/" + (position + 1).astype("str"))
    first = invoices.index[several][0]
    ledger.repair("lines of an invoice numbered", "invoices.invoice_id", int(several.sum()), example=(ids[first], numbered[first]))
    invoices["invoice_id"] = numbered


def are_many(several: int, lines: int) -> bool:
    """Tell whether so many lines repeat an invoice's number that they are lines of one invoice, and no slips."""
    return several > max(5, 0.05 * lines)
