"""The buying centre and what sales recorded about it: contacts with roles, BANT and MEDDIC answers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from workbook.demo.company import AS_OF
from workbook.demo.draw import Rng, stream

ROLES = {"User": 0.55, "Technical buyer": 0.6, "Purchasing": 0.4, "Economic buyer": 0.38}
CRITERIA = {
    "BANT": ("Budget", "Authority", "Need", "Timing"),
    "MEDDIC": (
        "Metrics",
        "Economic buyer",
        "Decision criteria",
        "Decision process",
        "Identified pain",
        "Champion",
    ),
}
MEDDIC_SINCE = np.datetime64("2024-07-01")
SCORES = {"yes": 2.0, "partly": 1.0, "no": 0.0}
# Answers on budget are missing far more often on deals that ended badly.
BUDGET_MISSING = {"won": 0.05, "lost": 0.30, "no_decision": 0.38, "open": 0.25}
OTHER_MISSING = 0.12


class Quality(NamedTuple):
    """What is true about a deal and how it stands in the CRM."""

    status: str
    need: float
    budget: bool
    champion: bool


def simulate_contacts(deals: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return canonical contacts: one row per person in an opportunity.

    The champion is the latent one of the deal.
    """
    rng = stream(seed, "contacts")
    rows: list[tuple[str, str, str, str | None]] = []
    seen = rng.random((len(deals), len(ROLES) + 1))
    for number, (account, champion, decision) in enumerate(
        zip(deals["account"], deals["champion"], deals["decision"], strict=True)
    ):
        more = 1.2 if decision == "won" else 0.9
        roles = [r for r, p, draw in zip(ROLES, ROLES.values(), seen[number], strict=False) if draw < p * more]
        roles += ["Champion"] if champion and seen[number, -1] < 0.75 else []
        for role in roles or ["User"]:
            person = f"K{account + 1:04d}{role[0]}{number % 2 + 1}"
            rows.append(
                (
                    person,
                    f"O{number + 1:05d}",
                    f"A{account + 1:04d}",
                    role if (number + len(role)) % 19 else None,
                )
            )
    return pd.DataFrame(rows, columns=["contact_id", "opportunity_id", "account_id", "role"]).astype("str")


def simulate_qualification(deals: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return canonical qualification: BANT until June 2024, then MEDDIC on the larger deals; some are
    assessed twice.
    """
    rng = stream(seed, "qualification")
    rows: list[tuple[str, np.datetime64, str, str, str | None, str]] = []
    table = zip(
        deals["created"].to_numpy("datetime64[D]"),
        deals["closed"].to_numpy("datetime64[D]"),
        deals["amount"].to_numpy(float),
        deals["owner"].to_numpy(int),
        _qualities(deals),
        strict=True,
    )
    for number, (created, closed, amount, owner, quality) in enumerate(table):
        is_late = created >= MEDDIC_SINCE
        if rng.random() >= (0.42 if is_late else 0.40):
            continue
        framework = "MEDDIC" if is_late and amount > 20_000 else "BANT"
        rater = f"P{owner + 1:03d}"
        for day in _days(rng, created, closed):
            answers = _answers(rng, framework, quality)
            rows += [(f"O{number + 1:05d}", day, framework, criterion, answer, rater) for criterion, answer in answers]
    frame = pd.DataFrame(rows, columns=["opportunity_id", "assessed_on", "framework", "criterion", "answer", "rater_id"])
    frame["assessed_on"] = pd.to_datetime(frame["assessed_on"]).astype("datetime64[us]")
    frame = frame.astype(dict.fromkeys(["opportunity_id", "framework", "criterion", "answer", "rater_id"], "str"))
    frame.insert(5, "score", frame["answer"].map(SCORES).astype(float))
    return frame


def _qualities(deals: pd.DataFrame) -> list[Quality]:
    columns = (deals["status"], deals["need"], deals["budget"], deals["champion"])
    return [Quality(str(s), float(n), bool(b), bool(c)) for s, n, b, c in zip(*columns, strict=True)]


def _days(rng: Rng, created: np.datetime64, closed: np.datetime64) -> list[np.datetime64]:
    """Once in the first three weeks; an eighth of the deals again a month later."""
    end = min(closed, np.datetime64(AS_OF))
    first = min(created + rng.integers(1, 21), end)
    again = first + 30
    return [first, again] if rng.random() < 0.125 and again < end else [first]


def _answers(rng: Rng, framework: str, deal: Quality) -> list[tuple[str, str | None]]:
    """One answer per criterion; it shows the deal's latent need, budget and champion, and is missing by
    outcome.
    """
    answers: list[tuple[str, str | None]] = []
    for criterion in CRITERIA[framework]:
        strength = _strength(criterion, deal)
        draw = rng.random()
        answer = "yes" if draw < strength else "partly" if draw < strength + (1 - strength) * 0.45 else "no"
        missing = BUDGET_MISSING[deal.status] if criterion in ("Budget", "Economic buyer") else OTHER_MISSING
        answers.append((criterion, None if rng.random() < missing else answer))
    return answers


def _strength(criterion: str, deal: Quality) -> float:
    """Chance of a plain yes."""
    if criterion in ("Budget", "Economic buyer"):
        return 0.78 if deal.budget else 0.22
    if criterion in ("Champion", "Authority"):
        return 0.75 if deal.champion else 0.25
    if criterion in ("Need", "Identified pain", "Metrics"):
        return float(1 / (1 + np.exp(-1.2 * deal.need)))
    return 0.5
