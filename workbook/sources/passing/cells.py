"""Cells of the files under our columns, read as the way through text reads them: each distinct word once, everything else by SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pandas as pd

from workbook.frames import FRAMES
from workbook.sources.competition import competition
from workbook.sources.convert import DATE_KINDS, currency_code
from workbook.sources.damage import mend_ranges, undamaged
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import ColumnMap, kind_of
from workbook.sources.money import header_currency, header_factor
from workbook.sources.passing.engine import literal, quoted
from workbook.sources.passing.frame import listed, sql_type, switched
from workbook.sources.passing.kinds import fits
from workbook.sources.passing.parquet import LINE, ParquetFile
from workbook.sources.passing.unfit import Unfit
from workbook.sources.recognise import Assignment
from workbook.sources.styles import says_percent
from workbook.sources.translate import is_id, kind_in, tokens_of
from workbook.sources.vocabulary import closed_value, has_vocabulary
from workbook.text import Message, msg

FEW = 20_000  # up to so many distinct words a column is read word by word
MOST_CHANGED = 500
_DAMAGED = r"^[A-Za-zÄä]{3}\.?[- ]\d{1,2}$|^\d{1,2}\.?[- ][A-Za-zÄä]{3}\.?$"
EXACT = 2**53  # whole numbers up to here are the same as doubles; money up to a hundredth of it


@dataclass
class Words:
    """The distinct words of a column, in the order in which they come, and what becomes of them."""

    column: str
    counts: dict[str, int]
    now: dict[str, str | None] = field(init=False)

    def __post_init__(self) -> None:
        self.now = {word: word for word in self.counts}

    @property
    def left(self) -> list[str]:
        """The distinct words that there still are, in order."""
        return list(dict.fromkeys(word for word in self.now.values() if word is not None))

    def count(self, words: Iterable[str]) -> int:
        """Return how many cells hold one of some words now."""
        wanted = set(words)
        return sum(self.counts[before] for before, word in self.now.items() if word in wanted)

    def put(self, changed: Callable[[str], str | None]) -> None:
        """Change every word that there is."""
        self.now = {before: None if word is None else changed(word) for before, word in self.now.items()}

    @property
    def changes(self) -> dict[str, str | None]:
        """Words that become others, or none."""
        return {before: word for before, word in self.now.items() if word != before}


@dataclass
class Reader:
    """Reads one file's columns for one frame. maps: what the mapping says of each; cells: our column → its SQL."""

    file: ParquetFile
    assignment: Assignment
    maps: dict[str, ColumnMap]
    headings: dict[str, str]
    ledger: Ledger
    cells: dict[str, str] = field(default_factory=dict)
    words: dict[str, Words] = field(default_factory=dict)

    @property
    def frame(self) -> str:
        return self.assignment.frame

    def read(self) -> dict[str, str]:
        """Return the SQL of each of our columns. Raises `Unfit`."""
        for ours, header in self.headings.items():
            self.cells[ours] = quoted(header)
            self._refuse_misfit(ours, header)
        texts = [ours for ours, header in self.headings.items() if self.file.is_text(header)]
        for ours in texts:
            if self.file.roughly_distinct[self.headings[ours]] <= FEW:
                self.words[ours] = self._words(ours)
        for ours in self.headings:
            self._drop_tokens(ours)
        for ours in texts:
            self._translate(ours)
        self._refuse_odd_numbers()
        for ours in self.words:
            if kind_in(self.frame, ours, self.maps) == "currency":
                self.words[ours].put(currency_code)
        for ours, words in self.words.items():
            if len(words.changes) > MOST_CHANGED:
                raise self.unfit(ours, msg("{n} different words are no canonical ones", n=len(words.changes)))
            self.cells[ours] = switched(self.headings[ours], words.changes)
        self._take_headings()
        return {ours: f"({cell})::{self._type(ours)}" for ours, cell in self.cells.items()}

    def _take_headings(self) -> None:
        """Take the currency and the unit of amounts that their headings carry, as `shape` does."""
        frame = FRAMES[self.frame]
        amounts = [column.name for column in frame.columns if column.kind == "money" and column.name in self.headings]
        found = {ours: code for ours in amounts if (code := header_currency(self.headings[ours])) is not None}
        if found and "currency" in frame.names:
            cases = [f"CASE WHEN ({self.cells[ours]}) IS NOT NULL THEN {literal(code)} END" for ours, code in found.items()]
            self.cells["currency"] = f"coalesce({', '.join([self.cells.get('currency', 'NULL'), *cases])})"
        for ours, header in self.headings.items():
            if (factor := self._factor(ours)) != 1:
                filled = self.file.engine.row(f"SELECT count({self.cells[ours]}) FROM {self.file.view}")[0]
                self.cells[ours] = f"({self.cells[ours]})::DOUBLE * {factor!r}"
                self.ledger.repair("unit in the heading", f"{self.frame}.{ours}", filled, example=(header, f"× {factor:g}"), file=self.file.name)

    def _factor(self, ours: str) -> float:
        return header_factor(self.headings[ours]) if kind_in(self.frame, ours, self.maps) == "money" else 1.0

    def unfit(self, ours: str, why: Message) -> Unfit:
        """Return the error that a column of the file is in the way."""
        return Unfit(why, f"{self.file.path}, column {self.headings[ours]}")

    def _type(self, ours: str) -> str:
        if ours in self.assignment.found:
            return sql_type(self.frame, ours)
        return "DOUBLE" if self.maps[ours].type == "number" else "VARCHAR"

    def _refuse_misfit(self, ours: str, header: str) -> None:
        """Stop at a column of another type than ours; one without a cell may have any."""
        kind = self.file.kinds[header]
        if ours in self.assignment.found or self._type(ours) == "DOUBLE":
            is_fitting = fits(kind, kind_of(self.frame, ours), self._type(ours))
        else:
            is_fitting = self.file.is_text(header) or kind == "bool"
        if not is_fitting and self.file.filled[header]:
            why = msg("column {column} of {file} has the type {kind}", column=header, file=self.file.name, kind=str(self.file.schema.field(header).type))
            raise self.unfit(ours, why)
        if not is_fitting:
            self.cells[ours] = "NULL"

    def _words(self, ours: str) -> Words:
        column = quoted(self.headings[ours])
        found = self.file.engine.rows(
            f"SELECT {column}, count(*), min({LINE}) AS first FROM {self.file.view} WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY first"
        )
        return Words(ours, {word: count for word, count, _ in found})

    def _drop_tokens(self, ours: str) -> None:
        """Take words for "not known" out of the cells, as `without_tokens` does."""
        column, kind = quoted(self.headings[ours]), self.file.kinds[self.headings[ours]]
        if dropped := self.file.dropped.get(self.headings[ours]):
            self.ledger.repair("words for not known", f"{self.frame}.{ours}", dropped[0], example=(dropped[1], ""), file=self.file.name)
            return
        if is_id(self.frame, ours) or self.cells[ours] == "NULL" or not (kind == "string" or (kind == "double" and self._has_nan(column))):
            return
        tokens, place = tokens_of(self.assignment), f"{self.frame}.{ours}"
        rule = "words for not known"
        if ours in self.words:
            words = self.words[ours]
            hit = [word for word in words.left if word.strip().lower() in tokens]
            self.ledger.repair(rule, place, words.count(hit), example=(hit[0] if hit else "", ""), file=self.file.name)
            words.put(lambda word: None if word in hit else word)
            return
        is_token = f"lower({column}::VARCHAR) IN ({listed(sorted(tokens))})"
        n, first = self.file.engine.row(f"SELECT count(*), arg_min({column}::VARCHAR, {LINE}) FROM {self.file.view} WHERE {is_token}")
        self.ledger.repair(rule, place, n, example=(first or "", ""), file=self.file.name)
        if n:
            self.cells[ours] = f"CASE WHEN {is_token} THEN NULL ELSE {column} END"

    def _has_nan(self, column: str) -> bool:
        """Tell whether a double is no number; only a sum tells, as DuckDB believes a file's least and largest values, which leave these out."""
        return bool(self.file.engine.row(f"SELECT isnan(sum({column})) FROM {self.file.view}")[0])

    def _translate(self, ours: str) -> None:
        """Put words into our words, as `translated` does."""
        words = self.words.get(ours)
        if (self.frame, ours) == ("opportunities", "competitor"):
            self._name_competitors(ours)
        if has_vocabulary(self.frame, ours):
            if words is None:
                raise self.unfit(ours, msg("more than {n} different words", n=FEW))
            words.put(lambda word: closed_value(self.frame, ours, word) or word)
        if kind_in(self.frame, ours, self.maps) == "currency" and words is None:
            raise self.unfit(ours, msg("more than {n} different words", n=FEW))
        if kind_in(self.frame, ours, self.maps) in ("category", "text") and ours != "name":
            self._refuse_damage(ours)

    def _name_competitors(self, ours: str) -> None:
        words = self.words.get(ours)
        if words is None:
            raise self.unfit(ours, msg("more than {n} different words", n=FEW))
        aside = Ledger()
        left = words.left
        found = competition(pd.Series(left, dtype="str"), self.headings[ours], self.file.name, aside)
        if aside.flags:
            raise self.unfit(ours, msg("it says only whether there was a competitor"))
        named = dict(zip(left, map(str, found), strict=True))
        words.put(named.__getitem__)

    def _refuse_damage(self, ours: str) -> None:
        """Stop at ranges that Excel made dates: whether they can be mended depends on what stands beside them."""
        words = self.words.get(ours)
        if words is not None:
            is_damaged = bool(mend_ranges(pd.Series(words.left, dtype="str"))[1])
        else:
            column = quoted(self.headings[ours])
            suspects = self.file.engine.rows(f"SELECT DISTINCT {column} FROM {self.file.view} WHERE regexp_matches({column}, {literal(_DAMAGED)})")
            is_damaged = any(undamaged(text) is not None for (text,) in suspects)
        if is_damaged:
            raise self.unfit(ours, msg("it holds ranges that Excel made dates"))

    def _refuse_odd_numbers(self) -> None:
        """Stop at numbers and days that come out of their text otherwise than they went in; shares above 1 are per cent."""
        for ours, header in self.headings.items():
            if self.file.is_text(header) or not self.file.filled[header] or self._type(ours) in ("BOOLEAN", "VARCHAR"):
                continue
            kind, column = kind_in(self.frame, ours, self.maps), self.cells[ours]
            low, high = self._ends(f"year({column})" if kind in DATE_KINDS else column)
            if low is None or high is None:
                continue
            if kind in DATE_KINDS:
                if low < 1900 or high > 2200:
                    raise self.unfit(ours, msg("it holds days outside the years 1900 to 2200"))
                continue
            exact = EXACT / 100 / self._factor(ours) if kind == "money" else EXACT / 10
            if not (-exact <= low and high <= exact):
                raise self.unfit(ours, msg("it holds numbers that are too large"))
            self._refuse_odd_fractions(ours, column)
            self.cells[ours] = self._number(ours, max(-low, high))
            if kind == "share" and (high > 1 or says_percent(header)):
                self.cells[ours] = f"{self.cells[ours]}::DOUBLE / 100"

    def _number(self, ours: str, largest: float) -> str:
        """Return a column as a number: a decimal whose digits are more than a double's comes out of its text, as the nearest double."""
        kind, column = self.file.kinds[self.headings[ours]], self.cells[ours]
        is_long = str(kind).startswith("decimal") and largest * 10**kind.scale > EXACT
        return f"{column}::VARCHAR::DOUBLE" if is_long else column

    def _ends(self, expression: str) -> tuple[float | None, float | None]:
        low, high = self.file.engine.row(f"SELECT min({expression}), max({expression}) FROM {self.file.view}")
        return (None, None) if low is None else (float(low), float(high))

    def _refuse_odd_fractions(self, ours: str, column: str) -> None:
        """Stop at fractions of what is whole, at numbers written with an exponent, and at a column that reads both ways, such as 1.234."""
        kind = self.file.kinds[self.headings[ours]]
        if str(kind).startswith(("int", "uint")):
            return
        is_fraction, tiny, proven = self.file.engine.row(
            f"SELECT bool_or({column} <> trunc({column})), bool_or({column} <> 0 AND abs({column}) < 1e-6), "
            f"bool_or({column} <> trunc({column}) AND (abs({column}) < 1 OR abs({column}) >= 1000)) FROM {self.file.view}"
        )
        if is_fraction and self._type(ours) == "BIGINT":
            raise self.unfit(ours, msg("it holds numbers that are not whole"))
        if not self.file.written.is_typed:
            return  # its text told how its numbers read
        if str(kind).startswith("decimal"):
            is_proven = kind.scale != 3 or self.file.engine.row(f"SELECT bool_or(abs({column}) < 1 OR abs({column}) >= 1000) FROM {self.file.view}")[0]
        else:
            if tiny:
                raise self.unfit(ours, msg("it holds numbers that are too small"))
            is_proven = proven or not self._reads_both_ways(column)
        if not is_proven:
            raise self.unfit(ours, msg("all its numbers read both ways, such as 1.234"))

    def _reads_both_ways(self, column: str) -> bool:
        """Tell whether doubles have three digits behind the point, and none another number of them."""
        text = f"abs({column})::VARCHAR"
        both_ways, one_way = self.file.engine.row(
            f"SELECT bool_or(regexp_matches({text}, '\\.\\d{{3}}$')), bool_or(regexp_matches({text}, '\\.(\\d{{1,2}}|\\d{{4,}})$') "
            f"AND {column} <> trunc({column})) FROM {self.file.view}"
        )
        return bool(both_ways and not one_way)


def date_styles(file: ParquetFile, assignment: Assignment) -> dict[str, str]:
    """Return how the file writes its days: a typed column has one way only."""
    written = file.written.date_styles
    dated = [header for ours, header in assignment.found.items() if kind_of(assignment.frame, ours) in DATE_KINDS]
    return {header: written.get(header, "iso") for header in dated if file.filled[header]}

