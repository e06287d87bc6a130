"""Could our data even show what the benchmarks promise?

For every published figure on an outcome that was estimated here: the change it promises from the firm's own level, beside the
smallest effect that the firm's design would find four times in five, and the range it did find. The smallest effect is simulated on
the firm's own panel: whole units' residuals are dealt out anew among the units, the effect is added, and the very test of the chapter
is made. Where even the promise could not be seen, "no effect shown" says nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.alignment_impact.register import Claim
from workbook.analyses.alignment_impact.verdict import OUTCOMES
from workbook.kpis import KPIS
from workbook.params import Params
from workbook.results import Action, Check, Result
from workbook.text import Message, msg, nmsg

if TYPE_CHECKING:
    from workbook.analyses.alignment_impact.effect import EffectResult

SECTION = "X3"


class DetectableParams(Params):
    """action_days: until the action is due."""

    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectableResult(Result):
    """benchmarks: one row per published figure that can be compared: key, claim, grade, kpi, unit, promised (change from the own level, in
    the outcome's unit), detectable, low, high (the range found), could_show, is_compatible (the promise lies in the range found).
    """

    benchmarks: pd.DataFrame | None = None


def analyse(effect: EffectResult, claims: tuple[Claim, ...], params: DetectableParams, *, as_of: date) -> DetectableResult:
    """Put promises beside what the design can see. Pure."""
    if effect.estimates is None or effect.refused is not None:
        return DetectableResult(refused=effect.refused or msg("no effect was estimated"), certainty="open")
    found = {str(row["kpi"]): row for row in effect.estimates.to_dict("records") if row.get("verdict") not in (None, "no_spread")}
    rows = [_row(claim, found[claim.kpi]) for claim in claims if claim.kpi in found and claim.change is not None]
    if not rows:
        return DetectableResult(refused=msg("no published figure is about an outcome that was estimated here"), certainty="open")
    table = pd.DataFrame(rows)
    hidden = int((~table["could_show"]).sum())
    return DetectableResult(
        checks=(_check(hidden, len(table)),),
        actions=_actions(table, as_of + timedelta(days=params.action_days)),
        no_action=msg("no figure that could be seen here has been contradicted"),
        finding=_finding(table),
        brief=_brief(table),
        limits=(
            msg("“Could show” means a chance of four in five at the confidence of this run; smaller effects may be real and stay unseen."),
        ),
        certainty="firm",
        benchmarks=table.sort_values(["could_show", "kpi", "key"], ascending=[False, True, True], ignore_index=True),
    )  # fmt: skip


def _row(claim: Claim, row: dict[Any, Any]) -> dict[str, object]:
    level = float(row["baseline"])
    promised = float(claim.change or 0.0) * (1.0 if math.isnan(level) else level)
    detectable, low, high = (float(row[name]) for name in ("detectable", "low", "high"))
    return {
        "key": claim.key, "claim": Message(claim.claim), "grade": claim.grade, "kpi": row["kpi"], "outcome": OUTCOMES[str(row["kpi"])],
        "unit": row["unit"], "promised": promised, "detectable": detectable, "low": low, "high": high,
        "could_show": abs(promised) >= abs(detectable), "is_compatible": low <= promised <= high,
    }  # fmt: skip


def _check(hidden: int, total: int) -> Check:
    reason = nmsg("{n} of {total} published figures is too small for these units to show.",
                  "{n} of {total} published figures are too small for these units to show.", hidden, total=total)  # fmt: skip
    return Check(key="design_could_show_the_benchmarks", status="review" if hidden else "pass", reason=reason)


def _finding(table: pd.DataFrame) -> Message:
    visible, beyond = int(table["could_show"].sum()), int((~table["is_compatible"]).sum())
    return msg(
        "Of {n} published figures on the outcomes measured here, these units could show {visible} if they were true; {beyond} lie "
        "outside the range that was found.",
        n=len(table), visible=visible, beyond=beyond,
    )  # fmt: skip


def _brief(table: pd.DataFrame) -> Message:
    visible = int(table["could_show"].sum())
    refuted = int((table["could_show"] & ~table["is_compatible"]).sum())
    return msg("{visible} of {n} published promises would be visible in these data if they were true; {refuted} of them lie outside the range found.",
               visible=visible, n=len(table), refuted=refuted)  # fmt: skip


def _actions(table: pd.DataFrame, due: date) -> tuple[Action, ...]:
    """Drop the promises that could have been seen and lie outside the range found."""
    refuted = table[table["could_show"] & ~table["is_compatible"]]
    if refuted.empty:
        return ()
    what = nmsg("Take {n} published figure that the own data contradict out of the business case for the programme, and use the own range instead.",
                "Take {n} published figures that the own data contradict out of the business case for the programme, and use the own ranges instead.",
                len(refuted))  # fmt: skip
    kpi = str(refuted.iloc[0]["kpi"])
    return (Action(key="plan_with_own_figures", what=what, owner_role=msg("head of marketing"), due_on=due, watch_kpi=kpi if kpi in KPIS else "win_rate",
                   evidence=tuple(f"effect.{name}" for name in sorted(set(refuted["kpi"])))),)  # fmt: skip
