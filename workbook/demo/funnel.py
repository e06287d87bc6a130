"""Leads as the CRM holds them, and their links to opportunities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.company import CompanyConfig
from workbook.demo.draw import Array, Rng, ids, pick, stream, texts
from workbook.demo.latent import Latent
from workbook.demo.leads import END, REASONS

CONVERSION = 0.72
LONGEST_LINK_DAYS = 45


def link_leads(leads: pd.DataFrame, deals: pd.DataFrame, seed: int) -> Array:
    """Return the opportunity each lead became: position in deals, −1 for none.

    An accepted lead becomes the region's next unlinked opportunity of a new customer within 45 days, by first
    come.
    """
    rng = stream(seed, "links")
    link = np.full(len(leads), -1)
    may = ~deals["is_expansion"].to_numpy(bool) | (rng.random(len(deals)) < 0.12)
    region = deals["region"].to_numpy(int)
    free = [list(np.flatnonzero(may & (region == r))) for r in range(int(region.max()) + 1)]
    created = deals["created"].to_numpy("datetime64[D]")
    known = leads["sql"].notna() & (rng.random(len(leads)) < CONVERSION)
    days, places = leads["sql"].to_numpy("datetime64[D]"), leads["region"].to_numpy(int)
    for lead in leads[known].sort_values("sql", kind="stable").index.to_numpy(int):
        day, rows = days[lead], free[places[lead]]
        while rows and created[rows[0]] < day:
            rows.pop(0)
        if rows and (created[rows[0]] - day).astype(int) <= LONGEST_LINK_DAYS:
            link[lead] = rows.pop(0)
    return link


def leads_frame(latent: Latent, seed: int) -> pd.DataFrame:
    """Return canonical leads: nothing after the export is known yet."""
    rng = stream(seed, "leads frame")
    config, leads, deals, link = latent.config, latent.leads, latent.deals, latent.link
    count = len(leads)
    linked = link >= 0
    known = {name: _until(leads[name]) for name in ("mql", "response", "sql", "rejected")}
    account = _accounts(rng, latent)
    source = np.array([s.name for s in config.sources])[leads["source"]]
    won = linked & (deals["status"].to_numpy() == "won")[np.maximum(link, 0)]
    closed = deals["closed"].to_numpy("datetime64[m]")[np.maximum(link, 0)] + np.timedelta64(15 * 60, "m")
    return pd.DataFrame(
        {
            "lead_id": texts(ids("L", count, 5)),
            "account_id": texts([f"A{a + 1:04d}" if a >= 0 else None for a in account]),
            "opportunity_id": texts([f"O{o + 1:05d}" if o >= 0 else None for o in link]),
            "owner_id": texts(_owners(leads, deals, link)),
            "region": texts(np.array([r.name for r in config.regions])[leads["region"]]),
            "source": texts(source),
            "campaign": texts(_campaigns(rng, config, leads, source)),
            "created_at": leads["created"].astype("datetime64[us]"),
            "mql_at": known["mql"],
            "first_response_at": known["response"],
            "sql_at": known["sql"],
            "rejected_at": known["rejected"],
            "rejection_reason": texts(_reasons(rng, known["rejected"])),
            "customer_at": pd.Series(np.where(won, closed, np.datetime64("NaT", "m")).astype("datetime64[us]")),
        }
    )


def link_opportunities(config: CompanyConfig, opportunities: pd.DataFrame, leads: pd.DataFrame, link: Array) -> pd.DataFrame:
    """Return opportunities with lead, source and marketing origin of those that came from a lead."""
    linked, row = np.flatnonzero(link >= 0), link[link >= 0]
    marketing = {s.name: s.is_marketing for s in config.sources}
    frame = opportunities.copy()
    lead_id, source = (frame[c].to_numpy(object).copy() for c in ("lead_id", "source"))
    lead_id[row] = leads["lead_id"].to_numpy(object)[linked]
    source[row] = leads["source"].to_numpy(object)[linked]
    frame["lead_id"], frame["source"] = texts(lead_id), texts(source)
    frame["is_marketing_sourced"] = frame["lead_id"].notna() & frame["source"].map(marketing).eq(True)
    return frame


def _until(moments: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    """Hide what happens after the export."""
    return moments.where(moments < pd.Timestamp(END)).astype("datetime64[us]")


def _accounts(rng: Rng, latent: Latent) -> Array:
    """The opportunity's account; of the others a third is matched to an account of the region."""
    leads, deals, link, accounts = latent.leads, latent.deals, latent.link, latent.accounts
    chosen = np.full(len(leads), -1)
    by_region = {r: np.flatnonzero(accounts.region == r) for r in range(int(accounts.region.max()) + 1)}
    matched = rng.random(len(leads)) < 0.35
    draws = rng.random(len(leads))
    for row, region in enumerate(leads["region"]):
        if link[row] >= 0:
            chosen[row] = deals["account"].iat[link[row]]
        elif matched[row]:
            chosen[row] = by_region[region][int(draws[row] * len(by_region[region]))]
    return chosen


def _owners(leads: pd.DataFrame, deals: pd.DataFrame, link: Array) -> list[str | None]:
    """The opportunity's owner, else the owner of some deal of the region at that time; nobody before
    qualification.
    """
    by_region = {r: (rows["created"].to_numpy(), rows["owner"].to_numpy()) for r, rows in deals.groupby("region")}
    owners: list[str | None] = []
    owner = deals["owner"].to_numpy(int)
    mql = _until(leads["mql"])
    for row, (region, day) in enumerate(zip(leads["region"], mql, strict=True)):
        if pd.isna(day):
            owners.append(None)
            continue
        times, people = by_region[region]
        nearest = min(int(np.searchsorted(times, day.to_datetime64())), len(times) - 1)
        owners.append(f"P{(owner[link[row]] if link[row] >= 0 else people[nearest]) + 1:03d}")
    return owners


def _campaigns(rng: Rng, config: CompanyConfig, leads: pd.DataFrame, source: Array) -> list[str | None]:
    """Source, year and half for paid channels; a twelfth was never tagged."""
    marketing = {s.name: s.is_marketing for s in config.sources}
    tagged = rng.random(len(leads)) < 11 / 12
    halves = leads["created"].dt.year.astype(str) + np.where(leads["created"].dt.month <= 6, " H1", " H2")
    rows = zip(source, halves, tagged, strict=True)
    return [f"{s} {half}" if marketing[s] and is_tagged else None for s, half, is_tagged in rows]


def _reasons(rng: Rng, rejected: pd.Series[pd.Timestamp]) -> list[str | None]:
    drawn = pick(rng, REASONS, len(rejected))
    keep = rejected.notna().to_numpy() & (rng.random(len(rejected)) < 0.85)
    return [str(reason) if kept else None for reason, kept in zip(drawn, keep, strict=True)]
