"""Do several groups have the same rate, and does a missing value go with the outcome?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_floats, chi2_tail, f_tail, two_sided_t
from workbook.stats.clusters import interval_dof
from workbook.stats.significance import Significance

SMALL_EXPECTED = 5.0  # below this expected count the chi-square approximation is poor (Cochran 1954)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingnessTest:
    """Whether an attribute is filled in equally often for both outcomes.

    filled_share_success, filled_share_failure: fill rate by outcome, 0-1, NaN without such rows. n: rows with
    an outcome. missing_success, missing_failure: rows without the attribute by outcome. test: Fisher's exact
    test (any expected count below five) or chi-square.
    """

    filled_share_success: float
    filled_share_failure: float
    n: int
    missing_success: int
    missing_failure: int
    test: Significance


def equal_rates(
    successes: Any, n: Any, design_effect: Any = 1.0, dof_clusters: float = math.inf
) -> Significance:
    """Test that k groups have one common rate. Arrays: successes and n, one element per group, any order.

    Pearson chi-square with k − 1 degrees of freedom. `design_effect`: one number for all groups or one per
    group; the statistic is divided by it (Rao & Scott 1981, first order; with one per group their mean
    weighted by (1 − nᵢ/N)). With `dof_clusters` (clusters − groups) the F reference of Thomas & Rao 1987 is
    used. A design effect below 1 counts as 1. Groups with n = 0 are ignored; under two groups: reason
    "one_group"; all outcomes the same: statistic 0, p 1, reason "no_variation".
    """
    won, size = as_floats(successes), as_floats(n)
    if won.shape != size.shape or not bool((np.isfinite(size) & (won >= 0) & (won <= size)).all()):
        raise ValueError("counts must satisfy 0 <= successes <= n, one of each per group")
    effects = np.maximum(
        np.nan_to_num(np.broadcast_to(np.asarray(design_effect, float), size.shape), nan=1.0), 1.0
    )
    won, effects, size = won[size > 0], effects[size > 0], size[size > 0]
    groups, total = len(size), float(size.sum())
    method = "rao_scott" if bool((effects > 1).any()) else "chi_square"
    if groups < 2:
        return Significance(statistic=math.nan, dof=math.nan, p_value=math.nan, method=method, n=int(total),
                            reason="one_group" if groups else "no_observations")  # fmt: skip
    rate, dof = float(won.sum()) / total, float(groups - 1)
    if not 0.0 < rate < 1.0:
        return Significance(
            statistic=0.0, dof=dof, p_value=1.0, method=method, n=int(total), reason="no_variation"
        )
    pearson = float(((won - size * rate) ** 2 / (size * rate * (1 - rate))).sum())
    statistic = pearson / float((effects * (1 - size / total)).sum() / (groups - 1))
    p_value = (
        chi2_tail(statistic, dof)
        if math.isinf(dof_clusters)
        else f_tail(statistic / dof, (dof, dof * dof_clusters))
    )
    return Significance(statistic=statistic, dof=dof, p_value=p_value, method=method, n=int(total))


def missingness_by_outcome(attribute: Any, outcome: Any) -> MissingnessTest:
    """Test whether a missing attribute goes with the outcome. One row per case, matched by position.

    `attribute`: any values, None/NaN/NA is missing (recode words such as "Unknown" to None before).
    `outcome`: True or False, rows with a missing outcome are left out.
    """
    missing = pd.isna(pd.Series(list(attribute), dtype=object)).to_numpy(bool)
    result = as_floats(outcome)
    if len(missing) != len(result):
        raise ValueError(f"{len(missing)} attributes for {len(result)} outcomes")
    known = np.isfinite(result)
    won = result[known] > 0
    gone = missing[known]
    table = np.array(
        [[np.sum(gone & won), np.sum(~gone & won)], [np.sum(gone & ~won), np.sum(~gone & ~won)]], float
    )
    rows = table.sum(axis=1)
    filled = np.divide(table[:, 1], rows, out=np.full(2, np.nan), where=rows > 0)
    return MissingnessTest(
        filled_share_success=float(filled[0]),
        filled_share_failure=float(filled[1]),
        n=int(rows.sum()),
        missing_success=int(table[0, 0]),
        missing_failure=int(table[1, 0]),
        test=association_2x2(table),
    )


def association_2x2(table: Any) -> Significance:
    """Test independence in a 2 x 2 table of counts: Fisher's exact test if an expected count is below five.

    A row or column without cases: p NaN, reason "one_group" (row) or "no_variation" (column). Statistic: odds
    ratio for Fisher, chi-square (no continuity correction) else.
    """
    from scipy.stats import fisher_exact

    counts: FloatArray = np.asarray(table, dtype="float64")
    total = float(counts.sum())
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total if total else np.zeros((2, 2))
    if counts.shape != (2, 2) or bool((counts < 0).any()):
        raise ValueError("a 2 x 2 table of counts is needed")
    if not bool((expected > 0).all()):
        reason = (
            "no_observations"
            if not total
            else "one_group"
            if not counts.sum(axis=1).all()
            else "no_variation"
        )
        return Significance(
            statistic=math.nan, dof=math.nan, p_value=math.nan, method="fisher", n=int(total), reason=reason
        )
    if expected.min() < SMALL_EXPECTED:
        odds, p_value = fisher_exact(counts)
        return Significance(
            statistic=float(odds), dof=math.nan, p_value=float(p_value), method="fisher", n=int(total)
        )
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return Significance(
        statistic=statistic, dof=1.0, p_value=chi2_tail(statistic, 1.0), method="chi_square", n=int(total)
    )


def clustered_association(counts: Any) -> Significance:
    """Test that two shares are equal when cases come in clusters that hold cases of both kinds.

    counts: clusters x 4 – hits and cases of the first kind, hits and cases of the second. The difference of the two shares is
    linearised per cluster (Woodruff 1971), each residual corrected for its cluster's part of all cases; t quantile with Kish's
    effective number of clusters less one. Statistic: t. Under two clusters: reason "one_cluster"; a kind without cases or no
    variation: as `association_2x2`.
    """
    table: FloatArray = np.asarray(counts, dtype="float64").reshape(-1, 4)
    first, first_n, second, second_n = table.T
    total = first_n + second_n
    blank = Significance(statistic=math.nan, dof=math.nan, p_value=math.nan, method="clustered_t", n=int(total.sum()), reason="one_group")
    if not (first_n.sum() and second_n.sum()):
        return blank
    shares = first.sum() / first_n.sum(), second.sum() / second_n.sum()
    residual = (first - shares[0] * first_n) / first_n.sum() - (second - shares[1] * second_n) / second_n.sum()
    if int((total > 0).sum()) < 2:
        return replace(blank, reason="one_cluster")
    variance = float((residual**2 / (1 - np.minimum(total / total.sum(), 1 - 1e-9))).sum())
    if not variance > 0:
        return replace(blank, reason="no_variation")
    dof, statistic = interval_dof(total), (shares[0] - shares[1]) / math.sqrt(variance)
    return replace(blank, statistic=statistic, dof=dof, p_value=two_sided_t(statistic, dof), reason=None)
