"""What an estimate allows to say: a verdict in four grades with its reasons, and the words for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from workbook.analyses.alignment_impact.estimate import Estimate
from workbook.analyses.alignment_impact.robustness import Robustness
from workbook.text import Message, msg, number, points, share

Verdict = Literal["shown", "indicated", "doubtful", "not_shown", "no_spread"]
SHARED_MAX, PLACEBO_MAX = 0.1, 0.1

OUTCOMES: dict[str, Message] = {
    "win_rate": msg("win rate"),
    "mql_to_sql": msg("share of leads that sales accepts"),
    "cycle_length": msg("sales cycle"),
    "won_amount": msg("won amount"),
    "cac": msg("cost per new customer"),
    "retention": msg("share of customers who buy again"),
}
RELATIVE = ("won_amount", "cac")

VERDICTS: dict[Verdict, Message] = {
    "shown": msg("effect shown"),
    "indicated": msg("effect indicated, with reservations"),
    "doubtful": msg("a difference, but not to be put down to the programme"),
    "not_shown": msg("no effect shown"),
    "no_spread": msg("units alike to the last deal: no range"),
}

WHY_NOT: dict[str, Message] = {
    "no_observations": msg("no case is old enough to be judged in a unit of the table"),
    "no_treated_units": msg("no unit adopted the programme within the period that can be judged"),
    "no_control_units": msg("every unit adopted at the same time, so that there is none to compare with; before and after alone prove nothing"),
    "unit_in_two_groups": msg("a unit has two adoption dates"),
    "no_pre_period": msg("no unit was seen before it adopted"),
    "no_post_period": msg("no unit was seen after it adopted"),
    "not_positive": msg("a period has no amount at all, so that no relative change can be worked out"),
}


def why_not(reason_key: str) -> Message:
    """Say why an effect cannot be estimated."""
    return WHY_NOT.get(reason_key, msg("the panel of units and periods is too small for the estimate"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict and the reasons that keep it from a better grade."""

    verdict: Verdict
    reasons: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Where the grades part. rate: of false discoveries. drift_p: below it the units moved apart before adoption. breakdown_min: smallest
    multiple of the earlier drift that an effect shown has to withstand.
    """

    rate: float
    drift_p: float
    breakdown_min: float


def judge(found: Estimate, robust: Robustness, adjusted_p: float, shared: float, bar: Bar) -> Judgement:
    """Judge an estimate. adjusted_p: after false-discovery control over the outcomes; shared: share of deals across units."""
    if math.isnan(found.low):
        return Judgement(verdict="no_spread")
    if not adjusted_p <= bar.rate:
        return Judgement(verdict="not_shown")
    against = _against(found, robust, bar)
    if against:
        return Judgement(verdict="doubtful", reasons=against)
    doubts = _doubts(found, robust, shared, bar)
    return Judgement(verdict="indicated" if doubts else "shown", reasons=doubts)


def _against(found: Estimate, robust: Robustness, bar: Bar) -> tuple[Message, ...]:
    if found.design == "interrupted":
        return (found.choice.reason,)
    if robust.pre_trend_p < bar.drift_p:
        return (msg("the units drifted apart before the programme began"),)
    return ()


def _doubts(found: Estimate, robust: Robustness, shared: float, bar: Bar) -> tuple[Message, ...]:
    doubts = []
    if math.isnan(robust.pre_trend_p):
        doubts.append(msg("a drift before adoption cannot be tested"))
    if robust.without_low * robust.without_high < 0:
        doubts.append(msg("without {unit} the effect would change its sign", unit=robust.without_unit))
    if robust.placebo_p > PLACEBO_MAX:
        doubts.append(msg("dates dealt out at random give an effect as large too often"))
    if robust.honest is not None and robust.honest.breakdown < bar.breakdown_min:
        doubts.append(
            msg("a drift after adoption {times} times as fast as the fastest before would be enough to explain it", times=number(robust.honest.breakdown, 1))
        )
    if found.second is not None and found.second.value * found.value < 0:
        doubts.append(msg("the textbook estimator finds the opposite sign"))
    if shared > SHARED_MAX:
        doubts.append(msg("owners or accounts work across units, so that the programme may have spilled over"))
    return tuple(doubts)


def in_words(kpi: str, low: float, high: float) -> Message:
    """Write an effect's range with its unit: percentage points for rates, days, per cent for relative changes."""
    if kpi == "cycle_length":
        return msg("{low} to {high} days", low=number(low, 0, signed=True), high=number(high, 0, signed=True))
    if kpi in RELATIVE:
        return msg("{low} to {high}", low=share(low, 0, signed=True), high=share(high, 0, signed=True))
    return msg("{low} to {high} percentage points", low=points(100 * low, signed=True), high=points(100 * high, signed=True))


def told(row: dict[Any, Any]) -> Message:
    """Tell one outcome's verdict with its range; only an effect shown is put in causal words without reserve."""
    kpi, verdict = str(row["kpi"]), row["verdict"]
    if verdict == "no_spread":
        return msg("the {outcome} moved by the same amount in every unit, so that no range can be given (n = {n})", outcome=OUTCOMES[kpi],
                   n=int(row["cases_count"]))  # fmt: skip
    said: dict[str, object] = {"outcome": OUTCOMES[kpi], "range": in_words(kpi, float(row["low"]), float(row["high"])), "n": int(row["cases_count"])}
    if verdict == "not_shown":
        return msg("no effect on the {outcome} can be shown ({range}, n = {n})", **said)
    if verdict == "doubtful":
        return msg("the {outcome} differs ({range}, n = {n}), but {why}", why=row["reasons"][0], **said)
    if verdict == "indicated":
        return msg("the programme probably changed the {outcome} ({range}, n = {n}), but {why}", why=row["reasons"][0], **said)
    if kpi == "cycle_length":
        return msg("the programme changed the {outcome} ({range}, n = {n})", **said)
    if float(row["value"]) < 0:
        return msg("the programme lowered the {outcome} ({range}, n = {n})", **said)
    return msg("the programme raised the {outcome} ({range}, n = {n})", **said)
