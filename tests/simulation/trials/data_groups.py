"""Rates by group: raw and pulled towards the common rate; whether groups differ at all; whether averages mislead; fill rates."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from tests.simulation.sellers import own_rates, team
from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.analyses.data import fill_rates, opposite_groups, win_rate_by_group
from workbook.stats.shrinkage import shrink_rates

AS_OF = date(2026, 9, 30)
Q = 0.05


def _counted(won: np.ndarray, deals: np.ndarray, **labels: object) -> pd.DataFrame:
    """A per-cluster table by owner, each cluster a row."""
    return pd.DataFrame({"clustering": "owner", "is_known": True, "hit_count": won, "deals_count": deals, "cluster_count": 1} | labels)


def _raw(rng: Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Three to eight regions with sellers of their own."""
    rates = rng.uniform(0.15, 0.6, int(rng.integers(3, 9)))
    params, parts = win_rate_by_group.WinRateByGroupParams(), []
    alike = rng.uniform(0, 0.08)
    for i, rate in enumerate(rates):
        sizes = team(rng, 6, 25, 2.5)
        parts.append(_counted(rng.binomial(sizes, own_rates(rng, rate, alike, len(sizes))), sizes, value=f"g{i}"))
    table = win_rate_by_group._groups("region", pd.concat(parts), params).set_index("value")
    return rates, table["low"].to_numpy(float), table["high"].to_numpy(float)


def _shrunken(rng: Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    groups, rate, alike = int(rng.integers(8, 31)), rng.uniform(0.2, 0.6), rng.uniform(0.005, 0.1)
    truth = own_rates(rng, rate, alike, groups)
    sizes = np.maximum(1, rng.lognormal(3.3, 0.8, groups)).astype(int)
    table = shrink_rates(rng.binomial(sizes, truth), sizes).table
    return truth, table["low"].to_numpy(float), table["high"].to_numpy(float)


def _groups_differ(rng: Generator) -> float:
    """One attribute without meaning, its values shared by all sellers: is any difference claimed?"""
    sizes, values = team(rng), int(rng.integers(2, 8))
    rates = own_rates(rng, rng.uniform(0.2, 0.6), rng.uniform(0, 0.08), len(sizes))
    owner = np.repeat(np.arange(len(sizes)), sizes)
    rows = pd.DataFrame({"owner": owner, "value": rng.choice(values, len(owner), p=rng.dirichlet(np.full(values, 4.0)))})
    rows["won"] = (rng.random(len(owner)) < rates[owner]).astype(int)
    each = rows.groupby(["value", "owner"])["won"].agg(["sum", "size"]).reset_index()
    whole = rows.groupby("owner")["won"].agg(["sum", "size"])
    small = {
        "region": _counted(each["sum"].to_numpy(), each["size"].to_numpy(), value=("g" + each["value"].astype(str)).to_numpy()),
        win_rate_by_group.EVERY: _counted(whole["sum"].to_numpy(), whole["size"].to_numpy()),
    }
    tests = win_rate_by_group.analyse(small, win_rate_by_group.WinRateByGroupParams(false_discovery_rate=Q), as_of=AS_OF).tests
    return float(tests["p_value"].iloc[0]) if tests is not None else 1.0


def _opposite(rng: Generator) -> float:
    """Regions and segments that do nothing to one another: is an average called misleading?"""
    shape = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    deals = rng.integers(15, 200, shape)
    odds = rng.normal(-0.4, 0.3) + rng.normal(0, 0.3, (shape[0], 1)) + rng.normal(0, 0.3, (1, shape[1]))
    won = rng.binomial(deals, 1 / (1 + np.exp(-odds)))
    index = pd.MultiIndex.from_product([[f"r{i}" for i in range(shape[0])], [f"s{i}" for i in range(shape[1])]], names=["first_value", "second_value"])
    cells = pd.DataFrame({"won_count": won.ravel(), "closed_count": deals.ravel()}, index=index).reset_index()
    clusters = _counted(np.array([1, 0]), np.array([1, 1])).assign(is_known=False, cluster_count=[won.sum(), deals.sum() - won.sum()])
    result = opposite_groups.analyse({"cells": cells, "clusters": clusters}, opposite_groups.OppositeGroupsParams(false_discovery_rate=Q), as_of=AS_OF)
    return 0.0 if result.checks[0].status == "review" else 1.0


def _filled(rng: Generator) -> float:
    """Sellers differ in how much they win and in how much they fill in; the one has nothing to do with the other."""
    sizes = team(rng)
    rates, habits = (own_rates(rng, rng.uniform(0.3, 0.7), rng.uniform(0, alike), len(sizes)) for alike in (0.08, 0.4))
    won = rng.binomial(sizes, rates)
    parts = [pd.DataFrame({"owner_id": np.arange(len(sizes)), "status": status, "deals_count": n, "filled.source": rng.binomial(n, habits)}) for status, n in (("won", won), ("lost", sizes - won))]
    by_seller, _ = fill_rates._p_values("filled.source", pd.concat(parts))
    return by_seller


TRIALS = (
    FalseAlarm(
        name="data.fill_rates.filled_by_outcome",
        layout="12 to 60 sellers with chances and habits of their own (intraclass correlation to 0.08 and 0.4), one independent of the other",
        draw=_filled,
    ),
    Coverage(
        name="data.win_rate_by_group.rate",
        layout="3 to 8 groups with 6 to 25 sellers of their own each, intraclass correlation 0 to 0.08",
        draw=_raw,
    ),
    Coverage(
        name="data.win_rate_by_group.shrunken_rate",
        layout="8 to 30 groups of log-normal size around a common rate, intraclass correlation 0.005 to 0.1; on average over the groups",
        draw=_shrunken, quick=20,
    ),
    FalseAlarm(
        name="data.win_rate_by_group.groups_differ",
        layout="an attribute of 2 to 7 values that does nothing, shared by 12 to 60 sellers who are alike",
        draw=_groups_differ, rate=Q, quick=20,
        cautious="sellers who stand in all groups are counted against the difference by the design effect of each group's rate, though they cancel in it",
    ),
    FalseAlarm(
        name="data.opposite_groups.average_misleads",
        layout="2 or 3 regions × 2 or 3 segments whose effects add up without interplay",
        draw=_opposite, rate=Q, quick=15,
        cautious="opposite signs in two parts, or a reversal, must each pass the control: two gates in a row",
    ),
)  # fmt: skip
