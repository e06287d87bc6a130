"""Read the located files and decide for each what it fills; what fits nothing is left out and named, or refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from workbook.errors import DataError, WorkbookError
from workbook.frames import FRAMES
from workbook.params import RunParams
from workbook.sources.columnar import read_database
from workbook.sources.deleted import without_deleted
from workbook.sources.files import Found, Located, mapping_path
from workbook.sources.fragments import keeps_versions
from workbook.sources.mapping import Mapping, load_mapping
from workbook.sources.names import nearest, normalise
from workbook.sources.presets import known_headers, preset
from workbook.sources.read import read_tables
from workbook.sources.recognise import Assignment, assigned, matches, recognise
from workbook.sources.table import RawTable
from workbook.sources.templates.read import is_template, without_blank_rows
from workbook.text import Message, msg, printable


@dataclass
class Chosen:
    """What is read and for what. tables: all that were read; used: those that fill a frame."""

    tables: list[RawTable] = field(default_factory=list)
    used: list[RawTable] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    ignored: list[tuple[Path, Message, RawTable | None]] = field(default_factory=list)


def choose(found: Found, params: RunParams) -> Chosen:
    """Read everything and choose. Raises `DataError` where nothing can be used."""
    chosen = look_at(found, params)
    if not chosen.used:
        raise _nothing_usable(chosen)
    return chosen


def look_at(found: Found, params: RunParams) -> Chosen:
    """Read everything and choose, be it that nothing can be used. Raises `DataError`."""
    if params.crm != "auto":
        preset(params.crm)
    general = load_mapping(params.mapping) if params.mapping is not None else None
    chosen = Chosen(ignored=[(path, msg("not a table"), None) for path in found.ignored])
    chosen.ignored += [(path, _why_not_looked_into(path), None) for path in found.folders]
    chosen.ignored += [(path, msg("the same template in another format has more rows filled in"), None) for path in found.twins]
    known = known_headers() | _headers_of(general)
    read: list[tuple[RawTable, Located]] = []
    for item in found.located:
        if general is not None and item.path is not None and _is_left_out(item.path, general):
            chosen.ignored.append((item.path, msg("the mapping leaves it out"), None))
            continue
        read.extend((without_deleted(table), item) for table in _read(item, known, chosen))
    chosen.tables = _unique([table for table, _ in read])
    for table, (_, item) in zip(chosen.tables, read, strict=True):
        mapping = _mapping_of(item, params) or general
        fills = _fills(table, mapping, params, item)
        if fills:
            chosen.used.append(table)
            chosen.assignments.extend(fills)
        elif _is_looked_up(table, mapping):
            chosen.ignored.append((table.path, msg("used to look up only"), table))
        else:
            chosen.ignored.append((table.path, msg("its columns fit no frame"), table))
    return chosen


def _why_not_looked_into(folder: Path) -> Message:
    if keeps_versions(folder):
        return msg("a table that keeps old versions of its rows: have the rows that hold written as plain Parquet")
    return msg("a folder: move its tables up, each under a name of its own, to have them read")


def _read(item: Located, known: frozenset[str], chosen: Chosen) -> list[RawTable]:
    if item.path is None:
        return [read_database(item.source)]
    try:
        tables = read_tables(item.path, known)
    except DataError as error:
        if item.is_named:
            raise
        chosen.ignored.append((item.path, msg("not a table: {why}", why=error.what), None))
        return []
    if not any(is_template(table) for table in tables):
        return tables
    chosen.ignored += [(item.path, msg("the guide to a template"), table) for table in tables if not is_template(table)]
    return [without_blank_rows(table) for table in tables if is_template(table)]


def _unique(tables: list[RawTable]) -> list[RawTable]:
    """Return the tables with names that tell them apart: two folders may hold files of one name."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    unique = []
    for table in tables:
        seen[table.file] = seen.get(table.file, 0) + 1
        number = seen[table.file]
        unique.append(table if number == 1 else replace(table, file=printable(f"{table.path.parent.name}/{table.file} ({number})")))
    return unique


def _headers_of(mapping: Mapping | None) -> frozenset[str]:
    if mapping is None:
        return frozenset()
    blocks = [block for blocks in mapping.frames.values() for block in blocks]
    return frozenset(normalise(name) for block in blocks for column in block.columns.values() for name in column.from_)


def _is_left_out(path: Path, mapping: Mapping) -> bool:
    from fnmatch import fnmatch

    return any(fnmatch(path.name.lower(), pattern.lower()) for pattern in mapping.ignore)


def _mapping_of(item: Located, params: RunParams) -> Mapping | None:
    """Return the mapping that a source names by path; a ready one is named through `crm`."""
    name = item.source.mapping
    if not name.endswith((".yaml", ".yml")):
        return None
    return load_mapping(mapping_path(name, params))


def _fills(table: RawTable, mapping: Mapping | None, params: RunParams, item: Located) -> list[Assignment]:
    if mapping is not None:
        fills = assigned(table, mapping, item.source.frame)
        if fills or mapping.others == "ignore" or _is_looked_up(table, mapping):
            return fills
    named = item.source.mapping
    crm = named if named != "auto" and not named.endswith((".yaml", ".yml")) else params.crm
    return recognise(table, crm, item.source.frame)


def _is_looked_up(table: RawTable, mapping: Mapping | None) -> bool:
    blocks = [block for blocks in mapping.frames.values() for block in blocks] if mapping is not None else []
    return any(matches(table, join.file) for block in blocks for join in block.join)


def _nothing_usable(chosen: Chosen) -> WorkbookError:
    """Say which columns were found and which would be needed."""
    table = next((table for _, _, table in chosen.ignored if table is not None), None)
    if table is None:
        return DataError(msg("there is no table among the files"), mend=msg("Put the CRM's export into the data folder."))
    known = ("Opportunity ID", "Opportunity Name", "Stage", "Status", "Amount", "Close Date", "Created Date", "Account Name")
    near = [
        f"{header} ~ {match}"
        for header in table.header
        if (match := nearest(header, (*FRAMES["opportunities"].names, *known), 0.75))
    ]
    mend = msg(
        "For opportunities at least a stage or a status is needed; accounts need a name. Name your columns in a mapping: "
        "`workbook import --from FILE --to DIR` writes one to edit. Nearest names: {near}",
        near=tuple(near[:8]) or ("–",),
    )
    return DataError(
        msg("no file can be recognised; the columns found are {columns}", columns=tuple(table.header[:25])),
        where=f"{table.path}, line {table.header_line}",
        mend=mend,
    )
