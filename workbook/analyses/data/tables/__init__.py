"""Tables of the data chapter."""

from workbook.analyses.data.tables.deals import cycle_outcomes, milestones, pipeline_stages, pipeline_states, velocity, won_years
from workbook.analyses.data.tables.numbers import key_numbers, plan
from workbook.analyses.data.tables.reading import (
    assumptions,
    files,
    fill_rates,
    flags,
    frames,
    joins,
    repairs,
    sources,
    stages,
    unmapped,
)
from workbook.analyses.data.tables.win_rates import contrasts, group_tests, groups, intervals, outcomes, quarters, years

__all__ = [
    "assumptions",
    "contrasts",
    "cycle_outcomes",
    "files",
    "fill_rates",
    "flags",
    "frames",
    "group_tests",
    "groups",
    "intervals",
    "joins",
    "key_numbers",
    "milestones",
    "outcomes",
    "pipeline_stages",
    "pipeline_states",
    "plan",
    "quarters",
    "repairs",
    "sources",
    "stages",
    "unmapped",
    "velocity",
    "won_years",
    "years",
]
