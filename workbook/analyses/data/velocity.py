"""What the funnel earns per day: open deals × win rate × mean amount of won deals ÷ mean cycle of won deals.

Q open deals on the reporting date, W win rate by count, D mean amount of won deals that carry one, L mean days from
creation to winning (the median beside it). W, D and L come from the same deals; the interval knows that (linearised on
the log scale per owner or per account, the wider of the two). One funnel: several pipelines are also shown apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.analyses.data.outcomes import sums_per_cluster
from workbook.analyses.data.timing import with_durations, with_longest_cycle
from workbook.analyses.deals import CLOSED, Currency, currency_of, one_sided
from workbook.params import Params, Share
from workbook.results import Check, Headline, Result, clean_float, group_key
from workbook.stats.mean import Mean
from workbook.stats.ratio_product import product_of_ratios
from workbook.text import Message, count, days, money, money_per_day, msg, nmsg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D1"
TOPS = ("won_count", "won_amount", "won_days")
BASES = ("closed_count", "amount_count", "days_count")
POWERS = (1.0, 1.0, -1.0)


class VelocityParams(Params):
    """confidence: level of the interval. stale_max_share: review where more of the open deals are stale."""

    confidence: Share = 0.95
    stale_max_share: Share = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class VelocityResult(Result):
    """factors: one row for the whole funnel (pipeline null) and one per pipeline where there are several.

    Columns: pipeline, open_count, stale_count, win_rate, mean_amount, mean_days, median_days, velocity, low, high,
    velocity_without_stale. Money in `currency`.
    """

    factors: pd.DataFrame | None = None
    currency: str | None = None


def aggregate(opportunities: Table, params: VelocityParams, *, as_of: date) -> dict[str, Table]:
    """Count open deals, add up won deals per cluster, count won deals per cycle and per currency. Lazy."""
    timed = with_longest_cycle(with_durations(opportunities, as_of))
    is_open, won = timed.filter(timed.status == "open"), timed.filter(timed.status == "won")
    opened = is_open.group_by("pipeline").agg(
        open_count=is_open.count(), stale_count=(is_open.age_days > is_open.longest_days).sum()
    )
    sums: dict[str, Any] = {
        "won_count": lambda t: (t.status == "won").sum(),
        "closed_count": lambda t: t.count(),
        "won_amount": lambda t: t.known_amount.sum(where=t.status == "won"),
        "amount_count": lambda t: t.known_amount.count(where=t.status == "won"),
        "won_days": lambda t: t.cycle_days.sum(where=t.status == "won"),
        "days_count": lambda t: t.cycle_days.count(where=t.status == "won"),
    }
    return {
        "opened": opened,
        "clusters": sums_per_cluster(timed.filter(timed.status.isin(CLOSED)), sums, ("pipeline",)),
        "cycles": won.filter(won.cycle_days.notnull()).group_by(["pipeline", "cycle_days"]).agg(deals_count=lambda t: t.count()),
        "currencies": won.group_by("currency").agg(amount_count=won.known_amount.count()),
    }


def analyse(small: dict[str, pd.DataFrame], params: VelocityParams, *, as_of: date) -> VelocityResult:
    """Multiply the factors and give the interval. Pure."""
    currency = currency_of(small["currencies"], "amount_count")
    pipelines = _pipelines(small)
    groups: list[str | None] = [None, *(pipelines if len(pipelines) > 1 else [])]
    rows = [_factors(small, group, params) for group in groups]
    refused = _refusal(rows[0], currency)
    headlines = tuple(_headline(row, currency, params, refused if row["pipeline"] is None else None) for row in rows)
    if refused is not None:
        return VelocityResult(refused=refused, headlines=headlines[:1], certainty="open")
    return VelocityResult(
        headlines=headlines,
        checks=_checks(rows[0], pipelines, params),
        finding=_finding(rows[0], headlines[0], currency),
        brief=msg("The funnel earns about {velocity} (range {range}).", velocity=headlines[0].quantity, range=headlines[0].interval),
        no_action=msg(
            "a tenth more of any of the first three factors, or a tenth less time, is worth about {gain}; which to move is decided by segment and competitor",
            gain=money_per_day(0.1 * rows[0]["velocity"], currency.code),
        ),
        limits=(msg("It describes the funnel as it stands; it is no forecast, and dead deals among the open ones inflate it."),),
        factors=pd.DataFrame(rows).drop(columns=["closed_count"]),
        currency=currency.code,
    )


def _pipelines(small: dict[str, pd.DataFrame]) -> list[str]:
    names = pd.concat([small["opened"]["pipeline"], small["clusters"]["pipeline"]]).dropna().unique()
    return sorted(str(name) for name in names)


def _of(rows: pd.DataFrame, pipeline: str | None) -> pd.DataFrame:
    return rows if pipeline is None else rows[rows["pipeline"] == pipeline]


def _factors(small: dict[str, pd.DataFrame], pipeline: str | None, params: VelocityParams) -> dict[str, Any]:
    opened, cycles = _of(small["opened"], pipeline), _of(small["cycles"], pipeline)
    open_count, stale_count = int(opened["open_count"].sum()), int(opened["stale_count"].fillna(0).sum())
    clusters = _of(small["clusters"], pipeline).fillna({"won_amount": 0.0, "won_days": 0.0})
    one = clusters[clusters["clustering"] == "owner"]
    totals = one[[*TOPS, *BASES]].astype(float).sum()
    product = _widest(clusters, float(open_count), params.confidence)
    lengths = np.repeat(cycles["cycle_days"].to_numpy(float), cycles["deals_count"].to_numpy("int64"))
    return {
        "pipeline": pipeline,
        "open_count": open_count,
        "stale_count": stale_count,
        "closed_count": int(totals["closed_count"]),
        "win_rate": _ratio(totals, 0),
        "mean_amount": _ratio(totals, 1),
        "mean_days": _ratio(totals, 2),
        "median_days": float(np.median(lengths)) if len(lengths) else math.nan,
        "velocity": product.value,
        "low": product.low,
        "high": product.high,
        "velocity_without_stale": product.value * (open_count - stale_count) / open_count if open_count else math.nan,
    }


def _ratio(totals: pd.Series[float], i: int) -> float:
    return float(totals[TOPS[i]] / totals[BASES[i]]) if totals[BASES[i]] else math.nan


def _widest(clusters: pd.DataFrame, factor: float, level: float) -> Mean:
    """The product with the wider interval of those by owner and by account."""
    found = []
    for _, rows in clusters.groupby("clustering", sort=True):
        top, base = rows[list(TOPS)].to_numpy(float), rows[list(BASES)].to_numpy(float)
        found.append(product_of_ratios(top, base, POWERS, level, factor))
    if not found:
        return product_of_ratios(np.empty((0, 3)), np.empty((0, 3)), POWERS, level)
    return max(found, key=lambda product: np.nan_to_num(product.high - product.low))


def _refusal(row: dict[str, Any], currency: Currency) -> Message | None:
    if currency.refused is not None:
        return currency.refused
    if row["closed_count"] == 0 or not row["win_rate"] > 0:
        return msg("no deal has been won yet")
    if (filtered := one_sided(round(row["win_rate"] * row["closed_count"]), row["closed_count"])) is not None:
        return filtered
    if math.isnan(row["mean_amount"]):
        return msg("no won deal carries an amount")
    if math.isnan(row["mean_days"]):
        return msg("no won deal carries both a creation date and a closing date")
    if not row["mean_days"] > 0:
        return msg("every won deal closed on the day it was created; the creation dates do not say when the deals began")
    return msg("no deal is open") if row["open_count"] == 0 else None


def _headline(row: dict[str, Any], currency: Currency, params: VelocityParams, refused: Message | None) -> Headline:
    pipeline, value = row["pipeline"], clean_float(row["velocity"])
    reason: Message | None = refused
    if refused is None and (value is None or math.isnan(row["low"])):
        reason = msg("too few won deals with amount and dates")
    return Headline(
        key="velocity" if pipeline is None else group_key("velocity", pipeline=pipeline),
        kpi="velocity",
        value=None if refused is not None else value,
        low=None if refused is not None else clean_float(row["low"]),
        high=None if refused is not None else clean_float(row["high"]),
        level=params.confidence,
        unit="money_per_day",
        n=row["closed_count"],
        currency=currency.code,
        reason=reason,
    )


def _checks(row: dict[str, Any], pipelines: list[str], params: VelocityParams) -> tuple[Check, ...]:
    dead = row["stale_count"] > params.stale_max_share * row["open_count"]
    alive = msg(
        "{stale} of the {n} open deals in the velocity are older than any deal needed to close.",
        stale=row["stale_count"],
        n=row["open_count"],
    )
    funnels = nmsg(
        "The velocity is of one funnel.",
        "The velocity adds {n} pipelines; read them apart.",
        max(len(pipelines), 1),
    )
    return (
        Check(key="velocity_counts_live_deals", status="review" if dead else "pass", reason=alive),
        Check(key="velocity_is_of_one_funnel", status="review" if len(pipelines) > 1 else "pass", reason=funnels),
    )


def _finding(row: dict[str, Any], headline: Headline, currency: Currency) -> Message:
    return msg(
        "The funnel earns about {velocity} (range {range}): {open} open deals × {rate} × {amount} ÷ {cycle}. "
        "Without the stale deals it would be {live}.",
        velocity=headline.quantity,
        range=headline.interval,
        open=count(row["open_count"]),
        rate=share(row["win_rate"]),
        amount=money(row["mean_amount"], currency.code),
        cycle=days(row["mean_days"]),
        live=money_per_day(row["velocity_without_stale"], currency.code),
    )
