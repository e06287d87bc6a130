"""How large the market is, how it grows, who holds it, and where our growth comes from."""

from workbook.analyses.market import (
    ansoff,
    concentration,
    figures,
    growth,
    outlook,
    risk,
    size,
    tables,
)

__all__ = [
    "ansoff",
    "concentration",
    "figures",
    "growth",
    "outlook",
    "risk",
    "size",
    "tables",
]
