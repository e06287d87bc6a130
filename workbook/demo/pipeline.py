"""Opportunities and stage entries as the CRM holds them: what people did not fill in is missing, depending on
the outcome.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.accounts import Accounts
from workbook.demo.company import AS_OF, CLOSED_STAGES, CURRENCY, STAGES, CompanyConfig
from workbook.demo.draw import Array, Rng, ids, pick, stream, texts
from workbook.demo.latent import Latent
from workbook.demo.people import People
from workbook.demo.rivals import NO_COMPETITOR_REASONS, NO_DECISION_REASONS

# How often a field is filled, by status as the CRM shows it: losing makes people write down why.
FILLED = {
    "competitor": {"won": 0.55, "lost": 0.88, "no_decision": 0.45, "open": 0.40},
    "loss_reason": {"won": 0.0, "lost": 0.84, "no_decision": 0.70, "open": 0.0},
    "discount_share": {"won": 0.96, "lost": 0.82, "no_decision": 0.55, "open": 0.45},
    "amount": {"won": 0.986, "lost": 0.985, "no_decision": 0.97, "open": 0.86},
}
CHANCE = {"Discovery": 0.10, "Technical fit": 0.25, "Proposal": 0.50, "Negotiation": 0.75}
LAST_STAGE = {
    "won": (0, 0, 0.08, 0.92),
    "lost": (0.24, 0.24, 0.32, 0.20),
    "no_decision": (0.30, 0.28, 0.32, 0.10),
}
STAGE_TIME = (0.22, 0.26, 0.30, 0.22)
SOURCES_NEW = {"Sales outbound": 0.5, "Tender": 0.22, "Partner": 0.18, "Referral": 0.10}


def opportunities_frame(latent: Latent, entries: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return canonical opportunities, one row per opportunity, before leads are linked to them."""
    rng = stream(seed, "opportunities")
    config, deals, accounts = latent.config, latent.deals, latent.accounts
    count = len(deals)
    status = deals["status"]
    frame = pd.DataFrame({"opportunity_id": texts(ids("O", count, 5))})
    frame["name"] = texts(_names(deals, accounts))
    frame["status"] = texts(status)
    frame["account_id"] = accounts.frame["account_id"].to_numpy()[deals["account"]]
    frame["owner_id"] = texts([f"P{o + 1:03d}" for o in deals["owner"]])
    frame["product_id"] = texts(deals["product"])
    frame["lead_id"] = texts([None] * count)
    frame["region"] = texts([config.regions[r].name for r in deals["region"]])
    frame["segment"] = accounts.frame["segment"].to_numpy()[deals["account"]]
    frame["pipeline"] = texts(["Sales"] * count)
    frame["stage"] = _current_stage(entries, frame["opportunity_id"])
    frame["created_on"] = deals["created"].astype("datetime64[us]")
    frame["expected_close_on"] = _expected(rng, config, deals)
    frame["closed_on"] = deals["closed"].where(status != "open").astype("datetime64[us]")
    frame["amount"] = deals["amount"].where(_filled(rng, "amount", status))
    frame["currency"] = texts([CURRENCY] * count)
    frame["discount_share"] = deals["discount"].where(_filled(rng, "discount_share", status))
    frame["probability"] = frame["stage"].map(CHANCE).where(status == "open", (status == "won").astype(float))
    source = np.where(deals["is_expansion"], "Existing customer", pick(rng, SOURCES_NEW, count))
    frame["source"] = texts([s if known else None for s, known in zip(source, rng.random(count) < 0.96, strict=True)])
    frame["competitor"] = texts(_competitors(rng, deals))
    frame["loss_reason"] = texts(_loss_reasons(rng, config, deals))
    frame["business_type"] = texts(np.where(deals["is_expansion"], "expansion", "new"))
    frame["is_marketing_sourced"] = np.zeros(count, dtype=bool)
    return frame


def _names(deals: pd.DataFrame, accounts: Accounts) -> list[str]:
    """Titles that are unique in every CRM: company, product, running number of the year."""
    names = accounts.frame["name"].to_numpy()[deals["account"]]
    years = deals["created"].dt.year
    numbers = deals.groupby(years).cumcount() + 1
    rows = zip(names, deals["product"], years, numbers, strict=True)
    return [f"{' '.join(str(n).split()[:2])}: {product} {year}-{number:04d}" for n, product, year, number in rows]


def _filled(rng: Rng, column: str, status: pd.Series[str]) -> Array:
    """Whether a field was filled in, by status."""
    return np.asarray(rng.random(len(status)) < status.map(FILLED[column]).to_numpy(float))


def _competitors(rng: Rng, deals: pd.DataFrame) -> list[str | None]:
    known = _filled(rng, "competitor", deals["status"])
    return ["; ".join(r) or "none" if k else None for r, k in zip(deals["rivals"], known, strict=True)]


def _loss_reasons(rng: Rng, config: CompanyConfig, deals: pd.DataFrame) -> list[str | None]:
    """Why it was lost: by the strongest rival; a high price relative to that rival makes `Price` likelier."""
    reasons = {c.name: c.reasons for c in config.competitors}
    known = _filled(rng, "loss_reason", deals["status"])
    drawn: list[str | None] = []
    for status, rivals, price, is_known in zip(deals["status"], deals["rivals"], deals["price"], known, strict=True):
        weights = NO_DECISION_REASONS if status == "no_decision" else reasons.get("".join(rivals[:1]), NO_COMPETITOR_REASONS)
        tilted = {name: w * (np.exp(2.5 * price) if name == "Price" else 1.0) for name, w in weights.items()}
        drawn.append(str(pick(rng, tilted, 1)[0]) if is_known else None)
    return drawn


def _expected(rng: Rng, config: CompanyConfig, deals: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Expected close of open deals: hopeful, pushed on now and then; a third is overdue, abandoned deals
    nearly all.
    """
    usual = np.array([config.segments[s].cycle_days for s in deals["segment"]])
    hope = deals["created"] + pd.to_timedelta(np.rint(usual * rng.lognormal(0.05, 0.35, len(deals))), unit="D")
    pushed = pd.Timestamp(AS_OF) + pd.to_timedelta(rng.integers(3, 120, len(deals)), unit="D")
    is_pushed = (hope <= pd.Timestamp(AS_OF)) & (rng.random(len(deals)) < np.where(deals["is_abandoned"], 0.06, 0.6))
    return hope.where(~is_pushed, pushed).where(deals["status"] == "open").astype("datetime64[us]")


def stage_entries_frame(deals: pd.DataFrame, people: People, seed: int) -> pd.DataFrame:
    """Return canonical stage entries up to the export.

    Some deals skip `Technical fit`, a few fall back once.
    """
    rng = stream(seed, "stages")
    rows: list[tuple[str, str, np.datetime64, str]] = []
    columns = zip(
        deals["created"].to_numpy("datetime64[D]"),
        deals["closed"].to_numpy("datetime64[D]"),
        deals["decision"],
        deals["is_abandoned"],
        deals["owner"],
        strict=True,
    )
    for number, (created, closed, decision, is_abandoned, owner) in enumerate(columns, start=1):
        path, times = _path(rng, decision, (closed - created).astype(int))
        if not is_abandoned:
            path, times = [*path, CLOSED_STAGES[decision]], [*times, float((closed - created).astype(int))]
        for stage, after in zip(path, times, strict=True):
            day = np.busday_offset(created + int(after), 0, roll="backward") if after else created
            minute = np.timedelta64(480 + int(after * 7 + number) % 540, "m")
            if (closed if stage in CLOSED_STAGES.values() else day) <= np.datetime64(AS_OF):
                at = (closed if stage in CLOSED_STAGES.values() else max(day, created)).astype("datetime64[m]") + minute
                rows.append((f"O{number:05d}", stage, at, f"P{owner + 1:03d}"))
    frame = pd.DataFrame(rows, columns=["opportunity_id", "stage", "entered_at", "entered_by"])
    frame["entered_at"] = pd.to_datetime(frame["entered_at"]).astype("datetime64[us]")
    frame = frame.drop_duplicates(["opportunity_id", "stage", "entered_at"])
    return frame.astype({"opportunity_id": "str", "stage": "str", "entered_by": "str"}).reset_index(drop=True)


def _path(rng: Rng, decision: str, days: int) -> tuple[list[str], list[float]]:
    """Stages entered and the day of each, from the first to the last before the end."""
    last = int(rng.choice(4, p=LAST_STAGE[decision]))
    shares = np.array(STAGE_TIME[: last + 1]) * rng.gamma(3.0, 1.0, last + 1)
    starts = np.concatenate([[0.0], np.cumsum(shares)[:-1]]) / shares.sum() * max(days - 1, 0)
    path = list(STAGES[: last + 1])
    times = [float(np.floor(s)) for s in starts]
    skip, back = rng.random(2)
    if last >= 2 and skip < 0.10:
        del path[1], times[1]
    elif last == 3 and back < 0.06 and times[3] + 4 < days:
        path, times = [*path, "Proposal", "Negotiation"], [*times, times[3] + 2.0, times[3] + 3.0]
    return path, times


def _current_stage(entries: pd.DataFrame, opportunity_id: pd.Series[str]) -> pd.Series[str]:
    """The stage entered last."""
    last = entries.groupby("opportunity_id")["stage"].last()
    return opportunity_id.map(last).astype("str")
