"""What people say: customers (NPS, CSAT), buyers (brand ratings), own staff (alignment survey)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from workbook.demo.accounts import Accounts
from workbook.demo.company import AS_OF, NAME, CompanyConfig
from workbook.demo.customers import active_in
from workbook.demo.draw import Rng, days_from, ids, stream, texts

Answer = tuple[int, np.datetime64, str, float, str | None]
RESPONSE_RATE = 0.42
PRAISE = ("Service technicians know our line.", "Commissioning took two days.", "Interfaces simply work.")
BLAME = (
    "Spare parts take too long.",
    "Too expensive for what we need.",
    "Nobody called back for a week.",
    "Set-up was harder than promised.",
)
ATTRIBUTES = ("Price", "Innovation", "Service", "Reliability", "Ease of use", "Delivery time")
# Mean score 1–7 by brand and attribute, as buyers see it.
BRANDS = {
    NAME: (4.0, 5.0, 5.7, 5.4, 4.3, 4.4),
    "Takemori Motion": (3.7, 6.0, 4.3, 5.9, 4.2, 4.6),
    "Velmont Controls": (2.9, 5.5, 4.7, 5.7, 3.9, 4.2),
    "Pendrix": (6.1, 3.4, 3.2, 3.7, 5.5, 5.6),
    "Brennhagen Systeme": (4.5, 3.9, 5.5, 4.9, 4.5, 5.0),
    "Quelltal Integration": (4.4, 4.3, 5.2, 4.4, 4.7, 3.8),
}
# Agreement 1–5 of sales and of marketing: they differ most on lead quality and feedback.
ITEMS = {
    "We pursue the same goals.": (3.3, 4.1),
    "We measure success by the same figures.": (2.6, 3.5),
    "We mean the same by a qualified lead.": (2.4, 3.9),
    "The leads handed over are good.": (2.3, 4.2),
    "Leads are worked on quickly.": (4.1, 2.7),
    "We get feedback on what became of leads.": (3.4, 2.2),
    "We meet often enough.": (2.9, 3.2),
    "Content fits the customers' questions.": (3.0, 4.0),
    "Our systems show both functions the same data.": (2.7, 2.9),
    "We plan campaigns together.": (2.6, 3.3),
    "We know the same ideal customer.": (3.1, 3.6),
    "We respect each other's work.": (3.8, 3.9),
}


def simulate_feedback(
    config: CompanyConfig, deals: pd.DataFrame, accounts: Accounts, spells: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return canonical feedback: NPS each May and November, CSAT three months after a project. By date."""
    rng = stream(seed, "feedback")
    rows = _nps(rng, accounts, spells) + _csat(rng, deals, accounts)
    frame = pd.DataFrame(rows, columns=["account", "day", "instrument", "score", "text"])
    frame = frame[frame["day"] <= np.datetime64(AS_OF)].sort_values(["day", "account"], kind="stable")
    return pd.DataFrame(
        {
            "feedback_id": texts(ids("F", len(frame), 5)),
            "account_id": texts([f"A{a + 1:04d}" for a in frame["account"]]),
            "answered_on": pd.to_datetime(frame["day"].to_numpy()).astype("datetime64[us]"),
            "instrument": texts(frame["instrument"]),
            "score": frame["score"].to_numpy(float),
            "text": texts(frame["text"]),
        }
    )


def _nps(rng: Rng, accounts: Accounts, spells: pd.DataFrame) -> list[Answer]:
    rows: list[Answer] = []
    for year in range(2022, 2027):
        for month in (5, 11):
            sent = np.datetime64(date(year, month, 3))
            for account in active_in(spells, sent.astype("datetime64[M]")):
                if rng.random() < RESPONSE_RATE / 1.6:
                    score = np.clip(np.rint(7.7 + 1.35 * accounts.satisfaction[account] + rng.normal(0, 1.1)), 0, 10)
                    rows.append(
                        (
                            int(account),
                            sent + rng.integers(0, 20),
                            "NPS",
                            float(score),
                            _words(rng, score / 10),
                        )
                    )
    return rows


def _csat(rng: Rng, deals: pd.DataFrame, accounts: Accounts) -> list[Answer]:
    rows: list[Answer] = []
    won = deals[deals["status"] == "won"]
    for account, closed in zip(won["account"], won["closed"], strict=True):
        if rng.random() < 0.4:
            score = np.clip(np.rint(4.0 + 0.55 * accounts.satisfaction[account] + rng.normal(0, 0.6)), 1, 5)
            day = np.datetime64(closed, "D") + rng.integers(70, 140)
            rows.append((int(account), day, "CSAT", float(score), _words(rng, score / 5)))
    return rows


def _words(rng: Rng, level: float) -> str | None:
    """A fifth of the answers come with words."""
    draw, choice = rng.random(), rng.random()
    words = PRAISE if level >= 0.8 else BLAME
    return words[int(choice * len(words))] if draw < 0.2 else None


def simulate_ratings(seed: int) -> pd.DataFrame:
    """Return canonical ratings 1–7: 150 buyers rate the own brand and two or three others."""
    rng = stream(seed, "ratings")
    rows = []
    others = list(BRANDS)[1:]
    for respondent in range(1, 151):
        leniency = rng.normal(0, 0.5)
        known = [b for b, draw in zip(others, rng.random(len(others)), strict=True) if draw < 0.5] or others[:2]
        for brand in (NAME, *known):
            scores = np.clip(np.rint(np.array(BRANDS[brand]) + leniency + rng.normal(0, 1.0, len(ATTRIBUTES))), 1, 7)
            rows += [(f"B{respondent:03d}", brand, a, s) for a, s in zip(ATTRIBUTES, scores, strict=True)]
    frame = pd.DataFrame(rows, columns=["respondent_id", "brand", "attribute", "score"])
    return frame.astype({"respondent_id": "str", "brand": "str", "attribute": "str"})


def simulate_survey(staff: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return canonical survey answers of March 2026: 30 from sales, 13 from marketing; some items missing."""
    rng = stream(seed, "survey")
    rows = []
    for position, (function, number) in enumerate((("sales", 30), ("marketing", 13))):
        people = staff.loc[(staff["function"] == function) & staff["left_on"].isna(), "person_id"].to_numpy()
        for person in people[:number]:
            day = days_from(date(2026, 3, 9), rng.integers(0, 12))
            for item, means in ITEMS.items():
                if rng.random() < 0.96:
                    score = np.clip(np.rint(means[position] + rng.normal(0, 0.85)), 1, 5)
                    rows.append((str(person), function, item, float(score), day.item()))
    frame = pd.DataFrame(rows, columns=["respondent_id", "function", "item", "score", "answered_on"])
    frame["answered_on"] = frame["answered_on"].astype("datetime64[us]")
    return frame.astype({"respondent_id": "str", "function": "str", "item": "str"})
