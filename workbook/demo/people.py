"""Staff, trainings and the alignment programme's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from workbook.demo.company import AS_OF, CURRENCY, START, CompanyConfig
from workbook.demo.draw import Array, Rng, days_from, ids, stream, texts

TRAINING = "Value selling"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """staff, trainings: canonical frames. The arrays hold one value per salesperson (the first rows of
    staff).

    region: position in the config; effect: own log-odds of winning; hired, left: dates (NaT: still there);
    trained: day of the value-selling training (NaT: never).
    """

    staff: pd.DataFrame
    trainings: pd.DataFrame
    region: Array
    effect: Array
    hired: Array
    left: Array
    trained: Array


def simulate_people(config: CompanyConfig, seed: int) -> People:
    """Draw salespeople per region (a few leave and are replaced), marketing and service."""
    rng = stream(seed, "people")
    region, hired, left = _sales(rng, config)
    count = len(region)
    trained = days_from(date(2022, 9, 1), rng.integers(0, 1_300, count))
    trained[(rng.random(count) < 0.35) | (trained < hired) | (~np.isnat(left) & (trained > left))] = np.datetime64("NaT")
    effect = rng.normal(0.0, config.owner_sd, count)
    staff = _staff(rng, config, region, hired, left)
    trainings = _trainings(rng, staff, trained)
    return People(
        staff=staff,
        trainings=trainings,
        region=region,
        effect=effect - effect.mean(),
        hired=hired,
        left=left,
        trained=trained,
    )


def _sales(rng: Rng, config: CompanyConfig) -> tuple[Array, Array, Array]:
    """Return region, first day and last day of each salesperson; whoever leaves is replaced the day after."""
    rows: list[tuple[int, np.datetime64, np.datetime64 | None]] = []
    for position, region in enumerate(config.regions):
        for _ in range(region.owners):
            hired = np.datetime64(date(2012, 1, 1)) + rng.integers(0, 3_500)
            leaves = rng.random() < 0.2
            left = np.datetime64(date(2022, 7, 1)) + rng.integers(0, 1_300) if leaves else None
            if left is not None:
                rows.append((position, left + 1, None))
            rows.append((position, hired, left))
    rows.sort(key=lambda row: (row[0], row[1].astype(int)))
    return (
        np.array([r[0] for r in rows]),
        np.array([r[1] for r in rows], dtype="datetime64[D]"),
        np.array([r[2] for r in rows], dtype="datetime64[D]"),
    )


def _staff(rng: Rng, config: CompanyConfig, region: Array, hired: Array, left: Array) -> pd.DataFrame:
    count, others = len(region), 26
    teams = [f"Team {config.regions[r].market}" for r in region]
    extra = days_from(date(2013, 1, 1), rng.integers(0, 4_200, others))
    function = ["sales"] * count + ["marketing"] * 14 + ["service"] * 12
    return pd.DataFrame(
        {
            "person_id": texts(ids("P", count + others, 3)),
            "function": texts(function),
            "team": texts(teams + ["Marketing"] * 14 + ["Service"] * 12),
            "region": texts([config.regions[r].name for r in region] + [None] * others),
            "hired_on": np.concatenate([hired, extra]).astype("datetime64[us]"),
            "left_on": np.concatenate([left, np.full(others, "NaT", dtype="datetime64[D]")]).astype("datetime64[us]"),
        }
    )


def _trainings(rng: Rng, staff: pd.DataFrame, trained: Array) -> pd.DataFrame:
    """Value selling for those who attended, CRM basics for most, a product update per year for some."""
    rows: list[tuple[str, str, np.datetime64, bool]] = []
    for person, day in zip(staff["person_id"], trained, strict=False):
        if not np.isnat(day):
            rows.append((person, TRAINING, day, True))
        elif rng.random() < 0.15:
            rows.append((person, TRAINING, np.datetime64(date(2024, 3, 12)), False))
    for year in range(2022, 2027):
        day = np.datetime64(date(year, 2, 15))
        attended = [p for p in staff["person_id"] if rng.random() < 0.55]
        rows += [(p, f"Product update {year}", day, bool(rng.random() < 0.93)) for p in attended]
    frame = pd.DataFrame(rows, columns=["person_id", "training", "held_on", "is_completed"])
    frame["held_on"] = pd.to_datetime(frame["held_on"]).astype("datetime64[us]")
    return frame.astype({"person_id": "str", "training": "str"})


def months(start: date = START, end: date = AS_OF) -> Array:
    """First days of the months from start to end. Array of datetime64[M]."""
    return np.arange(np.datetime64(start, "M"), np.datetime64(end, "M") + 1)


def ramp_at(config: CompanyConfig, region: Array, day: Array) -> Array:
    """Share of the programme's full effect, 0–1, for something that starts in a region on a day.

    0 before adoption.
    """
    adopted = np.array([np.datetime64(r.adopted_on or "NaT", "D") for r in config.regions])[region]
    since = quarters_since(adopted, day)
    ramp = np.array(config.programme.ramp)
    return np.asarray(np.where(since < 0, 0.0, ramp[np.clip(since, 0, len(ramp) - 1)]))


def quarters_since(adopted: Array, day: Array) -> Array:
    """Calendar quarters from adoption to day; 0 is the quarter of adoption, −999 where never adopted."""

    def quarter(days: Array) -> Array:
        return np.asarray(days.astype("datetime64[M]").astype(int) // 3)

    never = np.isnat(adopted)
    start = np.where(never, np.datetime64("2100-01-01"), adopted)
    return np.asarray(np.where(never, -999, quarter(day.astype("datetime64[D]")) - quarter(start)))


def simulate_units(config: CompanyConfig) -> pd.DataFrame:
    """Region × month with the day of adoption and what the programme costs there."""
    rows = []
    programme = config.programme
    for region in config.regions:
        for month in months():
            adopted = np.datetime64(region.adopted_on, "M") if region.adopted_on else np.datetime64("NaT", "M")
            cost = 0.0 if np.isnat(adopted) or month < adopted else programme.cost_per_month
            rows.append(
                (
                    region.name,
                    month,
                    region.adopted_on,
                    cost + (programme.cost_at_start if month == adopted else 0),
                )
            )
    frame = pd.DataFrame(rows, columns=["unit", "month_on", "adopted_on", "programme_cost"])
    for column in ("month_on", "adopted_on"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
    frame["currency"] = CURRENCY
    return frame.astype({"unit": "str", "currency": "str"})
