"""How a market series and its parts grow, and which parts gain on the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.analyses.market_series import Series
from workbook.stats.breaks import MIN_POINTS, unknown_break
from workbook.stats.errors import CannotEstimate
from workbook.stats.growth import Growth, log_trend
from workbook.text import Message, msg

MIN_YEARS = 4
MOST_DRAWS = 999
Trend = tuple[Growth | None, Message | None]
PART_COLUMNS = ["dimension", "name", "volume", "rate", "low", "high", "years_count", "share_rate", "p_value"]


def trend_of(series: Series, level: float) -> Trend:
    """Log trend over the comparable years with a level shift at each break inside them, or why there is none."""
    points = series.comparable
    return fit_trend(points["year"], points["volume"], breaks_inside(series), level)


def breaks_inside(series: Series) -> tuple[float, ...]:
    """Years after the first comparable one from which the measure is defined differently."""
    years = series.comparable["year"]
    return tuple(float(year) for year in series.breaks if years.min() < year <= years.max())


def fit_trend(years: pd.Series, volume: pd.Series, breaks: tuple[float, ...], level: float) -> Trend:
    """Log trend through yearly values, or why there is none."""
    needed = MIN_YEARS + len(breaks)
    if len(years) < needed:
        return None, msg("a trend needs {needed} years, there are {n}", needed=needed, n=len(years))
    try:
        return log_trend(years, volume, level, breaks), None
    except CannotEstimate as error:
        return None, _why(error)


def _why(error: CannotEstimate) -> Message:
    reasons = {
        "not_positive": msg("a value is zero or negative, and growth rates need positive ones"),
        "duplicate_times": msg("a year occurs twice"),
        "collinear": msg("the changes of definition leave no stretch to see a trend in"),
    }
    return reasons.get(error.reason_key, msg("the years do not suffice for a trend"))


def part_trends(series: Series, level: float) -> pd.DataFrame:
    """Growth of each region and segment, and whether its share of the market moves.

    One row per part: dimension (region or segment), name, volume (last year), rate, low, high, years_count, share_rate (yearly
    change of its share, relative), p_value (of no change of its share). Fastest first.
    """
    tables = [_part_rows(series, name, rows, level) for name, rows in (("region", series.regions), ("segment", series.parts))]
    table = pd.DataFrame([row for rows in tables for row in rows], columns=PART_COLUMNS)
    return table.sort_values(["dimension", "rate", "name"], ascending=[True, False, True], ignore_index=True)


def _part_rows(series: Series, dimension: str, rows: pd.DataFrame, level: float) -> list[dict[str, object]]:
    """Only parts with a value in every comparable year: a part that comes late would look like growth of the others."""
    wide = rows.groupby(["year", dimension])["volume"].sum().unstack()
    wide = wide.loc[[year for year in series.comparable["year"] if year in wide.index]].dropna(axis=1)
    if wide.shape[1] < 2 or len(wide) < MIN_YEARS:
        return []
    years, whole, breaks, found = wide.index.to_series(), wide.sum(axis=1), breaks_inside(series), []
    for name in wide.columns:
        growth, _ = fit_trend(years, wide[name], breaks, level)
        moved, _ = fit_trend(years, wide[name] / whole, (), level)
        if growth is not None and moved is not None:
            found.append({
                "dimension": dimension, "name": str(name), "volume": float(wide[name].iloc[-1]), "rate": growth.value,
                "low": growth.low, "high": growth.high, "years_count": growth.n, "share_rate": moved.value, "p_value": moved.p_value,
            })  # fmt: skip
    return found


def break_tests(found: list[Series], draws: int, seed: int) -> pd.DataFrame:
    """Test each series for a break that nobody noted, within the longest stretch of one definition.

    One row per series with at least twelve such years: measure, year (first one after the most suspicious break), p_value.
    """
    rows = []
    for series in found:
        points = longest_stretch(series)
        if len(points) < MIN_POINTS or not (points["volume"] > 0).all():
            continue
        try:
            tested = unknown_break(points["year"], np.log(points["volume"]), min(draws, MOST_DRAWS), seed)
        except CannotEstimate:
            continue
        rows.append({"measure": series.measure, "year": int(tested.time), "p_value": tested.p_value})
    return pd.DataFrame(rows, columns=["measure", "year", "p_value"])


def longest_stretch(series: Series) -> pd.DataFrame:
    """The comparable years of the longest stretch without a noted break (the later of two equally long ones): year, volume."""
    points = series.comparable
    piece = points["year"].map(lambda year: sum(year >= b for b in series.breaks))
    sizes = points.groupby(piece)["year"].agg(["count", "max"]).sort_values(["count", "max"])
    longest: pd.DataFrame = points[piece == sizes.index[-1]]
    return longest
