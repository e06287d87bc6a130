"""Tables of the alignment chapter."""

from workbook.analyses.alignment_impact.tables.cooperation import observed, rating_index, self_rating
from workbook.analyses.alignment_impact.tables.effects import battery, benchmarks, designs, effects, units
from workbook.analyses.alignment_impact.tables.evidence import evidence, grades
from workbook.analyses.alignment_impact.tables.money import money_steps

__all__ = ["battery", "benchmarks", "designs", "effects", "evidence", "grades", "money_steps", "observed", "rating_index", "self_rating", "units"]
