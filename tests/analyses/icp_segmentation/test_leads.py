"""Conversion of leads: counted by hand, young leads, deals before the first contact, no dates."""

from datetime import datetime, timedelta

import pytest

from tests.analyses.data.frames import AS_OF, ask, frame
from workbook.analyses import icp_segmentation as icp


def lead(i, age, taken=None, **more):
    created = datetime.combine(AS_OF, datetime.min.time()) - timedelta(days=age)
    return {"lead_id": f"L{i:04d}", "created_at": created, "customer_at": None if taken is None else created + timedelta(days=taken), **more}


def ask_leads(leads, deals=(), question=icp.lead_conversion, **settings):
    rows = [{"opportunity_id": f"O{i}"} | row for i, row in enumerate(deals)]
    return ask(question, frame("leads", list(leads)), frame("opportunities", rows), **settings)


def hundred():
    """60 old leads, 12 of them customers after 10 days; 40 leads of today that had no time."""
    return [*(lead(i, 200, 10 if i < 12 else None) for i in range(60)), *(lead(i, 1) for i in range(60, 100))]


def test_young_leads_are_not_failures():
    result = ask_leads(hundred())
    assert result.horizon_days == 10
    assert (result.headline("lead_to_customer").value, result.headline("lead_to_customer").n) == (0.2, 60)
    assert (result.leads_count, result.customers_count) == (100, 12)


def test_the_day_comes_from_the_deal_where_the_lead_has_none():
    closed = AS_OF - timedelta(days=170)
    leads = [lead(i, 200, opportunity_id="O0" if i == 0 else None) for i in range(20)]
    result = ask_leads(leads, [{"status": "won", "closed_on": closed}, {"status": "won", "closed_on": closed, "lead_id": "L0001"}, {"status": "lost", "lead_id": "L0002"}])
    assert (result.headline("lead_to_customer").value, result.horizon_days) == (0.1, 30)


def test_a_deal_before_the_first_contact_is_flagged_and_left_out():
    result = ask_leads([*hundred(), lead(100, 200, -5)])
    assert result.headline("lead_to_customer").n == 60
    check = next(c for c in result.checks if c.key == "customers_come_after_first_contact")
    assert check.status == "review"
    assert str(check.reason).startswith("1 lead")


@pytest.mark.parametrize("leads", [[], [lead(0, 10)], [lead(0, 10), lead(1, 5)], [{"lead_id": "L1"}], [{"lead_id": "L1", "customer_at": datetime(2026, 1, 1)}]])
def test_without_dates_or_customers_it_is_refused(leads):
    result = ask_leads(leads)
    assert result.refused is not None
    assert result.headline("lead_to_customer").value is None
    assert icp.figures.lead_curve(result) is None
    assert ask_leads(leads, question=icp.lead_conversion_by_attribute).refused is not None


TAKEN = datetime(2026, 1, 2)


@pytest.mark.parametrize(("leads", "deals", "said"), [
    ([lead(i, 90, sql_at=TAKEN if i else None) for i in range(3)], [{"status": "won"}], "is not known: 2 carry the day on which sales took them over"),
    ([lead(i, 90) for i in range(3)], [{"status": "won"}], "which of the 3 leads became customers is not known; add the deal"),
    ([lead(i, 90, opportunity_id="O0", sql_at=TAKEN) for i in range(3)], [{"status": "lost"}], "none of the 3 leads became a customer"),
    ([lead(i, 90) for i in range(3)], [{"status": "open", "lead_id": "L0001"}], "none of the 3 leads became a customer"),
])  # fmt: skip
def test_that_nobody_became_a_customer_is_said_only_where_it_is_known(leads, deals, said):
    """A conversion date alone is the day of a hand-over; to ask for it again would help nobody."""
    reason = str(ask_leads(leads, deals).refused)
    assert said in reason
    assert "conversion date" not in reason


@pytest.mark.parametrize("question", [icp.lead_conversion_by_attribute, icp.lead_score])
def test_no_question_says_that_leads_failed_whose_outcome_nobody_knows(question):
    leads = frame("leads", [lead(i, 200 + i % 9, source="Web" if i % 2 else "Fair", sql_at=TAKEN) for i in range(60)])
    tables = (leads, frame("opportunities", [{"opportunity_id": "O0", "status": "won"}]))
    result = ask(question, *tables, *([frame("accounts", [])] if question is icp.lead_score else []))
    assert "is it known that it became a customer" in str(result.refused)


def test_by_source_by_hand():
    leads = [lead(i, 200, 10 if i % 10 < (4 if i < 100 else 1) else None, source="Fair" if i < 100 else "Web") for i in range(200)]
    result = ask_leads(leads, question=icp.lead_conversion_by_attribute)
    assert result.headline('lead_to_customer.source="Fair"').value == 0.4
    assert result.headline('lead_to_customer.source="Web"').value == 0.1
    assert result.attributes["differs"].tolist() == [True]


def test_order_of_rows_does_not_matter():
    leads = [lead(i, 100 + i, i % 30 if i % 7 == 0 else None, source="AB"[i % 2]) for i in range(120)]
    for question in (icp.lead_conversion, icp.lead_conversion_by_attribute):
        first, second = ask_leads(leads, question=question), ask_leads(leads[::-1], question=question)
        assert [(h.key, h.value, h.low, h.n) for h in first.headlines] == [(h.key, h.value, h.low, h.n) for h in second.headlines]


def test_filling_and_differences_are_under_one_control():
    leads = [lead(i, 200, 10 if i % 5 == 0 else None, source="Fair" if i % 5 == 0 or i % 2 else None) for i in range(200)]
    result = ask_leads(leads, question=icp.lead_conversion_by_attribute)
    assert result.attributes["is_filled_unevenly"].tolist() == [True]
    assert next(c for c in result.checks).status == "review"
    assert result.no_action is not None
