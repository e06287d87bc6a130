"""Marks of companies: the shrunken win rates, differences of values, and false alarms where nothing marks anything. The top fifth, too."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.simulation.trial import Coverage, FalseAlarm, Generator
from workbook.analyses.icp_segmentation.mark_evidence import evidence, membership, shrunken
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import proportion
from workbook.stats.top_share import top_share_interval


def _deals(rng: Generator, rate_of: np.ndarray) -> pd.DataFrame:
    """One to a dozen deals per company, of companies that are alike (intraclass correlation 0.05) and of 15 owners who differ a little."""
    n = len(rate_of)
    own = rng.beta(np.clip(rate_of, 0.02, 0.98) * 19, (1 - np.clip(rate_of, 0.02, 0.98)) * 19)
    count = 1 + rng.poisson(rng.gamma(1.5, 1.5, n))
    account = np.repeat(np.arange(n), count)
    owner = rng.integers(0, 15, len(account))
    won = rng.random(len(account)) < np.clip(own[account] + rng.normal(0, 0.05, 15)[owner], 0, 1)
    rows = pd.DataFrame({"account_id": account, "owner_id": owner, "won_count": won.astype(float), "closed_count": 1.0})
    return rows.groupby(["account_id", "owner_id"], as_index=False).sum()


def _companies(rng: Generator, n: int, attributes: int, values: int) -> pd.DataFrame:
    parts = [pd.DataFrame({"account_id": np.arange(n), "attribute": f"a{k}", "value": rng.integers(0, values, n).astype(str)}) for k in range(attributes)]
    return pd.concat(parts, ignore_index=True)


def _lifts(rng: Generator) -> tuple[object, object, object]:
    """One attribute of 6 to 15 values whose true win rates are a beta sample; the shrunken rate of each."""
    n, values = int(rng.integers(150, 800)), int(rng.integers(6, 16))
    common, spread = rng.uniform(0.2, 0.6), rng.uniform(15, 80)
    rates = rng.beta(common * spread, (1 - common) * spread, values)
    shared = _companies(rng, n, 1, values)
    kind = shared["value"].astype(int).to_numpy()
    deals = _deals(rng, rates[kind])
    found = []
    for value in range(values):
        rows = deals[kind[deals["account_id"]] == value]
        sums = {name: rows.groupby(f"{name}_id")[["won_count", "closed_count"]].sum() for name in ("account", "owner")}
        clusters = {name: (part["won_count"].to_numpy(), part["closed_count"].to_numpy()) for name, part in sums.items()}
        rate = proportion(rows["won_count"].sum(), rows["closed_count"].sum(), 0.95, clusters)
        found.append((rate.successes, rate.n, ((rate.high - rate.low) / 2 / 1.96) ** 2))
    won, closed, variance = np.array(found, dtype=float).T
    table = shrunken(won, closed, variance, 0.95)
    return rates, table["shrunken_low"].to_numpy(float), table["shrunken_high"].to_numpy(float)


def _difference(rng: Generator) -> tuple[float, float, float] | None:
    """One value of one of three attributes lifts the win rate; its difference to all others."""
    n, gap, common = int(rng.integers(150, 600)), rng.uniform(-0.15, 0.25), rng.uniform(0.25, 0.55)
    shared = _companies(rng, n, 3, 4)
    has = (shared.loc[shared["attribute"] == "a0", "value"] == "0").to_numpy()
    deals = _deals(rng, np.where(has, common + gap, common))
    table = evidence(membership(shared, pd.Index(sorted(deals["account_id"].unique()))), deals, 0.95, 10)
    row = table[(table["attribute"] == "a0") & (table["value"] == "0") & table["second_value"].isna()]
    if row.empty:
        return None
    return gap, float(row["difference_low"].iloc[0]), float(row["difference_high"].iloc[0])


def _single(rng: Generator) -> float | None:
    """One value that marks nothing: its own p-value."""
    n = int(rng.integers(150, 600))
    shared = _companies(rng, n, 2, 4)
    deals = _deals(rng, np.full(n, rng.uniform(0.25, 0.55)))
    table = evidence(membership(shared, pd.Index(sorted(deals["account_id"].unique()))), deals, 0.95, 10)
    return float(table["p_value"].iloc[int(rng.integers(len(table)))])


def _any(rng: Generator) -> float:
    """All values and pairs of two attributes, none of which marks anything: the smallest p-value after the control."""
    n = int(rng.integers(150, 600))
    shared = _companies(rng, n, 2, 4)
    deals = _deals(rng, np.full(n, rng.uniform(0.25, 0.55)))
    table = evidence(membership(shared, pd.Index(sorted(deals["account_id"].unique()))), deals, 0.95, 10)
    return float(benjamini_hochberg(table["p_value"]).min(initial=1.0))


def _top(rng: Generator) -> tuple[float, float, float]:
    """80 to 900 customers whose value is log-normal: the share that the best fifth holds in the market they come from."""
    from scipy.special import ndtr, ndtri

    sigma = rng.uniform(0.4, 1.3)
    span = top_share_interval(rng.lognormal(8, sigma, int(rng.integers(80, 901))), 0.2)
    return float(1 - ndtr(ndtri(0.8) - sigma)), span.low, span.high


def _repeat(rng: Generator) -> tuple[float, float, float]:
    n, rate = int(rng.integers(30, 900)), rng.uniform(0.1, 0.9)
    span = proportion(int(rng.binomial(n, rate)), n)
    return float(rate), span.low, span.high


_LAYOUT = "150 to 600 companies with 1 to 12 deals each, alike within company and owner"
TRIALS = (
    Coverage(name="icp_segmentation.customer_marks.shrunken_rate", layout="150 to 800 companies, one attribute of 6 to 15 values; on average over the values", draw=_lifts),
    Coverage(name="icp_segmentation.customer_marks.difference", layout=f"{_LAYOUT}; one value shifts the rate by −15 to 25 points", draw=_difference),
    FalseAlarm(name="icp_segmentation.customer_marks.one_value", layout=f"{_LAYOUT}; one comparison, nothing marks anything", draw=_single),
    FalseAlarm(
        name="icp_segmentation.customer_marks.any_value_or_pair", layout=f"{_LAYOUT}; all values and pairs after the control, nothing marks anything",
        draw=_any, cautious="a pair lies within its values, so the comparisons rise and fall together; the control allows for the worst",
    ),
    Coverage(name="icp_segmentation.best_customers.top_share", layout="80 to 900 customers of log-normal value, sigma 0.4 to 1.3", draw=_top),
    Coverage(name="icp_segmentation.best_customers.repeat_purchase", layout="30 to 900 customers, 10 to 90 % bought again", draw=_repeat),
)
