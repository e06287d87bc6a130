"""Rows that the CRM marks as deleted, left out by the engine as `workbook/sources/deleted` leaves them out."""

from __future__ import annotations

from dataclasses import replace

from workbook.sources.deleted import MOST_WORDS, headings, marked
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import listed
from workbook.sources.passing.parquet import ParquetFile, narrowed
from workbook.sources.passing.unfit import Unfit
from workbook.text import msg


def without_deleted(file: ParquetFile) -> ParquetFile:
    """Return a file without the rows that a column of it marks as deleted. Raises `Unfit` where only the way through text reads the mark."""
    for heading in headings(file.schema.names):
        found = marked(heading, file.values(heading, MOST_WORDS + 1))
        if found is None:
            continue
        if not file.is_text(heading) and file.kinds[heading] != "bool":
            raise Unfit(msg("it marks rows as deleted by numbers"), f"{file.path}, column {heading}")
        is_marked = f"coalesce({quoted(heading)}::VARCHAR IN ({listed(found.words)}), false)"
        gone = file.engine.row(f"SELECT count(*) FROM {file.view} WHERE {is_marked}")[0]
        left = file.rows - file.not_data - gone
        if left:
            return replace(narrowed(file, f"NOT {is_marked}", left), deleted=(heading, gone, found.words[0]))
    return file
