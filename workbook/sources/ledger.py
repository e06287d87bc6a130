"""Where an import writes down whatever it changes, drops or doubts, while it runs. Nothing is lost silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workbook.sources.record import Flag, Repair, Sentence, StageRecord, UnmappedColumn, sentence
from workbook.text import Message


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that fills no row. raw: its text as read."""

    file: str
    line: int
    frame: str
    reason: Message
    raw: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A line that went into another one. kept_file, kept_line: the one that stayed."""

    file: str
    line: int
    frame: str
    key: str
    kept_file: str
    kept_line: int
    reason: Message


@dataclass(frozen=True, slots=True)
class FlaggedRow:
    """One row behind a flag."""

    rule: str
    frame: str
    column: str
    file: str
    line: int
    id: str
    value: str


class Listed(Protocol):
    """Flagged rows in order: a list, or what keeps millions of them elsewhere."""

    def extend(self, rows: Iterable[FlaggedRow], /) -> None: ...

    def __iter__(self) -> Iterator[FlaggedRow]: ...

    def __len__(self) -> int: ...


@dataclass
class Ledger:
    """Everything noted during one import, in the order in which it happened."""

    rejected: list[Rejected] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    rows: Listed = field(default_factory=list[FlaggedRow])
    repairs: list[Repair] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    unmapped: list[UnmappedColumn] = field(default_factory=list)
    stages: list[StageRecord] = field(default_factory=list)
    assumptions: list[Sentence] = field(default_factory=list)

    def repair(self, rule: str, place: str, count: int, *, example: Sequence[object] = ("", ""), file: str = "") -> None:
        """Note that `count` cells of `place` (`frame.column`) were changed; example: (before, after)."""
        if count:
            frame, _, column = place.partition(".")
            before, after = (str(part)[:120] for part in example)
            self.repairs.append(
                Repair(
                    rule=rule,
                    frame=frame,
                    column=column,
                    count=int(count),
                    example_before=before,
                    example_after=after,
                    file=file,
                )
            )

    def flag(
        self, rule: str, place: str, message: Message, rows: Iterable[tuple[str, int, str, str]] = (), *, count: int = 0
    ) -> None:
        """Note a doubt about `place` (`frame.column`). rows: (file, line, id, value) of each row behind it."""
        frame, _, column = place.partition(".")
        listed = [FlaggedRow(rule, frame, column, file, line, id_, value) for file, line, id_, value in rows]
        self.rows.extend(listed)
        self.flags.append(
            Flag(
                rule=rule,
                frame=frame,
                column=column,
                count=count or len(listed),
                message=sentence(message),
                file=listed[0].file if listed else "",
                first_line=listed[0].line if listed else None,
            )
        )

    def assume(self, message: Message) -> None:
        """Note an assumption, once."""
        self._assume(sentence(message))

    def take(self, other: Ledger) -> None:
        """Write down what another ledger holds, behind what stands here."""
        self.rejected += other.rejected
        self.merged += other.merged
        self.rows.extend(other.rows)
        self.repairs += other.repairs
        self.flags += other.flags
        self.unmapped += other.unmapped
        self.stages += other.stages
        for kept in other.assumptions:
            self._assume(kept)

    def _assume(self, kept: Sentence) -> None:
        if kept not in self.assumptions:
            self.assumptions.append(kept)
