"""Who was at the table: competitors named on a deal, known to be none, or not recorded.

Names are told apart without regard to case and outer blanks; the most frequent spelling is shown. `none` is an answer,
an empty field is not; `unnamed` says that there was one, not who.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.deals import CLOSED, one_sided
from workbook.frames import NO_COMPETITOR, UNNAMED_COMPETITOR
from workbook.stats.heterogeneity import association_2x2
from workbook.text import Message, msg

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, StringValue, Table

NONE = NO_COMPETITOR
FILL_P = 0.01  # a check, not a finding: below it the field is said to be filled depending on the outcome
STATES = ("named", "none", "unknown")
DEAL_COLUMNS = ("opportunity_id", "status", "owner_id", "account_id")


def with_competition(opportunities: Table) -> Table:
    """Add competition: `named`, `none` (recorded that there was none) or `unknown` (nothing recorded). Lazy."""
    import ibis

    words = opportunities.competitor.replace(";", "").strip().lower()
    state = ibis.cases((words.isnull() | (words == ""), "unknown"), (words == NONE, "none"), else_="named")
    return opportunities.mutate(competition=state)


def named_competitors(opportunities: Table, *columns: str) -> Table:
    """Return one row per deal × competitor named on it: rival (key), spelling, the deal's ids and `columns`. Lazy."""
    names = _names(opportunities.competitor)
    deals = opportunities.select(*DEAL_COLUMNS, *columns, words="competitor")
    named = deals.inner_join(names, deals.words == names.named_in)
    return named.select(*DEAL_COLUMNS, *columns, "rival", "spelling")


def names_any(words: StringValue) -> BooleanValue:
    """Tell whether a competitor field names at least one competitor. Lazy."""
    return words.isin(_names(words).named_in)


def _names(words: StringValue) -> Table:
    """Return named_in, rival, spelling: whom each text of the field names. Fields repeat one another, so each text is split once. Lazy."""
    texts = words.name("named_in").as_table().filter(lambda t: t.named_in.notnull()).distinct()
    split = texts.select("named_in", spelling=texts.named_in.split(";").unnest())
    keyed = split.mutate(spelling=split.spelling.strip()).mutate(rival=lambda t: t.spelling.lower())
    keyed = keyed.filter((keyed.rival != "") & (keyed.rival != NONE) & (keyed.rival != UNNAMED_COMPETITOR))
    return keyed.group_by(["named_in", "rival"]).agg(spelling=keyed.spelling.min())


def spellings(named: Table) -> Table:
    """Count the spellings of each competitor. One row per rival × spelling; lazy."""
    return named.group_by(["rival", "spelling"]).agg(deals_count=named.count())


def labels_of(counted: pd.DataFrame, key: str = "rival") -> dict[str, str]:
    """Return the most frequent spelling per key; among equals the first in the alphabet."""
    ordered = counted.sort_values([key, "deals_count", "spelling"], ascending=[True, False, True])
    return {str(k): str(s) for k, s in ordered.drop_duplicates(key)[[key, "spelling"]].itertuples(index=False)}


def fill_counts(opportunities: Table) -> Table:
    """Count deals by status and state of the competitor field. Lazy."""
    deals = with_competition(opportunities)
    return deals.group_by(["status", "competition"]).agg(deals_count=deals.count())


def one_outcome(counted: pd.DataFrame) -> Message | None:
    """Say so where all decided deals, or all that say anything on competitors, ended alike. counted: see `fill_counts`."""
    won, closed = _won_and_closed(counted)
    if (filtered := one_sided(won, closed)) is not None:
        return filtered
    told, filled = _won_and_closed(counted[counted["competition"] != "unknown"])
    if one_sided(told, filled) is None:
        return None
    if told:
        return msg("the competitor is recorded on won deals alone, {n} of them: without an entry on lost ones there is no win rate against anybody", n=filled)
    return msg("the competitor is recorded on lost deals alone, {n} of them: without an entry on won ones there is no win rate against anybody", n=filled)


def _won_and_closed(counted: pd.DataFrame) -> tuple[int, int]:
    by_status = counted.groupby("status")["deals_count"].sum()
    won, lost = (int(by_status.get(status, 0)) for status in CLOSED)
    return won, won + lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Share of won and of lost deals on which the competitor field is filled; p_value: of equal shares."""

    won: float
    lost: float
    p_value: float


def fill_by_outcome(counted: pd.DataFrame) -> Filling | None:
    """Compare how often the field is filled on won and on lost deals; None where one of the two is missing."""
    is_filled = counted["competition"] != "unknown"
    sums = counted.assign(is_filled=is_filled).groupby(["status", "is_filled"])["deals_count"].sum()
    table = [[int(sums.get((status, flag), 0)) for flag in (True, False)] for status in ("won", "lost")]
    if not (sum(table[0]) and sum(table[1])):
        return None
    p_value = association_2x2(table).p_value
    return Filling(won=table[0][0] / sum(table[0]), lost=table[1][0] / sum(table[1]), p_value=1.0 if p_value != p_value else p_value)
