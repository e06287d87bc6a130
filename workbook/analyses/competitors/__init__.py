"""Whom we meet in the market, against whom we win, and why we lose."""

from workbook.analyses.competitors import (
    by_competitor,
    by_competitor_adjusted,
    encounters,
    figures,
    landscape,
    loss_reasons,
    overall,
    swot,
    tables,
)

__all__ = [
    "by_competitor",
    "by_competitor_adjusted",
    "encounters",
    "figures",
    "landscape",
    "loss_reasons",
    "overall",
    "swot",
    "tables",
]
