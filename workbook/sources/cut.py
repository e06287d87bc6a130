"""Which rows are in a part, decided and written by the engine where the frames lie.

What is decided of deals, companies and leads is kept as tables of the engine: places and ids, which it may spill. All other frames are decided
while they are written.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbook.frames import FRAMES
from workbook.sources.passing.engine import Engine
from workbook.sources.stored import ROW, StoredFrame

UNIT = "unit"  # names a region or a team in `units`: a part of that name keeps its own
OWNERS = ("opportunities", "leads", "accounts")


def key_of(frame: str) -> str:
    """Return the column that others point to a frame with."""
    return FRAMES[frame].key[0]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What makes a part: the frame and its column whose value decides."""

    home: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts one part out of frames. filled: the columns of each frame that hold anything."""

    engine: Engine
    frames: Mapping[str, StoredFrame]
    filled: Mapping[str, list[str]]
    wanted: Wanted
    _kept: dict[str, str] = field(default_factory=dict)

    def decide(self) -> None:
        """Decide which rows of the home are in the part, then which deals, leads and companies are."""
        home = self.wanted.home
        self._keep(home, self._own(home))
        if home != "opportunities" and "opportunities" in self.frames:
            self._keep("opportunities", f"{self._is_in('opportunities', home)} OR {self._pointed_to('opportunities')}")
        if home != "leads" and "leads" in self.frames:
            near = self._kept
            if home != "accounts" and "accounts" in self.frames:
                near = near | {"accounts": self._table("accounts", self._companies(), "near_accounts")}
            self._keep("leads", self._belongs("leads", near))
        if home != "accounts" and "accounts" in self.frames:
            self._keep("accounts", self._companies())

    @property
    def order(self) -> list[str]:
        """All frames, those that were decided first: the order of the record."""
        return list(dict.fromkeys([*self._kept, *self.frames]))

    def count(self, frame: str) -> int:
        """Return how many rows of a frame that was decided are in the part."""
        found: int = self.engine.row(f"SELECT count(*) FROM {self._kept[frame]}")[0]
        return found

    def write(self, frame: str, to: Path) -> None:
        """Write the rows of a frame that are in the part, in their order."""
        stored = self.frames[frame]
        condition = f"{ROW} IN (SELECT {ROW} FROM {self._kept[frame]})" if frame in self._kept else self._condition(frame)
        if condition is None:
            shutil.copyfile(stored.path, to)
        else:  # a join that spills may hand rows on in another order
            self.engine.write(f"SELECT {stored.cells} FROM {frame} WHERE {condition} ORDER BY {ROW}", to, stored.schema)

    def _condition(self, frame: str) -> str | None:
        """Return which rows of any other frame are in the part; None: all of them, where nothing says which."""
        stored = self.frames[frame]
        if any(stored.has(key_of(owner)) for owner in self._kept):
            return self._belongs(frame, self._kept)
        if self.wanted.column in self.filled[frame]:
            return self._own(frame)
        is_unit = stored.holds(UNIT, self.wanted.value) if frame == "units" else "false"
        return is_unit if self.engine.row(f"SELECT count(*) FROM {frame} WHERE {is_unit}")[0] else None

    def _keep(self, frame: str, condition: str) -> None:
        self._kept[frame] = self._table(frame, condition, f"kept_{frame}")

    def _table(self, frame: str, condition: str, name: str) -> str:
        """Make a table of the rows of a frame that meet a condition: their place, and what they point to."""
        stored = self.frames[frame]
        ids = (f"{stored.cell(key)} AS {key}" for key in map(key_of, OWNERS) if stored.has(key))
        self.engine.do(f"CREATE TEMP TABLE {name} AS SELECT {', '.join([ROW, *ids])} FROM {frame} WHERE {condition}")
        return name

    def _own(self, frame: str) -> str:
        """Tell which rows hold the value themselves."""
        return self.frames[frame].holds(self.wanted.column, self.wanted.value)

    def _companies(self) -> str:
        """Tell which companies a kept row points to, or hold the value themselves."""
        pointed = self._pointed_to("accounts")
        return f"{pointed} OR {self._own('accounts')}" if self.frames["accounts"].has(self.wanted.column) else pointed

    def _belongs(self, frame: str, kept: Mapping[str, str]) -> str:
        """Tell which rows are in the part: the first that a row has of its deal, its lead, its own value and its company decides."""
        stored, cases = self.frames[frame], []
        for owner in ("opportunities", "leads", "", "accounts"):
            column = key_of(owner) if owner else self.wanted.column
            if stored.has(column) and (not owner or owner in kept):
                decided = _among(stored.cell(column), column, kept[owner]) if owner else self._own(frame)
                cases.append(f"WHEN {stored.cell(column)} IS NOT NULL THEN {decided}")
        return f"CASE {' '.join(cases)} ELSE false END" if cases else "false"

    def _is_in(self, frame: str, owner: str) -> str:
        """Tell which rows point to a kept row of `owner`."""
        key = key_of(owner)
        return _among(self.frames[frame].cell(key), key, self._kept[owner]) if self.frames[frame].has(key) else "false"

    def _pointed_to(self, frame: str) -> str:
        """Tell which rows of a frame a kept row of another points to."""
        key = key_of(frame)
        pointing = (_among(self.frames[frame].cell(key), key, table) for other, table in self._kept.items() if other != frame and self.frames[other].has(key))
        return " OR ".join(pointing) or "false"


def _among(cell: str, key: str, table: str) -> str:
    """Tell which cells are among the ids that a table of kept rows has; a cell without value is not."""
    return f"coalesce({cell} IN (SELECT {key} FROM {table} WHERE {key} IS NOT NULL), false)"
