"""Whatever the data: every question of every topic answers, refuses with a reason, or marks for review – and keeps the identities."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.analyses.contract import assert_contract, assert_same, assert_scaled, shuffled, table
from tests.analyses.data.frames import ask
from tests.analyses.drawn import SHAPES, company
from workbook.analyses import questions
from workbook.frames import FRAMES

TOPICS = ("data", "market", "icp_segmentation", "competitors", "alignment_impact")
BOUNDED = settings(max_examples=2, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
MONEY = {"opportunities": ("amount",), "invoices": ("amount", "margin"), "market": ("volume",), "competitors": ("revenue",), "spend": ("amount",), "products": ("list_price",)}


def _frames_of(question: Any) -> tuple[str, ...]:
    """The frames a question reads: the names of what its first step is given."""
    given_names = tuple(name for name in inspect.signature(question.aggregate).parameters if name not in ("params", "as_of"))
    goes_on = len(inspect.signature(question.analyse).parameters) > 3  # from another question's answer; asked in its topic's tests
    return given_names if set(given_names) <= set(FRAMES) and not goes_on else ()


QUESTIONS = {
    f"{topic}.{name}": question
    for topic in TOPICS
    for name, question in questions(topic).items()
    if hasattr(question, "aggregate") and _frames_of(question)
}


def answer(name: str, rows: dict[str, Any]) -> Any:
    return ask(QUESTIONS[name], *(table(frame, rows.get(frame, [])) for frame in _frames_of(QUESTIONS[name])))


@cache
def usual(name: str) -> Any:
    """The answer for a plain company of sixty deals."""
    return answer(name, company(3, 60))


def test_what_is_compiled_once_answers_as_what_is_asked_afresh():
    rows = company(3, 60)
    for name in ("data.win_rate", "data.velocity"):
        question, tables = QUESTIONS[name], [table(frame, rows[frame]) for frame in _frames_of(QUESTIONS[name])]
        afresh = [each.filter(True) for each in tables]  # no longer a table in memory, so that nothing is kept of it
        assert_same(ask(question, *afresh), ask(question, *tables))


def test_every_question_that_reads_frames_is_asked():
    assert len(QUESTIONS) >= 30
    read = {frame for question in QUESTIONS.values() for frame in _frames_of(question)}
    assert {"opportunities", "accounts", "leads", "invoices", "market", "competitors", "units"} <= read
    assert read <= set(company(1, 3)) | {"qualification", "staff", "trainings", "content", "goals"}


@pytest.mark.parametrize("name", QUESTIONS)
@BOUNDED
@given(seed=st.integers(0, 10_000), n=st.sampled_from([2, 12, 60]), shape=st.sampled_from(sorted(SHAPES)))
@example(seed=0, n=0, shape="plain")
@example(seed=1, n=1, shape="plain")
def test_any_company_gets_an_honest_answer(name, seed, n, shape):
    assert_contract(answer(name, company(seed, n, shape)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_order_and_units_of_money_are_irrelevant(name):
    """The same company, rows shuffled and money in a thousandth of the unit: money a thousandfold, all else as it was."""
    rows = {frame: [row | {c: row[c] * 1000 for c in MONEY.get(frame, ()) if row.get(c) is not None} for row in given] for frame, given in company(3, 60).items()}
    again = answer(name, shuffled(rows))
    assert (again.refused is None) == (usual(name).refused is None)
    assert_scaled(usual(name), again, 1000, tolerance=1e-4)


def test_parts_add_up_to_the_whole():
    """Outcomes to all deals, groups of each attribute to the decided ones, ends and open deals to one."""
    rows = company(3, 60)
    statuses = usual("data.win_rate").by_status
    assert statuses["deals_count"].sum() == len(rows["opportunities"])
    decided = sum(row["status"] in ("won", "lost") for row in rows["opportunities"])
    assert (usual("data.win_rate_by_group").groups.groupby("attribute")["closed_count"].sum() == decided).all()
    ends = usual("data.cycle").milestones[["won", "lost", "no_decision", "open"]]
    assert ends.sum(axis=1).to_numpy() == pytest.approx(1)
    assert usual("data.win_rate_by_quarter").by_quarter["closed_count"].sum() == decided
