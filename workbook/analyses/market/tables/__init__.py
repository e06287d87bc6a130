"""Tables of the market chapter."""

from workbook.analyses.market.tables.ansoff import ansoff, ansoff_asks, ansoff_options
from workbook.analyses.market.tables.growth import own, part_growth
from workbook.analyses.market.tables.outlook import methods, scenarios
from workbook.analyses.market.tables.risk import customers
from workbook.analyses.market.tables.shares import concentration, share_changes
from workbook.analyses.market.tables.size import answer, assumptions, gaps, parts, sizing

__all__ = [
    "ansoff",
    "ansoff_asks",
    "ansoff_options",
    "answer",
    "assumptions",
    "concentration",
    "customers",
    "gaps",
    "methods",
    "own",
    "part_growth",
    "parts",
    "scenarios",
    "share_changes",
    "sizing",
]
