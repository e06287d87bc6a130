"""Impact of aligning sales and marketing: what our own data can show, and what the published benchmarks are worth."""

from workbook.analyses.alignment_impact import detectable, effect, evidence, figures, self_rating, tables
from workbook.analyses.alignment_impact.register import published_figures

__all__ = ["detectable", "effect", "evidence", "figures", "published_figures", "self_rating", "tables"]
