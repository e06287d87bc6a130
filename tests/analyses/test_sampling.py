"""Where a model needs rows and there are too many, whole units are drawn: the same ones in any order, said so, totals carried over."""

from __future__ import annotations

import inspect
from datetime import timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from tests.analyses.contract import assert_contract, assert_same, table
from tests.analyses.data.frames import AS_OF
from workbook.analyses import TOPICS, params_class, questions
from workbook.analyses.competitors import discount
from workbook.analyses.icp_segmentation import best_customers, customer_marks, migration, rfm, segments, value
from workbook.analyses.sampling import Sample, SampledParams, carried, draw, only_drawn, times
from workbook.notebook.ask import compute, small_tables, to_frame
from workbook.text import msg, render

ACCOUNTS, MOST = 800, 200
BY_ACCOUNT = Sample(unit="account_id", words=msg("companies"))
SAMPLED = {f"{topic}.{name}": one for topic in TOPICS for name, one in questions(topic).items() if hasattr(one, "SAMPLE")}


@pytest.fixture(scope="module")
def frames():
    """A company of 800 accounts with deals and invoices."""
    rng = np.random.default_rng(11)
    accounts = [{"account_id": f"A{i:03d}", "industry": str(rng.choice(["Food", "Metal"])), "country": str(rng.choice(["DE", "FR"])), "employees": int(rng.integers(5, 900))} for i in range(ACCOUNTS)]
    deals, invoices = [], []
    for i in range(ACCOUNTS):
        for _ in range(int(rng.integers(1, 6))):
            day = AS_OF - timedelta(days=int(rng.integers(1, 1400)))
            deals.append({"account_id": f"A{i:03d}", "owner_id": f"P{rng.integers(12)}", "status": str(rng.choice(["won", "lost"])), "created_on": day - timedelta(days=30),
                          "closed_on": day, "amount": 1000.0, "currency": "EUR", "discount_share": round(float(rng.uniform(0, 0.2)), 2), "competitor": str(rng.choice(["Acme", "Birch", "none"]))})  # fmt: skip
        for k in range(int(rng.integers(1, 8))):
            day = AS_OF - timedelta(days=int(rng.integers(1, 1400)))
            invoices.append({"invoice_id": f"R{i}-{k}", "account_id": f"A{i:03d}", "invoiced_on": day, "amount": float(rng.integers(100, 900)), "margin": 50.0, "currency": "EUR"})
    return {name: table(name, rows) for name, rows in (("accounts", accounts), ("opportunities", deals), ("invoices", invoices), ("products", []))}


def asked(question, frames, **settings):
    names = [name for name in inspect.signature(question.aggregate).parameters if name not in ("params", "as_of")]
    return [frames[name] for name in names], params_class(question)(**settings)


@pytest.mark.parametrize("name", SAMPLED)
def test_what_is_declared_is_there(name):
    """A question's sample names tables that it has, and its settings the limit."""
    question = SAMPLED[name]
    assert issubclass(params_class(question), SampledParams)
    given = [each for each in inspect.signature(question.aggregate).parameters if each not in ("params", "as_of")]
    steps = question.aggregate(*(None if each == "members" else table(each, []) for each in given), params_class(question)(), as_of=AS_OF)
    assert set(question.SAMPLE.tables) <= set(steps if isinstance(steps, dict) else {""})


def test_the_same_units_whatever_the_order_and_others_with_another_seed(frames):
    forwards = frames["opportunities"].to_pandas()
    backwards = ibis.memtable(forwards.iloc[::-1].reset_index(drop=True))
    drawn = [draw(BY_ACCOUNT, [rows], SampledParams(units_max=MOST, seed=seed)).ids["account_id"] for rows, seed in ((ibis.memtable(forwards), 7), (backwards, 7), (backwards, 8))]
    assert list(drawn[0]) == list(drawn[1])
    assert len(set(drawn[0])) == MOST
    assert 20 < len(set(drawn[0]) & set(drawn[2])) < 90  # fifty by chance


def test_a_unit_is_drawn_with_all_its_rows_in_every_frame(frames):
    drawn = draw(BY_ACCOUNT, frames.values(), SampledParams(units_max=MOST))
    chosen = set(drawn.ids["account_id"])
    assert drawn.total == ACCOUNTS
    for name in ("accounts", "opportunities", "invoices"):
        every = frames[name].to_pandas()
        pd.testing.assert_series_equal(
            only_drawn(frames[name], drawn, BY_ACCOUNT).to_pandas()["account_id"].value_counts().sort_index(),
            every.loc[every["account_id"].isin(chosen), "account_id"].value_counts().sort_index(),
        )
    assert only_drawn(frames["products"], drawn, BY_ACCOUNT) is frames["products"]


def test_all_are_read_where_they_may_be(frames):
    assert draw(BY_ACCOUNT, frames.values(), SampledParams(units_max=ACCOUNTS)) is None
    given, params = asked(rfm, frames, units_max=ACCOUNTS)
    assert_same(compute(rfm, params, given, AS_OF, to_frame), compute(rfm, params_class(rfm)(), given, AS_OF, to_frame))


@pytest.mark.parametrize("question", [best_customers, customer_marks, discount, rfm, segments, value], ids=lambda q: q.__name__.rpartition(".")[2])
def test_the_answer_says_that_it_rests_on_a_sample(question, frames):
    given, params = asked(question, frames, units_max=MOST)
    result = compute(question, params, given, AS_OF, to_frame)
    assert_contract(result)
    said = next(check for check in result.checks if check.key == "all_rows_were_read")
    total = ACCOUNTS if question is not discount else len(frames["opportunities"].to_pandas())
    assert said.status == "review" and f"{MOST} of {total:,} " in render(said.reason)


def test_totals_are_carried_over_to_all(frames):
    given, params = asked(rfm, frames, units_max=MOST)
    some, every = compute(rfm, params, given, AS_OF, to_frame), compute(rfm, params_class(rfm)(), given, AS_OF, to_frame)
    assert len(some.customers) == MOST
    for total in ("customers_count", "amount"):
        assert some.groups[total].sum() == pytest.approx(every.groups[total].sum(), rel=0.1)
    assert render(some.finding).startswith("Of 800 customers")


def test_moves_of_customers_are_carried_over_to_all(frames):
    given = [frames["invoices"], frames["opportunities"], None]
    some, every = (compute(migration, one, given, AS_OF, to_frame) for one in (params_class(migration)(units_max=MOST), params_class(migration)()))
    for total in ("customers_count", "amount"):
        assert some.moves[total].sum() == pytest.approx(every.moves[total].sum(), rel=0.1)
    assert some.again.n == pytest.approx(every.again.n * MOST / ACCOUNTS, rel=0.15)
    assert some.actions[0].what.number == pytest.approx(every.actions[0].what.number, rel=0.3)
    assert any(check.key == "all_rows_were_read" for check in some.checks)


def test_the_worth_of_the_best_is_that_of_all(frames):
    given, params = asked(best_customers, frames, units_max=MOST)
    some, every = (compute(best_customers, one, given, AS_OF, to_frame) for one in (params, params_class(best_customers)()))
    best = [int(result.customers["is_best"].sum()) for result in (some, every)]
    assert 4 * best[0] == pytest.approx(best[1], rel=0.35)
    assert f"{4 * best[0]} of them" in render(some.finding) or f" {4 * best[0]} customers are more likely" in render(some.finding)


def test_tables_that_need_no_rows_are_made_of_all(frames):
    given, params = asked(discount, frames, units_max=MOST)
    small, _ = small_tables(discount, params, given, AS_OF, to_frame)
    assert small["fill"]["deals_count"].sum() == len(frames["opportunities"].to_pandas())
    assert small["deals"]["deals_count"].sum() == MOST
    assert (times(small), carried(1, small)) == (pytest.approx(len(frames["opportunities"].to_pandas()) / MOST), round(times(small)))
