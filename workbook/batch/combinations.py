"""Which reports a matrix asks for: a combination of values each, with a folder's name and the deals that it is about."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbook.batch.folder import ReportFolder
from workbook.batch.folder_names import folder_names
from workbook.batch.notebooks import NotebookNode
from workbook.batch.plan import check_settings, notebooks_of
from workbook.batch.record import CombinationRecord
from workbook.errors import ParamsError
from workbook.params import EveryValue, RunParams
from workbook.text import msg

if TYPE_CHECKING:
    from workbook.sources.part import Part


class Planned(NamedTuple):
    """What a matrix would make: the chapters of each report, the reports, and how many deals are in none of them."""

    chapters: tuple[str, ...]
    reports: list[CombinationRecord]
    elsewhere: int


def planned_reports(params: RunParams, folder: Path, where: str, out: Path) -> Planned:
    """Return what a matrix would make. folder: for the import; out: the report folder. Raises `ParamsError` and `DataError`."""
    stored, everything = read_once(params, folder, where)
    reports = combinations(everything, params, ReportFolder(out))
    return Planned(tuple(stored), reports, deals_elsewhere(everything, reports))


def read_once(params: RunParams, frames: Path, where: str) -> tuple[dict[str, NotebookNode], Part]:
    """Check the settings, and read notebooks and data for all combinations. frames: folder for the import."""
    from workbook.sources import import_frames
    from workbook.sources.part import Part

    check_settings(params, where)
    stored = notebooks_of(params.chapters)
    return stored, Part(frames, import_frames(params, frames), params.memory_limit)


def deals_elsewhere(everything: Part, reports: list[CombinationRecord]) -> int:
    """Count the deals that no report is about."""
    deals = everything.record.frames.get("opportunities")
    return (deals.rows if deals is not None else 0) - sum(entry.deals for entry in reports)


def combinations(everything: Part, params: RunParams, top: ReportFolder) -> list[CombinationRecord]:
    """Return the reports that a matrix asks for, in the order of its columns and values.

    A value that is named gets its report even where it has no deals: that it has none is then that report's to say. Of `all` and
    `at_least` only combinations with deals count. top: the report folder, for the names that combinations have there. Raises `ParamsError`
    where the data lack a column, or nothing is left.
    """
    axes = [_values(everything, column, asked) for column, asked in params.matrix.items()]
    places = [{value: at for at, value in enumerate(axis)} for axis in axes]
    there = everything.deals_by(tuple(params.matrix))
    counts = {cell: n for cell, n in there if all(value in axis for value, axis in zip(cell, places, strict=True))}
    if all(isinstance(asked, tuple) for asked in params.matrix.values()):
        cells = list(itertools.product(*axes))
    else:
        cells = sorted(counts, key=lambda cell: [axis[value] for value, axis in zip(cell, places, strict=True)])
    if not cells:
        raise ParamsError(
            msg("the matrix asks for no report: no combination of its values has enough deals"),
            mend=msg("Lower at_least, or name columns that the deals carry."),
        )
    parts = [dict(zip(params.matrix, cell, strict=True)) for cell in cells]
    named = zip(parts, folder_names(parts, top), cells, strict=True)
    return [CombinationRecord(part=part, folder=name, deals=counts.get(cell, 0)) for part, name, cell in named]


def _values(everything: Part, column: str, asked: str | tuple[str, ...] | EveryValue) -> list[str]:
    if isinstance(asked, tuple):
        everything.home(column)
        return list(dict.fromkeys(asked))
    least = asked.at_least if isinstance(asked, EveryValue) else 1
    return sorted(value for (value,), n in everything.deals_by((column,)) if n >= least)
