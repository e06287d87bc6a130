"""The battlecards, and the tables behind them. None where there is nothing to show."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.analyses.competitors.battlecards import BattlecardsResult
from workbook.analyses.competitors.card import Battlecard, place_name
from workbook.show import Card, Col, TableView, table
from workbook.text import render, t


def battlecards(result: BattlecardsResult) -> tuple[Card, ...]:
    """One card per competitor with enough decided deals."""
    return tuple(_card(card, result) for card in result.cards)


def _card(card: Battlecard, result: BattlecardsResult) -> Card:
    parts = (
        (t("Where we win"), card.wins), (t("Where we lose"), card.losses), (t("What to say"), card.say), (t("Evidence"), card.evidence),
    )  # fmt: skip
    note = t("Sentences under “win”, “lose” and “say” stand only where the difference survived the control for many comparisons; reasons are salespeople's entries.")
    return Card(
        title=card.competitor, lead=render(card.lead), parts=tuple((heading, tuple(map(render, lines))) for heading, lines in parts),
        table=_places(card.places) if len(card.places) else None, note=note,
    )  # fmt: skip


def _places(places: pd.DataFrame) -> TableView:
    columns = (
        Col("place", t("Kind of deal")), Col("closed_count", t("Decided deals"), "count"), Col("rate", t("Win rate"), "share"),
        Col("low", t("from"), "share"), Col("high", t("to"), "share"), Col("shrunken_share", t("Shrunken"), "share"),
        Col("verdict", t("Against the rest")),
    )  # fmt: skip
    return table("places", _named(places), columns, t("Best and worst kinds of deal"))


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    verdict = {-1: t("harder"), 1: t("easier"), 0: t("not settled")}
    signs = [int(ok) * (1 if gap > 0 else -1) for ok, gap in zip(rows["is_reliable"], rows["difference"], strict=True)]
    return rows.assign(place=[render(place_name(row)) for row in rows.to_dict("records")], verdict=[verdict[sign] for sign in signs])


def battlecard_groups(result: BattlecardsResult) -> TableView | None:
    """Every comparison by kind of deal, the surest first."""
    if result.groups is None or result.groups.empty:
        return None
    data = _named(result.groups.sort_values(["p_adjusted", "p_value", "competitor", "dimension", "value"], ignore_index=True))
    data = data.assign(**{name: data[name].astype(float) * 100 for name in ("difference", "difference_low", "difference_high")})
    columns = (
        Col("competitor", t("Competitor")), Col("place", t("Kind of deal")), Col("closed_count", t("Decided deals"), "count"),
        Col("rate", t("Win rate"), "share"), Col("rest_rate", t("Elsewhere"), "share"), Col("difference", t("Points"), "points"),
        Col("difference_low", t("from"), "points"), Col("difference_high", t("to"), "points"), Col("at_stake", t("At stake per year"), "money"),
        Col("verdict", t("Against the rest")),
    )  # fmt: skip
    note = t("Elsewhere: decided deals against the same competitor outside that kind of deal.")
    return table("battlecard_groups", data, columns, t("Win rate by competitor and kind of deal"), currency=result.currency, note=note, max_rows=12)


def battlecard_ratings(result: BattlecardsResult) -> TableView | None:
    """How buyers who rated both brands rate us and the competitor."""
    if result.ratings is None or result.ratings.empty:
        return None
    names: dict[Any, str] = {-1: t("worse"), 1: t("better"), 0: t("not settled")}
    rows = result.ratings.sort_values(["p_adjusted", "brand", "attribute"], ignore_index=True)
    signs = [int(ok) * (1 if gap > 0 else -1) for ok, gap in zip(rows["is_reliable"], rows["difference"], strict=True)]
    columns = (
        Col("brand", t("Competitor")), Col("attribute", t("Attribute")), Col("n", t("Respondents"), "count"), Col("own_score", t("We"), "number", 1),
        Col("their_score", t("They"), "number", 1), Col("difference", t("Difference"), "number", 2), Col("low", t("from"), "number", 2),
        Col("high", t("to"), "number", 2), Col("verdict", t("We are rated")),
    )  # fmt: skip
    data = rows.assign(verdict=[names[sign] for sign in signs])
    return table("battlecard_ratings", data, columns, t("Ratings by buyers who rated both brands"), max_rows=12)
