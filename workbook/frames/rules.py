"""What must hold across columns and frames. A rule reports, it never repairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbook.frames.catalogue import FRAMES
from workbook.frames.lookup import is_among
from workbook.frames.names import FRAME_NAMES, measure_name
from workbook.frames.outliers import implausible
from workbook.text import Message, msg, nmsg, number, share

Data = Mapping[str, pd.DataFrame]

HAPPENED: dict[str, tuple[str, ...]] = {
    "opportunities": ("created_on", "closed_on"),
    "stage_entries": ("entered_at",),
    "leads": ("created_at", "mql_at", "first_response_at", "sql_at", "rejected_at", "customer_at"),
    "activities": ("occurred_at",),
    "invoices": ("invoiced_on",),
    "feedback": ("answered_on",),
    "qualification": ("assessed_on",),
    "survey": ("answered_on",),
}
MANY_WITHOUT_ACCOUNT = 0.2


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that some rows break. rows: index labels of the frame; value: the column to show for them."""

    rule: str
    frame: str
    column: str
    message: Message
    rows: tuple[Any, ...] = field(default=())


def broken_rules(data: Data, as_of: date, attributes: Mapping[str, list[str]] | None = None) -> list[Finding]:
    """Return everything that the frames break, all at once. attributes: the firm's own columns per frame."""
    found = [*_order(data), *_future(data, as_of), *_status(data), *_first_contact(data), *_unresolved(data)]
    return [*found, *market_totals(data), *_outliers(data, attributes or {}), *_negative(data)]


def _has(data: Data, frame: str, *columns: str) -> bool:
    return frame in data and all(column in data[frame] and data[frame][column].notna().any() for column in columns)


def _rows(hit: pd.Series[Any]) -> tuple[Any, ...]:
    return tuple(hit.index[hit.fillna(False).astype(bool)])


def _order(data: Data) -> Iterator[Finding]:
    """Closed on or after creation."""
    if _has(data, "opportunities", "created_on", "closed_on"):
        deals = data["opportunities"]
        if rows := _rows(deals["closed_on"] < deals["created_on"]):
            yield Finding("close before creation", "opportunities", "closed_on", closed_before_creation(len(rows)), rows)


def _future(data: Data, as_of: date) -> Iterator[Finding]:
    """Nothing has happened after the day of the export; an expected close of an open deal may lie there."""
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    for frame, columns in HAPPENED.items():
        for column in columns:
            if _has(data, frame, column) and (rows := _rows(data[frame][column] >= end)):
                yield Finding("dates after the export", frame, column, after_the_export(len(rows), f"{frame}.{column}", as_of), rows)


def _status(data: Data) -> Iterator[Finding]:
    """A closed deal has a close date, an open one none, and most open ones a company."""
    if "opportunities" not in data:
        return
    deals = data["opportunities"]
    is_open = deals["status"] == "open"
    if _has(data, "opportunities", "closed_on"):
        if rows := _rows(~is_open & deals["closed_on"].isna()):
            yield Finding("closed without a date", "opportunities", "closed_on", closed_without_date(len(rows)), rows)
        if rows := _rows(is_open & deals["closed_on"].notna()):
            yield Finding("open with a close date", "opportunities", "closed_on", open_with_close(len(rows)), rows)
    if _has(data, "opportunities", "account_id") and is_open.any():
        rows = _rows(is_open & deals["account_id"].isna())
        part = len(rows) / int(is_open.sum())
        if part > MANY_WITHOUT_ACCOUNT:
            yield Finding("open deals without account", "opportunities", "account_id", open_without_account(len(rows), part), rows)


def _first_contact(data: Data) -> Iterator[Finding]:
    """Nothing is won before the first contact: neither on the lead itself nor on the deal it became."""
    if _has(data, "leads", "customer_at", "created_at"):
        leads = data["leads"]
        if rows := _rows(leads["customer_at"] < leads["created_at"].dt.normalize()):
            yield Finding("closed before the first contact", "leads", "customer_at", customer_before_contact(len(rows)), rows)
    if not _has(data, "opportunities", "lead_id", "closed_on") or "leads" not in data:
        return
    leads = data["leads"]
    first = leads[["created_at", "mql_at"]].min(axis=1).set_axis(leads["lead_id"])
    first = first[~first.index.duplicated()]
    deals = data["opportunities"]
    if rows := _rows(deals["closed_on"] < deals["lead_id"].map(first).dt.normalize()):
        yield Finding("closed before the first contact", "opportunities", "closed_on", closed_before_contact(len(rows)), rows)


def _unresolved(data: Data) -> Iterator[Finding]:
    """References find their row."""
    for frame, rows_of in data.items():
        for column in FRAMES[frame].columns:
            target, _, key = (column.references or "").partition(".")
            if target not in data or not _has(data, frame, column.name):
                continue
            cells = rows_of[column.name]
            if rows := _rows(cells.notna() & ~is_among(cells, data[target][key])):
                message = unresolved(len(rows), f"{frame}.{column.name}", target)
                yield Finding("references that do not resolve", frame, column.name, message, rows)


def market_totals(data: Data) -> Iterator[Finding]:
    """Segments add to the total that the source states."""
    if not _has(data, "market", "segment"):
        return
    market = data["market"]
    keys = [key for key in ("year", "region", "measure", "unit") if market[key].notna().any()]
    stated = market[market["segment"].isna()].groupby(keys, dropna=False)["volume"].first()
    added = market[market["segment"].notna()].groupby(keys, dropna=False)["volume"].sum()
    both = pd.concat({"stated": stated, "added": added}, axis=1).dropna()
    for key, row in both[(both["stated"] - both["added"]).abs() > np.maximum(1, 0.005 * both["stated"].abs())].iterrows():
        parts = key if isinstance(key, tuple) else (key,)
        hit = market["segment"].isna()
        for name, value in zip(keys, parts, strict=True):
            hit &= market[name].isna() if pd.isna(value) else market[name] == value
        what = tuple(measure_name(str(part)) if name in ("measure", "unit") else str(part) for name, part in zip(keys, parts, strict=True) if not pd.isna(part))
        message = msg(
            "market {what}: the segments add to {added}, the source states a total of {stated}",
            what=what, added=number(float(row["added"])), stated=number(float(row["stated"])),
        )  # fmt: skip
        yield Finding("segments against the stated total", "market", "volume", message, _rows(hit))


def _outliers(data: Data, attributes: Mapping[str, list[str]]) -> Iterator[Finding]:
    """No amount is far beyond all others."""
    for frame, rows_of in data.items():
        if frame == "market":
            continue
        own = [name for name in attributes.get(frame, []) if pd.api.types.is_float_dtype(rows_of[name])]
        measured = [c.name for c in FRAMES[frame].columns if c.kind == "money" or c.name == "employees"]
        for column in (*measured, *own):
            if rows := _rows(implausible(rows_of[column])):
                highest, middle = float(rows_of.loc[list(rows), column].max()), float(rows_of[column][rows_of[column] > 0].median())
                yield Finding("implausible values", frame, column, far_above(len(rows), f"{frame}.{column}", highest, middle), rows)


def _negative(data: Data) -> Iterator[Finding]:
    """An opportunity's amount is not negative."""
    if _has(data, "opportunities", "amount") and (rows := _rows(data["opportunities"]["amount"] < 0)):
        yield Finding("negative amounts", "opportunities", "amount", negative_amounts(len(rows)), rows)


# What a broken rule is said in: the rules above count in pandas, `workbook.sources.passing` in the engine.


def closed_before_creation(n: int) -> Message:
    return nmsg("{n} opportunity was closed before it was created", "{n} opportunities were closed before they were created", n)


def after_the_export(n: int, place: str, as_of: date) -> Message:
    return nmsg("{n} date in {place} lies after {day}, the date of the export", "{n} dates in {place} lie after {day}, the date of the export", n, place=place, day=as_of)


def closed_without_date(n: int) -> Message:
    return nmsg("{n} closed opportunity has no close date", "{n} closed opportunities have no close date", n)


def open_with_close(n: int) -> Message:
    return nmsg("{n} open opportunity has the date of an actual close", "{n} open opportunities have the date of an actual close", n)


def open_without_account(n: int, part: float) -> Message:
    return msg("{part} of the open opportunities name no account ({n})", part=share(part), n=n)


def customer_before_contact(n: int) -> Message:
    return nmsg("{n} lead became a customer before its first contact", "{n} leads became customers before their first contact", n)


def closed_before_contact(n: int) -> Message:
    return nmsg("{n} opportunity was closed before the first contact with its lead", "{n} opportunities were closed before the first contact with their lead", n)


def unresolved(n: int, place: str, target: str) -> Message:
    return nmsg("{n} entry of {place} is not in the table {target}", "{n} entries of {place} are not in the table {target}", n, place=place, target=FRAME_NAMES[target])


def far_above(n: int, place: str, highest: float, middle: float) -> Message:
    return msg(
        "{n} values of {place} are far above all others, up to {value} where half lie below {middle}",
        n=n, place=place, value=number(highest, 0), middle=number(middle, 0),
    )  # fmt: skip


def negative_amounts(n: int) -> Message:
    return nmsg("{n} opportunity has a negative amount", "{n} opportunities have a negative amount", n)
