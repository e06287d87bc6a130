"""Market shares of the competitor frame: per segment, and for the whole market by the segments' sizes.

A row without segment speaks of the whole market and counts alone where there is one. A segment's size is what revenue
and share of its rows imply (median), else the market data's value. A missing share is revenue over that size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.market_series import Series
from workbook.stats.errors import CannotEstimate
from workbook.stats.growth import level_change
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

COLUMNS = ("competitor", "year", "segment", "kind", "reach", "revenue", "currency", "market_share", "price_index", "channels", "products", "is_self")
WHOLE = ""  # a missing segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Who holds how much.

    overall: one row per year × competitor: year, competitor, market_share (0–1), is_self; empty where segments cannot be put
    together, then `reason` says why. by_segment: the same per year × segment, with `size` (None: unknown) in `currency`.
    unshared: competitors without share and revenue. year: the latest year in which anybody holds a share, None without.
    """

    overall: pd.DataFrame
    by_segment: pd.DataFrame
    unshared: tuple[str, ...]
    year: int | None
    reason: Message | None = None


def select_competitors(competitors: Table, as_of: date) -> Table:
    """Return the competitor rows up to the reporting year. One row per competitor × year × segment; lazy."""
    return competitors.filter(competitors.year.isnull() | (competitors.year <= as_of.year)).select(*COLUMNS)


def read_shares(competitors: pd.DataFrame, market: list[Series], as_of: date) -> Shares:
    """Return the shares by segment and overall. competitors: rows as selected; market: the series of the market data, if any."""
    rows = _clean(competitors, as_of)
    filled = _with_sizes(rows, _market_sizes(market))
    known = filled[filled["market_share"].notna()]
    unshared = tuple(sorted(set(rows["competitor"]) - set(known["competitor"])))
    columns = ["year", "segment", "competitor", "market_share", "is_self", "size"]
    by_segment = known[columns].sort_values(columns[:3], ignore_index=True)
    held = known[known["market_share"] > 0]
    year = int(held["year"].max()) if len(held) else None
    overall, reason = _overall(by_segment)
    return Shares(overall=overall, by_segment=by_segment, unshared=unshared, year=year, reason=reason)


def _clean(competitors: pd.DataFrame, as_of: date) -> pd.DataFrame:
    rows = competitors.copy()
    rows["year"] = rows["year"].fillna(as_of.year).astype(int)
    rows["segment"] = rows["segment"].astype(object).where(rows["segment"].notna(), WHOLE).map(lambda s: str(s).strip())
    rows["competitor"] = rows["competitor"].map(lambda name: str(name).strip())
    rows["is_self"] = rows["is_self"].fillna(False).astype(bool)
    for name in ("revenue", "market_share"):
        rows[name] = rows[name].astype(float)
    rows["currency"] = rows["currency"].astype(object).where(rows["currency"].notna(), "")
    return rows.drop_duplicates(["competitor", "year", "segment"], ignore_index=True)


def _market_sizes(market: list[Series]) -> dict[tuple[int, str, str], float]:
    """Size by year, segment (lower case; empty: the whole) and currency, from the money series of the market data."""
    sizes: dict[tuple[int, str, str], float] = {}
    for series in reversed([s for s in market if s.currency]):
        sizes |= _series_sizes(series)
    return sizes


def _series_sizes(series: Series) -> dict[tuple[int, str, str], float]:
    code = str(series.currency)
    whole = {(int(y), WHOLE, code): float(v) for y, v in zip(series.years["year"], series.years["volume"], strict=True)}
    names = series.parts.assign(segment=series.parts["segment"].str.lower())
    parts = names.groupby(["year", "segment"])["volume"].sum().reset_index()
    return whole | {(int(y), str(s), code): float(v) for y, s, v in zip(parts["year"], parts["segment"], parts["volume"], strict=True)}


def _with_sizes(rows: pd.DataFrame, sizes: dict[tuple[int, str, str], float]) -> pd.DataFrame:
    implied = rows["revenue"] / rows["market_share"].where(rows["market_share"] > 0)
    keys = [rows["year"], rows["segment"], rows["currency"]]
    median = implied.groupby(keys).transform("median")
    known = [sizes.get((int(y), str(s).lower(), str(c))) for y, s, c in zip(*keys, strict=True)]
    size = median.where(median.notna(), pd.Series(known, index=rows.index, dtype=float))
    size = size.groupby([rows["year"], rows["segment"]]).transform("max")
    share = rows["market_share"].where(rows["market_share"].notna(), rows["revenue"] / size)
    return rows.assign(market_share=share, size=size)


def _overall(by_segment: pd.DataFrame) -> tuple[pd.DataFrame, Message | None]:
    """Put segments together; rows for the whole market count alone in their year."""
    parts, reason = [], None
    for year, rows in by_segment.groupby("year", sort=True):
        whole = rows[rows["segment"] == WHOLE]
        used = whole if len(whole) else rows
        sizes = used.drop_duplicates("segment").set_index("segment")["size"]
        if len(sizes) > 1 and sizes.isna().any():
            reason = msg("shares are given per segment and the size of {segments} is not known", segments=tuple(sizes[sizes.isna()].index))
            continue
        weight = used["segment"].map(sizes / sizes.sum()) if len(sizes) > 1 else 1.0
        weighted = used.assign(market_share=used["market_share"] * weight)
        parts.append(weighted.groupby("competitor").agg(market_share=("market_share", "sum"), is_self=("is_self", "max")).reset_index().assign(year=year))
    columns = ["year", "competitor", "market_share", "is_self"]
    if not parts:
        return pd.DataFrame(columns=columns), reason or msg("no competitor row carries a share or a revenue with the market's size")
    table = pd.concat(parts, ignore_index=True)[columns]
    latest = by_segment["year"].max()
    return table.sort_values(["year", "market_share", "competitor"], ascending=[True, False, True], ignore_index=True), (
        reason if table["year"].max() < latest else None
    )


CHANGE_COLUMNS = [
    "competitor", "first_year", "last_year", "first_share", "last_share", "change", "low", "high", "p_value", "years_count", "is_self",
]  # fmt: skip


def share_changes(overall: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Return the change of each share between the first and the last year; see `CHANGE_COLUMNS`.

    One row per competitor with a share in both; largest gain first. change: as published. low, high, p_value: of the change
    along a straight line through all its years – what scatters around it is all that is known of the shares' error; NaN
    under four years.
    """
    if overall["year"].nunique() < 2:
        return pd.DataFrame(columns=CHANGE_COLUMNS)
    first, last = int(overall["year"].min()), int(overall["year"].max())
    rows = [_change(name, part, (first, last), level) for name, part in overall.groupby("competitor", sort=True)]
    table = pd.DataFrame([row for row in rows if row is not None], columns=CHANGE_COLUMNS)
    return table.sort_values(["change", "competitor"], ascending=[False, True], ignore_index=True)


def _change(name: object, part: pd.DataFrame, ends: tuple[int, int], level: float) -> dict[str, object] | None:
    held = part.groupby("year")["market_share"].sum()
    if not all(year in held.index for year in ends):
        return None
    before, after = (float(held[year]) for year in ends)
    row: dict[str, object] = {
        "competitor": name, "first_year": ends[0], "last_year": ends[1], "first_share": before, "last_share": after,
        "change": after - before, "low": math.nan, "high": math.nan, "p_value": math.nan, "years_count": len(held),
        "is_self": bool(part["is_self"].any()),
    }  # fmt: skip
    try:
        along = level_change(held.index.to_numpy(float), held.to_numpy(float), level)
    except CannotEstimate:
        return row
    return row | {"low": along.low, "high": along.high, "p_value": along.p_value}
