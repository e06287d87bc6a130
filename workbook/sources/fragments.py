"""A table in fragments: a folder of Parquet files, as Spark, Dask, DuckDB, Polars and pandas write large ones; cut by folders
such as `country=DE`, or not.

They count as one file: its lines run on from fragment to fragment, in the order of their names, numbers by their size.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from workbook.errors import DataError
from workbook.frames import FRAMES
from workbook.sources.names import normalise
from workbook.text import msg, printable

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX = ".parquet"
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
UNFINISHED = "_temporary"  # where Spark and Hadoop write before they are through
VERSIONED = ("_delta_log", ".hoodie")
_NAMELESS = re.compile(r"(?:part|data|file|chunk)?[-._]?\d.*", re.IGNORECASE)
_FRAMES = {normalise(name) for name in FRAMES}
_NUMBER = re.compile(r"(\d+)")
_WHOLE, _DAY = re.compile(r"0|-?[1-9]\d{0,17}"), re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Fragment:
    """One of a table's Parquet files. schema: its columns as written; cut: the values that its folders give to columns which it lacks."""

    path: Path
    schema: pa.Schema
    rows: int
    cut: dict[str, str | None]


def is_in_fragments(path: Path) -> bool:
    """Tell whether a path is a table in fragments: a folder of nothing but Parquet files, called as a file of Parquet, or as a frame where they have no names."""
    is_file = path.suffix.lower() == SUFFIX
    if not (is_file or normalise(path.name) in _FRAMES) or not path.is_dir() or keeps_versions(path):
        return False
    found = False
    try:
        for file in _files(path):
            found = _is_fragment(file.relative_to(path)) and (is_file or bool(_NAMELESS.fullmatch(file.name)))
            if not found:
                return False
    except OSError:
        return False
    return found


def is_table(path: Path) -> bool:
    """Tell whether a path is one thing to read: a file, or a table in fragments."""
    return path.is_file() or is_in_fragments(path)


def keeps_versions(path: Path) -> bool:
    """Tell whether a folder is a table of Delta or Hudi, whose files hold rows that do not hold any more."""
    return any((path / name).exists() for name in VERSIONED)


def fragments_of(path: Path) -> list[Path]:
    """Return the Parquet files of a table, itself where it is one. Raises `DataError` where it has not been written to its end."""
    if not path.is_dir():
        return [path]
    if (path / UNFINISHED).exists():
        raise DataError(
            msg("this table has not been written to its end: {folder} lies in it", folder=UNFINISHED),
            where=str(path),
            mend=msg("Wait until whatever writes it has ended, or have it written again."),
        )
    return sorted(_files(path), key=lambda file: _by_number(file.relative_to(path).as_posix()))


def looked_at(path: Path) -> list[Fragment]:
    """Return what a table's fragments say about themselves. Raises `DataError`, and `ArrowInvalid` or `OSError` where one is no Parquet."""
    import pyarrow.parquet as pq

    found = []
    for file in fragments_of(path):
        _refuse_unwritable(file)
        schema = pq.read_schema(file)
        cut = _cut(file.relative_to(path).parts[:-1]) if file != path else {}
        found.append(Fragment(file, schema, pq.read_metadata(file).num_rows, {name: value for name, value in cut.items() if name not in schema.names}))
    return found


def _refuse_unwritable(file: Path) -> None:
    """Raise `DataError` where a file of Parquet has a name that Arrow cannot be told, `OSError` where that is another file's."""
    if printable(str(file)) == str(file):
        return
    with file.open("rb") as opened:
        if opened.read(4) != b"PAR1":
            raise OSError(errno.EILSEQ, "no Parquet")
    raise DataError(
        msg("a file of Parquet whose name or folder is not in UTF-8 cannot be read"), where=printable(str(file)), mend=msg("Rename it.")
    )


def cut_columns(fragments: Sequence[Fragment]) -> dict[str, pa.DataType]:
    """Return the columns that folders give, with the type that their values have: whole numbers, days or text."""
    import pyarrow as pa

    values: dict[str, list[str]] = {}
    for fragment in fragments:
        for name, value in fragment.cut.items():
            values.setdefault(name, []).extend([] if value is None else [value])
    kinds: tuple[tuple[Callable[[str], bool], pa.DataType], ...] = ((_is_whole, pa.int64()), (_is_day, pa.date32()))
    return {name: next((kind for holds, kind in kinds if some and all(map(holds, some))), pa.string()) for name, some in values.items()}


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all fragments of a table."""
    return sum(file.stat().st_size for file in fragments_of(path))


def changed_at(path: Path) -> float:
    """Return when a file, or any fragment of a table, was changed last, in seconds since 1970."""
    return max(file.stat().st_mtime for file in fragments_of(path))


def content_of(path: Path, digest: Callable[[Path], str]) -> str:
    """Return the hash of a file's content, or one of the names and contents of a table's fragments. digest: hashes one file."""
    if not path.is_dir():
        return digest(path)
    lines = [f"{file.relative_to(path).as_posix()} {digest(file)}" for file in fragments_of(path)]
    return hashlib.sha256(os.fsencode("\n".join(lines))).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files that readers of such folders read: what begins with a dot or an underscore is no data."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "_")):
                continue
            if entry.is_dir():
                yield from _files(Path(entry.path))
            else:
                yield Path(entry.path)


def _is_fragment(file: Path) -> bool:
    """Tell whether a file below a folder may be one of its fragments."""
    return file.suffix.lower() == SUFFIX and all("=" in folder for folder in file.parts[:-1])


def _cut(folders: Sequence[str]) -> dict[str, str | None]:
    pairs = (folder.partition("=") for folder in folders)
    return {unquote(name): None if value == NO_VALUE else unquote(value) for name, _, value in pairs}


def _by_number(name: str) -> list[tuple[int, str]]:
    """Return what names are sorted by: part 9 comes before part 10."""
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in _NUMBER.split(name)]


def _is_whole(value: str) -> bool:
    return bool(_WHOLE.fullmatch(value))


def _is_day(value: str) -> bool:
    try:
        return bool(_DAY.fullmatch(value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False
