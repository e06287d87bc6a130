"""The two ways to a market's size, from the data at hand: what each assumes where the settings say nothing."""

from __future__ import annotations

import math

import pandas as pd

from workbook.analyses.market.assumptions import Assumed, spread_of
from workbook.analyses.market_series import Series
from workbook.analyses.market_shares import Shares
from workbook.stats.unseen import chao
from workbook.text import Message, msg

NAMES = {
    "tam": msg("Whole market a year"),
    "served_share": msg("Part of it that we serve"),
    "own_share": msg("Our share of the part served"),
    "buyers": msg("Companies that buy"),
    "demand": msg("Demand per company and year"),
    "win_share": msg("Part of the demand we win"),
}


def whole_market(main: Series) -> Assumed:
    """The published value of the reference year, as far off as its sources' grades allow."""
    volume = float(main.comparable["volume"].iloc[-1])
    off = spread_of(main.sources["grade"], main.sources["volume"])
    worst = max((str(g) or "E" for g in main.sources["grade"]), default="E")
    source = msg("market data {year}; margin by grade of source", year=str(main.year))
    return Assumed(key="tam", name=NAMES["tam"], low=volume * (1 - off), mode=volume, high=volume * (1 + off), unit="money", source=source, grade=worst)


def served(main: Series, named: pd.DataFrame, chosen: dict[str, tuple[str, ...]]) -> Assumed | None:
    """Share of the market in the regions and segments served: those set, else those whose names won deals carry.

    named: one row per kind (region, segment), column and name: won deals. A kind counts as told by the column whose names
    the market data know for four fifths of the won deals. The two shares are multiplied: segments are taken to be alike in
    all regions. None without won deals and settings.
    """
    if named.empty and not any(chosen.values()):
        return None
    volumes = _parts(main)
    told = {kind: _names(named[named["kind"] == kind], set(volumes[kind].index), chosen[kind]) for kind in volumes}
    known = {kind: _part(volumes[kind], names) for kind, names in told.items() if names}
    silent = [kind for kind, rows in volumes.items() if len(rows) > 1 and kind not in known]
    part = math.prod(known.values())
    if not silent:
        source = msg("settings") if any(chosen.values()) else msg("regions and segments that won deals name")
        return Assumed(key="served_share", name=NAMES["served_share"], low=part, mode=part, high=part, unit="share", source=source, grade="C")
    kinds = tuple({"region": msg("regions"), "segment": msg("segments")}[kind] for kind in silent)
    source = msg("won deals do not name the {kinds} of the market data: all taken as served, perhaps only half of them", kinds=kinds)
    return Assumed(key="served_share", name=NAMES["served_share"], low=part / 2, mode=part, high=part, unit="share", source=source, grade="E")


TOLD = 0.8  # of the won deals must carry a name that the market data know


def _names(named: pd.DataFrame, market: set[str], chosen: tuple[str, ...]) -> set[str]:
    """Names served: the chosen ones, else those on won deals in the column that fits best; empty where none fits."""
    if chosen:
        return {name.strip().lower() for name in chosen} & market
    best: tuple[float, set[str]] = (0.0, set())
    for _, rows in named.groupby("column", sort=True):
        fits = rows["name"].isin(market)
        covered = float(rows.loc[fits, "deals_count"].sum()) / float(rows["deals_count"].sum())
        best = max(best, (covered, set(rows.loc[fits, "name"])), key=lambda found: found[0])
    return best[1] if best[0] >= TOLD else set()


def _parts(main: Series) -> dict[str, pd.Series]:
    """Volume per region and per segment of the reference year, names in lower case."""
    found = {}
    for name, rows in (("region", main.regions), ("segment", main.parts)):
        used = rows[rows["year"] == main.year]
        found[name] = used["volume"].groupby(used[name].str.lower()).sum()
    return found


def _part(volumes: pd.Series, names: set[str]) -> float:
    total = float(volumes.sum())
    return float(volumes[volumes.index.isin(names)].sum()) / total if total > 0 else 0.0


def own_share(shares: Shares, won: pd.DataFrame, main: Series, part: float) -> Assumed | None:
    """Our share of the part served: latest year; lowest of the years; highest of a year or a segment.

    From the competitor data where a row is marked as this firm, else the won amount of complete years over the market.
    """
    own = shares.overall[shares.overall["is_self"].astype(bool)] if len(shares.overall) else shares.overall
    if len(own):
        values = own.sort_values("year")["market_share"]
        best = shares.by_segment.loc[shares.by_segment["is_self"].astype(bool) & (shares.by_segment["year"] == shares.year), "market_share"]
        source, grade = msg("own share in the competitor data; highest: best segment"), "C"
    else:
        both = won.merge(main.comparable, on="year")
        both = both[both["volume"] > 0]
        values, best = both.sort_values("year")["won"] / both["volume"], pd.Series(dtype=float)
        source, grade = msg("won amount of complete years over the market's size"), "D"
    if values.empty or not float(values.iloc[-1]) > 0 or part <= 0:
        return None
    mode = min(float(values.iloc[-1]) / part, 1.0)
    low, high = float(values.min()) / part, max(float(values.max()) / part, float(best.max()) if len(best) else 0.0, 1.25 * mode)
    return Assumed(key="own_share", name=NAMES["own_share"], low=min(low, mode), mode=mode, high=min(high, 1.0), unit="share", source=source, grade=grade)


def buyers(asked: pd.Series, listed: int) -> Assumed:
    """Companies that buy: those that asked us, those in the list of accounts, and the unseen ones (Chao 1987)."""
    found = chao(*(int(asked[name]) for name in ("accounts_count", "once_count", "twice_count")))
    known, mode = float(found.seen), max(found.total, float(listed))
    source = msg("{n} accounts with deals, {listed} in the list; unseen ones by Chao’s estimate", n=int(known), listed=listed)
    return Assumed(key="buyers", name=NAMES["buyers"], low=known, mode=mode, high=max(mode, found.interval.high), unit="count", source=source, grade="D")


def demand(years: pd.DataFrame, accounts: float) -> Assumed | None:
    """Amount of all deals opened in a year, whoever won them, per account that ever asked; over the complete years."""
    used = years[years["is_complete"] & (years["asked"] > 0)]
    if used.empty or accounts <= 0:
        return None
    mode = float(used.sort_values("year")["asked"].iloc[-1]) / accounts
    error = 1.96 * used["squares"].map(math.sqrt) / accounts
    each = used["asked"] / accounts
    low, high = float((each - error).clip(lower=0).min()), float((each + error).max())
    source: Message = msg("amounts of all deals opened in the {n} complete years", n=len(used))
    return Assumed(key="demand", name=NAMES["demand"], low=min(low, mode), mode=mode, high=max(high, mode), unit="money", source=source, grade="B")
