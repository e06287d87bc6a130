"""Physical types of Parquet columns: as what each comes into the engine, and which of our types it can be taken for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.sources.passing.engine import Engine, quoted
from workbook.sources.passing.unfit import Unfit
from workbook.text import msg

if TYPE_CHECKING:
    import pyarrow as pa

_LARGEST_DECIMAL = 38  # digits that the engine holds
_SQL_TYPES = {
    "bool": "BOOLEAN", "date32[day]": "DATE", "double": "DOUBLE", "string": "VARCHAR",
    "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT",
    "uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINTEGER", "uint64": "UBIGINT",
}  # fmt: skip


def plain(kind: pa.DataType) -> pa.DataType | None:
    """Return the type that cells of a type have in the engine; None where only the way through text tells what they say.

    Dictionaries, large texts and views are text; a column of nothing is text without a cell; a time zone goes, as what its clocks showed stays.
    """
    import pyarrow as pa
    from pyarrow import types

    if types.is_dictionary(kind):
        value = plain(kind.value_type)
        return value if value == pa.string() else None
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind):
        return pa.string()
    if types.is_timestamp(kind):
        return pa.timestamp(kind.unit)
    if types.is_float32(kind):
        return pa.float64()
    is_decimal = types.is_decimal(kind) and kind.precision <= _LARGEST_DECIMAL and kind.scale >= 0
    return kind if is_decimal or types.is_boolean(kind) or types.is_float64(kind) or types.is_date32(kind) or types.is_integer(kind) else None


def plain_column(column: pa.Field, file: str, path: Path) -> pa.DataType:
    """Return a column's plain type. Raises `Unfit` where only the way through text tells what its cells say."""
    kind = plain(column.type)
    if kind is None:
        why = msg("column {column} of {file} has the type {kind}", column=column.name, file=file, kind=str(column.type))
        raise Unfit(why, f"{path}, column {column.name}")
    return kind


def cell(header: str, kind: pa.DataType, engine: Engine) -> str:
    """Return the SQL that brings a file's cell to its plain type."""
    import pyarrow as pa

    name = quoted(header)
    if kind == pa.null():
        return "NULL::VARCHAR"
    if kind == pa.float32():
        engine.define("shortest", _shortest, "FLOAT", "DOUBLE")
        return f"shortest({name})"
    if not pa.types.is_timestamp(kind):
        return name
    if kind.unit == "ns":  # what is finer than a microsecond is cut off; a cast would round
        name = f"make_timestamp((epoch_ns({name}) - (epoch_ns({name}) % 1000 + 1000) % 1000) // 1000)"
    elif kind.tz is not None:
        name = f"make_timestamp(epoch_us({name}))"
    if kind.tz in (None, "UTC"):
        return name
    clock = f"clock {kind.tz}"
    engine.define(clock, lambda instants: _shown(instants, kind.tz), "TIMESTAMP", "TIMESTAMP")
    return f"{quoted(clock)}({name})"


def sql_type(kind: pa.DataType) -> str:
    """Return the engine's name of a plain type."""
    from pyarrow import types

    if types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    return "TIMESTAMP" if types.is_timestamp(kind) else _SQL_TYPES[str(kind)]


def fits(kind: pa.DataType, column: str, sql_type: str) -> bool:
    """Tell whether a plain type can be taken for a column's type. column: its kind, as `id` or `money`."""
    from pyarrow import types

    is_whole = types.is_integer(kind) or (types.is_decimal(kind) and kind.scale == 0)
    if sql_type == "VARCHAR":
        return bool(types.is_string(kind) or (column == "id" and is_whole))
    if sql_type in ("DATE", "TIMESTAMP"):
        return bool(types.is_date32(kind) or types.is_timestamp(kind))
    if sql_type == "BOOLEAN":
        return bool(types.is_boolean(kind))
    return bool(is_whole or types.is_float64(kind) or types.is_decimal(kind))


def _shortest(cells: Any) -> Any:
    """Return numbers of single precision as they are written: the shortest that tell them apart."""
    import pyarrow as pa

    return cells.cast(pa.string()).cast(pa.float64())


def _shown(instants: Any, zone: str) -> Any:
    """Return what the clocks of a zone showed. instants: in UTC, without a zone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.local_timestamp(instants.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone)))
