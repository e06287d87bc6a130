"""How a frame is declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "category", "whole", "number", "share", "money", "currency", "date", "instant", "flag", "year"]

ARROW_TYPES: dict[str, str] = {
    "id": "string",
    "text": "string",
    "category": "string",
    "currency": "string",
    "whole": "int64",
    "year": "int64",
    "number": "float64",
    "share": "float64",
    "money": "decimal128(18, 2)",
    "date": "date32",
    "instant": "timestamp[us]",
    "flag": "bool",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. kind gives type and unit; values lists the allowed ones of a closed category.

    is_required: a row without it is rejected. references: `frame.column` that it points to.
    is_personal: holds data about a person. low, high: plausible range; outside is flagged, not rejected.
    """

    name: str
    kind: Kind
    description: str
    is_required: bool = False
    values: tuple[str, ...] = ()
    references: str | None = None
    is_personal: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One canonical table. grain: what one row is. key: the columns that tell rows apart."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return a column by name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)
