"""Who is dear for what buyers rate, and where do we stand?

Price index of each brand (latest year, mean over segments, own = 100) against its rated value: the mean of the attributes
other than price, weighted by what drives the overall rating where one is given, else equally; kind and harsh respondents are
set level. The line of the brands is the price that goes with a value (Gale 1994). A brand is called dear or cheap only if its
distance from the line survives Benjamini-Hochberg over all brands and the line itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.brands import own_names, rated_by_enough, ratings_of, spelling_of
from workbook.analyses.deals import Currency, currency_of, with_known_amount
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.errors import CannotEstimate
from workbook.stats.fair_value import MIN_BRANDS, FairValue, fair_value
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, index, msg, nmsg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W3"


class ValueMapParams(Params):
    """price_words, overall_words: an attribute whose name contains one of them is a rating of the price (left out of the value) or
    an overall rating (it gives the weights of the others). draws: resamples of the respondents.
    """

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    draws: int = Field(default=1000, ge=200)
    seed: int = 1
    price_words: tuple[str, ...] = ("price", "cost", "preis", "kosten")
    overall_words: tuple[str, ...] = ("overall", "total", "gesamt")
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMapResult(Result):
    """The value map.

    brands: one row per brand, dearest for its value first: brand, is_own, rater_count, value, value_low, value_high, price,
    fair_price, gap (price − fair price), gap_low, gap_high, p_adjusted, is_reliable. line: value, low, price, high. weights: one
    row per attribute: attribute, weight. slope: price points per point of rating, slope_low, slope_high; None without a line.
    """

    brands: pd.DataFrame | None = None
    line: pd.DataFrame | None = None
    weights: pd.DataFrame | None = None
    slope: float | None = None
    slope_low: float | None = None
    slope_high: float | None = None
    respondent_count: int = 0


def aggregate(ratings: Table, competitors: Table, opportunities: Table, params: ValueMapParams, *, as_of: date) -> dict[str, Table]:
    """Return scores, the latest price index per competitor, the firm's own names and what it won in twelve months. Lazy."""
    import ibis

    priced = competitors.filter((competitors.price_index > 0) & (competitors.year.isnull() | (competitors.year <= as_of.year)))
    priced = priced.mutate(brand=priced.competitor.strip().lower(), at=priced.year.fill_null(0))
    latest = priced.group_by("brand").agg(latest=priced["at"].max())
    now = priced.inner_join(latest, "brand").filter(lambda t: t["at"] == t.latest)
    deals = with_known_amount(opportunities)
    year_ago = ibis.date(as_of) - ibis.interval(years=1)
    won = deals.filter((deals.status == "won") & (deals.closed_on > year_ago) & (deals.closed_on <= ibis.date(as_of)))
    return {
        "scores": ratings_of(ratings), "own": own_names(competitors),
        "prices": now.group_by("brand").agg(price=now.price_index.mean(), year=now["at"].max()),
        "won": won.group_by("currency").agg(amount=won.known_amount.sum(), amount_count=won.known_amount.count()),
    }  # fmt: skip


def analyse(small: dict[str, pd.DataFrame], params: ValueMapParams, *, as_of: date) -> ValueMapResult:
    """Fit the line and tell who lies off it. Pure."""
    scores, few = rated_by_enough(small["scores"])
    own, names = set(small["own"]["brand"].astype(str)), spelling_of(small["scores"]) if len(small["scores"]) else {}
    prices = {str(b): float(p) for b, p in small["prices"][["brand", "price"]].itertuples(index=False)}
    prices = dict.fromkeys(own, 100.0) | prices
    unpriced = tuple(sorted(names[key] for key in set(scores["brand"]) - set(prices)))
    scores = scores[scores["brand"].isin(prices)]
    values, weights, brands = _values(scores, params)
    refused = _refusal(small, values, brands)
    if refused is not None:
        return ValueMapResult(refused=refused, certainty="open")
    try:
        fit = fair_value(values, np.array([prices[key] for key in brands]), params.seed, params.draws, params.confidence)
    except CannotEstimate:
        reason = msg("too few buyers rate {k} brands with a price index for their values to be told apart", k=len(brands))
        return ValueMapResult(refused=reason, certainty="open", weights=weights)
    table = _table(fit, brands, values, params).assign(brand=[names[key] for key in brands], is_own=[key in own for key in brands])
    table = table.sort_values(["gap", "brand"], ascending=[False, True], ignore_index=True)
    ours = table[table["is_own"]]
    actions = _actions(ours, small["won"], params, as_of)
    has_line = fit.reason is None
    return ValueMapResult(
        checks=(_rating_check(fit), _brands_check(fit)), actions=actions, no_action=None if actions else _no_action(ours, has_line),
        finding=_finding(table, fit), brief=_brief(table, ours, fit), limits=_limits(fit, weights, unpriced, tuple(names[k] for k in few)),
        certainty="likely" if has_line and table["is_reliable"].any() else "open", brands=table, line=fit.line if has_line else None,
        weights=weights, slope=fit.slope if has_line else None, slope_low=fit.slope_low if has_line else None,
        slope_high=fit.slope_high if has_line else None, respondent_count=fit.respondents,
    )  # fmt: skip


def _refusal(small: dict[str, pd.DataFrame], values: np.ndarray, brands: list[str]) -> Message | None:
    if small["scores"].empty:
        return msg("no buyer's ratings of brands are given")
    if small["prices"].empty:
        return msg("no price index of any competitor is given")
    if len(brands) < 3 or len(values) < 10:
        return msg("{k} brands have both a price index and ratings by ten or more buyers, three are needed", k=len(brands))
    return None


def _values(scores: pd.DataFrame, params: ValueMapParams) -> tuple[np.ndarray, pd.DataFrame, list[str]]:
    """Value per respondent × brand: weighted mean of the attributes, each taken from its own mean, on the scale of the scores."""
    empty = pd.DataFrame({"attribute": pd.Series(dtype=str), "weight": pd.Series(dtype=float)})
    words = scores["attribute"].str.lower() if len(scores) else pd.Series(dtype=str)
    is_price, is_overall = (words.map(lambda name, listed=listed: any(word in name for word in listed)).astype(bool) for listed in (params.price_words, params.overall_words))
    parts, overall = scores[~is_price & ~is_overall], scores[is_overall]
    if parts.empty:
        return np.empty((0, 0)), empty, []
    wide = parts.pivot(index=["respondent_id", "brand"], columns="attribute", values="score").sort_index().sort_index(axis=1)
    weight = _weights(wide, overall)
    centre = wide.mean()
    seen = wide.notna().to_numpy(float) * weight
    off = (np.nan_to_num((wide - centre).to_numpy(float)) * weight).sum(axis=1) / seen.sum(axis=1)
    value = pd.Series(off + float(centre.to_numpy() @ weight), index=wide.index).unstack("brand").sort_index().sort_index(axis=1)
    return value.to_numpy(float), pd.DataFrame({"attribute": list(wide.columns), "weight": weight}), [str(name) for name in value.columns]


def _weights(wide: pd.DataFrame, overall: pd.DataFrame) -> np.ndarray:
    """Weights that add to one: what drives the overall rating within respondents (not below zero), else equal ones."""
    from scipy.optimize import nnls

    equal = np.full(wide.shape[1], 1 / wide.shape[1])
    if overall.empty:
        return equal
    target = overall.groupby(["respondent_id", "brand"])["score"].mean().rename("overall")
    both = wide.join(target, how="inner").dropna()
    level = both.groupby(level="respondent_id").transform("mean")
    within = both - level
    if len(within) < 10 * wide.shape[1] or not float(within["overall"].abs().sum()):
        return equal
    found = nnls(within[list(wide.columns)].to_numpy(float), within["overall"].to_numpy(float))[0]
    return found / found.sum() if found.sum() > 0 else equal


def _table(fit: FairValue, brands: list[str], values: np.ndarray, params: ValueMapParams) -> pd.DataFrame:
    """One control over the brands' distances from the line and the line's slope."""
    adjusted = benjamini_hochberg([*fit.brands["p_value"], fit.slope_p_value])[:-1]
    table = fit.brands.assign(p_adjusted=adjusted, is_reliable=np.nan_to_num(adjusted, nan=1.0) <= params.false_discovery_rate)
    return table.assign(rater_count=np.isfinite(values).sum(axis=0)).drop(columns="p_value")


def _rating_check(fit: FairValue) -> Check:
    part = share(fit.reliability)
    reason = msg("{part} of the spread between the brands' ratings is more than chance in who was asked.", part=part)
    return Check(key="ratings_tell_brands_apart", status="pass" if fit.reliability >= 0.8 else "review", reason=reason)


def _brands_check(fit: FairValue) -> Check:
    reason = msg("The line rests on {n} brands; it describes them and is no law of the market.", n=len(fit.brands))
    return Check(key="enough_brands_for_a_line", status="pass" if len(fit.brands) >= 8 else "review", reason=reason)


def _told(row: pd.Series) -> dict[str, Any]:
    return {
        "name": str(row["brand"]), "price": index(float(row["price"])), "fair": index(float(row["fair_price"])),
        "gap": number(abs(float(row["gap"])), 1), "range": _range(row), "value": number(float(row["value"]), 1),
    }  # fmt: skip


def _range(row: pd.Series) -> Any:
    ends = sorted(abs(float(row[name])) for name in ("gap_low", "gap_high"))
    return span(ends[0], ends[1], "points") if float(row["gap_low"]) * float(row["gap_high"]) > 0 else span(float(row["gap_low"]), float(row["gap_high"]), "points")


def _finding(table: pd.DataFrame, fit: FairValue) -> Message:
    if fit.reason == "no_variation":
        return msg("Buyers rate the {k} brands too much alike for a line of price on value.", k=len(table))
    if fit.reason is not None:
        return msg("{k} brands are too few for a line of price on value; {needed} are needed. The prices and ratings stand side by side.", k=len(table), needed=MIN_BRANDS)
    reliable = table[table["is_reliable"]]
    dear, cheap = (tuple(_brand_told(row) for _, row in part.iterrows()) for part in (reliable[reliable["gap"] > 0], reliable[reliable["gap"] < 0].iloc[::-1]))
    if dear and cheap:
        return msg("Dearer than buyers' ratings bear: {dear}; cheaper: {cheap}.", dear=dear, cheap=cheap)
    if dear:
        return msg("Dearer than buyers' ratings bear: {dear}.", dear=dear)
    if cheap:
        return msg("Cheaper than buyers' ratings bear: {cheap}.", cheap=cheap)
    return msg("No brand is reliably dearer or cheaper than buyers' ratings bear.")


def _brand_told(row: pd.Series) -> Message:
    return msg("{name} (price index {price}, by its rating {fair}; difference {gap}, range {range})", **_told(row))


def _brief(table: pd.DataFrame, ours: pd.DataFrame, fit: FairValue) -> Message:
    if fit.reason is not None or ours.empty:
        return _finding(table, fit)
    row = ours.iloc[0]
    if not row["is_reliable"]:
        return msg("Our price fits buyers' ratings: price index {price} against {fair} that they would bear (difference {range}).", **_told(row))
    if float(row["gap"]) < 0:
        return msg("We charge less than buyers' ratings would bear: price index {price} against {fair} (difference {range}).", **_told(row))
    return msg("We charge more than buyers' ratings bear: price index {price} against {fair} (difference {range}).", **_told(row))


def _limits(fit: FairValue, weights: pd.DataFrame, unpriced: tuple[str, ...], few: tuple[str, ...]) -> tuple[Message, ...]:
    equal = bool(np.allclose(weights["weight"], weights["weight"].mean()))
    limits = [
        msg("The price index is taken as known; it compares price levels, not what was paid."),
        msg("All attributes other than price count alike, as no overall rating shows which matter more.") if equal
        else msg("The attributes are weighted by how far each goes with the overall rating."),
    ]  # fmt: skip
    if not fit.is_within:
        limits.append(msg("No respondent ties all brands together; brands are compared across different respondents."))
    if unpriced:
        limits.append(msg("Without a price index and left out: {names}.", names=unpriced))
    if few:
        limits.append(nmsg("Left out, as fewer than ten buyers rate it: {names}.", "Left out, as fewer than ten buyers rate them: {names}.", len(few), names=few))
    return tuple(limits)


def _no_action(ours: pd.DataFrame, has_line: bool) -> Message:
    if ours.empty:
        return msg("none of the brands rated is marked as our own in the list of competitors")
    if not has_line:
        return msg("without a line nobody can say whether our price fits our rating")
    return msg("our price does not differ reliably from what our rating would bear")


def _actions(ours: pd.DataFrame, won: pd.DataFrame, params: ValueMapParams, as_of: date) -> tuple[Action, ...]:
    """Worth of a price that fits the rating: the gap in per cent of what was won in twelve months, if no deal is lost for it."""
    if ours.empty or not bool(ours["is_reliable"].iloc[0]):
        return ()
    row, due = ours.iloc[0], as_of + timedelta(days=params.action_days)
    if float(row["gap"]) > 0:
        what = msg("Decide where to win back value or give way in price: our index is {price}, our rating bears {fair}; take it up with the buyers of ten lost deals.", **_told(row))
        return (Action(key="bring_price_and_value_together", what=what, owner_role=msg("product management"), due_on=due, watch_kpi="win_rate"),)
    currency: Currency = currency_of(won, "amount_count")
    amount = float(won["amount"].astype(float).sum()) if len(won) and currency.refused is None else 0.0
    gains = [-float(row[name]) / float(row["price"]) * amount for name in ("gap", "gap_high", "gap_low")] if amount > 0 else [None] * 3
    what = msg("Try higher prices and smaller discounts in one segment for a quarter: what buyers rate would bear a price index of {fair}, we ask {price} (valued as if no deal were lost over it).", **_told(row))
    return (
        Action(
            key="try_a_higher_price", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate", value=gains[0], low=gains[1],
            high=gains[2], currency=currency.code if amount > 0 else None,
        ),
    )  # fmt: skip
