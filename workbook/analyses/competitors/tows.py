"""Moves from strengths, weaknesses, opportunities and threats: which item inside goes with which item outside.

A move exists only where both of its items are in the SWOT. Pairs that speak of the same competitor come first, then
those about a segment, then those whose items a test supports; at most `most` per field. Weihrich 1982.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from workbook.text import Message, msg

FIELDS = {"SO": ("strength", "opportunity"), "WO": ("weakness", "opportunity"), "ST": ("strength", "threat"), "WT": ("weakness", "threat")}
FIELD_NAMES = {
    "SO": msg("Strength × opportunity: attack"), "WO": msg("Weakness × opportunity: catch up"),
    "ST": msg("Strength × threat: defend"), "WT": msg("Weakness × threat: limit"),
}  # fmt: skip
COLUMNS = ["field", "move", "inside", "outside", "owner_role", "due_on", "watch_kpi"]
_SAME = {
    "SO": msg("Approach the customers of {rival}: we win against it, and it loses share."),
    "WO": msg("Find out with lost deals why the customers that {rival} loses do not come to us, and change that first."),
    "ST": msg("Use in every deal against {rival} what wins against it, to stop its gains."),
    "WT": msg("Decide where to meet {rival} at all: it gains share and wins more often against us."),
}
_SEGMENT = {
    "SO": msg("Lead with the strength in the segment that grows ({inside}; {outside})."),
    "WO": msg("Mend the weakness first for the segment that grows ({inside}; {outside})."),
    "ST": msg("Hold the customers of the segment that falls behind with our strength ({inside}; {outside})."),
    "WT": msg("Qualify deals harder in the segment that falls behind, instead of mending the weakness there ({inside}; {outside})."),
}
_ANY = {
    "SO": msg("Use the strength to take the opportunity ({inside}; {outside})."),
    "WO": msg("Mend the weakness before it costs the opportunity ({inside}; {outside})."),
    "ST": msg("Answer the threat with the strength ({inside}; {outside})."),
    "WT": msg("Limit what the threat can do through the weakness ({inside}; {outside})."),
}
_SHORT = {
    ("strength", "rival"): msg("we win against {name}"), ("weakness", "rival"): msg("we lose against {name}"),
    ("strength", "attribute"): msg("rated better on “{name}”"), ("weakness", "attribute"): msg("rated worse on “{name}”"),
    ("weakness", "reason"): msg("lost for “{name}”"), ("strength", "own"): msg("we gain share"), ("weakness", "own"): msg("we lose share"),
    ("opportunity", "segment"): msg("{name} grows faster"), ("threat", "segment"): msg("{name} falls behind"),
    ("opportunity", "rival"): msg("{name} loses share"), ("threat", "rival"): msg("{name} gains share"),
}  # fmt: skip
_ROLES = {"SO": msg("head of sales"), "WO": msg("product management"), "ST": msg("sales enablement"), "WT": msg("head of sales")}
_WATCH = {"SO": "won_amount", "WO": "win_rate", "ST": "win_rate", "WT": "win_rate"}


def moves(items: pd.DataFrame, due_on: date, most: int = 2) -> pd.DataFrame:
    """Return the moves, one row each: field, move, inside and outside (the items), owner_role, due_on, watch_kpi."""
    rows = [row for field in FIELDS for row in _field(items, field, due_on, most)]
    return pd.DataFrame(rows, columns=COLUMNS)


def missing(items: pd.DataFrame) -> dict[str, Message]:
    """Return for each field without a move which side has no item."""
    filled = set(items["quadrant"])
    lacks = {
        "strength": msg("no strength is supported"), "weakness": msg("no weakness is supported"),
        "opportunity": msg("no opportunity is supported"), "threat": msg("no threat is supported"),
    }  # fmt: skip
    return {field: lacks[next(side for side in sides if side not in filled)] for field, sides in FIELDS.items() if not set(sides) <= filled}


def _field(items: pd.DataFrame, field: str, due_on: date, most: int) -> list[tuple[Any, ...]]:
    inside, outside = (items[items["quadrant"] == side].to_dict("records") for side in FIELDS[field])
    pairs = [(_rank(one, other), i, k) for i, one in enumerate(inside) for k, other in enumerate(outside)]
    used: set[tuple[str, int]] = set()
    found: list[tuple[Any, ...]] = []
    for _, i, k in sorted(pairs):
        if len(found) == most or {("in", i), ("out", k)} & used:
            continue
        used |= {("in", i), ("out", k)}
        found.append((field, _words(field, inside[i], outside[k]), inside[i]["item"], outside[k]["item"], _ROLES[field], due_on, _WATCH[field]))
    return found


def _rank(one: dict[Any, Any], other: dict[Any, Any]) -> tuple[bool, bool, int]:
    return not _is_same(one, other), other["kind"] != "segment", -(one["support"] == "test") - (other["support"] == "test")


def _is_same(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    return bool(one["kind"] == other["kind"] == "rival" and one["subject"].lower() == other["subject"].lower())


def _words(field: str, one: dict[Any, Any], other: dict[Any, Any]) -> Message:
    if _is_same(one, other):
        return replace(_SAME[field], args={"rival": str(one["subject"])})
    words = _SEGMENT if other["kind"] == "segment" else _ANY
    return replace(words[field], args={"inside": _short(one), "outside": _short(other)})


def _short(item: dict[Any, Any]) -> Message:
    short = _SHORT.get((str(item["quadrant"]), str(item["kind"])))
    return item["item"] if short is None else replace(short, args={"name": str(item["subject"])})  # type: ignore[no-any-return]
