"""No groups where there are none, and groups where there are some."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.simulation.trial import FalseAlarm, Generator
from workbook.analyses.icp_segmentation.segment_features import Features
from workbook.analyses.icp_segmentation.segment_grouping import group


def _companies(rng: Generator, apart: float) -> tuple[Features, np.ndarray]:
    """60 to 140 companies: a number, an industry, a size and three flags. apart: how much they follow a hidden kind of 2 or 3."""
    n, kinds = int(rng.integers(60, 141)), int(rng.integers(2, 4))
    kind = rng.integers(kinds, size=n)

    def value(k: int) -> np.ndarray:
        return np.where(rng.random(n) < apart, kind, rng.integers(k, size=n)) % k

    rows = pd.DataFrame({
        "employees": rng.normal(2.5 * apart * kind, 1), "industry": np.array(list("abcd"))[value(4)], "size": np.array(list("xyz"))[value(3)],
        **{f"need: {j}": (value(kinds) == j % kinds).astype(float) for j in range(3)},
    })  # fmt: skip
    flags = {f"need: {j}": ("need", str(j)) for j in range(3)}
    return Features(rows=rows, flags=flags, used=("employees", "industry", "size", "need"), left_out=()), kind


def _found(table: Features, rng: Generator) -> bool:
    seed = int(rng.integers(1_000_000))
    return group(table, range(2, 5), seed=seed, sample_max=140, resamples=10).found.is_segmented


def _no_groups(rng: Generator) -> float:
    """1 where the answer is "do not segment", 0 where groups were accepted."""
    return 0.0 if _found(_companies(rng, 0.0)[0], rng) else 1.0


def _normal_cloud(rng: Generator) -> float:
    """Correlated numbers without groups: one gradient of size is no segment."""
    n, alike = int(rng.integers(60, 141)), rng.uniform(0.0, 0.8)
    size = rng.normal(size=n)
    rows = pd.DataFrame({name: np.sqrt(alike) * size + np.sqrt(1 - alike) * rng.normal(size=n) for name in ("a", "b", "c", "d")})
    table = Features(rows=rows, flags={}, used=tuple(rows.columns), left_out=())
    return 0.0 if _found(table, rng) else 1.0


TRIALS = (
    FalseAlarm(
        name="icp_segmentation.segments.no_groups",
        layout="60 to 140 companies, a number, two categories and three flags that have nothing to do with one another",
        draw=_no_groups,
        cautious="groups must be tighter than two kinds of data without groups and also come back in resampled data",
        quick=4,
    ),
    FalseAlarm(
        name="icp_segmentation.segments.one_gradient",
        layout="60 to 140 companies, four numbers correlated up to 0.8 along one gradient",
        draw=_normal_cloud,
        cautious="groups must be tighter than two kinds of data without groups and also come back in resampled data",
        quick=4,
    ),
)
