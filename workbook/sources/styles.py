"""How a table writes numbers and dates, found from whole columns; what one column leaves open, the others settle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbook.errors import DataError
from workbook.sources import dates, numbers
from workbook.sources.convert import DATE_KINDS, Reading
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import ColumnMap
from workbook.sources.numbers import Decimal
from workbook.sources.table import RawTable
from workbook.text import Message, msg, number

MELTED = "_melted"
_PERCENT = re.compile(r"%|\b(percent|prozent)\b", re.I)


class DatesReadBothWays(DataError):
    """Days and months of a column cannot be told apart, and nothing in the file settles them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One column to be read: where it stands, what it shall be, what the mapping says about it, its distinct cells."""

    ours: str
    header: str
    kind: str
    map: ColumnMap
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Styles:
    """What was found. decimal: the table's style; by_date: style per date heading; readings: per column of ours."""

    decimal: str
    by_date: dict[str, str] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)


def find_styles(table: RawTable, wanted: Iterable[Wanted], defaults: Mapping[str, str | None], ledger: Ledger) -> Styles:
    """Settle how every wanted column is read. defaults: `decimal` and `date_style` as the mapping states them.

    Raises `DatesReadBothWays` where a date column does and nothing in the file settles it.
    """
    wanted = list(wanted)
    by_date = _date_styles(table, [item for item in wanted if item.kind in DATE_KINDS], defaults.get("date_style"))
    measured = [item for item in wanted if item.kind in ("whole", "year", "number", "share", "money")]
    has_dotted_days = table.encoding != "typed" and any(dates.is_dotted(value) for item in wanted if item.kind in DATE_KINDS for value in item.values)
    by_number, general = _decimal_styles(table, measured, (defaults.get("decimal"), has_dotted_days), ledger)
    readings = {
        item.ours: Reading(
            decimal=by_number.get(item.header, general),
            date_style=by_date.get(item.header, "dmy"),
            is_percent=item.kind == "share" and _is_percent(item, by_number.get(item.header, general)),
        )
        for item in wanted
    }
    return Styles(general, by_date, readings)


def _decimal_styles(
    table: RawTable, measured: list[Wanted], hints: tuple[str | None, bool], ledger: Ledger
) -> tuple[dict[str, Decimal], Decimal]:
    """Return the style per heading and of the table. A typed table writes dots; so does a file without any sign of commas.

    hints: the style that the mapping gives; whether days are written with dots, as where decimals have commas.
    """
    given, has_dotted_days = hints
    values = {item.header: item.values for item in measured}
    proven = {item.header: style for item in measured if (style := _proven_style(table, item)) is not None}
    votes = list(proven.values())
    usual: Decimal = "comma" if votes.count("comma") > votes.count("dot") else "dot"
    general: Decimal = _as_decimal(given) or (usual if votes else "comma" if has_dotted_days or table.delimiter == ";" else "dot")
    styles: dict[str, Decimal] = {}
    for item in measured:
        stated = _as_decimal(item.map.decimal) or _as_decimal(given)
        styles[item.header] = stated or proven.get(item.header, general)
        open_values = [value for value in values[item.header] if numbers.is_ambiguous(value)]
        if open_values and item.header not in proven and stated is None and item.kind != "year":
            ledger.assume(_settled(table, item.header, open_values[0], styles[item.header], _evidence(bool(votes), has_dotted_days)))
    return styles, general


def _proven_style(table: RawTable, item: Wanted) -> Decimal | None:
    """Return the style that a column proves: by single cells, or as amounts that are all in groups of three."""
    is_hardly_fine = item.kind in ("money", "whole") and table.encoding != "typed"
    return numbers.column_style(item.values) or (numbers.grouped_style(item.values) if is_hardly_fine else None)


def _evidence(by_others: bool, has_dotted_days: bool) -> Message:
    if by_others:
        return msg("as in the file's other columns")
    return msg("as its days are written with dots") if has_dotted_days else msg("as the file's delimiter suggests")


def _as_decimal(style: str | None) -> Decimal | None:
    return "comma" if style == "comma" else "dot" if style == "dot" else None


def _settled(table: RawTable, header: str, example: str, style: str, evidence: Message) -> Message:
    value = numbers.parse_number(example, "comma" if style == "comma" else "dot")
    return msg(
        "{file}, column {column}: {example} reads both ways; read as {value}, {evidence}",
        file=table.file, column=header, example=example, value="" if value is None else number(value, 0 if value.is_integer() else 3), evidence=evidence,
    )  # fmt: skip


def says_percent(header: str) -> bool:
    """Tell whether a heading says that its column is in per cent."""
    return _PERCENT.search(header) is not None


def _is_percent(item: Wanted, decimal: Decimal) -> bool:
    """Tell whether shares are written 0–100: by the heading, the mapping, or any value above 1."""
    if item.map.unit == "percent" or says_percent(item.header):
        return True
    found = [numbers.parse_number(value, decimal) for value in item.values if not value.endswith("%")]
    return any(value is not None and value > 1 for value in found)


def _date_styles(table: RawTable, dated: list[Wanted], given: str | None) -> dict[str, str]:
    votes = {item.header: dates.votes_of(item.values) for item in dated}
    styles: dict[str, str] = {}
    unsettled: list[str] = []
    for item in dated:
        found = votes[item.header]
        stated = item.map.date_style or given
        if stated is not None:
            styles[item.header] = stated
        elif found["dmy"] or found["mdy"]:
            styles[item.header] = "dmy" if found["dmy"] >= found["mdy"] else "mdy"
        elif found["both"]:
            unsettled.append(item.header)
        else:
            styles[item.header] = "iso" if found["other"] else ""
    proven = {style for style in styles.values() if style in dates.STYLES}
    for header in unsettled:
        if len(proven) != 1:
            raise _ask_for_style(table, header, next(item.values for item in dated if item.header == header))
        styles[header] = next(iter(proven))
    return styles


def _ask_for_style(table: RawTable, header: str, values: tuple[str, ...]) -> DatesReadBothWays:
    value = values[0]
    cells = table.cells[[name for name in table.header if header in (name, MELTED)]]
    at = int((cells == value).any(axis=1).to_numpy().argmax())
    shown = header if header != MELTED else next(name for name in cells if cells[name].iloc[at] == value)
    return DatesReadBothWays(
        msg("the dates of column {column} read both ways, such as {value}", column=shown, value=value),
        where=f"{table.path}, line {int(table.lines[at])}, column {shown}",
        mend=msg("Write `date_style: dmy` (day first) or `date_style: mdy` (month first) into the mapping; `workbook import` writes one."),
    )
