"""Cost leader, differentiator or niche supplier – as practised, against the position declared?

Each indicator speaks for or against a position only where its interval or test decides it: price level against the
competitors, discounts on won deals, win rate when we are the dearer or the cheaper one, losses on price, buyers' ratings of
price and of everything else, concentration of the won amount on one segment. The tests share one false-discovery control. The verdict needs
`indicators_min_count` indicators; two must speak for a position and none against it. Porter 1980, ch. 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.cells import contrasts, moments, summed_moments
from workbook.analyses.competitors.naming import named_competitors
from workbook.analyses.competitors.rated import rating_gaps, rating_pairs
from workbook.analyses.deals import CLOSED, hits_per_cluster, rate_of, with_known_amount
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.mean import ratio_of_sums
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, index, msg, nmsg, number, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W6"
POSITIONS = ("cost_leadership", "differentiation", "niche")
POSITION_NAMES = {"cost_leadership": msg("cost leadership"), "differentiation": msg("differentiation"), "niche": msg("niche")}
INDICATORS = ("price_level", "discount", "wins_by_price", "lost_on_price", "rated_quality", "rated_price", "concentration")
INDICATOR_NAMES = {
    "price_level": msg("Own price level, competitors = 100"), "discount": msg("Discount on won deals"),
    "wins_by_price": msg("Win rate when dearer, less win rate when cheaper"), "lost_on_price": msg("Lost deals with a reason that were lost on price"),
    "rated_quality": msg("Buyers' ratings without price, we less competitors"), "rated_price": msg("Buyers' ratings of price, we less competitors"),
    "concentration": msg("Won amount in the largest segment"),
}  # fmt: skip
COST, UNLIKE, NICHE = POSITIONS


class PorterParams(Params):
    """declared_position: what the firm says it is; null: not declared. same_price: price levels within this many points are the
    same. deep_discount, niche_share, price_loss_share: thresholds that an interval must lie beyond. price_words: parts of
    words by which reasons and rated attributes speak of price.
    """

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    declared_position: Literal["cost_leadership", "differentiation", "niche"] | None = None
    same_price: float = Field(default=3.0, ge=0)
    deep_discount: Share = 0.15
    price_loss_share: Share = 0.25
    niche_share: Share = 0.6
    price_words: tuple[str, ...] = ("price", "preis", "cost", "kosten", "expensive", "teuer", "cheap", "billig")
    group_min_count: int = Field(default=20, ge=5)
    indicators_min_count: int = Field(default=3, ge=1)
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PorterResult(Result):
    """Position practised.

    indicators: one row each: indicator, value, low, high, unit, n, speaks_for, speaks_against (a position or empty), reason
    (why it is missing, else None). votes: position → (for, against). practised: a position or None; declared: the same.
    """

    indicators: pd.DataFrame | None = None
    votes: dict[str, tuple[int, int]] | None = None
    practised: str | None = None
    declared: str | None = None


def aggregate(opportunities: Table, competitors: Table, ratings: Table, params: PorterParams, *, as_of: date) -> dict[str, Table]:
    """Sum discounts, amounts, prices, reasons and ratings; count wins by whether we are the dearer one. Lazy."""
    import ibis

    priced = competitors.filter(competitors.price_index.notnull() & (competitors.price_index > 0))
    priced = priced.filter(priced.year.isnull() | (priced.year <= as_of.year)).mutate(rival=priced.competitor.strip().lower(), when=priced.year.fill_null(as_of.year))
    last = priced.group_by("rival").agg(last=priced.when.max())
    latest = priced.inner_join(last, "rival").filter(lambda t: t.when == t.last)
    prices = latest.group_by("rival").agg(price=latest.price_index.cast("float64").mean(), is_self=latest.is_self.fill_null(False).any())
    won = with_known_amount(opportunities.filter(opportunities.status == "won"))
    won = won.mutate(seller=ibis.coalesce(won.owner_id, won.opportunity_id), cluster=ibis.coalesce(won.account_id, won.opportunity_id))
    discounted, summed = won.filter(won.discount_share.notnull()), won.filter(won.segment.notnull() & won.known_amount.notnull())
    lost = opportunities.filter((opportunities.status == "lost") & (opportunities.loss_reason.strip() != ""))
    return {
        "prices": prices,
        **moments(_sides(opportunities, prices, params), ("price",), params.group_min_count),
        "discounts": discounted.group_by("seller").agg(discount=discounted.discount_share.cast("float64").sum(), n=discounted.count()),
        "lost": hits_per_cluster(lost, _of_price(lost.loss_reason, params)),
        "amounts": summed.group_by(["cluster", "segment", "currency"]).agg(amount=summed.known_amount.cast("float64").sum(), n=summed.count()),
        "ratings": rating_pairs(ratings.mutate(attribute=_of_price(ratings.attribute, params).ifelse("price", "other")), competitors, together=True),
    }  # fmt: skip


def _of_price(words: Any, params: PorterParams) -> Any:
    import ibis

    return ibis.or_(*(words.lower().contains(word.lower()) for word in params.price_words)) if params.price_words else ibis.literal(False)


def _sides(opportunities: Table, prices: Table, params: PorterParams) -> Table:
    """Decided deals in which all competitors with a price are cheaper than we are, or all dearer. One row per deal; lazy."""
    import ibis

    named = named_competitors(opportunities.filter(opportunities.status.isin(CLOSED)))
    known = named.inner_join(prices.filter(~prices.is_self), "rival")
    side = ibis.cases((known.price < 100 - params.same_price, "dearer"), (known.price > 100 + params.same_price, "cheaper"), else_="same")
    once = known.mutate(price=side).group_by(["opportunity_id", "status", "owner_id", "account_id"]).agg(price=lambda t: t.price.min(), other=lambda t: t.price.max())
    return once.filter((once.price == once.other) & (once.price != "same")).mutate(rival=ibis.literal(""))


def analyse(small: dict[str, pd.DataFrame], params: PorterParams, *, as_of: date) -> PorterResult:
    """Let each indicator speak, then count. Pure."""
    rows, p_values = _indicators(small, params)
    table = _spoken(pd.DataFrame(rows), p_values, params)
    known = table[table["reason"].isna()]
    if known.empty:
        return PorterResult(refused=msg("no prices, discounts, loss reasons, ratings or amounts by segment are there"), certainty="open", declared=params.declared_position)
    votes = {name: tuple(int((known[side] == name).sum()) for side in ("speaks_for", "speaks_against")) for name in POSITIONS}
    practised = _practised(votes) if len(known) >= params.indicators_min_count else None
    actions = _actions(practised, params, as_of)
    return PorterResult(
        checks=(_known_check(known, table),),
        actions=actions,
        no_action=None if actions else _no_action(practised, params),
        finding=_finding(practised, votes, len(known), params),
        brief=_brief(practised, votes, len(known), params),
        limits=(msg("Thresholds are settings ({discount} discount, {lost} lost on price, {niche} in one segment): where an interval holds one, the indicator stays silent.",
                    discount=share(params.deep_discount, 0), lost=share(params.price_loss_share, 0), niche=share(params.niche_share, 0)),
                msg("Price levels are list prices as the competitor data state them.")),
        certainty="likely" if practised else "open",
        indicators=table,
        votes=votes,  # type: ignore[arg-type]
        practised=practised,
        declared=params.declared_position,
    )  # fmt: skip


Row = dict[str, object]


def _row(name: str, unit: str, found: tuple[float, float, float, int] | None, why: Message | None = None) -> Row:
    value, low, high, n = found if found is not None else (math.nan, math.nan, math.nan, 0)
    return {"indicator": name, "value": value, "low": low, "high": high, "unit": unit, "n": n, "reason": None if found is not None else why}


def _indicators(small: dict[str, pd.DataFrame], params: PorterParams) -> tuple[list[Row], dict[str, float]]:
    price, side, (quality, rated_price) = _price_level(small["prices"], params), _wins_by_price(summed_moments(small), params), _rated(small["ratings"], params)
    rows = [price, _discount(small["discounts"], params), side[0], _lost(small["lost"], params), quality[0], rated_price[0], _concentration(small["amounts"], params)]
    return rows, {"wins_by_price": side[1], "rated_quality": quality[1], "rated_price": rated_price[1]}


def _price_level(prices: pd.DataFrame, params: PorterParams) -> Row:
    """Own price over the geometric mean of the competitors', t interval over competitors."""
    from scipy import stats

    rivals = np.log(100 / prices.loc[~prices["is_self"].astype(bool), "price"].astype(float).to_numpy())
    if len(rivals) < 3:
        return _row("price_level", "index", None, msg("{n} competitors have a price level, 3 are needed", n=len(rivals)))
    half = float(stats.t.ppf(0.5 + params.confidence / 2, len(rivals) - 1) * rivals.std(ddof=1) / math.sqrt(len(rivals)))
    ends = [100 * math.exp(rivals.mean() + step) for step in (0.0, -half, half)]
    return _row("price_level", "index", (ends[0], ends[1], ends[2], len(rivals)))


def _discount(sums: pd.DataFrame, params: PorterParams) -> Row:
    n = int(sums["n"].sum())
    if n < params.group_min_count or len(sums) < 3:
        return _row("discount", "share", None, msg("{n} won deals carry a discount, {needed} are needed", n=n, needed=params.group_min_count))
    found = ratio_of_sums(sums["discount"].astype(float), sums["n"].astype(float), params.confidence)
    if not math.isfinite(found.low + found.high):
        return _row("discount", "share", None, msg("the discounts do not vary"))
    return _row("discount", "share", (found.value, max(found.low, 0.0), found.high, n))


def _wins_by_price(sums: pd.DataFrame, params: PorterParams) -> tuple[Row, float]:
    table = contrasts(sums, params.confidence, params.group_min_count)
    dearer = table[table["value"] == "dearer"] if len(table) else table
    if dearer.empty:
        why = msg("fewer than {needed} decided deals against dearer or against cheaper competitors only", needed=params.group_min_count)
        return _row("wins_by_price", "points", None, why), math.nan
    row = dearer.iloc[0]
    ends = (100 * float(row[name]) for name in ("difference", "difference_low", "difference_high"))
    value, low, high = ends
    return _row("wins_by_price", "points", (value, low, high, int(sums["all_n"].max()))), float(row["p_value"])


def _lost(counted: pd.DataFrame, params: PorterParams) -> Row:
    rate = rate_of(counted, params.confidence)
    if rate.n < params.group_min_count:
        return _row("lost_on_price", "share", None, msg("{n} lost deals carry a reason, {needed} are needed", n=int(rate.n), needed=params.group_min_count))
    return _row("lost_on_price", "share", (rate.value, rate.low, rate.high, int(rate.n)))


def _rated(pairs: pd.DataFrame, params: PorterParams) -> tuple[tuple[Row, float], tuple[Row, float]]:
    """Everything but price, and price: mean paired differences over respondents."""
    gaps = {str(row["attribute"]): row for row in rating_gaps(pairs, params.confidence).to_dict("records")}
    found = []
    for name, kind in (("rated_quality", "other"), ("rated_price", "price")):
        if kind in gaps:
            row = gaps[kind]
            value, low, high = (float(row[column]) for column in ("difference", "low", "high"))
            found.append((_row(name, "number", (value, low, high, int(row["n"]))), float(row["p_value"])))
        else:
            found.append((_row(name, "number", None, msg("no buyers' ratings of us and a competitor")), math.nan))
    return found[0], found[1]


def _concentration(amounts: pd.DataFrame, params: PorterParams) -> Row:
    """Share of the won amount in the segment with most, interval over accounts."""
    if amounts["currency"].dropna().nunique() > 1 or amounts["segment"].nunique() < 2 or amounts["cluster"].nunique() < 10:
        return _row("concentration", "share", None, msg("needs won amounts in one currency, two segments and ten customers"))
    wide = amounts.groupby(["cluster", "segment"])["amount"].sum().unstack().fillna(0.0)
    sums = wide.sum()
    largest = str(min(sums.index[sums == sums.max()]))
    found = ratio_of_sums(wide[largest], wide.sum(axis=1), params.confidence, is_share=True)
    if not math.isfinite(found.low + found.high):
        return _row("concentration", "share", None, msg("the amounts do not vary"))
    return _row("concentration", "share", (found.value, found.low, found.high, int(amounts["n"].sum())))


def _spoken(table: pd.DataFrame, p_values: dict[str, float], params: PorterParams) -> pd.DataFrame:
    """Add what each indicator speaks for and against."""
    adjusted = dict(zip(p_values, benjamini_hochberg(list(p_values.values())), strict=True))
    sure = {name: bool(p <= params.false_discovery_rate) for name, p in adjusted.items()}
    spoken = [_speaks(row, sure.get(str(row["indicator"]), True), params) for row in table.to_dict("records")]
    return table.assign(speaks_for=[pair[0] for pair in spoken], speaks_against=[pair[1] for pair in spoken])


def _speaks(row: dict[Any, Any], is_sure: bool, params: PorterParams) -> tuple[str, str]:
    if row["reason"] is not None or not is_sure:
        return "", ""
    low, high, name = float(row["low"]), float(row["high"]), row["indicator"]
    bounds = {
        "price_level": (100 - params.same_price, 100 + params.same_price), "discount": (params.deep_discount / 3, params.deep_discount),
        "lost_on_price": (0.0, params.price_loss_share), "concentration": (params.niche_share, params.niche_share),
    }.get(str(name), (0.0, 0.0))  # fmt: skip
    said = {
        "price_level": ((COST, UNLIKE), (UNLIKE, COST)), "discount": ((UNLIKE, ""), ("", UNLIKE)), "wins_by_price": ((COST, UNLIKE), (UNLIKE, COST)),
        "lost_on_price": (("", ""), ("", COST)), "rated_quality": (("", UNLIKE), (UNLIKE, "")), "rated_price": (("", COST), (COST, "")),
        "concentration": (("", NICHE), (NICHE, "")),
    }[str(name)]  # fmt: skip
    return said[0] if high < bounds[0] else said[1] if low > bounds[1] else ("", "")


def _practised(votes: dict[str, tuple[int, ...]]) -> str | None:
    """Return the position that two indicators speak for and none against; a niche is known by its concentration alone."""
    if votes[NICHE][0]:
        return NICHE
    clear = [name for name in (COST, UNLIKE) if votes[name][0] >= 2 and not votes[name][1]]
    return clear[0] if len(clear) == 1 else None


def _known_check(known: pd.DataFrame, table: pd.DataFrame) -> Check:
    reason = msg("{k} of {n} indicators of the position can be had from these data.", k=len(known), n=len(table))
    return Check(key="indicators_of_position_are_there", status="pass" if len(known) >= 5 else "review", reason=reason)


def _voted(votes: dict[str, tuple[int, ...]]) -> tuple[Message, ...]:
    return tuple(msg("{name} {yes} for, {no} against", name=POSITION_NAMES[name], yes=yes, no=no) for name, (yes, no) in votes.items())


def _finding(practised: str | None, votes: dict[str, tuple[int, ...]], known: int, params: PorterParams) -> Message:
    said = {"votes": _voted(votes), "n": known}
    if known < params.indicators_min_count:
        first = nmsg("Which position is practised cannot be said: {n} indicator is there, {needed} are needed.",
                     "Which position is practised cannot be said: {n} indicators are there, {needed} are needed.", known, needed=params.indicators_min_count)  # fmt: skip
    elif practised is None:
        first = msg("No position is practised clearly: of {n} indicators {votes}.", **said)
    else:
        first = msg("Practised: {position}; of {n} indicators {votes}.", position=POSITION_NAMES[practised], **said)
    if params.declared_position is None:
        return msg("{first} No position is declared in the settings.", first=first)
    declared = POSITION_NAMES[params.declared_position]
    if practised == params.declared_position:
        return msg("{first} That is the one declared.", first=first)
    return msg("{first} Declared is {declared}, which the data do not show.", first=first, declared=declared)


def _brief(practised: str | None, votes: dict[str, tuple[int, ...]], known: int, params: PorterParams) -> Message:
    if practised is None:
        return msg("No competitive position is practised clearly ({n} indicators: {votes}).", n=known, votes=_voted(votes))
    yes, no = votes[practised]
    return msg("The position practised is {position}: {yes} of {n} indicators speak for it, {no} against.", position=POSITION_NAMES[practised], yes=yes, no=no, n=known)


def _actions(practised: str | None, params: PorterParams, as_of: date) -> tuple[Action, ...]:
    if params.declared_position is None or practised == params.declared_position:
        return ()
    what = msg(
        "Decide in the management team: does the firm change its declared position ({declared}), or its prices, discounts and offers? The indicators say where the two part.",
        declared=POSITION_NAMES[params.declared_position],
    )  # fmt: skip
    due = as_of + timedelta(days=params.action_days)
    return (Action(key="settle_the_position", what=what, owner_role=msg("managing director"), due_on=due, watch_kpi="win_rate"),)


def _no_action(practised: str | None, params: PorterParams) -> Message:
    if params.declared_position is None:
        return msg("no position is declared, so that none can be missed; declare one in the settings (declared_position)")
    return msg("the position declared is the one practised")


def in_words(row: dict[Any, Any]) -> Message | str:
    """Write an indicator's value with its interval."""
    if row["reason"] is not None:
        return msg("cannot say: {reason}", reason=row["reason"])
    value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    unit = str(row["unit"])
    shown = {"share": share(value), "index": index(value), "points": points(value, signed=True), "number": number(value, 2, signed=True)}[unit]
    return msg("{value} ({range})", value=shown, range=span(low, high, unit))


