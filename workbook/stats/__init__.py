"""Statistics on plain arrays and frames. A leaf: knows no data set, imports nothing else of the workbook.

Convention for input that carries no information: a function that returns a value with an interval returns NaN
and names the cause in `reason` (a key of `errors.REASONS`); a model that cannot be fitted at all raises
`CannotEstimate`. Input that is wrong in itself (more successes than trials, a level of 95) raises
`ValueError`.
"""
