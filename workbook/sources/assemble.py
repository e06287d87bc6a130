"""Pieces to frames: one table per frame, ids made where none come, rows without what they need rejected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES
from workbook.sources.ledger import Ledger, Rejected
from workbook.sources.mapping import HELPERS, kind_of
from workbook.sources.names import normalise
from workbook.sources.own_columns import as_attributes
from workbook.sources.shape import Piece
from workbook.sources.table import RawTable
from workbook.text import msg

DTYPES: dict[str, str] = {
    "string": "str", "int64": "Int64", "float64": "float64", "decimal128(18, 2)": "float64",
    "date32": "datetime64[us]", "timestamp[us]": "datetime64[us]", "bool": "boolean",
}  # fmt: skip


@dataclass
class Frames:
    """The frames under construction. attributes: the firm's own columns per frame.

    Besides declared columns, helpers and attributes, `data` carries `source_file`, `source_line`, `crm` (which mapping),
    `is_made` (the id was made here).
    """

    data: dict[str, pd.DataFrame] = field(default_factory=dict)
    attributes: dict[str, list[str]] = field(default_factory=dict)

    def __contains__(self, frame: str) -> bool:
        return frame in self.data

    def has(self, frame: str, *columns: str) -> bool:
        """Tell whether a frame has rows and every one of these columns a value."""
        data = self.data.get(frame)
        return data is not None and all(data[column].notna().any() for column in columns)


def empty_column(frame: str, column: str, index: pd.Index[Any]) -> pd.Series[Any]:
    """Return a column of missing cells of the declared kind."""
    return pd.Series(None, index=index, dtype=DTYPES[ARROW_TYPES[kind_of(frame, column)]])


def assemble(pieces: Iterable[Piece]) -> Frames:
    """Put the pieces of each frame under one another; absent columns become missing ones."""
    by_frame: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_frame.setdefault(piece.frame, []).append(piece)
    frames = Frames()
    for name in FRAMES:
        if name not in by_frame:
            continue
        own = list(dict.fromkeys(attribute for piece in by_frame[name] for attribute in piece.attributes))
        parts = [_complete(piece, own) for piece in by_frame[name]]
        joined = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)
        frames.data[name] = as_attributes(joined, own)
        frames.attributes[name] = own
    return frames


def _complete(piece: Piece, own: list[str]) -> pd.DataFrame:
    data, name = piece.data, piece.frame
    columns: dict[str, Any] = {}
    for column in (*FRAMES[name].names, *HELPERS.get(name, {})):
        columns[column] = data[column] if column in data else empty_column(name, column, data.index)
    numeric = [a for a in own if a in data and pd.api.types.is_float_dtype(data[a])]
    for column in own:
        if column in data:
            columns[column] = data[column]
        else:
            columns[column] = pd.Series(None, index=data.index, dtype="float64" if numeric else "str")
    columns |= {"source_file": data["source_file"], "source_line": data["source_line"]}
    columns |= {"crm": piece.assignment.crm, "is_made": False}
    return pd.DataFrame(columns, index=data.index)


def place_rows(data: pd.DataFrame, id_column: str = "", value: str = "") -> list[tuple[str, int, str, str]]:
    """Return (file, line, id, value) of rows, as the ledger lists them."""
    blank = pd.Series("", index=data.index)
    columns = (data["source_file"], data["source_line"], data[id_column] if id_column else blank, data[value] if value else blank)
    return [
        (str(file), int(line), str(id_), str(cell))
        for file, line, id_, cell in zip(*(column.tolist() for column in columns), strict=True)
    ]


def renamed(column: pd.Series[Any], names: Mapping[str, str]) -> pd.Series[Any]:
    """Return a text column with some values replaced."""
    return column.map(lambda cell: names.get(cell, cell), na_action="ignore").astype("str") if names else column


def make_ids(frames: Frames, pieces: Iterable[Piece]) -> None:
    """Number the rows of files that carry no id of their frame; an account's id is made of its name."""
    if "accounts" in frames:
        accounts = frames.data["accounts"]
        by_name = accounts["name"].map(normalise, na_action="ignore")
        accounts["account_id"] = accounts["account_id"].where(accounts["account_id"].notna(), by_name)
    without = {(p.frame, p.file) for p in pieces if FRAMES[p.frame].key[0] not in p.data}
    for name, data in frames.data.items():
        key = FRAMES[name].key
        if name == "accounts" or len(key) > 1 or not key[0].endswith("_id") or FRAMES[name].column(key[0]).references:
            continue
        made = pd.Series([(name, file) in without for file in data["source_file"]], index=data.index) & data[key[0]].isna()
        if made.any():
            prefix = "" if made.all() else "row-"
            numbers = pd.Series(range(1, len(data) + 1), index=data.index).map(lambda n, p=prefix: f"{p}{n}")
            data[key[0]] = data[key[0]].where(~made, numbers)
            data["is_made"] = made


def reject_incomplete(frames: Frames, tables: dict[str, RawTable], ledger: Ledger) -> None:
    """Take out rows that lack a required column, with the reason; all reasons of a line in one."""
    for name, data in frames.data.items():
        required = [column.name for column in FRAMES[name].columns if column.is_required]
        lacking = data[required].isna()
        bad = lacking.any(axis=1)
        if not bad.any():
            continue
        where = {
            file: {int(line): i for i, line in enumerate(tables[file].lines)} for file in data.loc[bad, "source_file"].unique()
        }
        for index in data.index[bad]:
            names = tuple(column for column in required if lacking.at[index, column])
            file, line, _, _ = place_rows(data.loc[[index]])[0]
            row = where.get(file, {}).get(line)
            raw = tables[file].raw(row) if row is not None else ""
            ledger.rejected.append(Rejected(file, line, name, msg("{columns} is missing", columns=names), raw))
        frames.data[name] = data[~bad].reset_index(drop=True)
    for name in [name for name, data in frames.data.items() if data.empty]:
        del frames.data[name]
