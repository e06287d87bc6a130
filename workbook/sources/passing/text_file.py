"""A strictly written CSV before it is taken: its lines, those that are no rows, and its columns typed once its frame is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbook.sources.own_columns import Cells
from workbook.sources.passing.engine import Engine, literal, quoted
from workbook.sources.passing.parquet import LINE, ParquetFile, all_rows, narrowed, without_blank_rows
from workbook.sources.passing.strict import lay_down_text
from workbook.sources.passing.unfit import Unfit
from workbook.sources.table import RawTable
from workbook.text import msg

# at least what `layout` takes for a total
_TOTAL = r"(?im)^(grand|sub|zwischen|end)?[^a-z0-9]*(totals?|summen?|gesamt(summe|ergebnis|wert|betrag)?|sum|insgesamt)([^a-z0-9_]|$)"


@dataclass
class TypedText(ParquetFile):
    """A CSV whose columns have the types of its frame. text: the same file as it stands, by which recognition and lists go."""

    text: ParquetFile | None = None

    @property
    def as_it_stands(self) -> ParquetFile:
        assert self.text is not None
        return self.text

    @property
    def sample(self) -> RawTable:  # type: ignore[override]
        """As of the text."""
        return self.as_it_stands.sample

    def look(self, table: RawTable, header: str) -> Cells:
        """As at the text."""
        return self.as_it_stands.look(table, header)

    def raw(self, lines: Sequence[int]) -> dict[int, str]:
        """As of the text."""
        return self.as_it_stands.raw(lines)


def open_text(path: Path, engine: Engine, number: int) -> ParquetFile:
    """Look at a CSV, all its columns text. number: tells its view from others. Raises `Unfit` where it is not written strictly."""
    laid_down, written = lay_down_text(path, engine.folder / str(number))
    return without_blank_rows(_rows_only(all_rows(path, engine, number, laid_down, written)))


def _rows_only(file: ParquetFile) -> ParquetFile:
    """Leave out lines without a cell. Raises `Unfit` where a line may be a total, a remark or the header once more, or none has a cell."""
    names = [quoted(name) for name in file.schema.names]
    is_filled = f"coalesce({', '.join(names)}) IS NOT NULL"
    n_filled = " + ".join(f"({name} IS NOT NULL)::INTEGER" for name in names)
    is_sparse = f"({n_filled}) <= {max(2, len(names) // 2)}"
    is_header = " AND ".join(f"{quoted(name)} = {literal(name)}" for name in file.schema.names)
    is_total = f"CASE WHEN {is_sparse} THEN regexp_matches(concat_ws(chr(10), {', '.join(names)}), {literal(_TOTAL)}) ELSE false END"
    filled, suspect, last, last_filled = file.engine.row(
        f"SELECT count(*), min({LINE}) FILTER ({is_header} OR {is_total}), max({LINE}), arg_max({n_filled}, {LINE}) FROM {file.view} WHERE {is_filled}"
    )
    if not filled:
        raise Unfit(msg("{file} has no rows", file=file.name), str(file.path))
    if suspect is None and last_filled <= 1 and len(names) > 2:
        suspect = last
    if suspect is not None:
        raise Unfit(msg("line {line} of {file} may be no row but a total, a remark or a header", line=str(suspect), file=file.name), f"{file.path}, line {suspect}")
    return narrowed(file, is_filled, filled) if filled < file.rows else file
