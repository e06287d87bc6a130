"""Total rows of an export against the sum of its lines: a difference means that lines are missing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbook.sources.convert import Reading, convert
from workbook.sources.layout import is_subtotal
from workbook.sources.ledger import Ledger
from workbook.sources.numbers import is_number
from workbook.sources.shape import Piece
from workbook.sources.table import RawTable
from workbook.text import msg, number


def check_totals(table: RawTable, pieces: Sequence[Piece], ledger: Ledger) -> None:
    """Flag total rows whose numbers are not the sums of their columns, neither with nor without the merged lines."""
    merged = {item.line for item in ledger.merged if item.file == table.file}
    stays = ~pd.Series(table.lines, index=table.cells.index).isin(merged)
    money = {
        h for p in pieces for ours, h in p.assignment.found.items() if ours in ("amount", "actual_amount", "revenue", "volume")
    }
    for line, cells in table.totals:
        if is_subtotal(cells):
            continue
        for header in sorted(money & set(table.header), key=table.header.index):
            position = table.header.index(header)
            cell = cells[position].strip() if position < len(cells) else ""
            if not cell or not is_number(cell):
                continue
            reading = _reading(pieces, header)
            stated = convert(pd.Series([cell], dtype="str"), "number", reading).iloc[0]
            values = convert(table.cells[header], "number", reading)
            sums = [float(values.sum()), float(values[stays].sum())]
            added = sums[1]
            if pd.notna(stated) and all(abs(stated - total) > max(1.0, 0.0005 * abs(total)) for total in sums):
                message = msg(
                    "the file states a total of {stated} for {column}, its lines add to {added}",
                    stated=number(float(stated)),
                    column=header,
                    added=number(added),
                )
                place = f"{pieces[0].frame}.{header}" if pieces else header
                ledger.flag("stated total differs", place, message, [(table.file, line, "", cell)])


def _reading(pieces: Sequence[Piece], header: str) -> Reading:
    for piece in pieces:
        for ours, their in piece.assignment.found.items():
            if their == header and ours in piece.styles.readings:
                return piece.styles.readings[ours]
    return Reading()
