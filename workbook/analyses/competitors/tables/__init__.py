"""Tables of the competitors chapter."""

from workbook.analyses.competitors.tables.battlecards import battlecard_groups, battlecard_ratings, battlecards
from workbook.analyses.competitors.tables.landscape import encounters, landscape, reach
from workbook.analyses.competitors.tables.losses import loss_reasons, reasons_by_competitor
from workbook.analyses.competitors.tables.perception import perceptual_map, positions_told_apart
from workbook.analyses.competitors.tables.porter import porter
from workbook.analyses.competitors.tables.price import discount, discount_by_competitor, value_map
from workbook.analyses.competitors.tables.swot import swot, tows_moves
from workbook.analyses.competitors.tables.usp import usp
from workbook.analyses.competitors.tables.win_rates import adjusted, by_competitor, fill, overall, state_names, strengths, trend

__all__ = [
    "adjusted",
    "battlecard_groups",
    "battlecard_ratings",
    "battlecards",
    "by_competitor",
    "discount",
    "discount_by_competitor",
    "encounters",
    "fill",
    "landscape",
    "loss_reasons",
    "overall",
    "perceptual_map",
    "porter",
    "positions_told_apart",
    "reach",
    "reasons_by_competitor",
    "state_names",
    "strengths",
    "swot",
    "tows_moves",
    "trend",
    "usp",
    "value_map",
]
