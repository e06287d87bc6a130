"""The part of the data that a run speaks of: one region, one segment, one value of the firm's own column.

The column's home is the first of deals, companies and leads that carries it. What belongs to a deal, lead or company of the part is
in it; a frame that points to none of them, such as the market, is cut by its own column of that name, or kept whole
where it has none. Row order and types stay as they are.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.errors import ParamsError
from workbook.frames import FRAMES
from workbook.frames.names import FRAME_NAMES
from workbook.frames.rules import HAPPENED
from workbook.sources.record import FrameRecord, ImportRecord, sentence
from workbook.text import count, msg

if TYPE_CHECKING:
    import pyarrow as pa

HOMES = ("opportunities", "accounts", "leads")
UNIT = "unit"  # names a region or a team in `units`: a part of that name keeps its own


@dataclass(frozen=True, slots=True)
class Part:
    """Frames and their record; `frames` holds Arrow tables by name."""

    frames: dict[str, pa.Table]
    record: ImportRecord

    def of(self, column: str, value: str) -> Part:
        """Return the part whose `column` (or `frame.column`) holds `value`. Raises `ParamsError` where no frame has the column."""
        home, name = self.home(column)
        kept = dict(_narrowed(self.frames, home, name, value))
        there = {frame: table for frame, table in kept.items() if table.num_rows}
        records = {frame: _frame_record(frame, table, self.record.frames[frame]) for frame, table in there.items()}
        said = msg("Only {column} = {value}: {n} of {total} ({frame}).", column=column, value=value,
                   n=count(kept[home].num_rows), total=count(self.frames[home].num_rows), frame=FRAME_NAMES[home])  # fmt: skip
        record = self.record.model_copy(update={"frames": records, "assumptions": [*self.record.assumptions, sentence(said)]})
        return Part(there, record)

    def home(self, column: str) -> tuple[str, str]:
        """Return frame and column that a name stands for. Raises `ParamsError` naming the nearest."""
        frame, _, name = column.rpartition(".")
        found = [home for home in HOMES if frame in ("", home) and home in self.frames and name in self.record.frames[home].present]
        if found:
            return found[0], name
        known = sorted({name for home in HOMES if home in self.frames for name in self.record.frames[home].present})
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        raise ParamsError(
            msg("the data have no column {column} with values; did you mean {near}?", column=column, near=near[0])
            if near
            else msg("the data have no column {column} with values", column=column),
            mend=msg("A part is named by a column of opportunities, accounts or leads; `workbook check` shows what was read."),
        )

    def deals_by(self, columns: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        """Count the deals by their values in some columns; deals without a value in one of them are left out."""
        import pyarrow.compute as pc

        values = [self._of_deals(column) for column in columns]
        cells = zip(*(pc.cast(column, "string").to_pylist() for column in values), strict=True)
        counts: dict[tuple[str, ...], int] = {}
        for cell in cells:
            if None not in cell:
                counts[cell] = counts.get(cell, 0) + 1
        return counts

    def _of_deals(self, column: str) -> Any:
        """Return a column's value for each deal: its own, its company's or its lead's."""
        home, name = self.home(column)
        deals = self.frames.get("opportunities")
        if home == "opportunities" or deals is None:
            return self.frames[home][name]
        import pyarrow.compute as pc

        key, there = _key(home), self.frames[home]
        return there[name].take(pc.index_in(deals[key], value_set=there[key]))


def whole(folder: Path, record: ImportRecord) -> Part:
    """Return all of an import that was written to `folder`."""
    import pyarrow.parquet as pq

    return Part({name: pq.read_table(folder / f"{name}.parquet") for name in record.frames}, record)


def part_of(everything: Part, chosen: Mapping[str, str]) -> Part:
    """Return the part where every named column holds its value. Raises `ParamsError` where there is nothing in it."""
    part = everything
    for column, value in chosen.items():
        smaller = part.of(column, value)
        if ("opportunities" in part.frames and "opportunities" not in smaller.frames) or not smaller.frames:
            known = sorted({values[0] for values in part.deals_by((column,))})
            near = difflib.get_close_matches(value, known, n=1, cutoff=0.5)
            raise ParamsError(
                msg("no opportunity has {column} = {value}; did you mean {near}?", column=column, value=value, near=near[0])
                if near
                else msg("no opportunity has {column} = {value}", column=column, value=value),
                mend=msg("Values are written as in the data: {known}.", known=tuple(known[:12])),
            )
        part = smaller
    return part


def _key(frame: str) -> str:
    return FRAMES[frame].key[0]


def _narrowed(frames: Mapping[str, pa.Table], home: str, column: str, value: str) -> Iterator[tuple[str, pa.Table]]:
    """Yield every frame cut to the part: its home first, then deals, companies and leads, then all that points to these."""
    import pyarrow.compute as pc

    kept = {home: frames[home].filter(_holds(frames[home], column, value))}
    if home != "opportunities" and (deals := frames.get("opportunities")) is not None:
        kept["opportunities"] = deals.filter(pc.or_(_is_in(deals, home, kept), _pointed_to(deals, "opportunities", kept)))
    if home != "leads" and (leads := frames.get("leads")) is not None:
        companies = frames.get("accounts")
        near = kept if companies is None or home == "accounts" else kept | {"accounts": _companies(companies, column, value, kept)}
        kept["leads"] = leads.filter(_belongs(leads, column, value, near))
    if home != "accounts" and (companies := frames.get("accounts")) is not None:
        kept["accounts"] = _companies(companies, column, value, kept)
    yield from kept.items()
    for name, table in frames.items():
        if name not in kept:
            yield name, _cut(table, name, column, value, kept)


def _companies(table: pa.Table, column: str, value: str, kept: Mapping[str, pa.Table]) -> pa.Table:
    """Return the companies that a kept row points to, and those whose own column holds the value."""
    import pyarrow.compute as pc

    pointed = _pointed_to(table, "accounts", kept)
    return table.filter(pc.or_(pointed, _holds(table, column, value)) if column in table.column_names else pointed)


def _cut(table: pa.Table, name: str, column: str, value: str, kept: Mapping[str, pa.Table]) -> pa.Table:
    """Return the rows of any other frame that are in the part; all of them where nothing says which."""
    import pyarrow.compute as pc

    if any(_key(owner) in table.column_names for owner in kept):
        return table.filter(_belongs(table, column, value, kept))
    if column in table.column_names and table[column].null_count < table.num_rows:
        return table.filter(_holds(table, column, value))
    if name == "units" and pc.any(_holds(table, UNIT, value)).as_py():
        return table.filter(_holds(table, UNIT, value))
    return table


def _belongs(table: pa.Table, column: str, value: str, kept: Mapping[str, pa.Table]) -> Any:
    """Tell which rows are in the part: the first that a row has of its deal, its lead, its own value and its company decides."""
    import pyarrow as pa
    import pyarrow.compute as pc

    mask, undecided = (pa.array([start] * table.num_rows, pa.bool_()) for start in (False, True))
    for owner in ("opportunities", "leads", "", "accounts"):
        key = _key(owner) if owner else column
        if key in table.column_names and (not owner or owner in kept):
            decided = _is_in(table, owner, kept) if owner else _holds(table, column, value)
            mask = pc.or_(mask, pc.and_(undecided, decided))
            undecided = pc.and_(undecided, pc.is_null(table[key]))
    return mask


def _is_in(table: pa.Table, owner: str, kept: Mapping[str, pa.Table]) -> Any:
    """Tell which rows point to a kept row of `owner`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    key = _key(owner)
    if key not in table.column_names:
        return pa.array([False] * table.num_rows, pa.bool_())
    return pc.is_in(table[key], value_set=pc.drop_null(kept[owner][key]))


def _pointed_to(table: pa.Table, name: str, kept: Mapping[str, pa.Table]) -> Any:
    """Tell which rows of the frame `name` a kept row points to."""
    import pyarrow as pa
    import pyarrow.compute as pc

    mask = pa.array([False] * table.num_rows, pa.bool_())
    for other, part in kept.items():
        if other != name and _key(name) in part.column_names:
            mask = pc.or_(mask, pc.is_in(table[_key(name)], value_set=pc.drop_null(part[_key(name)])))
    return mask


def _holds(table: pa.Table, column: str, value: str) -> Any:
    import pyarrow.compute as pc

    return pc.fill_null(pc.equal(pc.cast(table[column], "string"), value), False)


def _frame_record(name: str, table: pa.Table, before: FrameRecord) -> FrameRecord:
    days = [day for column in HAPPENED.get(name, ()) if (day := _ends(table[column]))]
    return before.model_copy(
        update={
            "rows": table.num_rows,
            "present": [column for column in before.present if table[column].null_count < table.num_rows],
            "newest_on": max(last for _, last in days) if days else None,
            "oldest_on": min(first for first, _ in days) if days else None,
        }
    )


def _ends(column: Any) -> tuple[date, date] | None:
    import pyarrow.compute as pc

    ends = pc.min_max(pc.cast(column, "date32")).as_py()
    return None if ends["min"] is None else (ends["min"], ends["max"])
