"""What each opportunity is before anyone decides: account, product, competitor, price.

One row per opportunity.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.accounts import Accounts
from workbook.demo.company import AS_OF, FAMILIES, CompanyConfig
from workbook.demo.draw import Array, Rng, pick, pick_index, stream, to_workday
from workbook.demo.people import People, months

MONTH_WEIGHTS = (1.05, 1.0, 1.15, 1.0, 1.0, 1.0, 0.85, 0.7, 1.12, 1.12, 1.1, 0.72)
FAMILY_FACTORS = {
    "Motion control": 0.75,
    "Machine vision": 0.95,
    "Robot cells": 1.7,
    "Industrial software": 0.85,
}
GROWTH = 0.035


def draw_deals(config: CompanyConfig, accounts: Accounts, people: People, seed: int) -> pd.DataFrame:
    """Draw the opportunities in order of creation.

    account, segment, region, owner: positions; created: day; family, product: names; rivals: tuple of names;
    discount, amount; price: log of the own price over the reference price; need, budget, champion: latent
    quality.
    """
    rng = stream(seed, "deals")
    count = config.opportunity_count
    deals = pd.DataFrame({"created": np.sort(_created(rng, count))})
    deals["account"] = pick_index(rng, accounts.rate, count)
    deals["segment"] = accounts.segment[deals["account"]]
    deals["region"] = accounts.region[deals["account"]]
    deals["owner"] = _owners(rng, people, deals)
    deals["family"] = _families(rng, config, deals["segment"].to_numpy())
    deals["product"] = _products(rng, config, deals)
    deals["rivals"] = _rivals(rng, config, deals["segment"].to_numpy())
    deals["discount"] = _discounts(rng, config, deals)
    deals["price"] = _price(config, deals)
    deals["amount"] = _amounts(rng, config, accounts, deals)
    deals["need"] = rng.normal(0.0, 1.0, count)
    deals["budget"] = rng.random(count) < 0.62
    deals["champion"] = rng.random(count) < 0.5
    return deals


def _created(rng: Rng, count: int) -> Array:
    """Days of creation: growing, with a summer and a Christmas gap, on working days until the export."""
    calendar = months()
    years = np.arange(len(calendar)) / 12
    weight = np.tile(MONTH_WEIGHTS, len(calendar) // 12 + 1)[: len(calendar)] * (1 + GROWTH) ** years
    first = calendar[pick_index(rng, weight, count)]
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(int)
    days = first.astype("datetime64[D]") + np.floor(rng.random(count) * length).astype("timedelta64[D]")
    return np.asarray(np.minimum(to_workday(days), np.datetime64(AS_OF)))


def _owners(rng: Rng, people: People, deals: pd.DataFrame) -> Array:
    """One of the region's salespeople who were there that day."""
    owners = np.zeros(len(deals), dtype=int)
    for row, (region, day) in enumerate(zip(deals["region"], deals["created"].to_numpy("datetime64[D]"), strict=True)):
        there = (people.region == region) & (people.hired <= day) & (np.isnat(people.left) | (people.left >= day))
        present = np.flatnonzero(there)
        owners[row] = present[rng.integers(len(present))]
    return owners


def _families(rng: Rng, config: CompanyConfig, segment: Array) -> list[str]:
    drawn = np.empty(len(segment), dtype=object)
    for position, truth in enumerate(config.segments):
        mine = segment == position
        drawn[mine] = pick(rng, dict(zip(FAMILIES, truth.families, strict=True)), int(mine.sum()))
    return list(drawn)


def _products(rng: Rng, config: CompanyConfig, deals: pd.DataFrame) -> list[str]:
    """A product of the family that was launched by then."""
    drawn = []
    for family, day in zip(deals["family"], deals["created"].dt.date, strict=True):
        known = {p.name: p.weight for p in config.products if p.family == family and p.launched_on <= day}
        drawn.append(str(pick(rng, known, 1)[0]))
    return drawn


def _rivals(rng: Rng, config: CompanyConfig, segment: Array) -> list[tuple[str, ...]]:
    """Competitors at the table: none, one, sometimes two."""
    drawn: list[tuple[str, ...]] = []
    for position in segment:
        truth = config.segments[position]
        if rng.random() >= truth.competition:
            drawn.append(())
            continue
        first = str(pick(rng, truth.rivals, 1)[0])
        second = str(pick(rng, truth.rivals, 1)[0]) if rng.random() < config.second_competitor else first
        drawn.append((first,) if second == first else (first, second))
    return drawn


def _discounts(rng: Rng, config: CompanyConfig, deals: pd.DataFrame) -> Array:
    """Discounts by segment, more against a cheap rival; half per cents, never above 35 %."""
    index = price_of(config)
    cheap = np.array([min((index[r] for r in rivals), default=100.0) for rivals in deals["rivals"]])
    base = np.array([config.segments[s].discount for s in deals["segment"]])
    mean = base + 0.28 * np.clip(1 - cheap / 100, 0, None)
    drawn = rng.gamma(1.9, mean / 1.9)
    return np.asarray(np.rint(np.clip(drawn, 0, 0.35) * 200) / 200)


def price_of(config: CompanyConfig) -> dict[str, float]:
    """Price index by competitor, own list price = 100."""
    return {c.name: c.price_index for c in config.competitors}


def _price(config: CompanyConfig, deals: pd.DataFrame) -> Array:
    """Log of the own price after discount over the cheapest rival's price (list price if none)."""
    index = price_of(config)
    reference = np.array([min((index[r] for r in rivals), default=100.0) for rivals in deals["rivals"]])
    return np.asarray(np.log((1 - deals["discount"]) * 100 / reference))


def _amounts(rng: Rng, config: CompanyConfig, accounts: Accounts, deals: pd.DataFrame) -> Array:
    """Lognormal by segment, family and size of the company, after discount, in tens of EUR."""
    centre = np.array([config.segments[s].amount for s in deals["segment"]])
    usual = np.array([config.segments[s].employees for s in deals["segment"]])
    employees = accounts.frame["employees"].to_numpy()[deals["account"]]
    family = deals["family"].map(FAMILY_FACTORS).to_numpy(float)
    size = (employees / usual) ** 0.15
    drawn = rng.lognormal(np.log(centre * family * size), 0.72) * (1 - deals["discount"])
    return np.asarray(np.clip(np.rint(drawn / 10) * 10, 400, 1_900_000), dtype=float)
