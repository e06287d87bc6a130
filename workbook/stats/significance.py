"""The result of one significance test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Significance:
    """Outcome of a test.

    statistic: value of the test statistic, NaN if not defined. dof: degrees of freedom (numerator for F), NaN
    if the test has none. p_value: two-sided, 0-1. method: which test. n: observations used. reason: key of
    `errors.REASONS` or None.
    """

    statistic: float
    dof: float
    p_value: float
    method: str
    n: int
    reason: str | None = None
