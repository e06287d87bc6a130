"""How large an effect must be for a design to see it."""

from __future__ import annotations

import math

from workbook.stats.arrays import t_quantile
from workbook.stats.interval import check_level


def smallest_detectable(standard_error: float, dof: float, level: float = 0.95, power: float = 0.8) -> float:
    """Return the smallest true effect that a two-sided test at `level` finds with probability `power`.

    (t at 1 - (1 - level) / 2 + t at power) x standard error, t with `dof` degrees of freedom (Bloom 1995); 2.80 standard
    errors for infinite `dof` and the defaults. NaN without a standard error or degrees of freedom. Raises `ValueError`
    for a level or power outside 0-1.
    """
    check_level(level)
    check_level(power)
    if math.isnan(standard_error) or not dof > 0:
        return math.nan
    return (t_quantile(0.5 + level / 2, dof) + t_quantile(power, dof)) * standard_error
