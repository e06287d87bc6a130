"""A frame as an import has written it, seen by the engine where it lies; nothing of it is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.frames.rules import HAPPENED
from workbook.sources.passing.engine import Engine, literal
from workbook.sources.record import FrameRecord

if TYPE_CHECKING:
    import pyarrow as pa

ROW = "_row"  # the place of a row in its file, from 0
_IN_WORDS = {"double": "DOUBLE", "timestamp[us]": "TIMESTAMP"}  # which the engine writes otherwise than Arrow does


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """One frame on disk. Its view in the engine has the frame's name, the columns `c0`, `c1`, … in their order, and `_row`.

    By place, not by name: the engine takes `Region` and `region` for one.
    """

    name: str
    path: Path
    schema: pa.Schema

    @property
    def cells(self) -> str:
        """All its columns in SQL."""
        return ", ".join(f"c{at}" for at in range(len(self.schema)))

    def has(self, column: str) -> bool:
        """Tell whether there is such a column, filled or not."""
        return column in self.schema.names

    def cell(self, column: str) -> str:
        """Return a column in SQL."""
        return f"c{self.schema.names.index(column)}"

    def text(self, column: str) -> str:
        """Return a column in SQL as text, as settings name its values: numbers without a needless fraction."""
        kind = str(self.schema.field(column).type)
        return f"in_words_{_IN_WORDS[kind]}({self.cell(column)})" if kind in _IN_WORDS else f"{self.cell(column)}::VARCHAR"

    def holds(self, column: str, value: str) -> str:
        """Return the condition that a column holds a value."""
        return f"coalesce({self.text(column)} = {literal(value)}, false)"


def _in_words(values: Any) -> Any:
    """Return values as Arrow writes them, a whole number without a fraction."""
    import pyarrow.compute as pc

    return pc.cast(values, "string")


def open_frames(folder: Path, names: Iterable[str], engine: Engine) -> dict[str, StoredFrame]:
    """Make the frames that lie in a folder known to the engine; return them in their order."""
    import pyarrow.parquet as pq

    found = {}
    for name in names:
        path = folder / f"{name}.parquet"
        found[name] = frame = StoredFrame(name, path, pq.read_schema(path))
        engine.do(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet({literal(str(path))}, file_row_number = true) AS {name}({frame.cells}, {ROW})")
    for kind in _IN_WORDS.values():
        engine.define(f"in_words_{kind}", _in_words, kind, "VARCHAR")
    return found


def stored_record(path: Path, before: FrameRecord) -> FrameRecord:
    """Return the record of a frame as written, by what its file says of itself. before: of the frame that it was cut from."""
    import pyarrow.parquet as pq

    held = pq.read_metadata(path)
    groups = [held.row_group(at) for at in range(held.num_row_groups)]
    places = {name: at for at, name in enumerate(held.schema.names)}

    def statistics(column: str) -> list[Any]:
        return [group.column(places[column]).statistics for group in groups]

    ends = [each for column in HAPPENED.get(path.stem, ()) for each in statistics(column) if each.has_min_max]
    return before.model_copy(
        update={
            "rows": held.num_rows,
            "present": [name for name in before.present if sum(each.null_count for each in statistics(name)) < held.num_rows],
            "newest_on": max((_day(each.max) for each in ends), default=None),
            "oldest_on": min((_day(each.min) for each in ends), default=None),
        }
    )


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
