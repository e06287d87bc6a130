"""Success rate inside groups against the rest, when cases come in clusters that lie on both sides.

A cluster that has cases inside and outside makes both rates rise together, so that two separate cluster-robust intervals are
too wide. Here the difference is linearised as a whole: the influence of a cluster is e1/n1 - e0/n0 with e = successes minus
those expected at the rate of its side. (Expected at one common rate, as a score test has it, a difference inflates its own
variance: among the smallest of many p-values far too few were small.) Its variance over the binomial one is the design effect of
the difference; the interval is Newcombe's on sample sizes divided by it. Only sums of squares and products over clusters are needed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray
from workbook.stats.interval import check_level
from workbook.stats.proportion import WIDER, score_bounds

INSIDE = ("yy", "yn", "nn", "y_all_y", "y_all_n", "n_all_y", "n_all_n")
WHOLE = ("all_yy", "all_yn", "all_nn")


def cluster_moments(inside: tuple[Any, Any], whole: tuple[Any, Any]) -> dict[str, float]:
    """Return the sums that `group_contrasts` needs. inside, whole: successes and cases of the group and of all, per cluster."""
    y, n, all_y, all_n = (np.asarray(column, float) for column in (*inside, *whole))
    return {
        "y": y.sum(), "n": n.sum(), "all_y": all_y.sum(), "all_n": all_n.sum(), "clusters": float((n > 0).sum()),
        "rest_clusters": float((all_n - n > 0).sum()), "all_clusters": float((all_n > 0).sum()),
        "yy": (y * y).sum(), "yn": (y * n).sum(), "nn": (n * n).sum(), "y_all_y": (y * all_y).sum(), "y_all_n": (y * all_n).sum(),
        "n_all_y": (n * all_y).sum(), "n_all_n": (n * all_n).sum(), "all_yy": (all_y**2).sum(), "all_yn": (all_y * all_n).sum(),
        "all_nn": (all_n**2).sum(),
    }  # fmt: skip


def group_contrasts(moments: list[pd.DataFrame], level: float = 0.95) -> pd.DataFrame:
    """Compare each group with the rest. moments: one table per clustering, one row per group in the same order.

    Columns of each as in `cluster_moments`. Returns one row per group: rate, low, high (of the group), rest_rate, difference,
    difference_low, difference_high, p_value (two-sided, t with the effective clusters on both sides), design_effect (the widest
    of the clusterings, at least 1), clusters (the fewest on either side). NaN where one side is empty; interval and
    p_value are NaN too where one side is a single cluster: group and cluster cannot be told apart. Newcombe 1998;
    Liang & Zeger 1986.
    """
    from scipy import stats

    check_level(level)
    first = moments[0]
    y1, n1 = (first[name].to_numpy(float) for name in ("y", "n"))
    y0, n0 = (first[f"all_{name}"].to_numpy(float) - first[name].to_numpy(float) for name in ("y", "n"))
    with np.errstate(divide="ignore", invalid="ignore"):
        inside, rest = y1 / n1, y0 / n0
        pooled = (y1 + y0) / (n1 + n0)
        binomial = pooled * (1 - pooled) * (1 / n1 + 1 / n0)
        found = [_design(part, (inside, rest), (n1, n0)) for part in moments]
        criticals = np.array([stats.t.ppf(0.5 + level / 2, dof) * np.sqrt(effect) for effect, dof in found])
        widest = criticals.argmax(axis=0)
        effect, dof = (np.array([pair[k] for pair in found])[widest, np.arange(len(n1))] for k in (0, 1))
        statistic = (inside - rest) / np.sqrt(binomial * effect)
        p_value = np.where(binomial > 0, 2 * stats.t.sf(np.abs(statistic), dof), np.where((n1 > 0) & (n0 > 0), 1.0, math.nan))
        critical = stats.t.ppf(0.5 + level / 2, dof)
        low1, high1 = score_bounds(inside, n1 / effect, critical)
        low0, high0 = score_bounds(rest, n0 / effect, critical)
        low = inside - rest - np.hypot(inside - low1, high0 - rest)
        high = inside - rest + np.hypot(high1 - inside, rest - low0)
    fewest = np.min([part[["clusters", "rest_clusters"]].to_numpy(float).min(axis=1) for part in moments], axis=0)
    low, high, p_value = (np.where((fewest < 2) & (n1 > 0) & (n0 > 0), math.nan, column) for column in (low, high, p_value))
    return pd.DataFrame({
        "rate": inside, "low": low1, "high": high1, "rest_rate": rest, "difference": inside - rest,
        "difference_low": np.maximum(low, -1.0), "difference_high": np.minimum(high, 1.0), "p_value": p_value,
        "design_effect": effect, "clusters": fewest,
    }, index=first.index)  # fmt: skip


def _design(part: pd.DataFrame, rates: tuple[FloatArray, FloatArray], sizes: tuple[FloatArray, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Design effect of the difference (at least 1) and degrees of freedom, one element per group."""
    sums = {name: part[name].to_numpy(float) for name in (*INSIDE, *WHOLE, "all_clusters")}
    (p1, p0), (n1, n0) = rates, sizes
    # A cluster's influence, (y - p1 n) / n1 - (all_y - y - p0 (all_n - n)) / n0, sorted by the four counts; then its sum of squares.
    y, n, all_y, all_n = 1 / n1 + 1 / n0, -(p1 / n1 + p0 / n0), -1 / n0, p0 / n0
    squares = y**2 * sums["yy"] + n**2 * sums["nn"] + all_y**2 * sums["all_yy"] + all_n**2 * sums["all_nn"]
    products = (
        y * n * sums["yn"] + y * all_y * sums["y_all_y"] + y * all_n * sums["y_all_n"]
        + n * all_y * sums["n_all_y"] + n * all_n * sums["n_all_n"] + all_y * all_n * sums["all_yn"]
    )  # fmt: skip
    count = sums["all_clusters"]
    variance = (squares + 2 * products) * count / np.maximum(count - 1, 1)
    effect = variance / (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    inside = n1**2 / sums["nn"]
    rest = n0**2 / (sums["all_nn"] - 2 * sums["n_all_n"] + sums["nn"])
    dof = (1 / n1 + 1 / n0) ** 2 / (1 / n1**2 / np.maximum(inside - 1, 1e-9) + 1 / n0**2 / np.maximum(rest - 1, 1e-9))
    is_clustered = np.isfinite(effect) & (effect > WIDER)
    return np.where(is_clustered, effect, 1.0), np.where(is_clustered, np.maximum(dof, 1.0), np.inf)
