"""Accounts: who could buy.

The latent segment shows in industry, size, needs, values, channels and sensitivity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from workbook.demo.company import CURRENCY, CompanyConfig, Segment
from workbook.demo.draw import Array, Rng, days_from, ids, pick, pick_index, some_of, stream, texts
from workbook.demo.names import CITIES, EMOJI, company_names

EMPLOYEE_RANGES = ((5, "1-5"), (20, "5-20"), (100, "20-100"), (500, "100-500"), (10**9, "500+"))
NO_HISTORY_REGION = "Poland-Czechia"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """frame: canonical accounts plus `employee_range`. The arrays, one value per account, are what no column
    tells.

    segment, region: positions in the config; effect: the account's own log-odds; satisfaction: mean 0, sd 1;
    rate: weight in drawing opportunities; churn: chance of leaving per year.
    """

    frame: pd.DataFrame
    segment: Array
    region: Array
    effect: Array
    satisfaction: Array
    rate: Array
    churn: Array


def simulate_accounts(config: CompanyConfig, seed: int) -> Accounts:
    """Draw the accounts. One row per company."""
    rng = stream(seed, "accounts")
    count = config.account_count
    segment = pick_index(rng, [s.weight for s in config.segments], count)
    region = pick_index(rng, [r.weight for r in config.regions], count)
    satisfaction = rng.normal([config.segments[s].satisfaction for s in segment], 0.9)
    frame = _firmographics(rng, config, segment, region)
    frame["name"] = texts(_names(stream(seed, "names"), frame["industry"], frame["country"]))
    frame["industry"] = frame["industry"].where(rng.random(count) < 0.97)
    rate = rng.gamma(1.4, [config.segments[s].deal_rate for s in segment]) * (rng.random(count) > 0.12)
    rate[frame["name"].to_numpy() == EMOJI] = 0.0
    return Accounts(
        frame=frame,
        segment=segment,
        region=region,
        satisfaction=satisfaction,
        rate=rate,
        effect=rng.normal(0.0, config.account_sd, count),
        churn=_churn(rng, config, segment, satisfaction),
    )


def _firmographics(rng: Rng, config: CompanyConfig, segment: Array, region: Array) -> pd.DataFrame:
    count = len(segment)
    countries = [str(pick(rng, config.regions[r].countries, 1)[0]) for r in region]
    regions = [config.regions[r].name for r in region]
    industries = _by_segment(rng, config, segment, "industries")
    employees = _employees(rng, config, segment)
    revenue = (employees * rng.lognormal(np.log(185_000), 0.4, count)).round(-4)
    return pd.DataFrame(
        {
            "account_id": texts(ids("A", count, 4)),
            "name": texts([""] * count),
            "parent_id": texts(_parents(rng, employees)),
            "industry": texts(industries),
            "country": texts(countries),
            "region": texts(regions),
            "city": texts(_cities(rng, regions, countries)),
            "segment": texts(np.select([employees >= 500, employees >= 80], ["Key account", "Mid-market"], "Small")),
            "employees": employees.astype(float),
            "revenue": np.where(rng.random(count) < 0.82, revenue, np.nan),
            "currency": texts([CURRENCY] * count),
            "founded_year": rng.integers(1890, 2019, count),
            "customer_since_on": _since(rng, config, regions),
            "needs": texts(_needs(rng, config, segment)),
            "values": texts(_several(rng, config, segment, "values")),
            "channel_preference": texts(_by_segment(rng, config, segment, "channels")),
            "price_sensitivity": texts(_by_segment(rng, config, segment, "sensitivity")),
            "employee_range": texts([_range(n) for n in employees]),
        }
    )


def _names(rng: Rng, industries: pd.Series[str], countries: pd.Series[str]) -> list[str]:
    names = company_names(rng, list(industries), list(countries))
    names[_position(list(countries), "Germany", 40)] = EMOJI
    return names


def _by_segment(rng: Rng, config: CompanyConfig, segment: Array, what: str) -> list[str]:
    """Draw one name per account from its segment's weights."""
    drawn = np.empty(len(segment), dtype=object)
    for position, truth in enumerate(config.segments):
        mine = segment == position
        drawn[mine] = pick(rng, getattr(truth, what), int(mine.sum()))
    return list(drawn)


def _several(rng: Rng, config: CompanyConfig, segment: Array, what: str) -> list[str]:
    """Draw several names per account from its segment's chances."""
    drawn = np.empty(len(segment), dtype=object)
    for position, truth in enumerate(config.segments):
        mine = segment == position
        drawn[mine] = some_of(rng, getattr(truth, what), int(mine.sum()))
    return list(drawn)


def _needs(rng: Rng, config: CompanyConfig, segment: Array) -> list[str | None]:
    """Declared needs; a fifth of the accounts never declared any."""
    needs = _several(rng, config, segment, "needs")
    return [n if known else None for n, known in zip(needs, rng.random(len(needs)) < 0.8, strict=True)]


def _employees(rng: Rng, config: CompanyConfig, segment: Array) -> Array:
    centre = np.log([config.segments[s].employees for s in segment])
    return np.asarray(np.clip(np.rint(rng.lognormal(centre, 0.85)), 3, 24_000))


def _range(employees: float) -> str:
    return next(name for below, name in EMPLOYEE_RANGES if employees < below)


def _cities(rng: Rng, regions: list[str], countries: list[str]) -> list[str]:
    choices = [CITIES.get(r, CITIES.get(c, ())) for r, c in zip(regions, countries, strict=True)]
    choices = [CITIES[c] if c != "Germany" else found for c, found in zip(countries, choices, strict=True)]
    return [str(found[rng.integers(len(found))]) for found in choices]


def _parents(rng: Rng, employees: Array) -> list[str | None]:
    """Forty companies belong to one of the twenty largest."""
    parents: list[str | None] = [None] * len(employees)
    largest = np.argsort(-employees, kind="stable")[:20]
    for child in rng.choice(len(employees), size=40, replace=False):
        if child not in largest:
            parents[child] = f"A{int(largest[rng.integers(20)]) + 1:04d}"
    return parents


def _since(rng: Rng, config: CompanyConfig, regions: list[str]) -> Array:
    """Day of the first order of those who were customers before the history starts."""
    count = len(regions)
    since = days_from(date(2009, 1, 1), rng.integers(0, 4_700, count)).astype("datetime64[us]")
    late = (rng.random(count) >= config.customer_share_at_start) | (np.array(regions) == NO_HISTORY_REGION)
    since[late] = np.datetime64("NaT")
    return since


def _churn(rng: Rng, config: CompanyConfig, segment: Array, satisfaction: Array) -> Array:
    """Chance of leaving per year: Beta around the segment's mean (so survivors look ever more loyal), less if
    satisfied.
    """
    truths: list[Segment] = [config.segments[s] for s in segment]
    mean = np.array([1 - s.retention for s in truths])
    drawn = rng.beta(mean * 6.0, (1 - mean) * 6.0)
    swing = np.exp(-0.45 * (satisfaction - np.array([s.satisfaction for s in truths])))
    return np.asarray(np.clip(drawn * swing / np.exp(0.45**2 * 0.81 / 2), 0.002, 0.9))


def _position(values: list[str], wanted: str, nth: int) -> int:
    return [i for i, value in enumerate(values) if value == wanted][nth]
