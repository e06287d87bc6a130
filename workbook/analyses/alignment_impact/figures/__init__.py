"""Figures of the alignment chapter."""

from workbook.analyses.alignment_impact.figures.effects import effects, event_study, placebos, twin
from workbook.analyses.alignment_impact.figures.evidence import by_grade, ceilings
from workbook.analyses.alignment_impact.figures.self_rating import perception_gap

__all__ = ["by_grade", "ceilings", "effects", "event_study", "perception_gap", "placebos", "twin"]
