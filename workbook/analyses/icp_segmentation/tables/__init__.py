"""Tables of the chapter on the ideal customer profile. None where there is nothing to show."""

from workbook.analyses.icp_segmentation.tables.customers import best_customers, known, marks, rfm_groups
from workbook.analyses.icp_segmentation.tables.leads import lead_groups
from workbook.analyses.icp_segmentation.tables.plan import plan
from workbook.analyses.icp_segmentation.tables.score import score_bands, score_fields, scorecard
from workbook.analyses.icp_segmentation.tables.segments import candidates, segment_profiles, segments
from workbook.analyses.icp_segmentation.tables.value import held_out as value_held_out
from workbook.analyses.icp_segmentation.tables.value import value

__all__ = [
    "best_customers",
    "candidates",
    "known",
    "lead_groups",
    "marks",
    "plan",
    "rfm_groups",
    "score_bands",
    "score_fields",
    "scorecard",
    "segment_profiles",
    "segments",
    "value",
    "value_held_out",
]
