"""Text columns to typed ones; what does not fit is missing and flagged with its lines."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.sources.convert import DATE_KINDS, TEXT_KINDS, Reading, convert
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import ColumnMap
from workbook.sources.styles import MELTED, Styles
from workbook.sources.translate import kind_in
from workbook.text import msg


def typed(text: pd.DataFrame, how: tuple[str, dict[str, ColumnMap], Styles, pd.DataFrame], ledger: Ledger) -> pd.DataFrame:
    """Return typed columns; cells that do not fit become missing and are flagged with their lines."""
    frame, maps, styles, place = how
    data = {}
    for ours in text.columns:
        if ours == MELTED:
            continue
        kind = kind_in(frame, ours, maps)
        reading = styles.readings.get(ours)
        typed = convert(text[ours], kind, reading or Reading())  # type: ignore[arg-type]
        bad = (text[ours].notna() & typed.isna()).to_numpy()
        if bad.any():
            _flag_unreadable(text[ours][bad], f"{frame}.{ours}", (kind, place[bad]), ledger)
        factor = maps[ours].factor if ours in maps else None
        data[ours] = typed * factor if factor is not None and kind not in (*TEXT_KINDS, *DATE_KINDS, "flag") else typed
    return pd.DataFrame(data, index=text.index)


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
