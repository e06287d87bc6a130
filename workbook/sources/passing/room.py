"""Is there room for the way through text? Data that are too large for it are refused with what stands in their way, not killed."""

from __future__ import annotations

from pathlib import Path

from workbook.errors import DataError
from workbook.params import RunParams
from workbook.sources.files import locate
from workbook.sources.passing.unfit import Unfit
from workbook.text import msg, number

BYTES_PER_CELL = 60  # measured: a company of 2.4 million lines, 24 million cells
_GIB = 2**30


def refuse_too_large(params: RunParams, unfit: Unfit) -> None:
    """Stop before data that cannot pass through fill the memory as text cells. Raises `DataError`."""
    import psutil

    paths = [item.path for item in locate(params).located if item.path is not None]
    needed, there = BYTES_PER_CELL * sum(map(_cells, paths)), psutil.virtual_memory().total
    if needed > there:
        raise DataError(
            msg(
                "these data cannot be taken as they are: {why}; read cell by cell they need about {needed} GiB of memory, and there are {there}",
                why=unfit.why, needed=number(needed / _GIB, 0), there=number(there / _GIB, 0),
            ),
            where=unfit.where,
            mend=msg("Correct it where the Parquet files are written; the codebook says which columns and types are canonical."),
        )  # fmt: skip


def _cells(path: Path) -> int:
    """Return how many cells a Parquet file holds; 0 for other files, whose size tells less."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        held = pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError):
        return 0
    return int(held.num_rows * held.num_columns)
