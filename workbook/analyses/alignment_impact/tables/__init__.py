"""Tables of the alignment chapter."""

from workbook.analyses.alignment_impact.tables.effects import battery, benchmarks, designs, effects, units
from workbook.analyses.alignment_impact.tables.evidence import evidence, grades
from workbook.analyses.alignment_impact.tables.self_rating import rating_index, self_rating

__all__ = ["battery", "benchmarks", "designs", "effects", "evidence", "grades", "rating_index", "self_rating", "units"]
