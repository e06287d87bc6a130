"""Figures of the market chapter."""

from workbook.analyses.market.figures.ansoff import ansoff
from workbook.analyses.market.figures.growth import market, part_growth, price_volume
from workbook.analyses.market.figures.outlook import outlook, saturation
from workbook.analyses.market.figures.shares import shares
from workbook.analyses.market.figures.sizing import drivers, sizing

__all__ = [
    "ansoff",
    "drivers",
    "market",
    "outlook",
    "part_growth",
    "price_volume",
    "saturation",
    "shares",
    "sizing",
]
