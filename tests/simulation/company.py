"""One simulated company: what is true of it, its canonical frames, and the truth that a headline should hold.

The company differs from the next in size, team, accounts, chances, competitors, regions, cycle, effect of the programme. Its truth is
taken from a crowd of deals drawn from the same laws, each with a seller and an account of its own, seen through the same window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from tests.simulation.trial import Generator

AS_OF = date(2026, 9, 30)
WINDOW = 1700  # days of history
CROWD = 200_000
RIVALS = ("Acme", "Birch", "Cedar", "Delta")


@dataclass(frozen=True, eq=False)
class Company:
    """deals: the firm's own, crowd: drawn from the same laws; both one row per deal, see `_deals`. leads likewise."""

    told: dict[str, Any]
    deals: pd.DataFrame
    crowd: pd.DataFrame
    leads: pd.DataFrame
    lead_days: np.ndarray

    @cached_property
    def closed(self) -> pd.DataFrame:
        """Deals of the crowd that are won or lost by the reporting date."""
        return self.crowd[self.crowd["status"].isin(["won", "lost"])]

    def frames(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of the canonical frames."""
        rows = self.deals.assign(
            opportunity_id=[f"O{i:05d}" for i in range(len(self.deals))], owner_id=_named("P", self.deals["owner"]), account_id=_named("A", self.deals["account"]),
            region=_named("R", self.deals["place"]), created_on=_day(self.deals["created"]), currency="EUR",
            closed_on=_day(self.deals["closed"]).where(self.deals["status"] != "open", None),
            competitor=self.deals["rival"].where(self.deals["is_named"], None),
        )  # fmt: skip
        columns = ["opportunity_id", "status", "owner_id", "account_id", "region", "created_on", "closed_on", "amount", "currency", "competitor"]
        adopted = [{"unit": f"R{i:02d}", "adopted_on": None if day is None else _day(pd.Series([day]))[0]} for i, day in enumerate(self.told["adopted"])]
        leads = self.leads.assign(
            lead_id=[f"L{i:05d}" for i in range(len(self.leads))], created_at=pd.to_datetime(_day(self.leads["created"])),
            customer_at=pd.to_datetime(_day(self.leads["customer"].fillna(0))).where(self.leads["customer"] <= 0),
        )  # fmt: skip
        return {
            "opportunities": rows[columns].to_dict("records"),
            "units": adopted,
            "leads": leads[["lead_id", "created_at", "customer_at"]].to_dict("records"),
        }


def draw_company(rng: Generator) -> Company:
    """Draw what is true, then what happens."""
    regions = int(rng.integers(8, 15))
    told: dict[str, Any] = {
        "deals": int(rng.integers(800, 3500)), "owners": int(rng.integers(12, 45)), "accounts": int(rng.integers(150, 900)),
        "base": rng.normal(-0.4, 0.4), "by_owner": rng.uniform(0, 0.5), "by_account": rng.uniform(0, 0.7), "by_place": rng.normal(0, 0.15, regions),
        "by_rival": rng.normal(-0.2, 0.4, len(RIVALS)), "by_size": rng.uniform(-0.4, 0.1), "spread": rng.uniform(0.4, 1.0), "no_decision": rng.uniform(0.05, 0.2),
        "scale": rng.uniform(40, 140), "shape": rng.uniform(1.2, 2.0), "slow": rng.uniform(0, 0.25), "longer": rng.uniform(1.0, 1.4),
        "programme": rng.choice([0.0, 0.4, 0.8]), "adopted": _adoptions(rng, regions), "converts": rng.uniform(0.05, 0.3), "lead_scale": rng.uniform(30, 120),
    }  # fmt: skip
    hands = (rng.normal(size=told["owners"]), rng.normal(size=told["accounts"]), rng.integers(regions, size=told["owners"]))
    leads, days = _leads(rng, told)
    return Company(told=told, deals=_deals(rng, told, told["deals"], hands), crowd=_deals(rng, told, CROWD, None), leads=leads, lead_days=days)


def _adoptions(rng: Generator, regions: int) -> list[int | None]:
    """Between a third and two thirds of the regions adopt, on two or three dates in the middle of the history."""
    dates = rng.choice([-1050, -870, -690], int(rng.integers(2, 4)), replace=False)
    treated = int(rng.integers(regions // 3 + 1, 2 * regions // 3 + 1))
    return [int(dates[i % len(dates)]) if i < treated else None for i in range(regions)]


def _deals(rng: Generator, told: dict[str, Any], n: int, hands: tuple[np.ndarray, np.ndarray, np.ndarray] | None) -> pd.DataFrame:
    """Draw deals; days count from the reporting date. hands: effects of sellers and accounts; None: one of each per deal."""
    owner, account = (np.arange(n), np.arange(n)) if hands is None else (rng.integers(len(hands[0]), size=n), rng.choice(len(hands[1]), n, p=rng.dirichlet(np.full(len(hands[1]), 1.5))))
    skill, fit = (rng.normal(size=n), rng.normal(size=n)) if hands is None else (hands[0][owner], hands[1][account])
    rows = pd.DataFrame({"owner": owner, "account": account, "place": rng.integers(len(told["adopted"]), size=n), "created": -rng.integers(0, WINDOW, n)})
    rival, size = rng.integers(len(RIVALS) + 1, size=n), rng.normal(size=n)
    adopted = np.array([1 if day is None else day for day in told["adopted"]])[rows["place"]]
    rows["is_treated"] = rows["created"].to_numpy() >= adopted
    odds = told["base"] + told["by_owner"] * skill + told["by_account"] * fit + told["by_place"][rows["place"]] + told["by_size"] * size
    odds = odds + np.append(told["by_rival"], 0.0)[rival]
    luck, rows["twin_won"] = rng.random(n), False
    won = luck < expit(odds + told["programme"] * rows["is_treated"])
    undecided = rng.random(n) < told["no_decision"]
    end = np.where(undecided, "no_decision", np.where(won, "won", "lost"))
    pace = np.ceil(told["scale"] * np.exp(told["slow"] * skill) * rng.weibull(told["shape"], n))
    rows["days"] = np.where(end == "won", pace, np.ceil(pace * told["longer"]))
    rows["twin_won"], rows["twin_days"] = luck < expit(odds), pace
    rows["closed"], rows["amount"] = rows["created"] + rows["days"], np.round(np.exp(9 + told["spread"] * size), 2)
    rows["status"], rows["rival"] = np.where(rows["closed"] <= 0, end, "open"), np.array([*RIVALS, None], dtype=object)[rival]
    rows["end"], rows["is_named"] = end, rng.random(n) < 0.8
    return rows


def _leads(rng: Generator, told: dict[str, Any]) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw leads, and days to customer of a crowd of them; infinite where they never become one."""

    def days(n: int) -> np.ndarray:
        return np.where(rng.random(n) < told["converts"], np.ceil(told["lead_scale"] * rng.weibull(1.3, n)), np.inf)

    created = -rng.integers(0, 900, int(rng.integers(600, 3000)))
    rows = pd.DataFrame({"created": created})
    rows["customer"] = rows["created"] + days(len(rows))
    rows.loc[rows["customer"] > 0, "customer"] = np.nan
    return rows, days(CROWD)


def _named(letter: str, numbers: pd.Series) -> pd.Series:
    return numbers.map(lambda i: f"{letter}{i:02d}")


def _day(offsets: pd.Series) -> pd.Series:
    return (pd.Timestamp(AS_OF) + pd.to_timedelta(offsets, unit="D")).dt.date
