"""Groups of rows that mix numbers and categories, by a model: a mixture within whose classes attributes are independent.

Numbers are normal within a class, categories multinomial (latent class analysis, Lazarsfeld & Henry 1968; with numbers
Lawrence & Krzanowski 1996). Maximum likelihood by EM (Dempster, Laird & Rubin 1977), all starts in one array.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, IntArray
from workbook.stats.clustering import by_size
from workbook.stats.errors import CannotEstimate
from workbook.stats.mixed_clustering import is_category

SMALLEST_VARIANCE = 1e-2  # of a standardised number within a class: no class may shrink to one point
SMALLEST_SHARE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LatentClasses:
    """labels: most likely class per row, largest first. k: classes. log_likelihood: of the rows in the units given. bic: smaller is
    better. entropy: 0–1, how surely rows belong to their class (1: surely).
    """

    labels: IntArray
    k: int
    log_likelihood: float
    bic: float
    entropy: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Columns:
    numbers: FloatArray
    flags: FloatArray
    free: int  # free parameters of one class
    log_scale: float


def latent_classes(rows: pd.DataFrame, k: int, seed: int, starts: int = 5, rounds: int = 200) -> LatentClasses:
    """Fit k classes. One row per case, no missing values; the best of `starts` seeded random starts.

    Raises `CannotEstimate`: missing_values, no_variation, too_few_observations (fewer rows than k).
    """
    columns = _columns(rows)
    if len(rows) < k:
        raise CannotEstimate("too_few_observations", f"{len(rows)} rows for {k} classes")
    rng = np.random.default_rng(seed)
    member = rng.dirichlet(np.full(k, 0.2), size=(starts, len(rows)))
    likelihood = np.full(starts, -math.inf)
    for _ in range(rounds):
        member, fresh = _expected(columns, *_maximised(columns, member))
        done = bool(np.all(np.abs(fresh - likelihood) < 1e-7 * np.abs(fresh)))
        likelihood = fresh
        if done:
            break
    best = int(np.argmax(likelihood))
    chosen, total = member[best], float(likelihood[best]) - columns.log_scale * len(rows)
    parameters = k - 1 + k * columns.free
    spread = -float((chosen * np.log(np.maximum(chosen, 1e-300))).sum())
    return LatentClasses(
        labels=by_size(chosen.argmax(axis=1)), k=k, log_likelihood=total, bic=-2 * total + parameters * math.log(len(rows)),
        entropy=1 - spread / (len(rows) * math.log(k)) if k > 1 else 1.0,
    )  # fmt: skip


def _columns(rows: pd.DataFrame) -> _Columns:
    if rows.replace([np.inf, -np.inf], np.nan).isna().to_numpy().any():
        raise CannotEstimate("missing_values")
    varied = rows.loc[:, rows.nunique() > 1]
    if varied.shape[1] == 0:
        raise CannotEstimate("no_variation")
    numbers, flags, free, log_scale = [], [np.zeros((len(rows), 0))], 0, 0.0
    for name in varied.columns:
        if is_category(varied[name]) or set(varied[name].unique()) <= {0, 1}:
            codes = pd.factorize(varied[name])[0]
            flags.append(np.eye(int(codes.max()) + 1)[codes])
            free += int(codes.max())
        else:
            values = varied[name].to_numpy("float64")
            numbers.append((values - values.mean()) / values.std())
            log_scale, free = log_scale + math.log(values.std()), free + 2
    table = np.column_stack(numbers) if numbers else np.zeros((len(rows), 0))
    return _Columns(numbers=table, flags=np.hstack(flags), free=free, log_scale=log_scale)


def _maximised(columns: _Columns, member: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Shares of the classes, means and variances of numbers, shares of category values; starts x classes (x columns)."""
    weights = member.transpose(0, 2, 1)
    mass = np.maximum(weights.sum(axis=2), 1e-9)
    means = (weights @ columns.numbers) / mass[:, :, None]
    variances = np.maximum((weights @ columns.numbers**2) / mass[:, :, None] - means**2, SMALLEST_VARIANCE)
    shares = np.maximum((weights @ columns.flags) / mass[:, :, None], SMALLEST_SHARE)
    return mass / mass.sum(axis=1, keepdims=True), means, variances, shares


def _expected(
    columns: _Columns, weight: FloatArray, means: FloatArray, variances: FloatArray, shares: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Membership of each row and the log-likelihood of each start."""
    constant = np.log(weight) - 0.5 * (np.log(2 * math.pi * variances) + means**2 / variances).sum(axis=2)
    log_density = (
        constant[:, None, :]
        - 0.5 * columns.numbers**2 @ (1 / variances).transpose(0, 2, 1)
        + columns.numbers @ (means / variances).transpose(0, 2, 1)
        + columns.flags @ np.log(shares).transpose(0, 2, 1)
    )
    top = log_density.max(axis=2, keepdims=True)
    density = np.exp(log_density - top)
    total = density.sum(axis=2, keepdims=True)
    return density / total, (top + np.log(total)).sum(axis=(1, 2))
