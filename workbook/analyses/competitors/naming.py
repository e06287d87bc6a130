"""Who was at the table: competitors named on a deal, known to be none, or not recorded.

Names are told apart without regard to case and outer blanks; the most frequent spelling is shown. `none` is an answer,
an empty field is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from ibis.expr.types import Table

NONE = "none"
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
    kept = [opportunities[name] for name in (*DEAL_COLUMNS, *columns)]
    split = opportunities.filter(opportunities.competitor.notnull()).select(
        *kept, spelling=opportunities.competitor.split(";").unnest()
    )
    keyed = split.mutate(spelling=split.spelling.strip()).mutate(rival=lambda t: t.spelling.lower())
    keyed = keyed.filter((keyed.rival != "") & (keyed.rival != NONE))
    names = [*DEAL_COLUMNS, *columns, "rival"]
    return keyed.group_by(names).agg(spelling=keyed.spelling.min())


def spellings(named: Table) -> Table:
    """Count the spellings of each competitor. One row per rival × spelling; lazy."""
    return named.group_by(["rival", "spelling"]).agg(deals_count=named.count())


def labels_of(counted: pd.DataFrame, key: str = "rival") -> dict[str, str]:
    """Return the most frequent spelling per key; among equals the first in the alphabet."""
    ordered = counted.sort_values([key, "deals_count", "spelling"], ascending=[True, False, True])
    return {str(k): str(s) for k, s in ordered.drop_duplicates(key)[[key, "spelling"]].itertuples(index=False)}
