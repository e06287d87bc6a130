"""`workbook import`: the mapping that was used, written as a file to edit; importing again keeps the edits."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from workbook.errors import DataError
from workbook.params import RunParams, SourceParams, writable
from workbook.sources.mapping import ColumnMap, DateStyle, Mapping, load_mapping
from workbook.sources.pipeline import Imported, read_frames
from workbook.sources.record import ImportRecord, StageRecord, UnmappedColumn
from workbook.sources.shape import Piece
from workbook.sources.styles import DatesReadBothWays
from workbook.sources.templates.declare import TEMPLATES
from workbook.sources.templates.prefill import Known, known_from
from workbook.sources.templates.write import TEMPLATE_FOLDER, write_templates
from workbook.sources.write import arrow_tables, write_frames, write_lists, write_record
from workbook.text import Message, msg

_HEAD = """\
# How the columns of the CRM's export become the workbook's. Written by `workbook import`; edit it freely: importing again
# keeps your edits and lists what is new in suggestions.yaml.
#   columns     our column: their heading(s); values, unit, currency, factor, constant, date_style may be added
#   attributes  columns of your own that the analyses may use
#   stages      what your stages mean: open, won, lost or no_decision; take out `assumed: true` where it is right
#   unmapped    headings that nothing takes; move one to columns or attributes to use it
"""


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What `workbook import` did. suggestions: set where a kept mapping leaves new columns or stages unexplained.

    templates: files to fill in that were written now, for the tables that no CRM exports.
    """

    record: ImportRecord
    mapping: Path
    params: Path
    kept_edits: bool = False
    templates: tuple[Path, ...] = ()
    suggestions: Path | None = None


def import_to(
    files: Sequence[Path],
    to: Path,
    *,
    crm: str = "auto",
    currency: str | None = None,
    as_of: date | None = None,
    date_style: DateStyle | None = None,
) -> ImportSummary:
    """Import files into a folder, with `mapping.yaml` and `params.yaml` beside the frames. Existing ones are kept.

    date_style: of dates where the mapping states none; it is written into the mapping. Raises `DataError` and `ParamsError`; where dates read
    both ways the mapping and the settings are written all the same, to be filled in.
    """
    paths = _expanded(files)
    to = writable(Path(to))
    mapping, settings = to / "mapping.yaml", to / "params.yaml"
    had_mapping = mapping.is_file()
    params = RunParams(
        sources=tuple(SourceParams(files=(str(path),)) for path in paths),
        crm=crm,
        currency=currency,
        as_of=as_of,
        mapping=mapping if had_mapping else None,
        templates=to / TEMPLATE_FOLDER,
    )
    try:
        done = read_frames(params, date_style)
    except DatesReadBothWays as error:
        if not had_mapping:
            _write(mapping, mapping_text(read_frames(params, "dmy"), asks_style=True))
            _write_settings(settings, paths, params)
        raise DatesReadBothWays(error.what, where=error.where, mend=_how_to_say(mapping)) from None
    to.mkdir(parents=True, exist_ok=True)
    write_frames(arrow_tables(done.frames), to)
    write_lists(done.ledger, to)
    write_record(done.record, to)
    suggestions = None
    if had_mapping:
        suggestions = _write_suggestions(done, mapping)
        _state_style(mapping, date_style)
    else:
        _write(mapping, mapping_text(done))
    _write_settings(settings, paths, params)
    templates = write_templates(_known(done, currency), _lacking(done), to / TEMPLATE_FOLDER)
    return ImportSummary(done.record, mapping, settings, had_mapping, tuple(templates), suggestions)


def _how_to_say(mapping: Path) -> Message:
    return msg("Write dmy (day first) or mdy (month first) behind `date_style:` in {path} and import again, or add `--date-style dmy`.", path=str(mapping))


def _state_style(mapping: Path, style: DateStyle | None) -> None:
    """Write a style of dates into a mapping that states none, so that runs read the dates as this import did."""
    if style is None or load_mapping(mapping).date_style is not None:
        return
    text = mapping.read_text(encoding="utf-8-sig")
    filled, n = re.subn(r"(?m)^date_style:(?:[ \t]*(?:null|~))?(?=[ \t]*(?:#|$))", f"date_style: {style}", text)
    _write(mapping, filled if n else f"{text.rstrip()}\n\ndate_style: {style}\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_settings(path: Path, paths: Sequence[Path], params: RunParams) -> None:
    if not path.is_file():
        _write(path, _params_text(paths, params))


def _lacking(done: Imported) -> list[str]:
    """Return the frames that have a template and that no file fills."""
    return [name for name in TEMPLATES if name not in done.frames]


def _known(done: Imported, currency: str | None) -> Known:
    return known_from(done.frames.data, done.record.as_of, "", currency or "")


def _expanded(files: Sequence[Path]) -> list[Path]:
    """Return the files, folders opened. Raises `DataError` where one is missing."""
    from workbook.sources.files import locate
    from workbook.sources.fragments import is_table

    found: list[Path] = []
    for given in files:
        path = Path(given).resolve()
        if is_table(path):
            found.append(path)
        elif path.is_dir():
            found.extend(item.path for item in locate(RunParams(data=path)).located if item.path is not None)
        else:
            raise DataError(msg("there is no such file"), where=str(given), mend=msg("Check the path after --from."))
    for folder in {path.parent for path in found}:
        writable(folder)
    return found


def file_pattern(name: str) -> str:
    """Return a pattern that next month's export matches too: dates and running numbers become `*`, bytes that are no UTF-8 `?`."""
    stem, dot, suffix = name.encode("utf-8", "replace").decode().rpartition(".")
    general = re.sub(
        r"(?:20\d{2}[-_.]?[01]\d[-_.]?[0-3]\d|[0-3]\d[-_.][01]\d[-_.]20\d{2}|\d{6,}|\s*\(\d+\))(?:[T_-]?\d{2,6})*", "*", stem
    )
    return f"{re.sub(r'[*]+', '*', general)}{dot}{suffix}" if stem else f"{dot}{suffix}"


def mapping_text(done: Imported, *, asks_style: bool = False) -> str:
    """Return the mapping that an import used, as YAML to edit. asks_style: the style of dates is left to be filled in."""
    frames: dict[str, list[dict[str, Any]]] = {}
    for piece in done.pieces:
        frames.setdefault(piece.frame, []).append(_block(piece))
    parts = [_HEAD, f"name: {json.dumps(done.pieces[0].assignment.crm)}\n", _dump({"frames": frames})]
    first = done.pieces[0].assignment.mapping
    if asks_style:
        parts.insert(1, "date_style:   # fill in: dmy (day first) or mdy (month first)\n")
    elif first.date_style is not None:
        parts.insert(1, f"date_style: {first.date_style}\n")
    if first.missing:
        parts.append(_dump({"missing": list(first.missing)}))
    parts.append(_stages(done.record.stages))
    parts.append(_unmapped(done.record.unmapped_columns))
    return "\n".join(part for part in parts if part)


def _dump(value: dict[str, Any]) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


def _block(piece: Piece) -> dict[str, Any]:
    assignment = piece.assignment
    columns = {
        ours: _column(assignment.block.columns.get(ours, ColumnMap()), [header]) for ours, header in assignment.found.items()
    }
    columns |= {
        ours: _column(column, [])
        for ours, column in assignment.block.columns.items()
        if column.constant is not None and ours not in columns
    }
    block: dict[str, Any] = {"file": file_pattern(assignment.table.path.name), "columns": columns}
    attributes = {name: _column(column, list(column.from_)) for name, column in piece.own.items()}
    if attributes:
        block["attributes"] = attributes
    if assignment.block.melt is not None:
        block["melt"] = assignment.block.melt.model_dump(exclude_defaults=True)
    if assignment.block.when is not None:
        block["when"] = assignment.block.when
    return block | {"keep_others": False}


def _column(column: ColumnMap, headers: list[str]) -> Any:
    """Return a column as it is written: just the heading where there is no more to say."""
    rest = column.model_dump(exclude_defaults=True, exclude={"from_", "type"}, mode="json")
    if not rest and len(headers) == 1 and column.type in (None, "text"):
        return headers[0]
    typed = {"type": column.type} if column.type not in (None, "text") else {}
    return ({"from": headers} if headers else {}) | typed | rest


def _stages(stages: Sequence[StageRecord]) -> str:
    if not stages:
        return ""
    lines = ["stages:"]
    seen: set[str] = set()
    for stage in sorted(stages, key=lambda item: (item.is_known, -item.count)):
        if stage.stage in seen:
            continue
        seen.add(stage.stage)
        assumed = "" if stage.is_known else ", assumed: true"
        lines.append(f"  {json.dumps(stage.stage, ensure_ascii=False)}: {{status: {stage.status}, count: {stage.count}{assumed}}}")
    return "\n".join(lines) + "\n"


def _unmapped(columns: Sequence[UnmappedColumn]) -> str:
    by_file: dict[str, list[dict[str, Any]]] = {}
    for column in columns:
        if not column.attribute:
            note = {"column": column.column, "filled": column.filled, "distinct": column.distinct, "suggestion": column.suggestion}
            note |= {} if column.reason is None else {"reason": str(column.reason)}
            by_file.setdefault(column.file, []).append(note)
    return _dump({"unmapped": by_file}) if by_file else ""


def _write_suggestions(done: Imported, mapping: Path) -> Path | None:
    """Write what the kept mapping does not explain yet; nothing where there is nothing new."""
    path = mapping.with_name("suggestions.yaml")
    old = load_mapping(mapping)
    stages = [stage for stage in done.record.unknown_stages if stage.stage not in old.stages]
    columns = [column for column in done.record.unmapped_columns if not _is_listed(column, old)]
    text = "\n".join(part for part in (_stages(stages), _unmapped(columns)) if part)
    if not text:
        path.unlink(missing_ok=True)
        return None
    head = "# New since mapping.yaml was written; copy there what you want to use.\n"
    path.write_text(head + text, encoding="utf-8", newline="\n")
    return path


def _is_listed(column: UnmappedColumn, mapping: Mapping) -> bool:
    return any(note.column == column.column for notes in mapping.unmapped.values() for note in notes)


def _params_text(paths: Sequence[Path], params: RunParams) -> str:
    """Return a settings file that runs the import; the newest file of each pattern is read."""
    folders = {path.parent for path in paths}
    data = json.dumps(str(next(iter(folders))), ensure_ascii=False) if len(folders) == 1 else ""
    lines = ["# Settings of the report; `workbook run params.yaml` makes it.", "mapping: mapping.yaml", f"templates: {TEMPLATE_FOLDER}"]
    lines += [f"data: {data}"] if data else []
    lines += [f"crm: {params.crm}"] if params.crm != "auto" else []
    lines += [f"currency: {params.currency}"] if params.currency else ["# currency: EUR      # assumed where a file carries none"]
    lines += [f"as_of: {params.as_of}"] if params.as_of else []
    lines.append("sources:")
    for path in paths:
        pattern = file_pattern(path.name) if data else str(path.with_name(path.name.encode("utf-8", "replace").decode()))
        lines.append(f"  - files: [{json.dumps(pattern, ensure_ascii=False)}]")
    return "\n".join([*lines, "company:", '  name: ""', ""])
