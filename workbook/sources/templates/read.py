"""Filled-in templates back as data: which files are filled in, and which of their rows say something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbook.sources.table import RawTable
from workbook.sources.templates.declare import TEMPLATES


def is_template(table: RawTable) -> bool:
    """Tell whether a table has all the columns of the template that its file is named after."""
    template = TEMPLATES.get(table.path.stem)
    return template is not None and set(template.guide) <= set(table.header)


def filled_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the templates of a folder that people filled in, and filled ones that lose to their twin.

    Of a template's CSV and XLSX the one with more filled rows counts, the newer one where they are alike.
    """
    from workbook.sources.read import read_tables

    used: list[Path] = []
    left: list[Path] = []
    for name in TEMPLATES:
        paths = [path for suffix in (".csv", ".xlsx") if (path := folder / f"{name}{suffix}").is_file()]
        rows = {path: max((_rows_filled(table) for table in read_tables(path)), default=0) for path in paths}
        best = max(paths, key=lambda path: (rows[path], path.stat().st_mtime), default=None)
        if best is not None and rows[best]:
            used.append(best)
        left += [path for path in paths if path is not best and rows[path]]
    return used, left


def _rows_filled(table: RawTable) -> int:
    if not is_template(table):
        return 0
    return int(table.cells[list(TEMPLATES[table.path.stem].to_fill)].notna().any(axis=1).sum())


def without_blank_rows(table: RawTable) -> RawTable:
    """Return a template's table without the rows that nobody filled in: they count as no data."""
    template = TEMPLATES[table.path.stem]
    if template.whole_file and _rows_filled(table):
        return table
    stays = table.cells[list(template.to_fill)].notna().any(axis=1).to_numpy()
    cells = table.cells[stays].reset_index(drop=True)
    return replace(table, cells=cells, lines=table.lines[stays], not_data=table.not_data + int((~stays).sum()))
