"""A path to the tables in it, by what the file is, not by what its name says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from workbook.errors import DataError
from workbook.sources.columnar import read_parquet
from workbook.sources.delimited import split
from workbook.sources.encoding import decode
from workbook.sources.layout import Place, lay_out
from workbook.sources.spreadsheet import sheets
from workbook.sources.table import RawTable
from workbook.text import msg, printable


def read_tables(path: Path, known: Collection[str] = ()) -> list[RawTable]:
    """Return the tables of a file: one, or one per sheet that has a header and rows. Raises `DataError`."""
    if path.is_dir():  # a table in fragments
        return [read_parquet(path)]
    data = _bytes(path)
    if data[:4] == b"PAR1":
        return [read_parquet(path)]
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _sheets(path, known)
    decoded = decode(data, str(path))
    records = split(decoded.text)
    records = replace(records, encoding=decoded.encoding, repaired_lines=decoded.repaired_lines)
    return [lay_out(records, Place(printable(path.name), path), known)]


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(msg("there is no such file"), where=str(path), mend=msg("Check the path.")) from None
    except OSError:
        raise DataError(
            msg("the file cannot be opened"), where=str(path), mend=msg("Check that you may read it and that it is a file.")
        ) from None
    if not data.strip():
        raise DataError(msg("the file is empty"), where=str(path), mend=msg("Export it again, with its rows."))
    return data


def _sheets(path: Path, known: Collection[str]) -> list[RawTable]:
    found = sheets(path)
    if not found:
        raise DataError(msg("the file is empty"), where=str(path), mend=msg("Export it again, with its rows."))
    tables, first_error = [], None
    for name, records in found.items():
        shown = path.name if len(found) == 1 else f"{path.name} › {name}"
        try:
            tables.append(lay_out(records, Place(printable(shown), path), known))
        except DataError as error:
            first_error = first_error or error
    if not tables and first_error is not None:
        raise first_error
    return tables
