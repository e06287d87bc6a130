"""What stands on a battlecard: where we win, where we lose, by how much, what to say, which evidence.

A sentence stands there only if its difference survived the control; where none did, the card says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbook.analyses.competitors.cells import DIMENSION_NAMES, value_name
from workbook.stats.proportion import wilson
from workbook.text import Message, day, money, msg, number, points, share, span

MOST = 3  # sentences per part: the card is one page


@dataclass(frozen=True, slots=True, kw_only=True)
class Battlecard:
    """One competitor's card. places: its kinds of deal, best and worst by shrunken rate, as in `BattlecardsResult.groups`."""

    competitor: str
    lead: Message
    wins: tuple[Message, ...]
    losses: tuple[Message, ...]
    say: tuple[Message, ...]
    evidence: tuple[Message, ...]
    places: pd.DataFrame


def place_name(row: Any) -> Message | str:
    """Name a kind of deal in a sentence: `segment “Mid-market”`."""
    value = value_name(str(row["dimension"]), str(row["value"]))
    return value if isinstance(value, Message) else msg("{dimension} “{value}”", dimension=DIMENSION_NAMES[str(row["dimension"])], value=value)


def card_of(name: str, counts: dict[Any, Any], groups: pd.DataFrame, ratings: pd.DataFrame, about: dict[str, Any]) -> Battlecard:
    """Write one card. counts: of its decided deals; groups, ratings: its own rows."""
    rate = about["rates"][counts["rival"]]
    lead = msg(
        "Against {name} we win {rate} of {n} decided deals (range {range}).",
        name=name, rate=share(rate.value), n=int(rate.n), range=span(rate.low, rate.high, "share"),
    )  # fmt: skip
    reliable = groups[groups["is_reliable"]].sort_values(["difference", "dimension", "value"])
    wins = reliable[reliable["difference"] > 0].iloc[::-1].head(MOST)
    losses = reliable[reliable["difference"] < 0].head(MOST)
    none = msg("No kind of deal stands out reliably ({n} compared).", n=len(groups)) if len(groups) else msg("Too few decided deals per kind of deal to compare.")
    return Battlecard(
        competitor=name,
        lead=lead,
        wins=tuple(_place(row, about["currency"]) for row in wins.to_dict("records")) or (none,),
        losses=tuple(_place(row, about["currency"]) for row in losses.to_dict("records")) or (none,),
        say=_say(name, ratings, about["reasons"][about["reasons"]["rival"] == counts["rival"]], wins, about["level"]),
        evidence=_evidence(counts, ratings),
        places=_places(groups),
    )


def _place(row: dict[Any, Any], currency: str | None) -> Message:
    said: dict[str, Any] = {
        "place": place_name(row), "rate": share(float(row["rate"])), "n": int(row["closed_count"]), "rest": share(float(row["rest_rate"])),
        "gap": points(100 * float(row["difference"]), signed=True),
        "range": span(100 * float(row["difference_low"]), 100 * float(row["difference_high"]), "points"),
    }  # fmt: skip
    first = msg("{place}: {rate} of {n} deals won, {rest} elsewhere; {gap} points (range {range})", **said)
    if math.isnan(float(row["at_stake"])):
        return msg("{first}.", first=first)
    worth = money(abs(float(row["at_stake"])), currency)
    ends = sorted(abs(float(row[name])) for name in ("at_stake_low", "at_stake_high"))
    return msg("{first}; on the amount decided in twelve months that is {worth} ({between}).", first=first, worth=worth, between=span(ends[0], ends[1], "money", currency))


def _say(name: str, ratings: pd.DataFrame, reasons: pd.DataFrame, wins: pd.DataFrame, level: float) -> tuple[Message, ...]:
    rated = ratings[ratings["is_reliable"]].sort_values(["difference", "attribute"], ascending=[False, True])
    better, worse = rated[rated["difference"] > 0].head(MOST), rated[rated["difference"] < 0].iloc[::-1].head(2)
    found = [_rating(row, name, is_better=True) for row in better.to_dict("records")]
    needs = wins[wins["dimension"] == "need"] if len(wins) else wins
    found += [msg("Ask early about “{need}”: where customers declare it we win more often.", need=str(row["value"])) for row in needs.to_dict("records")]
    found += [_rating(row, name, is_better=False) for row in worse.to_dict("records")]
    if len(reasons):
        top = reasons.sort_values(["lost_count", "reason_key"], ascending=[False, True]).iloc[0]
        n, k = int(reasons["lost_count"].sum()), int(top["lost_count"])
        interval = wilson(k, n, level)
        found.append(msg(
            "Have an answer to “{reason}”: named on {part} of {n} lost deals with a reason (range {range}).",
            reason=str(top["reason"]), part=share(k / n), n=n, range=span(interval.low, interval.high, "share"),
        ))  # fmt: skip
    return tuple(found) or (msg("These data support no argument: no rating differs reliably, and no lost deal carries a reason."),)


def _rating(row: dict[Any, Any], name: str, *, is_better: bool) -> Message:
    said: dict[str, Any] = {
        "attribute": str(row["attribute"]), "name": name, "n": int(row["n"]), "own": number(float(row["own_score"]), 1),
        "their": number(float(row["their_score"]), 1), "range": span(float(row["low"]), float(row["high"]), "number"),
    }  # fmt: skip
    if is_better:
        return msg("Bring up “{attribute}”: {n} buyers who rated both give us {own} and {name} {their} (difference {range}).", **said)
    return msg("Expect “{attribute}” against us: {n} buyers who rated both give us {own} and {name} {their} (difference {range}).", **said)


def _evidence(counts: dict[Any, Any], ratings: pd.DataFrame) -> tuple[Message, ...]:
    won, n = int(counts["won_count"]), int(counts["closed_count"])
    if pd.isna(counts["first_on"]):
        found = [msg("Deals: {won} won of {n} decided ones.", won=won, n=n)]
    else:
        first, last = (day(pd.Timestamp(counts[name]).date()) for name in ("first_on", "last_on"))
        found = [msg("Deals: {won} won of {n} decided ones, closed {first} to {last}.", won=won, n=n, first=first, last=last)]
    if len(ratings):
        found.append(msg("Ratings: up to {n} buyers who rated both brands.", n=int(ratings["n"].max())))
    found.append(msg("All comparisons, with those not settled, are in the chapter on competitors and in the files of its tables."))
    return tuple(found)


def _places(groups: pd.DataFrame) -> pd.DataFrame:
    ordered = groups.sort_values(["shrunken_share", "rate", "dimension", "value"], ascending=[False, False, True, True], ignore_index=True)
    return ordered if len(ordered) <= 2 * MOST else pd.concat([ordered.head(MOST), ordered.tail(MOST)], ignore_index=True)
