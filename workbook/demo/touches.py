"""Activities on opportunities and leads, and the content used in them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from workbook.demo.company import AS_OF
from workbook.demo.draw import Array, Rng, days_from, ids, pick, stream, texts
from workbook.demo.people import People

KINDS = {
    "won": {"meeting": 0.34, "call": 0.26, "e-mail": 0.25, "demo": 0.15},
    "lost": {"meeting": 0.22, "call": 0.31, "e-mail": 0.38, "demo": 0.09},
}
CHANNELS = {"meeting": {"on site": 0.55, "video": 0.45}, "demo": {"on site": 0.4, "video": 0.6}}
OUTREACH = {
    "e-mail": {"none": 0.56, "open": 0.24, "click": 0.09, "reply": 0.09, "bounced": 0.02},
    "call": {"none": 0.58, "reply": 0.27, "meeting booked": 0.15},
}
PHASES = ("Awareness", "Consideration", "Decision", "Use")
PERSONAS = ("Plant manager", "Design engineer", "Purchasing", "Managing director")
SORTS = (
    "Case study",
    "Data sheet",
    "ROI calculator",
    "White paper",
    "Video",
    "Checklist",
    "Reference visit guide",
)
CONTENT_COUNT = 60


def simulate_content(seed: int) -> pd.DataFrame:
    """Draw content items. One row per item."""
    rng = stream(seed, "content")
    phase, persona = rng.integers(0, 4, CONTENT_COUNT), rng.integers(0, 4, CONTENT_COUNT)
    sort = rng.integers(0, len(SORTS), CONTENT_COUNT)
    titles = [f"{SORTS[s]} {i + 1:02d}: {PERSONAS[p].lower()}" for i, (s, p) in enumerate(zip(sort, persona, strict=True))]
    published = days_from(date(2020, 3, 1), rng.integers(0, 2_200, CONTENT_COUNT))
    return pd.DataFrame(
        {
            "content_id": texts(ids("C", CONTENT_COUNT, 2)),
            "title": texts(titles),
            "phase": texts([PHASES[p] for p in phase]),
            "persona": texts([PERSONAS[p] if p != 3 or i % 3 else None for i, p in enumerate(persona)]),
            "published_on": published.astype("datetime64[us]"),
        }
    )


def simulate_activities(deals: pd.DataFrame, leads: pd.DataFrame, people: People, content: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return canonical activities by time: touches on opportunities, outreach to qualified leads."""
    rng = stream(seed, "activities")
    touches = pd.concat([_on_deals(rng, deals), _on_leads(rng, leads)], ignore_index=True)
    touches = touches[touches["at"] < np.datetime64(AS_OF) + 1].sort_values("at", kind="stable").reset_index(drop=True)
    count = len(touches)
    return pd.DataFrame(
        {
            "activity_id": texts(ids("T", count, 5)),
            "opportunity_id": texts([f"O{o + 1:05d}" if o >= 0 else None for o in touches["deal"]]),
            "lead_id": texts([f"L{x + 1:05d}" if x >= 0 else None for x in touches["lead"]]),
            "occurred_at": touches["at"].astype("datetime64[us]"),
            "kind": texts(touches["kind"]),
            "channel": texts(touches["channel"]),
            "direction": texts(np.where(rng.random(count) < 0.27, "inbound", "outbound")),
            "outcome": texts(touches["outcome"]),
            "content_id": texts(_content(rng, touches, content)),
            "person_id": texts([f"P{p + 1:03d}" if p >= 0 else None for p in touches["owner"]]),
        }
    )


def _on_deals(rng: Rng, deals: pd.DataFrame) -> pd.DataFrame:
    """About two to four touches per deal between creation and decision; more on deals that are won."""
    end = np.minimum(deals["closed"].to_numpy("datetime64[D]"), np.datetime64(AS_OF))
    length = np.maximum((end - deals["created"].to_numpy("datetime64[D]")).astype(int), 1)
    mean = np.where(deals["decision"] == "won", 3.1, 1.9) * np.clip(length / 90, 0.5, 1.5)
    number = np.clip(rng.poisson(mean), 0, 9)
    row = np.repeat(np.arange(len(deals)), number)
    day = deals["created"].to_numpy("datetime64[D]")[row] + np.floor(rng.random(len(row)) * length[row]).astype(int)
    won = (deals["decision"] == "won").to_numpy()[row]
    kind = np.where(won, pick(rng, KINDS["won"], len(row)), pick(rng, KINDS["lost"], len(row)))
    outcome = np.where(rng.random(len(row)) < np.where(won, 0.66, 0.4), "next step agreed", "no next step")
    return pd.DataFrame(
        {
            "deal": row,
            "lead": -1,
            "at": _moment(rng, day),
            "kind": kind,
            "channel": _channel(rng, kind),
            "outcome": np.where(rng.random(len(row)) < 0.8, outcome, None),  # type: ignore[call-overload]
            "owner": deals["owner"].to_numpy()[row],
        }
    )


def _on_leads(rng: Rng, leads: pd.DataFrame) -> pd.DataFrame:
    """Outreach to answered leads: mail answers are likelier before eleven o'clock."""
    asked = np.flatnonzero(leads["response"].notna() & (rng.random(len(leads)) < 0.6))
    row = np.repeat(asked, rng.integers(1, 3, len(asked)))
    day = leads["response"].to_numpy("datetime64[D]")[row] + rng.integers(0, 15, len(row))
    at = _moment(rng, day)
    kind = np.where(rng.random(len(row)) < 0.68, "e-mail", "call")
    outcome = np.where(kind == "e-mail", pick(rng, OUTREACH["e-mail"], len(row)), pick(rng, OUTREACH["call"], len(row)))
    early = (at - at.astype("datetime64[D]")).astype("timedelta64[m]").astype(int) < 11 * 60
    outcome = np.where(early & (outcome == "none") & (rng.random(len(row)) < 0.12), "reply", outcome)
    return pd.DataFrame(
        {
            "deal": -1,
            "lead": row,
            "at": at,
            "kind": kind,
            "channel": _channel(rng, kind),
            "outcome": outcome,
            "owner": -1,
        }
    )


def _moment(rng: Rng, day: Array) -> Array:
    workday = np.busday_offset(day.astype("datetime64[D]"), 0, roll="backward")
    return np.asarray(workday.astype("datetime64[m]") + rng.integers(8 * 60, 17 * 60 + 30, len(day)))


def _channel(rng: Rng, kind: Array) -> Array:
    chosen = np.where(kind == "call", "phone", np.where(kind == "e-mail", "e-mail", "")).astype(object)
    for name, weights in CHANNELS.items():
        mine = kind == name
        chosen[mine] = pick(rng, weights, int(mine.sum()))
    return chosen


def _content(rng: Rng, touches: pd.DataFrame, content: pd.DataFrame) -> list[str | None]:
    """Content in a third of the mails, demos and meetings, if it was published by then; few items do most of
    the work.
    """
    use = 1 / (1 + np.arange(len(content))) ** 0.7
    chosen = rng.choice(len(content), size=len(touches), p=use / use.sum())
    published = content["published_on"].to_numpy()[chosen] <= touches["at"].to_numpy()
    used = published & (rng.random(len(touches)) < 0.3) & (touches["kind"] != "call").to_numpy()
    return [f"C{c + 1:02d}" if is_used else None for c, is_used in zip(chosen, used, strict=True)]
