"""Figures of the competitors chapter."""

from workbook.analyses.competitors.figures.landscape import encounters
from workbook.analyses.competitors.figures.losses import loss_reasons
from workbook.analyses.competitors.figures.perception import perceptual_map
from workbook.analyses.competitors.figures.price import discount, value_map
from workbook.analyses.competitors.figures.win_rates import adjusted, by_competitor, overall, strengths, trend

__all__ = [
    "adjusted",
    "by_competitor",
    "discount",
    "encounters",
    "loss_reasons",
    "overall",
    "perceptual_map",
    "strengths",
    "trend",
    "value_map",
]
