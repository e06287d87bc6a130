"""Does the chapter end in action, and does it look ahead?

D7: what was found wanting leads to an action with a role, a date and a KPI that shows whether it worked. D5: beside what
happened stands what is coming (open pipeline, velocity).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbook.kpis import KPIS
from workbook.params import Params
from workbook.results import Action, Check, Result
from workbook.text import msg, nmsg, render

SECTION = "D7"
AHEAD = ("open_pipeline", "velocity")


class FollowUpParams(Params):
    """No settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpResult(Result):
    """plan: one row per action, the earliest first: key, what, owner_role, due_on, watch_kpi. reviews: open checks."""

    plan: pd.DataFrame
    reviews: pd.DataFrame


def analyse(results: Sequence[Result], params: FollowUpParams, *, as_of: date) -> FollowUpResult:
    """Collect actions and open checks of the chapter's results. Pure."""
    actions = [action for result in results for action in result.actions]
    open_checks = [check for result in results for check in result.checks if check.status in ("review", "fail")]
    plan = pd.DataFrame(
        [(a.key, render(a.what), render(a.owner_role), pd.Timestamp(a.due_on), a.watch_kpi) for a in actions],
        columns=["key", "what", "owner_role", "due_on", "watch_kpi"],
    )
    reviews = pd.DataFrame([(c.key, render(c.reason)) for c in open_checks], columns=["key", "reason"])
    return FollowUpResult(
        checks=(_actions_check(actions, open_checks, as_of), _ahead_check(results)),
        finding=nmsg(
            "{checks} points ask for attention and {n} action follows from them.",
            "{checks} points ask for attention and {n} actions follow from them.",
            len(actions),
            checks=len(open_checks),
        ),
        no_action=msg("each action stands with the finding from which it follows"),
        certainty="firm",
        plan=plan.sort_values(["due_on", "key"], ignore_index=True),
        reviews=reviews,
    )


def _actions_check(actions: list[Action], open_checks: list[Check], as_of: date) -> Check:
    key = "findings_lead_to_actions"
    if not open_checks:
        return Check(key=key, status="not_applicable", reason=msg("Nothing was found that asks for an action."))
    if not actions:
        return Check(key=key, status="review", reason=msg("Points ask for attention, but no action follows from them."))
    loose = [a for a in actions if not render(a.owner_role) or a.due_on <= as_of or a.watch_kpi not in KPIS]
    reason = nmsg(
        "{n} action; each has a role, a date ahead and a KPI to watch, except {loose}.",
        "{n} actions; each has a role, a date ahead and a KPI to watch, except {loose}.",
        len(actions),
        loose=len(loose),
    )
    return Check(key=key, status="review" if loose else "pass", reason=reason)


def _ahead_check(results: Sequence[Result]) -> Check:
    key = "findings_look_ahead"
    known = {h.key for result in results for h in result.headlines if h.value is not None}
    if known & set(AHEAD):
        reason = msg("Open pipeline or velocity stand beside what was won; the forecast belongs to its own chapter.")
        return Check(key=key, status="pass", reason=reason, section="D5")
    reason = msg("The data show only what has happened: neither open pipeline nor velocity can be valued.")
    return Check(key=key, status="review", reason=reason, section="D5")
