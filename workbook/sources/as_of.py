"""The day the data speak of: as set, else as the export says, else the newest thing that has happened in the data."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial

import numpy as np
import pandas as pd

from workbook.frames.rules import HAPPENED
from workbook.params import RunParams
from workbook.sources.assemble import Frames
from workbook.sources.dates import parse_date, style_of
from workbook.sources.files import day_in_name
from workbook.sources.fragments import changed_at
from workbook.sources.table import RawTable
from workbook.text import Message, msg

_STATED = re.compile(
    r"(?:stand|as of|as at|exportiert am|export(?:ed)?(?: on| date)?|erstellt am|generated(?: on)?|datum|date)\s*:?\s*(.+)", re.I
)
_DATE_LIKE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}\.? [A-Za-zä]+ \d{4}|[A-Za-z]+ \d{1,2}, \d{4}"
)
_ISOLATED = np.timedelta64(183, "D")
_TOLERATED = timedelta(days=1)  # clocks elsewhere are ahead
_MOST_TO_COME = 0.05


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day, and why this one."""

    day: date
    reason: Message


def find_as_of(params: RunParams, frames: Frames, tables: Sequence[RawTable]) -> AsOf:
    """Return the day the data speak of. A future expected close never counts."""
    return day_of(params, tables, lambda: newest_on(frames), lambda: _last_year(frames))


def _last_year(frames: Frames) -> int | None:
    return int(frames.data["market"]["year"].max()) if frames.has("market", "year") else None


def day_of(
    params: RunParams, tables: Sequence[RawTable], newest_event: Callable[[], date | None], last_year: Callable[[], int | None]
) -> AsOf:
    """Return the day the data speak of. newest_event: the newest day in the data; last_year: the newest year of the market."""
    if params.as_of is not None:
        return AsOf(params.as_of, msg("set in the settings"))
    newest_event = cache(newest_event)
    is_likely = partial(_is_likely, newest_event=newest_event)
    stated = [(day, table, line) for table in tables for line in table.preamble if (day := stated_day(line)) is not None and is_likely(day)]
    if stated:
        day, table, line = max(stated, key=lambda item: item[0])
        return AsOf(day, msg("{file} says above its header: {line}", file=table.file, line=line[:80]))
    named = [(day, table) for table in tables if (day := day_in_name(table.path.name)) is not None and is_likely(day)]
    if named:
        day, table = max(named, key=lambda item: item[0])
        return AsOf(day, msg("the date in the file name {file}", file=table.path.name))
    if (newest := newest_event()) is not None:
        return AsOf(newest, msg("the newest event in the data, such as a creation or a close"))
    if (year := last_year()) is not None:
        return AsOf(date(year, 12, 31), msg("the end of the newest year in the data"))
    changed = [date.fromtimestamp(changed_at(table.path)) for table in tables if table.is_stored]
    if not changed:
        return AsOf(date.today(), msg("the data carry no dates; the day they were read from the database"))
    return AsOf(max(changed), msg("the data carry no dates; the day the newest file was saved"))


def _is_likely(day: date, newest_event: Callable[[], date | None]) -> bool:
    """Tell whether an export can be of a day: it has come, or the data are made up and lie ahead themselves."""
    latest = date.today() + _TOLERATED
    return day <= latest or (newest_event() or date.min) > latest


def file_day(table: RawTable, frames: Frames) -> date:
    """Return the day a file speaks of: stated above its header, in its name, else the newest event in it."""
    if (said := said_day(table)) is not None:
        return said
    parts = {name: data[data["source_file"] == table.file] for name, data in frames.data.items() if name in HAPPENED}
    return newest_on(Frames({name: part for name, part in parts.items() if len(part)})) or date.min


def said_day(table: RawTable) -> date | None:
    """Return the day that a file states above its header, or in its name."""
    stated = [day for line in table.preamble if (day := stated_day(line)) is not None]
    return max(stated) if stated else day_in_name(table.path.name)


def stated_day(line: str) -> date | None:
    """Return the day that a line above the header states, or None."""
    match = _STATED.search(line)
    found = _DATE_LIKE.search(match[1]) if match else None
    if found is None:
        return None
    styles = style_of(found[0]) or {"dmy"}
    parsed = parse_date(found[0], "dmy" if "dmy" in styles else next(iter(styles)))
    return parsed.date() if parsed else None


def newest_on(frames: Frames) -> date | None:
    """Return the newest day on which something happened; single days far behind all others are taken for slips."""
    parts = [
        frames.data[name][column].dropna().dt.normalize()
        for name, columns in HAPPENED.items()
        for column in columns
        if name in frames
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        return None
    return newest_of(pd.concat(parts).value_counts().sort_index())


def newest_of(days: pd.Series[int]) -> date:
    """Return the newest day that counts. days: events per day (the index), the earliest first; at least one.

    What has not come yet today is a slip, such as a year mistyped, unless there is much of it: then the data are made up.
    """
    is_to_come = days.index > pd.Timestamp(date.today() + _TOLERATED)
    if days[is_to_come].sum() <= _MOST_TO_COME * days.sum():
        days = days[~is_to_come]
    allowed = max(2, int(0.001 * days.sum()))
    stamps, counts = days.index.to_numpy(), days.to_numpy()
    last, dropped = len(stamps) - 1, 0
    for at in range(len(stamps) - 1, 0, -1):
        dropped += int(counts[at])
        if dropped > allowed:
            break
        if stamps[at] - stamps[at - 1] > _ISOLATED:
            last = at - 1
    return pd.Timestamp(stamps[last]).date()
