"""How do buyers see the brands, and how firm is that picture?

A buyer finds a brand good at something where the score lies above the mean of all that buyer's scores. Correspondence
analysis of brand × attribute draws brands with like profiles close together. How firm a place is, resampling the buyers
says: each brand gets an ellipse. Three kinds of statements are tested together (Benjamini-Hochberg): that a brand is not
just average, that two brands are told apart, and that an attribute is found at a brand more or less often than at the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.brands import own_names, rated_by_enough, ratings_of, spelling_of, strengths_named
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.errors import CannotEstimate
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.positions import Positions, positions
from workbook.stats.slope import clustered_slope
from workbook.text import Message, msg, nmsg, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W3"


class PerceptualMapParams(Params):
    """two_axes_min_share: review where the two axes show less of what tells the brands apart. action_days: time for the actions."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    draws: int = Field(default=1000, ge=200)
    seed: int = 1
    two_axes_min_share: Share = 0.7
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerceptualMapResult(Result):
    """The map.

    brands: one row per brand: brand, is_own, rater_count, axis_1, axis_2, variance_1, variance_2, covariance, quality, is_placed
    (not just average). attributes: attribute, axis_1, axis_2, quality. pairs: first, second, distance, is_apart. marks: one row
    per brand × attribute: brand, attribute, share (of its raters who find it good at that), others_share, difference, low, high,
    p_adjusted, is_reliable. axis_share: of what tells the brands apart, per axis. radius: of the ellipses.
    """

    brands: pd.DataFrame | None = None
    attributes: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None
    marks: pd.DataFrame | None = None
    axis_share: tuple[float, ...] = ()
    radius: float | None = None
    respondent_count: int = 0


def aggregate(ratings: Table, competitors: Table, params: PerceptualMapParams, *, as_of: date) -> dict[str, Table]:
    """Return the scores and the names of the firm itself. Lazy."""
    return {"scores": ratings_of(ratings), "own": own_names(competitors)}


def analyse(small: dict[str, pd.DataFrame], params: PerceptualMapParams, *, as_of: date) -> PerceptualMapResult:
    """Draw the map and say what of it is firm. Pure."""
    scores, few = rated_by_enough(small["scores"])
    if scores.empty:
        return PerceptualMapResult(refused=msg("no brand is rated by ten or more buyers"), certainty="open")
    counts, brands, attributes = strengths_named(scores)
    try:
        found = positions(np.nan_to_num(counts), brands, attributes, params.seed, params.draws, params.confidence)
    except CannotEstimate:
        reason = msg(
            "{n} buyers, {brands} brands and {attributes} attributes do not make a map of two axes; three brands and three attributes that differ are needed",
            n=len(counts), brands=len(brands), attributes=len(attributes),
        )  # fmt: skip
        return PerceptualMapResult(refused=reason, certainty="open", respondent_count=len(counts))
    names, own = spelling_of(scores), set(small["own"]["brand"].astype(str))
    marks = _marks(counts, brands, attributes, params)
    placed, apart, told = _controlled(found, marks, params)
    table = _brands(found, counts, placed, own).assign(brand=[names[key] for key in brands])
    marks = marks.assign(is_reliable=told, is_own=[key in own for key in marks["brand"]], brand=[names[key] for key in marks["brand"]])
    pairs = found.pairs.assign(is_apart=apart, **{side: [names[key] for key in found.pairs[side]] for side in ("first", "second")})
    actions = _actions(marks, params, as_of)
    return PerceptualMapResult(
        checks=(_axes_check(found, params),), actions=actions, no_action=None if actions else _no_action(table),
        finding=_finding(table, pairs, found), brief=_brief(table, pairs, marks), limits=_limits(pairs, tuple(names[k] for k in few if k in names), found),
        certainty="likely" if table["is_placed"].any() else "open",
        brands=table, attributes=found.columns.rename_axis("attribute").reset_index(), pairs=pairs, marks=marks,
        axis_share=tuple(float(part) for part in found.share), radius=found.radius, respondent_count=found.respondents,
    )  # fmt: skip


def _marks(counts: np.ndarray, brands: list[str], attributes: list[str], params: PerceptualMapParams) -> pd.DataFrame:
    """Compare how often each attribute is found at a brand and at the others, over respondents."""
    people = np.arange(len(counts))
    rows = []
    for b, brand in enumerate(brands):
        for a, attribute in enumerate(attributes):
            here, rest = counts[:, b, a], np.delete(counts[:, :, a], b, axis=1)
            asked, asked_rest = (~np.isnan(here)).astype(float), (~np.isnan(rest)).sum(axis=1).astype(float)
            hits, hits_rest = np.nan_to_num(here), np.nansum(rest, axis=1)
            gap = clustered_slope(
                np.concatenate([hits, hits_rest]), np.concatenate([asked, asked_rest]), np.repeat([1.0, 0.0], len(people)), np.tile(people, 2), params.confidence
            )
            own, other = (float(h.sum() / n.sum()) if n.sum() else np.nan for h, n in ((hits, asked), (hits_rest, asked_rest)))
            rows.append((brand, attribute, own, other, gap.value, gap.low, gap.high, gap.p_value))
    return pd.DataFrame(rows, columns=["brand", "attribute", "share", "others_share", "difference", "low", "high", "p_value"])


def _controlled(found: Positions, marks: pd.DataFrame, params: PerceptualMapParams) -> list[np.ndarray]:
    """One control over all tests: brands against the average, pairs of brands, brand × attribute."""
    families = [found.rows["p_value"].to_numpy(float), found.pairs["p_value"].to_numpy(float), marks["p_value"].to_numpy(float)]
    is_found = np.nan_to_num(benjamini_hochberg(np.concatenate(families)), nan=1.0) <= params.false_discovery_rate
    return np.split(is_found, np.cumsum([len(family) for family in families])[:-1])


def _brands(found: Positions, counts: np.ndarray, placed: np.ndarray, own: set[str]) -> pd.DataFrame:
    table = found.rows.rename_axis("key").reset_index()
    raters = (~np.isnan(counts)).any(axis=2).sum(axis=0)
    return table.assign(is_own=table["key"].isin(own), rater_count=raters, is_placed=placed).drop(columns=["key", "p_value"])


def _axes_check(found: Positions, params: PerceptualMapParams) -> Check:
    part = float(found.share[:2].sum())
    reason = msg("The two axes show {part} of what tells the brands apart.", part=share(part))
    return Check(key="two_axes_show_the_brands", status="pass" if part >= params.two_axes_min_share else "review", reason=reason)


def _together(pairs: pd.DataFrame) -> tuple[Message, ...]:
    same = pairs[~pairs["is_apart"]].sort_values(["distance", "first"])
    return tuple(msg("{first} and {second}", first=str(row.first), second=str(row.second)) for row in same.itertuples())


def _finding(table: pd.DataFrame, pairs: pd.DataFrame, found: Positions) -> Message:
    placed, together = int(table["is_placed"].sum()), _together(pairs)
    said = {"placed": placed, "k": len(table), "n": found.respondents, "part": share(float(found.share[:2].sum()))}
    if not placed:
        return msg("In the eyes of {n} buyers none of the {k} brands has a profile of its own that these answers could show.", **said)
    first = msg("In the eyes of {n} buyers {placed} of {k} brands have a profile of their own; the map shows {part} of the differences.", **said)
    if not together:
        return msg("{first} All of them are told apart.", first=first)
    return msg("{first} Not told apart: {pairs}.", first=first, pairs=together[:4])


def _brief(table: pd.DataFrame, pairs: pd.DataFrame, marks: pd.DataFrame) -> Message:
    good = marks[marks["is_own"] & marks["is_reliable"] & (marks["difference"] > 0)].sort_values(["difference", "attribute"], ascending=[False, True])
    if len(good):
        return msg("Buyers see us as the brand for {attribute}: {own} find us good at it, {others} the others (range {range} percentage points).", **_told(good.iloc[0]))
    return msg(
        "Of {k} brands {placed} have a profile of their own in buyers' eyes; {apart} of {pairs} pairs are told apart.",
        k=len(table), placed=int(table["is_placed"].sum()), apart=int(pairs["is_apart"].sum()), pairs=len(pairs),
    )  # fmt: skip


def _told(row: pd.Series) -> dict[str, object]:
    return {
        "attribute": str(row["attribute"]), "own": share(float(row["share"])), "others": share(float(row["others_share"])),
        "gap": points(100 * abs(float(row["difference"]))), "range": span(100 * float(row["low"]), 100 * float(row["high"]), "points"),
    }  # fmt: skip


def _limits(pairs: pd.DataFrame, few: tuple[str, ...], found: Positions) -> tuple[Message, ...]:
    limits = [
        msg("The map shows for what a brand stands, not how good it is: a brand rated high on everything lies in the middle."),
        msg("Brands are compared with brands; how close a brand lies to an attribute is to be read by direction, not by distance."),
        msg("Only the buyers who were asked speak here, each about the brands that he or she knows."),
    ]
    if few:
        limits.append(nmsg("Left out, as fewer than ten buyers rate it: {names}.", "Left out, as fewer than ten buyers rate them: {names}.", len(few), names=few))
    return tuple(limits)


def _no_action(table: pd.DataFrame) -> Message:
    if not table["is_own"].any():
        return msg("none of the brands rated is marked as our own in the list of competitors")
    return msg("no attribute is found at our brand reliably more or less often than at the others")


def _actions(marks: pd.DataFrame, params: PerceptualMapParams, as_of: date) -> tuple[Action, ...]:
    """Speak of what buyers already see; look into what they miss."""
    own = marks[marks["is_own"] & marks["is_reliable"]].sort_values(["difference", "attribute"], ascending=[False, True])
    due = as_of + timedelta(days=params.action_days)
    actions = []
    if len(own) and float(own["difference"].iloc[0]) > 0:
        what = msg("Put {attribute} first in offers and pitches, with two customer cases: {own} of the buyers find us good at it, {others} the others.", **_told(own.iloc[0]))
        actions.append(Action(key="lead_with_what_buyers_see", what=what, owner_role=msg("head of marketing"), due_on=due, watch_kpi="win_rate"))
    if len(own) and float(own["difference"].iloc[-1]) < 0:
        what = msg("Find out with ten buyers what is missing in {attribute}: {own} find us good at it, {others} the others.", **_told(own.iloc[-1]))
        actions.append(Action(key="ask_about_what_buyers_miss", what=what, owner_role=msg("product management"), due_on=due, watch_kpi="win_rate"))
    return tuple(actions)
