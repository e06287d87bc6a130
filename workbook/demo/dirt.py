"""Dirt in known, counted places of the canonical files. A good import takes it off again and says so.

Every rule notes where it worked. `is_restorable`: the clean value can be told from the cell (spelling, number
style, duplicates); else the row is to be flagged, and only dates and links suffer, never counts, rates or
sums.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbook.demo.cells import as_text
from workbook.demo.draw import Array, Rng, stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt:
    """One kind of dirt in one file.

    column is empty where whole rows are concerned; ids: the rows' first column.
    """

    rule: str
    frame: str
    column: str
    count: int
    is_restorable: bool
    note: str
    ids: list[str]


class Table:
    """A file as text while dirt is put on it.

    Rows are used once, so that kinds of dirt never meet in one row.
    """

    def __init__(self, name: str, cells: pd.DataFrame, rng: Rng) -> None:
        self.name, self.cells, self.rng = name, cells, rng
        self.free = np.ones(len(cells), dtype=bool)
        self.dirt: list[Dirt] = []

    def take(self, where: Any, count: int | None = None) -> Array:
        """Return count free rows that fulfil a condition (all if None) and mark them used.

        Sorted positions.
        """
        rows = np.flatnonzero(np.asarray(where, dtype=bool) & self.free)
        chosen = rows if count is None else np.sort(self.rng.choice(rows, size=count, replace=False))
        self.free[chosen] = False
        return np.asarray(chosen)

    def write(self, rule: str, column: str, rows: Array, values: list[str], note: str, *, is_restorable: bool = True) -> None:
        """Put values into a column's rows and note it."""
        cells = self.cells[column].to_numpy(object).copy()
        cells[rows] = values
        self.cells[column] = cells
        self.note(rule, column, [str(i) for i in self.cells.iloc[rows, 0]], note, is_restorable=is_restorable)

    def read(self, column: str, rows: Array) -> list[str]:
        """Return a column's cells."""
        return [str(v) for v in self.cells[column].to_numpy()[rows]]

    def note(self, rule: str, column: str, ids: list[str], note: str, *, is_restorable: bool = True) -> None:
        """Note dirt that was put on."""
        self.dirt.append(
            Dirt(
                rule=rule,
                frame=self.name,
                column=column,
                count=len(ids),
                is_restorable=is_restorable,
                note=note,
                ids=ids,
            )
        )


def soil(frames: dict[str, pd.DataFrame], seed: int) -> tuple[dict[str, pd.DataFrame], list[Dirt]]:
    """Return every frame as text with the dirt on it, and the list of the dirt."""
    from workbook.demo.dirt_rules import RULES

    tables = {name: Table(name, as_text(name, frame), stream(seed, f"dirt {name}")) for name, frame in frames.items()}
    for name, rules in RULES.items():
        for rule in rules:
            rule(tables[name])
    return {name: t.cells for name, t in tables.items()}, [d for t in tables.values() for d in t.dirt]


def lines(frames: dict[str, pd.DataFrame], tables: dict[str, pd.DataFrame], dirt: list[Dirt]) -> dict[str, dict[str, int]]:
    """Return the accounting of each file: lines below the header = kept + merged + not data; none is to be
    rejected.
    """
    counted = {}
    for name, frame in frames.items():
        mine = {d.rule: d.count for d in dirt if d.frame == name}
        merged = mine.get("duplicate_row", 0)
        not_data = mine.get("repeated_header", 0) + mine.get("total_row", 0)
        counted[name] = {
            "read": len(tables[name]),
            "kept": len(frame),
            "merged": merged,
            "not_data": not_data,
        }
    return counted


def as_json(dirt: list[Dirt]) -> list[dict[str, Any]]:
    """Return the list as plain values."""
    return [asdict(d) for d in dirt]


def german_date(iso: str) -> str:
    """2024-03-17 or 2024-03-17 09:12 → 17.03.2024 or 17.03.2024 09:12."""
    day = date.fromisoformat(iso[:10])
    return f"{day:%d.%m.%Y}{iso[10:]}"


def german_money(amount: str, sign: str = " €") -> str:
    """34560.50 → 34.560,50 €."""
    return f"{float(amount):,.2f}".translate(str.maketrans(",.", ".,")) + sign
