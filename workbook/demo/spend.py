"""What the company spends on sales and marketing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from workbook.demo.company import CURRENCY, CompanyConfig
from workbook.demo.draw import Rng, stream
from workbook.demo.people import People, months

OWNER_COST_PER_MONTH = 8_400.0
MARKETING_BASE = {"Agency": 26_000.0, "Systems": 14_000.0, "Salaries": 71_000.0}

# Leads by month, region and source.
Counts = Counter[tuple[str, int, int]]


def simulate_spend(config: CompanyConfig, leads: pd.DataFrame, people: People, seed: int) -> pd.DataFrame:
    """Return canonical spend: sales by region from headcount, channels from the leads they brought."""
    rng = stream(seed, "spend")
    month = leads["created"].to_numpy("datetime64[M]")
    number: Counts = Counter(zip(month.astype(str), leads["region"], leads["source"], strict=True))
    weight = np.array([r.weight for r in config.regions])
    rows: list[tuple[object, ...]] = []
    for step, calendar_month in enumerate(months()):
        day = calendar_month.astype("datetime64[D]")
        inflation = 1.028 ** (step / 12)
        for position, region in enumerate(config.regions):
            there = (people.region == position) & (people.hired <= day) & (np.isnat(people.left) | (people.left > day))
            share = weight[position] / weight.sum()
            costs = _sales(rng, int(there.sum()), inflation) + _marketing(rng, share, inflation)
            costs += _channels(rng, config, number, (str(calendar_month), position), inflation)
            rows += [(day, function, channel, region.name, cost) for function, channel, cost in costs if cost > 0]
    frame = pd.DataFrame(rows, columns=["month_on", "function", "channel", "region", "amount"])
    frame["month_on"] = pd.to_datetime(frame["month_on"]).astype("datetime64[us]")
    frame["currency"] = CURRENCY
    return frame.astype(dict.fromkeys(["function", "channel", "region", "currency"], "str"))


def _sales(rng: Rng, heads: int, inflation: float) -> list[tuple[str, str, float]]:
    salaries = heads * OWNER_COST_PER_MONTH * inflation
    travel = heads * 950 * inflation * float(rng.lognormal(0, 0.25))
    return [("sales", "Salaries", round(salaries, 0)), ("sales", "Travel", round(travel, 0))]


def _marketing(rng: Rng, share: float, inflation: float) -> list[tuple[str, str, float]]:
    return [
        ("marketing", name, round(cost * share * inflation * float(rng.lognormal(0, 0.06)), 0))
        for name, cost in MARKETING_BASE.items()
    ]


def _channels(
    rng: Rng, config: CompanyConfig, number: Counts, place: tuple[str, int], inflation: float
) -> list[tuple[str, str, float]]:
    return [
        (
            "marketing",
            s.name,
            round(number.get((*place, i), 0) * s.cost_per_lead * inflation * float(rng.lognormal(0, 0.15)), 0),
        )
        for i, s in enumerate(config.sources)
        if s.cost_per_lead > 0
    ]
