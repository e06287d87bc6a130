"""Put the company together: clean canonical frames and the truth behind them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from workbook.demo.accounts import simulate_accounts
from workbook.demo.billing import simulate_billing
from workbook.demo.buying import simulate_contacts, simulate_qualification
from workbook.demo.company import CompanyConfig
from workbook.demo.deals import draw_deals
from workbook.demo.funnel import leads_frame, link_leads, link_opportunities
from workbook.demo.goals import simulate_goals
from workbook.demo.landscape import simulate_competitors, simulate_products
from workbook.demo.latent import Latent
from workbook.demo.leads import simulate_leads
from workbook.demo.market import simulate_market
from workbook.demo.nordwehr import NORDWEHR
from workbook.demo.outcomes import decide
from workbook.demo.people import simulate_people, simulate_units
from workbook.demo.pipeline import opportunities_frame, stage_entries_frame
from workbook.demo.spend import simulate_spend
from workbook.demo.touches import simulate_activities, simulate_content
from workbook.demo.truth import tell_truth
from workbook.demo.voice import simulate_feedback, simulate_ratings, simulate_survey
from workbook.frames import FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """frames: clean canonical frames by name, all declared columns in order, own attributes after them.

    Text columns are `str`, dates and instants `datetime64[us]`, money and numbers float, flags bool; missing
    is missing. truth: what was put in and what came of it, as written to `truth.json`.
    """

    frames: dict[str, pd.DataFrame]
    truth: dict[str, Any]


@lru_cache(maxsize=2)
def simulate(seed: int = 7) -> Company:
    """Simulate the demo company. Equal seeds give equal companies; callers must not change the frames."""
    latent = simulate_latent(NORDWEHR, seed)
    frames = _frames(latent, seed)
    return Company(frames=frames, truth=tell_truth(latent, frames, seed))


def simulate_latent(config: CompanyConfig, seed: int) -> Latent:
    """Simulate everything that happens, before anybody records it."""
    accounts, people = simulate_accounts(config, seed), simulate_people(config, seed)
    deals = decide(config, draw_deals(config, accounts, people, seed), accounts, people, seed)
    leads = simulate_leads(config, seed)
    link = link_leads(leads, deals, seed)
    billing = simulate_billing(config, deals, accounts, seed)
    return Latent(config=config, accounts=accounts, people=people, deals=deals, leads=leads, link=link, billing=billing)


def _frames(latent: Latent, seed: int) -> dict[str, pd.DataFrame]:
    config, deals, people = latent.config, latent.deals, latent.people
    entries = stage_entries_frame(deals, people, seed)
    leads = leads_frame(latent, seed)
    opportunities = opportunities_frame(latent, entries, seed)
    market, content = simulate_market(seed), simulate_content(seed)
    drawn = {
        "accounts": _with_first_order(latent.accounts.frame, opportunities),
        "opportunities": link_opportunities(config, opportunities, leads, latent.link),
        "products": simulate_products(config),
        "stage_entries": entries,
        "leads": leads,
        "activities": simulate_activities(deals, latent.leads, people, content, seed),
        "contacts": simulate_contacts(deals, seed),
        "qualification": simulate_qualification(deals, seed),
        "invoices": latent.billing.invoices,
        "feedback": simulate_feedback(config, deals, latent.accounts, latent.billing.spells, seed),
        "market": market,
        "competitors": simulate_competitors(config, market, latent.billing.invoices, seed),
        "ratings": simulate_ratings(seed),
        "spend": simulate_spend(config, latent.leads, people, seed),
        "goals": simulate_goals(),
        "staff": people.staff,
        "trainings": people.trainings,
        "content": content,
        "units": simulate_units(config),
        "survey": simulate_survey(people.staff, seed),
    }
    return {name: _in_order(name, drawn[name]) for name in FRAMES}


def _with_first_order(accounts: pd.DataFrame, opportunities: pd.DataFrame) -> pd.DataFrame:
    """Fill the day of the first order of those who became customers within the history."""
    won = opportunities[opportunities["status"] == "won"].groupby("account_id")["closed_on"].min()
    since = accounts["customer_since_on"].fillna(accounts["account_id"].map(won)).astype("datetime64[us]")
    return accounts.assign(customer_since_on=since)


def _in_order(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Declared columns first, in order; the firm's own attributes after them."""
    declared = list(FRAMES[name].names)
    own = [column for column in frame.columns if column not in declared]
    return frame[declared + own].reset_index(drop=True)
