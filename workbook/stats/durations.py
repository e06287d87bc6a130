"""Cases counted by duration: how many ended, in which way, and how many were still open.

A million rows shrink to a few hundred durations, and databases can do the counting.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DurationCounts:
    """Cases per duration. One element (row) per distinct duration, ascending.

    duration: length T, any unit, not negative. events: T x K, cases that ended at this duration, by kind.
    censored: length T, cases still open when last seen at this duration. kinds: the K names of the columns of
    `events`.
    """

    duration: FloatArray
    events: FloatArray
    censored: FloatArray
    kinds: tuple[Hashable, ...]

    @property
    def n(self) -> int:
        """Number of cases."""
        return round(float(self.events.sum() + self.censored.sum()))

    @property
    def at_risk(self) -> FloatArray:
        """Cases with at least this duration, one per duration. A case censored at t is at risk at t."""
        leaving = self.events.sum(axis=1) + self.censored
        return np.asarray(leaving[::-1].cumsum()[::-1], dtype=np.float64)

    def of(self, event: Hashable | None) -> FloatArray:
        """Events of one kind per duration; of all kinds for None. Raises `KeyError` for an unknown kind."""
        if event is None:
            return np.asarray(self.events.sum(axis=1), dtype=np.float64)
        if event not in self.kinds:
            raise KeyError(f"{event!r} is not one of the kinds {list(self.kinds)}")
        return self.events[:, self.kinds.index(event)]


def count_durations(duration: Any, kind: Any, kinds: Sequence[Hashable] | None = None) -> DurationCounts:
    """Count rows per duration and kind of end. Arrays of equal length, any order.

    `kind` is the event of each row, missing (None, NaN) or False for cases still open; booleans mean event /
    open. `kinds` fixes the columns (default: those seen, sorted by text). Raises `ValueError` on negative or
    missing durations (repair them before, where it can be counted) and on kinds not listed.
    """
    time = as_floats(duration)
    ends = pd.Series(list(kind), dtype=object)
    if len(time) != len(ends):
        raise ValueError(f"{len(time)} durations for {len(ends)} kinds")
    if not bool((np.isfinite(time) & (time >= 0)).all()):
        raise ValueError("durations must be finite and not negative")
    is_open = (
        ends.isna() | ends.map(lambda end: end is False or (isinstance(end, np.bool_) and not end))
    ).to_numpy(bool)
    seen = sorted(set(ends[~is_open]), key=str)
    names = tuple(seen) if kinds is None else tuple(kinds)
    if unknown := [name for name in seen if name not in names]:
        raise ValueError(f"kinds not listed: {unknown}")
    times, row = np.unique(time, return_inverse=True)
    column = ends.map({name: i for i, name in enumerate(names)}).where(~is_open, len(names)).to_numpy("int64")
    flat = np.bincount(row * (len(names) + 1) + column, minlength=len(times) * (len(names) + 1))
    table = flat.reshape(len(times), len(names) + 1).astype(np.float64)
    return DurationCounts(duration=times, events=table[:, :-1], censored=table[:, -1], kinds=names)


def duration_counts(
    duration: Any, events: Any, censored: Any, kinds: Sequence[Hashable] = ("event",)
) -> DurationCounts:
    """Build counts from columns counted elsewhere (e.g. in a database), in any order, durations may repeat.

    `events`: one array (one kind) or T x K. Raises `ValueError` on negative or missing values or wrong
    shapes.
    """
    time, still = as_floats(duration), as_floats(censored)
    ended = np.asarray(events, dtype="float64")
    ended = ended.reshape(len(time), 1) if ended.ndim == 1 else ended
    if ended.shape != (len(time), len(kinds)) or still.shape != time.shape:
        raise ValueError(
            f"events {ended.shape} and censored {still.shape} do not fit {len(time)} x {len(kinds)}"
        )
    stacked = np.column_stack([time, ended, still])
    if not bool((np.isfinite(stacked) & (stacked >= 0)).all()):
        raise ValueError("durations and counts must be finite and not negative")
    times, row = np.unique(time, return_inverse=True)
    table = np.zeros((len(times), len(kinds) + 1))
    np.add.at(table, row, stacked[:, 1:])
    return DurationCounts(duration=times, events=table[:, :-1], censored=table[:, -1], kinds=tuple(kinds))


def pool_counts(groups: Sequence[DurationCounts]) -> DurationCounts:
    """Add the counts of several groups. Raises `ValueError` if none is given or their kinds differ."""
    if not groups or any(group.kinds != groups[0].kinds for group in groups):
        raise ValueError("one or more groups with the same kinds are needed")
    return duration_counts(
        np.concatenate([g.duration for g in groups]), np.vstack([g.events for g in groups]),
        np.concatenate([g.censored for g in groups]), groups[0].kinds,
    )  # fmt: skip
