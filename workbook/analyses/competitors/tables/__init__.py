"""Tables of the competitors chapter."""

from workbook.analyses.competitors.tables.battlecards import battlecard_groups, battlecard_ratings, battlecards
from workbook.analyses.competitors.tables.landscape import encounters, landscape, reach
from workbook.analyses.competitors.tables.losses import loss_reasons, reasons_by_competitor
from workbook.analyses.competitors.tables.porter import porter
from workbook.analyses.competitors.tables.swot import swot, tows_moves
from workbook.analyses.competitors.tables.usp import usp
from workbook.analyses.competitors.tables.win_rates import adjusted, by_competitor, fill, overall, state_names

__all__ = [
    "adjusted",
    "battlecard_groups",
    "battlecard_ratings",
    "battlecards",
    "by_competitor",
    "encounters",
    "fill",
    "landscape",
    "loss_reasons",
    "overall",
    "porter",
    "reach",
    "reasons_by_competitor",
    "state_names",
    "swot",
    "tows_moves",
    "usp",
]
