"""Which frame a file fills, and whether its mapping does no more than rename: the rest is for the way through text."""

from __future__ import annotations

from workbook.frames import FRAMES
from workbook.params import RunParams
from workbook.sources.files import Located
from workbook.sources.mapping import HELPERS, ColumnMap, kind_of
from workbook.sources.passing.parquet import ParquetFile
from workbook.sources.passing.unfit import Unfit
from workbook.sources.recognise import Assignment, recognise
from workbook.text import msg


def assigned(file: ParquetFile, item: Located, params: RunParams) -> Assignment:
    """Return which frame a file fills. Raises `Unfit` where it is not one frame, or its mapping does more than rename columns."""
    named = item.source.mapping
    found = recognise(file.sample, named if named != "auto" else params.crm, item.source.frame)
    if len(found) != 1:
        raise Unfit(msg("{file} is not recognised as one frame", file=file.name), str(file.path))
    (assignment,) = found
    block = assignment.block
    is_more = block.melt or block.join or block.notes or block.when or any(column.constant is not None for column in block.columns.values())
    if is_more or assignment.mapping.stages or assignment.mapping.decimal or assignment.mapping.date_style:
        raise Unfit(msg("the mapping of {file} does more than rename columns", file=file.name), str(file.path))
    for ours, header in assignment.found.items():
        if ours == "account_name" or not _is_name(ours, assignment):
            why = msg("the heading {column} of {file} is not just another name of {ours}", column=header, file=file.name, ours=ours)
            raise Unfit(why, f"{file.path}, column {header}")
    for header in file.schema.names:
        if header in (*FRAMES[assignment.frame].names, *HELPERS.get(assignment.frame, {})) and header not in assignment.found.values():
            why = msg("column {column} of {file} holds something else than {kind}", column=header, file=file.name, kind=kind_of(assignment.frame, header))
            raise Unfit(why, f"{file.path}, column {header}")
    return assignment


def _is_name(ours: str, assignment: Assignment) -> bool:
    """Tell whether a heading is but another name of our column: the mapping does not say how its cells are to be read."""
    column = assignment.block.columns.get(ours, ColumnMap())
    return column.model_copy(update={"from_": ()}) == ColumnMap()
