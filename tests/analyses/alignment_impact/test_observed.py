"""What the records show: counted on paper, young leads kept out, no leads no measure."""

import random
from datetime import datetime, timedelta

import pytest

from tests.analyses.data.frames import AS_OF, ask, frame
from workbook.analyses.alignment_impact import figures, observed, tables
from workbook.text import render, use_language

FRIDAY = datetime(2026, 6, 5, 10)


def lead(day=FRIDAY, answered=None, accepted=None, rejected=None, reason=None, **more):
    """Return one lead handed over on a day; the others are days after it."""
    after = {"first_response_at": answered, "sql_at": accepted, "rejected_at": rejected}
    dates = {name: day + timedelta(days=days) for name, days in after.items() if days is not None}
    return {"created_at": day, "mql_at": day, "rejection_reason": reason} | dates | more


def answer(leads, goals=(), staff=(), survey=(), **settings):
    rows = [{"lead_id": f"L{i}"} | row for i, row in enumerate(leads)]
    given = (frame("leads", rows), frame("goals", list(goals)), frame("staff", list(staff)), frame("survey", list(survey)))
    return ask(observed, *given, **{"leads_min_count": 2} | settings)


def values(result):
    return result.measures.set_index("measure")["value"].to_dict()


def test_measures_on_paper():
    result = answer([
        lead(answered=3, accepted=10),  # Friday to Monday: the next working day
        lead(answered=4, accepted=40),  # Tuesday: late; accepted after thirty days: no verdict in time
        lead(answered=0, rejected=5, reason="No budget"),
        lead(rejected=20),  # nobody answered
    ])  # fmt: skip
    assert values(result) == pytest.approx({"answered_in_time": 0.5, "verdict_given": 0.75, "reason_given": 0.5, "accepted": 1 / 3})
    assert result.measures.set_index("measure").loc["accepted", "cases_count"] == 3
    assert (result.measures["low"] <= result.measures["value"]).all() and (result.measures["value"] <= result.measures["high"]).all()


def test_young_leads_are_not_counted_as_failures():
    today = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 9)
    old = [lead(answered=0, accepted=1) for _ in range(5)]
    assert values(answer([*old, *(lead(day=today) for _ in range(50))]))["answered_in_time"] == 1.0
    recent = [lead(day=today - timedelta(days=9), answered=0) for _ in range(5)]
    found = answer([*old, *recent]).measures.set_index("measure")
    assert found.loc["verdict_given", "cases_count"] == 5 and found.loc["answered_in_time", "cases_count"] == 10


def test_leads_of_one_salesperson_widen_the_range():
    rows = [lead(answered=0 if owner % 2 else 9, owner_id=f"P{owner}") for owner in range(12) for _ in range(20)]
    alone = answer([row | {"owner_id": None} for row in rows]).measures.iloc[0]
    clustered = answer(rows).measures.iloc[0]
    assert clustered["value"] == alone["value"] == 0.5
    assert clustered["high"] - clustered["low"] > 2 * (alone["high"] - alone["low"]) and clustered["design_effect"] > 5


def test_shared_figures_need_goals_of_both_functions():
    staff = [{"person_id": "a", "function": "Sales"}, {"person_id": "b", "function": "Marketing"}]
    goals = [{"goal_id": f"G{i}", "metric": m, "owner_id": o} for i, (m, o) in enumerate([("won_amount", "a"), ("won_amount", "b"), ("leads", "b")])]
    assert values(answer([], goals, staff)) == {"shared_figures": 0.5}
    assert answer([], goals[:1], staff).refused is not None


def test_opinions_stand_beside_the_records():
    survey = [{"respondent_id": f"{f}{i}", "function": f, "item": "We get feedback on what became of leads.", "score": s}
              for f, s in (("sales", 4), ("marketing", 2)) for i in range(3)]  # fmt: skip
    result = answer([lead(answered=0, rejected=2, reason="x") for _ in range(4)], survey=survey)
    row = result.measures.set_index("measure").loc["verdict_given"]
    assert (row["sales"], row["marketing"]) == (4.0, 2.0)


@pytest.mark.parametrize("rows", [[], [lead()], [lead(answered=0)], [{"created_at": FRIDAY}] * 5])
def test_nothing_to_measure_is_said(rows):
    result = answer(rows)
    assert result.refused is not None and "nan" not in render(result.refused)
    assert tables.observed(result) is None and figures.observed(result) is None


def test_order_does_not_matter_and_all_can_be_shown():
    rows = [lead(answered=i % 7, accepted=i % 40 if i % 3 else None, rejected=None if i % 3 else 3, owner_id=f"P{i % 4}") for i in range(60)]
    mixed = rows.copy()
    random.Random(2).shuffle(mixed)
    first, second = answer(rows), answer(mixed)
    assert first.measures.round(9).equals(second.measures.round(9))
    assert first.actions or first.no_action
    for language in ("en", "de"):
        with use_language(language):
            assert len(tables.observed(first).texts()) == len(first.measures) and figures.observed(first).title
