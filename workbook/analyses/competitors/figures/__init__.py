"""Figures of the competitors chapter."""

from workbook.analyses.competitors.figures.battlecards import battlecards
from workbook.analyses.competitors.figures.landscape import encounters, landscape
from workbook.analyses.competitors.figures.losses import loss_reasons
from workbook.analyses.competitors.figures.perception import perceptual_map
from workbook.analyses.competitors.figures.price import discount, value_map
from workbook.analyses.competitors.figures.usp import usp
from workbook.analyses.competitors.figures.win_rates import adjusted, by_competitor, overall, strengths, trend

__all__ = [
    "adjusted",
    "battlecards",
    "by_competitor",
    "discount",
    "encounters",
    "landscape",
    "loss_reasons",
    "overall",
    "perceptual_map",
    "strengths",
    "trend",
    "usp",
    "value_map",
]
