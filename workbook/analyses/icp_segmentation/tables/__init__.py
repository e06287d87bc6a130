"""Tables of the chapter on the ideal customer profile. None where there is nothing to show."""

from workbook.analyses.icp_segmentation.tables.buying import buying_centre_sizes, journey, need_cases, needs, roles, touches
from workbook.analyses.icp_segmentation.tables.customers import best_customers, known, marks, rfm_groups
from workbook.analyses.icp_segmentation.tables.leads import lead_groups
from workbook.analyses.icp_segmentation.tables.plan import plan
from workbook.analyses.icp_segmentation.tables.profile import later_marks, mark_fill, mark_pairs
from workbook.analyses.icp_segmentation.tables.score import score_bands, score_fields, scorecard
from workbook.analyses.icp_segmentation.tables.segments import (
    candidates,
    cards,
    methods,
    moves,
    moves_by_group,
    segment_profiles,
)
from workbook.analyses.icp_segmentation.tables.value import held_out as value_held_out
from workbook.analyses.icp_segmentation.tables.value import value

__all__ = [
    "best_customers",
    "buying_centre_sizes",
    "candidates",
    "cards",
    "journey",
    "known",
    "later_marks",
    "lead_groups",
    "mark_fill",
    "mark_pairs",
    "marks",
    "methods",
    "moves",
    "moves_by_group",
    "need_cases",
    "needs",
    "plan",
    "rfm_groups",
    "roles",
    "score_bands",
    "score_fields",
    "scorecard",
    "segment_profiles",
    "touches",
    "value",
    "value_held_out",
]
