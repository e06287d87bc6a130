"""Small canonical frames made by hand: all declared columns, typed, the ones not given null."""

from __future__ import annotations

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


def ask(question: ModuleType, *tables: Any, as_of: date = AS_OF, **settings: Any) -> Any:
    """Ask a question as the notebook does, with the given settings."""
    from workbook.analyses import params_class

    params = params_class(question)(**settings)
    asked = question.aggregate(*tables, params, as_of=as_of)
    small = {key: to_frame(table) for key, table in asked.items()} if isinstance(asked, dict) else to_frame(asked)
    return question.analyse(small, params, as_of=as_of)


def _arrow(kind: str) -> pa.DataType:
    return TYPES.get(kind) or pa.type_for_alias(kind)


def _array(data: pd.DataFrame, column: str, kind: pa.DataType) -> pa.Array:
    values = [None if pd.isna(value) else value for value in data[column]] if column in data else [None] * len(data)
    if pa.types.is_decimal(kind):
        values = [None if value is None else Decimal(str(value)) for value in values]
    return pa.array(values, type=kind)
