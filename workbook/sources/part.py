"""The part of the data that a run speaks of: one region, one segment, one value of the firm's own column.

The column's home is the first of deals, companies and leads that carries it. What belongs to a deal, lead or company of the part is
in it; a frame that points to none of them, such as the market, is cut by its own column of that name, or kept whole
where it has none. Row order and types stay as they are. The frames are counted and cut where they lie, within the memory limit.
"""

from __future__ import annotations

import difflib
import heapq
import itertools
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbook.errors import ParamsError
from workbook.frames.names import FRAME_NAMES
from workbook.sources.cut import Cutter, Wanted, key_of
from workbook.sources.passing.engine import Engine
from workbook.sources.record import ImportRecord, sentence
from workbook.sources.stored import StoredFrame, open_frames, stored_record
from workbook.sources.write import write_record
from workbook.text import count, msg

HOMES = ("opportunities", "accounts", "leads")
_NAMED = 12  # values that an error names
_AT_ONCE = 50_000  # values held to find them


@dataclass(frozen=True, slots=True)
class Part:
    """Frames as `<folder>/<frame>.parquet` and their record. memory_limit: for what counts and cuts them."""

    folder: Path
    record: ImportRecord
    memory_limit: str

    def of(self, column: str, value: str, to: Path) -> Part:
        """Write the part whose `column` (or `frame.column`) holds `value` to `to`. Raises `ParamsError` where no frame has the column.

        Where there are deals and none of them is in the part nothing is written, and it has no frames.
        """
        home, name = self.home(column)
        with Engine(self.memory_limit, to) as engine:
            frames = open_frames(self.folder, self.record.frames, engine)
            cutter = Cutter(engine, frames, {frame: held.present for frame, held in self.record.frames.items()}, Wanted(home, name, value))
            cutter.decide()
            n = cutter.count(home)
            written = [] if "opportunities" in frames and not cutter.count("opportunities") else cutter.order
            for frame in written:
                cutter.write(frame, to / f"{frame}.parquet")
        records = {frame: stored_record(to / f"{frame}.parquet", self.record.frames[frame]) for frame in written}
        for frame in [frame for frame, held in records.items() if not held.rows]:
            (to / f"{frame}.parquet").unlink()
            del records[frame]
        said = msg("Only {column} = {value}: {n} of {total} ({frame}).", column=column, value=value,
                   n=count(n), total=count(self.record.frames[home].rows), frame=FRAME_NAMES[home])  # fmt: skip
        record = self.record.model_copy(update={"frames": records, "assumptions": [*self.record.assumptions, sentence(said)]})
        return Part(to, record, self.memory_limit)

    def home(self, column: str) -> tuple[str, str]:
        """Return frame and column that a name stands for. Raises `ParamsError` naming the nearest."""
        frame, _, name = column.rpartition(".")
        found = [home for home in HOMES if frame in ("", home) and home in self.record.frames and name in self.record.frames[home].present]
        if found:
            return found[0], name
        known = sorted({name for home in HOMES if home in self.record.frames for name in self.record.frames[home].present})
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        raise ParamsError(
            msg("the data have no column {column} with values; did you mean {near}?", column=column, near=near[0])
            if near
            else msg("the data have no column {column} with values", column=column),
            mend=msg("A part is named by a column of opportunities, accounts or leads; `workbook check` shows what was read."),
        )

    def deals_by(self, columns: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
        """Yield the values that deals have in some columns – their own, their company's or their lead's – and how many have them.

        Deals without a value in one of the columns are left out. Without deals the rows of the columns' home are counted. Raises `ParamsError`
        where no frame has a column, or nothing joins their homes.
        """
        homes = [self.home(column) for column in columns]
        if "opportunities" not in self.record.frames and len({home for home, _ in homes}) > 1:
            raise ParamsError(
                msg("without deals nothing joins the columns {columns}", columns=columns),
                mend=msg("Name columns of one of these: companies, leads; or export the deals too."),
            )
        with Engine(self.memory_limit, self.folder) as engine:
            frames = open_frames(self.folder, self.record.frames, engine)
            for batch in engine.batches(_counted(frames, homes)):
                yield from ((tuple(cell), n) for *cell, n in batch)

    def without(self, column: str, value: str) -> ParamsError:
        """Return the error that no deal has a value; it names the nearest of those that there are, and the first ones."""
        values, first, near = (cell[0] for cell, _ in self.deals_by((column,))), list[str](), list[str]()
        while some := list(itertools.islice(values, _AT_ONCE)):
            first = heapq.nsmallest(_NAMED, [*first, *some])
            near = difflib.get_close_matches(value, [*near, *some], n=1, cutoff=0.5)
        return ParamsError(
            msg("no opportunity has {column} = {value}; did you mean {near}?", column=column, value=value, near=near[0])
            if near
            else msg("no opportunity has {column} = {value}", column=column, value=value),
            mend=msg("Values are written as in the data: {known}.", known=tuple(first)),
        )


def part_of(everything: Part, chosen: Mapping[str, str], to: Path) -> Part:
    """Write the part where every named column holds its value to `to`, with its record. Raises `ParamsError` where there is nothing in it.

    chosen: one column at least; each is cut out of what the one before has left.
    """
    to.mkdir(parents=True, exist_ok=True)
    part = everything
    with tempfile.TemporaryDirectory(prefix=".cut-", dir=to) as name:
        for step, (column, value) in enumerate(chosen.items(), 1):
            smaller = part.of(column, value, to if step == len(chosen) else Path(name) / str(step))
            if not smaller.record.frames:
                raise part.without(column, value)
            part = smaller
    write_record(part.record, to)
    return part


def _counted(frames: Mapping[str, StoredFrame], homes: Sequence[tuple[str, str]]) -> str:
    """Return the query for deals by their values in columns of some homes; of the home's own rows where there are no deals."""
    counted = "opportunities" if "opportunities" in frames else homes[0][0]
    values: dict[str, list[str]] = {home: [] for home in (counted, *(home for home, _ in homes))}
    for at, (home, column) in enumerate(homes):
        values[home].append(f"{frames[home].text(column)} AS value_{at}")
    keys = {home: key_of(home) for home in values if home != counted}
    pointers = [f"{frames[counted].cell(key)} AS {key}" for key in keys.values()]
    tables = [f"(SELECT {', '.join([*pointers, *values[counted]]) or 'c0'} FROM {counted})"]
    tables += [f"(SELECT {', '.join([f'{frames[home].cell(key)} AS {key}', *values[home]])} FROM {home}) USING ({key})" for home, key in keys.items()]
    named = [f"value_{at}" for at in range(len(homes))]
    there = " AND ".join(f"{value} IS NOT NULL" for value in named)
    return f"SELECT {', '.join(named)}, count(*) FROM {' JOIN '.join(tables)} WHERE {there} GROUP BY ALL"
