"""Figures of the alignment chapter."""

from workbook.analyses.alignment_impact.figures.cooperation import area_index, observed, perception_gap
from workbook.analyses.alignment_impact.figures.effects import effects, event_study, placebos, twin
from workbook.analyses.alignment_impact.figures.evidence import by_grade, ceilings
from workbook.analyses.alignment_impact.figures.money import gain_and_cost

__all__ = ["area_index", "by_grade", "ceilings", "effects", "event_study", "gain_and_cost", "observed", "perception_gap", "placebos", "twin"]
