"""Rows that the CRM marks as deleted, as a full export of Salesforce has them: they are no data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workbook.sources.convert import flag
from workbook.sources.ledger import Ledger
from workbook.sources.names import normalise
from workbook.sources.table import RawTable

RULE = "lines marked as deleted"
MOST_WORDS = 50
_HEADINGS = frozenset(["isdeleted", "deleted", "deletedflag", "deletionflag", "geloescht", "istgeloescht", "loeschkennzeichen", "loeschvormerkung", "loeschkz", "hsisdeleted"])


@dataclass(frozen=True, slots=True)
class Marked:
    """Where rows are marked. words: the cells that mark one, in order."""

    heading: str
    words: tuple[str, ...]


def marked(heading: str, words: Sequence[str]) -> Marked | None:
    """Return how a column marks rows as deleted, None where it does not. words: its distinct cells."""
    if normalise(heading) not in _HEADINGS or len(words) > MOST_WORDS or any(flag(word) is None for word in words):
        return None
    said = tuple(word for word in words if flag(word))
    return Marked(heading, said) if said else None


def without_deleted(table: RawTable) -> RawTable:
    """Return a table without the rows that a column of it marks as deleted. Where all are marked, the mark means something else."""
    for heading in table.header:
        column = table.cells[heading]
        found = marked(heading, [str(word) for word in column.dropna().unique()]) if normalise(heading) in _HEADINGS else None
        stays = ~column.isin(found.words).to_numpy() if found is not None else None
        if found is not None and stays is not None and stays.any():
            gone = int((~stays).sum())
            cells = table.cells[stays].reset_index(drop=True)
            return replace(table, cells=cells, lines=table.lines[stays], not_data=table.not_data + gone, deleted=(heading, gone, found.words[0]))
    return table


def note_deleted(deleted: tuple[str, int, str] | None, file: str, frame: str, ledger: Ledger) -> None:
    """Note how many rows were left out. deleted: as a `RawTable` has it."""
    if deleted is not None:
        heading, count, word = deleted
        ledger.repair(RULE, f"{frame}.{heading}", count, example=(word, ""), file=file)


def headings(names: Iterable[str]) -> list[str]:
    """Return the headings of columns that may mark rows as deleted."""
    return [name for name in names if normalise(name) in _HEADINGS]
