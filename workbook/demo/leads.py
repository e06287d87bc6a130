"""Leads: from the first contact to marketing-qualified, answered and accepted by sales."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.clock import add_business_hours
from workbook.demo.company import AS_OF, START, CompanyConfig
from workbook.demo.draw import Array, Rng, logistic, pick_index, stream
from workbook.demo.people import months, quarters_since, ramp_at

END = np.datetime64(AS_OF, "D") + 1
MONTHS = {"Trade fair": (2, 2, 4, 5, 2, 1, 0.3, 0.2, 2, 4, 4, 0.5)}
REASONS = {
    "No budget": 0.3,
    "Wrong contact": 0.2,
    "No project": 0.3,
    "Not reachable": 0.15,
    "Competitor": 0.05,
}


def simulate_leads(config: CompanyConfig, seed: int) -> pd.DataFrame:
    """Draw the leads with all their moments, also those after the export. One row per lead, by creation.

    region, source: positions; created, mql, response, sql, rejected: datetime64[m]; p_sql, p_sql_without:
    chance of acceptance once qualified, with and without the programme; hours: business hours to the answer.
    """
    rng = stream(seed, "leads")
    count = config.lead_count
    leads = pd.DataFrame({"created": np.zeros(count, dtype="datetime64[s]")})
    leads["source"] = pick_index(rng, [s.weight for s in config.sources], count)
    leads["created"] = _created(rng, config, leads["source"].to_numpy()).astype("datetime64[s]")
    leads = leads.sort_values("created", kind="stable").reset_index(drop=True)
    leads["region"] = pick_index(rng, [r.weight for r in config.regions], count)
    leads["ramp"] = ramp_at(config, leads["region"].to_numpy(), leads["created"].to_numpy())
    adopted = np.array([np.datetime64(r.adopted_on or "NaT", "D") for r in config.regions])[leads["region"]]
    leads["event_quarter"] = quarters_since(adopted, leads["created"].to_numpy())
    _qualify(rng, config, leads)
    _respond(rng, config, leads)
    _accept(rng, config, leads)
    return leads


def _created(rng: Rng, config: CompanyConfig, source: Array) -> Array:
    """Moments of creation: fairs in spring and autumn, the web at any hour, most of it by day."""
    calendar = months()
    flat = np.array((1, 1, 1.1, 1, 1, 1, 0.85, 0.7, 1.1, 1.1, 1.1, 0.7))
    day = np.zeros(len(source), dtype="datetime64[D]")
    for position, truth in enumerate(config.sources):
        mine = np.flatnonzero(source == position)
        cycle = np.resize(np.array(MONTHS.get(truth.name, flat), dtype=float), len(calendar))
        first = calendar[pick_index(rng, cycle * 1.04 ** (np.arange(len(calendar)) / 12), len(mine))]
        length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(int)
        day[mine] = first.astype("datetime64[D]") + np.floor(rng.random(len(mine)) * length).astype("timedelta64[D]")
    weekend = ~np.is_busday(day)
    day = np.where(weekend & (rng.random(len(day)) < 0.7), np.busday_offset(day, 0, roll="backward"), day)
    day = np.maximum(day, np.datetime64(START))
    minute = np.clip(rng.normal(13.0, 3.4, len(day)), 0.2, 23.7) * 60
    return np.asarray(day.astype("datetime64[m]") + np.floor(minute).astype("timedelta64[m]"))


def _qualify(rng: Rng, config: CompanyConfig, leads: pd.DataFrame) -> None:
    """Marketing qualification: by source; at once (scoring) or after days of nurturing."""
    odds = np.array([s.mql for s in config.sources])[leads["source"]]
    delay = np.array([s.delay_days for s in config.sources])[leads["source"]]
    wait = np.where(rng.random(len(leads)) < 0.45, rng.uniform(1, 30, len(leads)), rng.exponential(delay * 1440) + 31)
    is_mql = rng.random(len(leads)) < logistic(odds)
    mql = leads["created"].to_numpy() + np.floor(wait).astype("timedelta64[m]")
    leads["mql"] = np.where(is_mql, mql, np.datetime64("NaT", "s"))


def _respond(rng: Rng, config: CompanyConfig, leads: pd.DataFrame) -> None:
    """First answer in business hours after qualification; with the programme faster and more often."""
    programme, ramp, count = config.programme, leads["ramp"].to_numpy(), len(leads)
    noise, chance = rng.normal(0.0, 1.15, count), rng.random(count)
    usual = np.log(config.response_hours) + noise
    leads["hours_without"] = np.exp(usual)
    leads["hours"] = np.exp(usual + programme.response * ramp)
    leads["answered_without"] = chance < logistic(np.full(count, 1.7))
    leads["answered"] = chance < logistic(1.7 + programme.answered * ramp)
    mql = leads["mql"].to_numpy().astype("datetime64[m]")
    is_due = leads["mql"].notna().to_numpy() & leads["answered"].to_numpy()
    response = np.full(count, np.datetime64("NaT", "m"))
    response[is_due] = add_business_hours(mql[is_due], leads["hours"].to_numpy()[is_due])
    leads["response"] = response.astype("datetime64[s]")


def _accept(rng: Rng, config: CompanyConfig, leads: pd.DataFrame) -> None:
    """Acceptance by sales: by source and region, likelier after a quick answer, and with the programme."""
    ramp, count = leads["ramp"].to_numpy(), len(leads)
    odds = -0.62 + np.array([s.sql for s in config.sources])[leads["source"]]
    odds = odds + 0.8 * np.array([r.win for r in config.regions])[leads["region"]]
    slow = config.response_effect * np.log(leads["hours"].to_numpy() / config.response_hours)
    slow_without = config.response_effect * np.log(leads["hours_without"].to_numpy() / config.response_hours)
    leads["p_sql"] = logistic(odds + slow + config.programme.sql * ramp) * leads["answered"]
    leads["p_sql_without"] = logistic(odds + slow_without) * leads["answered_without"]
    is_sql = (rng.random(count) < leads["p_sql"].to_numpy()) & leads["mql"].notna().to_numpy()
    wait = np.floor(rng.lognormal(np.log(5.5), 0.8, count) * 1440).astype("timedelta64[m]")
    sql = _by_day(leads["response"].to_numpy().astype("datetime64[m]") + wait)
    leads["sql"] = np.where(is_sql, sql, np.datetime64("NaT", "s")).astype("datetime64[s]")
    is_rejected = leads["response"].notna().to_numpy() & ~is_sql & (rng.random(count) < 0.72)
    later = _by_day(leads["response"].to_numpy().astype("datetime64[m]") + wait * 2)
    leads["rejected"] = np.where(is_rejected, later, np.datetime64("NaT", "s")).astype("datetime64[s]")


def _by_day(moment: Array) -> Array:
    """Move moments outside business hours to the next morning, minutes kept."""
    known = ~np.isnat(moment)
    moved = moment.copy()
    moved[known] = add_business_hours(moment[known], np.full(int(known.sum()), 0.05))
    return moved
