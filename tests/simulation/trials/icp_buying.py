"""Deals with and without a trait (a need, a role, an early touch): the difference, also within strata, and false claims."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.analyses.icp_segmentation.deal_traits import compared, judged

LEVEL, LEAST = 0.95, 20


def _deals(rng: Generator, effect: float) -> pd.DataFrame:
    """15 to 40 sellers, 200 to 800 deals in three segments that differ in win rate and in how often the trait is there."""
    sellers, n = int(rng.integers(15, 41)), int(rng.integers(200, 801))
    seller, stratum = rng.integers(sellers, size=n), rng.integers(3, size=n)
    base, often = rng.uniform(0.25, 0.6, 3), rng.uniform(0.2, 0.8, 3)
    has_it = rng.random(n) < often[stratum]
    own = rng.normal(0, rng.uniform(0, 0.06), sellers)
    chance = np.clip(base[stratum] + own[seller] + effect * has_it, 0.01, 0.99)
    return pd.DataFrame({"seller": seller, "stratum": stratum.astype(str), "has_it": has_it, "won": rng.random(n) < chance})


def _small(deals: pd.DataFrame, dimension: str = "need", value: str = "Speed") -> dict[str, pd.DataFrame]:
    """What the aggregation returns for one trait."""
    named = deals.assign(dimension=dimension, value=value)
    each = named.groupby(["dimension", "value", "has_it", "seller"]).agg(hit_count=("won", "sum"), deals_count=("won", "size")).reset_index()
    strata = named.groupby(["dimension", "value", "has_it", "stratum"]).agg(won_count=("won", "sum"), closed_count=("won", "size"))
    return {"clusters": each.assign(clustering="owner", is_known=True, cluster_count=1).drop(columns="seller"), "strata": strata.reset_index()}


def _within_strata(rng: Generator) -> tuple[float, float, float] | None:
    effect = rng.uniform(-0.15, 0.15)
    row = compared(_small(_deals(rng, effect)), LEVEL, LEAST).iloc[0]
    return None if row["is_small"] else (effect, row["adjusted_low"], row["adjusted_high"])


def _nothing_is_claimed(rng: Generator) -> float:
    """The smallest adjusted p-value of five needs none of which matters, among those that hold within strata; 1 where none does."""
    parts = [_small(_deals(rng, 0.0), value=f"N{i}") for i in range(5)]
    small = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in ("clusters", "strata")}
    found = judged(compared(small, LEVEL, LEAST), 0.05)
    claimed = found[found["is_reliable"]]
    return float(claimed["adjusted_p"].min()) if len(claimed) else 1.0


TRIALS = (
    Coverage(
        name="icp_segmentation.deal_traits.within_strata",
        layout="200 to 800 deals of 15 to 40 sellers in three segments; effect −15 to 15 points, sellers differ by up to 6 points",
        draw=_within_strata,
        quick=15,
    ),
    FalseAlarm(
        name="icp_segmentation.deal_traits.nothing",
        layout="five needs, each on 200 to 800 deals of 15 to 40 sellers, mix differs, no need matters",
        draw=_nothing_is_claimed,
        cautious="a difference must also hold within strata",
        quick=6,
    ),
)
