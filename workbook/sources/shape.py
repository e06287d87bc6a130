"""A table and its mapping to rows of one frame: select, look up, melt, translate values, read numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbook.errors import DataError
from workbook.frames import FRAMES
from workbook.sources.convert import DATE_KINDS, TEXT_KINDS, convert
from workbook.sources.damage import mend_ranges
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import ColumnMap, MeltMap, kind_of
from workbook.sources.money import currency_column, header_factor
from workbook.sources.names import nearest, normalise
from workbook.sources.presets import GENERIC, preset
from workbook.sources.recognise import Assignment, matches
from workbook.sources.styles import MELTED, Styles, Wanted, find_styles
from workbook.sources.table import RawTable
from workbook.sources.vocabulary import NO_COMPETITOR, closed_value, has_vocabulary
from workbook.text import msg


@dataclass
class Piece:
    """The rows that one table gives to one frame: typed columns, helpers, attributes, `source_file`, `source_line`."""

    assignment: Assignment
    data: pd.DataFrame
    styles: Styles
    own: dict[str, ColumnMap] = field(default_factory=dict)

    @property
    def attributes(self) -> list[str]:
        """The firm's own columns that the table has."""
        return [name for name in self.own if name in self.data]

    @property
    def frame(self) -> str:
        """The frame's name."""
        return self.assignment.frame

    @property
    def file(self) -> str:
        """The table's name."""
        return self.assignment.table.file


def shape(assignment: Assignment, tables: Sequence[RawTable], attributes: dict[str, ColumnMap], ledger: Ledger) -> Piece:
    """Return the rows of one assignment. attributes: the firm's own columns to keep (name → where from).

    Raises `DataError` on a date column that reads both ways.
    """
    table, frame, block = assignment.table, assignment.frame, assignment.block
    maps = {**block.columns, **attributes}
    headings = {**assignment.found, **_attribute_headings(table, attributes)}
    text, rows = _select(assignment, headings, maps, tables)
    text = _without_tokens(text, assignment, maps, ledger)
    text = _translated(text, assignment, maps, ledger)
    text = _noted(text, assignment)
    melted = assignment.block.melt.value if assignment.block.melt is not None else ""
    wanted = [
        Wanted(ours, header, _kind(frame, ours, maps), maps.get(ours, ColumnMap()), tuple(map(str, text[ours].dropna().unique())))
        for ours in text.columns
        if (header := headings.get(ours, MELTED if ours == melted else ""))
    ]
    defaults = {"decimal": assignment.mapping.decimal, "date_style": assignment.mapping.date_style}
    styles = find_styles(table, wanted, defaults, ledger)
    place = pd.DataFrame({"source_file": table.file, "source_line": table.lines[rows]}, index=text.index)
    data = _typed(text, (frame, maps, styles, place), ledger)
    _currencies(data, text, assignment, headings)
    for ours, header in headings.items():
        if (factor := header_factor(header)) != 1 and ours in data and _kind(frame, ours, maps) == "money":
            data[ours] = data[ours] * factor
            ledger.repair(
                "unit in the heading",
                f"{frame}.{ours}",
                int(data[ours].notna().sum()),
                example=(header, f"× {factor:g}"),
                file=table.file,
            )
    return Piece(assignment, pd.concat([data, place], axis=1), styles, attributes)


def _attribute_headings(table: RawTable, attributes: dict[str, ColumnMap]) -> dict[str, str]:
    headings = {normalise(header): header for header in reversed(table.header)}
    return {
        ours: headings[normalise(name)]
        for ours, column in attributes.items()
        for name in column.from_[:1]
        if normalise(name) in headings
    }


def _select(
    assignment: Assignment, headings: dict[str, str], maps: dict[str, ColumnMap], tables: Sequence[RawTable]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the text of each of our columns, and the table's row behind each row."""
    table, block = assignment.table, assignment.block
    text = pd.DataFrame({ours: table.cells[header] for ours, header in headings.items()}, index=table.cells.index)
    for join in block.join:
        looked_up = _look_up(table, join.file, tables)
        right = looked_up.cells.drop_duplicates(join.right).set_index(join.right)
        for ours, their in join.take.items():
            text[ours] = table.cells[join.left].map(right[their])
    rows = np.arange(len(text))
    if block.melt is not None:
        text, rows = _melt(text, table, block.melt)
    for ours, column in maps.items():
        if column.constant is not None and ours not in text:
            text[ours] = str(column.constant)
    needed = block.when or (block.melt.value if block.melt is not None else None)
    if needed is not None:
        keep = text[needed].notna().to_numpy() if needed in text else np.zeros(len(text), dtype=bool)
        text, rows = text[keep].reset_index(drop=True), rows[keep]
    return text, rows


def _look_up(table: RawTable, pattern: str, tables: Sequence[RawTable]) -> RawTable:
    for other in tables:
        if matches(other, pattern):
            return other
    raise DataError(
        msg("the mapping looks up in {file}, which is not among the files", file=pattern),
        where=str(table.path),
        mend=msg("Add that file to the folder or take the `join` out of the mapping."),
    )


def _melt(text: pd.DataFrame, table: RawTable, melt: MeltMap) -> tuple[pd.DataFrame, np.ndarray]:
    """Return one row per row and melted column."""
    labels: list[tuple[str, dict[str, str | None]]] = []
    headings = {normalise(header): header for header in reversed(table.header)}
    for their, label in melt.columns.items():
        if normalise(their) in headings:
            labels.append((headings[normalise(their)], {melt.into: label}))
    if melt.pattern:
        pattern = re.compile(melt.pattern, re.I)
        for header in table.header:
            match = pattern.match(header)
            named = match.groupdict() if match else {}
            labels += [(header, {k: v.strip() if v else None for k, v in named.items()})] if match else []
    parts, rows = [], []
    for header, named in labels:
        part = text.copy()
        for ours, label in named.items():
            if ours:
                part[ours] = pd.Series(label, index=part.index, dtype="str")
        part[melt.value] = table.cells[header]
        part[MELTED] = header
        parts.append(part)
        rows.append(np.arange(len(text)))
    if not parts:
        return text.assign(**{melt.value: pd.Series(np.nan, index=text.index, dtype="str")}), np.arange(len(text))
    return pd.concat(parts, ignore_index=True), np.concatenate(rows)


def tokens_of(assignment: Assignment) -> set[str]:
    """Return the cells that mean "not known" for an assignment, in lower case."""
    tokens = {*preset(GENERIC).missing, *assignment.mapping.missing}
    return {token.strip().lower() for token in tokens}


def _without_tokens(text: pd.DataFrame, assignment: Assignment, maps: dict[str, ColumnMap], ledger: Ledger) -> pd.DataFrame:
    general = tokens_of(assignment)
    for ours in text.columns:
        own = maps[ours].missing if ours in maps else ()
        tokens = general | {token.strip().lower() for token in own}
        if kind_of(assignment.frame, ours) == "id" and ours.endswith("_id") and ours != "owner_id":
            continue
        distinct = [value for value in text[ours].dropna().unique() if str(value).strip().lower() in tokens]
        if distinct and ours != MELTED:
            hit = text[ours].isin(distinct)
            text[ours] = text[ours].mask(hit)
            place = f"{assignment.frame}.{ours}"
            ledger.repair("words for not known", place, int(hit.sum()), example=(distinct[0], ""), file=assignment.table.file)
    return text


def _translated(text: pd.DataFrame, assignment: Assignment, maps: dict[str, ColumnMap], ledger: Ledger) -> pd.DataFrame:
    """Apply the mapping's value maps and extractions, the vocabulary of closed categories, and mend Excel's damage."""
    frame, file = assignment.frame, assignment.table.file
    for ours in text.columns:
        column = maps.get(ours, ColumnMap())
        if column.values:
            table = {normalise(key) or key: value for key, value in column.values.items()}
            text[ours] = (
                text[ours].map(lambda cell, t=table: t.get(normalise(cell) or cell, cell), na_action="ignore").astype("str")
            )
        if column.extract:
            pattern = r"(?<!\d)((?:1[5-9]|20|21)\d{2})(?!\d)" if column.extract == "year" else r"(-?\d[\d.,]*)"
            found = text[ours].str.extract(pattern, expand=False)
            changed = int((found.notna() & (found != text[ours])).sum())
            example = (text[ours].dropna().iloc[0], found.dropna().iloc[0]) if changed else ("", "")
            ledger.repair("taken out of text", f"{frame}.{ours}", changed, example=example, file=file)
            text[ours] = found.where(found.notna(), text[ours])
        if (frame, ours) == ("opportunities", "competitor"):
            text[ours] = (
                text[ours].map(lambda cell: "none" if normalise(cell) in NO_COMPETITOR else cell, na_action="ignore").astype("str")
            )
        if has_vocabulary(frame, ours):
            text[ours] = text[ours].map(lambda cell, c=ours: closed_value(frame, c, cell) or cell, na_action="ignore").astype("str")
        if _kind(frame, ours, maps) in ("category", "text") and ours not in ("name", MELTED):
            text[ours] = _undamaged(text[ours], f"{frame}.{ours}", assignment.table, ledger)
    return text


def _noted(text: pd.DataFrame, assignment: Assignment) -> pd.DataFrame:
    """Set what the mapping knows of certain rows."""
    for note in assignment.block.notes:
        hit = pd.Series(True, index=text.index)
        for ours, value in note.rows.items():
            hit &= text[ours].eq(value).fillna(False)
        for ours, value in note.set.items():
            before = text[ours] if ours in text else pd.Series(None, index=text.index, dtype="str")
            text[ours] = before.mask(hit, value)
    return text


def _undamaged(column: pd.Series[Any], place: str, table: RawTable, ledger: Ledger) -> pd.Series[Any]:
    mended, damaged, is_mended = mend_ranges(column)
    if not damaged:
        return column
    hit = column.isin(list(damaged))
    first = next(iter(damaged))
    if is_mended:
        ledger.repair("ranges that Excel made dates", place, int(hit.sum()), example=(first, damaged[first]), file=table.file)
    elif len(hit) == len(table.lines):
        rows = [(table.file, int(line), "", str(value)) for line, value in zip(table.lines[hit], column[hit], strict=True)]
        message = msg("{n} cells such as {value} look like ranges that Excel turned into dates", n=len(rows), value=first)
        ledger.flag("ranges that Excel made dates", place, message, rows)
    return mended


def _kind(frame: str, ours: str, maps: dict[str, ColumnMap]) -> str:
    column = maps.get(ours)
    return column.type if column is not None and column.type is not None else kind_of(frame, ours)


def _typed(text: pd.DataFrame, how: tuple[str, dict[str, ColumnMap], Styles, pd.DataFrame], ledger: Ledger) -> pd.DataFrame:
    """Return typed columns; cells that do not fit become missing and are flagged with their lines."""
    frame, maps, styles, place = how
    data = {}
    for ours in text.columns:
        if ours == MELTED:
            continue
        kind = _kind(frame, ours, maps)
        reading = styles.readings.get(ours)
        typed = convert(text[ours], kind, reading) if reading else convert(text[ours], kind, _default_reading())  # type: ignore[arg-type]
        bad = (text[ours].notna() & typed.isna()).to_numpy()
        if bad.any():
            _flag_unreadable(text[ours][bad], f"{frame}.{ours}", (kind, place[bad]), ledger)
        factor = maps[ours].factor if ours in maps else None
        data[ours] = typed * factor if factor is not None and kind not in (*TEXT_KINDS, *DATE_KINDS, "flag") else typed
    return pd.DataFrame(data, index=text.index)


def _default_reading() -> Any:
    from workbook.sources.convert import Reading

    return Reading()


def _flag_unreadable(cells: pd.Series[Any], place: str, what: tuple[str, pd.DataFrame], ledger: Ledger) -> None:
    kind, where = what
    rows = [
        (str(file), int(line), "", str(cell))
        for file, line, cell in zip(where["source_file"], where["source_line"], cells, strict=True)
    ]
    names = {
        "date": msg("a date"), "instant": msg("a point in time"), "flag": msg("yes or no"), "year": msg("a year"), "whole": msg("a whole number"),
    }  # fmt: skip
    message = msg(
        "{n} cells of {place} are not {kind}, such as {value}; they count as missing",
        n=len(rows),
        place=place,
        kind=names.get(kind, msg("a number")),
        value=rows[0][3][:60],
    )
    ledger.flag("unreadable cells", place, message, rows)


def _currencies(data: pd.DataFrame, text: pd.DataFrame, assignment: Assignment, headings: dict[str, str]) -> None:
    """Fill `currency` from signs in cells or headings where no column carries it."""
    frame = FRAMES[assignment.frame]
    if "currency" not in frame.names:
        return
    amounts = [c.name for c in frame.columns if c.kind == "money" and c.name in data]
    for ours in amounts:
        stated = assignment.block.columns.get(ours, ColumnMap()).currency
        found = currency_column(text[ours], headings.get(ours, ""), stated)
        if "currency" in data:
            data["currency"] = data["currency"].where(data["currency"].notna(), found)
        else:
            data["currency"] = found


def lacking_columns(assignment: Assignment, ledger: Ledger) -> None:
    """Flag headings that the mapping names and the file does not have."""
    for name in assignment.lacking:
        taken = {normalise(their) for column in assignment.block.columns.values() for their in column.from_}
        if len(assignment.block.columns) and normalise(name) in taken:
            owner = next(ours for ours, column in assignment.block.columns.items() if name in column.from_)
            if owner in assignment.found:
                continue
        near = nearest(name, assignment.table.header)
        message = (
            msg("the mapping names a column {column}, which the file lacks; did it become {near}?", column=name, near=near)
            if near
            else msg("the mapping names a column {column}, which the file lacks", column=name)
        )
        ledger.flag(
            "columns of the mapping not found",
            assignment.frame,
            message,
            [(assignment.table.file, assignment.table.header_line, "", name)],
        )
