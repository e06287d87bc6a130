"""Is the win rate of the last twelve months another than that of the twelve months before?

Both by day of closing. The earlier value is given only where the data begin at least one longest cycle before it: earlier
quarters lack the long deals and look too good. The same owners and accounts stand behind both windows, so the comparison
is made on their joint changes (ratio of the two rates, linearised per owner and per account, the wider interval).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.data.outcomes import sums_per_cluster
from workbook.analyses.data.timing import coverage, covers, with_window, years_before
from workbook.analyses.deals import CLOSED, CLUSTERINGS, one_sided
from workbook.params import Params, Share
from workbook.results import Action, Headline, Result, clean_float, group_key
from workbook.stats.mean import Mean
from workbook.stats.proportion import Proportion, proportion
from workbook.stats.ratio_product import product_of_ratios
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D1"
WINDOWS = ("last", "before")
KEY = group_key("win_rate", period="last 12 months")


class WinRateLastYearParams(Params):
    """confidence: level of the intervals. false_discovery_rate: of the one comparison."""

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRateLastYearResult(Result):
    """periods: one row per period, the earlier first: from_on, to_on, won_count, closed_count, rate, low, high,
    effect_owner, effect_account (design effects).

    change, change_low, change_high: ratio of the later to the earlier rate. differs: it is reliable.
    """

    periods: pd.DataFrame | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None
    differs: bool = False


def aggregate(opportunities: Table, params: WinRateLastYearParams, *, as_of: date) -> dict[str, Table]:
    """Count won and closed deals per cluster in the two windows. Lazy."""
    windows = with_window(opportunities, as_of)
    closed = windows.filter(windows.window.notnull() & windows.status.isin(CLOSED))
    sums = {f"{what}_{window}": _counted(window, what == "won") for window in WINDOWS for what in ("won", "closed")}
    return {"clusters": sums_per_cluster(closed, sums), "coverage": coverage(opportunities, as_of)}


def _counted(window: str, is_won: bool) -> Callable[[Table], Any]:
    if is_won:
        return lambda t: ((t.window == window) & (t.status == "won")).sum()
    return lambda t: (t.window == window).sum()


def analyse(small: dict[str, pd.DataFrame], params: WinRateLastYearParams, *, as_of: date) -> WinRateLastYearResult:
    """Compare the two windows. Pure."""
    last, before = (_rate(small["clusters"], window, params) for window in WINDOWS)
    filtered = one_sided(int(last.successes), int(last.n))
    if filtered or not covers(small["coverage"], years_before(as_of, 1)) or last.n == 0:
        return WinRateLastYearResult(refused=filtered or _why_not(small["coverage"], last), certainty="open")
    prior = before if covers(small["coverage"], years_before(as_of, 2)) and before.n else None
    headline = Headline(
        key=KEY, kpi="win_rate", value=last.value, low=last.low, high=last.high, level=last.level, unit="share", n=int(last.n),
        prior=None if prior is None else clean_float(prior.value),
    )  # fmt: skip
    change = None if prior is None else _change(small["clusters"], params.confidence)
    differs = prior is not None and _differs(small["clusters"], params)
    return WinRateLastYearResult(
        headlines=(headline,),
        actions=_actions(last, prior, differs, as_of + timedelta(days=params.action_days)),
        finding=_finding(last, prior, differs),
        no_action=_no_action(prior, differs),
        periods=_periods(last, prior, as_of),
        change=None if change is None else clean_float(change.value),
        change_low=None if change is None else clean_float(change.low),
        change_high=None if change is None else clean_float(change.high),
        differs=differs,
    )


def _rate(clusters: pd.DataFrame, window: str, params: WinRateLastYearParams) -> Proportion:
    counts = {
        str(name): (rows[f"won_{window}"].to_numpy(float), rows[f"closed_{window}"].to_numpy(float))
        for name, rows in clusters.groupby("clustering", sort=True)
    }
    won, closed = (float(column.sum()) for column in counts["owner"]) if counts else (0.0, 0.0)
    return proportion(won, closed, params.confidence, counts)


def _change(clusters: pd.DataFrame, level: float) -> Mean:
    """Ratio of the two rates with the wider interval of those by owner and by account."""
    found = []
    for _, rows in clusters.groupby("clustering", sort=True):
        top, base = (rows[[f"{what}_{window}" for window in WINDOWS]].to_numpy(float) for what in ("won", "closed"))
        found.append(product_of_ratios(top, base, (1.0, -1.0), level))
    return max(found, key=lambda ratio: np.nan_to_num(ratio.high - ratio.low))


def _differs(clusters: pd.DataFrame, params: WinRateLastYearParams) -> bool:
    """Tell whether the interval at the level the control asks for leaves out 1; one hypothesis, so nothing is adjusted."""
    strict = _change(clusters, 1 - params.false_discovery_rate)
    return bool(strict.low > 1 or strict.high < 1)


def _actions(last: Proportion, prior: Proportion | None, differs: bool, due: date) -> tuple[Action, ...]:
    """Ask what changed where the rate has reliably fallen."""
    if prior is None or not differs or last.value >= prior.value:
        return ()
    what = msg(
        "Go through the deals lost in the last twelve months with the team and name what changed: the rate fell from {before} to {rate}.",
        before=share(prior.value),
        rate=share(last.value),
    )
    return (Action(key="review_the_losses_of_the_year", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate", evidence=(KEY,)),)


def _no_action(prior: Proportion | None, differs: bool) -> Message | None:
    if prior is None:
        return msg("without the year before there is nothing to compare")
    if differs:
        return msg("the win rate has risen; what was changed is worth keeping")
    return msg("the two years differ by no more than chance")


def _why_not(span_: pd.DataFrame, last: Proportion) -> Message:
    if span_.empty or pd.isna(span_["first_closed_on"].iloc[0]):
        return msg("no deal carries the day it closed")
    if last.n == 0:
        return msg("no deal was won or lost in the last twelve months")
    return msg("the data begin too recently: twelve months and the time of one longest cycle before them are needed")


def _periods(last: Proportion, prior: Proportion | None, as_of: date) -> pd.DataFrame:
    rows = [] if prior is None else [_row(prior, as_of, 1)]
    return pd.DataFrame([*rows, _row(last, as_of, 0)])


def _row(rate: Proportion, as_of: date, years: int) -> dict[str, object]:
    start, end = years_before(as_of, years + 1), years_before(as_of, years)
    first = pd.Timestamp(start) + pd.Timedelta(days=1)
    return {
        "from_on": first, "to_on": pd.Timestamp(end), "won_count": int(rate.successes), "closed_count": int(rate.n),
        "rate": rate.value, "low": rate.low, "high": rate.high,
        **{f"effect_{name}": rate.design_effects.get(name, math.nan) for name in CLUSTERINGS},
    }  # fmt: skip


def _finding(last: Proportion, prior: Proportion | None, differs: bool) -> Message:
    said = {"rate": share(last.value), "range": span(last.low, last.high, "share"), "n": int(last.n)}
    if prior is None:
        return msg("In the last twelve months {rate} of {n} decided deals were won (range {range}).", **said)
    said |= {"before": share(prior.value), "m": int(prior.n)}
    if differs:
        return msg(
            "In the last twelve months {rate} of {n} decided deals were won (range {range}), against {before} of {m} in the twelve "
            "months before: a reliable difference.",
            **said,
        )
    return msg(
        "In the last twelve months {rate} of {n} decided deals were won (range {range}), against {before} of {m} in the twelve "
        "months before: no reliable difference.",
        **said,
    )
