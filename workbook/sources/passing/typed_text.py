"""Columns of text to typed ones where every cell is written in one strict way; what `workbook/sources/styles` finds of a table, found by the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbook.sources.convert import DATE_KINDS, NUMBER_KINDS, flag
from workbook.sources.ledger import Ledger
from workbook.sources.own_columns import own_columns
from workbook.sources.passing.engine import literal, quoted
from workbook.sources.passing.frame import listed
from workbook.sources.passing.parquet import LINE, ParquetFile
from workbook.sources.passing.text_file import TypedText
from workbook.sources.passing.unfit import Unfit
from workbook.sources.recognise import Assignment
from workbook.sources.translate import kind_in, tokens_of
from workbook.text import msg

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_ODD = 500
_TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
_READS_BOTH_WAYS = r"-?[1-9]\d{0,2}[.,]\d{3}"


@dataclass(frozen=True, slots=True)
class _Way:
    """One strict way to write a kind of cell. pattern: what a cell looks like; check, value: SQL of `{}`, the cell."""

    name: str
    pattern: str
    check: str
    value: str


_ISO = _Way("iso", rf"\d{{4}}-\d\d-\d\d([T ]{_TIME}Z?)?", "try_cast(left({0}, 10) AS DATE) IS NOT NULL", "rtrim({0}, 'Z')")
_GERMAN_DAY = "substr({0}, 7, 4) || '-' || substr({0}, 4, 2) || '-' || left({0}, 2)"
_DMY = _Way("dmy", rf"\d\d\.\d\d\.\d{{4}}( {_TIME})?", f"try_cast({_GERMAN_DAY} AS DATE) IS NOT NULL", f"{_GERMAN_DAY} || substr({{0}}, 11)")
_IS_SIGNED = "(NOT starts_with({0}, '-') OR ltrim({0}, '-0.,') <> '')"  # no zero has a sign
_DOT = _Way("dot", r"-?(\d+|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?", _IS_SIGNED, "replace({0}, ',', '')")
_COMMA = _Way("comma", r"-?(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?", _IS_SIGNED, "replace(replace({0}, '.', ''), ',', '.')")


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of a file. dropped: words for not known among its cells, with how many there are of each."""

    header: str
    kind: str
    dropped: dict[str, int]
    way: _Way | None = None
    flags: dict[str, str] | None = None

    @property
    def sql(self) -> str:
        """Its cells, typed."""
        column = quoted(self.header)
        if self.flags is not None:
            cases = " ".join(f"WHEN {literal(word)} THEN {value}" for word, value in self.flags.items())
            return f"CASE {column} {cases} END::BOOLEAN" if cases else "NULL::BOOLEAN"
        if self.way is None:
            return column
        kind = {"date": "DATE", "instant": "TIMESTAMP"}.get(self.kind, "DOUBLE")
        value = self.way.value.format(column)
        typed = f"left({value}, 10)::DATE" if kind == "DATE" else f"({value})::{kind}"
        return f"CASE WHEN {column} IN ({listed(list(self.dropped))}) THEN NULL ELSE {typed} END" if self.dropped else typed

    @property
    def type(self) -> pa.DataType:
        """Their type."""
        import pyarrow as pa

        if self.flags is not None:
            return pa.bool_()
        if self.way is None:
            return pa.string()
        return {"date": pa.date32(), "instant": pa.timestamp("us")}.get(self.kind, pa.float64())


def typed(file: ParquetFile, assignment: Assignment) -> TypedText:
    """Write a text's columns once more with the types that their frame has for them; return that file.

    Raises `Unfit` where a cell is written otherwise than the rest of its column, or the numbers of a column read both ways.
    """
    import pyarrow as pa

    columns = _columns(file, assignment)
    styles = {column.header: column.way.name for column in columns if column.way is not None and column.kind in DATE_KINDS}
    written = replace(file.written, decimal=_decimal(file, columns), date_styles=styles)
    path = file.fragments[0].path.with_name("typed.parquet")
    file.engine.write(f"SELECT {', '.join(f'{column.sql} AS {quoted(column.header)}' for column in columns)}, {LINE} FROM {file.view}", path)
    view = f"{file.view}_typed"
    file.engine.do(f"CREATE TEMP VIEW {view} AS SELECT * FROM read_parquet({literal(str(path))}, hive_partitioning = false)")
    kinds = {column.header: column.type for column in columns}
    dropped = {column.header: (sum(column.dropped.values()), next(iter(column.dropped))) for column in columns if column.dropped}
    return TypedText(
        file.path, file.engine, file.fragments, pa.schema(kinds), kinds, view, not_data=file.not_data, written=written, dropped=dropped, trimmed=file.trimmed, deleted=file.deleted, text=file
    )


def _columns(file: ParquetFile, assignment: Assignment) -> list[_Column]:
    own = own_columns(assignment, set(assignment.found.values()), Ledger(), file.look)
    maps = {**assignment.block.columns, **own}
    headings = {**assignment.found, **{ours: column.from_[0] for ours, column in own.items()}}
    kinds = {header: kind_in(assignment.frame, ours, maps) for ours, header in headings.items()}
    tokens = tokens_of(assignment)
    return [_column(file, header, kinds.get(header, "text"), tokens) for header in file.schema.names]


def _column(file: ParquetFile, header: str, kind: str, tokens: set[str]) -> _Column:
    """Return how a column is written. Raises `Unfit`."""
    if not file.filled[header]:
        return _Column(header, kind, {})
    if kind == "flag":
        return _flags(file, header, tokens)
    ways = (_ISO, _DMY) if kind in DATE_KINDS else (_DOT, _COMMA) if kind in NUMBER_KINDS else ()
    odd: list[tuple[str, int]] = []
    for way in ways:
        words = _words(file, header, f"NOT ({_is_strict(way, header)}){_or_token(way, header, tokens)}")
        others = [(word, line) for word, _, line in words if len(words) > _MOST_ODD or word.strip().lower() not in tokens]
        if not others:
            return _Column(header, kind, {word: n for word, n, _ in words}, way)
        odd = odd if odd and odd[0][1] >= others[0][1] else others
    if odd:
        raise _odd(file, header, *odd[0])
    return _Column(header, kind, {})


def _flags(file: ParquetFile, header: str, tokens: set[str]) -> _Column:
    words = _words(file, header, "true")
    if len(words) > _MOST_ODD:
        raise _odd(file, header, words[-1][0], words[-1][2])
    dropped = {word: n for word, n, _ in words if word.strip().lower() in tokens}
    flags = {}
    for word, _, line in words:
        if word not in dropped:
            if (said := flag(word)) is None:
                raise _odd(file, header, word, line)
            flags[word] = str(said).lower()
    return _Column(header, "flag", dropped, flags=flags)


def _is_strict(way: _Way, header: str) -> str:
    column = quoted(header)
    return f"regexp_full_match({column}, {literal(way.pattern)}) AND {way.check.format(column)}"


def _or_token(way: _Way, header: str, tokens: set[str]) -> str:
    """Return the condition, if one is needed, that finds words for not known that are written as the column's cells are."""
    alike = [token for token in sorted(tokens) if re.fullmatch(way.pattern, token.upper())]
    return f" OR lower({quoted(header)}) IN ({listed(alike)})" if alike else ""


def _words(file: ParquetFile, header: str, condition: str) -> list[tuple[str, int, int]]:
    """Return the first distinct cells that meet a condition, in the order in which they come: word, how often, first line."""
    column = quoted(header)
    return file.engine.rows(
        f"SELECT {column}, count(*), min({LINE}) AS first FROM {file.view} WHERE {column} IS NOT NULL AND ({condition}) GROUP BY {column} "
        f"ORDER BY first LIMIT {_MOST_ODD + 1}"
    )


def _odd(file: ParquetFile, header: str, word: str, line: int) -> Unfit:
    why = msg("column {column} of {file} holds {value}, which is not written strictly", column=header, file=file.name, value=word[:60])
    return Unfit(why, f"{file.path}, line {line}, column {header}")


def _decimal(file: ParquetFile, columns: list[_Column]) -> str:
    """Return how the file writes decimals, as `find_styles` finds it. Raises `Unfit` where a column's numbers all read both ways."""
    votes = []
    for column in columns:
        if column.way is not None and column.kind in NUMBER_KINDS:
            has_mark = f"SELECT 1 FROM {file.view} WHERE (contains({quoted(column.header)}, '.') OR contains({quoted(column.header)}, ','))"
            reads_both_ways = f"regexp_full_match({quoted(column.header)}, {literal(_READS_BOTH_WAYS)})"
            kept = f" AND {quoted(column.header)} NOT IN ({listed(list(column.dropped))})" if column.dropped else ""
            if file.engine.rows(f"{has_mark} AND NOT {reads_both_ways}{kept} LIMIT 1"):
                votes.append(column.way.name)
            elif file.engine.rows(f"{has_mark}{kept} LIMIT 1"):
                raise Unfit(msg("all its numbers read both ways, such as 1.234"), f"{file.path}, column {column.header}")
    if not votes:
        return "comma" if file.written.delimiter == ";" else "dot"
    return "comma" if votes.count("comma") > votes.count("dot") else "dot"
