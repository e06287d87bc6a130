"""Impact of aligning sales and marketing: what our own data can show, and what the published benchmarks are worth."""

from workbook.analyses import Opening, by_name
from workbook.analyses.alignment_impact.register import published_figures

__all__ = ["published_figures"]

__getattr__ = by_name(__name__)

OPENING = (
    Opening("effect", ("units", "opportunities", "leads", "accounts", "invoices", "spend"), ("units", "opportunities.created_on"), "effects"),
    Opening("self_rating", ("survey",), ("survey",), "perception_gap"),
    Opening("observed", ("leads", "goals", "staff", "survey"), ("leads.mql_at",), "observed"),
    Opening("evidence", (), (), "by_grade", lambda: (published_figures(),)),
)
