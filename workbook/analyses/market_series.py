"""One comparable yearly series per measure out of the market frame.

A row without segment is the stated total of its region; where it exists it is used and the segments are compared with
it, else the segments are added up. A row without region beside rows with one is the total over regions. Years enter a
series only where they are made of the same parts as the reference year: a region that reports late must not look like a
shrinking market. Money is brought to whole units of its currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.analyses.units import read_unit
from workbook.frames.names import measure_name
from workbook.text import Message, Quantity, msg, quantity

if TYPE_CHECKING:
    from ibis.expr.types import Table

COLUMNS = ("year", "region", "segment", "measure", "volume", "unit", "currency", "source", "grade", "is_break", "break_measure", "note")
RECENT_YEARS = 3  # the reference year is looked for among the last three: newer ones may still be incomplete
WHOLE = ""  # a missing region or segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One measure over the years.

    measure: name; currency: ISO code where it is money; unit: `money` or `count`; label: what is counted. years: one row per
    year: year, volume (stated total where there is one, else the sum), stated, summed, cells_count, is_comparable.
    gaps: one row per year × region where both exist: year, region, stated, summed. parts: one row per year × region ×
    segment: volume. regions: one row per year × region: volume. breaks: years from which this measure is defined differently. other_breaks: one row per break of another
    measure noted on these rows: year, break_measure, note. sources: one row per source × grade of the reference year. year:
    the reference year, the last complete one.
    """

    measure: str
    currency: str | None
    label: str
    years: pd.DataFrame
    gaps: pd.DataFrame
    parts: pd.DataFrame
    regions: pd.DataFrame
    breaks: tuple[int, ...]
    other_breaks: pd.DataFrame
    sources: pd.DataFrame
    year: int

    @property
    def name(self) -> Message | str:
        """The measure as a sentence calls it."""
        return measure_name(self.measure)

    @property
    def unit(self) -> str:
        """Unit of the headlines."""
        return "money" if self.currency else "count"

    @property
    def comparable(self) -> pd.DataFrame:
        """The years that may be compared: year, volume; ascending."""
        return self.years.loc[self.years["is_comparable"], ["year", "volume"]].reset_index(drop=True)

    def amount(self, value: float | None) -> Quantity:
        """A value of the series with its unit, ready for a sentence."""
        return quantity(value, self.unit, self.currency)


def select_rows(market: Table, as_of: date) -> Table:
    """Return the market's rows up to the reporting year. One row per year × region × segment × measure; lazy."""
    kept = market.filter((market.year <= as_of.year) & market.volume.notnull())
    return kept.select(*COLUMNS)


def read_series(rows: pd.DataFrame) -> tuple[list[Series], int]:
    """Return the series, the main one first, and the number of rows left out because their cell was given twice.

    The main series is money if there is one, then the one with the longest history, then the first by name.
    """
    cells = _cells(rows)
    once = cells.sort_values(["grade", "source", "volume"], na_position="last", kind="stable")
    once = once.drop_duplicates(["series", "year", "region", "segment"])
    found = [_series(part, cells) for _, part in once.groupby("series", sort=True)]
    found.sort(key=lambda s: (s.currency is None, -len(s.comparable), s.measure, s.label, s.currency or ""))
    return found, len(cells) - len(once)


def main_series(found: list[Series], wanted: str) -> Series | Message:
    """Return the series asked for (empty: the first), or why there is none."""
    if not found:
        return msg("the market data hold no value up to the reporting date")
    if not wanted:
        return found[0]
    for series in found:
        if series.measure.lower() == wanted.strip().lower():
            return series
    known = tuple(dict.fromkeys(series.measure for series in found))
    return msg("the market data have no measure {wanted}; they have {known}", wanted=wanted, known=known)


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Add series (measure and unit), volume in whole units; missing names become empty."""
    cells = rows.copy()
    for name in ("region", "segment", "measure", "unit", "source", "grade", "break_measure", "note"):
        cells[name] = cells[name].astype(object).where(cells[name].notna(), WHOLE).map(lambda value: str(value).strip())
    units = [read_unit(u, c if isinstance(c, str) and c else None) for u, c in zip(cells["unit"], cells["currency"], strict=True)]
    cells["volume"] = cells["volume"].astype(float) * [unit.scale for unit in units]
    cells["currency"] = [unit.currency or WHOLE for unit in units]
    cells["label"] = [unit.label for unit in units]
    cells["is_break"] = cells["is_break"].fillna(False).astype(bool)
    cells["year"] = cells["year"].astype(int)
    cells["series"] = [
        "\x1f".join((measure.lower(), currency, label.lower()))
        for measure, currency, label in zip(cells["measure"], cells["currency"], cells["label"], strict=True)
    ]
    return cells


def _series(part: pd.DataFrame, cells: pd.DataFrame) -> Series:
    first = part.sort_values(["year", "measure"]).iloc[-1]
    rows = _by_region(part)
    by_region = pd.DataFrame(rows)
    years = pd.DataFrame([_year_row(year, list(regions)) for year, regions in groupby(rows, key=itemgetter("year"))])
    reference = _reference(years)
    years["is_comparable"] = (years["made_of"] == reference["made_of"]) & (years["year"] <= reference["year"])
    breaks, other_breaks = _breaks(part, str(first["measure"]))
    gaps = by_region[by_region["stated"].notna() & by_region["summed"].notna()]
    of_year = part[part["year"] == reference["year"]]
    return Series(
        measure=str(first["measure"]) or str(first["label"]), currency=str(first["currency"]) or None, label=str(first["label"]),
        years=years[["year", "volume", "stated", "summed", "cells_count", "is_comparable"]],
        gaps=gaps[["year", "region", "stated", "summed"]].reset_index(drop=True),
        parts=_segments(part), regions=_regions(by_region),
        breaks=breaks, other_breaks=other_breaks, sources=_sources(of_year), year=int(reference["year"]),
    )  # fmt: skip


def _segments(part: pd.DataFrame) -> pd.DataFrame:
    """The segments' rows; where a year gives them for all regions together, only those."""
    rows = part[part["segment"] != WHOLE]
    has_whole = rows["year"].isin(rows.loc[rows["region"] == WHOLE, "year"])
    kept = rows[~has_whole | (rows["region"] == WHOLE)]
    return kept[["year", "region", "segment", "volume"]].reset_index(drop=True)


def _regions(by_region: pd.DataFrame) -> pd.DataFrame:
    rows = by_region.assign(volume=by_region["stated"].fillna(by_region["summed"]))
    return rows.loc[rows["region"] != WHOLE, ["year", "region", "volume"]].reset_index(drop=True)


def _by_region(part: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per year × region, in that order: the stated total, the sum of the segments, and which of them counts."""
    cells: dict[tuple[int, str], list[tuple[str, float]]] = {}
    for year, region, segment, volume in zip(part["year"], part["region"], part["segment"], part["volume"], strict=True):
        cells.setdefault((int(year), str(region)), []).append((str(segment), float(volume)))
    return [_region_row(key, sorted(cells[key])) for key in sorted(cells)]


def _region_row(key: tuple[int, str], cells: list[tuple[str, float]]) -> dict[str, Any]:
    totals, segments = [c for c in cells if c[0] == WHOLE], [c for c in cells if c[0] != WHOLE]
    stated, summed = (sum(volume for _, volume in found) if found else float("nan") for found in (totals, segments))
    made_of = (WHOLE,) if totals else tuple(sorted(segment.lower() for segment, _ in segments))
    return {
        "year": key[0], "region": key[1], "stated": stated, "summed": summed, "made_of": made_of,
        "cells_count": 1 if totals else len(segments),
    }  # fmt: skip


def _year_row(year: int, regions: list[dict[str, Any]]) -> dict[str, object]:
    """One year: the total over regions where it is stated (an empty region), else the sum over the regions."""
    used = [row for row in regions if row["region"] == WHOLE] or regions
    stated, summed = (np.array([row[name] for row in used]) for name in ("stated", "summed"))
    return {
        "year": year, "volume": float(np.nansum(np.where(np.isnan(stated), summed, stated))), "stated": float(stated.sum()),
        "summed": float(summed.sum()), "cells_count": sum(row["cells_count"] for row in used),
        "made_of": tuple(sorted((row["region"].lower(), row["made_of"]) for row in used)),
    }  # fmt: skip


def _reference(years: pd.DataFrame) -> Any:
    """Return the last year with as many regions as any of the last three."""
    recent = years.tail(RECENT_YEARS)
    size = recent["made_of"].map(len)
    return recent[size == size.max()].iloc[-1]


def _breaks(part: pd.DataFrame, measure: str) -> tuple[tuple[int, ...], pd.DataFrame]:
    """Return the years in which this measure's definition changes, and the breaks of other measures noted beside it."""
    marked = part[part["is_break"]]
    is_own = (marked["break_measure"] == WHOLE) | (marked["break_measure"].str.lower() == measure.lower())
    other = marked.loc[~is_own, ["year", "break_measure", "note"]].drop_duplicates().sort_values(["year", "break_measure", "note"])
    return tuple(sorted({int(year) for year in marked.loc[is_own, "year"]})), other.reset_index(drop=True)


def _sources(rows: pd.DataFrame) -> pd.DataFrame:
    used = rows[rows["segment"] == WHOLE] if (rows["segment"] == WHOLE).any() else rows
    counted = used.groupby(["source", "grade"], sort=True).agg(cells_count=("volume", "size"), volume=("volume", "sum"))
    return counted.reset_index().sort_values(["volume", "source"], ascending=[False, True], ignore_index=True)
