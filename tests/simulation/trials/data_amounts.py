"""The win rate by amount and the sales velocity: ratios of sums whose parts come from the same deals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from scipy.special import expit

from tests.simulation.sellers import QUANTILES, crossed
from tests.simulation.trial import Coverage, Generator
from workbook.analyses.data import velocity, win_rate_by_amount

AS_OF = date(2026, 9, 30)
BOTH = ("owner", "account")


def _deals(rng: Generator) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return decided deals and the truth: log-normal amounts, larger deals won less often, slower ones larger."""
    deals = int(rng.integers(150, 1500))
    owner, account = crossed(rng, deals, int(rng.integers(12, 40)), int(rng.integers(40, 300)))
    told = {"base": rng.normal(-0.4, 0.5), "by_owner": rng.uniform(0, 0.5), "by_size": rng.uniform(-0.5, 0.1), "spread": rng.uniform(0.4, 1.1)}
    size = rng.normal(size=deals)
    odds = told["base"] + told["by_size"] * size + told["by_owner"] * rng.normal(size=owner.max() + 1)[owner]
    rows = pd.DataFrame({"owner": owner, "account": account, "won": rng.random(deals) < expit(odds)})
    rows["amount"] = np.exp(9 + told["spread"] * size)
    rows["days"] = np.maximum(1, np.rint(90 * np.exp(0.1 * size) * rng.weibull(1.6, deals)))
    return rows, told


def _per_cluster(rows: pd.DataFrame, sums: dict[str, pd.Series]) -> pd.DataFrame:
    parts = [pd.DataFrame(sums).groupby(rows[name]).sum().assign(clustering=name) for name in BOTH]
    return pd.concat(parts, ignore_index=True)


def _chances(told: dict[str, float], tilt: float) -> float:
    """Mean chance over sellers and sizes, sizes weighted by exp(tilt × size)."""
    odds = told["base"] + told["by_size"] * (QUANTILES + tilt)[:, None] + told["by_owner"] * QUANTILES[None, ::4]
    return float(expit(odds).mean())


def _by_amount(rng: Generator) -> tuple[float, float, float]:
    rows, told = _deals(rng)
    small = _per_cluster(rows, {"won_amount": rows["amount"] * rows["won"], "closed_amount": rows["amount"]})
    found = win_rate_by_amount._rate(small, 0.95)
    return _chances(told, told["spread"]), found.low, found.high


def _velocity(rng: Generator) -> tuple[float, float, float]:
    rows, told = _deals(rng)
    won = rows["won"].astype(float)
    sums = {"won_count": won, "closed_count": won * 0 + 1, "won_amount": won * rows["amount"], "amount_count": won, "won_days": won * rows["days"], "days_count": won}
    found = velocity._widest(_per_cluster(rows, sums), 100.0, 0.95)
    plain, spread = _chances(told, 0.0), told["spread"]
    amount = np.exp(9 + spread**2 / 2) * _chances(told, spread) / plain
    days = _mean_days(told) / plain
    return 100 * plain * amount / days, found.low, found.high


def _mean_days(told: dict[str, float]) -> float:
    """Mean of days × chance: the rounded days of a Weibull of shape 1.6 whose scale follows the size."""
    from scipy.special import gamma

    return float(90 * gamma(1 + 1 / 1.6) * np.exp(0.1**2 / 2) * _chances(told, 0.1))


TRIALS = (
    Coverage(
        name="data.win_rate_by_amount.rate",
        layout="150 to 1,500 deals of log-normal amount (spread 0.4 to 1.1), large ones won less often, crossed sellers and accounts",
        draw=_by_amount,
    ),
    Coverage(
        name="data.velocity.velocity",
        layout="150 to 1,500 decided deals, amount, chance and duration depend on one another, crossed sellers and accounts",
        draw=_velocity,
    ),
)
