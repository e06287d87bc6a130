"""How buyers rate us and each competitor, attribute by attribute, by respondents who rated both.

Paired differences (own score minus theirs) with a t interval over respondents: people who give high marks to everybody cancel
out. Which brand is ours is what the competitor data mark as the own firm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from ibis.expr.types import Table


def rating_pairs(ratings: Table, competitors: Table, *, together: bool = False) -> Table:
    """Sum the paired differences. One row per rival × attribute: respondents, sums of scores and of squared differences; lazy.

    together: one row per attribute, against the mean of the competitors that the respondent rated (brand_key empty).
    """
    import ibis

    own = competitors.filter(competitors.is_self.fill_null(False)).select(brand_key=competitors.competitor.strip().lower()).distinct()
    scored = ratings.filter(ratings.score.notnull() & ratings.respondent_id.notnull())
    keyed = scored.mutate(brand_key=scored.brand.strip().lower(), attribute=scored.attribute.strip(), score=scored.score.cast("float64"))
    each = keyed.group_by(["respondent_id", "brand_key", "attribute"]).agg(score=keyed.score.mean(), brand=keyed.brand.min())
    ours = each.semi_join(own, "brand_key").select("respondent_id", "attribute", own_score=lambda t: t.score)
    theirs = each.anti_join(own, "brand_key").select("respondent_id", "attribute", "brand_key", "brand", "score")
    if together:
        mean = theirs.group_by(["respondent_id", "attribute"]).agg(score=theirs.score.mean())
        theirs = mean.mutate(brand_key=ibis.literal(""), brand=ibis.literal(""))
    both = theirs.inner_join(ours, ["respondent_id", "attribute"])
    both = both.mutate(gap=both.own_score - both.score)
    return both.group_by(["brand_key", "attribute"]).agg(
        brand=both.brand.min(), n=both.count(), own_sum=both.own_score.sum(), their_sum=both.score.sum(), gap_sum=both.gap.sum(),
        gap_squares=(both.gap * both.gap).sum(),
    )  # fmt: skip


def rating_gaps(pairs: pd.DataFrame, level: float, min_count: int = 10) -> pd.DataFrame:
    """Return the mean differences. One row per rival × attribute with enough respondents: rival (key), brand, attribute, n,
    own_score, their_score, difference, low, high, p_value.
    """
    from scipy import stats

    kept = pairs[pairs["n"] >= max(min_count, 2)].reset_index(drop=True)
    n = kept["n"].to_numpy(float)
    mean = kept["gap_sum"].to_numpy(float) / n
    variance = np.maximum(kept["gap_squares"].to_numpy(float) - n * mean**2, 0.0) / (n - 1)
    error = np.sqrt(variance / n)
    half = stats.t.ppf(0.5 + level / 2, n - 1) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = np.where(error > 1e-12, 2 * stats.t.sf(np.abs(mean / error), n - 1), np.nan)
    return pd.DataFrame({
        "rival": kept["brand_key"], "brand": kept["brand"], "attribute": kept["attribute"], "n": kept["n"].astype(int),
        "own_score": kept["own_sum"].astype(float) / n, "their_score": kept["their_sum"].astype(float) / n, "difference": mean,
        "low": mean - half, "high": mean + half, "p_value": p_value,
    })  # fmt: skip
