"""Small companies drawn at random, in the shapes that break analyses: nothing, one, two, all alike, one giant, a year of silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from tests.analyses.data.frames import AS_OF

Rows = list[dict[str, Any]]
STATUSES = ("won", "lost", "no_decision", "open")
NAMES = ("Acme", "Birch; Acme", "none", None, "{x}", "<b>")
NEEDS = ("Speed", "Price", "Service")


def company(seed: int, n: int, shape: str = "plain") -> dict[str, Rows]:
    """Return rows of every frame for a company with n deals, bent into a shape of `SHAPES`."""
    rng = np.random.default_rng(seed)
    deals = [_deal(rng, i) for i in range(n)]
    few = min(n, 40)
    frames: dict[str, Rows] = {
        "opportunities": deals,
        "accounts": [_account(rng, i) for i in range(min(n, 25))],
        "products": [{"product_id": f"N{i}", "name": f"Product {i}", "family": f"F{i % 2}"} for i in range(min(n, 3))],
        "leads": [_lead(rng, i) for i in range(n)],
        "invoices": [_invoice(rng, i) for i in range(2 * n)],
        "feedback": [_answer(rng, i) for i in range(few)],
        "market": [_volume(rng, i) for i in range(few)],
        "competitors": [_share(rng, i) for i in range(min(n, 8))],
        "ratings": [_rating(rng, i) for i in range(few)],
        "units": [{"unit": region, "adopted_on": adopted} for region, adopted in (("North", date(2025, 4, 1)), ("South", None))][:n],
        "survey": [_survey(rng, i) for i in range(few)],
        "spend": [{"month_on": date(2026, 1 + i % 9, 1), "function": "marketing", "channel": "Web", "amount": 1000.0 + i, "currency": "EUR"} for i in range(min(n, 9))],
        "stage_entries": [{"opportunity_id": f"O{i:04d}", "stage": str(rng.choice(["Talk", "Offer"])), "entered_at": _instant(rng)} for i in range(few)],
        "activities": [{"activity_id": f"V{i}", "opportunity_id": f"O{i:04d}", "kind": "call", "happened_at": _instant(rng)} for i in range(few)],
        "contacts": [{"opportunity_id": f"O{i % max(n, 1):04d}", "contact_id": f"K{i}", "role": str(rng.choice(["user", "buyer"]))} for i in range(few)],
    }  # fmt: skip
    return SHAPES[shape](frames)


def _deal(rng: np.random.Generator, i: int) -> dict[str, Any]:
    status, created = str(rng.choice(STATUSES, p=[0.35, 0.4, 0.1, 0.15])), AS_OF - timedelta(days=int(rng.integers(1, 1500)))
    closed = min(created + timedelta(days=int(rng.integers(0, 200))), AS_OF)
    return {
        "opportunity_id": f"O{i:04d}", "status": status, "owner_id": f"P{rng.integers(11)}", "account_id": f"A{rng.integers(25)}", "product_id": f"N{rng.integers(3)}",
        "region": str(rng.choice(["North", "South"])), "segment": str(rng.choice(["Small", "Large"])), "source": str(rng.choice(["Web", "Fair"])), "created_on": created,
        "closed_on": None if status == "open" else closed, "amount": float(rng.integers(0, 9)) * 100, "currency": "EUR", "competitor": NAMES[int(rng.integers(len(NAMES)))],
        "loss_reason": str(rng.choice(["Price", "Function"])) if status == "lost" and i % 3 else None, "business_type": str(rng.choice(["new", "expansion"])),
        "discount_share": float(rng.uniform(0, 0.3)), "stage": str(rng.choice(["Talk", "Offer"])),
    }  # fmt: skip


def _account(rng: np.random.Generator, i: int) -> dict[str, Any]:
    return {
        "account_id": f"A{i}", "industry": str(rng.choice(["Food", "Metal", "Paper"])), "country": str(rng.choice(["Germany", "France"])), "region": str(rng.choice(["North", "South"])),
        "employees": int(rng.integers(5, 5000)), "needs": str(rng.choice(NEEDS)), "customer_since_on": date(2022, 1 + i % 12, 1),
    }  # fmt: skip


def _lead(rng: np.random.Generator, i: int) -> dict[str, Any]:
    made = _instant(rng, 900)
    return {
        "lead_id": f"L{i:04d}", "created_at": made, "source": str(rng.choice(["Web", "Fair"])), "region": str(rng.choice(["North", "South"])), "account_id": f"A{rng.integers(25)}",
        "mql_at": made + timedelta(days=1), "sql_at": made + timedelta(days=9) if i % 2 else None, "customer_at": min(made + timedelta(days=60), datetime.combine(AS_OF, time())) if i % 4 == 0 else None,
    }  # fmt: skip


def _invoice(rng: np.random.Generator, i: int) -> dict[str, Any]:
    amount = float(rng.integers(1, 90)) * 100
    return {"account_id": f"A{rng.integers(25)}", "invoiced_on": AS_OF - timedelta(days=int(rng.integers(0, 1400))), "amount": amount, "margin": round(amount * 0.3, 2), "currency": "EUR"}


def _answer(rng: np.random.Generator, i: int) -> dict[str, Any]:
    return {"account_id": f"A{rng.integers(25)}", "answered_on": AS_OF - timedelta(days=int(rng.integers(0, 500))), "instrument": "NPS", "score": int(rng.integers(0, 11))}


def _volume(rng: np.random.Generator, i: int) -> dict[str, Any]:
    return {"year": 2026 - i // 4, "region": ("North", "South")[i % 2], "segment": ("a", "b")[i // 2 % 2], "volume": round(float(rng.lognormal(2, 0.3)), 1)}


def _share(rng: np.random.Generator, i: int) -> dict[str, Any]:
    revenue = float(rng.integers(1, 90)) * 1000
    return {"competitor": f"C{i % 4}", "year": 2025 - i // 4, "market_share": round(float(rng.uniform(0.02, 0.2)), 3), "revenue": revenue, "currency": "EUR", "price_index": float(rng.uniform(80, 120)), "is_self": i % 4 == 0}


def _rating(rng: np.random.Generator, i: int) -> dict[str, Any]:
    return {"respondent_id": f"R{i // 6}", "brand": f"C{i % 3}", "attribute": NEEDS[i // 3 % 3], "score": int(rng.integers(1, 6))}


def _survey(rng: np.random.Generator, i: int) -> dict[str, Any]:
    return {"respondent_id": f"S{i // 3}", "function": ("sales", "marketing")[i // 3 % 2], "item": f"item {i % 3}", "score": int(rng.integers(1, 6))}


def _instant(rng: np.random.Generator, days: int = 500) -> datetime:
    return datetime.combine(AS_OF, time()) - timedelta(days=int(rng.integers(1, days)))


def each(frame: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Rows]], dict[str, Rows]]:
    """Return a shape: every row of a frame changed."""
    return lambda frames: frames | {frame: [row | change(row) for row in frames[frame]]}


def _silence(row: dict[str, Any]) -> dict[str, Any]:
    """Nothing happens from October 2024 to September 2025."""
    gap = timedelta(days=365)
    return {name: row[name] - gap for name in ("created_on", "closed_on") if row[name] is not None and AS_OF - 2 * gap < row[name] <= AS_OF - gap}


def _no_currency(frames: dict[str, Rows]) -> dict[str, Rows]:
    return {name: [row | {"currency": None} if "currency" in row else row for row in rows] for name, rows in frames.items()}


def _giant(frames: dict[str, Rows]) -> dict[str, Rows]:
    big = [row | {"amount": row["amount"] * 1e6, "account_id": "A1"} if i == 0 else row for i, row in enumerate(frames["opportunities"])]
    return frames | {"opportunities": big, "invoices": [row | {"amount": row["amount"] * 1e6, "account_id": "A1"} if i < 2 else row for i, row in enumerate(frames["invoices"])]}


def _ended(status: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {"status": status, "closed_on": row["closed_on"] or AS_OF}


SHAPES: dict[str, Callable[[dict[str, Rows]], dict[str, Rows]]] = {
    "plain": lambda frames: frames,
    "all won": each("opportunities", _ended("won")),
    "all lost": each("opportunities", _ended("lost")),
    "one competitor": lambda frames: each("opportunities", lambda row: {"competitor": "Acme"})(frames) | {"competitors": frames["competitors"][:1]},
    "constant columns": each("opportunities", lambda row: {"region": "North", "segment": "Small", "source": "Web", "owner_id": "P1", "account_id": "A1", "product_id": "N1"}),
    "one giant": _giant,
    "a year of silence": each("opportunities", _silence),
    "ties": each("opportunities", lambda row: {"amount": 100.0, "created_on": date(2026, 1, 5), "closed_on": row["closed_on"] and date(2026, 2, 5)}),
    "no currency": _no_currency,
}
