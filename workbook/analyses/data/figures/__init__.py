"""Figures of the data chapter."""

from workbook.analyses.data.figures.cycle import cycle
from workbook.analyses.data.figures.filling import fill_rates
from workbook.analyses.data.figures.groups import groups
from workbook.analyses.data.figures.pipeline import pipeline
from workbook.analyses.data.figures.win_rates import quarters, standing

__all__ = [
    "cycle",
    "fill_rates",
    "groups",
    "pipeline",
    "quarters",
    "standing",
]
