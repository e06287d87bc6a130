"""A frame on its way: a view in the engine that each step lays another view over. Nothing is copied until it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES, Column
from workbook.sources.assemble import DTYPES
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import HELPERS, kind_of
from workbook.sources.passing.engine import Engine, FlaggedRows, literal, quoted
from workbook.sources.passing.parquet import LINE
from workbook.sources.record import Flag, sentence
from workbook.sources.table import RawTable
from workbook.text import Message

SQL_TYPES = {
    "string": "VARCHAR", "int64": "BIGINT", "float64": "DOUBLE", "decimal128(18, 2)": "DOUBLE", "date32": "DATE", "timestamp[us]": "TIMESTAMP",
    "bool": "BOOLEAN",
}  # fmt: skip
FILE, PLACE = "_file", "_place"  # beside _line: where a row comes from; which one it is of all rows of its frame, in their order
HERE = f"{FILE}, {LINE}, {PLACE}"
Wanted = Callable[[int, str], Message]


def sql_type(frame: str, column: str) -> str:
    """Return the type that a declared column has on its way; money is written as a decimal at the end."""
    return SQL_TYPES[ARROW_TYPES[kind_of(frame, column)]]


class Source(Protocol):
    """A file that rows come from, in whatever way it was read."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def sample(self) -> RawTable:
        """Some of its cells, or all, as a table of text."""

    def raw(self, lines: Sequence[int]) -> dict[int, str]:
        """Return the text of rows, by line."""


@dataclass
class PassingFrame:
    """One frame. view: all declared columns, the firm's own ones, `_file`, `_line`, `_place`, and helpers if there are any.

    is_joined: its rows may have lost their order.
    """

    name: str
    engine: Engine
    view: str
    attributes: dict[str, str] = field(default_factory=dict)
    helpers: tuple[str, ...] = ()
    is_joined: bool = False
    _steps: int = 0
    _first: str = field(init=False)
    _filled: tuple[str, dict[str, int]] = ("", {})

    def __post_init__(self) -> None:
        self._first = self.view.replace('"', "")

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell its rows apart."""
        return FRAMES[self.name].key

    @property
    def columns(self) -> tuple[Column, ...]:
        """The declared columns."""
        return FRAMES[self.name].columns

    @property
    def names(self) -> list[str]:
        """All columns but those that tell where a row comes from."""
        return [*FRAMES[self.name].names, *self.attributes, *self.helpers]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.filled["*"]

    @property
    def filled(self) -> dict[str, int]:
        """How many cells of each column hold something; `*`: how many rows there are."""
        if self._filled[0] != self.view:
            names = [*FRAMES[self.name].names, *self.attributes]
            counts = ", ".join(f"count({quoted(name)})" for name in names)
            found = self.engine.row(f"SELECT {counts}, count(*) FROM {self.view}")
            self._filled = self.view, dict(zip([*names, "*"], found, strict=True))
        return self._filled[1]

    def count(self, condition: str) -> int:
        """Return how many rows meet a condition."""
        found: int = self.engine.row(f"SELECT count(*) FROM {self.view} WHERE {condition}")[0]
        return found

    def replace(self, column: str, expression: str) -> None:
        """Put an expression in a column's place."""
        self.lay(f"SELECT * REPLACE (({expression}) AS {quoted(column)}) FROM {self.view}")

    def keep(self, condition: str) -> None:
        """Keep the rows that meet a condition."""
        self.lay(f"SELECT * FROM {self.view} WHERE {condition}")

    def lay(self, query: str) -> None:
        """Lay a view over the one that there is."""
        self._steps += 1
        view = quoted(f"{self._first}_{self._steps}")
        self.engine.do(f"CREATE TEMP VIEW {view} AS {query}")
        self.view = view

    def pulled(self, condition: str) -> pd.DataFrame:
        """Return the rows that meet a condition as the way through text has them, in their order."""
        found = self.engine.arrow(f"SELECT * FROM {self.view} WHERE {condition} ORDER BY {PLACE}")
        data = {}
        for column in (*FRAMES[self.name].names, *HELPERS.get(self.name, {})):
            dtype = DTYPES[ARROW_TYPES[kind_of(self.name, column)]]
            cells = found.column(column).to_pandas() if column in found.column_names else pd.Series(None, index=range(len(found)))
            data[column] = cells.astype(dtype)  # type: ignore[call-overload]
        for name, kind in self.attributes.items():
            data[name] = found.column(name).to_pandas().astype("float64" if kind == "number" else "str")
        places = {"source_file": found.column(FILE).to_pandas().astype("str"), "source_line": found.column(LINE).to_pandas(), PLACE: found.column(PLACE).to_pandas()}
        return pd.DataFrame({**data, **places, "crm": "generic", "is_made": False})


@dataclass
class Frames:
    """All frames on their way, the files by name that they come from, and the account of what becomes of their lines."""

    engine: Engine
    ledger: Ledger
    flagged: FlaggedRows
    held: dict[str, PassingFrame] = field(default_factory=dict)
    files: dict[str, Source] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.held

    def __getitem__(self, name: str) -> PassingFrame:
        return self.held[name]

    def has(self, name: str, *columns: str) -> bool:
        """Tell whether a frame has rows and every one of these columns a value."""
        return name in self.held and all(self.held[name].filled[column] for column in columns)

    def flag(self, rule: str, place: tuple[str, str], query: str, message: Wanted, *, count: int | None = None) -> None:
        """Flag the rows of a query (`_file`, `_line`, `_place`, `id`, `value`) if there are any. place: frame and column.

        message: of the number of rows and the first one's value. count: where it is not the number of rows.
        """
        frame, column = place
        before = len(self.flagged)
        listed = f'{literal(rule)} AS "rule", {literal(frame)} AS frame, {literal(column)} AS "column", {FILE} AS file, {LINE} AS line'
        n = self.flagged.add(f"SELECT {listed}, id, value, {PLACE} AS place FROM ({query})")
        first = self.flagged.first_since(before)
        if first is not None:
            message_kept = sentence(message(n, first.value))
            self.ledger.flags.append(
                Flag(rule=rule, frame=frame, column=column, count=count or n, message=message_kept, file=first.file, first_line=first.line)
            )

    def flag_rows(self, rule: str, place: tuple[str, str], condition: str, message: Wanted) -> None:
        """Flag the rows of a frame that meet a condition, with their id and the column's value."""
        self.flag(rule, place, located(self.held[place[0]], place[1], condition), message)


def always(message: Message) -> Wanted:
    """Return a message that is the same whatever rows there are."""
    return lambda _n, _value: message


def located(frame: PassingFrame, column: str, condition: str) -> str:
    """Return the query for the places of rows, their id, and a column's value as people read it."""
    shown = as_shown(frame, column)
    return f"SELECT {HERE}, {as_shown(frame, frame.key[0])} AS id, {shown} AS value FROM {frame.view} WHERE {condition}"


def as_shown(frame: PassingFrame, column: str) -> str:
    """Return a column's value as it is listed: days without time, numbers with six digits, a missing cell by its name."""
    kind = frame.attributes.get(column) or sql_type(frame.name, column)
    name = quoted(column)
    if kind in ("DATE", "TIMESTAMP"):
        return f"coalesce({name}::DATE::VARCHAR, 'NaT')"
    if kind in ("DOUBLE", "number"):
        return f"coalesce(format('{{:g}}', {name}::DOUBLE), 'nan')"
    return f"coalesce({name}::VARCHAR, 'nan')"


def listed(values: Sequence[Any]) -> str:
    """Return texts as a list of SQL."""
    return ", ".join(literal(str(value)) for value in values)


def switched(column: str, changes: dict[str, str | None]) -> str:
    """Return the expression that puts other values in the place of some."""
    cases = " ".join(f"WHEN {literal(before)} THEN {literal(after)}" for before, after in changes.items())
    return f"CASE {quoted(column)} {cases} ELSE {quoted(column)} END" if changes else quoted(column)


def give(frame: PassingFrame, data: pd.DataFrame, table: str) -> str:
    """Hand rows from pandas to the engine as a table; return its columns as SQL, with the types that a frame's have on their way."""
    import pyarrow as pa

    frame.engine.give(table, pa.Table.from_pandas(data, preserve_index=False))
    kinds = {name: "DOUBLE" if kind == "number" else "VARCHAR" for name, kind in frame.attributes.items()}
    return ", ".join(f"{quoted(name)}::{kinds.get(name) or sql_type(frame.name, name)} AS {quoted(name)}" for name in frame.names)
