"""Against whom do we win, and against whom do we lose?

Win rate by count of the deals that name a competitor; a deal that names two counts for both. The raw rate has a
cluster-aware interval; the shrunken one comes from a mixed model with an effect per competitor and per salesperson: it is
pulled towards the common rate the more the fewer deals it rests on, and says what the average salesperson would win. Each
competitor is compared with all deals that name others but not this one; a difference is asserted only if it survives
Benjamini-Hochberg over all competitors. Competitors named on fewer than `closed_min_count` decided deals are pooled.
Where the competitor field is filled more often on won or on lost deals, the level of all rates is off; `overall` tests and
bounds it, here it is marked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.competitors.naming import (
    FILL_P,
    Filling,
    fill_by_outcome,
    fill_counts,
    labels_of,
    named_competitors,
    one_outcome,
    spellings,
)
from workbook.analyses.competitors.rivals import Rates, by_owner, gaps_of, lost_to, rates_of, shrunken, there_and_not
from workbook.analyses.deals import CLOSED, Currency, currency_of, hits_per_cluster, rate_of, with_known_amount
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.heterogeneity import equal_rates
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import Proportion
from workbook.stats.slope import Slope
from workbook.text import Message, msg, nmsg, number, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "W2"


class ByCompetitorParams(Params):
    """closed_min_count: competitors on fewer decided deals are pooled. action_days: time given for the actions."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    closed_min_count: int = Field(default=10, ge=2)
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCompetitorResult(Result):
    """Win rate by competitor.

    by_competitor: one row per competitor, hardest (shrunken) first: competitor, deals_count (all statuses), won_count,
    closed_count, win_rate, low, high, design_effect, shrunken_share, shrunken_low, shrunken_high, difference (to the deals
    naming others), difference_low, difference_high, p_value, p_adjusted, is_reliable, lost_amount, lost_amount_count.
    pooled: competitors with too few decided deals: competitor, won_count, closed_count. p_equal: of one common win rate.
    """

    by_competitor: pd.DataFrame | None = None
    pooled: pd.DataFrame | None = None
    pooled_rate: Proportion | None = None
    p_equal: float | None = None
    currency: str | None = None


def aggregate(opportunities: Table, params: ByCompetitorParams, *, as_of: date) -> dict[str, Table]:
    """Count won and decided deals per competitor and cluster, with and without it; sums of money; spellings. Lazy."""
    import ibis

    deals = with_known_amount(opportunities)
    named = named_competitors(deals, "known_amount", "currency", "closed_on")
    closed = named.filter(named.status.isin(CLOSED))
    counts = closed.group_by("rival").agg(won_count=(closed.status == "won").sum(), closed_count=closed.count())
    enough = counts.filter(counts.closed_count >= params.closed_min_count).select("rival")
    few = closed.anti_join(enough, "rival").select("opportunity_id", "status", "owner_id", "account_id").distinct()
    year_ago = ibis.date(as_of) - ibis.interval(years=1)
    recent = (closed.closed_on > year_ago) & (closed.closed_on <= ibis.date(as_of))
    return {
        "counts": counts,
        "clusters": there_and_not(closed, enough),
        "owners": by_owner(closed, enough),
        "few": hits_per_cluster(few, few.status == "won"),
        "money": closed.group_by(["rival", "status", "currency", recent.fill_null(False).name("is_recent")]).agg(
            amount=closed.known_amount.sum(), amount_count=closed.known_amount.count()
        ),
        "deals": named.group_by("rival").agg(deals_count=named.count()),
        "spellings": spellings(named),
        "fill": fill_counts(opportunities),
    }


def analyse(small: dict[str, pd.DataFrame], params: ByCompetitorParams, *, as_of: date) -> ByCompetitorResult:
    """Turn counts into rates, comparisons and findings. Pure."""
    labels = labels_of(small["spellings"])
    pooled = _pooled(small["counts"], labels, params)
    if small["counts"].empty:
        reason = msg("no decided deal names a competitor") if labels else msg("no deal names a competitor")
        return ByCompetitorResult(refused=reason, certainty="open", pooled=pooled)
    if (filtered := one_outcome(small["fill"])) is not None:
        return ByCompetitorResult(refused=filtered, certainty="open", pooled=pooled)
    currency = currency_of(small["money"], "amount_count")
    rates = rates_of(small["clusters"], params.confidence)
    table = _table(rates, small, (labels, currency), params)
    p_equal = _p_equal(rates)
    fill = fill_by_outcome(small["fill"])
    actions = _actions(table, small["money"], currency, params, as_of)
    few = rate_of(small["few"], params.confidence)
    return ByCompetitorResult(
        headlines=tuple(_headline(row, params) for row in table.to_dict("records")),
        checks=(_enough(table, pooled), _clusters_check(rates), _fill_check(fill)),
        actions=actions,
        no_action=None if actions else _no_action(table),
        finding=_finding(table, few, p_equal, params),
        brief=_brief(table, few, params),
        limits=(*_filled_apart(table, fill), *_limits(pooled, few, currency)),
        certainty="likely" if len(table) and table["is_reliable"].any() else "open",
        by_competitor=table,
        pooled=pooled,
        pooled_rate=few if few.n else None,
        p_equal=p_equal,
        currency=currency.code,
    )


def _table(
    rates: Rates, small: dict[str, pd.DataFrame], words: tuple[dict[str, str], Currency], params: ByCompetitorParams
) -> pd.DataFrame:
    labels, currency = words
    gaps = gaps_of(small["clusters"], params.confidence)
    columns = {"competitor": "str", "difference": "float64", "is_reliable": "bool"}
    if not rates:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    deals: dict[str, int] = dict(zip(small["deals"]["rival"], small["deals"]["deals_count"], strict=True))
    lost = small["money"][small["money"]["status"] == "lost"].groupby("rival")[["amount", "amount_count"]].sum()
    pulled = shrunken(small["owners"], params.confidence)
    rows = [
        {"competitor": labels[rival], "deals_count": int(deals[rival])} | _row(rate, gaps[rival], pulled.loc[rival, ["rate", "low", "high"]].to_numpy(dtype=float)) | lost_to(rival, lost, currency)
        for rival, (rate, _) in rates.items()
    ]
    table = pd.DataFrame(rows)
    table["p_adjusted"] = benjamini_hochberg(table["p_value"])
    table["is_reliable"] = (table["p_adjusted"] <= params.false_discovery_rate).fillna(False)
    return table.sort_values(["shrunken_share", "win_rate", "competitor"], ignore_index=True)


def _row(rate: Proportion, gap: Slope, pulled: Any) -> dict[str, object]:
    """Without a mixed model (all won, all lost, one competitor) the shrunken rate is the raw one."""
    used = (rate.value, rate.low, rate.high) if math.isnan(pulled[0]) else tuple(float(part) for part in pulled)
    return {
        "won_count": int(rate.successes), "closed_count": int(rate.n), "win_rate": rate.value,
        "low": rate.low, "high": rate.high, "design_effect": rate.design_effect,
        "shrunken_share": used[0], "shrunken_low": used[1], "shrunken_high": used[2],
        "difference": gap.value, "difference_low": max(gap.low, -1.0), "difference_high": min(gap.high, 1.0), "p_value": gap.p_value,
    }  # fmt: skip


def _p_equal(rates: Rates) -> float | None:
    own = [pair[0] for pair in rates.values()]
    if len(own) < 2:
        return None
    effects = [rate.n / rate.effective_n for rate in own]
    return clean_float(equal_rates([r.successes for r in own], [r.n for r in own], effects).p_value)


def _pooled(counts: pd.DataFrame, labels: dict[str, str], params: ByCompetitorParams) -> pd.DataFrame:
    few = counts[counts["closed_count"] < params.closed_min_count]
    named = few.assign(competitor=few["rival"].map(labels))[["competitor", "won_count", "closed_count"]]
    return named.sort_values(["closed_count", "competitor"], ascending=[False, True], ignore_index=True)


def competitor_key(competitor: object) -> str:
    """Return the headline key of the win rate against a competitor."""
    return group_key("win_rate", competitor=competitor)


def _headline(row: dict[Any, Any], params: ByCompetitorParams) -> Headline:
    value, low, high = (float(row[name]) for name in ("win_rate", "low", "high"))
    return Headline(
        key=competitor_key(row["competitor"]), kpi="win_rate", value=value, low=low, high=high, level=params.confidence,
        unit="share", n=int(row["closed_count"]),
    )  # fmt: skip


def _enough(table: pd.DataFrame, pooled: pd.DataFrame) -> Check:
    key = "competitors_have_enough_deals"
    if pooled.empty:
        return Check(key=key, status="pass", reason=msg("Every competitor named is on enough decided deals to stand alone."))
    reason = nmsg(
        "{n} competitor is named on too few decided deals to stand alone; it is only counted.",
        "{n} competitors are named on too few decided deals to stand alone; they are pooled.",
        len(pooled),
    )
    return Check(key=key, status="pass" if len(table) else "review", reason=reason)


def _clusters_check(rates: Rates) -> Check:
    key = "competitor_intervals_rest_on_enough_owners_and_accounts"
    few = [rate for rate, _ in rates.values() if rate.few_clusters]
    if not any(rate.clusters is not None for rate, _ in rates.values()):
        return Check(key=key, status="not_applicable", reason=msg("Neither owner nor account is recorded on these deals."))
    effects = [rate.design_effect for rate, _ in rates.values() if not math.isnan(rate.design_effect)]
    reason = msg(
        "Deals of one owner or account resemble each other (design effect up to {effect}); {few} of {n} intervals rest on fewer "
        "than ten of them.",
        effect=number(max(effects, default=math.nan), 1), few=len(few), n=len(rates),
    )  # fmt: skip
    return Check(key=key, status="review" if few else "pass", reason=reason)


def _fill_check(fill: Filling | None) -> Check:
    key = "rates_do_not_depend_on_who_fills_the_field"
    if fill is None:
        return Check(key=key, status="not_applicable", reason=msg("There are no won and lost deals to compare the filling of the field on."))
    if fill.p_value < FILL_P:
        reason = msg(
            "The competitor field is filled on {won} of the won and {lost} of the lost deals: the level of all these rates is off, their order "
            "much less.", won=share(fill.won), lost=share(fill.lost),
        )  # fmt: skip
        return Check(key=key, status="review", reason=reason)
    reason = msg("The competitor field is filled alike on won and lost deals ({won} and {lost}).", won=share(fill.won), lost=share(fill.lost))
    return Check(key=key, status="pass", reason=reason)


def _no_action(table: pd.DataFrame) -> Message:
    if len(table) and table["is_reliable"].any():
        return msg("the only reliable difference is in our favour")
    return msg("no competitor stands out reliably from the others")


def _brief(table: pd.DataFrame, few: Proportion, params: ByCompetitorParams) -> Message:
    if len(table) < 2:
        return _finding(table, few, None, params)
    harder = table[table["is_reliable"] & (table["difference"] < 0)].sort_values(["difference", "competitor"])
    easier = table[table["is_reliable"] & (table["difference"] > 0)].sort_values(["difference", "competitor"], ascending=[False, True])
    if len(harder):
        row = harder.iloc[0]
        said = _in_brief(row)
        return msg("Hardest to beat is {name}: we win {rate} (range {range}), {gap} percentage points less than against the others.", **said)
    if len(easier):
        return msg("Easiest to beat is {name}: we win {rate} (range {range}), {gap} percentage points more than against the others.", **_in_brief(easier.iloc[0]))
    return msg(
        "Against none of {k} competitors do we win reliably more or less often than against the others ({lowest} to {highest}).",
        k=len(table), lowest=share(float(table["shrunken_share"].min())), highest=share(float(table["shrunken_share"].max())),
    )  # fmt: skip


def _in_brief(row: pd.Series) -> dict[str, Any]:
    return {
        "name": str(row["competitor"]), "rate": share(float(row["win_rate"])), "range": span(float(row["low"]), float(row["high"]), "share"),
        "gap": points(abs(100 * float(row["difference"]))),
    }  # fmt: skip


def _finding(table: pd.DataFrame, few: Proportion, p_equal: float | None, params: ByCompetitorParams) -> Message:
    if table.empty:
        return msg(
            "No competitor is named on {minimum} or more decided deals; against all of them together {rate} of {n} were won "
            "(range {range}).",
            minimum=params.closed_min_count, rate=share(few.value), n=int(few.n), range=span(few.low, few.high, "share"),
        )  # fmt: skip
    if len(table) == 1:
        row = table.iloc[0]
        return msg(
            "Against {name} {rate} of {n} decided deals were won (range {range}); there is no other competitor to compare with.",
            name=str(row["competitor"]), rate=share(float(row["win_rate"])), n=int(row["closed_count"]),
            range=span(float(row["low"]), float(row["high"]), "share"),
        )  # fmt: skip
    reliable = table[table["is_reliable"]]
    if reliable.empty:
        return msg(
            "Win rates against {k} competitors run from {lowest} to {highest}; none differs reliably from the others.",
            k=len(table), lowest=share(float(table["win_rate"].min())), highest=share(float(table["win_rate"].max())),
        )  # fmt: skip
    parts = [_told(row) for row in _hardest_and_easiest(reliable)]
    if len(parts) == 1:
        return msg("{first}.", first=parts[0])
    return msg("{first}; {second}.", first=parts[0], second=parts[1])


def _hardest_and_easiest(reliable: pd.DataFrame) -> list[pd.Series]:
    ordered = reliable.sort_values(["difference", "competitor"], ignore_index=True)
    ends = [ordered.iloc[0], ordered.iloc[-1]] if len(ordered) > 1 else [ordered.iloc[0]]
    return [ends[0], *(row for row in ends[1:] if float(row["difference"]) > 0)] if float(ends[0]["difference"]) < 0 else [ends[-1]]


def _told(row: pd.Series) -> Message:
    said = {
        "name": str(row["competitor"]), "rate": share(float(row["win_rate"])), "n": int(row["closed_count"]),
        "gap": span(100 * float(row["difference_low"]), 100 * float(row["difference_high"]), "points"),
    }  # fmt: skip
    if float(row["difference"]) < 0:
        return msg("Against {name} we win less often than against the others: {rate} of {n} decided deals (difference {gap} percentage points)", **said)
    return msg("against {name} we win more often than against the others: {rate} of {n} decided deals (difference {gap} percentage points)", **said)


def _filled_apart(table: pd.DataFrame, fill: Filling | None) -> tuple[Message, ...]:
    """What the rates would be if whether the field is filled depends on the outcome alone: odds times the ratio of the fill rates."""
    if fill is None or fill.p_value >= FILL_P or not fill.won or table.empty:
        return ()
    ratio = fill.lost / fill.won
    ends = [float(rate * ratio / (rate * ratio + 1 - rate)) for rate in (table["win_rate"].min(), table["win_rate"].max())]
    return (
        msg(
            "The field is filled on {won} of the won and {lost} of the lost deals. If that depends on the outcome alone, the true rates run from about {low} to {high}.",
            won=share(fill.won), lost=share(fill.lost), low=share(ends[0]), high=share(ends[1]),
        ),
    )  # fmt: skip


def _limits(pooled: pd.DataFrame, few: Proportion, currency: Currency) -> tuple[Message, ...]:
    limits = [
        msg("The rates are not adjusted for the mix of deals: a competitor met mainly in hard segments looks stronger than it is."),
    ]
    if len(pooled):
        names = tuple(pooled["competitor"].head(12))
        limits.append(msg("Pooled for want of deals: {names} – together {won} of {n} won.", names=names, won=int(few.successes), n=int(few.n)))
    if currency.refused is not None:
        limits.append(msg("No sums of money: {reason}.", reason=currency.refused))
    return tuple(limits)


def _actions(
    table: pd.DataFrame, money: pd.DataFrame, currency: Currency, params: ByCompetitorParams, as_of: date
) -> tuple[Action, ...]:
    """One action per competitor against whom the win rate is reliably lower than against the others."""
    harder = table[table["is_reliable"] & (table["difference"] < 0)] if len(table) else table
    return tuple(_action(row, _recent_amount(str(row["competitor"]), money, currency), currency, params, as_of) for _, row in harder.iterrows())


def _recent_amount(competitor: str, money: pd.DataFrame, currency: Currency) -> float | None:
    """Amount decided against a competitor in the last twelve months; None where it cannot be added or is nothing."""
    rows = money[(money["rival"] == competitor.lower()) & money["is_recent"].astype(bool)]
    amount = float(rows["amount"].astype(float).sum())
    return amount if amount > 0 and currency.refused is None else None


def _action(row: pd.Series, amount: float | None, currency: Currency, params: ByCompetitorParams, as_of: date) -> Action:
    """Worth per year: the gap to the other competitors times what was decided against this one in twelve months."""
    gap = [-float(row[name]) for name in ("difference", "difference_high", "difference_low")]
    value, low, high = (None, None, None) if amount is None else (amount * g for g in gap)
    what = msg(
        "Work out with the last lost deals how to win against {name}, write it down as a battlecard and use it in every such deal.",
        name=str(row["competitor"]),
    )
    return Action(
        key=group_key("battlecard", competitor=row["competitor"]), what=what, owner_role=msg("head of sales"),
        due_on=as_of + timedelta(days=params.action_days), watch_kpi="win_rate", value=value, low=low, high=high,
        currency=currency.code if value is not None else None, evidence=(competitor_key(row["competitor"]),),
    )  # fmt: skip
