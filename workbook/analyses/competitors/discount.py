"""Does discount win deals, how much is needed, and does it pay?

Logistic regression of won on the discount given, with the competitors named and the mix of deals; errors over salespeople.
Three readings: what five points more discount go with in win rate; how many points go with five percentage points more wins;
and whether the extra wins make up for the lower price. Discount is not drawn by lot: salespeople give it where a deal is in
danger, which hides its effect, or to deals already won, which inflates it. So this is what goes with discount, and the
way to know is a trial. Per competitor the slope is set against the others' (one Benjamini-Hochberg over all tests).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.mix import MIX, MIX_NAMES, POOLED, fit_with_mix, labels, rivals_named, with_mix
from workbook.analyses.sampling import Sample, SampledParams
from workbook.params import Share
from workbook.results import Action, Check, Result
from workbook.stats.arrays import t_quantile, two_sided_t
from workbook.stats.heterogeneity import association_2x2
from workbook.stats.logit import LogitFit
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.standardise import Change, contrast, standardised_change, standardised_rates
from workbook.text import Message, msg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W3"
SAMPLE = Sample(unit="opportunity_id", words=msg("deals"), tables=("deals",))
DISCOUNT = "\x1fdiscount"
STEP = 0.05


class DiscountParams(SampledParams):
    """deals_min_count: decided deals with a discount entered, below which nothing is said. outcome_min_count: of them won, and lost.
    closed_min_count: competitors on fewer such deals have no slope of their own. level_min_count: rare values of the mix are pooled.
    """

    units_max: int = Field(default=200_000, ge=100)
    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    deals_min_count: int = Field(default=100, ge=30)
    outcome_min_count: int = Field(default=30, ge=10)
    closed_min_count: int = Field(default=100, ge=30)
    level_min_count: int = Field(default=20, ge=5)
    recorded_max_ratio: float = Field(default=3.0, ge=1)
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountResult(Result):
    """Win rate by discount.

    curve: one row per discount (0-1): discount, win_rate (average over the deals), low, high. by_competitor: one row per competitor:
    competitor, closed_count, odds_ratio, odds_low, odds_high (per five points of discount), p_adjusted, is_reliable (differs from
    nothing). change: of the win rate per five points more, change_low, change_high. needed: points of discount (0-1) that go with
    five percentage points more wins, needed_low, needed_high; None where the win rate does not rise reliably. revenue_ratio: expected
    price × chance after five points more over before, revenue_low, revenue_high; is_revenue_reliable: it differs from one. mean_discount; n; fill_won, fill_lost.
    """

    curve: pd.DataFrame | None = None
    by_competitor: pd.DataFrame | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None
    is_reliable: bool = False
    is_revenue_reliable: bool = False
    needed: float | None = None
    needed_low: float | None = None
    needed_high: float | None = None
    revenue_ratio: float | None = None
    revenue_low: float | None = None
    revenue_high: float | None = None
    mean_discount: float | None = None
    n: int = 0


def aggregate(opportunities: Table, products: Table, params: DiscountParams, *, as_of: date) -> dict[str, Table]:
    """Count decided deals per discount (in thousandths), competitors, mix, cluster and outcome; and how often it is entered. Lazy."""
    marked = with_mix(opportunities, products)
    marked = marked.mutate(discount=marked.discount_share.round(3), competitor=marked.competitor.fill_null(""))
    known = marked.filter(marked.discount.notnull())
    return {
        "deals": known.group_by(["discount", "competitor", *MIX, "cluster", "is_won"]).agg(deals_count=known.count()),
        "fill": marked.group_by("is_won").agg(deals_count=marked.count(), filled_count=marked.discount.count()),
    }


def analyse(small: dict[str, pd.DataFrame], params: DiscountParams, *, as_of: date) -> DiscountResult:
    """Fit the model and read it. Pure."""
    counted = small["deals"].sort_values(["discount", "competitor", "cluster", "is_won", *MIX], na_position="last")
    deals = counted.loc[counted.index.repeat(counted["deals_count"])].reset_index(drop=True)
    deals["discount"] = deals["discount"].astype(float)
    refused = _refusal(deals, small["fill"], params)
    if refused is not None:
        return DiscountResult(refused=refused, certainty="open", n=len(deals))
    rivals = rivals_named(deals, params.level_min_count)
    first = pd.concat([deals["discount"].rename(DISCOUNT), _blocks(deals, rivals)], axis=1)
    fit, columns, mix = fit_with_mix(deals, first, params.level_min_count, params.confidence)
    if fit is None or columns is None:
        return DiscountResult(refused=msg("the deals are too few or too alike for a model of the discount"), certainty="open", n=len(deals))
    change = standardised_change(fit, columns, DISCOUNT, STEP)
    result = _read((fit, columns), change, float(deals["discount"].mean()))
    by_rival, told = _by_competitor((deals, rivals, first), [change.p_value, result.pop("revenue_p_value")], params)
    result |= {"is_reliable": told[0], "is_revenue_reliable": told[1]}
    if not (told[0] and change.difference_low > 0):
        result |= dict.fromkeys(("needed", "needed_low", "needed_high"))
    actions = _actions(result, params, as_of)
    return DiscountResult(
        checks=(_fill_check(small["fill"]), _owners_check(fit)), actions=actions, no_action=None if actions else _no_action(),
        finding=_finding(result, fit), brief=_brief(result), limits=_limits(mix), certainty="open", by_competitor=by_rival, n=fit.n, **result,
    )  # fmt: skip


def _refusal(deals: pd.DataFrame, fill: pd.DataFrame, params: DiscountParams) -> Message | None:
    if deals.empty:
        return msg("no decided deal carries a discount")
    filled = {bool(won): int(n) for won, n in fill[["is_won", "filled_count"]].itertuples(index=False)}
    shares = _fill_shares(fill)
    if len(filled) == 2 and shares[False] * params.recorded_max_ratio < shares[True]:
        return msg(
            "a discount is entered on {won} of the won but only {lost} of the lost deals; what was offered in lost deals is unknown",
            won=share(shares[True]), lost=share(shares[False]),
        )  # fmt: skip
    fewest = min(filled.get(True, 0), filled.get(False, 0))
    if len(deals) < params.deals_min_count or fewest < params.outcome_min_count:
        return msg(
            "{n} decided deals carry a discount, {won} of them won; {needed} are needed and {each} of either outcome",
            n=len(deals), won=filled.get(True, 0), needed=params.deals_min_count, each=params.outcome_min_count,
        )  # fmt: skip
    return msg("all deals carry the same discount") if deals["discount"].nunique() < 2 else None


def _fill_shares(fill: pd.DataFrame) -> dict[bool, float]:
    return {bool(won): int(filled) / int(n) for won, n, filled in fill[["is_won", "deals_count", "filled_count"]].itertuples(index=False)}


def _blocks(deals: pd.DataFrame, rivals: pd.DataFrame) -> pd.DataFrame:
    """Columns of the competitors, and of deals without an entry; a constant one or a copy is left out."""
    blocks = rivals.astype(float)
    blocks["\x1fblank"] = (deals["competitor"].str.strip() == "").astype(float)
    kept: dict[bytes, str] = {}
    for name in blocks.columns:
        values = blocks[name].to_numpy()
        if values.min() < values.max():
            kept.setdefault(values.tobytes(), str(name))
    return blocks[list(kept.values())]


def _by_competitor(
    given: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], p_values: list[float], params: DiscountParams
) -> tuple[pd.DataFrame, list[bool]]:
    """Slope against each competitor with enough deals; and which of `p_values` survive with them in the one control."""
    deals, rivals, first = given
    big = [name for name in rivals.columns if name != POOLED and rivals[name].sum() >= params.closed_min_count]
    centred = deals["discount"] - deals["discount"].mean()
    extra = pd.DataFrame({f"{name}\x1fslope": centred * rivals[name] for name in big}, index=deals.index)
    rows: list[tuple[Any, ...]] = []
    fit = fit_with_mix(deals, pd.concat([first, extra], axis=1), params.level_min_count, params.confidence)[0] if len(big) > 1 else None
    if fit is not None:
        spelled = labels(deals)
        for name in big:
            ends = contrast(fit, {DISCOUNT: STEP, f"{name}\x1fslope": STEP})
            rows.append((spelled[name], int(rivals[name].sum()), *(math.exp(e) for e in ends[:3]), ends[3]))
    table = pd.DataFrame(rows, columns=["competitor", "closed_count", "odds_ratio", "odds_low", "odds_high", "p_value"])
    adjusted = benjamini_hochberg([*table["p_value"], *p_values])
    told = adjusted <= params.false_discovery_rate
    table = table.assign(p_adjusted=adjusted[: len(table)], is_reliable=told[: len(table)])
    return table.sort_values(["odds_ratio", "competitor"], ascending=[False, True], ignore_index=True), [bool(flag) for flag in told[len(table) :]]


def _read(fitted: tuple[LogitFit, pd.DataFrame], change: Change, mean: float) -> dict[str, Any]:
    """Turn the fit into the result's fields. Expected price after five points more: (1 − mean − 5 points) ÷ (1 − mean)."""
    fit, columns = fitted
    price = math.log((1 - mean - STEP) / (1 - mean)) if mean + STEP < 1 else math.nan
    is_rising = change.difference_low > 0
    error = (change.log_ratio_high - change.log_ratio_low) / 2 / t_quantile(0.5 + fit.level / 2, fit.dof)
    needed = [STEP * STEP / part for part in (change.difference, change.difference_high, change.difference_low)] if is_rising else [None] * 3
    levels = sorted({round(float(q) / 0.05) * 0.05 for q in columns[DISCOUNT].quantile([0.05, 0.25, 0.5, 0.75, 0.95])} | {0.0})
    curve = standardised_rates(fit, columns, {at: {DISCOUNT: at} for at in levels}).rename(columns={"scenario": "discount", "rate": "win_rate"})
    return {
        "curve": curve, "change": change.difference, "change_low": change.difference_low, "change_high": change.difference_high,
        "revenue_p_value": two_sided_t((change.log_ratio + price) / error if error > 0 else math.nan, fit.dof), "needed": needed[0], "needed_low": needed[1], "needed_high": needed[2],
        "revenue_ratio": math.exp(change.log_ratio + price), "revenue_low": math.exp(change.log_ratio_low + price),
        "revenue_high": math.exp(change.log_ratio_high + price), "mean_discount": mean,
    }  # fmt: skip


def _fill_check(fill: pd.DataFrame) -> Check:
    shares = _fill_shares(fill)
    ordered = fill.sort_values("is_won")
    table = [[filled, total - filled] for filled, total in zip(ordered["filled_count"].astype(int), ordered["deals_count"].astype(int), strict=True)]
    differs = len(table) == 2 and association_2x2(table).p_value < 0.01
    reason = msg("The discount is entered on {won} of the won and {lost} of the lost deals.", won=share(shares.get(True, 0.0)), lost=share(shares.get(False, 0.0)))
    return Check(key="discount_is_recorded_alike_on_won_and_lost_deals", status="review" if differs else "pass", reason=reason)


def _owners_check(fit: LogitFit) -> Check:
    reason = msg("The errors rest on {n} groups of deals of one owner.", n=fit.clusters or 0)
    return Check(key="discount_model_has_enough_owners", status="review" if fit.few_clusters else "pass", reason=reason)


def _words(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "change": number(100 * result["change"], 1, signed=True),
        "range": span(100 * result["change_low"], 100 * result["change_high"], "points"), "mean": share(result["mean_discount"]),
        "revenue": share(result["revenue_ratio"] - 1, signed=True), "revenue_range": span(result["revenue_low"] - 1, result["revenue_high"] - 1, "share"),
    }  # fmt: skip


def _pays(result: dict[str, Any]) -> Message:
    if result["is_revenue_reliable"] and result["revenue_ratio"] > 1:
        return msg("expected revenue per deal rises by {revenue} (range {revenue_range})", **_words(result))
    if result["is_revenue_reliable"] and result["revenue_ratio"] < 1:
        return msg("expected revenue per deal falls: {revenue} (range {revenue_range}), as the lower price costs more than the extra wins bring", **_words(result))
    return msg("whether expected revenue per deal rises or falls is open ({revenue}, range {revenue_range})", **_words(result))


def _finding(result: dict[str, Any], fit: LogitFit) -> Message:
    pays = _pays(result)
    if not result["is_reliable"]:
        return msg(
            "Over {n} decided deals, more discount does not reliably go with more wins: {change} percentage points per five points of discount (range {range}); {pays}.",
            n=fit.n, pays=pays, **_words(result),
        )  # fmt: skip
    if result["needed"] is None:
        return msg(
            "Over {n} decided deals, more discount goes with fewer wins: {change} percentage points per five points of discount (range {range}). It is given where a deal is in danger; {pays}.",
            n=fit.n, pays=pays, **_words(result),
        )  # fmt: skip
    return msg(
        "Over {n} decided deals, five points more discount go with {change} percentage points of win rate (range {range}): {needed} points for five percentage points more (range {needed_range}); {pays}.",
        n=fit.n, needed=number(100 * result["needed"], 1), needed_range=span(100 * result["needed_low"], 100 * result["needed_high"], "points"), pays=pays,
        **_words(result),
    )  # fmt: skip


def _brief(result: dict[str, Any]) -> Message:
    return msg("Five points more discount go with {change} percentage points of win rate (range {range}); {pays}.", pays=_pays(result), **_words(result))


def _limits(mix: tuple[str, ...]) -> tuple[Message, ...]:
    limits = [
        msg("This is what goes with discount, not what it causes: it is given where deals are in danger, or to close deals already won."),
        msg("Revenue is not margin: where the margin is thin, a discount must win far more deals to pay."),
    ]
    if mix:
        limits.append(msg("Adjusted for the competitors named and {fields}.", fields=tuple(MIX_NAMES[name] for name in mix)))
    return tuple(limits)


def _no_action() -> Message:
    return msg("whether more or less discount would pay is open; a trial with discounts drawn by lot in one segment would tell")


def _actions(result: dict[str, Any], params: DiscountParams, as_of: date) -> tuple[Action, ...]:
    due = as_of + timedelta(days=params.action_days)
    if result["is_revenue_reliable"] and result["revenue_ratio"] < 1:
        what = msg("Let the head of sales approve discounts above {mean}, the present mean: five points more cost revenue ({revenue_range}).", **_words(result))
        return (Action(key="approve_discounts", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate"),)
    if result["is_revenue_reliable"] and result["revenue_ratio"] > 1:
        what = msg("Try five points more discount in every second deal of one segment for a quarter before making it a rule ({revenue_range} of revenue per deal).", **_words(result))
        return (Action(key="try_more_discount", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate"),)
    return ()
