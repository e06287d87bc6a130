"""Figures of the chapter on the ideal customer profile. None where there is nothing to draw."""

from workbook.analyses.icp_segmentation.figures.buying import journey, needs, roles
from workbook.analyses.icp_segmentation.figures.customers import concentration, marks, rfm_groups
from workbook.analyses.icp_segmentation.figures.leads import lead_curve, lead_groups
from workbook.analyses.icp_segmentation.figures.profile import later_marks
from workbook.analyses.icp_segmentation.figures.score import score_bands, score_calibration
from workbook.analyses.icp_segmentation.figures.segments import moves, segment_values, segments
from workbook.analyses.icp_segmentation.figures.value import held_out as value_held_out
from workbook.analyses.icp_segmentation.figures.value import value

__all__ = [
    "concentration",
    "journey",
    "later_marks",
    "lead_curve",
    "lead_groups",
    "marks",
    "moves",
    "needs",
    "rfm_groups",
    "roles",
    "score_bands",
    "score_calibration",
    "segment_values",
    "segments",
    "value",
    "value_held_out",
]
