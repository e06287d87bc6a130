"""Whom we meet in the market, against whom we win, and why we lose."""

from workbook.analyses import Opening, by_name

__getattr__ = by_name(__name__)

OPENING = (
    Opening("by_competitor", ("opportunities",), ("opportunities.competitor",), "by_competitor"),
    Opening("loss_reasons", ("opportunities",), ("opportunities.loss_reason",), "loss_reasons"),
    Opening("value_map", ("ratings", "competitors", "opportunities"), ("ratings", "competitors.price_index"), "value_map"),
    Opening("overall", ("opportunities",), ("opportunities.competitor",), "overall"),
    Opening("encounters", ("opportunities",), ("opportunities.competitor",), "encounters"),
)
