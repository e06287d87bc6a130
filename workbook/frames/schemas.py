"""The frames' schemas, generated from their declarations: type, allowed values, plausible range, key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from workbook.frames.column import ARROW_TYPES, Column, Frame

PANDAS_TYPES: dict[str, str] = {
    "string": "str", "int64": "Int64", "float64": "float64", "decimal128(18, 2)": "float64",
    "date32": "datetime64[us]", "timestamp[us]": "datetime64[us]", "bool": "boolean",
}  # fmt: skip
Broken = Literal["missing", "not allowed", "out of range", "not unique", "wrong type"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule of one column, and the rows (index labels) that break it."""

    column: str
    broken: Broken
    rows: tuple[Any, ...]


@cache
def schema(frame: Frame) -> pa.DataFrameSchema:
    """Return the schema of a frame. Further columns (the firm's own, `source_file`, `source_line`) are left alone."""
    columns = {column.name: _column(column) for column in frame.columns}
    return pa.DataFrameSchema(columns, name=frame.name, description=frame.grain, strict=False)


def _column(column: Column) -> pa.Column:
    checks = []
    if column.values:
        checks.append(pa.Check(lambda cells, allowed=column.values: cells.isin(allowed), name="values"))
    if column.low is not None or column.high is not None:
        low = -float("inf") if column.low is None else column.low
        high = float("inf") if column.high is None else column.high
        checks.append(pa.Check(lambda cells, a=low, b=high: cells.between(a, b), name="range"))
    return pa.Column(
        PANDAS_TYPES[ARROW_TYPES[column.kind]],
        checks=checks,
        nullable=not column.is_required,
        description=column.description,
    )


def violations(data: pd.DataFrame, frame: Frame) -> list[Violation]:
    """Return every violation of a frame at once, in the order of its columns; an empty list where there is none."""
    found: dict[tuple[str, Broken], list[Any]] = {}
    try:
        schema(frame).validate(data, lazy=True)
    except SchemaErrors as errors:
        for row in errors.failure_cases.itertuples():
            broken = _name(str(row.check))
            found.setdefault((str(row.column if row.schema_context == "Column" else row.failure_case), broken), []).append(
                row.index
            )
    doubles = data.duplicated(list(frame.key), keep=False) if set(frame.key) <= set(data.columns) else pd.Series(dtype=bool)
    if doubles.any():
        found[(frame.key[0], "not unique")] = list(data.index[doubles])
    order = {name: position for position, name in enumerate(frame.names)}
    listed = sorted(found.items(), key=lambda item: order.get(item[0][0], len(order)))
    return [Violation(column, broken, tuple(rows)) for (column, broken), rows in listed]


def _name(check: str) -> Broken:
    if check == "not_nullable":
        return "missing"
    return {"values": "not allowed", "range": "out of range"}.get(check, "wrong type")  # type: ignore[return-value]
