"""Figures of the competitors chapter."""

from workbook.analyses.competitors.figures.battlecards import battlecards
from workbook.analyses.competitors.figures.landscape import encounters
from workbook.analyses.competitors.figures.losses import loss_reasons
from workbook.analyses.competitors.figures.win_rates import adjusted, by_competitor, overall

__all__ = [
    "adjusted",
    "battlecards",
    "by_competitor",
    "encounters",
    "loss_reasons",
    "overall",
]
