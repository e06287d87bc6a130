"""Customers' voice and what follows from the findings."""

from datetime import timedelta

import pytest

from tests.analyses.data.frames import AS_OF, ask, deals, frame, many
from workbook.analyses.data import customer_voice, follow_up, pipeline
from workbook.results import Action, Check, Result
from workbook.text import msg


def answers(*rows):
    return frame("feedback", [{"feedback_id": str(i), "instrument": "NPS"} | row for i, row in enumerate(rows)])


def answered(account, days):
    return {"account_id": account, "answered_on": AS_OF - timedelta(days=days)}


def statuses(result):
    return {check.key: check.status for check in result.checks}


def test_customers_heard_by_hand():
    """Four customers; A answered twice, B too long ago, X is no customer, the last answer lies ahead: one of four."""
    won = [{"status": "won", "account_id": a} for a in "AABCD"]
    result = ask(customer_voice, deals(*won), answers(
        answered("A", 10), answered("A", 20), answered("B", 366), answered("X", 5), answered("C", -3)))  # fmt: skip
    assert (result.answers_count, result.customers_count, result.covered_count) == (5, 4, 1)
    assert statuses(result)["customer_feedback_is_present"] == "pass"
    assert "25.0%" in str(result.finding)


def test_no_feedback_and_no_reason_is_no_evidence():
    result = ask(customer_voice, deals(*many(3, status="won", account_id="A"), *many(3, status="lost")), answers())
    assert statuses(result) == {"customer_feedback_is_present": "review", "strengths_have_evidence_from_outside": "review"}
    reasons = ask(customer_voice, deals(*many(3, status="lost", loss_reason="Price")), answers())
    assert statuses(reasons)["strengths_have_evidence_from_outside"] == "pass"


def act(**more):
    base = {
        "key": "a",
        "what": msg("do"),
        "owner_role": "head of sales",
        "due_on": AS_OF + timedelta(days=1),
        "watch_kpi": "win_rate",
    }
    return Action(**(base | more))


OPEN_POINT = Check(key="c", status="review", reason=msg("look"))


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([Result()], "not_applicable"),
        ([Result(checks=(OPEN_POINT,))], "review"),
        ([Result(checks=(OPEN_POINT,), actions=(act(),))], "pass"),
        ([Result(checks=(OPEN_POINT,), actions=(act(due_on=AS_OF),))], "review"),
        ([Result(checks=(OPEN_POINT,), actions=(act(owner_role=""),))], "review"),
        ([Result(checks=(OPEN_POINT,), actions=(act(watch_kpi="mood"),))], "review"),
    ],
)
def test_findings_need_actions_with_role_date_and_measure(results, status):
    result = follow_up.analyse(results, follow_up.FollowUpParams(), as_of=AS_OF)
    assert statuses(result)["findings_lead_to_actions"] == status


def test_the_plan_collects_the_actions_earliest_first():
    results = [Result(actions=(act(key="late", due_on=AS_OF + timedelta(days=9)), act(key="soon")))]
    result = follow_up.analyse(results, follow_up.FollowUpParams(), as_of=AS_OF)
    assert result.plan["key"].tolist() == ["soon", "late"]
    assert result.actions == ()


def test_an_outlook_needs_something_that_is_open():
    asked = ask(pipeline, deals({"status": "open", "amount": 5, "currency": "EUR"}))
    result = follow_up.analyse([asked], follow_up.FollowUpParams(), as_of=AS_OF)
    assert statuses(result)["findings_look_ahead"] == "pass"
    past = follow_up.analyse([Result()], follow_up.FollowUpParams(), as_of=AS_OF)
    assert statuses(past)["findings_look_ahead"] == "review"
