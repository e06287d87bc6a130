"""The mix of deals: fields that say how hard a deal is, as columns of a model, with the competitors named on it.

Missing is a value of its own, rare values are one value, the most frequent one is the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbook.analyses.competitors.naming import NONE
from workbook.analyses.deals import CLOSED, with_known_amount
from workbook.stats.errors import CannotEstimate
from workbook.stats.logit import LogitFit, logit
from workbook.text import msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

MIX = ("segment", "business_type", "size_band", "line", "region")
MIX_NAMES = {
    "segment": msg("segment"), "business_type": msg("new or existing customer"), "size_band": msg("size of the deal"),
    "line": msg("product family"), "region": msg("region"),
}  # fmt: skip
POOLED = "\x1fothers"  # competitors with too few deals, as one


def with_mix(opportunities: Table, products: Table) -> Table:
    """Return decided deals with the fields of the mix, fifths of the amounts among them, is_won and cluster. Lazy.

    cluster: the owner, without one the account, else the deal alone.
    """
    import ibis

    closed = with_known_amount(opportunities.filter(opportunities.status.isin(CLOSED)))
    lines = products.select("product_id", "family")
    joined = closed.left_join(lines, "product_id").drop("product_id_right")
    rank = ibis.percent_rank().over(ibis.window(group_by=joined.known_amount.isnull(), order_by=joined.known_amount))
    band = ibis.ifelse(joined.known_amount.notnull(), ibis.least((rank * 5).floor().cast("int64"), 4), ibis.null("int64"))
    return joined.mutate(
        size_band=band.cast("string"), line=ibis.coalesce(joined.family, joined.product_id), is_won=joined.status == "won",
        cluster=ibis.coalesce(joined.owner_id, joined.account_id, joined.opportunity_id),
    )  # fmt: skip


def names_on(text: str) -> list[str]:
    """Return the keys of the competitors named in a field, in order, each once."""
    parts = (part.strip().lower() for part in text.split(";"))
    return sorted({part for part in parts if part and part != NONE})


def labels(deals: pd.DataFrame) -> dict[str, str]:
    """Return the most frequent spelling of each competitor; among equals the first in the alphabet."""
    spelled = pd.Series([part.strip() for text in deals["competitor"] for part in str(text).split(";") if part.strip()], dtype=object)
    counted = spelled.value_counts().rename_axis("spelling").reset_index(name="n")
    ordered = counted.sort_values(["n", "spelling"], ascending=[False, True])
    return {str(s).lower(): str(s) for s in reversed(list(ordered["spelling"]))}


def rivals_named(deals: pd.DataFrame, min_count: int) -> pd.DataFrame:
    """Return one column per competitor with enough deals, one for the others together; True where it is named."""
    sets = [names_on(str(text)) for text in deals["competitor"]]
    counts = pd.Series([name for names in sets for name in names], dtype=object).value_counts()
    big = sorted(str(name) for name in counts[counts >= min_count].index)
    columns: dict[str, Any] = {name: [name in names for names in sets] for name in big}
    pooled = [any(name not in big for name in names) for names in sets]
    if any(pooled):
        columns[POOLED] = pooled
    return pd.DataFrame(columns, index=deals.index, dtype=bool)


def dummies(values: pd.Series, name: str, min_count: int) -> pd.DataFrame:
    """Return indicator columns of a field's values, the most frequent one left out; missing is a value; rare values are one."""
    filled = values.astype(object).where(values.notna(), "\x1fmissing").astype(str)
    counts = filled.value_counts()
    kept = filled.where(filled.map(counts) >= min_count, "\x1frare")
    levels = sorted(kept.value_counts().items(), key=lambda item: (-item[1], item[0]))
    return pd.DataFrame({f"{name}\x1f{level}": (kept == level).astype(float) for level, _ in levels[1:]}, index=values.index)


def fit_with_mix(
    deals: pd.DataFrame, first: pd.DataFrame, min_count: int, level: float
) -> tuple[LogitFit | None, pd.DataFrame | None, tuple[str, ...]]:
    """Fit won on the columns of `first` and the mix; where that cannot be, on fewer fields of it, the last ones first."""
    fields = {name: dummies(deals[name], name, min_count) for name in MIX}
    mix = [name for name in MIX if fields[name].shape[1]]
    while True:
        columns = pd.concat([first, *(fields[name] for name in mix)], axis=1)
        try:
            return logit(deals["is_won"].astype(float), columns, deals["cluster"], level), columns, tuple(mix)
        except CannotEstimate:
            if not mix:
                return None, None, ()
            mix.pop()
