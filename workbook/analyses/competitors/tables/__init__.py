"""Tables of the competitors chapter."""

from workbook.analyses.competitors.tables.battlecards import battlecard_groups, battlecard_ratings, battlecards
from workbook.analyses.competitors.tables.landscape import encounters, landscape
from workbook.analyses.competitors.tables.losses import loss_reasons, reasons_by_competitor
from workbook.analyses.competitors.tables.swot import swot
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
    "reasons_by_competitor",
    "state_names",
    "swot",
]
