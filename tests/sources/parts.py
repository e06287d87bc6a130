"""Companies drawn to be cut, and parts of them told row by row in plain Python: what the engine is held against."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES
from workbook.frames.rules import HAPPENED
from workbook.sources.part import Part
from workbook.sources.record import FrameRecord, ImportRecord

Row = dict[str, Any]
TYPES = {
    "string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "decimal128(18, 2)": pa.decimal128(18, 2), "date32": pa.date32(),
    "timestamp[us]": pa.timestamp("us"), "bool": pa.bool_(),
}  # fmt: skip
KEYS = {"opportunities": "opportunity_id", "leads": "lead_id", "accounts": "account_id"}
HOMES = ("opportunities", "accounts", "leads")
POINTING = tuple(name for name, frame in FRAMES.items() if name not in HOMES and {*KEYS.values()} & {*frame.names})
OWN = {"tier": pa.string(), "points": pa.float64(), "Region": pa.string()}
VALUES = ("Nord", "nord", "NORD", "Nord ", " Nord", "Nörd", "No\u0308rd", "日本 😀", "O'Brien", 'a"b', "a\0b", "100%", "NULL", "null", "")
NUMBERS = (1.0, 1.5, -2.0, 0.1, 1e21, None)
COLUMNS = ("region", "segment", "accounts.country", "accounts.region", "leads.source", "tier", "accounts.tier", "Region", "points", "leads.region", "nowhere")
DAYS = (date(2026, 1, 1), date(2026, 9, 30), date(1969, 12, 31), None)
CUT_BY = ("region", "segment", "country", "source", "unit")


def schema_of(name: str) -> pa.Schema:
    """Return the columns of a frame as an import writes them, own ones included."""
    own = OWN if name in HOMES else {}
    declared = {column.name: TYPES[ARROW_TYPES[column.kind]] for column in FRAMES[name].columns}
    return pa.schema(list((declared | own | {"source_file": pa.string(), "source_line": pa.int64()}).items()))


@st.composite
def frames(draw: st.DrawFn) -> dict[str, pa.Table]:
    """Draw some frames: few ids that many rows share, references to nowhere or to nothing, values that look alike."""
    homes = draw(st.one_of(st.just(HOMES), st.lists(st.sampled_from(HOMES), min_size=1, unique=True)))
    names = {*homes, *draw(st.lists(st.sampled_from(POINTING), max_size=4)), *draw(st.lists(st.sampled_from(list(FRAMES)), max_size=4))}
    values = (*draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=3, unique=True)), None, None)
    return {name: draw(_table(name, values)) for name in FRAMES if name in names}


@st.composite
def _table(draw: st.DrawFn, name: str, values: tuple[str | None, ...]) -> pa.Table:
    n, schema = draw(st.integers(1, 9)), schema_of(name)
    columns = {field.name: [None] * n for field in schema} | {"source_file": ["x.parquet"] * n, "source_line": list(range(1, n + 1))}
    for column in schema.names:
        if column == KEYS.get(name):
            columns[column] = draw(st.permutations([f"{name[0]}{at}" for at in range(n)]))
        elif column in KEYS.values():
            columns[column] = draw(_some(n, *(f"{_frame_of(column)[0]}{at}" for at in range(4)), "elsewhere", None, None, None))
        elif column in CUT_BY or column in ("tier", "Region"):
            columns[column] = draw(_some(n, *values))
        elif column == "points":
            columns[column] = draw(_some(n, *NUMBERS))
        elif column in HAPPENED.get(name, ()):
            is_day = pa.types.is_date32(schema.field(column).type)
            columns[column] = draw(_some(n, *(day if is_day or day is None else datetime(day.year, day.month, day.day, 23, 59, 59, 5) for day in DAYS)))
    return pa.table(columns, schema)


def _some(n: int, *values: Any) -> st.SearchStrategy[list[Any]]:
    """Draw cells: any of the values, one alone, or none at all."""
    mixed = st.lists(st.sampled_from(values), min_size=n, max_size=n)
    return st.one_of(mixed, mixed, mixed, st.sampled_from(values).map(lambda value: [value] * n))


def _frame_of(key: str) -> str:
    return next(frame for frame, its in KEYS.items() if its == key)


def as_stored(tables: dict[str, pa.Table], folder: Path, memory_limit: str = "1GiB") -> Part:
    """Write tables as an import does; return them as the whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    told = {name: told_of(name, table.to_pylist(), [*FRAMES[name].names, *(OWN if name in HOMES else {})]) for name, table in tables.items()}
    return Part(folder, ImportRecord(data_hash="", as_of="2026-09-30", as_of_reason={"id": ""}, frames=told), memory_limit)


def told_of(name: str, rows: list[Row], columns: list[str]) -> FrameRecord:
    """Return what a record says of a frame's rows."""
    days = [row[column] for column in HAPPENED.get(name, ()) for row in rows if row[column] is not None]
    days = [day.date() if isinstance(day, datetime) else day for day in days]
    return FrameRecord(
        rows=len(rows), present=[column for column in columns if any(row.get(column) is not None for row in rows)], attributes=list(OWN) if name in HOMES else [],
        newest_on=max(days, default=None), oldest_on=min(days, default=None),
    )  # fmt: skip


@dataclass
class Told:
    """A company row by row. columns: those of each frame that hold anything."""

    rows: dict[str, list[Row]]
    said: list[str] = field(default_factory=list)

    def home(self, column: str) -> tuple[str, str] | None:
        frame, _, name = column.rpartition(".")
        return next(((home, name) for home in HOMES if frame in ("", home) and any(row[name] is not None for row in self.rows.get(home, ()) if name in row)), None)

    def deals_by(self, columns: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        """Count deals by their own, their company's or their lead's values."""
        counts: dict[tuple[str, ...], int] = {}
        homes = [self.home(column) for column in columns]
        for deal in self.rows.get("opportunities", self.rows.get(homes[0][0], ())):
            cell = []
            for home, name in homes:
                is_own = home == "opportunities" or "opportunities" not in self.rows
                owners = [deal] if is_own else [row for row in self.rows[home] if row[KEYS[home]] == deal[KEYS[home]]]
                cell.append(words(owners[0][name]) if owners else None)
            if None not in cell:
                counts[tuple(cell)] = counts.get(tuple(cell), 0) + 1
        return counts

    def of(self, column: str, value: str) -> Told:
        """Return the part whose column holds a value."""
        home, name = self.home(column)
        kept = _kept(self.rows, home, name, value)
        order = [home, *(frame for frame in ("opportunities", "leads", "accounts") if frame != home and frame in self.rows), *self.rows]
        shown = {"opportunities": "Deals", "accounts": "Companies", "leads": "Leads"}[home]
        said = f"Only {column} = {value}: {len(kept[home])} of {len(self.rows[home])} ({shown})."
        return Told({frame: kept[frame] for frame in dict.fromkeys(order) if kept[frame]}, [*self.said, said])

    def nearest(self, column: str, value: str) -> list[str]:
        return difflib.get_close_matches(value, sorted({cell[0] for cell in self.deals_by((column,))}), n=1, cutoff=0.5)


def words(value: Any) -> str | None:
    """Return a value as settings name it."""
    if isinstance(value, float):
        return format(value, "g") if abs(value) < 1e16 else "1e+21"
    return value


def _kept(rows: dict[str, list[Row]], home: str, column: str, value: str) -> dict[str, list[Row]]:
    def ids(part: list[Row], key: str) -> set[str]:
        return {row[key] for row in part if row.get(key) is not None}

    def own(row: Row) -> bool:
        return words(row.get(column)) == value

    def belongs(row: Row, near: dict[str, list[Row]]) -> bool:
        for owner in ("opportunities", "leads"):
            if owner in near and row.get(KEYS[owner]) is not None:
                return row[KEYS[owner]] in ids(near[owner], KEYS[owner])
        if row.get(column) is not None:
            return own(row)
        return "accounts" in near and row.get("account_id") in ids(near["accounts"], "account_id")

    def companies() -> list[Row]:
        pointed = {each for part in kept.values() for each in ids(part, "account_id")}
        return [row for row in rows["accounts"] if row["account_id"] in pointed or own(row)]

    kept = {home: [row for row in rows[home] if own(row)]}
    if home != "opportunities" and "opportunities" in rows:
        key, at_home = KEYS[home], ids(kept[home], KEYS[home])
        kept_ids = {row.get("opportunity_id") for row in kept[home]}
        kept["opportunities"] = [row for row in rows["opportunities"] if row[key] in at_home or row["opportunity_id"] in kept_ids]
    if home != "leads" and "leads" in rows:
        near = kept | ({"accounts": companies()} if home != "accounts" and "accounts" in rows else {})
        kept["leads"] = [row for row in rows["leads"] if belongs(row, near)]
    if home != "accounts" and "accounts" in rows:
        kept["accounts"] = companies()
    owners = dict(kept)
    for name in rows.keys() - kept.keys():
        columns = rows[name][0]
        if any(KEYS[owner] in columns for owner in owners):
            kept[name] = [row for row in rows[name] if belongs(row, owners)]
        elif column in columns and any(row[column] is not None for row in rows[name]):
            kept[name] = [row for row in rows[name] if own(row)]
        else:
            units = [row for row in rows[name] if name == "units" and row["unit"] == value]
            kept[name] = units or rows[name]
    return kept
