"""Do sales and marketing act as they say?

Beside what both functions think (`self_rating`) stands what the records show of the last twelve months. Answered in time: of the
marketing-qualified leads old enough, the share answered by the end of the next working day; a lead nobody answered counts as not
answered. Verdict: of the leads handed over at least H days ago, the share that sales accepted or rejected within H days. Reason:
of the rejected ones, the share with a reason. Accepted: of those with a verdict, the share accepted. Shared figures: of the KPIs
by which goals of either function are measured, the share that both have. Leads of one salesperson are alike: intervals by owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.frames.statements import STATEMENTS, statement_of
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.proportion import Proportion, proportion
from workbook.text import Message, msg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "X6"
FUNCTIONS = ("sales", "marketing")

MEASURES: dict[str, Message] = {
    "answered_in_time": msg("Leads answered by the end of the next working day"),
    "verdict_given": msg("Leads on which sales gave a verdict"),
    "reason_given": msg("Rejected leads with a reason"),
    "accepted": msg("Leads accepted, of those with a verdict"),
    "shared_figures": msg("Goal figures that both functions share"),
}
PAIRED: dict[str, str] = {
    "answered_in_time": "quick_work", "verdict_given": "lead_feedback", "reason_given": "lead_feedback", "accepted": "good_leads",
    "shared_figures": "same_figures",
}  # fmt: skip


class ObservedParams(Params):
    """verdict_days: time that sales has for a verdict on a lead. low_share: a measure reliably below it asks for action;
    low_agreement: the same for leads accepted and figures shared, where no firm reaches all.
    """

    confidence: Share = 0.95
    verdict_days: int = Field(default=30, ge=1)
    leads_min_count: int = Field(default=20, ge=2)
    low_share: Share = 0.8
    low_agreement: Share = 0.5
    action_days: int = Field(default=45, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedResult(Result):
    """What the records show, beside what people say.

    measures: one row per measure: measure, hits_count, cases_count, value, low, high, design_effect, statement (key of the statement
    it speaks to), sales, marketing (mean agreement 1–5 with that statement, NaN where nobody was asked).
    """

    measures: pd.DataFrame | None = None


def aggregate(leads: Table, goals: Table, staff: Table, survey: Table, params: ObservedParams, *, as_of: date) -> dict[str, Table]:
    """Count the last year's leads per owner and days, goal figures per function, and mean answers per statement. Lazy."""
    import ibis

    handed = leads.filter(leads.mql_at.notnull())
    keyed = handed.mutate(
        handed_on=handed.mql_at.cast("date"), answered_on=handed.first_response_at.cast("date"), accepted_on=handed.sql_at.cast("date"),
        rejected_on=handed.rejected_at.cast("date"), has_reason=handed.rejection_reason.notnull(),
    )  # fmt: skip
    recent = keyed.filter((keyed.handed_on > ibis.date(as_of) - ibis.interval(years=1)) & (keyed.handed_on <= ibis.date(as_of)))
    keys = ["owner_id", "handed_on", "answered_on", "accepted_on", "rejected_on", "has_reason"]
    known = staff.group_by(staff.person_id.name("person_id")).agg(side=staff.function.lower().min())
    owned = goals.filter(goals.metric.notnull()).join(known, goals.owner_id == known.person_id)
    rated = survey.mutate(side=survey.function.lower()).filter(lambda t: t.score.between(1, 5) & t.side.isin(FUNCTIONS))
    return {
        "leads": recent.group_by(keys).agg(leads_count=recent.count()),
        "figures": owned.filter(owned.side.isin(FUNCTIONS)).select("metric", "side").distinct(),
        "answers": rated.group_by(["item", "side"]).agg(score_mean=rated.score.mean(), answers_count=rated.count()),
    }


def analyse(small: dict[str, pd.DataFrame], params: ObservedParams, *, as_of: date) -> ObservedResult:
    """Turn counts into measures and set the opinions beside them. Pure."""
    rows = [*_lead_rows(small["leads"], params, as_of), *_figure_row(small["figures"], params)]
    if not rows:
        n = int(small["leads"]["leads_count"].sum())
        reason = msg(
            "{n} leads were handed over in the last twelve months with a date (MQL), and at least {minimum} are needed; goals with "
            "owners of both functions are missing too",
            n=n, minimum=params.leads_min_count,
        )  # fmt: skip
        return ObservedResult(refused=reason, certainty="open")
    table = pd.DataFrame(rows).merge(_opinions(small["answers"]), on="statement", how="left")
    limit = np.where(table["measure"].isin(["accepted", "shared_figures"]), params.low_agreement, params.low_share)
    weak = table[table["high"].fillna(table["value"]) < limit]
    return ObservedResult(
        checks=(_check(table, weak),),
        actions=_actions(weak, params, as_of),
        no_action=msg("no measure lies reliably below what can be expected"),
        finding=_finding(table),
        brief=_brief(table),
        limits=(
            msg("A record shows what was entered: a lead answered by phone and never noted counts as not answered."),
            msg("Working days are Monday to Friday; public holidays are not taken out."),
        ),
        certainty="likely",
        measures=table,
    )  # fmt: skip


def _lead_rows(leads: pd.DataFrame, params: ObservedParams, as_of: date) -> list[dict[str, object]]:
    if leads.empty:
        return []
    handed, answered = _days(leads["handed_on"]), _days(leads["answered_on"])
    accepted, rejected = _days(leads["accepted_on"]), _days(leads["rejected_on"])
    today = np.datetime64(as_of, "D")
    due = np.busday_offset(handed, 1, roll="forward")
    verdict = np.where(np.isnat(accepted), rejected, np.where(np.isnat(rejected), accepted, np.minimum(accepted, rejected)))
    in_time = (verdict - handed) <= np.timedelta64(params.verdict_days, "D")
    is_old = handed + np.timedelta64(params.verdict_days, "D") <= today
    has_verdict = ~np.isnat(verdict) & in_time
    is_accepted = has_verdict & ~np.isnat(accepted) & (verdict == accepted)
    cases = {
        "answered_in_time": (due <= today, ~np.isnat(answered) & (answered <= due) & (answered >= handed), ~np.isnat(answered).all()),
        "verdict_given": (is_old, has_verdict, ~np.isnat(verdict).all()),
        "reason_given": (~np.isnat(rejected), leads["has_reason"].to_numpy(bool), leads["has_reason"].any()),
        "accepted": (is_old & has_verdict, is_accepted, ~np.isnat(accepted).all()),
    }
    rows = []
    for name, (counted, hit, is_recorded) in cases.items():
        found = _share(leads[counted], hit[counted], params.confidence)
        if is_recorded and found.n >= params.leads_min_count:
            rows.append(_row(name, found))
    return rows


def _days(column: pd.Series[Any]) -> np.ndarray:
    return pd.to_datetime(column).to_numpy().astype("datetime64[D]")


def _share(leads: pd.DataFrame, hit: np.ndarray, level: float) -> Proportion:
    """Share of hits by number of leads, clustered by owner; leads without an owner are clusters of their own row."""
    n = leads["leads_count"].to_numpy(float)
    hits = np.where(hit, n, 0.0)
    if leads["owner_id"].isna().all() or not len(leads):
        return proportion(hits.sum(), n.sum(), level)
    own = pd.Series(np.arange(len(leads)), index=leads.index).astype(str).radd("row ")
    by_owner = pd.DataFrame({"hits": hits, "n": n}).groupby(leads["owner_id"].fillna(own).to_numpy()).sum()
    return proportion(hits.sum(), n.sum(), level, {"owner": (by_owner["hits"].to_numpy(), by_owner["n"].to_numpy())})


def _figure_row(figures: pd.DataFrame, params: ObservedParams) -> list[dict[str, object]]:
    """Share of the goal figures of either function that both have; only where both have goals."""
    if figures["side"].nunique() < 2:
        return []
    shared = figures.groupby("metric")["side"].nunique() == 2
    row = _row("shared_figures", proportion(float(shared.sum()), float(len(shared)), params.confidence))
    return [row | {"low": np.nan, "high": np.nan}]  # all goals are known: a count, not an estimate


def _row(name: str, found: Proportion) -> dict[str, object]:
    return {
        "measure": name, "hits_count": int(found.successes), "cases_count": int(found.n), "value": found.value, "low": found.low,
        "high": found.high, "design_effect": found.design_effect, "statement": PAIRED[name],
    }  # fmt: skip


def _opinions(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the mean agreement of each function with each of our statements. Columns: statement, sales, marketing."""
    found = {str(item): statement_of(str(item)) for item in answers["item"].unique()}
    keys = {item: statement.key for item, statement in found.items() if statement is not None}
    keyed = answers.assign(statement=answers["item"].astype(str).map(keys)).dropna(subset=["statement"])
    total = keyed.assign(total=keyed["score_mean"] * keyed["answers_count"]).groupby(["statement", "side"])[["total", "answers_count"]].sum()
    means = (total["total"] / total["answers_count"]).unstack("side").reindex(columns=list(FUNCTIONS))
    return means.rename_axis(columns=None).reset_index()


def _finding(table: pd.DataFrame) -> Message:
    first = table.iloc[0]
    said = {"measure": MEASURES[first["measure"]], "value": share(first["value"]), "range": span(first["low"], first["high"], "share"), "n": int(first["cases_count"])}
    if pd.isna(first["sales"]) or pd.isna(first["marketing"]):
        return msg("{measure}: {value} of {n} (range {range}).", **said)
    return msg(
        "{measure}: {value} of {n} (range {range}). To “{statement}” sales agrees with {sales} and marketing with {marketing} of 5.",
        statement=next(s.text for s in STATEMENTS if s.key == first["statement"]), sales=number(float(first["sales"]), 1),
        marketing=number(float(first["marketing"]), 1), **said,
    )  # fmt: skip


def _brief(table: pd.DataFrame) -> Message:
    first = table.iloc[0]
    return msg("{measure}: {value} of {n} (range {range}).", measure=MEASURES[first["measure"]], value=share(first["value"]),
               range=span(first["low"], first["high"], "share"), n=int(first["cases_count"]))  # fmt: skip


def _check(table: pd.DataFrame, weak: pd.DataFrame) -> Check:
    reason = msg("{weak} of {n} measures of how both functions work together lie reliably below what can be expected.",
                 weak=len(weak), n=len(table))  # fmt: skip
    return Check(key="functions_act_as_agreed", status="review" if len(weak) else "pass", reason=reason)


def _actions(weak: pd.DataFrame, params: ObservedParams, as_of: date) -> tuple[Action, ...]:
    whats = {
        "answered_in_time": (msg("Agree who answers a lead by when, with a deputy for every region, and show unanswered leads in the weekly meeting."), msg("head of sales")),
        "verdict_given": (msg("Have every lead that was handed over accepted or rejected within {days} days; send the rest back automatically.", days=params.verdict_days), msg("head of sales")),
        "reason_given": (msg("Make the reason a required field when a lead is rejected, with five reasons at most."), msg("sales operations")),
        "accepted": (msg("Go through the rejected leads of the last quarter together and rewrite the definition of a qualified lead."), msg("heads of sales and marketing")),
        "shared_figures": (msg("Give both functions at least one common goal, such as won amount from marketing's leads."), msg("managing director")),
    }  # fmt: skip
    due = as_of + timedelta(days=params.action_days)
    return tuple(
        Action(key=f"act_as_agreed.{name}", what=whats[name][0], owner_role=whats[name][1], due_on=due, watch_kpi="mql_to_sql")
        for name in weak["measure"]
    )
