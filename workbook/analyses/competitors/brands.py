"""Buyers' ratings of brands: one key per brand, the firm's own brand, and what each respondent finds a brand good at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from ibis.expr.types import Table

RATERS_MIN = 10


def ratings_of(ratings: Table) -> Table:
    """Return known scores: respondent_id, brand (key), spelling, attribute, score; the mean where one is given twice. Lazy."""
    known = ratings.filter(ratings.score.notnull() & ratings.brand.notnull() & ratings.attribute.notnull() & ratings.respondent_id.notnull())
    keyed = known.mutate(spelling=known.brand.strip(), attribute=known.attribute.strip()).mutate(brand=lambda t: t.spelling.lower())
    return keyed.group_by(["respondent_id", "brand", "attribute"]).agg(score=keyed.score.mean(), spelling=keyed.spelling.min())


def own_names(competitors: Table) -> Table:
    """Return the keys under which the firm itself is listed. Lazy."""
    own = competitors.filter(competitors.is_self.fill_null(False))
    return own.mutate(brand=own.competitor.strip().lower()).select("brand").distinct()


def spelling_of(scores: pd.DataFrame) -> dict[str, str]:
    """Return one spelling per brand key: the most frequent, among equals the first in the alphabet."""
    counted = scores.groupby(["brand", "spelling"]).size().rename("n").reset_index()
    ordered = counted.sort_values(["brand", "n", "spelling"], ascending=[True, False, True]).drop_duplicates("brand")
    return {str(key): str(name) for key, name in ordered[["brand", "spelling"]].itertuples(index=False)}


def rated_by_enough(scores: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out brands that fewer than ten respondents rate; return their keys beside the rest."""
    raters = scores.groupby("brand")["respondent_id"].nunique()
    few = tuple(sorted(str(name) for name in raters[raters < RATERS_MIN].index))
    return scores[~scores["brand"].isin(few)], few


def strengths_named(scores: pd.DataFrame) -> tuple[np.ndarray, list[str], list[str]]:
    """Count what each respondent finds each brand good at: respondent × brand × attribute, 1 where the score is above the mean of
    all that respondent's scores, 0 where not, NaN where not asked. Free of the scale's unit and of how kindly somebody rates.
    """
    brands, attributes = sorted(set(scores["brand"])), sorted(set(scores["attribute"]))
    wide = scores.pivot(index="respondent_id", columns=["brand", "attribute"], values="score").sort_index()
    wide = wide.reindex(columns=pd.MultiIndex.from_product([brands, attributes]))
    values = wide.to_numpy(dtype=float).reshape(len(wide), len(brands), len(attributes))
    own = np.nanmean(values.reshape(len(wide), -1), axis=1)[:, None, None]
    return np.where(np.isnan(values), np.nan, (values > own + 1e-9).astype(float)), brands, attributes
