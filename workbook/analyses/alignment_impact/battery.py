"""What does each effect withstand?

Per outcome: drift before adoption and the smallest drift that would have been seen; an adoption date that never was; the
adoption dates dealt out at random among the units; one unit left out at a time; a drift after adoption as a multiple of the
largest one before (Rambachan and Roth); another estimator; owners and accounts that work across units.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
from pydantic import Field

from workbook.analyses.alignment_impact.effect import EffectResult
from workbook.analyses.alignment_impact.estimate import Estimate
from workbook.analyses.alignment_impact.robustness import Robustness
from workbook.analyses.alignment_impact.verdict import OUTCOMES, PLACEBO_MAX, RELATIVE, SHARED_MAX, in_words
from workbook.params import Params, Share
from workbook.results import Action, Check, Result, Status
from workbook.text import Message, msg, nmsg, number, points, share

SECTION = "X2"

METHODS = {
    "callaway_santanna": msg("Callaway and Sant'Anna"),
    "difference_in_differences": msg("plain difference in differences"),
    "synthetic_control": msg("synthetic control"),
}


class BatteryParams(Params):
    """drift_p, breakdown_min: as for the effect. action_days: until the action is due."""

    drift_p: Share = 0.05
    breakdown_min: float = Field(default=0.5, ge=0)
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryResult(Result):
    """tests: one row per outcome × test: kpi, test (key), status, reason."""

    tests: pd.DataFrame | None = None
    effect: EffectResult | None = None


def analyse(effect: EffectResult, params: BatteryParams, *, as_of: date) -> BatteryResult:
    """Lay open every test behind the verdicts. Pure."""
    if not effect.fits:
        return BatteryResult(refused=effect.refused or msg("no effect was estimated"), certainty="open")
    plain = [check for kpi, fit in effect.fits.items() for check in _checks(kpi, fit, effect.tests[kpi], params)]
    plain.append(_spill_over(effect.shared))
    checks = [_named(check) for check in plain]
    table = pd.DataFrame([{"kpi": c.key.partition(".")[2], "test": c.key.partition(".")[0], "status": c.status, "reason": c.reason} for c in plain])
    broken = [c for c in checks if c.status in ("review", "fail")]
    made = [c for c in checks if c.status != "not_applicable"]
    waiting = effect.units is not None and bool(effect.units["adopted_on"].isna().any())
    return BatteryResult(
        checks=tuple(checks), actions=_actions(broken, waiting, as_of + timedelta(days=params.action_days)),
        no_action=msg("no test speaks against the comparison") if not broken else msg("no unit is left that could start later and be compared"),
        finding=nmsg("{n} of {total} tests speaks against an effect or leaves it open.", "{n} of {total} tests speak against an effect or leave it open.", len(broken), total=len(made)),
        brief=nmsg("{n} of {total} tests of the comparison speaks against it.", "{n} of {total} tests of the comparison speak against it.", len(broken), total=len(made)),
        limits=(msg("A test that finds nothing proves nothing: few units also see few contradictions. What each test could have seen is said beside it."),),
        certainty="firm" if not broken else "likely", tests=table, effect=effect,
    )  # fmt: skip


def _checks(kpi: str, fit: Estimate, tests: Robustness, params: BatteryParams) -> Iterator[Check]:
    def size(change: float) -> Message:
        return _size(kpi, float(fit.in_unit(change)))

    makers: tuple[Callable[..., tuple[Status, Message]], ...] = (_drift, _placebo_time, _placebo_units, _leave_one_out, _honest, _second)
    keys = ("no_drift_before_adoption", "no_effect_at_a_false_date", "chance_alone_is_unlikely", "no_single_unit_decides",
            "effect_withstands_drift", "another_estimator_agrees")  # fmt: skip
    claims_effect = fit.low > 0 or fit.high < 0
    for key, make in zip(keys, makers, strict=True):
        status, reason = make(fit, tests, size, params)
        if status == "review" and not claims_effect:  # where no effect is claimed there is none to take back
            status = "not_applicable"
        yield Check(key=f"{key}.{kpi}", status=status, reason=reason)


def _named(check: Check) -> Check:
    """Put the outcome before the reason."""
    kpi = check.key.partition(".")[2]
    return replace(check, reason=msg("{outcome}: {what}", outcome=OUTCOMES[kpi], what=check.reason)) if kpi in OUTCOMES else check


Size = Callable[[float], Message]
NOT_HERE = msg("this cannot be tested with these units and periods")


def _drift(fit: Estimate, tests: Robustness, size: Size, params: BatteryParams) -> tuple[Status, Message]:
    if math.isnan(tests.drift_p):
        return "not_applicable", NOT_HERE
    said: dict[str, object] = {"drift": size(tests.drift), "seen": size(abs(tests.drift_detectable))}
    if tests.drift_p < params.drift_p:
        return "fail", msg("before adoption the adopting units moved away from the others by {drift} a year", **said)
    return "pass", msg("before adoption the adopting units moved by {drift} a year against the others, no more than chance; a drift of {seen} a year would have been seen", **said)


def _placebo_time(fit: Estimate, tests: Robustness, size: Size, params: BatteryParams) -> tuple[Status, Message]:
    if math.isnan(tests.placebo_time_p):
        return "not_applicable", NOT_HERE
    said: dict[str, object] = {"periods": tests.placebo_periods, "size": size(tests.placebo_time)}
    if tests.placebo_time_p < params.drift_p:
        return "fail", msg("an adoption {periods} periods earlier, which never was, shows an effect too ({size})", **said)
    return "pass", msg("an adoption {periods} periods earlier, which never was, shows no effect ({size})", **said)


def _placebo_units(fit: Estimate, tests: Robustness, size: Size, params: BatteryParams) -> tuple[Status, Message]:
    if math.isnan(tests.placebo_p):
        return "not_applicable", NOT_HERE
    if fit.design == "one_unit":
        reason = msg("with each of the other units in its place in turn, an effect this large comes up in {share} of all units", share=share(tests.placebo_p, 0))
        return ("pass" if tests.placebo_p <= PLACEBO_MAX else "review"), reason
    reason = msg("with the adoption dates dealt out at random among the units, an effect this large comes up in {share} of the cases", share=share(tests.placebo_p, 1))
    return ("pass" if tests.placebo_p <= PLACEBO_MAX else "review"), reason


def _leave_one_out(fit: Estimate, tests: Robustness, size: Size, params: BatteryParams) -> tuple[Status, Message]:
    if math.isnan(tests.without_low):
        return "not_applicable", NOT_HERE
    ends = sorted((tests.without_low, tests.without_high), key=lambda change: float(fit.in_unit(change)))
    reason = msg("leaving out one unit at a time, the effect lies between {low} and {high}; {unit} moves it most",
                 low=size(ends[0]), high=size(ends[1]), unit=tests.without_unit)  # fmt: skip
    return ("pass" if tests.without_low * tests.without_high > 0 else "review"), reason


def _honest(fit: Estimate, tests: Robustness, size: Size, params: BatteryParams) -> tuple[Status, Message]:
    if tests.honest is None or math.isnan(tests.honest.breakdown):
        return "not_applicable", NOT_HERE
    if tests.honest.breakdown == 0:
        return "not_applicable", msg("the range includes no effect even without any drift")
    reason = msg("the range excludes no effect unless the units drift after adoption {times} times as fast as the fastest before",
                 times=number(tests.honest.breakdown, 1))  # fmt: skip
    return ("pass" if tests.honest.breakdown >= params.breakdown_min else "review"), reason


def _second(fit: Estimate, tests: Robustness, size: Size, params: BatteryParams) -> tuple[Status, Message]:
    if fit.second is None:
        return "not_applicable", NOT_HERE
    kpi, second = fit.outcome.kpi, fit.second
    said: dict[str, object] = {"method": METHODS[second.method], "value": _size(kpi, second.value)}
    if math.isnan(second.low):
        reason = msg("{method} finds {value}", **said)
    else:
        reason = msg("{method} finds {value} ({range})", range=in_words(kpi, second.low, second.high), **said)
    return ("pass" if second.value * fit.value > 0 else "review"), reason


def _size(kpi: str, value: float) -> Message:
    if kpi == "cycle_length":
        return msg("{size} days", size=number(value, 1, signed=True))
    if kpi in RELATIVE:
        return msg("{size}", size=share(value, 0, signed=True))
    return msg("{size} percentage points", size=points(100 * value, signed=True))


def _spill_over(shared: pd.DataFrame | None) -> Check:
    key = "units_do_not_share_people"
    if shared is None or shared.empty or not shared["deals_count"].sum():
        return Check(key=key, status="not_applicable", reason=NOT_HERE)
    deals = float(shared["deals_count"].sum())
    owners, accounts = (float(shared[c].sum()) / deals for c in ("shared_owner_count", "shared_account_count"))
    status: Status = "review" if max(owners, accounts) > SHARED_MAX else "pass"
    reason = msg("{owners} of the deals belong to owners and {accounts} to accounts that also have deals in a unit with another adoption date; the programme may reach the others through them",
                 owners=share(owners, 0), accounts=share(accounts, 0))  # fmt: skip
    return Check(key=key, status=status, reason=reason)


def _actions(broken: list[Check], waiting: bool, due: date) -> tuple[Action, ...]:
    if not broken or not waiting:
        return ()
    what = msg("Note the date and draw the order by lot when the remaining units adopt the programme: dates set by lot need none of these tests.")
    return (Action(key="draw_the_order_by_lot", what=what, owner_role=msg("head of marketing"), due_on=due, watch_kpi="win_rate"),)
