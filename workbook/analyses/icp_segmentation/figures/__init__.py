"""Figures of the chapter on the ideal customer profile. None where there is nothing to draw."""

from workbook.analyses.icp_segmentation.figures.buying import journey, needs, roles
from workbook.analyses.icp_segmentation.figures.customers import concentration, marks, rfm_groups
from workbook.analyses.icp_segmentation.figures.leads import lead_curve, lead_groups
from workbook.analyses.icp_segmentation.figures.segments import moves, segment_values, segments

__all__ = [
    "concentration",
    "journey",
    "lead_curve",
    "lead_groups",
    "marks",
    "moves",
    "needs",
    "rfm_groups",
    "roles",
    "segment_values",
    "segments",
]
