"""Do customers have a say? Is feedback there, is it recent, and does it cover those who buy?

D8: feedback is present and used. D6: a strength that only the firm itself sees is no strength; without feedback and
without recorded loss reasons there is no evidence from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.proportion import wilson
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D8"


class CustomerVoiceParams(Params):
    """covered_min_share: of customers (accounts with a won deal) with an answer within `recent_days`."""

    confidence: Share = 0.95
    covered_min_share: Share = 0.2
    recent_days: int = Field(default=365, ge=1)
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerVoiceResult(Result):
    """answers_count, customers_count, covered_count (customers with a recent answer), lost_count, reasons_count."""

    answers_count: int = 0
    customers_count: int = 0
    covered_count: int = 0
    lost_count: int = 0
    reasons_count: int = 0


def aggregate(opportunities: Table, feedback: Table, params: CustomerVoiceParams, *, as_of: date) -> dict[str, Table]:
    """Count answers, customers, customers with a recent answer, lost deals and those with a reason. Lazy."""
    import ibis

    today = ibis.date(as_of)
    age = today.delta(feedback.answered_on, unit="day")
    recent = feedback.filter((feedback.answered_on <= today) & (age <= params.recent_days))
    heard = recent.filter(recent.account_id.notnull()).select(heard_id=recent.account_id).distinct()
    won = opportunities.filter((opportunities.status == "won") & opportunities.account_id.notnull())
    customers = won.select("account_id").distinct()
    joined = customers.left_join(heard, customers.account_id == heard.heard_id)
    lost = opportunities.filter(opportunities.status == "lost")
    return {
        "answers": feedback.agg(answers_count=feedback.count()),
        "customers": joined.agg(customers_count=joined.count(), covered_count=joined.heard_id.count()),
        "lost": lost.agg(lost_count=lost.count(), reasons_count=lost.loss_reason.count()),
    }


def analyse(small: dict[str, pd.DataFrame], params: CustomerVoiceParams, *, as_of: date) -> CustomerVoiceResult:
    """Say how far customers are heard. Pure."""
    counts = {name: int(table[name].iloc[0]) for table in small.values() for name in table.columns}
    return CustomerVoiceResult(
        checks=(_present(counts, params), _evidence(counts)),
        actions=_actions(counts, params, as_of + timedelta(days=params.action_days)),
        finding=_finding(counts, params),
        no_action=msg("enough customers are heard"),
        certainty="firm",
        answers_count=counts["answers_count"],
        customers_count=counts["customers_count"],
        covered_count=counts["covered_count"],
        lost_count=counts["lost_count"],
        reasons_count=counts["reasons_count"],
    )


def _present(counts: dict[str, int], params: CustomerVoiceParams) -> Check:
    key, customers = "customer_feedback_is_present", counts["customers_count"]
    if counts["answers_count"] == 0:
        reason = msg("There is no customer feedback in the data; export survey answers (NPS, CSAT) with account and date.")
        return Check(key=key, status="review", reason=reason)
    covered = counts["covered_count"]
    reason = msg("{covered} of {customers} customers answered a survey in the last {days} days.", covered=covered,
                 customers=customers, days=params.recent_days)  # fmt: skip
    enough = customers == 0 or covered >= params.covered_min_share * customers
    return Check(key=key, status="pass" if enough else "review", reason=reason)


def _actions(counts: dict[str, int], params: CustomerVoiceParams, due: date) -> tuple[Action, ...]:
    """Ask customers where too few are heard."""
    if _present(counts, params).status != "review":
        return ()
    what = msg(
        "Ask customers: ten conversations with won and ten with lost ones now, then a short survey after every decision, with account and date."
    )
    role = msg("head of marketing")
    return (Action(key="ask_customers", what=what, owner_role=role, due_on=due, watch_kpi="win_rate"),)


def _evidence(counts: dict[str, int]) -> Check:
    key = "strengths_have_evidence_from_outside"
    if counts["answers_count"] or counts["reasons_count"]:
        reason = msg(
            "Outside evidence: {answers} survey answers, and a reason on {reasons} of {lost} lost deals.",
            answers=counts["answers_count"],
            reasons=counts["reasons_count"],
            lost=counts["lost_count"],
        )
        return Check(key=key, status="pass", reason=reason, section="D6")
    reason = msg("Neither survey answers nor loss reasons are recorded: what is said about strengths is the firm's own view.")
    return Check(key=key, status="review", reason=reason, section="D6")


def _finding(counts: dict[str, int], params: CustomerVoiceParams) -> Message:
    if counts["answers_count"] == 0:
        return msg("Customers have no say in these data: not one survey answer is recorded.")
    if counts["customers_count"] == 0:
        return msg(
            "{n} survey answers are recorded; no customer with a won deal is known to set them against.",
            n=counts["answers_count"],
        )
    interval = wilson(counts["covered_count"], counts["customers_count"], params.confidence)
    return msg(
        "{part} of the {n} customers answered a survey within the last {days} days (range {range}).",
        part=share(counts["covered_count"] / counts["customers_count"]),
        n=counts["customers_count"],
        days=params.recent_days,
        range=span(interval.low, interval.high, "share"),
    )
