"""What an estimate allows to say: a verdict, and the words for it."""

from __future__ import annotations

import math
from typing import Literal

from workbook.analyses.alignment_impact.estimate import Estimate
from workbook.text import Message, msg, number, points, share

Verdict = Literal["shown", "doubtful", "not_shown", "no_spread"]

OUTCOMES: dict[str, Message] = {
    "win_rate": msg("win rate"),
    "mql_to_sql": msg("share of leads that sales accepts"),
    "cycle_length": msg("sales cycle"),
    "won_amount": msg("won amount"),
}

VERDICTS: dict[Verdict, Message] = {
    "shown": msg("effect shown"),
    "doubtful": msg("difference, but the units drifted apart before"),
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
}


def why_not(reason_key: str) -> Message:
    """Say why an effect cannot be estimated."""
    return WHY_NOT.get(reason_key, msg("the panel of units and periods is too small for the estimate"))


def judge(estimate: Estimate, adjusted_p: float, drift_p: float, rate: float) -> Verdict:
    """Judge an estimate. adjusted_p: after false-discovery control over the outcomes; drift_p: below it the units drifted before."""
    if math.isnan(estimate.low):
        return "no_spread"
    if not adjusted_p <= rate:
        return "not_shown"
    return "doubtful" if estimate.pre_trend_p < drift_p else "shown"


def in_words(kpi: str, low: float, high: float) -> Message:
    """Write an effect's range with its unit: percentage points for rates, days, per cent for relative changes."""
    if kpi == "cycle_length":
        return msg("{low} to {high} days", low=number(low, 0, signed=True), high=number(high, 0, signed=True))
    if kpi == "won_amount":
        return msg("{low} to {high}", low=share(low, 0, signed=True), high=share(high, 0, signed=True))
    return msg("{low} to {high} percentage points", low=points(100 * low, signed=True), high=points(100 * high, signed=True))


def told(kpi: str, estimate: Estimate, verdict: Verdict) -> Message:
    """Tell one outcome's verdict with its range; only a shown effect is put in causal words."""
    if verdict == "no_spread":
        return msg("the {outcome} moved by the same amount in every unit, so that no range can be given (n = {n})", outcome=OUTCOMES[kpi],
                   n=estimate.cases_count)  # fmt: skip
    said: dict[str, object] = {"outcome": OUTCOMES[kpi], "range": in_words(kpi, estimate.low, estimate.high), "n": estimate.cases_count}
    if verdict == "not_shown":
        return msg("no effect on the {outcome} can be shown ({range}, n = {n})", **said)
    if verdict == "doubtful":
        return msg("the {outcome} differs ({range}, n = {n}), but the units drifted apart before the programme began", **said)
    if kpi == "cycle_length":
        return msg("the programme changed the {outcome} ({range}, n = {n})", **said)
    if estimate.value < 0:
        return msg("the programme lowered the {outcome} ({range}, n = {n})", **said)
    return msg("the programme raised the {outcome} ({range}, n = {n})", **said)
