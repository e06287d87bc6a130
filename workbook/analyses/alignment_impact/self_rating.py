"""Do sales and marketing see their alignment alike?

Each respondent's mean agreement (1–5) over the items, turned into an index of 0–100; mean per function with interval; the
gap between the functions with a Welch interval. A rating is an opinion: it stands beside observed behaviour, not for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.params import Params, Share
from workbook.results import Check, Result
from workbook.stats.mean import Mean, mean
from workbook.text import Message, msg, number

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "X6"
FUNCTIONS: dict[str, Message] = {"sales": msg("Sales"), "marketing": msg("Marketing")}


class SelfRatingParams(Params):
    confidence: Share = 0.95
    respondents_min: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfRatingResult(Result):
    """by_function: function, value, low, high (index 0–100), n (respondents). gap: first minus second function by name."""

    by_function: pd.DataFrame
    gap: float = math.nan
    gap_low: float = math.nan
    gap_high: float = math.nan


def aggregate(survey: Table, params: SelfRatingParams, *, as_of: date) -> Table:
    """Average each respondent's scores. Lazy. One row per respondent: function, score_mean."""
    rated = survey.filter(survey.score.between(1, 5) & survey.function.notnull())
    return rated.group_by(["respondent_id", "function"]).agg(score_mean=rated.score.mean())


def analyse(small: pd.DataFrame, params: SelfRatingParams, *, as_of: date) -> SelfRatingResult:
    """Compare the functions' means. Pure."""
    points = small.assign(points=(small["score_mean"] - 1) * 25)
    means = {str(name): mean(rows["points"].to_numpy(), params.confidence) for name, rows in points.groupby("function")}
    means = {name: found for name, found in means.items() if found.n >= params.respondents_min}
    table = pd.DataFrame(
        [{"function": k, "value": m.value, "low": max(m.low, 0.0), "high": min(m.high, 100.0), "n": m.n} for k, m in means.items()],
        columns=["function", "value", "low", "high", "n"],
    )
    if len(means) < 2:
        reason = msg("the self-rating needs at least {n} answers from each of two functions", n=params.respondents_min)
        return SelfRatingResult(by_function=table, refused=reason, certainty="open")
    (first, a), (second, b) = list(means.items())[:2]
    gap, low, high = _gap(a, b, params.confidence)
    is_apart = low > 0 or high < 0
    return SelfRatingResult(
        by_function=table, gap=gap, gap_low=low, gap_high=high, finding=_finding((first, second), (gap, low, high), is_apart),
        checks=(_check(is_apart),), limits=(msg("A self-rating is an opinion; read it beside what was observed."),),
        certainty="likely" if is_apart else "open",
    )  # fmt: skip


def _gap(a: Mean, b: Mean, level: float) -> tuple[float, float, float]:
    """Return the difference of two means with Welch's interval."""
    from scipy.stats import t as student

    va, vb = a.standard_error**2, b.standard_error**2
    gap, error = a.value - b.value, math.sqrt(va + vb)
    if error == 0:
        return gap, gap, gap
    dof = (va + vb) ** 2 / (va**2 / (a.n - 1) + vb**2 / (b.n - 1))
    half = float(student.ppf(0.5 + level / 2, dof)) * error
    return gap, gap - half, gap + half


def _finding(names: tuple[str, str], gap: tuple[float, float, float], is_apart: bool) -> Message:
    first, second = (FUNCTIONS.get(name, name) for name in names)
    value, low, high = (number(x, 0) for x in gap)
    if is_apart:
        return msg("{first} rates the alignment {gap} points of 100 apart from {second} (range {low} to {high}).",
                   first=first, second=second, gap=value, low=low, high=high)  # fmt: skip
    return msg("{first} and {second} rate their alignment alike, as far as the answers tell (gap {gap} points, range {low} to {high}).",
               first=first, second=second, gap=value, low=low, high=high)  # fmt: skip


def _check(is_apart: bool) -> Check:
    if is_apart:
        reason = msg("the functions see their alignment differently; talk about where, before measuring on")
        return Check(key="functions_see_alignment_alike", status="review", reason=reason)
    return Check(key="functions_see_alignment_alike", status="pass", reason=msg("no reliable gap between the functions"))
