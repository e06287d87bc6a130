"""Who shares the market: competitors by year and segment, and the company's own products."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.company import CURRENCY, FAMILIES, NAME, CompanyConfig
from workbook.demo.draw import stream, texts

COMPETITOR_YEARS = range(2022, 2026)


def simulate_competitors(config: CompanyConfig, market: pd.DataFrame, invoices: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return canonical competitors by year and segment; the own rows carry what was invoiced.

    Others are not named.
    """
    rng = stream(seed, "competitors")
    turnover = market[(market["measure"] == "turnover") & market["segment"].notna()]
    sizes = turnover.groupby(["year", "segment"])["volume"].sum() * 1e6
    family = {p.name: p.family for p in config.products}
    own = invoices.groupby([invoices["invoiced_on"].dt.year, invoices["product_id"].map(family)])["amount"].sum()
    rows: list[tuple[object, ...]] = []
    for year in COMPETITOR_YEARS:
        for segment in FAMILIES:
            size, mine = float(sizes[(year, segment)]), float(own.get((year, segment), 0.0))
            rows.append(
                (
                    NAME,
                    year,
                    segment,
                    "direct",
                    "international",
                    round(mine, -3),
                    CURRENCY,
                    round(mine / size, 4),
                    100.0,
                    "Field sales; Inside sales; Partner; Web shop",
                    "; ".join(FAMILIES),
                    True,
                )
            )
            for rival in config.competitors:
                share = _share(rival.shares, year, segment in rival.products.split("; ")) * float(rng.lognormal(0, 0.03))
                index = round(rival.price_index * float(rng.lognormal(0, 0.008)), 1)
                is_firm = bool(rival.products)
                if is_firm and share == 0.0:
                    continue
                rows.append(
                    (
                        rival.name,
                        year,
                        segment,
                        rival.kind,
                        rival.reach,
                        round(share * size, -5) if is_firm else np.nan,
                        CURRENCY if is_firm else None,
                        round(share, 4) if is_firm else np.nan,
                        index,
                        rival.channels or None,
                        rival.products or None,
                        False,
                    )
                )
    names = [
        "competitor",
        "year",
        "segment",
        "kind",
        "reach",
        "revenue",
        "currency",
        "market_share",
        "price_index",
        "channels",
        "products",
        "is_self",
    ]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype(dict.fromkeys(["competitor", "segment", "kind", "reach", "currency", "channels", "products"], "str"))


def _share(shares: tuple[float, float], year: int, is_offered: bool) -> float:
    """Share of a segment: what a firm holds of the whole, put into the segments that it offers."""
    start, end = shares
    whole = start + (end - start) * (year - COMPETITOR_YEARS[0]) / (len(COMPETITOR_YEARS) - 1)
    return whole * 1.35 if is_offered else 0.0


def simulate_products(config: CompanyConfig) -> pd.DataFrame:
    """Return canonical products; the name is the id."""
    return pd.DataFrame(
        {
            "product_id": texts([p.name for p in config.products]),
            "name": texts([p.name for p in config.products]),
            "family": texts([p.family for p in config.products]),
            "list_price": [float(p.list_price) for p in config.products],
            "currency": texts([CURRENCY] * len(config.products)),
            "launched_on": pd.to_datetime([p.launched_on for p in config.products]).astype("datetime64[us]"),
        }
    )
