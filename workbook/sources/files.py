"""Which files a run reads: the data folder's, or those that the settings name; of several matches the newest wins."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from workbook.errors import DataError
from workbook.params import RunParams, SourceParams
from workbook.sources.fragments import changed_at, is_table
from workbook.text import msg

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".parquet")
MOST_LOOKED_AT = 10_000  # entries of a folder, before it counts as one without tables
_OWN_OUTPUT = {"rejected_lines.csv", "merged_lines.csv", "flagged_rows.csv"}
_DAY = re.compile(r"(?<!\d)(20\d{2})[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")
_GERMAN_DAY = re.compile(r"(?<!\d)([0-3]\d)[.\-_]([01]\d)[.\-_](20\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Located:
    """One thing to read. path is None for a database. is_named: the settings name it, so it must be usable."""

    source: SourceParams
    path: Path | None = None
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a run reads, and what it leaves out. folders: those with tables in them; twins: filled templates beside a fuller one of the same table."""

    located: list[Located] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    twins: list[Path] = field(default_factory=list)


def locate(params: RunParams) -> Found:
    """Return the files and tables of a run, filled-in templates last. Raises `DataError` where there are no data."""
    found = _located(params)
    if params.templates is not None and params.templates.is_dir():
        found.folders[:] = [path for path in found.folders if not path.samefile(params.templates)]
        from workbook.sources.templates.read import filled_in

        used, twins = filled_in(params.templates)
        known = {item.path for item in found.located}
        found.located.extend(Located(SourceParams(), path, is_named=True) for path in used if path not in known)
        found.twins.extend(path for path in twins if path not in known)
    return found


def _located(params: RunParams) -> Found:
    if params.sources:
        located = [item for source in params.sources for item in _named(source, params.data)]
        return Found(located)
    if params.data is None:
        raise DataError(
            msg("the settings name no data"), mend=msg("Set `data:` to the folder of the export, or call with --data DIR.")
        )
    if is_table(params.data):
        return Found([Located(SourceParams(), params.data, is_named=True)])
    if not params.data.is_dir():
        raise DataError(
            msg("there is no data folder {path}", path=str(params.data)),
            mend=msg("Check the path; call with --data DIR to name another one."),
        )
    return _in_folder(params.data)


def _in_folder(folder: Path) -> Found:
    found = Found()
    for path in sorted(folder.iterdir(), key=lambda item: item.name.lower()):
        if path.name.startswith((".", "~$")):
            continue
        if not is_table(path):
            if _holds_tables(path):
                found.folders.append(path)
        elif _is_usable(path) or path.is_dir():
            found.located.append(Located(SourceParams(), path, is_named=path.suffix.lower() != ".txt"))
        else:
            found.ignored.append(path)
    if not found.located:
        names = tuple(path.name for path in (*found.folders, *found.ignored)[:10])
        raise DataError(
            msg("the data folder holds no CSV, XLSX or Parquet file; it holds {names}", names=names)
            if names
            else msg("the data folder is empty"),
            where=str(folder),
            mend=msg("Folders in it are not looked into: move their tables up, each under a name of its own, or call with --data DIR.")
            if found.folders
            else msg("Put the CRM's export there, or call with --data DIR."),
        )
    return found


def _holds_tables(path: Path) -> bool:
    """Tell whether something is a folder with tables in it, as far as it may be looked into; one named as a table may be cut by folders in turn."""
    pattern = "**/*" if path.suffix.lower() in SUFFIXES else "*"
    try:
        return path.is_dir() and any(_is_usable(inside) for inside in islice(path.glob(pattern), MOST_LOOKED_AT))
    except OSError:
        return False


def _is_usable(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.name not in _OWN_OUTPUT


def _named(source: SourceParams, folder: Path | None) -> list[Located]:
    if source.database is not None:
        return [Located(source, None, is_named=True)]
    return [Located(source, _newest(pattern, folder), is_named=True) for pattern in source.files]


def _newest(pattern: str, folder: Path | None) -> Path:
    """Return the newest match of a path or glob: by the date in its name, else by its modification."""
    base = Path(pattern)
    if not base.is_absolute():
        base = (folder or Path.cwd()) / pattern
    if is_table(base):
        return base
    anchor = Path(base.anchor)
    matches = [path for path in anchor.glob(str(base.relative_to(anchor))) if is_table(path)]
    if not matches:
        raise DataError(
            msg("no file matches {pattern}", pattern=pattern),
            where=str(folder or Path.cwd()),
            mend=msg("Check the pattern under `sources` and the folder under `data`."),
        )
    return max(matches, key=lambda path: (day_in_name(path.name) or date.min, changed_at(path), path.name))


def day_in_name(name: str) -> date | None:
    """Return the date in a file's name (`…-2026-09-30.csv`, `20260930`, `30.09.2026`), or None."""
    candidates = [(m[1], m[2], m[3]) for m in _DAY.finditer(name)] + [(m[3], m[2], m[1]) for m in _GERMAN_DAY.finditer(name)]
    for year, month, day in candidates:
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def mapping_path(name: str, params: RunParams) -> Path:
    """Return the mapping file that a source names: beside the settings' mapping, in the data folder, or where the command runs."""
    folders = [params.mapping.parent if params.mapping is not None else None, params.data, Path.cwd()]
    beside = [folder / name for folder in folders if folder is not None]
    return next((path for path in beside if path.is_file()), Path(name))
