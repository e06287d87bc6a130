"""Small canonical frames made by hand: all declared columns, typed, the ones not given null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES
from workbook.notebook import to_frame
from workbook.results import Result

AS_OF = date(2026, 9, 30)
TYPES = {
    "date32": pa.date32(),
    "timestamp[us]": pa.timestamp("us"),
    "decimal128(18, 2)": pa.decimal128(18, 2),
}


def frame(name: str, rows: list[dict[str, Any]] | pd.DataFrame, **attributes: pa.DataType) -> Any:
    """Return an Ibis table of a canonical frame. rows: dicts or a frame; attributes: the firm's own columns."""
    data = pd.DataFrame(rows) if not isinstance(rows, pd.DataFrame) else rows
    types = {c.name: _arrow(ARROW_TYPES[c.kind]) for c in FRAMES[name].columns} | attributes
    return ibis.memtable(pa.table({column: _array(data, column, kind) for column, kind in types.items()}))


def deals(*rows: dict[str, Any], **attributes: pa.DataType) -> Any:
    """Return opportunities; ids are made where none are given."""
    return frame("opportunities", [{"opportunity_id": f"O{i:04d}"} | row for i, row in enumerate(rows)], **attributes)


def many(n: int, **row: Any) -> list[dict[str, Any]]:
    """Return n equal rows."""
    return [dict(row) for _ in range(n)]


def ask(question: ModuleType, *tables: Any, as_of: date = AS_OF, results: tuple[Result, ...] = (), **settings: Any) -> Any:
    """Ask a question as the notebook does, with the given settings. Its first step is compiled once per kind of input.

    results: answers to other questions that it goes on from.
    """
    from workbook.analyses import params_class

    params = params_class(question)(**settings)
    rows = [_rows_of(table) for table in tables]
    if not all(isinstance(each, pa.Table) for each in rows):
        asked = question.aggregate(*tables, params, as_of=as_of)
        small = {key: to_frame(table) for key, table in asked.items()} if isinstance(asked, dict) else to_frame(asked)
    else:
        key = (question.__name__, tuple(str(each.schema) for each in rows), params.model_dump_json(), as_of)
        if key not in _COMPILED:
            _COMPILED[key] = CompiledStep(lambda *given: question.aggregate(*given, params, as_of=as_of), rows)
        small = _COMPILED[key].run(rows)
    return question.analyse(small, *results, params, as_of=as_of)


def _rows_of(table: Any) -> Any:
    """Return the rows of a table in memory; None for an expression, or for what is no table at all."""
    return getattr(getattr(table.op(), "data", None), "obj", None) if isinstance(table, ibis.Table) else None


class CompiledStep:
    """An `aggregate` compiled once and run on any rows of the same columns: most of the time of a small case goes into compiling."""

    def __init__(self, aggregate: Callable[..., Any], rows: list[pa.Table]) -> None:
        self.database = ibis.duckdb.connect(threads=1)
        self.names = [f"given_{place}" for place in range(len(rows))]
        for name, each in zip(self.names, rows, strict=True):
            self.database.create_table(name, each.slice(0, 0))
        asked = aggregate(*(self.database.table(name) for name in self.names))
        self.is_one = not isinstance(asked, dict)
        steps = {"": asked} if self.is_one else asked
        self.steps = {key: (self.database.compile(step), step.schema().to_pyarrow()) for key, step in steps.items()}
        for name in self.names:
            self.database.drop_table(name)

    def run(self, rows: list[pa.Table]) -> Any:
        """Return the small tables that these rows give."""
        for name, each in zip(self.names, rows, strict=True):
            self.database.con.register(name, each)
        small = {key: to_frame(_Fetched(self.database.con.sql(sql).to_arrow_table().cast(schema))) for key, (sql, schema) in self.steps.items()}
        return small[""] if self.is_one else small


class _Fetched:
    """What `to_frame` asks of an expression."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    def to_pyarrow(self) -> pa.Table:
        return self.rows


_COMPILED: dict[Any, CompiledStep] = {}


def _arrow(kind: str) -> pa.DataType:
    return TYPES.get(kind) or pa.type_for_alias(kind)


def _array(data: pd.DataFrame, column: str, kind: pa.DataType) -> pa.Array:
    values = [None if pd.isna(value) else value for value in data[column]] if column in data else [None] * len(data)
    if pa.types.is_decimal(kind):
        values = [None if value is None else Decimal(str(value)) for value in values]
    return pa.array(values, type=kind)
