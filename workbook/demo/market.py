"""The market the company sells in, and who shares it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.company import CURRENCY, FAMILIES
from workbook.demo.draw import stream

YEARS = range(2012, 2026)
BREAK_YEAR = 2021
BREAK_FACTOR = 1.16
UNSTATED_YEAR, UNSTATED_REGION, UNSTATED_GAP = 2023, "Nordics", 3.4
# Turnover of 2012 in m EUR by market region, shares by segment, yearly growth of the log by segment.
SIZES = {"DACH": 176.0, "Benelux": 34.0, "Nordics": 31.0, "South-West": 72.0, "East": 15.0}
MIX = {"Motion control": 0.47, "Machine vision": 0.17, "Robot cells": 0.22, "Industrial software": 0.14}
GROWTH = {
    "Motion control": 0.022,
    "Machine vision": 0.068,
    "Robot cells": 0.051,
    "Industrial software": 0.094,
}
SHOCKS = {2020: -0.075, 2021: 0.03, 2023: -0.015}
SOURCES = {
    "Motion control": ("Trade association, yearly member survey", "B"),
    "Machine vision": ("Trade association, yearly member survey", "B"),
    "Robot cells": ("Analyst house, model estimate", "C"),
    "Industrial software": ("Own estimate from supplier reports", "D"),
}
TOTAL_SOURCE = ("National statistics offices, compiled", "A")
BREAK_NOTE = "From 2021 establishments with fewer than 10 employees are counted too; turnover is not concerned."
UNSTATED_NOTE = "Total revised after the segments were published."

Row = tuple[int, str, str | None, str, float, str, str | None, str, str, bool, str | None, str | None]
COLUMNS = [
    "year",
    "region",
    "segment",
    "measure",
    "volume",
    "unit",
    "currency",
    "source",
    "grade",
    "is_break",
    "break_measure",
    "note",
]


def simulate_market(seed: int) -> pd.DataFrame:
    """Return the canonical market: turnover and establishments by year, region and segment, with stated
    totals.

    The definition of establishments changes in 2021. In one region and year the stated total is not the sum.
    """
    rng = stream(seed, "market")
    rows: list[Row] = []
    common = {year: rng.normal(0, 0.008) + SHOCKS.get(year, 0.0) for year in YEARS}
    for region, size in SIZES.items():
        firms = {s: size * MIX[s] * (4.2 if s != "Industrial software" else 7.5) for s in FAMILIES}
        for year in YEARS:
            turnover = {s: _turnover(size, s, year, common[year] + rng.normal(0, 0.012)) for s in FAMILIES}
            counts = {s: float(round(_establishments(firms[s], year))) for s in FAMILIES}
            rows += _turnover_rows(year, region, turnover) + _establishment_rows(year, region, counts)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    text = ["region", "segment", "measure", "unit", "currency", "source", "grade", "break_measure", "note"]
    return frame.astype(dict.fromkeys(text, "str"))


def _turnover(size: float, segment: str, year: int, shock: float) -> float:
    """Turnover in m EUR: trend on the log plus this year's shock."""
    return round(float(size * MIX[segment] * np.exp(GROWTH[segment] * (year - 2012) + shock)), 1)


def _establishments(start: float, year: int) -> float:
    return start * 1.006 ** (year - 2012) * (BREAK_FACTOR if year >= BREAK_YEAR else 1.0)


def _turnover_rows(year: int, region: str, turnover: dict[str, float]) -> list[Row]:
    is_break = year == BREAK_YEAR
    concerned = "establishments" if is_break else None
    note = BREAK_NOTE if is_break else None
    unit = ("turnover", "m EUR", CURRENCY)
    rows: list[Row] = [
        (year, region, s, unit[0], volume, unit[1], unit[2], *SOURCES[s], is_break, concerned, note)
        for s, volume in turnover.items()
    ]
    is_unstated = (year, region) == (UNSTATED_YEAR, UNSTATED_REGION)
    total = round(sum(turnover.values()) - (UNSTATED_GAP if is_unstated else 0.0), 1)
    note = UNSTATED_NOTE if is_unstated else note
    return [
        *rows,
        (year, region, None, *unit[:1], total, *unit[1:], *TOTAL_SOURCE, is_break, concerned, note),
    ]


def _establishment_rows(year: int, region: str, counts: dict[str, float]) -> list[Row]:
    is_break = year == BREAK_YEAR
    note = BREAK_NOTE if is_break else None
    named: list[tuple[str | None, float]] = [*counts.items(), (None, sum(counts.values()))]
    return [
        (
            year,
            region,
            s,
            "establishments",
            volume,
            "establishments",
            None,
            *TOTAL_SOURCE,
            is_break,
            None,
            note,
        )
        for s, volume in named
    ]
